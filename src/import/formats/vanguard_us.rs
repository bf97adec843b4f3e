//! Vanguard (United States): the download of an account as CSV, which lists what is held and below it what happened.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::parts::Part;
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::table::{self, Column, Line, Separator};

/// The name of the format.
pub const NAME: &str = "vanguard_us";

const DATE: Column = &["trade date"];
const TYPE: Column = &["transaction type"];
const DESCRIPTION: Column = &["transaction description"];
const INVESTMENT: Column = &["investment name"];
const SYMBOL: Column = &["symbol"];
const SHARES: Column = &["shares"];
const PRICE: Column = &["share price"];
const FEES: Column = &["commission fees", "commissions and fees", "commission", "fees"];
const NET: Column = &["net amount"];
const ACCRUED: Column = &["accrued interest"];

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

/// How the headers of both tables begin.
const HEADERS: [&str; 2] = [
    "account number,investment name,symbol,shares,share price,total value",
    "account number,trade date,settlement date,transaction type",
];

fn recognise(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_ascii_lowercase();
    HEADERS.iter().any(|header| first.replace('"', "").starts_with(header))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let mut rows = Vec::new();
    for part in parts(text) {
        rows.extend(part.line.map(|line| Row { line, fate: Fate::Skipped(Skip::Header) }));
        if part.columns.iter().any(|column| column == "trade date") {
            let sheet = part.sheet(part.shown(DATE), TimeZone::UTC);
            rows.extend(sheet.rows(row));
        } else {
            rows.extend(part.skipped(&Skip::NotKept("Total Value".to_owned())));
        }
    }
    Ok(rows)
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for record in table::records(text, Some(Separator::Comma)).0 {
        let is_header = record.cells.first().is_some_and(|cell| table::column_name(cell) == "account number");
        match parts.last_mut() {
            Some(part) if !is_header => part.records.push(record),
            _ => parts.push(Part::under("", &record)),
        }
    }
    parts
}

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = line.text(TYPE);
    let entry = Entry {
        instrument: line.optional(SYMBOL).and_then(|symbol| Named::of(Some(symbol), None, line.optional(INVESTMENT))),
        currency: Some(currency("USD")?),
        note: line.optional(DESCRIPTION).map(str::to_owned),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let amount = || line.number(NET);
    let lower = kind.to_lowercase();
    let has_units = line.optional_number(SHARES)?.is_some_and(|units| !units.is_zero());
    match lower.as_str() {
        "buy" | "reinvestment" | "buy (exchange)" | "reinvestment (lt gain)" | "reinvestment (st gain)" => {
            trade(line, entry, ActivityKind::Buy)
        }
        "sell" | "sell (exchange)" => trade(line, entry, ActivityKind::Sell),
        // The settlement fund is where cash is kept.
        "sweep in" | "sweep out" => Ok(Fate::Skipped(Skip::InternalTransfer)),
        "transfer (incoming)"
        | "conversion (incoming)"
        | "rollover (incoming)"
        | "transfer (outgoing)"
        | "conversion (outgoing)"
            if has_units =>
        {
            moved_units(line, entry, lower.contains("outgoing"))
        }
        "interest" => Ok(settled::interest(entry, amount()?)),
        "fee" | "account fee" | "advisory fee" => Ok(settled::charged(entry, ActivityKind::Fee, amount()?)),
        "withholding" | "tax withheld" | "foreign tax paid" | "federal withholding" | "state withholding" => {
            Ok(settled::charged(entry, ActivityKind::Tax, amount()?))
        }
        _ if lower.starts_with("dividend") || lower.starts_with("capital gain") => settled::dividend(entry, amount()?),
        "funds received"
        | "contribution"
        | "distribution"
        | "withdrawal"
        | "deposit"
        | "wire in"
        | "wire out"
        | "transfer (incoming)"
        | "transfer (outgoing)"
        | "rollover (incoming)"
        | "conversion (incoming)"
        | "conversion (outgoing)" => Ok(settled::moved(entry, amount()?)),
        _ => Err(Fault::UnknownKind(kind.to_owned())),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let quantity = line.number(SHARES)?.abs();
    let accrued = line.number_or_zero(ACCRUED)?;
    let accrued = if kind == ActivityKind::Sell { -accrued } else { accrued };
    let fee = line.number_or_zero(FEES)?.abs().checked_add(accrued).ok_or_else(|| Fault::Senseless(line.named(FEES)))?;
    let price = settled::price(kind, quantity, line.optional_number(PRICE)?, line.optional_number(NET)?, fee)?;
    Ok(Entry { kind, quantity, price, fee, note: None, ..entry }.into())
}

fn moved_units(line: Line<'_>, entry: Entry, is_out: bool) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let quantity = line.number(SHARES)?.abs();
    let price = line.optional_number(PRICE)?.filter(|price| !price.is_zero());
    if !is_out {
        return with_money(
            Entry { kind: ActivityKind::Buy, quantity, price: price.unwrap_or(Decimal::ZERO), ..entry },
            ActivityKind::Deposit,
            None,
            "amount",
        )
        .map(Fate::Entries);
    }
    let price = price.ok_or_else(|| Fault::Missing(line.named(PRICE)))?;
    with_money(Entry { kind: ActivityKind::Sell, quantity, price, ..entry }, ActivityKind::Withdrawal, None, "amount")
        .map(Fate::Entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, units};

    #[test]
    fn what_is_held_is_left_out_and_what_happened_is_read() {
        let text = "Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,\n1,FUND,VTI,5,200,1000,\n\n\n\
            Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,Net Amount,Accrued Interest,Account Type,\n\
            1,03/15/2024,03/17/2024,Buy,Buy,FUND,VTI,2,200.00,-400.00,1.00,-401.00,0.0,CASH,\n\
            1,03/16/2024,03/16/2024,Dividend,Dividend Received,FUND,VTI,0,0,3.5,0,3.5,0.0,CASH,\n\
            1,03/16/2024,03/16/2024,Reinvestment,Dividend Reinvestment,FUND,VTI,0.0175,200.00,-3.5,0,-3.5,0.0,CASH,\n\
            1,03/16/2024,03/16/2024,Sweep in,Sweep,FUND,VMFXX,5,1,-5,0,-5,0.0,CASH,\n\
            1,03/16/2024,03/16/2024,Barter,Barter,FUND,VTI,5,1,-5,0,-5,0.0,CASH,\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(
            (entries(&reading)[0].fee, units(&reading)["VTI"], cash(&reading, "USD")),
            (decimal("1"), decimal("2.0175"), decimal("-401"))
        );
        let skipped =
            [(1, Skip::Header), (2, Skip::NotKept("Total Value".to_owned())), (5, Skip::Header), (9, Skip::InternalTransfer)];
        assert_eq!(skips(&reading), skipped);
        assert_eq!(faults(&reading), [(10, Fault::UnknownKind("Barter".to_owned()))]);
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/vanguard-us-download.csv", NAME) else { return };
        assert_eq!(
            (units(&reading)["VTSAX"], cash(&reading, "USD"), units(&reading).len()),
            (decimal("10"), decimal("-1080"), 1)
        );
        assert_eq!((entries(&reading).len(), faults(&reading).len()), (1, 0));
    }
}
