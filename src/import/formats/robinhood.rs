//! Robinhood: the activity of an account as CSV.

use rust_decimal::Decimal;

use super::carried::{self, Step};
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

/// The name of the format.
pub const NAME: &str = "robinhood";

const DATE: Column = &["activity date"];
const INSTRUMENT: Column = &["instrument"];
const DESCRIPTION: Column = &["description"];
const CODE: Column = &["trans code"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const AMOUNT: Column = &["amount"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, &["process date"], &["settle date"], INSTRUMENT, DESCRIPTION, CODE, QUANTITY, PRICE, AMOUNT],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let step = |line: Line<'_>| {
        let step = match line.passed_over() {
            Some(skip) => Step::Fate(Fate::Skipped(skip)),
            None => step(line).unwrap_or_else(|fault| Step::Fate(Fate::Refused(fault))),
        };
        (line.number_of_line(), step)
    };
    carried::rows(sheet.lines().map(step).collect())
}

fn step(line: Line<'_>) -> Result<Step, Fault> {
    let code = line.text(CODE);
    if ["BTO", "BTC", "STO", "STC", "OEXP", "OASGN", "OEXCS", "OCA", "OCC"].contains(&code) {
        return Ok(Step::Fate(Fate::Skipped(Skip::NotKept(code.to_owned()))));
    }
    // The first line of a description is the name of the instrument.
    let name = line.text(DESCRIPTION).lines().next().unwrap_or_default();
    let is_trade = ["Buy", "Sell"].contains(&code);
    let entry = Entry {
        instrument: Named::of(line.optional(INSTRUMENT), None, Some(name).filter(|_| is_trade))
            .filter(|_| line.optional(INSTRUMENT).is_some()),
        currency: Some(currency("USD")?),
        note: Some(name.to_owned()).filter(|name| !is_trade && !name.is_empty()),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    match code {
        "SPL" => Ok(Step::Added(with_units(line, entry, ActivityKind::Split)?.1)),
        "MRGS" | "SPR" | "NC" | "SYMX" => {
            let (arrives, entry) = with_units(line, entry, ActivityKind::Buy)?;
            Ok(Step::Exchanged { entry, group: format!("{} {code}", line.text(DATE)), arrives })
        }
        _ => fate(line, entry, code).map(Step::Fate),
    }
}

fn fate(line: Line<'_>, entry: Entry, code: &str) -> Result<Fate, Fault> {
    let amount = || line.number(AMOUNT);
    match code {
        "Buy" => trade(line, entry, ActivityKind::Buy),
        "Sell" => trade(line, entry, ActivityKind::Sell),
        // Shares that were given come for nothing.
        "REC" => Ok(with_units(line, entry, ActivityKind::Buy)?.1.into()),
        "CDIV" | "MDIV" | "CIL" => settled::dividend(entry, amount()?),
        "INT" | "SLIP" | "GDBP" | "MINT" => Ok(settled::interest(entry, amount()?)),
        "GOLD" | "AFEE" | "DFEE" | "FEE" => Ok(settled::charged(entry, ActivityKind::Fee, amount()?)),
        "DTAX" | "TAX" => Ok(settled::charged(entry, ActivityKind::Tax, amount()?)),
        "ACH" | "RTP" | "WIRE" | "ITRF" | "XENT" => Ok(settled::moved(entry, amount()?)),
        _ => Err(Fault::UnknownKind(code.to_owned())),
    }
}

/// Returns whether units come, and an entry of them. Of an exchange an `S` behind them says that they leave.
fn with_units(line: Line<'_>, entry: Entry, kind: ActivityKind) -> Result<(bool, Entry), Fault> {
    let written = line.optional(QUANTITY).ok_or_else(|| Fault::Missing(line.named(QUANTITY)))?;
    let bare = written.strip_suffix('S');
    let quantity = line.number_of(bare.unwrap_or(written))?.abs();
    if quantity.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(INSTRUMENT)));
    }
    Ok((bare.is_none(), Entry { kind, quantity, ..entry }))
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind) -> Result<Fate, Fault> {
    let (_, trade) = with_units(line, entry, kind)?;
    let (written, amount) = (line.optional_number(PRICE)?, line.number(AMOUNT)?);
    // What exchanges and regulators take of a sale is in no column.
    let fee = match (kind, written) {
        (ActivityKind::Sell, Some(price)) => settled::fee_of_sale(trade.quantity, price, amount),
        _ => Decimal::ZERO,
    };
    let price = settled::price(kind, trade.quantity, written, Some(amount), fee)?;
    Ok(Entry { price, fee, ..trade }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, sum, units};

    const HEADER: &str = "\"Activity Date\",\"Process Date\",\"Settle Date\",\"Instrument\",\"Description\",\"Trans Code\",\"Quantity\",\"Price\",\"Amount\"\n";

    fn of(rows: &[[&str; 6]]) -> Reading {
        let row = |[day, instrument, code, quantity, price, amount]: &[&str; 6]| {
            format!(
                "\"{day}\",\"{day}\",\"{day}\",\"{instrument}\",\"About\nit\",\"{code}\",\"{quantity}\",\"{price}\",\"{amount}\"\n"
            )
        };
        let text = format!("{HEADER}{}", rows.iter().map(row).collect::<String>());
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn rows_are_read_by_their_code() {
        let reading = of(&[
            ["3/9/2024", "F", "Sell", "3", "$12.00", "$35.99"],
            ["3/8/2024", "F", "SPL", "5S", "", ""],
            ["3/7/2024", "F", "Buy", "5", "$10.00", "($50.00)"],
            ["3/6/2024", "F", "STO", "1", "$1.00", "$100.00"],
            ["3/5/2024", "", "GOLD", "", "", "($5.00)"],
            ["3/4/2024", "F", "BARTER", "1", "", ""],
            ["3/4/2024", "F", "MRGS", "1S", "", ""],
        ]);
        let all = entries(&reading);
        assert_eq!((all[0].fee, all[1].kind, all[1].quantity), (decimal("0.01"), ActivityKind::Split, decimal("2")));
        assert_eq!((units(&reading)["F"], cash(&reading, "USD")), (decimal("2"), decimal("-19.01")));
        assert_eq!(skips(&reading), [(8, Skip::NotKept("STO".to_owned()))]);
        assert_eq!(faults(&reading), [(12, Fault::UnknownKind("BARTER".to_owned())), (14, Fault::Unpaired)]);
    }

    #[test]
    fn the_figures_are_those_of_the_samples() {
        let Some(lines) = read_as("ok/robinhood-multiline.csv", NAME) else { return };
        assert_eq!((units(&lines)["VUG"], entries(&lines).len(), faults(&lines).len()), (decimal("8"), 2, 0));
        assert_eq!(skips(&lines), [(6, Skip::Footer)]);
        let mergers = read_as("ok/robinhood-options-mergers.csv", NAME).unwrap();
        let came = entries(&mergers).into_iter().find(|entry| entry.quantity == decimal("2")).unwrap();
        assert_eq!((came.price, units(&mergers)["NEW"], units(&mergers).len()), (decimal("50"), decimal("2"), 1));
        assert_eq!((skips(&mergers).len(), faults(&mergers).len(), cash(&mergers, "USD")), (4, 0, decimal("-100")));
        let split = read_as("ok/robinhood-split-dividend.csv", NAME).unwrap();
        let ratio = entries(&split).into_iter().find(|entry| entry.kind == ActivityKind::Split).unwrap();
        assert_eq!((ratio.quantity, units(&split)["AAPL"], units(&split)["NVDA"]), (decimal("10"), decimal("6"), decimal("2")));
        assert_eq!(entries(&split)[1].fee, decimal("0.02"));
        assert_eq!(
            (sum(&split, ActivityKind::Dividend, "USD"), sum(&split, ActivityKind::Deposit, "USD")),
            (decimal("1.56"), decimal("1000"))
        );
        assert_eq!((skips(&split).len(), faults(&split).len()), (2, 0));
    }
}
