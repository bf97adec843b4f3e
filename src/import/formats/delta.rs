//! Delta: its table of transactions. A row has up to three currencies: of what was traded, of what was paid, and of the fee. One that is paid
//! in a coin cannot be said in money.

use rust_decimal::Decimal;

use super::kinds::class_named;
use super::reckoning::price_of;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Withdrawal};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "delta",
    reader: Reader::Table(TableFormat {
        header: &[DATE, WAY, BASE, BASE_NAME, BASE_TYPE, QUOTE, QUOTE_NAME, FEE, FEE_NAME],
        numbers: &[BASE, QUOTE, FEE],
        dates: &[DATE],
        decimal: None,
        date: None,
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const DATE: Column = &["date"];
const WAY: Column = &["way"];
const BASE: Column = &["base amount"];
const BASE_NAME: Column = &["base currency (name)"];
const BASE_TYPE: Column = &["base type"];
const QUOTE: Column = &["quote amount"];
const QUOTE_NAME: Column = &["quote currency"];
const SENDER: Column = &["sent/received from"];
const FEE: Column = &["fee amount"];
const FEE_NAME: Column = &["fee currency (name)"];
const NOTE: Column = &["notes"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let way = line.optional(WAY).ok_or_else(|| Fault::Missing(line.named(WAY)))?;
    let is_money = line.text(BASE_TYPE).eq_ignore_ascii_case("fiat");
    let quote = line.optional(QUOTE_NAME).map(|name| symbol_and_name(name).0);
    let quote_currency = quote.map(currency).transpose();
    match way.to_ascii_uppercase().as_str() {
        "DEPOSIT" if is_money => cash(line, Deposit),
        "WITHDRAW" if is_money => cash(line, Withdrawal),
        "BUY" | "SELL" if is_money => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        "TRANSFER" => Ok(Fate::Skipped(Skip::InternalTransfer)),
        "BUY" | "SELL" | "DIVIDEND" | "DEPOSIT" | "WITHDRAW" => match quote_currency {
            Ok(Some(currency)) => of_worth(line, &way.to_ascii_uppercase(), currency),
            // What came or went without a worth is known by its units alone.
            Ok(None) if matches!(way.to_ascii_uppercase().as_str(), "DEPOSIT" | "WITHDRAW") => {
                Ok(Fate::Skipped(Skip::NotKept(way.to_owned())))
            }
            Ok(None) => Err(Fault::Missing(line.named(QUOTE_NAME))),
            Err(_) => Ok(Fate::Skipped(Skip::NotKept(format!("{way} {}", quote.unwrap_or_default())))),
        },
        _ => Err(Fault::UnknownKind(way.to_owned())),
    }
}

/// Parts `SOL (Solana)`.
fn symbol_and_name(text: &str) -> (&str, Option<&str>) {
    let parted = text.split_once('(').and_then(|(symbol, name)| Some((symbol.trim(), name.trim().strip_suffix(')')?.trim())));
    parted.map_or((text.trim(), None), |(symbol, name)| (symbol, Some(name)))
}

fn of_worth(line: Line<'_>, way: &str, currency: Currency) -> Result<Fate, Fault> {
    let column = line.named(QUOTE);
    let is_earned = line.text(SENDER).eq_ignore_ascii_case("dividends");
    let entries = match way {
        "BUY" => vec![trade(line, Buy, currency)?],
        "SELL" => vec![trade(line, Sell, currency)?],
        "DEPOSIT" if is_earned => with_money(trade(line, Buy, currency)?, Interest, None, &column)?,
        "DEPOSIT" => with_money(trade(line, Buy, currency)?, ActivityKind::Deposit, None, &column)?,
        "WITHDRAW" => with_money(trade(line, Sell, currency)?, ActivityKind::Withdrawal, None, &column)?,
        _ => {
            let amount = positive(line, QUOTE)?;
            vec![Entry { amount, ..entry(line, Dividend, currency)? }]
        }
    };
    with_fee(line, entries, currency)
}

fn positive(line: Line<'_>, column: Column) -> Result<Decimal, Fault> {
    let figure = line.number(column)?;
    if figure > Decimal::ZERO { Ok(figure) } else { Err(Fault::Senseless(line.named(column))) }
}

fn entry(line: Line<'_>, kind: ActivityKind, currency: Currency) -> Result<Entry, Fault> {
    let base = line.optional(BASE_NAME).ok_or_else(|| Fault::Missing(line.named(BASE_NAME)))?;
    let (symbol, name) = symbol_and_name(base);
    let named = Named::of(Some(symbol), None, name).filter(|_| kind.figures().ticker);
    let class = line.optional(BASE_TYPE).and_then(class_named);
    Ok(Entry {
        instrument: named.map(|named| Named { class, ..named }),
        currency: Some(currency),
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, line.when(DATE)?)
    })
}

/// Reads a trade: what was paid is told for all units together.
fn trade(line: Line<'_>, kind: ActivityKind, currency: Currency) -> Result<Entry, Fault> {
    let quantity = positive(line, BASE)?;
    let price = price_of(positive(line, QUOTE)?, quantity, &line.named(QUOTE))?;
    Ok(Entry { quantity, price, ..entry(line, kind, currency)? })
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let code = line.optional(BASE_NAME).ok_or_else(|| Fault::Missing(line.named(BASE_NAME)))?;
    let currency = currency(symbol_and_name(code).0)?;
    with_fee(line, vec![Entry { amount: positive(line, BASE)?, ..entry(line, kind, currency)? }], currency)
}

/// Adds the fee: to the last entry, or as one of its own where it is in another currency. One in a coin has no worth that is told.
fn with_fee(line: Line<'_>, mut entries: Vec<Entry>, of_entries: Currency) -> Result<Fate, Fault> {
    let fee = line.number_or_zero(FEE)?;
    if fee.is_zero() {
        return Ok(Fate::Entries(entries));
    }
    if fee < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(FEE)));
    }
    let of_fee = match line.optional(FEE_NAME) {
        Some(name) => currency(symbol_and_name(name).0)?,
        None => return Err(Fault::Missing(line.named(FEE_NAME))),
    };
    let Some(last) = entries.last_mut() else { return Ok(Fate::Entries(entries)) };
    if of_fee == of_entries {
        last.fee = fee;
    } else {
        let own = Entry::of_amount(Fee, last.when, fee, of_fee);
        entries.push(own);
    }
    Ok(Fate::Entries(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    const HEADER: &str = "Date,Way,Base amount,Base currency (name),Base type,Quote amount,Quote currency,Exchange,Sent/Received from,\
        Sent to,Fee amount,Fee currency (name),Broker,Notes\n";

    #[test]
    fn what_can_be_said_in_money_is_an_entry_and_the_rest_says_why_not() {
        let text = "2022-03-01 10:00:00+02:00,BUY,4,NESN (Nestle),STOCK,480,CHF,,,,2,CHF,,first\n\
            2022-03-02 10:00:00+02:00,SELL,1,NESN (Nestle),STOCK,130,CHF,,,,3,EUR,,\n\
            2022-03-03 10:00:00+02:00,DEPOSIT,0.5,LTC,CRYPTO,60,USD,,DIVIDENDS,MY_WALLET,,,,\n\
            2022-03-04 10:00:00+02:00,WITHDRAW,100,EUR,FIAT,,,,,,1,EUR,,\n\
            2022-03-05 10:00:00+02:00,BUY,100,EUR,FIAT,110,USD,,,,,,,\n\
            2022-03-06 10:00:00+02:00,SELL,1,LTC,CRYPTO,0.01,BTC,,,,,,,\n\
            2022-03-07 10:00:00+02:00,BUY,1,LTC,CRYPTO,100,USD,,,,0.1,BNB,,\n\
            2022-03-08 10:00:00+02:00,BORROW,1,LTC,CRYPTO,100,USD,,,,,,,\n\
            2022-03-09 10:00:00+02:00,BUY,0,LTC,CRYPTO,100,USD,,,,,,,\n";
        let reading = crate::import::read(format!("{HEADER}{text}").as_bytes(), &Choices::default()).unwrap();
        assert_eq!((reading.format, units(&reading)["NESN"], units(&reading)["LTC"]), ("delta", decimal("3"), decimal("0.5")));
        let all = entries(&reading);
        assert_eq!(
            (all[0].price, all[0].fee, all[0].when.time.to_string().as_str()),
            (decimal("120"), decimal("2"), "2022-03-01T08:00:00Z")
        );
        assert_eq!((all[1].price, all[1].fee, all[2].kind, all[2].amount), (decimal("130"), Decimal::ZERO, Fee, decimal("3")));
        assert_eq!((sum(&reading, Interest, "USD"), sum(&reading, Withdrawal, "EUR")), (decimal("60"), decimal("100")));
        assert_eq!(skips(&reading), [(6, Skip::CurrencyExchange), (7, Skip::NotKept("SELL BTC".to_owned()))]);
        let text = str::to_owned;
        assert_eq!(
            faults(&reading),
            [
                (8, Fault::NotACurrency(text("BNB"))),
                (9, Fault::UnknownKind(text("BORROW"))),
                (10, Fault::Senseless(text("base amount")))
            ]
        );
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/delta-transactions.csv", "delta") else { return };
        let [buy, deposit, dividend] = entries(&reading)[..] else { panic!() };
        assert_eq!(
            (buy.quantity, buy.price, buy.when.time.to_string().as_str()),
            (decimal("5"), decimal("250"), "2023-05-08T19:00:00Z")
        );
        assert_eq!((deposit.kind, deposit.amount), (Deposit, decimal("5000")));
        assert_eq!((dividend.kind, dividend.amount, dividend.fee), (Dividend, decimal("2.5"), decimal("0.5")));
        let words: Vec<Skip> = skips(&reading).into_iter().map(|(_, skip)| skip).collect();
        assert_eq!(words, ["BUY BTC", "SELL ETH", "WITHDRAW", "DEPOSIT"].map(|word| Skip::NotKept(word.to_owned())));
        assert_eq!(faults(&reading), []);
        assert_eq!(symbol_and_name("SOL (Solana)"), ("SOL", Some("Solana")));
    }
}
