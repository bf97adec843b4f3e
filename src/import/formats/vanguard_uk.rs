//! Vanguard (United Kingdom): the report of an account's cash as CSV, whose every trade is told in words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

/// The name of the format.
pub const NAME: &str = "vanguard_uk";

const DATE: Column = &["date"];
const DETAILS: Column = &["details"];
const AMOUNT: Column = &["amount"];
const BALANCE: Column = &["balance"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, DETAILS, AMOUNT, BALANCE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::DayFirst),
        zone: None,
        read: rows,
    }),
};

/// How a row begins that takes back another one.
const REVERSAL: &str = "reversal of ";

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let reversed = reversed(sheet);
    sheet.rows(|line| match reversed.get(&line.number_of_line()) {
        Some(fate) => Ok(fate.clone()),
        None => row(line),
    })
}

/// Finds rows that were taken back, and those that take them back, by their lines.
fn reversed(sheet: &Sheet<'_>) -> BTreeMap<usize, Fate> {
    let mut fates = BTreeMap::new();
    let mut known: BTreeMap<(String, Decimal), Vec<usize>> = BTreeMap::new();
    for line in sheet.lines() {
        let details = line.text(DETAILS).to_lowercase();
        let Ok(amount) = line.number(AMOUNT) else { continue };
        let Some(original) = details.strip_prefix(REVERSAL) else {
            known.entry((details, amount.normalize())).or_default().push(line.number_of_line());
            continue;
        };
        match known.get_mut(&(original.to_owned(), -amount.normalize())).and_then(Vec::pop) {
            Some(other) => fates.extend([other, line.number_of_line()].map(|line| (line, Fate::Skipped(Skip::Cancelled)))),
            None => fates.extend([(line.number_of_line(), Fate::Refused(Fault::Unpaired))]),
        }
    }
    fates
}

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let details = plain(line.text(DETAILS));
    let lower = details.to_lowercase();
    let amount = line.number(AMOUNT)?;
    let entry = Entry {
        currency: Some(currency("GBP")?),
        note: Some(details.clone()),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let begins = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    if begins(&["bought "]) {
        return trade(line, &details, entry, ActivityKind::Buy, amount);
    }
    if begins(&["sold "]) {
        return trade(line, &details, entry, ActivityKind::Sell, amount);
    }
    if begins(&["div: "]) {
        // Of FOO.XLON.GB the first is the symbol.
        let symbol = details.split_whitespace().nth(1).and_then(|code| code.split('.').next()).unwrap_or_default();
        return settled::dividend(Entry { instrument: Named::symbol(symbol), ..entry }, amount);
    }
    if begins(&["account fee", "fund fee", "platform fee"]) {
        return Ok(settled::charged(entry, ActivityKind::Fee, amount));
    }
    if lower.contains("interest") {
        return Ok(settled::interest(entry, amount));
    }
    if begins(&["deposit", "regular deposit", "payment by", "withdrawal", "transfer"]) {
        return Ok(settled::moved(entry, amount));
    }
    Err(Fault::UnknownKind(details))
}

/// Writes one dash for all, also for those that were read in another encoding.
fn plain(details: &str) -> String {
    details.replace("\u{e2}\u{80}\u{93}", "-").replace("\u{e2}\u{20ac}\u{201c}", "-").replace('\u{2013}', "-")
}

/// Reads `Bought 1,550 Foo ETF (FOO)`.
fn trade(line: Line<'_>, details: &str, entry: Entry, kind: ActivityKind, amount: Decimal) -> Result<Fate, Fault> {
    let missing = || Fault::Missing(line.named(DETAILS));
    let mut words = details.splitn(3, ' ').skip(1);
    let quantity = line.number_of(words.next().ok_or_else(missing)?)?;
    let product = words.next().ok_or_else(missing)?.trim();
    let (name, symbol) = match product.strip_suffix(')').and_then(|product| product.rsplit_once('(')) {
        Some((name, symbol)) => (name.trim(), Some(symbol)),
        None => (product, None),
    };
    let instrument = Some(Named::of(symbol, None, Some(name)).ok_or_else(missing)?);
    let price = settled::price(kind, quantity, None, Some(amount), Decimal::ZERO)?;
    Ok(Entry { kind, instrument, quantity: quantity.abs().normalize(), price, note: None, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn trades_and_money_are_read_from_words() {
        let text = "Date,Details,Amount,Balance\n\
            03/04/2024,\"Bought 1,200 World ETF (VWRL)\",-2400.00,0\n\
            04/04/2024,DIV: VWRL.XLON.GB @ GBP 0.5,600.00,600\n\
            05/04/2024,Reversal of DIV: VWRL.XLON.GB @ GBP 0.5,-600.00,0\n\
            06/04/2024,Reversal of DIV: VWRL.XLON.GB @ GBP 0.5,-600.00,0\n\
            07/04/2024,Lottery,5,5\n\
            08/04/2024,Sold x World ETF,5,5\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        let bought = entries(&reading)[0];
        assert_eq!(
            (bought.quantity, bought.price, bought.when.time.to_string().as_str()),
            (decimal("1200"), decimal("2"), "2024-04-03T00:00:00Z")
        );
        let named = bought.instrument.as_ref().unwrap();
        assert_eq!((named.symbol.as_deref(), named.name.as_deref()), (Some("VWRL"), Some("World ETF")));
        assert_eq!(skips(&reading), [(3, Skip::Cancelled), (4, Skip::Cancelled)]);
        let expected =
            [(5, Fault::Unpaired), (6, Fault::UnknownKind("Lottery".to_owned())), (7, Fault::NotANumber("x".to_owned()))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/vanguard-uk-cash.csv", NAME) else { return };
        let held = units(&reading);
        assert_eq!((held["FOO"], held["BAR"], faults(&reading).len()), (decimal("1550"), decimal("293"), 0));
        assert_eq!(held["Emerging Markets Stock Index Fund - Accumulation"], decimal("6.77"));
        assert_eq!(held["U.S. Equity Index Fund - Accumulation"], decimal("0.9232"));
        assert_eq!((cash(&reading, "GBP").round_dp(2), reading.rows.len()), (decimal("23.59"), 19));
        assert_eq!(
            (sum(&reading, ActivityKind::Dividend, "GBP"), sum(&reading, ActivityKind::Fee, "GBP")),
            (decimal("396.66"), decimal("27.96"))
        );
        let bars: Vec<_> = entries(&reading)
            .iter()
            .filter_map(|entry| entry.instrument.clone())
            .filter(|named| named.symbol.as_deref() == Some("BAR"))
            .collect();
        assert_eq!(bars[0], bars[1], "a dash in another encoding is the same");
    }
}
