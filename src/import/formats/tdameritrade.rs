//! TD Ameritrade: the transactions of an account as CSV, which people keep from before it became a part of Schwab.

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
pub const NAME: &str = "tdameritrade";

const DATE: Column = &["date"];
const ID: Column = &["transaction id"];
const DESCRIPTION: Column = &["description"];
const QUANTITY: Column = &["quantity"];
const SYMBOL: Column = &["symbol"];
const PRICE: Column = &["price"];
const COMMISSION: Column = &["commission"];
const AMOUNT: Column = &["amount"];
const REGULATORY: Column = &["reg fee"];

/// Columns of fees.
const FEES: [Column; 5] = [COMMISSION, REGULATORY, &["short-term rdm fee"], &["fund redemption fee"], &["deferred sales charge"]];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, ID, DESCRIPTION, QUANTITY, SYMBOL, PRICE, COMMISSION, AMOUNT, REGULATORY],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let description = line.text(DESCRIPTION);
    let upper = description.to_uppercase();
    let symbol = line.text(SYMBOL);
    // An option is named by its day, its price and its right.
    if is_option(symbol) || symbol.ends_with(" Call") || symbol.ends_with(" Put") {
        return Ok(Fate::Skipped(Skip::NotKept(description.to_owned())));
    }
    let entry = Entry {
        instrument: Named::symbol(symbol),
        currency: Some(currency("USD")?),
        note: Some(description.to_owned()),
        reference: line.optional(ID).map(|id| format!("{NAME} {id}")),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let amount = line.number(AMOUNT)?;
    let has = |word: &str| upper.contains(word);
    match upper.split_whitespace().next().unwrap_or_default() {
        "BOUGHT" => trade(line, entry, ActivityKind::Buy, amount),
        "SOLD" => trade(line, entry, ActivityKind::Sell, amount),
        _ if has("INTERNAL TRANSFER") => Ok(Fate::Skipped(Skip::InternalTransfer)),
        _ if has("WITHHOLDING") || has("FOREIGN TAX") => Ok(settled::charged(entry, ActivityKind::Tax, amount)),
        _ if has("DIVIDEND") || has("GAIN DISTRIBUTION") || has("CAPITAL GAINS") => settled::dividend(entry, amount),
        _ if has("INTEREST") => Ok(settled::interest(entry, amount)),
        _ if has(" FEE") || has("REBATE") => Ok(settled::charged(entry, ActivityKind::Fee, amount)),
        _ if has("FUNDING RECEIPT") || has("FUNDING DISBURSEMENT") || has("WIRE") || has("ACH ") => {
            Ok(settled::moved(entry, amount))
        }
        _ => Err(Fault::UnknownKind(description.to_owned())),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind, amount: Decimal) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let quantity = line.number(QUANTITY)?.abs();
    let mut fee = Decimal::ZERO;
    for column in FEES {
        fee = fee.checked_add(line.number_or_zero(column)?.abs()).ok_or_else(|| Fault::Senseless(line.named(column)))?;
    }
    let price = settled::price(kind, quantity, line.optional_number(PRICE)?, Some(amount), fee)?;
    Ok(Entry { kind, quantity, price, fee, note: None, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn rows_are_read_by_their_words() {
        let text = "DATE,TRANSACTION ID,DESCRIPTION,QUANTITY,SYMBOL,PRICE,COMMISSION,AMOUNT,REG FEE,SHORT-TERM RDM FEE,FUND REDEMPTION FEE, DEFERRED SALES CHARGE\n\
            03/05/2020,100,Bought 3 F @ 10,3,F,10.00,1.00,-31.00,,,,\n\
            03/06/2020,101,Sold 3 F @ 11,3,F,11.00,0.00,32.99,0.01,,,\n\
            03/06/2020,102,ORDINARY DIVIDEND (F),,F,,,1.50,,,,\n\
            03/06/2020,103,Bought 1 F Jan 15 2021 10.0 Call @ 1,1,F Jan 15 2021 10.0 Call,1,0,-100,,,,\n\
            03/06/2020,104,BARTER,,F,,,1.50,,,,\n\
            ***END OF FILE***\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        let all = entries(&reading);
        assert_eq!(
            (all[0].fee, all[0].reference.as_deref(), all[1].fee),
            (decimal("1"), Some("tdameritrade 100"), decimal("0.01"))
        );
        assert_eq!(sum(&reading, ActivityKind::Dividend, "USD"), decimal("1.5"));
        assert_eq!(skips(&reading), [(5, Skip::NotKept("Bought 1 F Jan 15 2021 10.0 Call @ 1".to_owned())), (7, Skip::Footer)]);
        assert_eq!(faults(&reading), [(6, Fault::UnknownKind("BARTER".to_owned()))]);
    }

    #[test]
    fn the_money_counts_where_the_sample_contradicts_itself() {
        let Some(reading) = read_as("warn/tdameritrade-transactions.csv", NAME) else { return };
        assert_eq!((units(&reading).len(), entries(&reading).len(), faults(&reading).len()), (0, 3, 0));
        assert_eq!(entries(&reading)[0].price, decimal("4.3248"));
    }
}
