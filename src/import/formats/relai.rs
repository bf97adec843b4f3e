//! Relai: purchases and sales of bitcoin, whose sums are without their fees.

use super::reckoning::{coin, price};
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

use rust_decimal::Decimal;

const NAME: &str = "relai";

const DATE: Column = &["date"];
const KIND: Column = &["transaction type"];
const UNITS: Column = &["btc amount"];
const PRICE: Column = &["btc price"];
const AMOUNT: Column = &["fiat amount (excl. fees)"];
const CURRENCY: Column = &["fiat currency"];
const FEE: Column = &["fee"];
const FEE_IN: Column = &["fee currency"];
const ID: Column = &["operation id"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, KIND, UNITS, PRICE, AMOUNT, CURRENCY, FEE, FEE_IN],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = match line.text(KIND).to_lowercase().as_str() {
        "buy" => ActivityKind::Buy,
        "sell" => ActivityKind::Sell,
        _ => return Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    };
    let (units, currency, fee) = (line.number(UNITS)?.abs(), line.currency(CURRENCY)?, line.number_or_zero(FEE)?.abs());
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    if !fee.is_zero() && line.currency(FEE_IN)? != currency {
        return Err(Fault::NotACurrency(line.text(FEE_IN).to_owned()));
    }
    let worth = line.number(AMOUNT)?.abs();
    let entry = Entry {
        instrument: coin("BTC", Some(currency)),
        quantity: units,
        price: price(line.optional_number(PRICE)?, units, worth, Decimal::new(1, 2), &line.named(AMOUNT))?,
        fee,
        currency: Some(currency),
        reference: line.optional(ID).map(|id| format!("{NAME} {id}")),
        ..Entry::new(kind, line.when(DATE)?)
    };
    Ok(entry.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Skip;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, units};

    #[test]
    fn fees_come_besides_the_sum() {
        let text = "Date,Transaction Type,BTC Amount,BTC Price,Currency Pair,Fiat Amount (excl. fees),Fiat Currency,Fee,Fee Currency,Destination,Operation ID,Counterparty\n\
            2024-01-02T10:00:00Z,Buy,0.01,50000,BTC/EUR,500.00,EUR,5.00,EUR,x,a,Relai\n\
            ,,,,,,,,,,,\n\
            2024-01-03T10:00:00Z,Barter,0.01,50000,BTC/EUR,500.00,EUR,5.00,EUR,x,b,Relai\n\
            2024-01-04T10:00:00Z,Buy,0.01,50000,BTC/EUR,500.00,EUR,5.00,CHF,x,c,Relai\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.reference.as_deref()), (decimal("50000"), decimal("5"), Some("relai a")));
        assert_eq!(skips(&reading), [(3, Skip::Blank)]);
        assert_eq!(faults(&reading), [(4, Fault::UnknownKind("Barter".to_owned())), (5, Fault::NotACurrency("CHF".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/relai-transactions.csv", NAME) else { return };
        assert_eq!((units(&reading)["BTC"], faults(&reading)), (decimal("-0.02191828"), vec![]));
        let buys: Vec<_> = entries(&reading).into_iter().filter(|entry| entry.kind == ActivityKind::Buy).collect();
        let costs = |entry: &&Entry| (entry.quantity * entry.price + entry.fee).round_dp(2);
        assert_eq!(buys.iter().map(costs).collect::<Vec<_>>(), [decimal("273.50"), decimal("324.35")]);
        assert_eq!(buys.iter().map(|entry| entry.fee).collect::<Vec<_>>(), [decimal("2.45"), decimal("2.90")]);
    }
}
