//! Wealthfolio: the table of activities that it imports. What a row is says its type, and never a sign.

use rust_decimal::Decimal;

use super::kinds::class_named;
use super::reckoning::times;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::When;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

use ActivityKind::{Buy, Deposit, Dividend, Fee, Interest, Sell, Split, Tax, Withdrawal};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "wealthfolio",
    reader: Reader::Table(TableFormat {
        header: &[DATE, KIND, SYMBOL, CLASS, QUANTITY, PRICE, CURRENCY, FEE, AMOUNT, RATE],
        numbers: &[QUANTITY, PRICE, FEE, AMOUNT],
        dates: &[DATE],
        decimal: None,
        date: None,
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const DATE: Column = &["date"];
const KIND: Column = &["activitytype", "type"];
const SYMBOL: Column = &["symbol"];
const CLASS: Column = &["instrumenttype"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["unitprice", "unit_price"];
const CURRENCY: Column = &["currency"];
const FEE: Column = &["fee"];
const AMOUNT: Column = &["amount"];
// Its rate does not say of which currency, since the account is chosen beside the file: it is left to the rate of the day.
const RATE: Column = &["fxrate"];
const NOTE: Column = &["comment", "notes"];
const SUBTYPE: Column = &["subtype"];

/// The instrument of cash in older tables begins so.
const CASH: &str = "$CASH";

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.optional(KIND).ok_or_else(|| Fault::Missing(line.named(KIND)))?;
    let subtype = line.text(SUBTYPE).to_ascii_uppercase();
    let has_symbol = line.optional(SYMBOL).is_some_and(|symbol| !symbol.starts_with(CASH));
    if line.text(CLASS).eq_ignore_ascii_case("option") {
        return Ok(Fate::Skipped(Skip::NotKept(line.text(CLASS).to_owned())));
    }
    let when = line.when(DATE)?;
    match word.to_ascii_uppercase().as_str() {
        "BUY" => Ok(trade(line, Buy, when)?.into()),
        "SELL" => Ok(trade(line, Sell, when)?.into()),
        // The units of a dividend are those that it was paid for, reinvested or not.
        "DIVIDEND" => money(line, Dividend, when),
        "INTEREST" => money(line, Interest, when),
        "FEE" => money(line, Fee, when),
        "TAX" => money(line, Tax, when),
        "CREDIT" => match subtype.as_str() {
            "BONUS" => money(line, Interest, when),
            "REBATE" | "REFUND" => given_back(line, when),
            _ => Err(Fault::UnknownKind(word.to_owned())),
        },
        "TRANSFER_IN" | "ADD_HOLDING" if has_symbol => {
            with_money(trade(line, Buy, when)?, ActivityKind::Deposit, None, &line.named(PRICE)).map(Fate::Entries)
        }
        "TRANSFER_OUT" | "REMOVE_HOLDING" if has_symbol => {
            with_money(trade(line, Sell, when)?, ActivityKind::Withdrawal, None, &line.named(PRICE)).map(Fate::Entries)
        }
        "DEPOSIT" | "TRANSFER_IN" => money(line, Deposit, when),
        "WITHDRAWAL" | "TRANSFER_OUT" => money(line, Withdrawal, when),
        "SPLIT" => split(line, when),
        "CONVERSION_IN" | "CONVERSION_OUT" => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        "ADJUSTMENT" => Ok(Fate::Skipped(Skip::NotKept(word.to_owned()))),
        _ => Err(Fault::UnknownKind(word.to_owned())),
    }
}

fn entry(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Entry, Fault> {
    let class = line.optional(CLASS).and_then(class_named);
    let named = line.optional(SYMBOL).and_then(Named::symbol).filter(|_| kind.figures().ticker);
    if kind.figures().ticker && named.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    Ok(Entry {
        instrument: named.map(|named| Named { class, ..named }),
        currency: line.optional_currency(CURRENCY)?,
        fee: line.number_or_zero(FEE)?.abs(),
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, when)
    })
}

fn units(line: Line<'_>) -> Result<Decimal, Fault> {
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() { Err(Fault::Senseless(line.named(QUANTITY))) } else { Ok(units) }
}

fn trade(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Entry, Fault> {
    Ok(Entry { quantity: units(line)?, price: line.number(PRICE)?.abs(), ..entry(line, kind, when)? })
}

fn split(line: Line<'_>, when: When) -> Result<Fate, Fault> {
    let fee = Decimal::ZERO;
    Ok(Entry { quantity: units(line)?, fee, currency: None, ..entry(line, Split, when)? }.into())
}

/// Returns the amount: the one that is written, else of units at a price, else of a fee or tax what stands as its fee.
fn amount(line: Line<'_>, kind: ActivityKind) -> Result<Decimal, Fault> {
    let written = line.optional_number(AMOUNT)?.filter(|amount| !amount.is_zero());
    let of_units = || match (line.optional_number(QUANTITY)?, line.optional_number(PRICE)?) {
        (Some(units), Some(price)) => times(units, price, &line.named(PRICE)).map(|worth| Some(worth.normalize())),
        _ => Ok(None),
    };
    let amount = match written {
        Some(amount) => Some(amount),
        None if matches!(kind, Fee | Tax) => line.optional_number(FEE)?,
        None => of_units()?,
    };
    let amount = amount.ok_or_else(|| Fault::Missing(line.named(AMOUNT)))?;
    // Money that came in is above zero; what was paid and went out is written either way.
    let is_odd = matches!(kind, Dividend | Interest | Deposit) && amount < Decimal::ZERO;
    if is_odd || amount.is_zero() { Err(Fault::Senseless(line.named(AMOUNT))) } else { Ok(amount.abs()) }
}

fn money(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Fate, Fault> {
    let entry = Entry { amount: amount(line, kind)?, ..entry(line, kind, when)? };
    let fee = if matches!(kind, Fee | Tax) { Decimal::ZERO } else { entry.fee };
    Ok(Entry { fee, ..entry }.into())
}

fn given_back(line: Line<'_>, when: When) -> Result<Fate, Fault> {
    let amount = -amount(line, Deposit)?;
    Ok(Entry { amount, fee: Decimal::ZERO, ..entry(line, Fee, when)? }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{count, decimal, entries, faults, read_as, skips, sum, units};

    fn of(text: &str) -> Reading {
        let header = "date,type,symbol,instrumentType,quantity,unit_price,currency,fee,amount,comment,fxRate,subtype\n";
        let reading = crate::import::read(format!("{header}{text}").as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, "wealthfolio");
        reading
    }

    #[test]
    fn a_type_says_what_a_row_is_and_its_sign_does_not() {
        let reading = of("2023-02-01,BUY,NOVO-B.CO,EQUITY,8,700.5,DKK,29,,first,,\n\
            2023-02-02,sell,NOVO-B.CO,EQUITY,-3,710,DKK,29,,,,\n2023-02-03,TRANSFER_OUT,NOVO-B.CO,EQUITY,1,720,DKK,,,,,\n\
            2023-02-04,TRANSFER_IN,,,,,DKK,,900,,,\n2023-02-05,WITHDRAWAL,$CASH-DKK,,1,1,DKK,,-250.5,,,\n\
            2023-02-06,FEE,,,,,DKK,12,,,,\n2023-02-07,SPLIT,NOVO-B.CO,EQUITY,2,,,,,,,\n\
            2023-02-08,CREDIT,,,,,DKK,,40,,,bonus\n2023-02-09,CREDIT,,,,,DKK,,4,,,REFUND\n");
        assert_eq!(faults(&reading), []);
        assert_eq!(units(&reading)["NOVO-B.CO"], decimal("4"));
        let kinds: Vec<_> = entries(&reading).iter().map(|entry| (entry.kind, entry.amount)).collect();
        let nothing = Decimal::ZERO;
        assert_eq!(
            kinds,
            [
                (Buy, nothing),
                (Sell, nothing),
                (Sell, nothing),
                (Withdrawal, decimal("720")),
                (Deposit, decimal("900")),
                (Withdrawal, decimal("250.5")),
                (Fee, decimal("12")),
                (Split, nothing),
                (Interest, decimal("40")),
                (Fee, decimal("-4"))
            ]
        );
        let buy = entries(&reading)[0];
        assert_eq!((buy.fee, buy.note.as_deref()), (decimal("29"), Some("first")));
    }

    #[test]
    fn what_no_ledger_keeps_is_left_out_and_what_is_unclear_is_a_fault() {
        let reading = of("2023-02-01,CONVERSION_IN,,,,,DKK,,5,,,\n2023-02-02,BUY,X230616C1,OPTION,1,3,DKK,,,,,\n\
            2023-02-03,CREDIT,,,,,DKK,,40,,,\n2023-02-04,DIVIDEND,X,EQUITY,,,DKK,,-4,,,\n2023-02-05,BUY,,EQUITY,1,2,DKK,,,,,\n\
            2023-02-06,BUY,X,EQUITY,0,2,DKK,,,,,\n2023-02-07,INTEREST,,,,,DKK,,,,,\n");
        assert_eq!(skips(&reading), [(2, Skip::CurrencyExchange), (3, Skip::NotKept("OPTION".to_owned()))]);
        let text = str::to_owned;
        assert_eq!(
            faults(&reading),
            [
                (4, Fault::UnknownKind(text("CREDIT"))),
                (5, Fault::Senseless(text("amount"))),
                (6, Fault::Missing(text("symbol"))),
                (7, Fault::Senseless(text("quantity"))),
                (8, Fault::Missing(text("amount")))
            ]
        );
    }

    #[test]
    fn samples_give_their_figures() {
        let Some(reading) = read_as("ok/wealthfolio-activities.csv", "wealthfolio") else { return };
        assert_eq!((faults(&reading), skips(&reading)), (vec![], vec![]));
        let held = [("AAPL", "5"), ("GOOGL", "2"), ("MSFT", "5"), ("TD.TO", "20")];
        assert_eq!(crate::import::testing::units(&reading), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        let of_kind = |kind| entries(&reading).into_iter().find(|entry| entry.kind == kind).unwrap();
        assert_eq!((of_kind(Split).quantity, of_kind(Buy).fee), (decimal("3"), decimal("4.95")));
        assert_eq!(sum(&reading, Dividend, "USD"), decimal("64.9"));
        assert_eq!((sum(&reading, Deposit, "USD"), sum(&reading, Withdrawal, "USD")), (decimal("5280"), decimal("1000")));
        assert_eq!((sum(&reading, Fee, "USD"), sum(&reading, Tax, "USD")), (decimal("-25"), decimal("150")));
        let happy = read_as("ok/wealthfolio-happy-path.csv", "wealthfolio").unwrap();
        assert_eq!((faults(&happy), count(&happy, Buy)), (vec![], 4));
        let held = [("AAPL", "3"), ("MSFT", "5"), ("TD.TO", "10"), ("VOO", "3")];
        assert_eq!(crate::import::testing::units(&happy), held.map(|(name, units)| (name.to_owned(), decimal(units))).into());
        assert_eq!((sum(&happy, Deposit, "USD"), sum(&happy, Withdrawal, "USD")), (decimal("1000"), decimal("500")));
        assert_eq!((sum(&happy, Interest, "USD"), sum(&happy, Dividend, "USD")), (decimal("12.5"), decimal("2.25")));
    }
}
