//! pytr, which reads Trade Republic: the table that it writes for Portfolio Performance, whose words it uses. Fees and taxes are below zero,
//! and what was given back is above it.

use rust_decimal::Decimal;

use super::portfolio_performance::booking::{Booking, Kind, Names, kind};
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Fate, Named};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "pytr",
    reader: Reader::Table(TableFormat {
        header: &[DATE, KIND, VALUE, NOTE, ISIN, UNITS, FEE, TAX],
        numbers: &[VALUE, UNITS, FEE, TAX],
        dates: &[DATE],
        decimal: None,
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const DATE: Column = &["datum", "date"];
const KIND: Column = &["typ", "type"];
const VALUE: Column = &["wert", "value"];
const NOTE: Column = &["notiz", "note"];
const ISIN: Column = &["isin"];
const UNITS: Column = &["stück", "shares"];
const FEE: Column = &["gebühren", "fees"];
const TAX: Column = &["steuern", "taxes"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = kind(line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?)?;
    let value = line.number(VALUE)?;
    if matches!(kind, Kind::Income(_) | Kind::Refund(_)) && value < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(VALUE)));
    }
    let booking = Booking {
        kind,
        when: line.when(DATE)?,
        // The note of a row with an instrument is its name.
        named: line.optional(ISIN).and_then(|isin| Named::of(None, Some(isin), line.optional(NOTE))),
        units: line.number_or_zero(UNITS)?.abs(),
        value: value.abs(),
        fee: -line.number_or_zero(FEE)?,
        tax: -line.number_or_zero(TAX)?,
        // The broker keeps accounts in euro alone.
        currency: Some(Currency::EUR),
        note: line.optional(NOTE).map(str::to_owned),
        reference: None,
    };
    booking.fate(&Names { instrument: line.named(ISIN), units: line.named(UNITS), value: line.named(VALUE) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::ActivityKind;
    use crate::import::faults::Skip;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn charges_are_below_zero_and_within_the_value() {
        let text = "Datum;Typ;Wert;Notiz;ISIN;Stück;Gebühren;Steuern\n\
            2025-02-03T10:00:00;Kauf;-121,50;Nestlé;CH0038863350;4;-1,50;\n\
            2025-03-03T10:00:00;Verkauf;63,00;Nestlé;CH0038863350;2;-1,00;4,00\n\
            2025-04-03T10:00:00;Zinsen;0,00;Zinsen;;;;\n2025-04-04T10:00:00;Sparen;5,00;;;;;\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, "pytr");
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[0].tax), (decimal("30"), decimal("1.5"), Decimal::ZERO));
        assert_eq!((all[1].price, all[1].fee, all[1].tax), (decimal("30"), decimal("1"), decimal("-4")));
        assert_eq!(skips(&reading), [(4, Skip::Nothing)]);
        assert_eq!(faults(&reading), [(5, Fault::UnknownKind("Sparen".to_owned()))]);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/pytr-de.csv", "pytr") else { return };
        assert_eq!((units(&reading)["US0378331005"], faults(&reading)), (decimal("1.5"), vec![]));
        let all = entries(&reading);
        assert_eq!(
            (all[1].price, all[1].fee, all[3].price, all[3].fee),
            (decimal("200"), decimal("1"), decimal("250"), decimal("1"))
        );
        assert_eq!((all[2].amount, all[2].tax), (decimal("0.6"), decimal("0.12")));
        assert_eq!(sum(&reading, ActivityKind::Tax, "EUR"), decimal("-3.2"));
        let cash = |entry: &crate::import::entry::Entry| match entry.kind {
            ActivityKind::Buy => -(entry.quantity * entry.price) - entry.fee - entry.tax,
            ActivityKind::Sell => entry.quantity * entry.price - entry.fee - entry.tax,
            ActivityKind::Tax => -entry.amount,
            _ => entry.amount - entry.fee - entry.tax,
        };
        assert_eq!(all.iter().map(|entry| cash(entry)).sum::<Decimal>().normalize(), decimal("751.68"));
    }
}
