//! What tests of formats ask of the files of other programs, which are not kept in the project.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rust_decimal::Decimal;

use super::entry::{Entry, Fate, Named};
use super::faults::{Fault, Refusal, Skip};
use super::reading::{Choices, Reading, read};
use crate::domain::activity::ActivityKind;

/// Returns the bytes of a file of the collection, or nothing, with a message, where the collection is not there.
pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/import"));
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    let bytes = std::fs::read(folder.join(name));
    Some(bytes.unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Reads a file of the collection by what is recognised.
pub(crate) fn reading(name: &str) -> Option<Result<Reading, Refusal>> {
    file(name).map(|bytes| read(&bytes, &Choices::default()))
}

/// Reads a file of the collection that must be of a format.
pub(crate) fn read_as(name: &str, format: &str) -> Option<Reading> {
    let reading = reading(name)?.unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
    assert_eq!(reading.format, format, "{name}");
    Some(reading)
}

/// Returns the entries of a reading.
pub(crate) fn entries(reading: &Reading) -> Vec<&Entry> {
    let mut all = Vec::new();
    for row in &reading.rows {
        if let Fate::Entries(entries) = &row.fate {
            all.extend(entries);
        }
    }
    all
}

/// Returns what is wrong, with the lines.
pub(crate) fn faults(reading: &Reading) -> Vec<(usize, Fault)> {
    let fault = |fate: &Fate| if let Fate::Refused(fault) = fate { Some(fault.clone()) } else { None };
    reading.rows.iter().filter_map(|row| Some((row.line, fault(&row.fate)?))).collect()
}

/// Returns what was left out, with the lines.
pub(crate) fn skips(reading: &Reading) -> Vec<(usize, Skip)> {
    let skip = |fate: &Fate| if let Fate::Skipped(skip) = fate { Some(skip.clone()) } else { None };
    reading.rows.iter().filter_map(|row| Some((row.line, skip(&row.fate)?))).collect()
}

/// Returns how an instrument is told apart in tests: by its symbol, else by its ISIN, else by its name.
pub(crate) fn named(named: &Named) -> String {
    let isin = || named.isin.as_ref().map(ToString::to_string);
    named.symbol.clone().or_else(isin).or_else(|| named.name.clone()).unwrap_or_default()
}

/// Returns the units of every instrument: purchases less sales, splits left alone. Those of which nothing is left are missing.
pub(crate) fn units(reading: &Reading) -> BTreeMap<String, Decimal> {
    let mut units: BTreeMap<String, Decimal> = BTreeMap::new();
    for entry in entries(reading) {
        let Some(instrument) = &entry.instrument else { continue };
        match entry.kind {
            ActivityKind::Buy => *units.entry(named(instrument)).or_default() += entry.quantity,
            ActivityKind::Sell => *units.entry(named(instrument)).or_default() -= entry.quantity,
            _ => {}
        }
    }
    units.retain(|_, units| !units.is_zero());
    units.into_iter().map(|(name, units)| (name, units.normalize())).collect()
}

/// Returns the sum of the amounts of one kind in one currency, with fees and taxes left alone.
pub(crate) fn sum(reading: &Reading, kind: ActivityKind, currency: &str) -> Decimal {
    let is_of = |entry: &&&Entry| entry.kind == kind && entry.currency.is_some_and(|known| known.as_str() == currency);
    entries(reading).iter().filter(is_of).map(|entry| entry.amount).sum::<Decimal>().normalize()
}

/// Returns the money that the entries of one currency leave; an empty text is the currency that is not told.
pub(crate) fn cash(reading: &Reading, currency: &str) -> Decimal {
    let is_of = |entry: &&&Entry| entry.currency.map_or(String::new(), |known| known.as_str().to_owned()) == currency;
    let moved = |entry: &&Entry| {
        let gross = entry.amount + entry.quantity * entry.price;
        (if entry.kind.takes_money() { -gross } else { gross }) - entry.fee - entry.tax
    };
    entries(reading).iter().filter(is_of).map(moved).sum::<Decimal>().normalize()
}

/// Returns how many entries of one kind there are.
pub(crate) fn count(reading: &Reading, kind: ActivityKind) -> usize {
    entries(reading).iter().filter(|entry| entry.kind == kind).count()
}

/// Reads a decimal.
pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}
