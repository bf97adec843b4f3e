//! Yahoo Finance: a portfolio as it exports it, where every row is a lot beside today's quote. It names no currency.

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "yahoo",
    reader: Reader::Table(TableFormat {
        header: &[SYMBOL, &["current price"], &["change"], &["volume"], DATE, PRICE, QUANTITY, COMMISSION],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const SYMBOL: Column = &["symbol"];
const DATE: Column = &["trade date"];
const PRICE: Column = &["purchase price"];
const QUANTITY: Column = &["quantity"];
const COMMISSION: Column = &["commission"];
const NOTE: Column = &["comment"];
const KIND: Column = &["transaction type"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    // An instrument that is watched and not held has a quote alone.
    if line.optional(QUANTITY).is_none() && line.optional(PRICE).is_none() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let kind = match line.text(KIND).to_ascii_uppercase().as_str() {
        // Older exports have no such column: all of their lots are held.
        "" | "BUY" => ActivityKind::Buy,
        "SELL" => ActivityKind::Sell,
        _ => return Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    };
    let quantity = line.number(QUANTITY)?;
    let price = line.number(PRICE)?;
    for (column, is_sensible) in [(QUANTITY, quantity > Decimal::ZERO), (PRICE, price >= Decimal::ZERO)] {
        if !is_sensible {
            return Err(Fault::Senseless(line.named(column)));
        }
    }
    let named = line.optional(SYMBOL).and_then(Named::symbol).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
    Ok(Entry {
        instrument: Some(named),
        quantity,
        price,
        fee: line.number_or_zero(COMMISSION)?,
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, line.when(DATE)?)
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips, units};

    #[test]
    fn every_lot_is_a_purchase_and_what_is_watched_is_none() {
        let text = "Symbol,Current Price,Date,Time,Change,Open,High,Low,Volume,Trade Date,Purchase Price,Quantity,Commission,High Limit,\
            Low Limit,Comment,Transaction Type\n\
            NESN.SW,90.1,2024/02/01,17:30 CET,0.1,90,91,89,1000,20230102,101.5,4.0,2.5,,,first,BUY\n\
            NESN.SW,90.1,2024/02/01,17:30 CET,0.1,90,91,89,1000,20230203,102,1,,,,,SELL\n\
            ROG.SW,240,2024/02/01,17:30 CET,0.1,90,91,89,1000,,,,,,,,\n\
            NESN.SW,90.1,2024/02/01,17:30 CET,0.1,90,91,89,1000,20230203,102,-1,,,,,BUY\n\
            $$CASH,1,2024/02/01,17:30 CET,0,1,1,1,0,20230203,1,50,,,,,DEPOSIT\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!((reading.format, units(&reading)["NESN.SW"]), ("yahoo", decimal("3")));
        let lot = entries(&reading)[0];
        assert_eq!(
            (lot.price, lot.fee, lot.currency, lot.note.as_deref()),
            (decimal("101.5"), decimal("2.5"), None, Some("first"))
        );
        assert_eq!((lot.when.time.to_string().as_str(), lot.when.date_only), ("2023-01-02T00:00:00Z", true));
        assert_eq!(skips(&reading), [(4, Skip::Nothing)]);
        let expected = [(5, Fault::Senseless("quantity".to_owned())), (6, Fault::UnknownKind("DEPOSIT".to_owned()))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/yahoo-portfolio.csv", "yahoo") else { return };
        let lots: Vec<_> = entries(&reading)
            .iter()
            .map(|entry| (entry.quantity, entry.price, entry.when.time.to_string()[..10].to_owned()))
            .collect();
        let lot = |quantity, price, day: &str| (decimal(quantity), decimal(price), day.to_owned());
        assert_eq!(lots, [lot("5", "34", "2023-02-01"), lot("4", "33.4", "2022-12-23")]);
        assert_eq!(faults(&reading), [(2, Fault::Missing("trade date".to_owned()))]);
    }
}
