//! Charles Schwab: the history of an account of equity awards as JSON.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::{DateForm, when};
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, number};
use crate::import::text::Lines;

/// The name of the format.
pub const NAME: &str = "schwab_awards";

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

/// The key that each transaction has once, and nothing within it.
const KEY: &str = "\"Action\"";

fn recognise(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && ["\"Transactions\"", KEY, "\"TransactionDetails\"", "\"FeesAndCommissions\""].iter().all(|key| text.contains(key))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let document: Value = serde_json::from_str(text).map_err(|error| Refusal::Broken(Some(error.line())))?;
    let transactions = document.get("Transactions").and_then(Value::as_array).ok_or(Refusal::Broken(None))?;
    let lines = Lines::of(text);
    let mut places = text.match_indices(KEY).map(|(at, _)| lines.at(at));
    let mut last = 0;
    let row = |transaction: &Value| {
        last = if transaction.get("Action").is_some() { places.next().unwrap_or(last) } else { last };
        Row { line: last, fate: fate(transaction).unwrap_or_else(Fate::Refused) }
    };
    Ok(transactions.iter().map(row).collect())
}

fn text<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn optional(of: &Value, key: &str) -> Result<Option<Decimal>, Fault> {
    match of.get(key) {
        Some(Value::Number(figure)) => number(&figure.to_string(), DecimalMark::Point).map(Some),
        _ => text(of, key).map(|figure| number(figure, DecimalMark::Point)).transpose(),
    }
}

fn required(of: &Value, key: &str) -> Result<Decimal, Fault> {
    optional(of, key)?.ok_or_else(|| Fault::Missing(key.to_owned()))
}

/// Returns what a transaction is made of.
fn details(transaction: &Value) -> impl Iterator<Item = &Value> {
    let all = transaction.get("TransactionDetails").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(|detail| detail.get("Details"))
}

fn fate(transaction: &Value) -> Result<Fate, Fault> {
    let action = text(transaction, "Action").ok_or_else(|| Fault::Missing("Action".to_owned()))?;
    let day = text(transaction, "Date").ok_or_else(|| Fault::Missing("Date".to_owned()))?;
    let entry = Entry {
        instrument: text(transaction, "Symbol").and_then(Named::symbol),
        currency: Some(currency("USD")?),
        note: text(transaction, "Description").map(str::to_owned),
        ..Entry::new(ActivityKind::Deposit, when(day, DateForm::MonthFirst, &TimeZone::UTC)?)
    };
    let amount = || required(transaction, "Amount");
    match action {
        "Deposit" => deposit(transaction, entry),
        "Sale" | "Quick Sale" | "Forced Quick Sell" => sale(transaction, entry),
        "Dividend" => settled::dividend(entry, amount()?),
        "Tax Withholding" | "Tax Reversal" => Ok(settled::charged(entry, ActivityKind::Tax, amount()?)),
        // Units that go to an account of the same broker keep what they cost.
        "Journal" | "Transfer" if optional(transaction, "Amount")?.is_none() => Ok(Fate::Skipped(Skip::InternalTransfer)),
        "Journal" | "Transfer" | "Wire Transfer" | "Forced Disbursement" | "Disbursement" => Ok(settled::moved(entry, amount()?)),
        "Interest" => Ok(settled::interest(entry, amount()?)),
        // What was given stands in a deposit, less what was kept for taxes.
        "Lapse" => Ok(Fate::Skipped(Skip::Detail)),
        _ => Err(Fault::UnknownKind(action.to_owned())),
    }
}

/// Reads units that were given, at what they were worth that day.
fn deposit(transaction: &Value, entry: Entry) -> Result<Fate, Fault> {
    let quantity = required(transaction, "Quantity")?;
    if quantity <= Decimal::ZERO {
        return Err(Fault::Senseless("Quantity".to_owned()));
    }
    let value = details(transaction)
        .find_map(|detail| text(detail, "PurchaseFairMarketValue").or_else(|| text(detail, "VestFairMarketValue")));
    let price = number(value.ok_or_else(|| Fault::Missing("VestFairMarketValue".to_owned()))?, DecimalMark::Point)?;
    with_instrument(&entry)?;
    with_money(Entry { kind: ActivityKind::Buy, quantity, price, ..entry }, ActivityKind::Deposit, None, "amount")
        .map(Fate::Entries)
}

fn sale(transaction: &Value, entry: Entry) -> Result<Fate, Fault> {
    let quantity = required(transaction, "Quantity")?.abs();
    let fee = optional(transaction, "FeesAndCommissions")?.unwrap_or_default().abs();
    let mut prices = details(transaction).map(|detail| required(detail, "SalePrice")).collect::<Result<Vec<_>, _>>()?;
    prices.dedup();
    // Parts that were sold at several prices have that of all together.
    let written = if let [price] = prices[..] { Some(price) } else { None };
    let price = settled::price(ActivityKind::Sell, quantity, written, Some(required(transaction, "Amount")?), fee)?;
    with_instrument(&entry)?;
    Ok(Entry { kind: ActivityKind::Sell, quantity: quantity.normalize(), price, fee, note: None, ..entry }.into())
}

fn with_instrument(entry: &Entry) -> Result<(), Fault> {
    if entry.instrument.is_some() { Ok(()) } else { Err(Fault::Missing("Symbol".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, sum, units};

    fn of(transactions: &str) -> Result<Reading, Refusal> {
        let text = format!("{{\"FromDate\": \"01/01/2024\", \"Transactions\": [\n{transactions}\n]}}");
        crate::import::read(text.as_bytes(), &Choices::default())
    }

    #[test]
    fn awards_and_sales_are_read_with_their_details() {
        let reading = of(r#"{"Date": "03/05/2024", "Action": "Deposit", "Symbol": "ACME", "Quantity": "10", "FeesAndCommissions": null, "Amount": null,
 "TransactionDetails": [{"Details": {"VestFairMarketValue": "$1,020.50"}}]},
{"Date": "03/06/2024", "Action": "Sale", "Symbol": "ACME", "Quantity": "3", "FeesAndCommissions": "$0.10", "Amount": "$32.90",
 "TransactionDetails": [{"Details": {"SalePrice": "$10"}}, {"Details": {"SalePrice": "$12"}}]},
{"Date": "03/07/2024", "Action": "Journal", "Symbol": "ACME", "Quantity": "2", "Amount": null, "TransactionDetails": []},
{"Date": "03/07/2024", "Action": "Barter", "Symbol": "ACME", "Amount": "$1", "TransactionDetails": []},
{"Date": "03/07/2024", "Action": "Deposit", "Symbol": "ACME", "Quantity": "2", "Amount": null, "TransactionDetails": []}"#)
        .unwrap();
        let all = entries(&reading);
        assert_eq!((all[0].amount, all[1].price), (decimal("10205"), decimal("1020.50")));
        assert_eq!((all[2].price, all[2].fee), (decimal("11"), decimal("0.10")));
        assert_eq!(skips(&reading), [(6, Skip::InternalTransfer)]);
        let expected = [(7, Fault::UnknownKind("Barter".to_owned())), (8, Fault::Missing("VestFairMarketValue".to_owned()))];
        assert_eq!(faults(&reading), expected);
        let broken = of("{\"Action\": \"TransactionDetails\" \"FeesAndCommissions\"\n{");
        assert_eq!(broken, Err(Refusal::Broken(Some(2))));
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/schwab-equity-awards.json", NAME) else { return };
        assert_eq!((units(&reading)["GOOG"], faults(&reading).len(), skips(&reading).len()), (decimal("22.622"), 0, 0));
        let sale = entries(&reading).into_iter().find(|entry| entry.kind == ActivityKind::Sell).unwrap();
        assert_eq!((sale.quantity, sale.price, sale.fee), (decimal("14.4"), decimal("137.90"), decimal("0.02")));
        assert_eq!(
            (sum(&reading, ActivityKind::Dividend, "USD"), sum(&reading, ActivityKind::Tax, "USD")),
            (decimal("74.62"), decimal("11.19"))
        );
        assert_eq!(cash(&reading, "USD"), decimal("74.62") - decimal("11.19") - decimal("1382.75") + decimal("1985.74"));
        assert_eq!(reading.rows.iter().map(|row| row.line).take(3).collect::<Vec<_>>(), [7, 18, 29]);
    }
}
