//! E*TRADE: the transactions of an account as CSV.

use rust_decimal::Decimal;

use super::kinds::is_option;
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// The name of the format.
pub const NAME: &str = "etrade";

const DATE: Column = &["transactiondate"];
const TYPE: Column = &["transactiontype"];
const SECURITY: Column = &["securitytype"];
const SYMBOL: Column = &["symbol"];
const QUANTITY: Column = &["quantity"];
const AMOUNT: Column = &["amount"];
const PRICE: Column = &["price"];
const COMMISSION: Column = &["commission"];
const DESCRIPTION: Column = &["description"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, TYPE, SECURITY, SYMBOL, QUANTITY, AMOUNT, PRICE, COMMISSION, DESCRIPTION],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = line.text(TYPE);
    let lower = kind.to_lowercase();
    if line.text(SECURITY).starts_with("OPT") || is_option(line.text(SYMBOL)) {
        return Ok(Fate::Skipped(Skip::NotKept(line.text(SECURITY).to_owned())));
    }
    let description = line.text(DESCRIPTION).split_whitespace().collect::<Vec<_>>().join(" ");
    let entry = Entry {
        instrument: line.optional(SYMBOL).and_then(|symbol| Named::of(Some(symbol), None, Some(&description))),
        currency: Some(currency("USD")?),
        note: Some(description).filter(|text| !text.is_empty()),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let amount = line.number(AMOUNT)?;
    let has = |word: &str| lower.split([' ', '-', '/']).any(|known| known == word);
    match lower.as_str() {
        "bought" | "reinvestment" | "dividend reinvestment" => trade(line, entry, ActivityKind::Buy, amount),
        "sold" | "redemption" => trade(line, entry, ActivityKind::Sell, amount),
        "sold short" => trade(line, entry, ActivityKind::Sell, amount),
        "bought to cover" => trade(line, entry, ActivityKind::Buy, amount),
        _ if has("dividend") || has("distribution") => settled::dividend(entry, amount),
        _ if has("interest") => Ok(settled::interest(entry, amount)),
        _ if has("fee") || has("fees") => Ok(settled::charged(entry, ActivityKind::Fee, amount)),
        _ if has("tax") || has("withholding") => Ok(settled::charged(entry, ActivityKind::Tax, amount)),
        _ if has("transfer") || has("deposit") || has("withdrawal") || has("wire") || has("contribution") => {
            if line.number_or_zero(QUANTITY)?.is_zero() {
                Ok(settled::moved(entry, amount))
            } else {
                Err(Fault::UnknownKind(kind.to_owned()))
            }
        }
        _ => Err(Fault::UnknownKind(kind.to_owned())),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind, amount: Decimal) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let quantity = line.number(QUANTITY)?.abs();
    let written = line.optional_number(PRICE)?;
    let mut fee = line.number_or_zero(COMMISSION)?.abs();
    if let (Some(price), true) = (written, fee.is_zero()) {
        // What exchanges and regulators take, and what is rounded to a cent, is in no column.
        fee = settled::fee_within(kind, quantity, price, amount);
    }
    let price = settled::price(kind, quantity, written, Some(amount), fee)?;
    let opens_short = line.text(TYPE).eq_ignore_ascii_case("sold short");
    Ok(Entry { kind, quantity, price, fee, opens_short, note: None, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, units};

    #[test]
    fn rows_are_read_by_their_type() {
        let text = "For Account:,####0000\n\nTransactionDate,TransactionType,SecurityType,Symbol,Quantity,Amount,Price,Commission,Description\n\n\
            03/05/24,Sold,EQ,F,-10,119.97,12,0,FORD   MOTOR\n\
            03/04/24,Bought,EQ,F,10,-105,10,5,FORD   MOTOR\n\
            03/03/24,Dividend,EQ,F,0,1.5,0,0,FORD\n\
            03/02/24,Bought To Open,OPTN,F CALL,1,-10,0.1,0,CALL\n\
            03/01/24,Transfer,UNKNOWN, ,0,-50,0,0,ACH\n\
            03/01/24,Barter,UNKNOWN, ,0,-50,0,0,ACH\n\
            13/01/24,Bought,EQ,F,1,-50,50,0,FORD\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[1].fee), (decimal("12"), decimal("0.03"), decimal("5")));
        assert_eq!((cash(&reading, "USD"), units(&reading).len()), (decimal("-33.53"), 0));
        assert_eq!(skips(&reading), [(8, Skip::NotKept("OPTN".to_owned()))]);
        assert_eq!(
            faults(&reading),
            [(10, Fault::UnknownKind("Barter".to_owned())), (11, Fault::NotADate("13/01/24".to_owned()))]
        );
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/etrade-transactions.csv", NAME) else { return };
        assert_eq!((units(&reading)["SQQQ"], units(&reading).len(), faults(&reading).len()), (decimal("9"), 1, 0));
        assert_eq!(cash(&reading, "USD"), decimal("211.56"));
        let of = |symbol: &str| {
            let mut sum = Decimal::ZERO;
            for entry in entries(&reading)
                .iter()
                .filter(|entry| entry.instrument.as_ref().is_some_and(|named| named.symbol.as_deref() == Some(symbol)))
            {
                let gross = entry.quantity * entry.price;
                sum += if entry.kind == ActivityKind::Sell { gross - entry.fee } else { -gross - entry.fee };
            }
            sum.round_dp(2)
        };
        assert_eq!(
            (of("AMZN"), of("TSLA"), of("FAS"), of("TQQQ")),
            (decimal("-2.71"), decimal("-7.15"), decimal("-0.03"), decimal("3.21"))
        );
    }
}
