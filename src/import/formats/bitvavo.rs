//! Bitvavo: the history of transactions. Date and time are two columns, of the zone in a third one.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::reckoning::{coin, money, price_of_trade, unpriced};
use crate::domain::activity::ActivityKind;
use crate::import::dates::{DateForm, When, when};
use crate::import::entry::{Entry, Fate};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

const NAME: &str = "bitvavo";

const ZONE: Column = &["timezone"];
const DATE: Column = &["date"];
const TIME: Column = &["time"];
const KIND: Column = &["type"];
const ASSET: Column = &["currency"];
const UNITS: Column = &["amount"];
const PRICE: Column = &["quote price", "price (eur)"];
const PAID_IN: Column = &["received / paid currency"];
const PAID: Column = &["received / paid amount", "eur received / paid"];
const FEE_IN: Column = &["fee currency"];
const FEE: Column = &["fee amount"];
const STATUS: Column = &["status"];
const ID: Column = &["transaction id"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[ZONE, DATE, TIME, KIND, ASSET, UNITS, PRICE, PAID_IN, PAID, FEE_IN, FEE, STATUS, ID],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: Some("Europe/Amsterdam"),
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    match line.text(STATUS).to_lowercase().as_str() {
        "completed" | "distributed" | "" => {}
        "cancelled" | "canceled" | "failed" | "rejected" => return Ok(Fate::Skipped(Skip::Cancelled)),
        _ => return Ok(Fate::Skipped(Skip::Pending)),
    }
    match line.text(KIND).to_lowercase().as_str() {
        "buy" => trade(line, ActivityKind::Buy),
        "sell" => trade(line, ActivityKind::Sell),
        "deposit" => moved(line, ActivityKind::Deposit),
        "withdrawal" => moved(line, ActivityKind::Withdrawal),
        "affiliate" | "rebate" | "staking" | "fixed_staking" | "flex_staking" | "lending" => moved(line, ActivityKind::Interest),
        word if word.starts_with("campaign") => moved(line, ActivityKind::Interest),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn time(line: Line<'_>) -> Result<When, Fault> {
    let text = format!("{} {}", line.text(DATE), line.text(TIME));
    match TimeZone::get(line.text(ZONE)) {
        Ok(zone) => when(&text, DateForm::YearFirst, &zone),
        Err(_) => line.when_of(&text),
    }
}

/// Returns the reference: what was earned in two ways at once has one number.
fn reference(line: Line<'_>) -> Option<String> {
    line.optional(ID).map(|id| format!("{NAME} {} {id}", line.text(KIND).to_lowercase()))
}

/// Reads a trade: what was paid has the fee within it.
fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let Some(currency) = money(line.text(PAID_IN)) else {
        return Ok(Fate::Skipped(Skip::NotKept(format!("{} / {}", line.text(ASSET), line.text(PAID_IN)))));
    };
    let units = line.number(UNITS)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let fee = line.number_or_zero(FEE)?.abs();
    if !fee.is_zero() && money(line.text(FEE_IN)) != Some(currency) {
        return Err(Fault::NotACurrency(line.text(FEE_IN).to_owned()));
    }
    let entry = Entry {
        instrument: Some(coin(line.text(ASSET), Some(currency)).ok_or_else(|| Fault::Missing(line.named(ASSET)))?),
        quantity: units,
        fee,
        currency: Some(currency),
        reference: reference(line),
        ..Entry::new(kind, time(line)?)
    };
    let price = price_of_trade(&entry, line.optional_number(PRICE)?, line.number(PAID)?.abs(), &line.named(PAID))?;
    Ok(Entry { price, ..entry }.into())
}

/// Reads what came in or went out: of coins it is units, whose worth is not told.
fn moved(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = line.number(UNITS)?;
    if amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    if amount.is_sign_negative() != (kind == ActivityKind::Withdrawal) {
        return Err(Fault::Senseless(line.named(UNITS)));
    }
    let Some(currency) = money(line.text(ASSET)) else {
        let kind = if kind == ActivityKind::Withdrawal { ActivityKind::Sell } else { ActivityKind::Buy };
        return unpriced(kind, time(line)?, line.text(ASSET), amount.abs(), reference(line));
    };
    let fee = if money(line.text(FEE_IN)) == Some(currency) { line.number_or_zero(FEE)?.abs() } else { Decimal::ZERO };
    Ok(Entry { fee, reference: reference(line), ..Entry::of_amount(kind, time(line)?, amount.abs(), currency) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn fees_are_within_what_was_paid() {
        let text = "Timezone,Date,Time,Type,Currency,Amount,Quote Currency,Quote Price,Received / Paid Currency,Received / Paid Amount,Fee currency,Fee amount,Status,Transaction ID,Address\n\
            UTC,2024-01-02,10:00:00.5,buy,ETH,0.5,EUR,2000,EUR,-1002.00,EUR,2.00,Completed,a,\n\
            UTC,2024-01-03,10:00:00,staking,ETH,0.001,,,,,,,Distributed,b,\n\
            UTC,2024-01-04,10:00:00,buy,ETH,0.5,EUR,2000,EUR,-1002.00,EUR,2.00,Cancelled,c,\n\
            UTC,2024-01-05,10:00:00,barter,ETH,0.5,EUR,2000,EUR,-1002.00,EUR,2.00,Completed,d,\n\
            UTC,2024-01-06,10:00:00,withdrawal,EUR,5,,,,,,,Completed,e,\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, earned] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.price, buy.fee, buy.reference.as_deref()), (decimal("2000"), decimal("2"), Some("bitvavo buy a")));
        assert_eq!((buy.when.time.to_string().as_str(), earned.price), ("2024-01-02T10:00:00.5Z", Decimal::ZERO));
        assert_eq!(skips(&reading), [(4, Skip::Cancelled)]);
        assert_eq!(faults(&reading), [(5, Fault::UnknownKind("barter".to_owned())), (6, Fault::Senseless("amount".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(all) = read_as("ok/bitvavo-transactions.csv", NAME) else { return };
        let expected =
            [("ETH", "0.000053650000000001"), ("BTC", "0.00072401"), ("USDT", "-0.000000000000003"), ("ADA", "0.361357")];
        assert_eq!((units(&all), faults(&all)), (expected.map(|(coin, units)| (coin.to_owned(), decimal(units))).into(), vec![]));
        let rewards = read_as("ok/bitvavo-rewards.csv", NAME).unwrap();
        let expected = [("STORJ", "34.75825253"), ("ADA", "-45.802549"), ("ATOM", "15.586311"), ("AXS", "0.00000544")];
        assert_eq!(
            (units(&rewards), faults(&rewards)),
            (expected.map(|(coin, units)| (coin.to_owned(), decimal(units))).into(), vec![])
        );
        assert_eq!((sum(&rewards, ActivityKind::Interest, "EUR"), entries(&rewards).len()), (decimal("10.09"), 10));
        let buy = entries(&rewards)[0];
        assert_eq!((buy.quantity * buy.price + buy.fee).round_dp(2), decimal("25.00"));
        let pending = read_as("warn/bitvavo-pending.csv", NAME).unwrap();
        assert_eq!((entries(&pending).len(), skips(&pending)), (0, vec![(2, Skip::Pending)]));
    }
}
