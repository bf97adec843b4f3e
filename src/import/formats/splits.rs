//! A table of splits: how many units became how many.

use super::reckoning::over;
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

const SYMBOL: Column = &["symbol"];
const DATE: Column = &["date"];
const BEFORE: Column = &["stocksplitfrom"];
const AFTER: Column = &["stocksplitto"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "splits",
    reader: Reader::Table(TableFormat {
        header: &[SYMBOL, DATE, BEFORE, AFTER],
        numbers: &[BEFORE, AFTER],
        dates: &[DATE],
        decimal: None,
        date: None,
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let quantity = over(line.number(AFTER)?, line.number(BEFORE)?, &line.named(BEFORE))?;
    if quantity.is_zero() || quantity.is_sign_negative() {
        return Err(Fault::Senseless(line.named(AFTER)));
    }
    let named = Named::symbol(line.text(SYMBOL)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
    Ok(Entry { instrument: Some(named), quantity, ..Entry::new(ActivityKind::Split, line.when(DATE)?) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Skip;
    use crate::import::reading::{Choices, read};
    use crate::import::testing::{decimal, entries, faults, read_as, skips};

    #[test]
    fn units_after_are_told_for_one_before() {
        let text =
            "Symbol,Date,StockSplitFrom,StockSplitTo\nAAPL,2020-08-31,1,4\n,,,\nAAPL,2020-08-31,0,4\nAAPL,2020-08-31,4,0\n";
        let reading = read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(entries(&reading)[0].quantity, decimal("4"));
        let senseless = |column: &str| Fault::Senseless(column.to_owned());
        assert_eq!(faults(&reading), [(4, senseless("stocksplitfrom")), (5, senseless("stocksplitto"))]);
        assert_eq!(skips(&reading), [(3, Skip::Blank)]);
    }

    #[test]
    fn the_collection_is_read_as_it_says() {
        let Some(reading) = read_as("ok/generic-split.csv", "splits") else { return };
        let split = entries(&reading)[0];
        assert_eq!((split.quantity, split.instrument.as_ref().unwrap().isin.is_some()), (decimal("3"), true));
    }
}
