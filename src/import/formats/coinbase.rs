//! Coinbase: the report of transactions, below some lines about its owner. Its numbers carry the sign of their currency, and what a coin was
//! converted to stands in the notes alone.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::reckoning::{coin, minus, money, over, plus, price, times};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

const NAME: &str = "coinbase";

const ID: Column = &["id"];
const TIME: Column = &["timestamp"];
const KIND: Column = &["transaction type"];
const ASSET: Column = &["asset"];
const QUANTITY: Column = &["quantity transacted"];
const CURRENCY: Column = &["price currency", "spot price currency"];
const PRICE: Column = &["price at transaction", "spot price at transaction"];
const SUBTOTAL: Column = &["subtotal"];
const TOTAL: Column = &["total (inclusive of fees and/or spread)"];
const FEES: Column = &["fees and/or spread"];
const NOTES: Column = &["notes"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[TIME, KIND, ASSET, QUANTITY, CURRENCY, PRICE, SUBTOTAL, TOTAL],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let of = |kind: &str| -> BTreeSet<(String, Decimal)> {
        sheet.lines().filter(|line| line.text(KIND).eq_ignore_ascii_case(kind)).filter_map(moment).collect()
    };
    let renamed: BTreeSet<_> = of("send").intersection(&of("receive")).cloned().collect();
    sheet.rows(|line| row(line, &renamed))
}

/// Returns when how many units moved: a coin that goes out while as much of another comes in got another name.
fn moment(line: Line<'_>) -> Option<(String, Decimal)> {
    Some((line.text(TIME).to_owned(), line.number(QUANTITY).ok()?.abs().normalize()))
}

fn row(line: Line<'_>, renamed: &BTreeSet<(String, Decimal)>) -> Result<Fate, Fault> {
    let kind = line.text(KIND).to_lowercase();
    let is_renamed = moment(line).is_some_and(|moment| renamed.contains(&moment));
    if let Some(currency) = money(line.text(ASSET)) {
        return cash(line, &kind, currency);
    }
    match kind.as_str() {
        "buy" | "advance trade buy" | "advanced trade buy" => trade(line, ActivityKind::Buy).map(Fate::from),
        "sell" | "advance trade sell" | "advanced trade sell" => trade(line, ActivityKind::Sell).map(Fate::from),
        "convert" => convert(line),
        "send" if is_renamed => trade(line, ActivityKind::Sell).map(Fate::from),
        "receive" if is_renamed => trade(line, ActivityKind::Buy).map(Fate::from),
        "send" => with_money(trade(line, ActivityKind::Sell)?, ActivityKind::Withdrawal, None, "price").map(Fate::Entries),
        "receive" => with_money(trade(line, ActivityKind::Buy)?, ActivityKind::Deposit, None, "price").map(Fate::Entries),
        word if is_internal(word) => Ok(Fate::Skipped(Skip::InternalTransfer)),
        word if word.contains("income") || word.contains("reward") || word == "coinbase earn" => {
            with_money(trade(line, ActivityKind::Buy)?, ActivityKind::Interest, None, "price").map(Fate::Entries)
        }
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

/// Returns whether a word names a move between places of the same owner.
fn is_internal(word: &str) -> bool {
    ["pro ", "exchange ", "vault "].iter().any(|place| word.starts_with(place)) || word.contains("staking transfer")
}

fn cash(line: Line<'_>, kind: &str, currency: Currency) -> Result<Fate, Fault> {
    let amount = line.number(QUANTITY)?.abs();
    let kind = match kind {
        word if is_internal(word) => return Ok(Fate::Skipped(Skip::InternalTransfer)),
        _ if amount.is_zero() => return Ok(Fate::Skipped(Skip::Nothing)),
        "deposit" | "fiat deposit" | "receive" => ActivityKind::Deposit,
        "withdrawal" | "fiat withdrawal" | "send" => ActivityKind::Withdrawal,
        "convert" => return Ok(Fate::Skipped(Skip::CurrencyExchange)),
        word if word.contains("reward") || word.contains("interest") => ActivityKind::Interest,
        _ => return Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    };
    Ok(Entry { reference: reference(line), ..Entry::of_amount(kind, line.when(TIME)?, amount, currency) }.into())
}

fn reference(line: Line<'_>) -> Option<String> {
    line.optional(ID).map(|id| format!("{NAME} {id}"))
}

fn units(line: Line<'_>) -> Result<Decimal, Fault> {
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() { Err(Fault::Senseless(line.named(QUANTITY))) } else { Ok(units) }
}

/// Reads a trade. Its price may be some parts of a hundred off, as it is that of the market; one that is far off is a slip.
fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    let (units, name) = (units(line)?, line.named(TOTAL));
    let paid_in = line.currency(CURRENCY)?;
    let fee = line.number_or_zero(FEES)?.abs();
    let written = line.optional_number(PRICE)?.map(|price| price.abs());
    let total = line.number(TOTAL)?.abs();
    let moved = if kind == ActivityKind::Buy { minus(total, fee, &name)? } else { plus(total, fee, &name)? };
    if let Some(written) = written {
        let apart = minus(times(written, units, &name)?, moved, &name)?.abs();
        if apart > plus(over(moved.abs(), Decimal::TEN, &name)?, Decimal::new(5, 2), &name)? {
            return Err(Fault::Senseless(line.named(PRICE)));
        }
    }
    Ok(Entry {
        instrument: coin(line.text(ASSET), Some(paid_in)),
        quantity: units,
        price: price(written, units, moved, Decimal::new(1, 2), &name)?,
        fee,
        currency: Some(paid_in),
        reference: reference(line),
        ..Entry::new(kind, line.when(TIME)?)
    })
}

/// Reads `Converted 0.5 ETH to 800 USDC`: a sale, and a purchase for what it brought. Where the fee is left out it is what the total is more.
fn convert(line: Line<'_>) -> Result<Fate, Fault> {
    let name = line.named(SUBTOTAL);
    let (units, paid_in) = (units(line)?, line.currency(CURRENCY)?);
    let (worth, total) = (line.number(SUBTOTAL)?.abs(), line.number(TOTAL)?.abs());
    let fee = match line.optional_number(FEES)? {
        Some(fee) => fee.abs(),
        None => minus(total, worth, &name)?.max(Decimal::ZERO),
    };
    let (bought, symbol) = converted_to(line)?;
    let exact = |units: Decimal, worth: Decimal| price(None, units, worth, Decimal::ZERO, &name);
    let sell = Entry {
        instrument: coin(line.text(ASSET), Some(paid_in)),
        quantity: units,
        price: exact(units, plus(worth, fee, &name)?)?,
        fee,
        currency: Some(paid_in),
        reference: reference(line),
        ..Entry::new(ActivityKind::Sell, line.when(TIME)?)
    };
    let buy = Entry {
        kind: ActivityKind::Buy,
        instrument: coin(symbol, Some(paid_in)),
        quantity: bought,
        price: exact(bought, worth)?,
        fee: Decimal::ZERO,
        reference: reference(line).map(|reference| format!("{reference} buy")),
        ..sell.clone()
    };
    Ok(Fate::Entries(vec![sell, buy]))
}

fn converted_to(line: Line<'_>) -> Result<(Decimal, &str), Fault> {
    let missing = || Fault::Missing(line.named(NOTES));
    let (_, bought) = line.text(NOTES).rsplit_once(" to ").ok_or_else(missing)?;
    let (units, symbol) = bought.split_once(' ').ok_or_else(missing)?;
    let units = line.number_of(units)?;
    if units <= Decimal::ZERO || symbol.trim().is_empty() { Err(missing()) } else { Ok((units, symbol)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    const HEADER: &str = "\nTransactions\nUser,An Owner,0\nID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,\
        Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\n";

    #[test]
    fn signs_of_currencies_and_notes_are_understood() {
        let text = format!(
            "{HEADER}1,2024-01-02 10:00:00 UTC,Buy,BTC,0.5,EUR,€20000.00,€10000.00,€10050.00,€50.00,Bought 0.5 BTC\n\
            2,2024-01-03 10:00:00 UTC,Convert,BTC,0.1,EUR,€20000.00,€1990.00,€2000.00,,Converted 0.1 BTC to 1.99 ETH\n\
            3,2024-01-04 10:00:00 UTC,Staking Income,ETH,0.01,EUR,€1000.00,€10.00,€10.00,€0.00,\n\
            4,2024-01-05 10:00:00 UTC,Pro Withdrawal,ETH,1,EUR,€1000.00,€1000.00,€1000.00,€0.00,\n\
            5,2024-01-06 10:00:00 UTC,Deposit,EUR,100,EUR,€1.00,€100.00,€100.00,€0.00,\n\
            6,2024-01-07 10:00:00 UTC,Buy,BTC,1,EUR,€20000.00,€5.00,€5.00,€0.00,\n\
            7,2024-01-08 10:00:00 UTC,Barter,BTC,1,EUR,€5.00,€5.00,€5.00,€0.00,\n\
            8,2024-01-09 10:00:00 UTC,Convert,BTC,1,EUR,€5.00,€5.00,€5.00,€0.00,\n"
        );
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let all = entries(&reading);
        assert_eq!(
            (all[0].price, all[0].fee, all[0].reference.as_deref()),
            (decimal("20000"), decimal("50"), Some("coinbase 1"))
        );
        assert_eq!(
            (all[1].price, all[1].fee, all[2].quantity, all[2].price),
            (decimal("20000"), decimal("10"), decimal("1.99"), decimal("1000"))
        );
        assert_eq!((all[3].kind, all[3].amount, all[4].price), (ActivityKind::Interest, decimal("10"), decimal("1000")));
        assert_eq!((all[5].kind, all[5].amount), (ActivityKind::Deposit, decimal("100")));
        assert_eq!(skips(&reading), [(8, Skip::InternalTransfer)]);
        let expected = [
            Fault::Senseless("price at transaction".to_owned()),
            Fault::UnknownKind("Barter".to_owned()),
            Fault::Missing("notes".to_owned()),
        ];
        assert_eq!(faults(&reading).into_iter().map(|(_, fault)| fault).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_older_reports_of_the_collection_are_read_as_it_says() {
        let Some(convert) = read_as("ok/coinbase-2023-convert.csv", NAME) else { return };
        let [sell, buy] = entries(&convert)[..] else { panic!("{convert:?}") };
        assert_eq!((sell.quantity, sell.fee, buy.quantity), (decimal("0.00087766"), decimal("0.04"), decimal("1.629352")));
        assert_eq!((buy.quantity * buy.price).round_dp(6), decimal("1.46"));
        let bought = read_as("ok/coinbase-2023-preamble.csv", NAME).unwrap();
        let buy = entries(&bought)[0];
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("0.00213232"), decimal("1810.23"), decimal("0.99")));
        let staking = read_as("ok/coinbase-2023-staking.csv", NAME).unwrap();
        assert_eq!((units(&staking)["ETH2"], count(&staking, ActivityKind::Interest)), (decimal("0.00002103"), 1));
        let odd = read_as("warn/coinbase-2024-short-preamble.csv", NAME).unwrap();
        assert_eq!(faults(&odd), [(5, Fault::Senseless("spot price at transaction".to_owned()))]);
    }

    #[test]
    fn the_newer_report_of_the_collection_is_read_as_it_says() {
        let Some(newer) = read_as("ok/coinbase-transactions-eur.csv", NAME) else { return };
        assert_eq!((faults(&newer), newer.rows.len(), units(&newer)["XRP"]), (vec![], 8, decimal("156.145683")));
        assert_eq!(
            (count(&newer, ActivityKind::Deposit), count(&newer, ActivityKind::Interest)),
            (0, 2),
            "a rename is no income"
        );
        assert_eq!(sum(&newer, ActivityKind::Interest, "EUR").round_dp(4), decimal("0.1968"));
        let all = entries(&newer);
        assert_eq!(
            (all[all.len() - 1].reference.as_ref(), all[all.len() - 1].fee),
            (all[all.len() - 2].reference.as_ref(), decimal("2.99"))
        );
    }
}
