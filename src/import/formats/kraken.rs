//! Kraken: the ledgers. A trade is two rows with one number, of what went out and of what came in, each with its own fee.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::reckoning::{CoinTrade, minus, money, unpriced};
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Row};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

const NAME: &str = "kraken";

const ID: Column = &["txid"];
const TRADE_ID: Column = &["refid"];
const TIME: Column = &["time"];
const KIND: Column = &["type"];
const SUBKIND: Column = &["subtype"];
const ASSET: Column = &["asset"];
const AMOUNT: Column = &["amount"];
const FEE: Column = &["fee"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[ID, TRADE_ID, TIME, KIND, SUBKIND, &["aclass"], ASSET, AMOUNT, FEE, &["balance"]],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: rows,
    }),
};

/// The coins that fees may be paid with, which are no asset.
const CREDITS: &str = "KFEE";
/// Coins whose codes have an X before the usual symbol.
const OLD_COINS: &str = "XBT ETH LTC XRP XLM XMR ZEC ETC REP MLN XDG ICN NMC DAO";

/// Returns the usual symbol of an asset: `XXBT` is BTC, `ZEUR` is EUR, and `ADA.S` is ADA that earns.
fn symbol(asset: &str) -> String {
    let asset = asset.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let plain = match (asset.strip_prefix('Z'), asset.strip_prefix('X')) {
        (Some(code), _) if money(code).is_some() => code,
        (_, Some(code)) if OLD_COINS.split(' ').any(|known| known == code) => code,
        _ => &asset,
    };
    match plain {
        "XBT" => "BTC".to_owned(),
        "XDG" => "DOGE".to_owned(),
        plain => plain.to_owned(),
    }
}

/// One side of a trade.
#[derive(Clone)]
struct Leg<'a> {
    line: Line<'a>,
    symbol: String,
    money: Option<Currency>,
    amount: Decimal,
    fee: Decimal,
}

fn leg(line: Line<'_>) -> Result<Leg<'_>, Fault> {
    let symbol = symbol(line.text(ASSET));
    if symbol.is_empty() {
        return Err(Fault::Missing(line.named(ASSET)));
    }
    let money = money(&symbol);
    Ok(Leg { line, symbol, money, amount: line.number(AMOUNT)?, fee: line.number_or_zero(FEE)? })
}

fn is_of_trade(line: Line<'_>) -> bool {
    matches!(line.text(KIND).to_lowercase().as_str(), "trade" | "spend" | "receive")
}

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut trades: BTreeMap<&str, Vec<Leg<'_>>> = BTreeMap::new();
    for leg in sheet.lines().filter(|line| is_of_trade(*line)).filter_map(|line| leg(line).ok()) {
        if !leg.amount.is_zero() {
            trades.entry(leg.line.text(TRADE_ID)).or_default().push(leg);
        }
    }
    sheet.rows(|line| row(line, &trades))
}

fn row(line: Line<'_>, trades: &BTreeMap<&str, Vec<Leg<'_>>>) -> Result<Fate, Fault> {
    let leg = leg(line)?;
    // What waits to be credited is written without a number first.
    if line.optional(ID).is_none() {
        return Ok(Fate::Skipped(Skip::Pending));
    }
    let (kind, subkind) = (line.text(KIND).to_lowercase(), line.text(SUBKIND).to_lowercase());
    match kind.as_str() {
        _ if is_of_trade(line) => side(&leg, trades.get(line.text(TRADE_ID)).map_or(&[], Vec::as_slice)),
        "deposit" | "withdrawal" => transfer(&leg),
        "staking" => income(&leg),
        "earn" if subkind == "reward" => income(&leg),
        "earn" => Ok(Fate::Skipped(Skip::InternalTransfer)),
        "transfer" if ["spot", "staking", "futures"].iter().any(|place| subkind.contains(place)) => {
            Ok(Fate::Skipped(Skip::InternalTransfer))
        }
        "margin" | "rollover" | "settled" => Ok(Fate::Skipped(Skip::NotKept(line.text(KIND).to_owned()))),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

/// Reads one side of a trade: the coin's row is the entry, and that of the money a detail of it.
fn side(leg: &Leg<'_>, legs: &[Leg<'_>]) -> Result<Fate, Fault> {
    if leg.amount.is_zero() {
        let is_detail = leg.symbol == CREDITS || leg.fee.is_zero();
        return if is_detail { Ok(Fate::Skipped(Skip::Detail)) } else { Err(Fault::Unpaired) };
    }
    let [first, second] = legs else { return Err(Fault::Unpaired) };
    if first.amount.is_sign_negative() == second.amount.is_sign_negative() {
        return Err(Fault::Unpaired);
    }
    match (first.money, second.money) {
        (Some(_), Some(_)) => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        (None, None) => Ok(Fate::Skipped(Skip::NotKept(format!("{} / {}", first.symbol, second.symbol)))),
        _ if leg.money.is_some() => Ok(Fate::Skipped(Skip::Detail)),
        (Some(currency), None) => trade(second, first, currency),
        (None, Some(currency)) => trade(first, second, currency),
    }
}

fn trade(of_coin: &Leg<'_>, of_money: &Leg<'_>, currency: Currency) -> Result<Fate, Fault> {
    let line = of_coin.line;
    let trade = CoinTrade {
        symbol: &of_coin.symbol,
        units: of_coin.amount,
        fee_in_units: of_coin.fee,
        worth: of_money.amount,
        fee: of_money.fee,
        currency,
    };
    Ok(trade.entry(line.when(TIME)?, reference(line))?.into())
}

fn reference(line: Line<'_>) -> Option<String> {
    line.optional(ID).map(|id| format!("{NAME} {id}"))
}

/// Reads what came from elsewhere or went there: the fee of coins is units, too.
fn transfer(leg: &Leg<'_>) -> Result<Fate, Fault> {
    let (line, name) = (leg.line, leg.line.named(AMOUNT));
    if leg.amount.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let comes_in = leg.amount.is_sign_positive();
    if let Some(currency) = leg.money {
        let kind = if comes_in { ActivityKind::Deposit } else { ActivityKind::Withdrawal };
        let entry = Entry::of_amount(kind, line.when(TIME)?, leg.amount.abs(), currency);
        return Ok(Entry { fee: leg.fee, reference: reference(line), ..entry }.into());
    }
    let kind = if comes_in { ActivityKind::Buy } else { ActivityKind::Sell };
    let units = minus(leg.amount, leg.fee, &name)?.abs();
    unpriced(kind, line.when(TIME)?, &leg.symbol, units, reference(line))
}

/// Reads what coins earned.
fn income(leg: &Leg<'_>) -> Result<Fate, Fault> {
    let line = leg.line;
    let earned = minus(leg.amount, leg.fee, &line.named(AMOUNT))?;
    match leg.money {
        _ if earned.is_zero() => Ok(Fate::Skipped(Skip::Nothing)),
        _ if earned.is_sign_negative() => Err(Fault::Senseless(line.named(AMOUNT))),
        None => unpriced(ActivityKind::Buy, line.when(TIME)?, &leg.symbol, earned, reference(line)),
        Some(currency) => {
            let entry = Entry::of_amount(ActivityKind::Interest, line.when(TIME)?, earned, currency);
            Ok(Entry { reference: reference(line), ..entry }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn two_rows_of_one_number_are_a_trade() {
        let text = "\"txid\",\"refid\",\"time\",\"type\",\"subtype\",\"aclass\",\"asset\",\"wallet\",\"amount\",\"fee\",\"balance\"\n\
            a,T1,2024-01-02 10:00:00,trade,,currency,ZEUR,spot,-200,1,0\n\
            b,T1,2024-01-02 10:00:00,trade,,currency,XXDG,spot,100,2,98\n\
            c,T2,2024-01-03 10:00:00,trade,,currency,DOGE,spot,-10,0,88\n\
            d,T2,2024-01-03 10:00:00,trade,,currency,ETH,spot,1,0,1\n\
            ,D1,2024-01-04 10:00:00,deposit,,currency,EUR,spot,1,0,\n\
            e,E1,2024-01-05 10:00:00,earn,allocation,currency,ETH,spot,-1,0,0\n\
            f,T3,2024-01-06 10:00:00,spend,,currency,EUR,spot,-1,0,0\n\
            g,X1,2024-01-07 10:00:00,barter,,currency,EUR,spot,-1,0,0\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let [buy] = entries(&reading)[..] else { panic!("{reading:?}") };
        assert_eq!((buy.quantity, buy.price, buy.fee), (decimal("98"), decimal("2"), decimal("5")));
        assert_eq!((units(&reading)["DOGE"], buy.reference.as_deref()), (decimal("98"), Some("kraken b")));
        let crypto = Skip::NotKept("DOGE / ETH".to_owned());
        assert_eq!(
            skips(&reading),
            [(2, Skip::Detail), (4, crypto.clone()), (5, crypto), (6, Skip::Pending), (7, Skip::InternalTransfer)]
        );
        assert_eq!(faults(&reading), [(8, Fault::Unpaired), (9, Fault::UnknownKind("barter".to_owned()))]);
    }

    #[test]
    fn the_ledgers_of_the_collection_are_read_as_it_says() {
        let Some(ledgers) = read_as("ok/kraken-ledgers.csv", NAME) else { return };
        assert_eq!((faults(&ledgers), units(&ledgers)["BTC"], units(&ledgers)["ADA"]), (vec![], decimal("0.003"), decimal("5")));
        assert_eq!(units(&ledgers)["LTC"], decimal("-1.9232"));
        let euros = |entry: &&Entry| match entry.kind {
            ActivityKind::Buy => -entry.quantity * entry.price - entry.fee,
            ActivityKind::Sell => entry.quantity * entry.price - entry.fee,
            _ => entry.amount,
        };
        assert_eq!(entries(&ledgers).iter().map(euros).sum::<Decimal>().normalize(), decimal("929.62"));
        assert_eq!(sum(&ledgers, ActivityKind::Deposit, "EUR"), decimal("1000"));
        let older = read_as("ok/kraken-ledgers-old.csv", NAME).unwrap();
        assert_eq!((units(&older)["BTC"], euros(&entries(&older)[0])), (decimal("0.01"), decimal("-200.32")));
    }

    #[test]
    fn credits_conversions_and_lone_rows_of_the_collection_are_told_apart() {
        let Some(credits) = read_as("ok/kraken-ledgers-kfee.csv", NAME) else { return };
        assert_eq!((entries(&credits).len(), units(&credits)["BTC"], faults(&credits)), (1, decimal("0.03"), vec![]));
        let exchanges = skips(&credits).into_iter().filter(|(_, skip)| *skip == Skip::CurrencyExchange).count();
        let coins = skips(&credits).into_iter().filter(|(_, skip)| matches!(skip, Skip::NotKept(_))).count();
        assert_eq!((exchanges, coins), (2, 2));
        let lone = read_as("not-ok/kraken-ledgers-unpaired.csv", NAME).unwrap();
        assert_eq!(faults(&lone), [(2, Fault::Unpaired)]);
    }
}
