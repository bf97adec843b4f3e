//! A portfolio's totals (`$`), its cash accounts (`%`), what could not be valued (`!`), and what it is (`#`).

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::derived::{difference, shown};
use super::field::{Amount, Fields, Record, Unreadable, answered};
use super::tracked::Tracked;
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, percent};
use crate::domain::valuation::rounded;
use crate::wire::views::{CashAccountView, PortfolioView};

/// Totals that follow from the market value and the cost basis: market value, unrealised gain, the same in percent, total value,
/// and the market values of all holdings without their signs, which weights are percents of.
type FromMarketValue = [Option<Decimal>; 5];

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
            1 => market_value.and_then(|value| difference(value, cost_basis)).map(rounded),
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
    let record = &mut Record::new(text);
    record.amount(&mut portfolio.market_value)?;
    portfolio.time = record.age(time)?;
    record.amount(&mut portfolio.day_change)?;
    record.amount(&mut portfolio.day_change_percent)?;
    record.amount(&mut portfolio.total_gain)?;
    record.amount(&mut portfolio.total_gain_percent)?;
    let mut told = [None; 5];
    for told in &mut told[1..] {
        let mut amount = None;
        *told = record.amount(&mut amount)?.then_some(Amount(amount));
    }
    record.number(&mut portfolio.cost_basis)?;
    record.number(&mut portfolio.realized_pnl)?;
    record.number(&mut portfolio.income)?;
    record.amount(&mut portfolio.cash)?;
    told[0] = Some(Amount(portfolio.market_value));
    let [_, unrealized_pnl, unrealized_pnl_percent, total_value, gross] = work_out(portfolio.cost_basis, |index, _| told[index]);
    portfolio.unrealized_pnl = unrealized_pnl;
    portfolio.unrealized_pnl_percent = unrealized_pnl_percent;
    portfolio.total_value = total_value;
    Ok(gross)
}

/// Reads what a portfolio is over what is known of it, if anything is.
pub(crate) fn read_about(known: &mut Option<PortfolioView>, text: &str) -> Result<(), Unreadable> {
    let (fields, portfolio_id) = text.rsplit_once(',').ok_or(Unreadable)?;
    if known.as_ref().is_none_or(|known| known.portfolio_id != portfolio_id) {
        *known = Some(blank(portfolio_id));
    }
    let (Some(portfolio), record) = (known, &mut Record::new(fields)) else { return Err(Unreadable) };
    let is_told = record.currency(&mut portfolio.currency)?;
    portfolio.track_cash = record.answer()?;
    portfolio.asks_about_cash = record.answer()?.ok_or(Unreadable)?;
    is_told.then_some(()).ok_or(Unreadable)
}

/// A portfolio of which nothing is known yet but its id.
fn blank(portfolio_id: &str) -> PortfolioView {
    PortfolioView {
        portfolio_id: portfolio_id.to_owned(),
        currency: Currency::USD,
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

/// Reads what could not be valued.
pub(crate) fn read_incomplete(portfolio: &mut PortfolioView, text: &str) -> Result<(), Unreadable> {
    portfolio.incomplete.clear();
    for ticker in text.split(',').filter(|ticker| !ticker.is_empty()) {
        portfolio.incomplete.push(ticker.parse().map_err(|_| Unreadable)?);
    }
    Ok(())
}

/// Reads the accounts, where any record tells of them: all there are.
pub(crate) fn read_cash(portfolio: &mut PortfolioView, records: &[&str]) -> Result<(), Unreadable> {
    if records.is_empty() {
        return Ok(());
    }
    let known = std::mem::take(&mut portfolio.cash_accounts);
    for record in records.iter().filter(|record| !record.is_empty()) {
        portfolio.cash_accounts.push(read_account(&known, record)?);
    }
    Ok(())
}

/// Reads an account; one of which the currency alone was told is as it was.
fn read_account(known: &[CashAccountView], text: &str) -> Result<CashAccountView, Unreadable> {
    let record = &mut Record::new(text);
    let (amount, cost_basis, value) = (Decimal::ZERO, Decimal::ZERO, None);
    let (currency, currency_gain, day_change) = (Currency::USD, None, None);
    let mut account = CashAccountView { currency, amount, value, cost_basis, currency_gain, day_change };
    if !record.currency(&mut account.currency)? {
        return Err(Unreadable);
    }
    if !record.number(&mut account.amount)? {
        return known.iter().find(|known| known.currency == account.currency).cloned().ok_or(Unreadable);
    }
    record.amount(&mut account.value)?;
    record.number(&mut account.cost_basis)?;
    record.amount(&mut account.currency_gain)?;
    record.amount(&mut account.day_change)?;
    Ok(account)
}
