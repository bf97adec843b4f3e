//! The raw table of a program that reckons British gains: usual columns, but a split tells the units that were added.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::columns;
use super::reckoning::{over, plus};
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line, Sheet};

const DATE: Column = &["date"];
const ACTION: Column = &["action"];
const SYMBOL: Column = &["symbol"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const FEES: Column = &["fees"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "raw",
    reader: Reader::Table(TableFormat {
        header: &[DATE, ACTION, SYMBOL, QUANTITY, PRICE, FEES, &["currency"]],
        numbers: &[QUANTITY, PRICE, FEES],
        dates: &[DATE],
        decimal: None,
        date: None,
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let mut rows = sheet.rows(|line| if is_split(line) { split(line) } else { columns::row(line) });
    let mut held: BTreeMap<Option<Named>, Decimal> = BTreeMap::new();
    for row in in_order_of_time(&mut rows) {
        let Fate::Entries(entries) = &mut row.fate else { continue };
        let Some(entry) = entries.first_mut() else { continue };
        let units = held.entry(entry.instrument.clone()).or_default();
        if let Err(fault) = follow(units, entry) {
            row.fate = Fate::Refused(fault);
        }
    }
    rows
}

fn is_split(line: Line<'_>) -> bool {
    line.text(ACTION).eq_ignore_ascii_case("stock_split")
}

fn split(line: Line<'_>) -> Result<Fate, Fault> {
    let instrument = Some(Named::symbol(line.text(SYMBOL)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?);
    Ok(Entry { instrument, quantity: line.number(QUANTITY)?, ..Entry::new(ActivityKind::Split, line.when(DATE)?) }.into())
}

/// Returns rows in the order in which they happened: those of one day as the file has them, or from its end where it begins with the newest.
fn in_order_of_time(rows: &mut [Row]) -> Vec<&mut Row> {
    let time = |row: &Row| match &row.fate {
        Fate::Entries(entries) => entries.first().map(|entry| entry.when.time),
        _ => None,
    };
    let mut times = rows.iter().filter_map(time);
    let is_newest_first = times.next().is_some_and(|first| times.next_back().is_some_and(|last| last < first));
    let mut ordered: Vec<&mut Row> = rows.iter_mut().collect();
    if is_newest_first {
        ordered.reverse();
    }
    ordered.sort_by_key(|row| time(row));
    ordered
}

/// Counts the units of an instrument, and makes of units that a split added those after it for one before.
fn follow(held: &mut Decimal, entry: &mut Entry) -> Result<(), Fault> {
    let name = "quantity";
    match entry.kind {
        ActivityKind::Buy => *held = plus(*held, entry.quantity, name)?,
        ActivityKind::Sell => *held = plus(*held, -entry.quantity, name)?,
        // Without the units before it, what one of them became cannot be told.
        ActivityKind::Split if *held <= Decimal::ZERO => return Err(Fault::Unpaired),
        ActivityKind::Split => {
            let after = plus(*held, entry.quantity, name)?;
            entry.quantity = over(after, *held, name)?;
            *held = after;
            if entry.quantity <= Decimal::ZERO {
                return Err(Fault::Senseless(name.to_owned()));
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Skip;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn a_split_is_told_by_the_units_that_it_added() {
        let text = "date,action,symbol,quantity,price,fees,currency\n\
            2024-03-01,SELL,A,30,2,1,USD\n\
            2024-02-01,STOCK_SPLIT,A,20,0,0,USD\n\
            2024-02-01,STOCK_SPLIT,B,20,0,0,USD\n\
            2024-01-01,BUY,A,10,5,1,USD\n\
            date,action,symbol,quantity,price,fees,currency\n\
            2024-01-01,BARTER,A,10,5,1,USD\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        let all = entries(&reading);
        assert_eq!((all[1].kind, all[1].quantity, all[0].fee), (ActivityKind::Split, decimal("3"), decimal("1")));
        assert_eq!(faults(&reading), [(4, Fault::Unpaired), (7, Fault::UnknownKind("BARTER".to_owned()))]);
        assert_eq!(skips(&reading), [(6, Skip::Header)]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(raw) = read_as("ok/raw-trades.csv", "raw") else { return };
        let units = units(&raw);
        assert_eq!((units["BABA"], units["OPRA"], units["FB"] + units["META"]), (decimal("30"), decimal("120"), decimal("119")));
        let split = entries(&raw).into_iter().find(|entry| entry.kind == ActivityKind::Split).unwrap();
        assert_eq!((units["AMZN"] * split.quantity, faults(&raw)), (decimal("210"), vec![]));
        assert_eq!(sum(&raw, ActivityKind::Dividend, "USD").round_dp(2), decimal("3369.68"));
        let cash: Decimal = entries(&raw)
            .iter()
            .map(|entry| match entry.kind {
                ActivityKind::Buy => -entry.quantity * entry.price - entry.fee,
                ActivityKind::Sell => entry.quantity * entry.price - entry.fee,
                _ => entry.amount,
            })
            .sum();
        assert_eq!(cash.round_dp(2), decimal("-28486.60"));
    }

    #[test]
    fn other_tables_of_usual_columns_in_the_collection_are_read_as_it_says() {
        let Some(signed) = read_as("ok/sure-trades.csv", columns::NAME) else { return };
        let expected =
            [("AAPL", "5"), ("MSFT", "8"), ("AMZN", "8"), ("NVDA", "12"), ("GOOGL", "3"), ("TSLA", "20"), ("META", "25")];
        assert_eq!(units(&signed), expected.map(|(symbol, units)| (symbol.to_owned(), decimal(units))).into());
        let unpadded = read_as("warn/generic-unpadded-day.csv", columns::NAME).unwrap();
        let dividend = entries(&unpadded)[0];
        assert_eq!((dividend.when.time.to_string().as_str(), dividend.tax), ("2023-08-08T00:00:00Z", decimal("0.02")));
        assert_eq!(dividend.amount, decimal("0.087669"));
    }
}
