//! Our own table: what an export of a ledger is, and what is easiest to write by hand. Its columns are the fields of an activity.

use super::kinds::{class_named, kind_named};

use crate::import::dates::DateForm;
use crate::import::entry::{Entry, Fate, Named};
use crate::import::faults::Fault;
use crate::import::format::{Format, Reader, TableFormat};
use crate::import::numbers::DecimalMark;
use crate::import::table::{Column, Line};

/// The name of the format.
pub const NAME: &str = "foliostream";

/// The columns, in the order of an export.
pub const COLUMNS: [&str; 17] = [
    "time",
    "kind",
    "ticker",
    "isin",
    "name",
    "class",
    "quantity",
    "price",
    "amount",
    "fee",
    "tax",
    "currency",
    "exchange_rate",
    "portfolio_currency",
    "opens_short",
    "note",
    "activity_id",
];

const TIME: Column = &["time"];
const KIND: Column = &["kind"];
const TICKER: Column = &["ticker"];
const QUANTITY: Column = &["quantity"];
const PRICE: Column = &["price"];
const AMOUNT: Column = &["amount"];
const FEE: Column = &["fee"];
const TAX: Column = &["tax"];
const CURRENCY: Column = &["currency"];
const RATE: Column = &["exchange_rate"];
const PORTFOLIO_CURRENCY: Column = &["portfolio_currency"];

/// How it is recognised and read.
pub const FORMAT: Format = Format {
    name: NAME,
    reader: Reader::Table(TableFormat {
        header: &[TIME, KIND, TICKER, QUANTITY, PRICE, AMOUNT, CURRENCY, RATE],
        numbers: &[],
        dates: &[],
        decimal: Some(DecimalMark::Point),
        date: Some(DateForm::YearFirst),
        zone: None,
        read: |sheet| sheet.rows(row),
    }),
};

fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let kind = kind_named(line.text(KIND)).ok_or_else(|| Fault::UnknownKind(line.text(KIND).to_owned()))?;
    let named = Named::of(line.optional(TICKER), line.optional(&["isin"]), line.optional(&["name"]));
    let class = line.optional(&["class"]).and_then(class_named);
    let rate = line.optional_number(RATE)?.zip(line.optional_currency(PORTFOLIO_CURRENCY)?);
    let entry = Entry {
        instrument: named.map(|named| Named { class, ..named }),
        quantity: line.number_or_zero(QUANTITY)?,
        price: line.number_or_zero(PRICE)?,
        amount: line.number_or_zero(AMOUNT)?,
        fee: line.number_or_zero(FEE)?,
        tax: line.number_or_zero(TAX)?,
        currency: line.optional_currency(CURRENCY)?,
        exchange_rate: rate,
        opens_short: line.text(&["opens_short"]) == "true",
        note: line.optional(&["note"]).map(str::to_owned),
        reference: line.optional(&["activity_id"]).map(|id| format!("{NAME} {id}")),
        ..Entry::new(kind, line.when(TIME)?)
    };
    Ok(entry.into())
}
