//! Interactive Brokers: the transaction history as CSV, whose amounts are all in the currency of the account.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::carried;
use super::ibkr::{Payment, Piece, joined, named_in};
use super::kinds::is_option;
use super::parts::{Part, named_in_first_cell};
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Refusal, Skip};
use crate::import::format::{Format, Reader};
use crate::import::table::{self, Column, Line, Separator};

/// The name of the format.
pub const NAME: &str = "ibkr_history";

/// The table of the entries.
const TITLE: &str = "Transaction History";

const DATE: Column = &["date"];
const DESCRIPTION: Column = &["description"];
const TYPE: Column = &["transaction type"];
const SYMBOL: Column = &["symbol"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const COMMISSION: Column = &["commission"];
const NET: Column = &["net amount"];

/// How it is recognised and read.
pub const FORMAT: Format = Format { name: NAME, reader: Reader::Text { recognise, read } };

/// How many lines are looked at.
const LOOKED_AT: usize = 100;

fn recognise(text: &str) -> bool {
    text.lines().take(LOOKED_AT).any(|line| line.starts_with("Transaction History,Header,"))
}

fn read(text: &str) -> Result<Vec<Row>, Refusal> {
    let parts = named_in_first_cell(table::records(text, Some(Separator::Comma)).0);
    let base = base_currency(&parts);
    let mut pieces: Vec<(usize, Piece)> = Vec::new();
    for part in &parts {
        pieces.extend(part.line.map(|line| (line, Ok(Fate::Skipped(Skip::Header)).into())));
        let sheet = part.sheet(Some(DateForm::YearFirst), TimeZone::UTC);
        for line in sheet.lines() {
            let piece = match line.at(1) {
                "Data" if part.title == TITLE => entry(line, &base).unwrap_or_else(|fault| Err(fault).into()),
                "Data" => Ok(Fate::Skipped(Skip::Detail)).into(),
                _ => Ok(Fate::Skipped(Skip::Footer)).into(),
            };
            pieces.push((line.number_of_line(), piece));
        }
    }
    let mut rows = carried::rows(joined(pieces));
    rows.sort_by_key(|row| row.line);
    Ok(rows)
}

fn base_currency(parts: &[Part]) -> Result<Currency, Fault> {
    let summary = parts.iter().filter(|part| part.title == "Summary").flat_map(|part| &part.records);
    let mut named = summary.filter(|record| record.cells.get(2).is_some_and(|name| name == "Base Currency"));
    let text = named.next().and_then(|record| record.cells.get(3)).ok_or_else(|| Fault::Missing("base currency".to_owned()))?;
    currency(text)
}

fn entry(line: Line<'_>, base: &Result<Currency, Fault>) -> Result<Piece, Fault> {
    let kind = line.text(TYPE);
    let alone = |fate: Fate| Ok(Ok(fate).into());
    match kind {
        "Forex Trade Component" => return alone(Fate::Skipped(Skip::CurrencyExchange)),
        // It is what amounts in other currencies came to be worth, and no money.
        "Adjustment" => return alone(Fate::Skipped(Skip::NotKept(kind.to_owned()))),
        "Buy" | "Sell" if is_option(line.text(SYMBOL)) => {
            return alone(Fate::Skipped(Skip::NotKept(line.text(SYMBOL).to_owned())));
        }
        _ => {}
    }
    let description = line.text(DESCRIPTION);
    let told = named_in(description).filter(|told| told.symbol.as_deref() == line.optional(SYMBOL));
    let is_trade = ["Buy", "Sell"].contains(&kind);
    let named = Named::of(line.optional(SYMBOL), None, is_trade.then_some(description));
    let entry = Entry {
        instrument: named
            .filter(|_| line.optional(SYMBOL).is_some())
            .map(|named| Named { isin: told.and_then(|told| told.isin), ..named }),
        currency: Some(base.clone()?),
        note: line.optional(DESCRIPTION).map(str::to_owned),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let amount = line.number(NET)?;
    let payment =
        |kind: ActivityKind, entry: Entry| Ok(Piece::Payment(Payment { kind, entry, amount, text: description.to_owned() }));
    match kind {
        "Buy" => alone(trade(line, entry, ActivityKind::Buy, amount)?),
        "Sell" => alone(trade(line, entry, ActivityKind::Sell, amount)?),
        "Dividend" | "Payment in Lieu" => payment(ActivityKind::Dividend, entry),
        "Foreign Tax Withholding" | "Sales Tax" | "Transaction Tax" => payment(ActivityKind::Tax, entry),
        "Other Fee" | "Commission Adjustment" | "Advisor Fee" => payment(ActivityKind::Fee, entry),
        "Credit Interest" | "Debit Interest" | "Investment Interest Received" | "Investment Interest Paid" => {
            alone(settled::interest(entry, amount))
        }
        "Deposit" | "Withdrawal" | "Electronic Fund Transfer" => alone(settled::moved(entry, amount)),
        _ => Err(Fault::UnknownKind(kind.to_owned())),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind, net: Decimal) -> Result<Fate, Fault> {
    let quantity = line.number(QUANTITY)?.abs();
    let fee = -line.number_or_zero(COMMISSION)?;
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let price = settled::price(kind, quantity, line.optional_number(PRICE)?, Some(net), fee)?;
    Ok(Entry { kind, quantity, price, fee, note: None, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::Choices;
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, sum, units};

    #[test]
    fn entries_are_in_the_currency_of_the_account() {
        let text = "Summary,Header,Field Name,Field Value\nSummary,Data,Base Currency,EUR\n\
            Transaction History,Header,Date,Account,Description,Transaction Type,Symbol,Quantity,Price,Gross Amount ,Commission,Net Amount\n\
            Transaction History,Data,2024-03-05,U1,APPLE INC,Buy,AAPL,2.0,100.0,-180.0,-1.0,-181.0\n\
            Transaction History,Data,2024-03-06,U1,AAPL(US0378331005) Cash Dividend,Dividend,AAPL,-,-,10.0,-,10.0\n\
            Transaction History,Data,2024-03-06,U1,AAPL(US0378331005) Cash Dividend - US Tax,Foreign Tax Withholding,AAPL,-,-,-1.5,-,-1.5\n\
            Transaction History,Data,2024-03-07,U1,FX,Forex Trade Component,EUR.USD,1,1,1,-,1\n\
            Transaction History,Data,2024-03-08,U1,Gift,Gift,-,-,-,1,-,1\n";
        let reading = crate::import::read(text.as_bytes(), &Choices::default()).unwrap();
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[0].currency.unwrap().as_str()), (decimal("90"), decimal("1"), "EUR"));
        assert_eq!((all[1].amount, all[1].tax), (decimal("10"), decimal("1.5")));
        assert_eq!(skips(&reading).last(), Some(&(7, Skip::CurrencyExchange)));
        assert_eq!(faults(&reading), [(8, Fault::UnknownKind("Gift".to_owned()))]);
    }

    #[test]
    fn the_figures_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/ibkr-transaction-history.csv", NAME) else { return };
        assert_eq!((units(&reading)["CNX1"], faults(&reading).len()), (decimal("2"), 0));
        let taxes: Decimal = entries(&reading).iter().map(|entry| entry.tax).sum();
        assert_eq!((sum(&reading, ActivityKind::Dividend, "GBP"), taxes), (decimal("21"), decimal("3.15")));
        assert_eq!(sum(&reading, ActivityKind::Tax, "GBP"), decimal("0"), "what was withheld of interest was given back");
        assert_eq!(cash(&reading, "GBP"), decimal("3026.85"), "without an adjustment of 0.55 that moved no money");
    }
}
