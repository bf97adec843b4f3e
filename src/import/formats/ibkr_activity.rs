//! Interactive Brokers: activity statements as CSV, which hold a table for each kind of event and for each report.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::carried::{self, Step};
use super::ibkr::{Action, Piece, ZONE, class_of, corporate, joined, named_in, payment};
use super::parts::{Part, named_in_first_cell};
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::table::{self, Column, Line, Separator};

/// The name of the format.
pub const NAME: &str = "ibkr_activity";

const LEVEL: Column = &["datadiscriminator"];
const CATEGORY: Column = &["asset category"];
const CURRENCY: Column = &["currency"];
const SYMBOL: Column = &["symbol"];
const TIME: Column = &["date/time", "date", "settle date", "report date"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["t. price", "trade price"];
const PROCEEDS: Column = &["proceeds"];
const COMMISSION: Column = &["comm/fee"];
const CODE: Column = &["code"];
const TRADE_ID: Column = &["tradeid"];
const DESCRIPTION: Column = &["description"];
const AMOUNT: Column = &["amount"];
const VALUE: Column = &["value"];
const SUBTITLE: Column = &["subtitle"];

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

/// Lines of which every statement has one.
const BEGINS: [&str; 4] = [
    "Statement,Header,Field Name,",
    "Trades,Header,DataDiscriminator,",
    "Dividends,Header,Currency,",
    "Financial Instrument Information,Header,Asset Category,",
];

/// How many lines are looked at.
const LOOKED_AT: usize = 400;

fn recognise(text: &str) -> bool {
    text.lines().take(LOOKED_AT).any(|line| BEGINS.iter().any(|begin| line.starts_with(begin)))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let parts = named_in_first_cell(table::records(text, Some(Separator::Comma)).0);
    let statement = Statement::of(&parts);
    let mut pieces = Vec::new();
    let mut actions = Vec::new();
    for part in &parts {
        pieces.extend(part.line.map(|line| (line, Ok(Fate::Skipped(Skip::Header)).into())));
        let sheet = part.sheet(Some(DateForm::YearFirst), TimeZone::get(ZONE).unwrap_or(TimeZone::UTC));
        for line in sheet.lines() {
            match statement.read(&part.title, line) {
                Ok(Read::Piece(piece)) => pieces.push((line.number_of_line(), piece)),
                Ok(Read::Action(action)) => actions.push((line.number_of_line(), action)),
                Err(fault) => pieces.push((line.number_of_line(), Err(fault).into())),
            }
        }
    }
    let mut steps = joined(pieces);
    steps.extend(corporate(actions));
    let mut rows = carried::rows(steps);
    rows.sort_by_key(|row| row.line);
    Ok(rows)
}

enum Read {
    Piece(Piece),
    Action(Action),
}

fn skipped(skip: Skip) -> Read {
    Read::Piece(Piece::Step(Step::Fate(Fate::Skipped(skip))))
}

/// What all tables say about each of them.
struct Statement {
    names: BTreeMap<String, Named>,
    /// Whether executions are listed, of which orders are made.
    has_executions: bool,
    /// Whether costs are written below zero, as the broker does; some programs that make such files do not.
    costs_are_negative: bool,
}

impl Statement {
    fn of(parts: &[Part]) -> Self {
        let mut names = BTreeMap::new();
        let (mut has_executions, mut costs_are_negative) = (false, false);
        for part in parts {
            let sheet = part.sheet(None, TimeZone::UTC);
            for line in sheet.lines() {
                if part.title == "Financial Instrument Information" {
                    let named = Named::of(line.optional(SYMBOL), line.optional(&["security id"]), line.optional(DESCRIPTION));
                    names.extend(named.map(|named| (line.text(SYMBOL).to_owned(), named)));
                }
                if part.title == "Trades" {
                    has_executions |= line.text(LEVEL) == "Execution";
                    costs_are_negative |= line.text(COMMISSION).starts_with('-');
                }
            }
        }
        Self { names, has_executions, costs_are_negative }
    }

    fn read(&self, title: &str, line: Line<'_>) -> Result<Read, Fault> {
        let is_total = [CURRENCY, SUBTITLE, CATEGORY].iter().any(|column| line.text(column).starts_with("Total"));
        if line.at(1) != "Data" || is_total {
            return Ok(skipped(Skip::Footer));
        }
        let kind = title.to_ascii_lowercase();
        match kind.as_str() {
            "trades" => self.trade(line),
            "corporate actions" => self.action(line),
            "open positions" => Ok(skipped(Skip::NotKept(title.to_owned()))),
            "dividends"
            | "payment in lieu of dividends"
            | "withholding tax"
            | "871(m) withholding"
            | "interest"
            | "bond interest received"
            | "bond interest paid"
            | "fees"
            | "other fees"
            | "advisor fees"
            | "client fees"
            | "commission adjustments"
            | "deposits & withdrawals"
            | "transaction fees" => self.paid(&kind, line),
            _ => Ok(skipped(Skip::Detail)),
        }
    }

    fn named(&self, symbol: &str) -> Option<Named> {
        self.names.get(symbol).cloned().or_else(|| Named::symbol(symbol))
    }

    fn trade(&self, line: Line<'_>) -> Result<Read, Fault> {
        match line.text(LEVEL) {
            "Order" | "Trade" if !self.has_executions => {}
            "Execution" => {}
            _ => return Ok(skipped(Skip::Detail)),
        }
        let class = match class_of(line.text(CATEGORY), "")? {
            Ok(class) => class,
            Err(skip) => return Ok(skipped(skip)),
        };
        let codes: Vec<&str> = line.text(CODE).split(';').map(str::trim).collect();
        if codes.contains(&"Ca") {
            // What it cancels stands in another statement, or cannot be told from a like one.
            return Err(Fault::Unpaired);
        }
        let signed = line.number(QUANTITY)?;
        let kind = if signed.is_sign_negative() { ActivityKind::Sell } else { ActivityKind::Buy };
        let of = line.currency(CURRENCY)?;
        let written = line.number_or_zero(COMMISSION)?;
        let named = self.named(line.text(SYMBOL)).ok_or_else(|| Fault::Missing(line.named(SYMBOL)))?;
        let trade = Entry {
            instrument: Some(Named { class, currency: Some(of), ..named }),
            quantity: signed.abs(),
            price: settled::price(kind, signed, line.optional_number(PRICE)?, line.optional_number(PROCEEDS)?, Decimal::ZERO)?,
            fee: if self.costs_are_negative { -written } else { written },
            currency: Some(of),
            opens_short: kind == ActivityKind::Sell && codes.contains(&"O"),
            reference: line.optional(TRADE_ID).filter(|id| *id != "0").map(|id| format!("{NAME} {id}")),
            ..Entry::new(kind, line.when(TIME)?)
        };
        Ok(Read::Piece(Ok(trade.into()).into()))
    }

    fn paid(&self, kind: &str, line: Line<'_>) -> Result<Read, Fault> {
        let description = line.text(DESCRIPTION);
        let is_of_instrument = kind.contains("dividend") || kind.contains("withholding") || kind.contains("bond");
        let told = named_in(description).filter(|_| is_of_instrument);
        let instrument = told.map(|told| self.names.get(told.symbol.as_deref().unwrap_or_default()).cloned().unwrap_or(told));
        let day = line.text(TIME).split([';', ',', ' ']).next().unwrap_or_default();
        let entry = Entry {
            instrument,
            currency: Some(line.currency(CURRENCY)?),
            note: line.optional(DESCRIPTION).map(str::to_owned),
            ..Entry::new(ActivityKind::Deposit, line.when_of(day)?)
        };
        let kind = if kind == "transaction fees" { "transaction tax" } else { kind };
        Ok(Read::Piece(payment(kind, entry, line.number(AMOUNT)?, description)?))
    }

    fn action(&self, line: Line<'_>) -> Result<Read, Fault> {
        let description = line.text(DESCRIPTION);
        // The row's own instrument stands in brackets behind what all rows of the action say.
        let own = description.rfind(" (").and_then(|at| description.get(at + 2..)).unwrap_or_default().trim_end_matches(')');
        let symbol = own.split(',').next().unwrap_or_default().trim();
        let isin = own.rsplit(',').next().map(str::trim);
        let named =
            self.names.get(symbol).cloned().or_else(|| Named::of(Some(symbol), isin, None)).or_else(|| named_in(description));
        let entry = Entry {
            instrument: Some(named.ok_or_else(|| Fault::Missing(line.named(DESCRIPTION)))?),
            currency: line.optional_currency(CURRENCY)?,
            note: line.optional(DESCRIPTION).map(str::to_owned),
            ..Entry::new(ActivityKind::Split, line.when(TIME)?)
        };
        Ok(Read::Action(Action {
            entry,
            text: description.to_owned(),
            quantity: line.number_or_zero(QUANTITY)?,
            proceeds: line.number_or_zero(PROCEEDS)?,
            value: line.number_or_zero(VALUE)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{decimal, entries, faults, read_as, skips, sum, units};

    fn of(text: &str) -> Reading {
        crate::import::read(text.as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn every_table_of_a_statement_is_read_or_told() {
        let reading = of("Statement,Header,Field Name,Field Value\n\
            Statement,Data,BrokerName,Interactive Brokers\n\
            Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,Proceeds,Comm/Fee,Code\n\
            Trades,Data,Order,Stocks,USD,AMD,\"2024-03-05, 10:00:00\",\"1,200\",2.5,-3000,-6,O\n\
            Trades,Data,Order,Stocks,USD,AMD,\"2024-03-06, 10:00:00\",-200,3,600,0.1,C\n\
            Trades,Data,Order,Equity and Index Options,USD,AMD C,\"2024-03-06, 10:00:00\",1,3,-300,-1,O\n\
            Trades,Data,Order,Stocks,USD,AMD,\"2024-03-66, 10:00:00\",1,3,-3,-1,O\n\
            Trades,SubTotal,,Stocks,USD,AMD,,1000,,,-6,\n\
            Interest,Header,Currency,Date,Description,Amount\n\
            Interest,Data,USD,2024-03-05,USD Debit Interest,-4.5\n\
            Interest,Data,Total,,,-4.5\n\
            Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,Proceeds,Value,Code\n\
            Corporate Actions,Data,Stocks,USD,2024-04-01,\"2024-04-01, 20:25:00\",\"AMD(US0079031078) Split 2 for 1 (AMD, ADVANCED MICRO, US0079031078)\",1000,0,0,\n");
        let all = entries(&reading);
        assert_eq!((all[0].quantity, all[0].fee, all[1].fee), (decimal("1200"), decimal("6"), decimal("-0.1")));
        assert_eq!(
            (sum(&reading, ActivityKind::Fee, "USD"), all[3].kind, all[3].quantity),
            (decimal("4.5"), ActivityKind::Split, decimal("2"))
        );
        let skipped: Vec<usize> =
            skips(&reading).into_iter().filter(|(_, skip)| *skip != Skip::Header).map(|(line, _)| line).collect();
        assert_eq!(skipped, [2, 6, 8, 11]);
        assert_eq!(faults(&reading), [(7, Fault::NotADate("2024-03-66, 10:00:00".to_owned()))]);
        assert_eq!(reading.rows.len(), 13, "no row is lost");
    }

    #[test]
    fn dividends_and_taxes_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/ibkr-activity-dividends.csv", NAME) else { return };
        let taxes: Decimal = entries(&reading).iter().map(|entry| entry.tax).sum();
        assert_eq!((sum(&reading, ActivityKind::Dividend, "USD"), taxes), (decimal("116"), decimal("13.80")));
        let fees: Decimal = entries(&reading).iter().map(|entry| entry.fee).sum();
        assert_eq!((fees, units(&reading).len(), faults(&reading).len()), (decimal("2"), 0, 0));
        assert!(entries(&reading).iter().all(|entry| entry.instrument.as_ref().is_some_and(|named| named.isin.is_some())));
    }

    #[test]
    fn an_order_and_its_execution_count_once() {
        let Some(reading) = read_as("ok/ibkr-activity-orders-executions.csv", NAME) else { return };
        let fees: Decimal = entries(&reading).iter().map(|entry| entry.fee).sum();
        assert_eq!((entries(&reading).len(), fees, units(&reading).len(), faults(&reading).len()), (2, decimal("2"), 0, 0));
    }

    #[test]
    fn real_trades_bring_what_the_sample_says() {
        let Some(reading) = read_as("ok/ibkr-activity-real-trades.csv", NAME) else { return };
        let realised = |symbol: &str| {
            let mut sum = Decimal::ZERO;
            for entry in entries(&reading) {
                if entry.instrument.as_ref().is_some_and(|named| named.symbol.as_deref() == Some(symbol)) {
                    let gross = entry.quantity * entry.price;
                    sum += if entry.kind == ActivityKind::Sell { gross - entry.fee } else { -gross - entry.fee };
                }
            }
            sum.round_dp(6)
        };
        assert_eq!((realised("AMC"), realised("AEHR")), (decimal("-303.514569"), decimal("149.183899")));
        assert_eq!((realised("AVGO"), realised("NAKD").round_dp(3)), (decimal("-77.433056"), decimal("-190.603")));
        assert!(units(&reading).is_empty() && faults(&reading).is_empty());
        assert_eq!(entries(&reading).iter().filter(|entry| entry.opens_short).count(), 2);
    }
}
