//! Reading an entry of the ledger: what its kind needs must be there, what it has no use for must not, and of an entry that is
//! changed stays what was not changed.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::store::{NewActivity, PortfolioRow};
use foliostream::domain::activity::{Activity, ActivityKind, Figures, Sign};
use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::money::{Currency, CurrencyError};
use foliostream::domain::rates::Rates;
use foliostream::wire::commands::{ActivityDraft, parse_decimal, parse_note};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::{Moment, parse_moment, utc_day};
use foliostream::words::{Refusals, Sentence};

use super::{Acting, at, read_ticker};

/// How far ahead an activity may lie: it may be tomorrow already where its owner lives.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The decimals of an instrument that has no price yet.
pub(super) const USUAL_DECIMALS: u32 = 2;

/// An entry as it was read, and the instrument that begins with it.
pub(crate) struct Read {
    /// The activity, checked, and not stored yet.
    pub activity: NewActivity,
    /// The instrument it names, where it is not known yet.
    pub instrument: Option<Instrument>,
}

/// The stored entry that a draft replaces.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'a> {
    /// The activity as it is stored.
    pub stored: &'a Activity,
    /// Whether its rate stays where none is written.
    pub rate: bool,
}

/// The rate at which an activity's money counts.
struct Rate {
    rate: Decimal,
    is_estimated: bool,
    converted: bool,
}

impl Acting {
    /// Reads a draft into a ledger entry. Where it replaces one, what the draft leaves out stays as it is stored.
    pub(crate) async fn read_activity(
        &self,
        row: &PortfolioRow,
        draft: &ActivityDraft,
        kept: Option<Kept<'_>>,
    ) -> Result<Read, ApiError> {
        let stored = kept.map(|kept| kept.stored);
        let shape = Shape::of(draft.kind);
        let Fields { moment, ticker, quantity, price, amount, fee, tax, note } = Fields::read(shape, draft, self.now())?;
        let ticker = self.ticker_named(ticker).await?;
        let moment = unless_kept(moment, stored);
        let (currency, instrument) = self.read_currency(row, ticker.as_ref(), draft.currency.as_deref(), stored).await?;
        let Rate { rate, is_estimated, converted } = self.read_rate(row, currency, draft, moment, kept).await?;
        let activity = NewActivity {
            kind: draft.kind,
            time: moment.time,
            date_only: moment.date_only,
            ticker,
            quantity,
            price,
            amount,
            fee,
            tax,
            currency,
            exchange_rate: rate,
            exchange_rate_estimated: is_estimated,
            converted,
            opens_short: shape.opens_short(draft.opens_short, stored)?,
            note: kept_note(note, stored.and_then(|stored| stored.note.clone())),
        };
        Ok(Read { activity, instrument })
    }

    /// Returns the ticker of the instrument whose ISIN was written in its place.
    async fn ticker_named(&self, written: Option<Ticker>) -> Result<Option<Ticker>, ApiError> {
        let Some(written) = written else { return Ok(None) };
        let known = self.instrument_named(&written).await?;
        Ok(Some(known.map_or(written, |known| known.ticker.clone())))
    }

    /// Reads what the figures are in: what is written, else the instrument's, else the portfolio's. An instrument that is not
    /// known begins with the currency that is written, and is refused without.
    async fn read_currency(
        &self,
        row: &PortfolioRow,
        ticker: Option<&Ticker>,
        text: Option<&str>,
        stored: Option<&Activity>,
    ) -> Result<(Currency, Option<Instrument>), ApiError> {
        let parse = |text: &str| text.trim().parse();
        let written = text.map(parse).transpose();
        let written = written.map_err(|_: CurrencyError| ApiError::field("currency", Refusals::not_a_currency()))?;
        let Some(ticker) = ticker else { return Ok((written.unwrap_or(row.currency), None)) };
        if let Some(instrument) = self.instrument(ticker).await? {
            return Ok((written.unwrap_or(instrument.currency), None));
        }
        let was_entered = stored.filter(|stored| stored.ticker.as_ref() == Some(ticker)).map(|stored| stored.currency);
        match written.or(was_entered) {
            Some(currency) => Ok((currency, Some(new_instrument(ticker, currency)))),
            None => Err(unknown_instrument(ticker)),
        }
    }

    /// The rate that is written wins; then, of an entry whose day and currency stay, the one it has; then the day's; then
    /// today's, which is marked as estimated.
    async fn read_rate(
        &self,
        row: &PortfolioRow,
        currency: Currency,
        draft: &ActivityDraft,
        moment: Moment,
        kept: Option<Kept<'_>>,
    ) -> Result<Rate, ApiError> {
        let from = currency.major();
        let written = draft.exchange_rate.as_deref().map(|text| positive("exchange_rate", text)).transpose()?;
        if from == row.currency {
            return Ok(Rate { rate: Decimal::ONE, is_estimated: false, converted: false });
        }
        let stays = |kept: &Kept<'_>| {
            let stored = kept.stored;
            let is_repeated = |rate| rate == stored.exchange_rate && !stored.exchange_rate_estimated;
            let is_of_it = stored.currency.major() == from && utc_day(stored.time) == utc_day(moment.time);
            is_of_it && written.map_or(kept.rate, is_repeated)
        };
        if let Some(Kept { stored, .. }) = kept.filter(stays) {
            let Activity { exchange_rate: rate, exchange_rate_estimated: is_estimated, converted, .. } = *stored;
            return Ok(Rate { rate, is_estimated, converted });
        }
        match written {
            Some(rate) => Ok(Rate { rate, is_estimated: false, converted: true }),
            None => self.rate_of_day(row.currency, from, moment.time).await,
        }
    }

    async fn rate_of_day(&self, base: Currency, from: Currency, time: Timestamp) -> Result<Rate, ApiError> {
        let now = self.now();
        if let Some(rate) = self.parts.ground.history.rate(from, base, utc_day(time), now).await? {
            return Ok(Rate { rate, is_estimated: false, converted: false });
        }
        let today = Rates::from_quotes(self.parts.ground.board.quotes().iter());
        let refusal = || ApiError::field("exchange_rate", Refusals::no_rate_for_day(from.as_str(), base.as_str()));
        let rate = today.rate(from, base).ok_or_else(refusal)?;
        Ok(Rate { rate, is_estimated: utc_day(time) != utc_day(now), converted: false })
    }

    /// Returns an instrument, also one that another worker has added.
    pub(super) async fn instrument(&self, ticker: &Ticker) -> Result<Option<std::sync::Arc<Instrument>>, ApiError> {
        if let Some(known) = self.parts.ground.board.instrument(ticker) {
            return Ok(Some(known));
        }
        if let Some(stored) = self.parts.ground.store.instrument(ticker).await? {
            self.parts.ground.board.add_instruments([stored]);
        }
        Ok(self.parts.ground.board.instrument(ticker))
    }

    /// Keeps an instrument that begins with an entry.
    pub(super) async fn keep_instrument(&self, instrument: Option<Instrument>) -> Result<(), ApiError> {
        if let Some(instrument) = instrument {
            self.parts.ground.store.upsert_instruments(std::slice::from_ref(&instrument)).await?;
            self.parts.ground.board.add_instruments([instrument]);
        }
        Ok(())
    }
}

/// Says that there is no such instrument yet, and what would add it.
pub(super) fn unknown_instrument(ticker: &Ticker) -> ApiError {
    let message = Refusals::no_instrument_yet(ticker.as_str());
    ApiError { field: Some("ticker".to_owned()), ..ApiError::new(ErrorCode::UnknownInstrument, message) }
}

pub(super) fn new_instrument(ticker: &Ticker, currency: Currency) -> Instrument {
    Instrument {
        ticker: ticker.clone(),
        name: ticker.to_string(),
        currency,
        class: AssetClass::Other,
        price_decimals: USUAL_DECIMALS,
        details: Details::default(),
    }
}

/// Takes the stored moment where the written one is how it is shown: a time without what is below a millisecond, or a date as
/// its midnight. So an entry that is read and written back stays as it was.
fn unless_kept(written: Moment, stored: Option<&Activity>) -> Moment {
    let Some(stored) = stored else { return written };
    let is_shown = written.time.as_millisecond() == stored.time.as_millisecond()
        && written.time.as_nanosecond() % 1_000_000 == 0
        && (stored.date_only || !written.date_only);
    if is_shown { Moment { time: stored.time, date_only: stored.date_only } } else { written }
}

/// Takes the stored note where only its line breaks are gone, which an input of one line cannot show.
pub(super) fn kept_note(written: Option<String>, stored: Option<String>) -> Option<String> {
    let in_one_line = |text: &str| text.replace(['\r', '\n'], "");
    let is_kept = written.as_deref().is_some_and(|written| stored.as_deref().is_some_and(|note| in_one_line(note) == written));
    if is_kept { stored } else { written }
}

/// The fields of a draft that can be read by themselves.
struct Fields {
    moment: Moment,
    ticker: Option<Ticker>,
    quantity: Decimal,
    price: Decimal,
    amount: Decimal,
    fee: Decimal,
    tax: Decimal,
    note: Option<String>,
}

impl Fields {
    /// Reads them; what is wrong with any of them is said at once.
    fn read(shape: Shape, draft: &ActivityDraft, now: Timestamp) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let rate = draft.exchange_rate.as_deref().map(|text| positive("exchange_rate", text)).transpose();
        let currency = draft.currency.as_deref().map(|text| text.trim().parse::<Currency>()).transpose();
        let read = (
            kept(&mut faults, read_past(&draft.time, now)),
            kept(&mut faults, shape.ticker(draft.ticker.as_deref())),
            kept(&mut faults, shape.quantity(draft.quantity.as_deref())),
            kept(&mut faults, shape.price(draft.price.as_deref())),
            kept(&mut faults, shape.amount(draft.amount.as_deref())),
            kept(&mut faults, shape.charge("fee", draft.fee.as_deref())),
            kept(&mut faults, shape.charge("tax", draft.tax.as_deref())),
            kept(&mut faults, parse_note(draft.note.as_deref()).map_err(at("note"))),
        );
        kept(&mut faults, currency.map_err(|_: CurrencyError| ApiError::field("currency", Refusals::not_a_currency())));
        kept(&mut faults, rate);
        match (read, ApiError::joined(faults)) {
            ((Some(moment), Some(ticker), Some(quantity), Some(price), Some(amount), Some(fee), Some(tax), Some(note)), None) => {
                Ok(Self { moment, ticker, quantity, price, amount, fee, tax, note })
            }
            (_, refusal) => Err(refusal.unwrap_or_else(|| ApiError::new(ErrorCode::Internal, "a field is missing"))),
        }
    }
}

/// Returns what was read, or keeps why it was not.
fn kept<T>(faults: &mut Vec<ApiError>, read: Result<T, ApiError>) -> Option<T> {
    read.map_err(|refusal| faults.push(refusal)).ok()
}

/// A kind of activity with its figures, and what it is called.
#[derive(Clone, Copy)]
struct Shape {
    word: fn() -> Sentence,
    figures: Figures,
}

impl Shape {
    fn of(kind: ActivityKind) -> Self {
        let word: fn() -> Sentence = match kind {
            ActivityKind::Buy => Refusals::a_buy,
            ActivityKind::Sell => Refusals::a_sell,
            ActivityKind::Dividend => Refusals::a_dividend,
            ActivityKind::Split => Refusals::a_split,
            ActivityKind::Interest => Refusals::interest_word,
            ActivityKind::Fee => Refusals::a_fee,
            ActivityKind::Tax => Refusals::a_tax,
            ActivityKind::Deposit => Refusals::a_deposit,
            ActivityKind::Withdrawal => Refusals::a_withdrawal,
        };
        Self { word, figures: kind.figures() }
    }

    fn ticker(self, text: Option<&str>) -> Result<Option<Ticker>, ApiError> {
        match text {
            Some(text) if self.figures.ticker => read_ticker(text).map(Some),
            None if self.figures.ticker => Err(ApiError::field("ticker", Refusals::needs_an_instrument((self.word)()))),
            Some(_) => Err(self.has_no("ticker", Refusals::instrument_word())),
            None => Ok(None),
        }
    }

    fn quantity(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match text {
            Some(text) if self.figures.quantity => positive("quantity", text),
            None if self.figures.quantity => Err(ApiError::field("quantity", Refusals::needs_a_quantity((self.word)()))),
            Some(_) => Err(self.has_no("quantity", Refusals::quantity_word())),
            None => Ok(Decimal::ZERO),
        }
    }

    fn price(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match text {
            Some(text) if self.figures.price => not_negative("price", text),
            None if self.figures.price => Err(ApiError::field("price", Refusals::needs_a_price((self.word)()))),
            Some(_) => Err(self.has_no("price", Refusals::price_word())),
            None => Ok(Decimal::ZERO),
        }
    }

    fn amount(self, text: Option<&str>) -> Result<Decimal, ApiError> {
        match (self.figures.amount, text) {
            (Some(Sign::Positive), Some(text)) => positive("amount", text),
            (Some(Sign::Either), Some(text)) => not_zero("amount", text),
            (Some(_), None) => Err(ApiError::field("amount", Refusals::needs_an_amount((self.word)()))),
            (None, Some(_)) => Err(self.has_no("amount", Refusals::amount_word())),
            (None, None) => Ok(Decimal::ZERO),
        }
    }

    /// Reads a fee or a tax that came with it: below zero it is a rebate, which money that only moves does not have.
    fn charge(self, field: &str, text: Option<&str>) -> Result<Decimal, ApiError> {
        let Some(text) = text else { return Ok(Decimal::ZERO) };
        let charge = parse_decimal(text).map_err(at(field))?;
        if charge < Decimal::ZERO && !self.figures.rebates {
            return Err(ApiError::field(field, Refusals::has_no_rebate((self.word)())));
        }
        Ok(charge)
    }

    /// One that does stays so until told otherwise.
    fn opens_short(self, written: Option<bool>, stored: Option<&Activity>) -> Result<bool, ApiError> {
        match written {
            Some(true) if !self.figures.opens_short => Err(self.has_no("opens_short", Refusals::short_position_word())),
            Some(opens) => Ok(opens),
            None => Ok(self.figures.opens_short && stored.is_some_and(|stored| stored.opens_short)),
        }
    }

    fn has_no(self, field: &str, what: Sentence) -> ApiError {
        ApiError::field(field, Refusals::has_no((self.word)(), what))
    }
}

fn read_past(text: &str, now: Timestamp) -> Result<Moment, ApiError> {
    let moment = parse_moment(text).map_err(at("time"))?;
    if moment.time.duration_since(now) > AHEAD {
        return Err(ApiError::field("time", Refusals::date_in_the_future()));
    }
    Ok(moment)
}

fn not_zero(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number.is_zero() { Err(ApiError::field(field, Refusals::other_than_zero())) } else { Ok(number) }
}

fn positive(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number > Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, Refusals::greater_than_zero())) }
}

fn not_negative(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number >= Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, Refusals::zero_or_more())) }
}
