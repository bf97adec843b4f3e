//! The fields of a draft: what its kind needs must be there, and what it has no use for must not.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use foliostream::domain::activity::{Activity, ActivityKind, Figures, Sign};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::{Currency, CurrencyError};
use foliostream::wire::commands::{ActivityDraft, parse_decimal, parse_note};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::text::refuse_unreadable_name;
use foliostream::wire::times::{Moment, parse_moment};
use foliostream::words::{Refusals, Sentence};

use super::{at, read_ticker};

/// How far ahead an activity may lie: it may be tomorrow already where its owner lives.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The fields of a draft that can be read by themselves.
pub(super) struct Fields {
    /// When it happened.
    pub moment: Moment,
    /// The instrument, for kinds that have one.
    pub ticker: Option<Ticker>,
    /// Units of a trade, ratio of a split, otherwise zero.
    pub quantity: Decimal,
    /// The price of one unit of a trade, otherwise zero.
    pub price: Decimal,
    /// The money of anything but a trade or split, otherwise zero.
    pub amount: Decimal,
    /// Fees that came with it.
    pub fee: Decimal,
    /// Taxes that came with it.
    pub tax: Decimal,
    /// The person's own words to find it by; nothing where they stay as they were.
    pub tags: Option<Vec<String>>,
    /// The person's own note.
    pub note: Option<String>,
}

impl Fields {
    /// Reads them; what is wrong with any of them is said at once.
    pub(super) fn read(shape: Shape, draft: &ActivityDraft, now: Timestamp) -> Result<Self, ApiError> {
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
            (
                kept(&mut faults, draft.tags.as_deref().map(read_tags).transpose()),
                kept(&mut faults, parse_note(draft.note.as_deref()).map_err(at("note"))),
            ),
        );
        kept(&mut faults, currency.map_err(|_: CurrencyError| ApiError::field("currency", Refusals::not_a_currency())));
        kept(&mut faults, rate);
        match (read, ApiError::joined(faults)) {
            (
                (
                    Some(moment),
                    Some(ticker),
                    Some(quantity),
                    Some(price),
                    Some(amount),
                    Some(fee),
                    Some(tax),
                    (Some(tags), Some(note)),
                ),
                None,
            ) => Ok(Self { moment, ticker, quantity, price, amount, fee, tax, tags, note }),
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
pub(super) struct Shape {
    word: fn() -> Sentence,
    figures: Figures,
}

impl Shape {
    /// Returns the figures of a kind with an instrument or without one, and what it is called.
    pub(super) fn of(kind: ActivityKind, has_ticker: bool) -> Self {
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
            ActivityKind::OpeningBalance => Refusals::an_opening_balance,
            ActivityKind::TransferIn => Refusals::a_transfer_in,
            ActivityKind::TransferOut => Refusals::a_transfer_out,
            ActivityKind::ReinvestedDividend => Refusals::a_reinvested_dividend,
            ActivityKind::SpinOff => Refusals::a_spin_off,
        };
        Self { word, figures: kind.figures_with(has_ticker) }
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
            None if self.figures.price && self.figures.may_be_free => Ok(Decimal::ZERO),
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
    pub(super) fn opens_short(self, written: Option<bool>, stored: Option<&Activity>) -> Result<bool, ApiError> {
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

/// The most tags of an entry.
const MOST_TAGS: usize = 20;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 40;

/// Reads tags: each once, in the order they were given. A comma separates them where they are written in one text.
fn read_tags(texts: &[String]) -> Result<Vec<String>, ApiError> {
    let mut tags: Vec<String> = Vec::new();
    for text in texts {
        let tag = text.trim();
        refuse_unreadable_name(tag).map_err(at("tags"))?;
        if !(1..=LONGEST_TAG).contains(&tag.chars().count()) || tag.contains(',') {
            return Err(ApiError::field("tags", Refusals::tag_is_too_long()));
        }
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    if tags.len() > MOST_TAGS { Err(ApiError::field("tags", Refusals::at_most_20_tags())) } else { Ok(tags) }
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

/// Reads a number above zero.
pub(super) fn positive(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number > Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, Refusals::greater_than_zero())) }
}

fn not_negative(field: &str, text: &str) -> Result<Decimal, ApiError> {
    let number = parse_decimal(text).map_err(at(field))?;
    if number >= Decimal::ZERO { Ok(number) } else { Err(ApiError::field(field, Refusals::zero_or_more())) }
}
