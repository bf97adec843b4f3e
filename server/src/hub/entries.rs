//! Reading an entry of the ledger: of one that is changed stays what was not changed.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::store::{NewActivity, PortfolioRow};
use foliostream::domain::account::{Account, AccountId};
use foliostream::domain::activity::{Activity, ActivityKind};
use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::money::{Currency, CurrencyError};
use foliostream::domain::rates::Rates;
use foliostream::wire::commands::ActivityDraft;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::{Moment, utc_day};
use foliostream::words::Refusals;

use super::Acting;
use super::fields::{Fields, Shape, positive};

/// The first year that an imported entry may be of: what is earlier is a slip.
const FIRST_YEAR: i16 = 1900;

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
#[derive(Clone, Copy, Debug)]
struct Rate {
    rate: Decimal,
    is_estimated: bool,
    converted: bool,
}

/// The rates of days that were looked up; nothing where there is none.
#[derive(Debug, Default)]
pub(super) struct KnownRates(HashMap<(Currency, Date), Option<Rate>>);

impl Acting {
    /// Looks up the rate of a day for entries of a file, once for all of the same day.
    pub(super) async fn look_up_rate(
        &self,
        row: &PortfolioRow,
        currency: Currency,
        time: Timestamp,
        rates: &mut KnownRates,
    ) -> Result<(), ApiError> {
        let day = (currency.major(), utc_day(time));
        if day.0 == row.currency || rates.0.contains_key(&day) {
            return Ok(());
        }
        let rate = match self.rate_of_day(row.currency, day.0, time).await {
            Ok(rate) => Some(rate),
            Err(refusal) if refusal.code == ErrorCode::Unprocessable => None,
            Err(refusal) => return Err(refusal),
        };
        rates.0.insert(day, rate);
        Ok(())
    }

    /// Reads a draft into a ledger entry. Where it replaces one, what the draft leaves out stays as it is stored.
    pub(crate) async fn read_activity(
        &self,
        row: &PortfolioRow,
        draft: &ActivityDraft,
        kept: Option<Kept<'_>>,
    ) -> Result<Read, ApiError> {
        let stored = kept.map(|kept| kept.stored);
        let shape = Shape::of(draft.kind, draft.ticker.is_some());
        let fields = Fields::read(shape, draft, self.now())?;
        let ticker = self.ticker_named(fields.ticker).await?;
        let moment = unless_kept(fields.moment, stored);
        let account = self.read_account(row, draft.account.as_deref(), stored).await?;
        let usual = account.as_ref().and_then(|account| account.currency).unwrap_or(row.currency);
        let (currency, instrument) = self.read_currency(usual, ticker.as_ref(), draft.currency.as_deref(), stored).await?;
        let rate = self.read_rate(row, currency, draft, moment, kept).await?;
        let note = kept_note(fields.note, stored.and_then(|stored| stored.note.clone()));
        let tags = fields.tags.clone().or_else(|| stored.map(|stored| stored.tags.clone())).unwrap_or_default();
        let activity = entered(draft.kind, Fields { moment, ticker, note, ..fields }, currency, rate);
        let opens_short = shape.opens_short(draft.opens_short, stored)?;
        let activity = NewActivity { opens_short, account: account.map(|account| account.id), tags, ..activity };
        Ok(Read { activity, instrument })
    }

    /// Reads the account: what is written, else the one of the entry that is replaced.
    async fn read_account(
        &self,
        row: &PortfolioRow,
        written: Option<&str>,
        stored: Option<&Activity>,
    ) -> Result<Option<Account>, ApiError> {
        let refusal = || ApiError::field("account", Refusals::account_is_unknown());
        let id = match written.map(str::trim) {
            Some("") => None,
            Some(text) => Some(AccountId(text.parse().map_err(|_| refusal())?)),
            None => stored.and_then(|stored| stored.account),
        };
        let Some(id) = id else { return Ok(None) };
        let accounts = self.store().accounts(&row.portfolio_id).await?;
        accounts.into_iter().find(|account| account.id == id).map(Some).ok_or_else(refusal)
    }

    /// Returns the ticker of the instrument whose ISIN was written in its place.
    async fn ticker_named(&self, written: Option<Ticker>) -> Result<Option<Ticker>, ApiError> {
        let Some(written) = written else { return Ok(None) };
        let known = self.instrument_named(&written).await?;
        Ok(Some(known.map_or(written, |known| known.ticker.clone())))
    }

    /// Reads what the figures are in: what is written, else the instrument's, else the `usual` one of the account or the portfolio. An
    /// instrument that is not known begins with the currency that is written, and is refused without.
    async fn read_currency(
        &self,
        usual: Currency,
        ticker: Option<&Ticker>,
        text: Option<&str>,
        stored: Option<&Activity>,
    ) -> Result<(Currency, Option<Instrument>), ApiError> {
        let parse = |text: &str| text.trim().parse();
        let written = text.map(parse).transpose();
        let written = written.map_err(|_: CurrencyError| ApiError::field("currency", Refusals::not_a_currency()))?;
        let Some(ticker) = ticker else { return Ok((written.unwrap_or(usual), None)) };
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

/// Reads a draft that a file made, whose instrument and currency are known: its rate is the one that the file tells, with whether the money
/// was converted at it, else the day's, which was looked up.
pub(super) fn read_imported(
    row: &PortfolioRow,
    draft: &ActivityDraft,
    currency: Currency,
    told: Option<(Decimal, bool)>,
    rates: &KnownRates,
    now: Timestamp,
) -> Result<NewActivity, ApiError> {
    let fields = Fields::read(Shape::of(draft.kind, draft.ticker.is_some()), draft, now)?;
    let day = utc_day(fields.moment.time);
    if day.year() < FIRST_YEAR {
        return Err(ApiError::field("time", Refusals::day_before_1900()));
    }
    let from = currency.major();
    let rate = match told {
        _ if from == row.currency => Some(Rate { rate: Decimal::ONE, is_estimated: false, converted: false }),
        Some((rate, converted)) if rate > Decimal::ZERO => Some(Rate { rate, is_estimated: false, converted }),
        _ => rates.0.get(&(from, day)).copied().flatten(),
    };
    let refusal = || ApiError::field("exchange_rate", Refusals::no_rate_for_day(from.as_str(), row.currency.as_str()));
    Ok(entered(draft.kind, fields, currency, rate.ok_or_else(refusal)?))
}

/// Puts together an entry that opens no short position.
fn entered(kind: ActivityKind, fields: Fields, currency: Currency, rate: Rate) -> NewActivity {
    let Fields { moment, ticker, quantity, price, amount, fee, tax, tags, note } = fields;
    NewActivity {
        kind,
        time: moment.time,
        date_only: moment.date_only,
        ticker,
        quantity,
        price,
        amount,
        fee,
        tax,
        currency,
        exchange_rate: rate.rate,
        exchange_rate_estimated: rate.is_estimated,
        converted: rate.converted,
        opens_short: false,
        account: None,
        tags: tags.unwrap_or_default(),
        note,
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
