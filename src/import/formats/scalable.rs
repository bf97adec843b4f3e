//! Scalable Capital: its export of transactions. An amount is without the fee and the tax beside it; the type says what it is, since a sale
//! may have an amount below zero.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reckoning::booked_price;
use super::settled::{checked, with_money};
use crate::domain::activity::ActivityKind;
use crate::import::dates::{DateForm, When};
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Tax, Withdrawal};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "scalable",
    reader: Reader::Table(TableFormat {
        header: &[DATE, TIME, STATUS, REFERENCE, DESCRIPTION, CLASS, KIND, ISIN, UNITS, PRICE, AMOUNT, FEE, TAX, CURRENCY],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Comma),
        date: Some(DateForm::YearFirst),
        zone: Some("Europe/Berlin"),
        read: rows,
    }),
};

const DATE: Column = &["date"];
const TIME: Column = &["time"];
const STATUS: Column = &["status"];
const REFERENCE: Column = &["reference"];
const DESCRIPTION: Column = &["description"];
const CLASS: Column = &["assettype"];
const KIND: Column = &["type"];
const ISIN: Column = &["isin"];
const UNITS: Column = &["shares"];
const PRICE: Column = &["price"];
const AMOUNT: Column = &["amount"];
const FEE: Column = &["fee"];
const TAX: Column = &["tax"];
const CURRENCY: Column = &["currency"];

/// Reads every record. One reference may stand in several rows, each of which is real: those after the first are counted.
fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = sheet.rows(row);
    for row in &mut rows {
        let Fate::Entries(entries) = &mut row.fate else { continue };
        for reference in entries.iter_mut().filter_map(|entry| entry.reference.as_mut()) {
            let times = seen.entry(reference.clone()).or_default();
            *times += 1;
            if *times > 1 {
                *reference = format!("{reference} ({times})");
            }
        }
    }
    rows
}

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    match line.text(STATUS).to_lowercase().as_str() {
        "executed" | "settled" | "" => {}
        "cancelled" | "canceled" | "expired" | "rejected" => return Ok(Fate::Skipped(Skip::Cancelled)),
        "pending" | "open" | "created" => return Ok(Fate::Skipped(Skip::Pending)),
        _ => return Err(Fault::UnknownKind(line.text(STATUS).to_owned())),
    }
    let word = line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?;
    match word.to_lowercase().as_str() {
        "buy" | "savings plan" => trade(line, Buy).map(Fate::from),
        "sell" => trade(line, Sell).map(Fate::from),
        "security transfer" => transfer(line),
        "distribution" | "dividend" => income(line, Dividend),
        "interest" => income(line, Interest),
        "deposit" => income(line, Deposit),
        "withdrawal" => cost(line, Withdrawal),
        "fee" => cost(line, Fee),
        "tax" | "taxes" => cost(line, Tax),
        _ => Err(Fault::UnknownKind(word.to_owned())),
    }
}

fn when(line: Line<'_>) -> Result<When, Fault> {
    let date = line.optional(DATE).ok_or_else(|| Fault::Missing(line.named(DATE)))?;
    line.when_of(&format!("{date} {}", line.text(TIME)))
}

fn entry(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let named = Named::of(None, line.optional(ISIN), line.optional(DESCRIPTION));
    if kind.figures().ticker && line.optional(ISIN).is_none() {
        return Err(Fault::Missing(line.named(ISIN)));
    }
    Ok(Entry {
        instrument: named.filter(|_| kind.figures().ticker),
        fee: line.number_or_zero(FEE)?,
        tax: line.number_or_zero(TAX)?,
        currency: Some(line.currency(CURRENCY)?),
        note: line.optional(DESCRIPTION).filter(|_| !kind.figures().ticker).map(str::to_owned),
        reference: line.optional(REFERENCE).map(|id| format!("{} {id}", FORMAT.name)),
        ..Entry::new(kind, when(line)?)
    })
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let quantity = line.number(UNITS)?.abs();
    if quantity.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let price = booked_price(line.optional_number(PRICE)?, quantity, line.number(AMOUNT)?.abs(), &line.named(AMOUNT))?;
    Ok(Entry { quantity, price, ..entry(line, kind)? })
}

/// Reads units that came from elsewhere or, below zero, went there.
fn transfer(line: Line<'_>) -> Result<Fate, Fault> {
    let column = line.named(AMOUNT);
    let entries = if line.number(UNITS)? < Decimal::ZERO {
        with_money(trade(line, Sell)?, ActivityKind::Withdrawal, None, &column)
    } else {
        with_money(trade(line, Buy)?, ActivityKind::Deposit, None, &column)
    };
    entries.map(Fate::Entries)
}

fn amount(line: Line<'_>) -> Result<Decimal, Fault> {
    let amount = line.number(AMOUNT)?;
    if amount.is_zero() { Err(Fault::Senseless(line.named(AMOUNT))) } else { Ok(amount) }
}

fn income(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = amount(line)?;
    if amount < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(AMOUNT)));
    }
    checked(Entry { amount, ..entry(line, kind)? }, &line.named(FEE)).map(Fate::from)
}

/// Reads what was paid, below zero; a fee or a tax above it was given back.
fn cost(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = -amount(line)?;
    if kind == Withdrawal {
        return checked(Entry { amount: amount.abs(), ..entry(line, kind)? }, &line.named(FEE)).map(Fate::from);
    }
    Ok(Entry { amount, fee: Decimal::ZERO, tax: Decimal::ZERO, ..entry(line, kind)? }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    fn of(text: &str) -> Reading {
        let header = "date;time;status;reference;description;assetType;type;isin;shares;price;amount;fee;tax;currency\n";
        crate::import::read(format!("{header}{text}").as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn a_type_says_what_a_row_is_and_a_reference_that_repeats_is_counted() {
        let reading = of("2023-07-03;09:30:00;Executed;\"S-1\";\"Nestle\";Security;Buy;CH0038863350;4;30,5;-122;0,99;0,1;EUR\n\
            2023-07-04;09:30:00;Executed;\"S-1\";\"Nestle\";Security;Sell;CH0038863350;1;31;31;0,99;0;EUR\n\
            2023-07-05;00:00:00;Executed;\"S-2\";\"Steuer\";Cash;Taxes;;;;1,5;0;0;EUR\n\
            2023-07-06;00:00:00;Executed;\"S-3\";\"Prime\";Cash;Fee;;;;-4,99;0;0;EUR\n\
            2023-07-07;00:00:00;Executed;\"S-4\";\"Depot\";Security;Security transfer;CH0038863350;-2;30;60;0;0;EUR\n");
        assert_eq!((reading.format, faults(&reading)), ("scalable", vec![]));
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[0].tax), (decimal("30.5"), decimal("0.99"), decimal("0.1")));
        // Where the zones of the world are not there, its time stays as it is written.
        let is_known = jiff::tz::TimeZone::get("Europe/Berlin").is_ok();
        assert_eq!(all[0].when.time.to_string(), format!("2023-07-03T0{}:30:00Z", if is_known { 7 } else { 9 }));
        assert_eq!([all[0], all[1]].map(|entry| entry.reference.as_deref()), [Some("scalable S-1"), Some("scalable S-1 (2)")]);
        let amounts: Vec<_> = all[2..].iter().map(|entry| (entry.kind, entry.amount)).collect();
        assert_eq!(amounts, [(Tax, decimal("-1.5")), (Fee, decimal("4.99")), (Sell, Decimal::ZERO), (Withdrawal, decimal("60"))]);
    }

    #[test]
    fn what_was_not_executed_is_left_out_and_what_is_unclear_is_a_fault() {
        let reading = of("2023-07-03;09:30:00;Cancelled;\"S-1\";\"N\";Security;Buy;CH0038863350;4;30,5;-122;0,99;0;EUR\n\
            2023-07-03;09:30:00;Dreamt;\"S-2\";\"N\";Security;Buy;CH0038863350;4;30,5;-122;0,99;0;EUR\n\
            2023-07-03;09:30:00;Executed;\"S-3\";\"N\";Security;Buy;;4;30,5;-122;0,99;0;EUR\n\
            2023-07-03;09:30:00;Executed;\"S-4\";\"N\";Cash;Distribution;CH0038863350;;;-5;0;0;EUR\n\
            2023-07-03;09:30:00;Executed;\"S-5\";\"N\";Security;Buy;CH0038863350;0;30,5;-122;0,99;0;EUR\n");
        assert_eq!(skips(&reading), [(2, Skip::Cancelled)]);
        let text = str::to_owned;
        assert_eq!(
            faults(&reading),
            [
                (3, Fault::UnknownKind(text("Dreamt"))),
                (4, Fault::Missing(text("isin"))),
                (5, Fault::Senseless(text("amount"))),
                (6, Fault::Senseless(text("shares")))
            ]
        );
    }

    #[test]
    fn samples_give_their_figures() {
        let Some(reading) = read_as("ok/scalable-transactions.csv", "scalable") else { return };
        let held = [("IE00BJ0KDQ92", "4.981"), ("US5949181045", "2")];
        assert_eq!(units(&reading), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        let all = entries(&reading);
        assert_eq!((faults(&reading), all[0].quantity * all[0].price, all[0].fee), (vec![], decimal("455.70"), decimal("0.99")));
        assert_eq!((all[1].tax, (all[2].quantity * all[2].price).round_dp(5)), (decimal("2"), decimal("499.99278")));
        assert_eq!((sum(&reading, Dividend, "EUR"), sum(&reading, Deposit, "EUR")), (decimal("1.08"), decimal("2500")));
        let pending = read_as("warn/scalable-pending.csv", "scalable").unwrap();
        assert_eq!((entries(&pending).len(), skips(&pending)), (0, vec![(2, Skip::Pending)]));
        let unknown = read_as("not-ok/scalable-unknown-type.csv", "scalable").unwrap();
        assert_eq!(faults(&unknown), [(2, Fault::UnknownKind("Invalid".to_owned()))]);
    }
}
