//! Charles Schwab: the history of a brokerage account as CSV.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::carried::{self, Step};
use super::kinds::is_option;
use super::settled;
use super::settled::with_money;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

/// The name of the format.
pub const NAME: &str = "schwab";

const DATE: Column = &["date"];
const ACTION: Column = &["action"];
const SYMBOL: Column = &["symbol"];
const DESCRIPTION: Column = &["description"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const FEES: Column = &["fees & comm", "fees & commissions"];
const AMOUNT: Column = &["amount"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, ACTION, SYMBOL, DESCRIPTION, QUANTITY, PRICE, FEES, AMOUNT],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let history = History::of(sheet);
    let step = |line: Line<'_>| {
        let step = match line.passed_over() {
            Some(skip) => Step::Fate(Fate::Skipped(skip)),
            None => history.step(line).unwrap_or_else(|fault| Step::Fate(Fate::Refused(fault))),
        };
        (line.number_of_line(), step)
    };
    carried::rows(sheet.lines().map(step).collect())
}

/// What rows say about others.
struct History {
    /// Symbols by what they describe: what left in an exchange is named by its number alone.
    symbols: BTreeMap<String, String>,
    /// The units of a merger for cash, by the day and the symbol.
    merged: BTreeMap<(String, String), Decimal>,
    /// The money of a merger for cash.
    paid: BTreeMap<(String, String), Decimal>,
    /// The units that came and left in reverse splits, by their day, with how many rows say so.
    reversed: BTreeMap<String, Reversed>,
}

#[derive(Default)]
struct Reversed {
    came: Option<Decimal>,
    left: Option<Decimal>,
    rows: usize,
}

fn day(line: Line<'_>) -> &str {
    // "04/17/2023 as of 04/15/2023" was booked on the first.
    line.text(DATE).split(" as of").next().unwrap_or_default().trim()
}

fn described(line: Line<'_>) -> String {
    line.text(DESCRIPTION).split("XXX").next().unwrap_or_default().trim().to_uppercase()
}

/// Returns whether a symbol is the nine letters and digits of a security's number.
fn is_number(symbol: &str) -> bool {
    symbol.len() == 9
        && symbol.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && symbol.bytes().any(|byte| byte.is_ascii_digit())
}

impl History {
    fn of(sheet: &Sheet<'_>) -> Self {
        let mut history =
            Self { symbols: BTreeMap::new(), merged: BTreeMap::new(), paid: BTreeMap::new(), reversed: BTreeMap::new() };
        for line in sheet.lines() {
            let symbol = line.text(SYMBOL);
            if !symbol.is_empty() && !is_number(symbol) {
                history.symbols.entry(described(line)).or_insert_with(|| symbol.to_owned());
            }
            let (key, quantity) = ((day(line).to_owned(), symbol.to_owned()), line.number(QUANTITY).ok());
            match line.text(ACTION).to_lowercase().as_str() {
                "cash merger" => history.paid.extend(line.number(AMOUNT).ok().map(|amount| (key, amount))),
                "cash merger adj" => history.merged.extend(quantity.map(|units| (key, units))),
                "reverse split" => history.reversed.entry(key.0).or_default().count(quantity),
                _ => {}
            }
        }
        history
    }

    fn step(&self, line: Line<'_>) -> Result<Step, Fault> {
        let action = line.text(ACTION).to_lowercase();
        let is_of_option = is_option(line.text(SYMBOL)) || action.ends_with(" to open") || action.ends_with(" to close");
        if is_of_option {
            return Ok(Step::Fate(Fate::Skipped(Skip::NotKept(line.text(ACTION).to_owned()))));
        }
        let entry = entry(line)?;
        match action.as_str() {
            "stock split" => Ok(Step::Added(with_units(line, entry, ActivityKind::Split)?.1)),
            "stock merger" | "name change" | "conversion" | "mandatory reorg exc" | "exchange" => {
                let (arrives, entry) = with_units(line, entry, ActivityKind::Buy)?;
                let entry = if arrives { entry } else { self.as_traded(line, entry) };
                Ok(Step::Exchanged { entry, group: format!("{} {action}", day(line)), arrives })
            }
            "reverse split" => self.reverse_split(line, entry).map(Step::Fate),
            "cash merger" | "cash merger adj" => self.merger(line, entry, action == "cash merger").map(Step::Fate),
            _ => fate(line, entry, &action).map(Step::Fate),
        }
    }

    /// Returns an entry under the symbol by which it was traded.
    fn as_traded(&self, line: Line<'_>, entry: Entry) -> Entry {
        let symbol = self.symbols.get(&described(line)).filter(|_| is_number(line.text(SYMBOL)));
        let traded = symbol.and_then(|symbol| Named::symbol(symbol));
        Entry { instrument: traded.or(entry.instrument), ..entry }
    }

    /// What came for what left is a split of what came, which is named as it was before.
    fn reverse_split(&self, line: Line<'_>, entry: Entry) -> Result<Fate, Fault> {
        let pair = self.reversed.get(day(line)).filter(|pair| pair.rows == 2);
        let (_, entry) = with_units(line, entry, ActivityKind::Split)?;
        let (came, left) = pair.and_then(|pair| pair.came.zip(pair.left)).ok_or(Fault::Unpaired)?;
        if line.number(QUANTITY)?.is_sign_negative() {
            return Ok(Fate::Skipped(Skip::Detail));
        }
        let ratio = came.checked_div(left.abs()).filter(|ratio| *ratio > Decimal::ZERO);
        let ratio = ratio.ok_or_else(|| Fault::Senseless(line.named(QUANTITY)))?.normalize();
        if ratio == Decimal::ONE {
            return Ok(Fate::Skipped(Skip::Nothing));
        }
        Ok(Entry { kind: ActivityKind::Split, quantity: ratio, ..entry }.into())
    }

    /// A merger for cash is told by the money in one row and by the units in another.
    fn merger(&self, line: Line<'_>, entry: Entry, is_money: bool) -> Result<Fate, Fault> {
        let key = (day(line).to_owned(), line.text(SYMBOL).to_owned());
        let (paid, units) = self.paid.get(&key).zip(self.merged.get(&key)).ok_or(Fault::Unpaired)?;
        if !is_money {
            return Ok(Fate::Skipped(Skip::Detail));
        }
        if entry.instrument.is_none() {
            return Err(Fault::Missing(line.named(SYMBOL)));
        }
        let price = settled::price(ActivityKind::Sell, *units, None, Some(*paid), Decimal::ZERO)?;
        Ok(Entry { kind: ActivityKind::Sell, quantity: units.abs(), price, ..entry }.into())
    }
}

impl Reversed {
    fn count(&mut self, quantity: Option<Decimal>) {
        self.rows += 1;
        match quantity {
            Some(units) if units.is_sign_negative() => self.left = Some(units),
            units => self.came = units,
        }
    }
}

fn entry(line: Line<'_>) -> Result<Entry, Fault> {
    let name = line.optional(DESCRIPTION);
    Ok(Entry {
        instrument: line.optional(SYMBOL).and_then(|symbol| Named::of(Some(symbol), None, name)),
        currency: Some(currency("USD")?),
        note: name.map(str::to_owned),
        ..Entry::new(ActivityKind::Deposit, line.when_of(day(line))?)
    })
}

/// Returns whether units come, and an entry of them.
fn with_units(line: Line<'_>, entry: Entry, kind: ActivityKind) -> Result<(bool, Entry), Fault> {
    let units = line.number(QUANTITY)?;
    if units.is_zero() {
        return Err(Fault::Senseless(line.named(QUANTITY)));
    }
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    Ok((units.is_sign_positive(), Entry { kind, quantity: units.abs(), ..entry }))
}

/// Reads what a row says by itself.
fn fate(line: Line<'_>, entry: Entry, action: &str) -> Result<Fate, Fault> {
    let amount = || line.number(AMOUNT);
    let has = |word: &str| action.split([' ', '-']).any(|known| known == word);
    let has_units = line.optional_number(QUANTITY)?.is_some_and(|units| !units.is_zero());
    let begins = |words: &[&str]| words.iter().any(|word| action.starts_with(word));
    match action {
        "buy" | "reinvest shares" => trade(line, entry, ActivityKind::Buy),
        "sell" => trade(line, entry, ActivityKind::Sell),
        "sell short" => match trade(line, entry, ActivityKind::Sell)? {
            Fate::Entries(entries) => {
                Ok(Fate::Entries(entries.into_iter().map(|entry| Entry { opens_short: true, ..entry }).collect()))
            }
            other => Ok(other),
        },
        "stock div dist" | "spin-off" | "stock dividend" => Ok(with_units(line, entry, ActivityKind::Buy)?.1.into()),
        "journaled shares" | "security transfer" | "journal" | "internal transfer" if has_units => moved_units(line, entry),
        "cash in lieu" | "return of capital" => settled::dividend(entry, amount()?),
        _ if has("dividend") || has("div") || action.contains("cap gain") => settled::dividend(entry, amount()?),
        _ if has("interest") => Ok(settled::interest(entry, amount()?)),
        _ if has("tax") || has("withholding") => Ok(settled::charged(entry, ActivityKind::Tax, amount()?)),
        _ if has("fee") || has("fees") => Ok(settled::charged(entry, ActivityKind::Fee, amount()?)),
        _ if begins(&[
            "moneylink",
            "wire",
            "funds",
            "journal",
            "internal transfer",
            "misc cash entry",
            "misc credits",
            "atm",
            "visa",
        ]) =>
        {
            Ok(settled::moved(entry, amount()?))
        }
        _ => Err(Fault::UnknownKind(line.text(ACTION).to_owned())),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind) -> Result<Fate, Fault> {
    let (_, trade) = with_units(line, entry, kind)?;
    let fee = line.number_or_zero(FEES)?;
    let price = settled::price(kind, trade.quantity, line.optional_number(PRICE)?, line.optional_number(AMOUNT)?, fee)?;
    Ok(Entry { price, fee, note: None, ..trade }.into())
}

/// Reads units that were moved from another account or to it, at what they were worth.
fn moved_units(line: Line<'_>, entry: Entry) -> Result<Fate, Fault> {
    let (comes, moved) = with_units(line, entry, ActivityKind::Buy)?;
    let price = line.optional_number(PRICE)?;
    if comes {
        return with_money(Entry { price: price.unwrap_or_default(), ..moved }, ActivityKind::Deposit, None, "amount")
            .map(Fate::Entries);
    }
    let price = price.ok_or_else(|| Fault::Missing(line.named(PRICE)))?;
    with_money(Entry { kind: ActivityKind::Sell, price, ..moved }, ActivityKind::Withdrawal, None, "amount").map(Fate::Entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::faults::Refusal;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, count, decimal, entries, faults, read_as, reading, skips, sum, units};

    const HEADER: &str = "\"Date\",\"Action\",\"Symbol\",\"Description\",\"Quantity\",\"Price\",\"Fees & Comm\",\"Amount\"\n";

    fn of(rows: &str) -> Reading {
        crate::import::read(format!("{HEADER}{rows}").as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn rows_are_read_by_their_action() {
        let reading =
            of("\"03/20/2024 as of 03/18/2024\",\"Qualified Dividend\",\"VTI\",\"VANGUARD TOTAL\",\"\",\"\",\"\",\"$8.50\"\n\
            \"03/19/2024\",\"NRA Tax Adj\",\"VTI\",\"VANGUARD TOTAL\",\"\",\"\",\"\",\"-$1.50\"\n\
            \"03/18/2024\",\"Sell\",\"VTI\",\"VANGUARD TOTAL\",\"2\",\"$250.00\",\"$0.01\",\"$499.99\"\n\
            \"03/17/2024\",\"Buy\",\"VTI\",\"VANGUARD TOTAL\",\"1,000\",\"$200.00\",\"\",\"-$200,000.00\"\n\
            \"03/16/2024\",\"Buy to Open\",\"VTI 04/19/2024 250.00 C\",\"CALL\",\"1\",\"$2\",\"$1\",\"-$201\"\n\
            \"03/15/2024\",\"Barter\",\"VTI\",\"\",\"1\",\"$2\",\"\",\"\"\n\
            \"03/14/2024\",\"Buy\",\"VTI\",\"\",\"\",\"$2\",\"\",\"-$2\"\n\
            \"Transactions Total\",\"\",\"\",\"\",\"\",\"\",\"\",\"$1\"\n");
        let all = entries(&reading);
        assert_eq!(
            (all[0].kind, all[0].amount, all[0].when.time.to_string().as_str()),
            (ActivityKind::Dividend, decimal("8.5"), "2024-03-20T00:00:00Z")
        );
        assert_eq!((sum(&reading, ActivityKind::Tax, "USD"), units(&reading)["VTI"]), (decimal("1.5"), decimal("998")));
        assert_eq!(all[2].fee, decimal("0.01"));
        assert_eq!(skips(&reading), [(6, Skip::NotKept("Buy to Open".to_owned())), (9, Skip::Footer)]);
        assert_eq!(faults(&reading), [(7, Fault::UnknownKind("Barter".to_owned())), (8, Fault::Missing("quantity".to_owned()))]);
    }

    #[test]
    fn splits_and_exchanges_are_read_by_the_rows_before_them() {
        let reading = of("\"06/10/2024\",\"Reverse Split\",\"NEW\",\"NEW CORP\",\"4\",\"\",\"\",\"\"\n\
            \"06/10/2024\",\"Reverse Split\",\"123456789\",\"NEW CORP XXXREVERSE SPLIT\",\"-40\",\"\",\"\",\"\"\n\
            \"05/10/2024\",\"Stock Merger\",\"NEW\",\"NEW CORP\",\"40\",\"\",\"\",\"\"\n\
            \"05/10/2024\",\"Stock Merger\",\"987654321\",\"OLD CORP XXXMANDATORY MERGER\",\"-20\",\"\",\"\",\"\"\n\
            \"04/10/2024\",\"Stock Split\",\"OLD\",\"OLD CORP\",\"10\",\"$5\",\"\",\"\"\n\
            \"03/10/2024\",\"Buy\",\"OLD\",\"OLD CORP\",\"10\",\"$8\",\"\",\"-$80\"\n");
        assert_eq!(faults(&reading), []);
        let told: Vec<String> =
            entries(&reading).iter().map(|entry| format!("{} {} {}", entry.kind.word(), entry.quantity, entry.price)).collect();
        assert_eq!(told, ["split 0.1 0", "buy 40 2", "sell 20 4", "split 2 0", "buy 10 8"]);
    }

    #[test]
    fn mergers_interest_and_untitled_rows_are_those_of_the_samples() {
        let Some(merger) = read_as("ok/schwab-cash-merger.csv", NAME) else { return };
        let sale = entries(&merger)[0];
        assert_eq!((sale.kind, sale.quantity, sale.price), (ActivityKind::Sell, decimal("100"), decimal("10")));
        assert_eq!((units(&merger).len(), cash(&merger, "USD"), faults(&merger).len()), (0, decimal("1000"), 0));
        let interest = read_as("ok/schwab-interest-tax.csv", NAME).unwrap();
        assert_eq!((sum(&interest, ActivityKind::Interest, "USD"), cash(&interest, "USD")), (decimal("2.94"), decimal("2.06")));
        let untitled = read_as("ok/schwab-no-title.csv", NAME).unwrap();
        assert_eq!((units(&untitled)["BND"], faults(&untitled).len()), (decimal("34.9599"), 0));
        assert_eq!(skips(&untitled), [(9, Skip::NotKept("Buy to Close".to_owned())), (12, Skip::Footer)]);
    }

    #[test]
    fn prices_and_money_are_those_of_the_samples() {
        let Some(turned) = read_as("ok/schwab-price-before-quantity.csv", NAME) else { return };
        assert_eq!(
            (units(&turned)["VUAG"], cash(&turned, "USD"), entries(&turned).len()),
            (decimal("30.5"), decimal("9479.3"), 13)
        );
        let rounded = read_as("ok/schwab-rounding.csv", NAME).unwrap();
        assert_eq!(
            (units(&rounded).len(), cash(&rounded, "USD").round_dp(2), faults(&rounded).len()),
            (0, decimal("1019826.86"), 0)
        );
    }

    #[test]
    fn many_kinds_of_rows_are_those_of_the_sample() {
        let Some(many) = read_as("ok/schwab-transactions-reinvest.csv", NAME) else { return };
        let split = entries(&many).into_iter().find(|entry| entry.kind == ActivityKind::Split).unwrap();
        assert_eq!((split.quantity, units(&many)["AVGO"]), (decimal("10"), decimal("1")));
        let held = units(&many);
        for (symbol, expected) in [
            ("SPY", "7.0976"),
            ("FIHBX", "-507.208"),
            ("SNAXX", "-496428.62"),
            ("ARCC", "18.4207"),
            ("DGLRX", "-872.454"),
            ("AMC", "4"),
            ("APE", "344"),
        ] {
            assert_eq!(held[symbol], decimal(expected), "{symbol}");
        }
        // A dividend without a symbol, and exchanges of what was bought before the file begins.
        let missing = faults(&many).into_iter().filter(|(_, fault)| *fault == Fault::Missing("symbol".to_owned())).count();
        let unpaired = faults(&many).into_iter().filter(|(_, fault)| *fault == Fault::Unpaired).count();
        assert_eq!((missing, unpaired, faults(&many).len()), (1, 6, 7));
        assert_eq!(count(&many, ActivityKind::Fee), 11);
        assert_eq!(many.rows.len(), 120);
    }

    #[test]
    fn a_list_of_positions_is_refused() {
        let Some(positions) = reading("warn/schwab-positions.csv") else { return };
        assert!(matches!(positions, Err(Refusal::Unknown(_))));
    }
}
