//! Google Finance: a portfolio as it exported it. It names no currency.

use rust_decimal::Decimal;

use super::settled::checked;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: "google_finance",
    reader: Reader::Table(TableFormat {
        header: &[SYMBOL, NAME, KIND, DATE, SHARES, PRICE, CASH, COMMISSION, NOTE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

const SYMBOL: Column = &["symbol"];
const NAME: Column = &["name"];
const KIND: Column = &["type"];
const DATE: Column = &["date"];
const SHARES: Column = &["shares"];
const PRICE: Column = &["price"];
const CASH: Column = &["cash value"];
const COMMISSION: Column = &["commission"];
const NOTE: Column = &["notes"];

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let word = line.text(KIND).to_lowercase();
    match word.as_str() {
        "buy" | "buy to cover" => trade(line, ActivityKind::Buy),
        "sell" => trade(line, ActivityKind::Sell),
        "sell short" => {
            let Fate::Entries(mut entries) = trade(line, ActivityKind::Sell)? else { return Err(Fault::Unpaired) };
            entries.iter_mut().for_each(|entry| entry.opens_short = true);
            Ok(Fate::Entries(entries))
        }
        "deposit cash" => cash(line, ActivityKind::Deposit),
        "withdraw cash" => cash(line, ActivityKind::Withdrawal),
        // What is watched and not held has no type.
        "" if line.optional(SHARES).is_none() && line.optional(CASH).is_none() => Ok(Fate::Skipped(Skip::Nothing)),
        "" => Err(Fault::Missing(line.named(KIND))),
        _ => Err(Fault::UnknownKind(line.text(KIND).to_owned())),
    }
}

fn entry(line: Line<'_>, kind: ActivityKind) -> Result<Entry, Fault> {
    Ok(Entry {
        fee: line.number_or_zero(COMMISSION)?,
        note: line.optional(NOTE).map(str::to_owned),
        ..Entry::new(kind, line.when(DATE)?)
    })
}

fn trade(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let symbol = line.optional(SYMBOL).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
    let (quantity, price) = (line.number(SHARES)?, line.number(PRICE)?);
    for (column, is_sensible) in [(SHARES, quantity > Decimal::ZERO), (PRICE, price >= Decimal::ZERO)] {
        if !is_sensible {
            return Err(Fault::Senseless(line.named(column)));
        }
    }
    let instrument = Named::of(Some(symbol), None, line.optional(NAME));
    Ok(Entry { instrument, quantity, price, ..entry(line, kind)? }.into())
}

fn cash(line: Line<'_>, kind: ActivityKind) -> Result<Fate, Fault> {
    let amount = line.number(CASH)?.abs();
    if amount.is_zero() {
        return Err(Fault::Senseless(line.named(CASH)));
    }
    checked(Entry { amount, ..entry(line, kind)? }, &line.named(COMMISSION)).map(Fate::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{decimal, entries, faults, read_as, skips};

    #[test]
    fn trades_and_cash_are_read_by_their_type() {
        let text = "\u{feff}Symbol,Name,Type,Date,Shares,Price,Cash value,Commission,Notes\n\
            NESN,Nestle,Buy,\"Mar 4, 2015\",10,\"1,075.5\",,9.5,first\nNESN,Nestle,Sell short,\"Mar 5, 2015\",2,74,,,\n\
            ,,Deposit Cash,\"Mar 6, 2015\",,,500.25,,\n,,Withdraw Cash,\"Mar 7, 2015\",,,-20,,\nROG,Roche,,,,,,,\n\
            NESN,Nestle,Lend,\"Mar 8, 2015\",1,1,,,\nNESN,Nestle,Sell,\"Mar 9, 2015\",0,1,,,\n,,Deposit Cash,\"Mar 9, 2015\",,,0,,\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(reading.format, "google_finance");
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[0].currency), (decimal("1075.5"), decimal("9.5"), None));
        assert_eq!((all[1].kind, all[1].opens_short), (ActivityKind::Sell, true));
        assert_eq!([all[2], all[3]].map(|entry| entry.amount), ["500.25", "20"].map(decimal));
        assert_eq!(skips(&reading), [(6, Skip::Nothing)]);
        let column = |name: &str| Fault::Senseless(name.to_owned());
        let expected = [(7, Fault::UnknownKind("Lend".to_owned())), (8, column("shares")), (9, column("cash value"))];
        assert_eq!(faults(&reading), expected);
    }

    #[test]
    fn the_sample_gives_its_figures() {
        let Some(reading) = read_as("ok/google-finance-portfolio.csv", "google_finance") else { return };
        let [buy] = entries(&reading)[..] else { panic!() };
        assert_eq!((buy.quantity, buy.quantity * buy.price + buy.fee), (decimal("195"), decimal("5213.29")));
        assert_eq!((buy.when.time.to_string().as_str(), buy.currency), ("2016-02-09T00:00:00Z", None));
    }
}
