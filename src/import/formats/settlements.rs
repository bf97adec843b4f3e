//! A broker's statement of settlements, as it is typed by hand: words of many kinds, dates of two forms, net amounts with currency signs.

use rust_decimal::Decimal;

use super::kinds::kind_named;
use super::reckoning::{booked_price, plus};
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::When;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::table::{Column, Line};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "settlements",
    reader: Reader::Table(TableFormat {
        header: &[DATE, SIDE, SYMBOL, NAME, QUANTITY, PRICE, NET, FEE, CURRENCY],
        numbers: &[QUANTITY, PRICE, NET, FEE],
        dates: &[DATE, &["settlement date"]],
        decimal: None,
        date: None,
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const DATE: Column = &["trade date"];
const SIDE: Column = &["side"];
const SYMBOL: Column = &["symbol"];
const NAME: Column = &["company"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["per share cost"];
const NET: Column = &["settle amount net"];
const FEE: Column = &["fee"];
const CURRENCY: Column = &["currency"];
const NOTE: Column = &["notes"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    // The figure of a total may be parted by its own comma.
    if line.at(0).to_lowercase().starts_with("total") {
        return Ok(Fate::Skipped(Skip::Footer));
    }
    let word = line.optional(SIDE).ok_or_else(|| Fault::Missing(line.named(SIDE)))?;
    let when = line.when(DATE)?;
    match word.to_lowercase().as_str() {
        "forex" => Ok(Fate::Skipped(Skip::CurrencyExchange)),
        "drip" => {
            with_money(trade(line, ActivityKind::Buy, when)?, ActivityKind::Dividend, None, &line.named(NET)).map(Fate::Entries)
        }
        "cash deposit" => money(line, ActivityKind::Deposit, when),
        "interest earned" => money(line, ActivityKind::Interest, when),
        _ => match kind_named(word) {
            Some(kind @ (ActivityKind::Buy | ActivityKind::Sell)) => trade(line, kind, when).map(Fate::from),
            Some(ActivityKind::Split) => split(line, when),
            Some(kind) => money(line, kind, when),
            None => Err(Fault::UnknownKind(word.to_owned())),
        },
    }
}

fn entry(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Entry, Fault> {
    let named = Named::of(line.optional(SYMBOL), None, line.optional(NAME));
    if kind.figures().ticker && named.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    Ok(Entry {
        instrument: named.filter(|_| kind.figures().ticker),
        currency: Some(line.currency(CURRENCY)?),
        fee: line.number_or_zero(FEE)?.abs(),
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, when)
    })
}

fn trade(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Entry, Fault> {
    let entry = entry(line, kind, when)?;
    let units = line.number(QUANTITY)?.abs();
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let written = line.optional_number(PRICE)?;
    let price = match line.optional_number(NET)? {
        Some(net) => {
            let fee = if kind == ActivityKind::Buy { -entry.fee } else { entry.fee };
            booked_price(written, units, plus(net.abs(), fee, &line.named(NET))?, &line.named(NET))?
        }
        None => written.map(|price| price.abs()).ok_or_else(|| Fault::Missing(line.named(PRICE)))?,
    };
    if price < Decimal::ZERO {
        return Err(Fault::Senseless(line.named(NET)));
    }
    Ok(Entry { quantity: units, price, ..entry })
}

fn split(line: Line<'_>, when: When) -> Result<Fate, Fault> {
    let quantity = line.number(NET)?;
    if quantity <= Decimal::ZERO {
        return Err(Fault::Senseless(line.named(NET)));
    }
    Ok(Entry { quantity, fee: Decimal::ZERO, ..entry(line, ActivityKind::Split, when)? }.into())
}

fn money(line: Line<'_>, kind: ActivityKind, when: When) -> Result<Fate, Fault> {
    let amount = line.number(NET)?;
    let is_odd = !kind.takes_money() && amount < Decimal::ZERO;
    if amount.is_zero() || is_odd {
        return Err(Fault::Senseless(line.named(NET)));
    }
    Ok(Entry { amount: amount.abs(), ..entry(line, kind, when)? }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::dates::DateForm;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn net_amounts_decide_the_price_and_lines_around_the_table_are_no_rows() {
        let text = "Statement of a broker\nDate,Trade Date,Side,Symbol,Company,Quantity,Per Share Cost,Settle Amount Net,Fee,Currency,Notes\n\
            ,02/20/2023,Bought,HMB,H&M,4,$100.00,$410.00,$2.00,USD,\n,2023-02-21,SOLD,HMB,H&M,1,$110.00,$108.00,$2.00,USD,\n\
            ,2023-02-22,DRIP,HMB,H&M,0.5,100,50,,USD,\n,2023-02-23,Lent,HMB,,1,,,,USD,\n,2023-02-24,Buy,HMB,,0,,,,USD,\n\
            ,2023-02-25,Buy,HMB,,1,,1,2,USD,\nTotal: $1,234.00,,,,,,,,,\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!((reading.format, reading.date), ("settlements", Some(DateForm::MonthFirst)));
        let all = entries(&reading);
        assert_eq!((all[0].price, all[1].price), (decimal("102"), decimal("110")));
        assert_eq!((all[2].kind, all[2].amount, all[3].quantity), (ActivityKind::Dividend, decimal("50"), decimal("0.5")));
        assert_eq!(skips(&reading), [(9, Skip::Footer)]);
        let column = |name: &str| Fault::Senseless(name.to_owned());
        let unknown = Fault::UnknownKind("Lent".to_owned());
        assert_eq!(faults(&reading), [(6, unknown), (7, column("quantity")), (8, column("settle amount net"))]);
    }

    #[test]
    fn the_sample_names_every_fault_by_its_line() {
        let Some(reading) = read_as("warn/wealthfolio-edge-cases.csv", "settlements") else { return };
        let text = str::to_owned;
        assert_eq!(
            faults(&reading),
            [
                (15, Fault::Missing(text("side"))),
                (16, Fault::NotANumber(text("10:1"))),
                (20, Fault::NotADate(text("not-a-date"))),
                (21, Fault::NotANumber(text("abc"))),
            ]
        );
        assert_eq!(skips(&reading), [(17, Skip::CurrencyExchange), (22, Skip::Footer), (23, Skip::Footer)]);
        let held = units(&reading);
        for (name, expected) in [("NET", "100"), ("Tesla", "10"), ("MSFT", "0.5"), ("GOOGL", "5")] {
            assert_eq!(held[name], decimal(expected), "{name}");
        }
        // The sale stands twice; that they are the same is not told by the file.
        assert_eq!(held.get("AAPL"), None);
        assert_eq!(sum(&reading, ActivityKind::Dividend, "USD"), decimal("260.6"));
    }
}
