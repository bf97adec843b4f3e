//! Fidelity (United States): the history of one account or of all, as CSV. What a row is stands in a sentence.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::kinds::is_option;
use super::settled;
use crate::domain::activity::ActivityKind;
use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named, Row, currency};
use crate::import::faults::{Fault, Skip};
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line, Sheet};

/// The name of the format.
pub const NAME: &str = "fidelity";

const DATE: Column = &["run date"];
const ACCOUNT: Column = &["account number"];
const ACTION: Column = &["action"];
const SYMBOL: Column = &["symbol"];
const DESCRIPTION: Column = &["description", "security description"];
const CURRENCY: Column = &["currency"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price", "price ($)"];
const COMMISSION: Column = &["commission", "commission ($)"];
const FEES: Column = &["fees", "fees ($)"];
const ACCRUED: Column = &["accrued interest", "accrued interest ($)"];
const AMOUNT: Column = &["amount", "amount ($)"];
const SETTLED: Column = &["settlement date"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[DATE, ACTION, SYMBOL, DESCRIPTION, QUANTITY, PRICE, AMOUNT, SETTLED],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::MonthFirst),
        zone: None,
        read: rows,
    }),
};

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let transfers = Transfers::of(sheet);
    sheet.rows(|line| row(line, &transfers))
}

/// Money that moved from one account of the file to another, by its day and amount.
struct Transfers(BTreeMap<(String, Decimal), (usize, usize)>);

impl Transfers {
    fn of(sheet: &Sheet<'_>) -> Self {
        let accounts: Vec<&str> = sheet.lines().filter_map(|line| line.optional(ACCOUNT)).collect();
        let mut found: BTreeMap<(String, Decimal), (usize, usize)> = BTreeMap::new();
        for line in sheet.lines().filter(|line| line.text(ACTION).starts_with("TRANSFERRED")) {
            let is_known = line.text(ACTION).split_whitespace().any(|word| accounts.contains(&word));
            if let (true, Some(key)) = (is_known, key(line)) {
                let (out, back) = found.entry(key).or_default();
                *(if line.text(AMOUNT).starts_with('-') { out } else { back }) += 1;
            }
        }
        Self(found)
    }

    fn is_internal(&self, line: Line<'_>) -> bool {
        key(line).and_then(|key| self.0.get(&key)).is_some_and(|(out, back)| out == back && *out > 0)
    }
}

fn key(line: Line<'_>) -> Option<(String, Decimal)> {
    Some((line.text(DATE).to_owned(), line.number(AMOUNT).ok()?.abs().normalize()))
}

/// How sentences begin, and what they are.
const KINDS: [(&str, What); 42] = [
    ("YOU BOUGHT", What::Bought),
    ("REINVESTMENT", What::Bought),
    ("YOU SOLD", What::Sold),
    ("REDEMPTION PAYOUT", What::Sold),
    ("DIVIDEND RECEIVED", What::Dividend),
    ("LONG-TERM CAP GAIN", What::Dividend),
    ("SHORT-TERM CAP GAIN", What::Dividend),
    ("LONG TERM CAP GAIN", What::Dividend),
    ("SHORT TERM CAP GAIN", What::Dividend),
    ("RETURN OF CAPITAL", What::Dividend),
    ("ROYALTY TR PYMT", What::Dividend),
    ("IN LIEU OF FRX SHARE", What::Dividend),
    ("INTEREST", What::Interest),
    ("MUNI EXEMPT INT", What::Interest),
    ("MARGIN INTEREST", What::Interest),
    ("FEE CHARGED", What::Fee),
    ("ADVISORY FEE", What::Fee),
    ("ADR FEE", What::Fee),
    ("FOREIGN TAX PAID", What::Tax),
    ("FED TAX W/H", What::Tax),
    ("STATE TAX W/H", What::Tax),
    ("NON-RESIDENT TAX", What::Tax),
    ("PURCHASE INTO CORE ACCOUNT", What::Core),
    ("REDEMPTION FROM CORE ACCOUNT", What::Core),
    ("TRANSFERRED FROM", What::Transfer),
    ("TRANSFERRED TO", What::Transfer),
    ("DIRECT DEBIT", What::Money),
    ("DIRECT DEPOSIT", What::Money),
    ("CHECK RECEIVED", What::Money),
    ("CHECK PAID", What::Money),
    ("ELECTRONIC FUNDS TRANSFER", What::Money),
    ("WIRE TRANSFER", What::Money),
    ("DEBIT CARD PURCHASE", What::Money),
    ("DEBIT CARD CREDIT", What::Money),
    ("CASH ADVANCE", What::Money),
    ("BILL PAYMENT", What::Money),
    ("CASH CONTRIBUTION", What::Money),
    ("CONTRIBUTION", What::Money),
    ("PARTIC CONTR", What::Money),
    ("CO CONTR", What::Money),
    ("NORMAL DISTR", What::Money),
    ("ROLLOVER CASH", What::Money),
];

#[derive(Clone, Copy)]
enum What {
    Bought,
    Sold,
    Dividend,
    Interest,
    Fee,
    Tax,
    Core,
    Transfer,
    Money,
}

fn row(line: Line<'_>, transfers: &Transfers) -> Result<Fate, Fault> {
    let sentence = line.text(ACTION);
    let upper = sentence.to_uppercase();
    if is_option(line.text(SYMBOL)) {
        return Ok(Fate::Skipped(Skip::NotKept(sentence.to_owned())));
    }
    let found = KINDS.iter().find(|(begin, _)| upper.starts_with(begin));
    let (_, what) = found.ok_or_else(|| Fault::UnknownKind(sentence.to_owned()))?;
    let name = line.optional(DESCRIPTION);
    let entry = Entry {
        instrument: line.optional(SYMBOL).and_then(|symbol| Named::of(Some(symbol), None, name)),
        currency: Some(line.optional_currency(CURRENCY)?.map_or_else(|| currency("USD"), Ok)?),
        note: Some(sentence.to_owned()),
        ..Entry::new(ActivityKind::Deposit, line.when(DATE)?)
    };
    let amount = line.number(AMOUNT)?;
    match what {
        What::Bought => trade(line, entry, ActivityKind::Buy, amount),
        What::Sold => trade(line, entry, ActivityKind::Sell, amount),
        What::Dividend => settled::dividend(entry, amount),
        What::Interest => Ok(settled::interest(entry, amount)),
        What::Fee => Ok(settled::charged(entry, ActivityKind::Fee, amount)),
        What::Tax => Ok(settled::charged(entry, ActivityKind::Tax, amount)),
        // The core account is where cash is kept.
        What::Core => Ok(Fate::Skipped(Skip::InternalTransfer)),
        What::Transfer if transfers.is_internal(line) => Ok(Fate::Skipped(Skip::InternalTransfer)),
        What::Transfer if line.optional_number(QUANTITY)?.is_some_and(|units| !units.is_zero()) => {
            Err(Fault::UnknownKind(sentence.to_owned()))
        }
        What::Transfer | What::Money => Ok(settled::moved(entry, amount)),
    }
}

fn trade(line: Line<'_>, entry: Entry, kind: ActivityKind, amount: Decimal) -> Result<Fate, Fault> {
    if entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(SYMBOL)));
    }
    let quantity = line.number(QUANTITY)?.abs();
    // Interest that had accrued is paid with the units of a bond, and is given back with them.
    let accrued = line.number_or_zero(ACCRUED)?;
    let accrued = if kind == ActivityKind::Sell { -accrued } else { accrued };
    let (commission, fees) = (line.number_or_zero(COMMISSION)?, line.number_or_zero(FEES)?);
    let fee = commission.checked_add(fees).and_then(|fee| fee.checked_add(accrued));
    let fee = fee.ok_or_else(|| Fault::Senseless(line.named(FEES)))?;
    let price = settled::price(kind, quantity, line.optional_number(PRICE)?, Some(amount), fee)?;
    Ok(Entry { kind, quantity, price, fee, note: None, ..entry }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::reading::{Choices, Reading};
    use crate::import::testing::{cash, decimal, entries, faults, read_as, skips, sum, units};

    fn of(rows: &str) -> Reading {
        let header = "Run Date,Account,Account Number,Action,Symbol,Description,Type,Exchange Quantity,Exchange Currency,Currency,Price,Quantity,\
            Exchange Rate,Commission,Fees,Accrued Interest,Amount,Settlement Date";
        crate::import::read(format!("\n\n{header}\n{rows}").as_bytes(), &Choices::default()).unwrap()
    }

    #[test]
    fn rows_are_read_by_how_their_sentence_begins() {
        let reading =
            of("03/05/2024,A,1,YOU BOUGHT APPLE (AAPL) (Cash),AAPL,APPLE INC,Cash,0,,USD,100,3,0,4.95,0.05,,-305,03/07/2024\n\
            03/06/2024,A,1,YOU SOLD BOND (Cash),912828XX0,BOND,Cash,0,,USD,99,-1000,0,,,2.5,992.5,\n\
            03/06/2024,A,1,TRANSFERRED TO 2 (Cash), ,No Description,Cash,0,,USD,,0,0,,,,-50,\n\
            03/06/2024,B,2,TRANSFERRED FROM 1 (Cash), ,No Description,Cash,0,,USD,,0,0,,,,50,\n\
            03/06/2024,B,2,TRANSFERRED FROM 9 (Cash), ,No Description,Cash,0,,USD,,0,0,,,,70,\n\
            03/06/2024,B,2,YOU BOUGHT CALL (Cash), -AAPL240419C150,CALL,Cash,0,,USD,1,1,0,,,,-100,\n\
            03/06/2024,B,2,MERGER OF ALL (Cash),AAPL,APPLE,Cash,0,,USD,,7,0,,,,70,\n\
            03/06/2024,B,2,DIVIDEND RECEIVED (Cash),,No Description,Cash,0,,USD,,0,0,,,,7,\n\
            \nDate downloaded 03/09/2024\n");
        let all = entries(&reading);
        assert_eq!((all[0].price, all[0].fee, all[1].fee), (decimal("100"), decimal("5"), decimal("-2.5")));
        assert_eq!((all[1].price, cash(&reading, "USD")), (decimal("0.99"), decimal("757.5")));
        let internal = Skip::InternalTransfer;
        let option = Skip::NotKept("YOU BOUGHT CALL (Cash)".to_owned());
        assert_eq!(skips(&reading), [(6, internal.clone()), (7, internal), (9, option), (13, Skip::Footer)]);
        assert_eq!(
            faults(&reading),
            [(10, Fault::UnknownKind("MERGER OF ALL (Cash)".to_owned())), (11, Fault::Missing("symbol".to_owned()))]
        );
    }

    #[test]
    fn all_accounts_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/fidelity-all-accounts.csv", NAME) else { return };
        let held = units(&reading);
        let expected = [
            ("BND", "9.598"),
            ("VTEB", "73.459"),
            ("WM", "18"),
            ("44244CCF2", "-25000"),
            ("VVV", "-341"),
            ("412003AD7", "55000"),
        ];
        assert_eq!(held.len(), expected.len());
        for (symbol, units) in expected {
            assert_eq!(held[symbol], decimal(units), "{symbol}");
        }
        assert_eq!(sum(&reading, ActivityKind::Dividend, "USD"), decimal("7544.49"));
        assert_eq!(
            (sum(&reading, ActivityKind::Interest, "USD"), sum(&reading, ActivityKind::Tax, "USD")),
            (decimal("1250"), decimal("32.93"))
        );
        assert_eq!(skips(&reading).iter().filter(|(_, skip)| *skip == Skip::InternalTransfer).count(), 2);
        assert!(matches!(&faults(&reading)[..], [(17, Fault::UnknownKind(_))]), "whether a merger moved its money is not told");
        let bond = entries(&reading).into_iter().find(|entry| entry.fee == decimal("285.69")).unwrap();
        assert_eq!((bond.quantity * bond.price + bond.fee).round_dp(2), decimal("50151.44"));
    }

    #[test]
    fn rows_of_cash_are_those_of_the_sample() {
        let Some(reading) = read_as("ok/fidelity-cma-history.csv", NAME) else { return };
        assert_eq!((entries(&reading).len(), faults(&reading).len()), (11, 0));
        assert_eq!(cash(&reading, "USD"), decimal("-7671.75"));
    }
}
