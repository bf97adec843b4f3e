//! Thinkorswim: the statement of an account as CSV, with a table of cash, one of orders, one of trades and more.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::parts::Part;
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::numbers::{DecimalMark, number};
use crate::import::table::{self, Column, Line, Separator};

/// The name of the format.
pub const NAME: &str = "thinkorswim";

/// The zone of times, where the program was set to no other.
const ZONE: &str = "America/New_York";

const DATE: Column = &["date"];
const TIME: Column = &["time"];
const TYPE: Column = &["type"];
const REFERENCE: Column = &["ref #"];
const DESCRIPTION: Column = &["description"];
const FEES: Column = &["misc fees"];
const COMMISSIONS: Column = &["commissions & fees"];
const AMOUNT: Column = &["amount"];
const EXECUTED: Column = &["exec time"];
const SPREAD: Column = &["spread"];
const SIDE: Column = &["side"];
const QUANTITY: Column = &["qty"];
const SYMBOL: Column = &["symbol"];
const PRICE: Column = &["price"];

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

/// How many lines are looked at.
const LOOKED_AT: usize = 50;

fn recognise(text: &str) -> bool {
    let lines = || text.lines().take(LOOKED_AT).map(str::trim);
    lines().any(|line| line.contains("Account Statement for ")) && lines().any(|line| line.starts_with("Cash Balance"))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let parts = parts(text);
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let mut rows = Vec::new();
    let mut told = Told::default();
    for part in &parts {
        rows.extend(part.line.map(|line| Row { line, fate: Fate::Skipped(Skip::Header) }));
        let sheet = part.sheet(Some(DateForm::MonthFirst), zone.clone());
        match part.title.as_str() {
            "Cash Balance" => rows.extend(sheet.rows(|line| cash(line))),
            "Account Trade History" => {}
            "" => rows.extend(part.skipped(&Skip::Header)),
            "Account Order History" => rows.extend(part.skipped(&Skip::Detail)),
            title => rows.extend(part.skipped(&Skip::NotKept(title.to_owned()))),
        }
    }
    for row in &rows {
        told.add(&row.fate);
    }
    for part in parts.iter().filter(|part| part.title == "Account Trade History") {
        let sheet = part.sheet(Some(DateForm::MonthFirst), zone.clone());
        rows.extend(sheet.lines().map(|line| Row {
            line: line.number_of_line(),
            fate: line.passed_over().map_or_else(|| trade(line, &mut told).unwrap_or_else(Fate::Refused), Fate::Skipped),
        }));
    }
    rows.sort_by_key(|row| row.line);
    Ok(rows)
}

/// Parts a statement: a record of one cell is the title of the table below it.
fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut title: Option<String> = None;
    for record in table::records(text, Some(Separator::Comma)).0 {
        let written: Vec<&String> = record.cells.iter().filter(|cell| !cell.is_empty()).collect();
        match (written.as_slice(), title.take()) {
            ([], was) => title = was,
            ([only], _) => {
                title = Some((*only).clone());
                parts.push(Part { title: String::new(), columns: Vec::new(), records: vec![record], line: None });
            }
            (_, Some(name)) => parts.push(Part::under(&name, &record)),
            (_, None) => match parts.last_mut() {
                Some(part) => part.records.push(record),
                None => parts.push(Part::under("", &record)),
            },
        }
    }
    parts
}

/// Trades that the table of cash has told, by symbol, side, units and price, with how many there are.
#[derive(Default)]
struct Told(BTreeMap<(String, bool, Decimal, Decimal), usize>);

impl Told {
    fn add(&mut self, fate: &Fate) {
        let Fate::Entries(entries) = fate else { return };
        for entry in entries.iter().filter(|entry| entry.kind.figures().price) {
            let symbol = entry.instrument.as_ref().and_then(|named| named.symbol.clone()).unwrap_or_default();
            let key = (symbol, entry.kind == ActivityKind::Buy, entry.quantity.normalize(), entry.price.normalize());
            *self.0.entry(key).or_default() += 1;
        }
    }

    fn take(&mut self, symbol: &str, is_buy: bool, units: Decimal, price: Decimal) -> bool {
        match self.0.get_mut(&(symbol.to_owned(), is_buy, units.normalize(), price.normalize())) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

fn cash(line: Line<'_>) -> Result<Fate, Fault> {
    let (kind, description) = (line.text(TYPE), line.text(DESCRIPTION));
    let id = line.text(REFERENCE).trim_matches(['=', '"']);
    let when = line.when_of(&format!("{} {}", line.text(DATE), line.text(TIME)))?;
    let entry = Entry {
        currency: Some(currency("USD")?),
        note: line.optional(DESCRIPTION).map(str::to_owned),
        reference: Some(id).filter(|id| !id.is_empty()).map(|id| format!("{NAME} {id}")),
        ..Entry::new(ActivityKind::Deposit, when)
    };
    let upper = description.to_uppercase();
    match kind {
        // What was there before, and what is left.
        "BAL" => Ok(Fate::Skipped(Skip::Nothing)),
        "TRD" => traded(line, entry, description),
        "DOI" | "DIV" if upper.contains("DIVIDEND") => {
            let symbol = description.rsplit_once('~').map(|(_, symbol)| symbol).unwrap_or_default();
            settled::dividend(Entry { instrument: Named::symbol(symbol), ..entry }, line.number(AMOUNT)?)
        }
        "DOI" | "INT" if upper.contains("INTEREST") => Ok(settled::interest(entry, line.number(AMOUNT)?)),
        "EFN" | "WIN" | "WOU" | "ACH" => Ok(settled::moved(entry, line.number(AMOUNT)?)),
        _ => Err(Fault::UnknownKind(format!("{kind} {description}"))),
    }
}

/// Reads `SOLD -100 AAPL @189.10`; with more between the symbol and the price it is no share.
fn traded(line: Line<'_>, entry: Entry, description: &str) -> Result<Fate, Fault> {
    let unknown = || Fault::UnknownKind(description.to_owned());
    let not_kept = || Ok(Fate::Skipped(Skip::NotKept(description.to_owned())));
    let words: Vec<&str> = description.split_whitespace().skip_while(|word| !["BOT", "SOLD"].contains(word)).collect();
    let [side, units, symbol, price] = words[..] else {
        return if words.len() > 4 { not_kept() } else { Err(unknown()) };
    };
    if symbol.starts_with(['/', '.']) {
        return not_kept();
    }
    let kind = if side == "BOT" { ActivityKind::Buy } else { ActivityKind::Sell };
    let quantity = number(units, DecimalMark::Point)?.abs();
    let written = number(price.strip_prefix('@').ok_or_else(unknown)?, DecimalMark::Point)?;
    let fees = line.number_or_zero(FEES)?.checked_add(line.number_or_zero(COMMISSIONS)?);
    let fee = -fees.ok_or_else(|| Fault::Senseless(line.named(FEES)))?;
    // The amount is less the fees or not, as the statement was set.
    let gross = line.number(AMOUNT)?;
    let of = |charges: Decimal| settled::price(kind, quantity, Some(written), Some(gross), charges);
    let price = if of(fee)? == written { written } else { of(Decimal::ZERO)? };
    Ok(Entry { kind, quantity, price, fee, instrument: Some(Named::symbol(symbol).ok_or_else(unknown)?), note: None, ..entry }
        .into())
}

/// Reads a trade that the table of cash does not tell.
fn trade(line: Line<'_>, told: &mut Told) -> Result<Fate, Fault> {
    let spread = line.text(SPREAD);
    if !["STOCK", "ETF"].contains(&spread) || !["STOCK", "ETF"].contains(&line.text(TYPE)) {
        return Ok(Fate::Skipped(Skip::NotKept(format!("{spread} {}", line.text(TYPE)))));
    }
    let is_buy = match line.text(SIDE) {
        "BUY" => true,
        "SELL" => false,
        other => return Err(Fault::UnknownKind(other.to_owned())),
    };
    let (quantity, price) = (line.number(QUANTITY)?.abs(), line.number(PRICE)?);
    if told.take(line.text(SYMBOL), is_buy, quantity, price) {
        return Ok(Fate::Skipped(Skip::Detail));
    }
    if quantity.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    let entry = Entry {
        instrument: Some(Named::symbol(line.text(SYMBOL)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?),
        quantity,
        price,
        currency: Some(currency("USD")?),
        ..Entry::new(if is_buy { ActivityKind::Buy } else { ActivityKind::Sell }, line.when(EXECUTED)?)
    };
    Ok(entry.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{self, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn a_trade_counts_once_in_however_many_tables_it_stands() {
        let text = "Account Statement for D-1 since 3/1/24 through 3/9/24\n\nCash Balance\n\
            DATE,TIME,TYPE,REF #,DESCRIPTION,Misc Fees,Commissions & Fees,AMOUNT,BALANCE\n\
            3/1/24,00:00:00,BAL,,Cash balance at the start,,,,1000\n\
            3/4/24,10:00:00,TRD,=\"77\",BOT +5 F @10.00,,-1.00,-50.00,950\n\
            3/5/24,10:00:00,TRD,=\"78\",BOT +1 SPY 100 15 MAR 24 500 CALL @1.00,,,-100.00,850\n\
            3/6/24,10:00:00,DOI,=\"79\",ORDINARY DIVIDEND~F,,,2.50,852.5\n\
            3/7/24,10:00:00,JRN,=\"80\",SOMETHING,,,1,853.5\n\n\
            Account Trade History\n\
            ,Exec Time,Spread,Side,Qty,Pos Effect,Symbol,Exp,Strike,Type,Price,Net Price,Order Type\n\
            ,3/4/24 10:00:00,STOCK,BUY,+5,TO OPEN,F,,,STOCK,10.00,10.00,LMT\n\
            ,3/4/24 10:05:00,STOCK,BUY,+5,TO OPEN,F,,,STOCK,10.00,10.00,LMT\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        assert_eq!(
            (units(&reading)["F"], entries(&reading)[0].fee, entries(&reading)[0].reference.as_deref()),
            (decimal("10"), decimal("1"), Some("thinkorswim 77"))
        );
        assert_eq!(sum(&reading, ActivityKind::Dividend, "USD"), decimal("2.5"));
        let skipped: Vec<_> = skips(&reading).into_iter().filter(|(_, skip)| *skip != Skip::Header).collect();
        let option = Skip::NotKept("BOT +1 SPY 100 15 MAR 24 500 CALL @1.00".to_owned());
        assert_eq!(skipped, [(5, Skip::Nothing), (7, option), (13, Skip::Detail)]);
        assert_eq!(faults(&reading), [(9, Fault::UnknownKind("JRN SOMETHING".to_owned()))]);
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/thinkorswim-statement.csv", NAME) else { return };
        assert_eq!((units(&reading).len(), testing::cash(&reading, "USD"), faults(&reading).len()), (0, decimal("169.98"), 0));
        assert_eq!((entries(&reading).len(), entries(&reading)[1].fee), (2, decimal("0.02")));
        let calls = Skip::NotKept("SINGLE CALL".to_owned());
        assert_eq!(skips(&reading).into_iter().filter(|(_, skip)| *skip == calls).count(), 2);
    }
}
