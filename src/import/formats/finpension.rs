//! finpension: the report of a Swiss pension, whose amounts are francs with six decimals.

use rust_decimal::Decimal;

use super::reckoning::price;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const DATE: Column = &["date"];
const KIND: Column = &["category"];
const NAME_OF: Column = &["asset name"];
const ISIN: Column = &["isin"];
const UNITS: Column = &["number of shares"];
const PRICE: Column = &["asset price in chf"];
const CASH: Column = &["cash flow"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "finpension",
    reader: Reader::Table(TableFormat {
        header: &[DATE, KIND, NAME_OF, ISIN, UNITS, PRICE, CASH],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.text(KIND).to_lowercase();
    match word.as_str() {
        "buy" => trade(line, ActivityKind::Buy),
        "sell" => trade(line, ActivityKind::Sell),
        "dividend" => cash(line, ActivityKind::Dividend),
        "interests" | "interest" => cash(line, ActivityKind::Interest),
        "deposit" => cash(line, ActivityKind::Deposit),
        "withdrawal" => cash(line, ActivityKind::Withdrawal),
        word if word.contains("fee") => cash(line, ActivityKind::Fee),
        word if word.contains("tax") => cash(line, ActivityKind::Tax),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn instrument(line: Line<'_>) -> Result<Named, Fault> {
    let named = Named::of(None, line.optional(ISIN), line.optional(NAME_OF));
    named.ok_or_else(|| Fault::Missing(line.named(ISIN)))
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let units = line.number(UNITS)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let moved = line.number(CASH)?.abs();
    let price = price(line.optional_number(PRICE)?, units, moved, Decimal::new(1, 6), &line.named(CASH))?;
    let entry = Entry {
        instrument: Some(instrument(line)?),
        quantity: units,
        price,
        currency: Some(Currency::CHF),
        ..Entry::new(kind, line.when(DATE)?)
    };
    Ok(entry.into())
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let moved = line.number(CASH)?;
    let amount = if kind.takes_money() { -moved } else { moved };
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    if amount.is_sign_negative() && !matches!(kind, ActivityKind::Fee | ActivityKind::Tax) {
        return Err(Fault::Senseless(line.named(CASH)));
    }
    let instrument = if kind.figures().ticker { Some(instrument(line)?) } else { None };
    Ok(Entry { instrument, ..Entry::of_amount(kind, line.when(DATE)?, amount, Currency::CHF) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, units};

    #[test]
    fn amounts_are_francs() {
        let text = "Date;Category;\"Asset Name\";ISIN;\"Number of Shares\";\"Asset Currency\";\"Currency Rate\";\"Asset Price in CHF\";\"Cash Flow\";Balance\n\
            2024-01-02;Buy;\"A Fund\";CH0038863350;0.5;USD;0.9;100.5;-50.25;0\n\
            2024-01-03;\"Flat-rate administrative fee\";;;;CHF;1;;-1.5;0\n\
            2024-01-03;Interests;;;;CHF;1;;0.000000;0\n\
            2024-01-04;Barter;;;;CHF;1;;-1.5;0\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, fee] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.currency, fee.amount), (decimal("100.5"), Some(Currency::CHF), decimal("1.5")));
        assert_eq!(
            (skips(&reading), faults(&reading)),
            (vec![(4, Skip::Nothing)], vec![(5, Fault::UnknownKind("Barter".to_owned()))])
        );
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/finpension-3a.csv", "finpension") else { return };
        let expected = [
            ("CH0189956813", "0.002"),
            ("CH0188772989", "0.001"),
            ("CH0429081620", "-0.004"),
            ("CH0429081638", "-0.004"),
            ("CH0110869143", "0.001"),
            ("CH0033782431", "0.009"),
            ("CH0259132261", "0.001"),
            ("CH0017844686", "0.003"),
            ("CH0217837456", "0.001"),
        ];
        assert_eq!(
            (units(&reading), faults(&reading)),
            (expected.map(|(isin, units)| (isin.to_owned(), decimal(units))).into(), vec![])
        );
        let moved = |entry: &&Entry| {
            let gross = if entry.kind.figures().price { entry.quantity * entry.price } else { entry.amount };
            if entry.kind.takes_money() { -gross } else { gross }
        };
        assert_eq!(entries(&reading).iter().map(moved).sum::<Decimal>().normalize(), decimal("1366.561506"));
    }
}
