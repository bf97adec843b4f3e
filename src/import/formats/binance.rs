//! Binance: the spot trades, with pairs and fees written without a space, and the history, in which one trade is several rows of one second.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reckoning::{CoinTrade, money, unpriced};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::{DateForm, When};
use crate::import::entry::{Entry, Fate, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::{DecimalMark, number};
use crate::import::table::{Column, Line, Sheet};

const DATE: Column = &["date(utc)", "utc_time", "time"];
const PAIR: Column = &["pair", "market"];
const SIDE: Column = &["side", "type"];
const PRICE: Column = &["price"];
const EXECUTED: Column = &["executed"];
const AMOUNT: Column = &["amount"];
const FEE: Column = &["fee"];
const USER: Column = &["user_id", "user id"];
const ACCOUNT: Column = &["account"];
const OPERATION: Column = &["operation"];
const COIN: Column = &["coin"];
const CHANGE: Column = &["change"];

/// The spot trades.
pub const TRADES: Format = Format {
    name: "binance_trades",
    reader: Reader::Table(TableFormat {
        header: &[DATE, PAIR, SIDE, PRICE, EXECUTED, AMOUNT, FEE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(trade),
    }),
};

/// The history of all that moved.
pub const HISTORY: Format = Format {
    name: "binance",
    reader: Reader::Table(TableFormat {
        header: &[USER, DATE, ACCOUNT, OPERATION, COIN, CHANGE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: history,
    }),
};

/// Coins that others are priced in.
const QUOTES: [&str; 9] = ["FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "BTC", "ETH", "BNB"];

/// Returns the two sides of a pair such as `BTCEUR`, of which the second is money where it is a currency.
fn sides(pair: &str) -> Result<(&str, Option<Currency>), Fault> {
    let unknown = || Fault::UnknownKind(pair.to_owned());
    if let Some(coin) = QUOTES.iter().find_map(|quote| pair.strip_suffix(quote)).filter(|coin| !coin.is_empty()) {
        return Ok((coin.trim_end_matches(['/', '-']), None));
    }
    let (coin, code) = pair.len().checked_sub(3).and_then(|at| pair.split_at_checked(at)).ok_or_else(unknown)?;
    let currency = money(code).ok_or_else(unknown)?;
    if coin.is_empty() { Err(unknown()) } else { Ok((coin.trim_end_matches(['/', '-']), Some(currency))) }
}

/// Returns a figure and the asset that is written behind it, such as `0.001BTC`.
fn figure(text: &str) -> Result<(Decimal, &str), Fault> {
    let end = text.find(|character: char| !character.is_ascii_digit() && !".,-".contains(character)).unwrap_or(text.len());
    let (figure, asset) = text.split_at(end);
    Ok((number(figure, DecimalMark::Point)?.abs(), asset.trim()))
}

fn trade(line: Line<'_>) -> Result<Fate, Fault> {
    let pair = line.text(PAIR);
    let (coin, currency) = sides(pair)?;
    let Some(currency) = currency else { return Ok(Fate::Skipped(Skip::NotKept(pair.to_owned()))) };
    let is_buy = match line.text(SIDE).to_uppercase().as_str() {
        "BUY" => true,
        "SELL" => false,
        _ => return Err(Fault::UnknownKind(line.text(SIDE).to_owned())),
    };
    let ((units, _), (worth, _)) = (figure(line.text(EXECUTED))?, figure(line.text(AMOUNT))?);
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(EXECUTED)));
    }
    let (fee, charged_in) = if line.optional(FEE).is_some() { figure(line.text(FEE))? } else { (Decimal::ZERO, "") };
    let is_in = |asset: &str| charged_in.eq_ignore_ascii_case(asset);
    let is_money = is_in(currency.as_str()) || charged_in.is_empty();
    let trade = CoinTrade {
        symbol: coin,
        units: if is_buy { units } else { -units },
        fee_in_units: if is_in(coin) { fee } else { Decimal::ZERO },
        worth,
        fee: if is_money { fee } else { Decimal::ZERO },
        currency,
    };
    let when = line.when(DATE)?;
    let entry = trade.entry(when, None)?;
    let is_other = !is_money && !is_in(coin) && !fee.is_zero();
    with_fee(entry, when, if is_other { Some((charged_in, fee)) } else { None })
}

/// Returns a trade with what was charged in a third coin, which is units that are gone.
fn with_fee(entry: Entry, when: When, fee: Option<(&str, Decimal)>) -> Result<Fate, Fault> {
    let mut entries = vec![entry];
    if let Some((symbol, units)) = fee
        && let Fate::Entries(gone) = unpriced(ActivityKind::Sell, when, symbol, units, None)?
    {
        entries.extend(gone);
    }
    Ok(Fate::Entries(entries))
}

/// What moved in one second: by asset what was traded, and what was charged, as costs.
#[derive(Default)]
struct Moment {
    /// The first line of each asset.
    lines: BTreeMap<String, usize>,
    traded: BTreeMap<String, Decimal>,
    charged: BTreeMap<String, Decimal>,
    is_sound: bool,
}

/// Returns whether an operation is a side of a trade or its fee.
fn is_of_trade(operation: &str) -> bool {
    operation.starts_with("transaction ")
        || matches!(operation, "buy" | "sell" | "fee" | "binance convert" | "large otc trading" | "small assets exchange bnb")
}

fn key(line: Line<'_>) -> (&str, &str) {
    (line.text(DATE), line.text(ACCOUNT))
}

fn history(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut moments: BTreeMap<(&str, &str), Moment> = BTreeMap::new();
    for line in sheet.lines().filter(|line| is_of_trade(&line.text(OPERATION).to_lowercase())) {
        let moment = moments.entry(key(line)).or_insert_with(|| Moment { is_sound: true, ..Moment::default() });
        moment.is_sound &= moment.add(line).is_some();
    }
    sheet.rows(|line| moved(line, moments.get(&key(line))))
}

impl Moment {
    fn add(&mut self, line: Line<'_>) -> Option<()> {
        let (asset, change) = (line.text(COIN).to_ascii_uppercase(), line.number(CHANGE).ok()?);
        let is_fee = line.text(OPERATION).to_lowercase().ends_with("fee");
        if !is_fee {
            self.lines.entry(asset.clone()).or_insert(line.number_of_line());
        }
        let (sum, change) = if is_fee { (&mut self.charged, -change) } else { (&mut self.traded, change) };
        let sum = sum.entry(asset).or_default();
        *sum = sum.checked_add(change)?;
        Some(())
    }

    /// Returns what becomes of a row: that of the coin is the entry.
    fn fate(&self, line: Line<'_>) -> Result<Fate, Fault> {
        let legs: Vec<(&String, Decimal)> = self.traded.iter().map(|(asset, sum)| (asset, *sum)).collect();
        let [(first, of_first), (second, of_second)] = legs[..] else { return Err(Fault::Unpaired) };
        if !self.is_sound
            || of_first.is_zero()
            || of_second.is_zero()
            || of_first.is_sign_negative() == of_second.is_sign_negative()
        {
            return Err(Fault::Unpaired);
        }
        let (coin, units, worth, currency) = match (money(first), money(second)) {
            (Some(_), Some(_)) => return Ok(Fate::Skipped(Skip::CurrencyExchange)),
            (None, None) => return Ok(Fate::Skipped(Skip::NotKept(format!("{first} / {second}")))),
            (Some(currency), None) => (second, of_second, of_first, currency),
            (None, Some(currency)) => (first, of_first, of_second, currency),
        };
        if self.lines.get(coin) != Some(&line.number_of_line()) {
            return Ok(Fate::Skipped(Skip::Detail));
        }
        let charged = |asset: &str| self.charged.get(asset).copied().unwrap_or_default();
        let trade =
            CoinTrade { symbol: coin, units, fee_in_units: charged(coin), worth, fee: charged(currency.as_str()), currency };
        let other = self.charged.iter().find(|(asset, _)| *asset != coin && *asset != currency.as_str());
        let when = line.when(DATE)?;
        with_fee(trade.entry(when, None)?, when, other.map(|(asset, units)| (asset.as_str(), *units)))
    }
}

fn moved(line: Line<'_>, moment: Option<&Moment>) -> Result<Fate, Fault> {
    let operation = line.text(OPERATION).to_lowercase();
    let change = line.number(CHANGE)?;
    if is_of_trade(&operation) {
        return moment.map_or(Err(Fault::Unpaired), |moment| moment.fate(line));
    }
    let has = |words: &[&str]| words.iter().any(|word| operation.contains(word));
    match () {
        () if change.is_zero() => Ok(Fate::Skipped(Skip::Nothing)),
        () if has(&["subscription", "redemption", "purchase", "transfer between", "main and funding"]) => {
            Ok(Fate::Skipped(Skip::InternalTransfer))
        }
        () if has(&["deposit", "withdraw", "crypto box"]) => transfer(line, change),
        () if has(&["reward", "interest", "distribution", "airdrop", "cashback", "kickback", "commission", "referral"]) => {
            income(line, change)
        }
        () => Err(Fault::UnknownKind(line.text(OPERATION).to_owned())),
    }
}

fn transfer(line: Line<'_>, change: Decimal) -> Result<Fate, Fault> {
    let comes_in = change.is_sign_positive();
    if let Some(currency) = money(line.text(COIN)) {
        let kind = if comes_in { ActivityKind::Deposit } else { ActivityKind::Withdrawal };
        return Ok(Entry::of_amount(kind, line.when(DATE)?, change.abs(), currency).into());
    }
    let kind = if comes_in { ActivityKind::Buy } else { ActivityKind::Sell };
    unpriced(kind, line.when(DATE)?, line.text(COIN), change.abs(), None)
}

fn income(line: Line<'_>, change: Decimal) -> Result<Fate, Fault> {
    if change.is_sign_negative() {
        return Err(Fault::Senseless(line.named(CHANGE)));
    }
    match money(line.text(COIN)) {
        Some(currency) => Ok(Entry::of_amount(ActivityKind::Interest, line.when(DATE)?, change, currency).into()),
        None => unpriced(ActivityKind::Buy, line.when(DATE)?, line.text(COIN), change, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn pairs_and_fees_are_told_apart_without_a_space() {
        let text = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n\
            2024-01-02 10:00:00,BTCEUR,BUY,30000,0.1BTC,3000EUR,0.01BNB\n\
            2024-01-03 10:00:00,BTCEUR,SELL,30000,0.1,3000,3EUR\n\
            2024-01-04 10:00:00,BTCUSDT,SELL,30000,0.1,3000,3USDT\n\
            2024-01-05 10:00:00,XY,SELL,30000,0.1,3000,3EUR\n\
            2024-01-06 10:00:00,BTCEUR,BUY,30000,0,3000,3EUR\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, fee, sell] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("0.1"), decimal("30000"), Decimal::ZERO));
        assert_eq!(
            (fee.kind, fee.quantity, fee.note.is_some(), sell.fee),
            (ActivityKind::Sell, decimal("0.01"), true, decimal("3"))
        );
        assert_eq!(skips(&reading), [(4, Skip::NotKept("BTCUSDT".to_owned()))]);
        assert_eq!(faults(&reading), [(5, Fault::UnknownKind("XY".to_owned())), (6, Fault::Senseless("executed".to_owned()))]);
    }

    #[test]
    fn the_rows_of_a_second_are_one_trade() {
        let text = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n\
            1,2024-01-02 10:00:00,Spot,Transaction Fee,BTC,-0.001,\n\
            1,2024-01-02 10:00:00,Spot,Transaction Buy,BTC,0.1,\n\
            1,2024-01-02 10:00:00,Spot,Transaction Spend,EUR,-3000,\n\
            1,2024-01-03 10:00:00,Spot,Simple Earn Flexible Interest,BTC,0.001,\n\
            1,2024-01-04 10:00:00,Spot,Simple Earn Flexible Subscription,BTC,-0.001,\n\
            1,2024-01-05 10:00:00,Spot,Transaction Buy,BTC,0.1,\n\
            1,2024-01-06 10:00:00,Spot,Barter,BTC,0.1,\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy, earned] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!(
            (buy.quantity, buy.price, buy.fee, earned.quantity),
            (decimal("0.099"), decimal("30000"), decimal("30"), decimal("0.001"))
        );
        assert_eq!(skips(&reading), [(2, Skip::Detail), (4, Skip::Detail), (6, Skip::InternalTransfer)]);
        assert_eq!(faults(&reading), [(7, Fault::Unpaired), (8, Fault::UnknownKind("Barter".to_owned()))]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(trades) = read_as("ok/binance-spot-trades.csv", "binance_trades") else { return };
        assert_eq!((units(&trades)["BTC"], units(&trades)["ETH"]), (decimal("0.049"), decimal("-1.51")));
        assert_eq!(skips(&trades).len(), 1);
        let history = read_as("ok/binance-transaction-history.csv", "binance").unwrap();
        assert_eq!(
            (faults(&history), units(&history)["BTC"], units(&history)["USDT"]),
            (vec![], decimal("-0.01"), decimal("500"))
        );
        let sell = entries(&history).into_iter().find(|entry| entry.currency == Some(Currency::EUR)).unwrap();
        assert_eq!(sell.quantity * sell.price - sell.fee, decimal("398"));
        assert_eq!(sum(&history, ActivityKind::Deposit, "EUR"), Decimal::ZERO);
    }
}
