//! What would come of a file: every row's fate, the instruments, and what the portfolio would hold.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use foliostream::domain::activity::{Activity, ActivityId};
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::position::{Ledger, fold};
use foliostream::import::entry::{Entry, Fate, NamedAccount, Row};
use foliostream::import::faults::Fault;
use foliostream::import::numbers::fitted;
use foliostream::import::reading::{Reading, read};
use foliostream::wire::commands::ActivityDraft;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::times::utc_day;
use foliostream::wire::views::{ImportCash, ImportCounts, ImportFate, ImportHolding, ImportHoldings, fold_refusal};
use foliostream::words::{Refusals, Sentence};

use super::chosen::Chosen;
use super::duplicates::Known;
use super::matching::{Catalogue, Instruments, Outcome};
use super::reasons;
use crate::hub::entries::{KnownRates, read_imported};
use crate::hub::{Acting, read_name};
use crate::store::{NewAccount, NewActivity, Origin, PortfolioRow};

/// How many rows whose figures outgrow the ledger are refused one by one; a file with more of them is refused as a whole.
const OUTGROWN: usize = 20;

/// What would come of a file.
#[derive(Debug)]
pub(super) struct Plan {
    /// What was recognised; its rows have gone to `rows`.
    pub reading: Reading,
    /// Every row of the file, in its order.
    pub rows: Vec<Planned>,
    /// The instruments that the file names.
    pub instruments: Instruments,
    /// What the portfolio holds.
    pub before: ImportHoldings,
    /// What it would hold.
    pub result: ImportHoldings,
}

/// What would become of a row.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The line that it begins on, from 1.
    pub line: usize,
    /// What would become of it.
    pub fate: ImportFate,
    /// Why; of a new row what is strange about it.
    pub reason: Option<Sentence>,
    /// The entries that it is.
    pub entries: Vec<NewActivity>,
    /// Whether a choice of a person may mend what is wrong with it: how dates are written, an instrument, a currency.
    pub is_open: bool,
    reference: Option<String>,
    account: Option<NamedAccount>,
}

impl Acting {
    /// Works out what would come of a file for a portfolio.
    pub(super) async fn plan_import(&self, row: &PortfolioRow, file: Arc<Vec<u8>>, chosen: &Chosen) -> Result<Plan, ApiError> {
        let choices = chosen.choices();
        let mut reading = self.aside(move |_| read(&file, &choices)).await?.map_err(|refusal| reasons::refused(&refusal))?;
        let rows = std::mem::take(&mut reading.rows);
        let mut instruments = Instruments::of(&rows);
        instruments.find(&Catalogue::new(self.parts.ground.board.instruments()), &chosen.instruments, chosen.currency());
        let rates = self.rates_of(row, &rows, &instruments, chosen).await?;
        let existing = self.store().activities(&row.portfolio_id).await?;
        let references = self.store().imported_references(&row.portfolio_id).await?;
        let (portfolio, chosen) = (row.clone(), chosen.clone());
        let plan = move |hub: &Self| {
            let planning =
                Planning { row: &portfolio, instruments: &instruments, chosen: &chosen, rates: &rates, now: hub.now() };
            let mut planned: Vec<Planned> = rows.iter().map(|read| planning.row(read)).collect();
            mark_duplicates(&mut planned, Known::new(&existing, &references), &chosen);
            let before = fold(portfolio.currency, &existing).map(|ledger| holdings(&ledger)).unwrap_or_default();
            let result = reckon(portfolio.currency, existing, &mut planned)?;
            Ok(Plan { reading, rows: planned, instruments, before, result })
        };
        // A ledger may have 100,000 rows.
        self.aside(plan).await?
    }

    /// Looks up the rates of the days of those entries whose file tells none.
    async fn rates_of(
        &self,
        row: &PortfolioRow,
        rows: &[Row],
        instruments: &Instruments,
        chosen: &Chosen,
    ) -> Result<KnownRates, ApiError> {
        let mut rates = KnownRates::default();
        for entry in rows.iter().flat_map(|row| if let Fate::Entries(entries) = &row.fate { entries.as_slice() } else { &[] }) {
            if let Ok((_, currency)) = named(entry, instruments, chosen.currency())
                && told_rate(entry, row, currency).is_none()
            {
                self.look_up_rate(row, currency, entry.when.time, &mut rates).await?;
            }
        }
        Ok(rates)
    }
}

/// What rows are planned with.
struct Planning<'a> {
    row: &'a PortfolioRow,
    instruments: &'a Instruments,
    chosen: &'a Chosen,
    rates: &'a KnownRates,
    now: Timestamp,
}

impl Planning<'_> {
    /// Returns what would become of a row.
    fn row(&self, read: &Row) -> Planned {
        let planned = |fate, reason| Planned {
            line: read.line,
            fate,
            reason,
            entries: Vec::new(),
            is_open: false,
            reference: None,
            account: None,
        };
        let entries = match &read.fate {
            Fate::Skipped(skip) => return planned(ImportFate::Skipped, Some(reasons::skipped(skip))),
            Fate::Refused(fault) => {
                let is_open = matches!(fault, Fault::AmbiguousDate(_));
                return Planned { is_open, ..planned(ImportFate::Error, Some(reasons::fault(fault))) };
            }
            Fate::Entries(entries) => entries,
        };
        if self.chosen.is_left_out(read.line) {
            return planned(ImportFate::Skipped, Some(Refusals::row_is_left_out()));
        }
        let mut whole = planned(ImportFate::New, None);
        whole.reference = entries.iter().find_map(|entry| entry.reference.clone());
        whole.account = entries.iter().find_map(|entry| entry.account.clone());
        for entry in entries {
            let (ticker, currency) = match named(entry, self.instruments, self.chosen.currency()) {
                Ok(named) => named,
                Err(reason) => return Planned { is_open: true, ..planned(ImportFate::Error, Some(reason)) },
            };
            let (draft, told) = (draft(entry, ticker.as_ref()), told_rate(entry, self.row, currency));
            if let Some(account) = &entry.account
                && let Err(refusal) = read_name(&account.name)
            {
                return planned(ImportFate::Error, refusal.sentence);
            }
            match read_imported(self.row, &draft, currency, told, self.rates, self.now) {
                Ok(activity) => whole.entries.push(NewActivity { opens_short: entry.opens_short, ..activity }),
                Err(refusal) => return planned(ImportFate::Error, refusal.sentence),
            }
        }
        whole
    }
}

impl Plan {
    /// Returns the first row of a file of which no row can be read, however it is read.
    pub(super) fn unusable(&self) -> Option<&Planned> {
        let is_usable = |row: &Planned| row.is_open || matches!(row.fate, ImportFate::New | ImportFate::Duplicate);
        let is_error = |row: &&Planned| row.fate == ImportFate::Error;
        if self.rows.iter().any(is_usable) { None } else { self.rows.iter().find(is_error) }
    }

    /// Counts the rows by their fates.
    pub(super) fn counts(&self) -> ImportCounts {
        let of = |fate| self.rows.iter().filter(|row| row.fate == fate).count();
        ImportCounts {
            new: of(ImportFate::New),
            duplicate: of(ImportFate::Duplicate),
            skipped: of(ImportFate::Skipped),
            error: of(ImportFate::Error),
        }
    }

    /// Returns the entries to store, each with where it comes from, the oldest of a day first.
    pub(super) fn entries(mut self) -> Vec<(NewActivity, Origin)> {
        let mut entries = Vec::new();
        if is_newest_first(&self.rows) {
            self.rows.reverse();
        }
        for row in self.rows.into_iter().filter(|row| row.fate == ImportFate::New) {
            for activity in row.entries {
                entries.push((
                    activity,
                    Origin {
                        line: i64::try_from(row.line).unwrap_or(i64::MAX),
                        reference: row.reference.clone(),
                        account: row.account.as_ref().map(|account| NewAccount {
                            name: account.name.trim().to_owned(),
                            currency: account.currency,
                            kind: account.kind,
                        }),
                    },
                ));
            }
        }
        entries
    }
}

impl Planned {
    /// Returns the first entry, as a person would enter it.
    pub(super) fn activity(&self) -> Option<ActivityDraft> {
        self.entries.first().map(|activity| {
            let figures = activity.kind.figures_with(activity.ticker.is_some());
            let figure = |is_of: bool, figure: Decimal| is_of.then(|| figure.to_string());
            let charge = |charge: Decimal| (!charge.is_zero()).then(|| charge.to_string());
            ActivityDraft {
                kind: activity.kind,
                time: if activity.date_only { utc_day(activity.time).to_string() } else { activity.time.to_string() },
                ticker: activity.ticker.as_ref().map(ToString::to_string),
                quantity: figure(figures.quantity, activity.quantity),
                price: figure(figures.price, activity.price),
                amount: figure(figures.amount.is_some(), activity.amount),
                fee: charge(activity.fee),
                tax: charge(activity.tax),
                currency: Some(activity.currency.to_string()),
                exchange_rate: activity.converted.then(|| activity.exchange_rate.to_string()),
                opens_short: activity.opens_short.then_some(true),
                account: None,
                tags: (!activity.tags.is_empty()).then(|| activity.tags.clone()),
                note: activity.note.clone(),
            }
        })
    }
}

/// Returns the ticker and the currency of an entry: its own, else what its instrument is quoted in, else the chosen one.
fn named(entry: &Entry, instruments: &Instruments, chosen: Option<Currency>) -> Result<(Option<Ticker>, Currency), Sentence> {
    let own = entry.currency.or(chosen);
    let needs = Refusals::row_needs_currency;
    let Some(named) = entry.instrument.as_ref().filter(|_| entry.kind.figures().ticker) else {
        return own.map(|currency| (None, currency)).ok_or_else(needs);
    };
    match instruments.outcome(named) {
        Some(Outcome::Known(known)) => Ok((Some(known.ticker.clone()), entry.currency.unwrap_or(known.currency))),
        Some(Outcome::New(ticker, quoted)) => own.or(*quoted).map(|currency| (Some(ticker.clone()), currency)).ok_or_else(needs),
        _ => {
            let isin = || named.isin.map(|isin| isin.to_string());
            let name = named.symbol.clone().or_else(isin).or_else(|| named.name.clone());
            Err(Refusals::row_needs_instrument(name.unwrap_or_default()))
        }
    }
}

/// Returns the rate that a file tells, in units of the portfolio's currency for one major unit, and whether the money was converted at it.
fn told_rate(entry: &Entry, row: &PortfolioRow, currency: Currency) -> Option<(Decimal, bool)> {
    let of_unit = entry.exchange_rate.filter(|(_, into)| into.major() == row.currency).map(|(rate, _)| rate);
    // A file tells what a penny came to, where it counts in pence.
    let of_major = of_unit.and_then(|rate| rate.checked_mul(currency.units_per_major()));
    entry.kept_rate.or(of_major.map(|rate| (rate, true)))
}

/// Writes an entry as a person would enter it.
fn draft(entry: &Entry, ticker: Option<&Ticker>) -> ActivityDraft {
    let figures = entry.kind.figures_with(ticker.is_some());
    let written = |figure: Decimal| fitted(figure).unwrap_or(figure).to_string();
    let figure = |is_of: bool, figure: Decimal| is_of.then(|| written(figure));
    ActivityDraft {
        kind: entry.kind,
        time: if entry.when.date_only { utc_day(entry.when.time).to_string() } else { entry.when.time.to_string() },
        ticker: ticker.map(ToString::to_string),
        quantity: figure(figures.quantity, entry.quantity),
        price: figure(figures.price, entry.price),
        amount: figure(figures.amount.is_some(), entry.amount),
        fee: Some(written(entry.fee)),
        tax: Some(written(entry.tax)),
        currency: None,
        exchange_rate: None,
        opens_short: None,
        account: None,
        tags: Some(entry.tags.clone()),
        note: entry.note.clone(),
    }
}

/// Marks the rows that the portfolio has. Those with a reference that was imported come first, so that what is like them is not taken for
/// another row that stands above them.
fn mark_duplicates(planned: &mut [Planned], mut known: Known, chosen: &Chosen) {
    let mut rows: Vec<&mut Planned> = planned.iter_mut().filter(|row| row.fate == ImportFate::New).collect();
    let repeated: Vec<bool> =
        rows.iter().map(|row| row.reference.as_deref().is_some_and(|reference| known.repeats(reference, &row.entries))).collect();
    for (row, is_repeated) in rows.iter_mut().zip(repeated) {
        let is_known = is_repeated || known.has(row.reference.as_deref(), &row.entries);
        if is_known && !chosen.is_taken(row.line) {
            row.fate = ImportFate::Duplicate;
            row.reason = Some(Refusals::row_is_known());
        }
    }
}

/// Folds the ledger as it would be. A row whose figures outgrow it is refused; one that sells more than is held says so.
fn reckon(base: Currency, existing: Vec<Activity>, planned: &mut [Planned]) -> Result<ImportHoldings, ApiError> {
    let is_readable = fold(base, &existing).is_ok();
    for _ in 0..OUTGROWN {
        let (ledger, rows) = match folded(base, &existing, planned) {
            Ok(folded) => folded,
            Err((reason, Some(row))) => {
                planned[row].fate = ImportFate::Error;
                planned[row].reason = Some(reason);
                continue;
            }
            // The ledger could not be folded before, and mending it is no matter of an import.
            Err((reason, None)) if is_readable => return Err(ApiError::new(ErrorCode::Unprocessable, reason)),
            Err((_, None)) => return Ok(ImportHoldings::default()),
        };
        for (id, units) in &ledger.missing {
            let Some(row) = rows.get(id).map(|row| &mut planned[*row]) else { continue };
            let ticker = row.entries.iter().find_map(|entry| entry.ticker.as_ref()).map(ToString::to_string);
            row.reason = Some(Refusals::row_sells_more(units.normalize().to_string(), ticker.unwrap_or_default()));
        }
        return Ok(holdings(&ledger));
    }
    Err(ApiError::new(ErrorCode::Unprocessable, foliostream::words::Answers::figure_too_large()))
}

type Folded = (Ledger, BTreeMap<ActivityId, usize>);

/// Folds what is there with what is new, and returns which row each new entry comes from; or why it cannot be folded, and the row.
fn folded(base: Currency, existing: &[Activity], planned: &[Planned]) -> Result<Folded, (Sentence, Option<usize>)> {
    let mut activities = existing.to_vec();
    let mut rows = BTreeMap::new();
    let mut new: Vec<_> = planned.iter().enumerate().filter(|(_, row)| row.fate == ImportFate::New).collect();
    if is_newest_first(planned) {
        new.reverse();
    }
    let entries = new.into_iter().flat_map(|(place, row)| row.entries.iter().map(move |entry| (place, entry)));
    let first = i64::MAX / 2;
    for ((place, entry), id) in entries.zip(first..) {
        rows.insert(ActivityId(id), place);
        activities.push(entry.clone().with_id(ActivityId(id)));
    }
    match fold(base, &activities) {
        Ok(ledger) => Ok((ledger, rows)),
        Err(error) => Err((fold_refusal(error.reason).1, rows.get(&error.activity).copied())),
    }
}

/// Returns whether the rows of a file go back in time: then what stands further down in a day came earlier.
fn is_newest_first(rows: &[Planned]) -> bool {
    let times: Vec<_> = rows.iter().filter_map(|row| row.entries.first()).map(|activity| activity.time).collect();
    let back = times.windows(2).filter(|pair| pair[0] > pair[1]).count();
    let forth = times.windows(2).filter(|pair| pair[0] < pair[1]).count();
    back > forth
}

fn holdings(ledger: &Ledger) -> ImportHoldings {
    let held = ledger.positions.values().filter(|position| !position.quantity.is_zero());
    let cash = ledger.cash.iter().filter(|(_, account)| !account.amount.is_zero());
    ImportHoldings {
        holdings: held
            .map(|position| ImportHolding { ticker: position.ticker.clone(), quantity: position.quantity.normalize() })
            .collect(),
        cash: cash.map(|(currency, account)| ImportCash { currency: *currency, amount: account.amount.normalize() }).collect(),
    }
}

/// Returns those of the instruments to be made that entries name.
pub(super) fn named_by(made: Vec<Instrument>, entries: &[(NewActivity, Origin)]) -> Vec<Instrument> {
    let named: HashSet<&Ticker> = entries.iter().filter_map(|(activity, _)| activity.ticker.as_ref()).collect();
    made.into_iter().filter(|instrument| named.contains(&instrument.ticker)).collect()
}
