//! The ledger's commands.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::domain::activity::{Activity, ActivityId, ActivityKind};
use crate::domain::instrument::Ticker;
use crate::domain::money::{Currency, CurrencyError};
use crate::domain::rates::Rates;
use crate::server::history::utc_date;
use crate::server::store::{NewActivity, PortfolioRow};
use crate::wire::commands::{ActivityDraft, PortfolioDraft, parse_decimal, parse_note};
use crate::wire::error::ApiError;
use crate::wire::times::{Moment, parse_moment};
use crate::wire::views::{ActivityView, PortfolioSummary};

use super::ledgers::LedgerChange;
use super::{Hub, at, read_ticker};

/// How far ahead an activity may lie: it may be tomorrow already where its owner lives.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

impl Hub {
    /// Enters an activity.
    pub async fn add_activity(&self, portfolio_id: &str, draft: ActivityDraft) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        self.to_its_end(|hub| async move { hub.enter(row, draft).await }).await
    }

    async fn enter(&self, row: PortfolioRow, draft: ActivityDraft) -> Result<ActivityView, ApiError> {
        let new = self.read_activity(&row, draft).await?;
        let ids = self.change_ledger(&row.portfolio_id, LedgerChange::Add(vec![new.clone()])).await?;
        let id = ids.first().copied().unwrap_or(ActivityId(0));
        self.activity_view(&row.portfolio_id, new.with_id(id))
    }

    /// Makes a portfolio with a whole ledger, in one transaction after all of it has been read.
    pub async fn import(&self, draft: PortfolioDraft, drafts: Vec<ActivityDraft>) -> Result<PortfolioSummary, ApiError> {
        let portfolio = self.create_portfolio(draft).await?;
        let row = self.portfolio_row(&portfolio.portfolio_id).await?;
        let mut activities = Vec::with_capacity(drafts.len());
        for draft in drafts {
            activities.push(self.read_activity(&row, draft).await?);
        }
        self.change_ledger(&row.portfolio_id, LedgerChange::Add(activities)).await?;
        Ok(portfolio)
    }

    /// Puts another activity in the place of one.
    pub async fn replace_activity(&self, portfolio_id: &str, id: &str, draft: ActivityDraft) -> Result<ActivityView, ApiError> {
        let row = self.portfolio_row(portfolio_id).await?;
        let id = read_id(id)?;
        self.to_its_end(move |hub| async move { hub.replace(row, id, draft).await }).await
    }

    async fn replace(&self, row: PortfolioRow, id: ActivityId, draft: ActivityDraft) -> Result<ActivityView, ApiError> {
        let new = self.read_activity(&row, draft).await?;
        self.change_ledger(&row.portfolio_id, LedgerChange::Replace(id, Box::new(new.clone()))).await?;
        self.activity_view(&row.portfolio_id, new.with_id(id))
    }

    /// Deletes an activity.
    pub async fn delete_activity(&self, portfolio_id: &str, id: &str) -> Result<(), ApiError> {
        let (portfolio_id, id) = (portfolio_id.to_owned(), read_id(id)?);
        let delete = async move |hub: Self| hub.change_ledger(&portfolio_id, LedgerChange::Delete(id)).await.map(drop);
        self.to_its_end(delete).await
    }

    fn activity_view(&self, portfolio_id: &str, activity: Activity) -> Result<ActivityView, ApiError> {
        let missing = self.0.board.ledger(portfolio_id).and_then(|ledger| ledger.missing.get(&activity.id).copied());
        Ok(ActivityView::new(&activity, missing))
    }

    /// Reads a draft into a ledger entry: what its kind needs must be there, what it has no use for must not.
    pub(crate) async fn read_activity(&self, row: &PortfolioRow, draft: ActivityDraft) -> Result<NewActivity, ApiError> {
        let now = self.now();
        let shape = Shape::of(draft.kind);
        let Moment { time, date_only } = read_past(&draft.time, now)?;
        let ticker = shape.ticker(draft.ticker.as_deref())?;
        let currency = self.read_currency(row, ticker.as_ref(), draft.currency.as_deref())?;
        let (exchange_rate, converted) = self.read_rate(row, currency, draft.exchange_rate.as_deref(), time).await?;
        Ok(NewActivity {
            kind: draft.kind,
            time,
            date_only,
            ticker,
            quantity: shape.quantity(draft.quantity.as_deref())?,
            price: shape.price(draft.price.as_deref())?,
            amount: shape.amount(draft.amount.as_deref())?,
            fee: shape.charge("fee", draft.fee.as_deref())?,
            tax: shape.charge("tax", draft.tax.as_deref())?,
            currency,
            exchange_rate,
            exchange_rate_estimated: false,
            converted,
            opens_short: shape.opens_short(draft.opens_short)?,
            note: parse_note(draft.note.as_deref()).map_err(at("note"))?,
        })
    }

    fn read_currency(&self, row: &PortfolioRow, ticker: Option<&Ticker>, text: Option<&str>) -> Result<Currency, ApiError> {
        if let Some(text) = text {
            return text.trim().parse().map_err(|error: CurrencyError| ApiError::field("currency", error.to_string()));
        }
        let instrument = ticker.and_then(|ticker| self.0.board.instrument(ticker));
        Ok(instrument.map_or(row.currency, |instrument| instrument.currency))
    }

    /// The broker's rate wins; then the day's; then today's.
    async fn read_rate(
        &self,
        row: &PortfolioRow,
        currency: Currency,
        text: Option<&str>,
        time: Timestamp,
    ) -> Result<(Decimal, bool), ApiError> {
        let from = currency.major();
        if let Some(text) = text {
            let rate = positive("exchange_rate", text)?;
            return Ok(if from == row.currency { (Decimal::ONE, false) } else { (rate, true) });
        }
        if let Some(rate) = self.0.history.rate(from, row.currency, utc_date(time), self.now()).await? {
            return Ok((rate, false));
        }
        let today = Rates::from_quotes(self.0.board.quotes().iter());
        let refusal = format!("no rate from {from} to {} is known for that day; write the one you got", row.currency);
        today.rate(from, row.currency).map(|rate| (rate, false)).ok_or_else(|| ApiError::field("exchange_rate", refusal))
    }
}

/// Which figures a kind of activity has.
#[derive(Clone, Copy)]
struct Shape {
    kind: ActivityKind,
    word: &'static str,
    ticker: Need,
    trade: bool,
    split: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    Never,
}

impl Shape {
    fn of(kind: ActivityKind) -> Self {
        let (word, ticker) = match kind {
            ActivityKind::Buy => ("a buy", Need::Must),
            ActivityKind::Sell => ("a sell", Need::Must),
            ActivityKind::Dividend => ("a dividend", Need::Must),
            ActivityKind::Split => ("a split", Need::Must),
            ActivityKind::Interest => ("interest", Need::Never),
            ActivityKind::Fee => ("a fee", Need::Never),
            ActivityKind::Tax => ("a tax", Need::Never),
            ActivityKind::Deposit => ("a deposit", Need::Never),
            ActivityKind::Withdrawal => ("a withdrawal", Need::Never),
        };
        let trade = matches!(kind, ActivityKind::Buy | ActivityKind::Sell);
        Self { kind, word, ticker, trade, split: kind == ActivityKind::Split }
    }

    fn ticker(self, text: Option<&str>) -> Result<Option<Ticker>, ApiError> {
        match (self.ticker, text) {
            (Need::Must, Some(text)) => read_ticker(text).map(Some),
            (Need::Must, None) => Err(ApiError::field("ticker", format!("{} needs an instrument", self.word))),
            (Need::Never, None) => Ok(None),
            (Need::Never, Some(_)) => Err(self.has_no("ticker", "instrument")),
        }
    }

    fn quantity(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match text {
            Some(text) if self.trade || self.split => positive("quantity", text),
            None if self.trade || self.split => Err(ApiError::field("quantity", format!("{} needs a quantity", self.word))),
            Some(_) => Err(self.has_no("quantity", "quantity")),
            None => Ok(Decimal::ZERO),
        }
    }

    fn price(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match text {
            Some(text) if self.trade => not_negative("price", text),
            None if self.trade => Err(ApiError::field("price", format!("{} needs a price", self.word))),
            Some(_) => Err(self.has_no("price", "price")),
            None => Ok(Decimal::ZERO),
        }
    }

    fn amount(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match text {
            Some(_) if self.trade || self.split => Err(self.has_no("amount", "amount")),
            Some(text) if self.may_be_paid_back() => not_zero("amount", text),
            Some(text) => positive("amount", text),
            None if self.trade || self.split => Ok(Decimal::ZERO),
            None => Err(ApiError::field("amount", format!("{} needs an amount", self.word))),
        }
    }

    /// Reads a fee or a tax that came with it: below zero it is a rebate, which money that only moves does not have.
    fn charge(self, field: &str, text: Option<&str>) -> Result<Decimal, ApiError> {
        use ActivityKind::{Deposit, Split, Withdrawal};
        let Some(text) = text else { return Ok(Decimal::ZERO) };
        let charge = parse_decimal(text).map_err(at(field))?;
        if charge < Decimal::ZERO && matches!(self.kind, Deposit | Split | Withdrawal) {
            return Err(ApiError::field(field, format!("{} has no rebate; write zero or more", self.word)));
        }
        Ok(charge)
    }

    /// Returns whether its amount may be below zero: a fee or a tax that was paid back.
    fn may_be_paid_back(self) -> bool {
        matches!(self.kind, ActivityKind::Fee | ActivityKind::Tax)
    }

    fn opens_short(self, opens: bool) -> Result<bool, ApiError> {
        if opens && self.kind != ActivityKind::Sell { Err(self.has_no("opens_short", "short position")) } else { Ok(opens) }
    }

    fn has_no(self, field: &str, what: &str) -> ApiError {
        ApiError::field(field, format!("{} has no {what}; leave it empty", self.word))
    }
}

fn read_past(text: &str, now: Timestamp) -> Result<Moment, ApiError> {
    let moment = parse_moment(text).map_err(at("time"))?;
    if moment.time.duration_since(now) > AHEAD {
        return Err(ApiError::field("time", "it has not happened yet"));
    }
    Ok(moment)
}

fn not_zero(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number.is_zero() { Err(ApiError::field(field, "write a number other than zero")) } else { Ok(number) }
}

fn positive(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number > Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, "write a number greater than zero")) }
}

fn not_negative(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number >= Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, "write zero or more")) }
}

fn read_id(id: &str) -> Result<ActivityId, ApiError> {
    id.parse().map(ActivityId).map_err(|_| ApiError::not_found("activity"))
}
