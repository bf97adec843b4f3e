//! A portfolio's totals (`$`), its cash accounts (`%`), what could not be valued (`!`), and what it is (`#`).

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::derived::shown;
use super::field::{Amount, Fields, Unreadable, amount, answer, answered, number, told_or};
use super::price::older;
use super::tracked::Tracked;
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, percent};
use crate::domain::valuation::rounded;
use crate::wire::views::{CashAccountView, PortfolioView};

/// Totals that follow from the market value and the cost basis: market value, unrealised gain, the same in percent, total value,
/// and the market values of all holdings without their signs, which weights are percents of.
type FromMarketValue = [Option<Decimal>; 5];

/// Where the sum of the market values without their signs stands.
const GROSS: usize = 4;

/// A portfolio's totals as they are shown, and when each part last changed.
#[derive(Clone, Debug)]
pub struct PortfolioTrack {
    time: Timestamp,
    from_market_value: FromMarketValue,
    /// Day change, the same in percent, total gain, the same in percent.
    moving: [Tracked<Option<Decimal>>; 4],
    /// Cost basis, realised gain, income, cash.
    resting: [Tracked<Option<Decimal>>; 4],
    about: Tracked<About>,
    incomplete: Tracked<Vec<Ticker>>,
    cash_accounts: Tracked<Vec<Currency>>,
    cash: Vec<Tracked<CashAccountView>>,
}

/// What a portfolio is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct About {
    portfolio_id: String,
    currency: Currency,
    track_cash: Option<bool>,
    asks_about_cash: bool,
}

impl PortfolioTrack {
    /// Begins with totals that came at a number; `gross` is the sum of the holdings' market values without their signs.
    pub fn new(portfolio: &PortfolioView, gross: Option<Decimal>, at: u64) -> Self {
        let track = |value| Tracked::new(value, at);
        Self {
            time: portfolio.time,
            from_market_value: from_market_value(portfolio, gross),
            moving: moving(portfolio).map(track),
            resting: resting(portfolio).map(track),
            about: Tracked::new(about(portfolio), at),
            incomplete: Tracked::new(portfolio.incomplete.clone(), at),
            cash_accounts: Tracked::new(currencies(portfolio), at),
            cash: portfolio.cash_accounts.iter().map(|account| Tracked::new(shown_account(account, portfolio), at)).collect(),
        }
    }

    /// Takes over the next totals.
    pub fn follow(&mut self, portfolio: &PortfolioView, gross: Option<Decimal>, at: u64) {
        (self.time, self.from_market_value) = (portfolio.time, from_market_value(portfolio, gross));
        self.moving.iter_mut().zip(moving(portfolio)).for_each(|(track, value)| track.follow(value, at));
        self.resting.iter_mut().zip(resting(portfolio)).for_each(|(track, value)| track.follow(value, at));
        self.about.follow(about(portfolio), at);
        self.incomplete.follow(portfolio.incomplete.clone(), at);
        let currencies = currencies(portfolio);
        let accounts = portfolio.cash_accounts.iter().map(|account| shown_account(account, portfolio));
        if *self.cash_accounts.get() == currencies {
            self.cash.iter_mut().zip(accounts).for_each(|(track, account)| track.follow(account, at));
        } else {
            self.cash = accounts.map(|account| Tracked::new(account, at)).collect();
            self.cash_accounts.follow(currencies, at);
        }
    }

    /// Returns the time of the newest price that values it.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    fn decimals(&self) -> u32 {
        self.about.get().currency.decimals()
    }

    /// Writes the totals behind the record's sign: what changed after a number, or all of it.
    pub(crate) fn write(&self, text: &mut String, age_ms: i64, since: Option<u64>) {
        let (mut told, cost_basis) = ([None; 5], self.resting[0].get().unwrap_or_default());
        work_out(cost_basis, |index, worked_out| {
            let is = self.from_market_value[index];
            let is_shown_so = index > 0 && self.shown(index, worked_out) == is;
            told[index] = (!is_shown_so).then_some(Amount(is));
            told[index]
        });
        let [market_value, worked_out @ ..] = told;
        if let Some(market_value) = market_value {
            text.push_str(&market_value.to_string());
        }
        let mut fields = Fields::new(text);
        fields.put_told((age_ms != 0).then_some(age_ms));
        let mut put = |track: &Tracked<Option<Decimal>>| fields.put_told(track.since(since).map(|value| Amount(*value)));
        self.moving.iter().for_each(&mut put);
        worked_out.into_iter().for_each(|told| fields.put_told(told));
        let mut put = |track: &Tracked<Option<Decimal>>| fields.put_told(track.since(since).map(|value| Amount(*value)));
        self.resting.iter().for_each(&mut put);
    }

    fn shown(&self, index: usize, value: Option<Decimal>) -> Option<Decimal> {
        value.map(|value| shown(value, if index == 2 { 2 } else { self.decimals() }))
    }

    /// Writes what the portfolio is, where that changed.
    pub(crate) fn write_about(&self, since: Option<u64>) -> Option<String> {
        let About { portfolio_id, currency, track_cash, asks_about_cash } = self.about.since(since)?;
        let asks = answered(Some(*asks_about_cash));
        Some(format!("{currency},{},{asks},{portfolio_id}", answered(*track_cash)))
    }

    /// Writes what could not be valued, where that changed.
    pub(crate) fn write_incomplete(&self, since: Option<u64>) -> Option<String> {
        let incomplete = self.incomplete.since(since)?;
        Some(incomplete.iter().map(Ticker::as_str).collect::<Vec<_>>().join(","))
    }

    /// Writes a record for each cash account, where any changed; of one that did not its currency alone. An empty one says that
    /// there is no account.
    pub(crate) fn write_cash(&self, since: Option<u64>) -> Vec<String> {
        let has_changed = |track: &Tracked<CashAccountView>| track.since(since).is_some();
        if self.cash_accounts.since(since).is_none() && !self.cash.iter().any(has_changed) {
            return Vec::new();
        }
        if self.cash.is_empty() {
            return vec![String::new()];
        }
        self.cash.iter().map(|track| account(track.get(), track.since(since).is_some())).collect()
    }
}

/// Works the totals out one by one, but those that were told.
fn work_out(cost_basis: Decimal, mut told: impl FnMut(usize, Option<Decimal>) -> Option<Amount>) -> FromMarketValue {
    let mut totals: FromMarketValue = [None; 5];
    for index in 0..totals.len() {
        let [market_value, gain, ..] = totals;
        let worked_out = match index {
            0 => None,
            1 => market_value.and_then(|value| value.checked_sub(cost_basis)).map(rounded),
            2 => gain.and_then(|gain| percent(gain, cost_basis)),
            _ => market_value,
        };
        totals[index] = told(index, worked_out).map_or(worked_out, |Amount(told)| told);
    }
    totals
}

fn from_market_value(portfolio: &PortfolioView, gross: Option<Decimal>) -> FromMarketValue {
    let money = |amount: Option<Decimal>| amount.map(|amount| shown(amount, portfolio.currency.decimals()));
    [
        money(portfolio.market_value),
        money(portfolio.unrealized_pnl),
        portfolio.unrealized_pnl_percent.map(|percent| shown(percent, 2)),
        money(portfolio.total_value),
        money(gross),
    ]
}

fn moving(portfolio: &PortfolioView) -> [Option<Decimal>; 4] {
    let money = |amount: Option<Decimal>| amount.map(|amount| shown(amount, portfolio.currency.decimals()));
    let percent = |percent: Option<Decimal>| percent.map(|percent| shown(percent, 2));
    [
        money(portfolio.day_change),
        percent(portfolio.day_change_percent),
        money(portfolio.total_gain),
        percent(portfolio.total_gain_percent),
    ]
}

/// Returns what seldom changes. The cost basis is told with all its decimals: gains are worked out from it.
fn resting(portfolio: &PortfolioView) -> [Option<Decimal>; 4] {
    let money = |amount: Decimal| Some(shown(amount, portfolio.currency.decimals()));
    let PortfolioView { cost_basis, realized_pnl, income, cash, .. } = portfolio;
    [Some(*cost_basis), money(*realized_pnl), money(*income), cash.and_then(money)]
}

fn about(portfolio: &PortfolioView) -> About {
    About {
        portfolio_id: portfolio.portfolio_id.clone(),
        currency: portfolio.currency,
        track_cash: portfolio.track_cash,
        asks_about_cash: portfolio.asks_about_cash,
    }
}

fn currencies(portfolio: &PortfolioView) -> Vec<Currency> {
    portfolio.cash_accounts.iter().map(|account| account.currency).collect()
}

/// Returns an account as it is shown; what it holds with all its decimals.
fn shown_account(account: &CashAccountView, portfolio: &PortfolioView) -> CashAccountView {
    let decimals = portfolio.currency.decimals();
    let money = |amount: Option<Decimal>| amount.map(|amount| shown(amount, decimals));
    CashAccountView {
        currency: account.currency,
        amount: account.amount,
        value: money(account.value),
        cost_basis: shown(account.cost_basis, decimals),
        currency_gain: money(account.currency_gain),
        day_change: money(account.day_change),
    }
}

fn account(account: &CashAccountView, is_told: bool) -> String {
    let CashAccountView { currency, amount, value, cost_basis, currency_gain, day_change } = account;
    let mut text = currency.to_string();
    if is_told {
        let mut fields = Fields::new(&mut text);
        let amounts = [Some(*amount), *value, Some(*cost_basis), *currency_gain, *day_change];
        amounts.into_iter().for_each(|amount| fields.put(Amount(amount)));
    }
    text
}

/// Reads totals over what is known of the portfolio, and returns the sum that weights are percents of.
pub(crate) fn read(portfolio: &mut PortfolioView, time: Timestamp, text: &str) -> Result<Option<Decimal>, Unreadable> {
    let mut fields = text.split(',');
    let mut next = || fields.next().unwrap_or_default();
    let told = |field: &str| Some(field).filter(|field| !field.is_empty()).map(amount).transpose();
    let market_value = told(next())?;
    portfolio.time = older(time, next())?;
    for known in [
        &mut portfolio.day_change,
        &mut portfolio.day_change_percent,
        &mut portfolio.total_gain,
        &mut portfolio.total_gain_percent,
    ] {
        *known = told(next())?.map_or(*known, |Amount(told)| told);
    }
    let from_market_value = [market_value, told(next())?, told(next())?, told(next())?, told(next())?];
    for known in [&mut portfolio.cost_basis, &mut portfolio.realized_pnl, &mut portfolio.income] {
        *known = told_or(Some(*known), next(), number)?;
    }
    portfolio.cash = told(next())?.map_or(portfolio.cash, |Amount(told)| told);
    let totals = work_out(portfolio.cost_basis, |index, _| from_market_value[index]);
    let [market_value, unrealized_pnl, unrealized_pnl_percent, total_value, _] = totals;
    (portfolio.market_value, portfolio.unrealized_pnl) = (market_value, unrealized_pnl);
    (portfolio.unrealized_pnl_percent, portfolio.total_value) = (unrealized_pnl_percent, total_value);
    Ok(totals[GROSS])
}

/// Reads what a portfolio is over what is known of it, if anything is.
pub(crate) fn read_about(known: Option<PortfolioView>, text: &str) -> Result<PortfolioView, Unreadable> {
    let mut fields = text.splitn(4, ',');
    let mut next = || fields.next().ok_or(Unreadable);
    let currency = next()?.parse().map_err(|_| Unreadable)?;
    let track_cash = answer(next()?)?;
    let asks_about_cash = answer(next()?)?.ok_or(Unreadable)?;
    let portfolio_id = next()?.to_owned();
    let portfolio = known.filter(|known| known.portfolio_id == portfolio_id).unwrap_or_else(|| blank(currency));
    Ok(PortfolioView { portfolio_id, currency, track_cash, asks_about_cash, ..portfolio })
}

/// A portfolio of which nothing is known yet but its currency.
fn blank(currency: Currency) -> PortfolioView {
    PortfolioView {
        portfolio_id: String::new(),
        currency,
        market_value: None,
        cost_basis: Decimal::ZERO,
        unrealized_pnl: None,
        unrealized_pnl_percent: None,
        realized_pnl: Decimal::ZERO,
        day_change: None,
        day_change_percent: None,
        track_cash: None,
        asks_about_cash: false,
        cash: None,
        cash_accounts: Vec::new(),
        total_value: None,
        income: Decimal::ZERO,
        total_gain: None,
        total_gain_percent: None,
        time: Timestamp::UNIX_EPOCH,
        incomplete: Vec::new(),
        holdings: Vec::new(),
    }
}

/// Reads an account; one of which the currency alone was told is as it was.
pub(crate) fn read_cash(known: &[CashAccountView], text: &str) -> Result<CashAccountView, Unreadable> {
    let mut fields = text.split(',');
    let currency: Currency = fields.next().unwrap_or_default().parse().map_err(|_| Unreadable)?;
    let mut next = || fields.next().map(amount).ok_or(Unreadable)?;
    let Ok(Amount(amount)) = next() else {
        return known.iter().find(|account| account.currency == currency).cloned().ok_or(Unreadable);
    };
    let (value, cost_basis, currency_gain, day_change) = (next()?.0, next()?.0, next()?.0, next()?.0);
    let (amount, cost_basis) = (amount.ok_or(Unreadable)?, cost_basis.ok_or(Unreadable)?);
    Ok(CashAccountView { currency, amount, value, cost_basis, currency_gain, day_change })
}
