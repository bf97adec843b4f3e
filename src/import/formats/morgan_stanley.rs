//! Morgan Stanley at Work: the releases of a plan of shares as CSV.

use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// The name of the format.
pub const NAME: &str = "morgan_stanley";

const DATE: Column = &["vest date"];
const ORDER: Column = &["order number"];
const PLAN: Column = &["plan"];
const TYPE: Column = &["type"];
const STATUS: Column = &["status"];
const PRICE: Column = &["price"];
const NET: Column = &["net share proceeds"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, ORDER, PLAN, TYPE, STATUS, PRICE, &["quantity"], NET],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

/// Reads shares that were given, less those that were kept for taxes, at what they were worth that day.
fn row(line: Line<'_>) -> Result<Fate, Fault> {
    if line.text(TYPE) != "Release" {
        return Err(Fault::UnknownKind(line.text(TYPE).to_owned()));
    }
    match line.text(STATUS) {
        "Complete" | "Completed" => {}
        "Cancelled" | "Canceled" => return Ok(Fate::Skipped(Skip::Cancelled)),
        _ => return Ok(Fate::Skipped(Skip::Pending)),
    }
    let plan = line.text(PLAN);
    let quantity = line.number(NET)?;
    if quantity.is_zero() {
        return Ok(Fate::Skipped(Skip::Nothing));
    }
    let purchase = Entry {
        instrument: Some(Named::of(None, None, Some(plan)).ok_or_else(|| Fault::Missing(line.named(PLAN)))?),
        quantity: quantity.abs(),
        price: line.number(PRICE)?,
        currency: Some(currency("USD")?),
        // One order may release the shares of several days and plans.
        reference: line.optional(ORDER).map(|order| format!("{NAME} {order} {} {plan}", line.text(DATE))),
        ..Entry::new(ActivityKind::Buy, line.when(DATE)?)
    };
    with_money(purchase, ActivityKind::Deposit, None, "amount").map(Fate::Entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, units};

    #[test]
    fn shares_that_were_released_come_at_their_worth() {
        let text = "Vest Date,Order Number,Plan,Type,Status,Price,Quantity,Net Cash Proceeds,Net Share Proceeds,Tax Payment Method\n\
            05-Mar-2024,ABC1,Plan A,Release,Complete,\"$1,000.50\",10.000,$0.00,6.0,Fractional Shares\n\
            05-Mar-2025,ABC2,Plan A,Release,Staged,$1,10.000,$0.00,6.0,Fractional Shares\n\
            05-Mar-2025,ABC3,Plan A,Barter,Complete,$1,10.000,$0.00,6.0,Fractional Shares\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(
            (entries(&reading)[0].amount, cash(&reading, "USD"), units(&reading)["Plan A"]),
            (decimal("6003"), decimal("0"), decimal("6"))
        );
        assert_eq!(entries(&reading)[1].reference.as_deref(), Some("morgan_stanley ABC1 05-Mar-2024 Plan A"));
        assert_eq!(skips(&reading), [(3, Skip::Pending)]);
        assert_eq!(faults(&reading), [(4, Fault::UnknownKind("Barter".to_owned()))]);
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/morgan-stanley-releases.csv", NAME) else { return };
        assert_eq!((units(&reading)["GSU Class C"], faults(&reading).len()), (decimal("233.201"), 0));
        assert_eq!((entries(&reading)[1].quantity, entries(&reading)[1].price), (decimal("212"), decimal("102.25")));
        assert_ne!(entries(&reading)[1].reference, entries(&reading)[3].reference);
    }
}
