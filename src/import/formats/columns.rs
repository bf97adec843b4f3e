//! Any table: its columns are known by their usual names, or a person says which holds what.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::kinds::{any_kind_named, class_named};
use crate::domain::activity::ActivityKind;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::Fault;
use crate::import::format::TableFormat;
use crate::import::table::{Column, Line, Sheet, column_name};

/// The name of the format.
pub const NAME: &str = "columns";

const DATE: Column = &[
    "date",
    "time",
    "datetime",
    "date/time",
    "trade date",
    "tradedate",
    "transaction date",
    "trade_date",
    "timestamp",
    "datum",
    "buchungstag",
    "data",
    "fecha",
];
const KIND: Column = &[
    "kind",
    "type",
    "action",
    "activity",
    "activity type",
    "transaction type",
    "transactiontype",
    "trade type",
    "typ",
    "buy/sell",
    "side",
    "direction",
    "activitytype",
];
const TICKER: Column = &["ticker", "symbol", "ticker symbol", "ticker-symbol", "code", "instrument", "stock", "asset"];
const ISIN: Column = &["isin", "isin code", "security id", "instrument isin"];
const NAME_OF: Column =
    &["name", "security name", "security", "description", "product", "wertpapier", "wertpapiername", "company", "asset name"];
const CLASS: Column = &["class", "asset class", "instrumenttype", "instrument type", "asset type"];
const QUANTITY: Column =
    &["quantity", "qty", "shares", "units", "amount of shares", "no. of shares", "volume", "stück", "anzahl", "no of shares"];
const PRICE: Column =
    &["price", "unit price", "unit_price", "unitprice", "price per share", "share price", "price per unit", "kurs", "avg price"];
const AMOUNT: Column = &["amount", "total", "value", "net amount", "total amount", "gross amount", "wert", "betrag", "proceeds"];
const FEE: Column =
    &["fee", "fees", "commission", "commissions", "transaction fee", "gebühren", "brokerage", "transaction costs"];
const TAX: Column = &["tax", "taxes", "steuern", "withholding tax"];
const CURRENCY: Column =
    &["currency", "ccy", "currency code", "price currency", "währung", "transaction currency", "currencycode"];
const RATE: Column = &["exchange_rate", "exchange rate", "fxrate", "fx rate", "wechselkurs"];
const NOTE: Column = &["note", "notes", "comment", "comments", "memo", "notiz", "remarks"];
const REFERENCE: Column = &["reference", "id", "transaction id", "order id", "transactionid", "reference no.", "trade id"];

/// What a column may hold, by the name that a person chooses it by.
pub const FIELDS: [(&str, Column); 15] = [
    ("date", DATE),
    ("kind", KIND),
    ("ticker", TICKER),
    ("isin", ISIN),
    ("name", NAME_OF),
    ("class", CLASS),
    ("quantity", QUANTITY),
    ("price", PRICE),
    ("amount", AMOUNT),
    ("fee", FEE),
    ("tax", TAX),
    ("currency", CURRENCY),
    ("exchange_rate", RATE),
    ("note", NOTE),
    ("reference", REFERENCE),
];

/// How it is read.
pub const TABLE: TableFormat = TableFormat {
    header: &[],
    numbers: &[QUANTITY, PRICE, AMOUNT, FEE, TAX, RATE],
    dates: &[DATE],
    decimal: None,
    date: None,
    zone: None,
    read: rows,
};

/// Returns whether the names of columns say enough of a table: when, how many or how much, and of what kind or instrument.
pub fn is_header(names: &[String], chosen: &BTreeMap<String, String>) -> bool {
    let names = renamed(names, chosen);
    let has = |column: Column| column.iter().any(|name| names.iter().any(|known| known == name));
    let is_trade = has(QUANTITY) && (has(PRICE) || has(AMOUNT)) && (has(TICKER) || has(ISIN) || has(NAME_OF));
    has(DATE) && (is_trade || (has(AMOUNT) && has(KIND)))
}

/// Returns the columns under the names of the fields that a person says they hold.
///
/// ```
/// use foliostream::import::formats::columns::renamed;
/// let chosen = [("quantity".to_owned(), "Pieces".to_owned())].into();
/// assert_eq!(renamed(&["day".to_owned(), "pieces".to_owned()], &chosen), ["day", "quantity"]);
/// ```
pub fn renamed(columns: &[String], chosen: &BTreeMap<String, String>) -> Vec<String> {
    let field_of = |name: &String| chosen.iter().find(|(_, column)| column_name(column) == *name).map(|(field, _)| field);
    // A column that would hold a field which was given to another one does not.
    let is_given =
        |name: &String| FIELDS.iter().any(|(field, names)| chosen.contains_key(*field) && names.contains(&name.as_str()));
    let rename = |name: &String| match field_of(name) {
        Some(field) => {
            FIELDS.iter().find(|(known, _)| known == field).map_or_else(|| name.clone(), |(known, _)| (*known).to_owned())
        }
        None if is_given(name) => format!("{name} "),
        None => name.clone(),
    };
    columns.iter().map(rename).collect()
}

/// Returns which column of a table holds what, as far as it is known by its name.
pub fn fields_of(columns: &[String]) -> BTreeMap<String, String> {
    let names: Vec<String> = columns.iter().map(|column| column_name(column)).collect();
    let place = |column: Column| column.iter().find_map(|name| names.iter().position(|known| known == name));
    FIELDS.iter().filter_map(|(field, column)| Some(((*field).to_owned(), columns[place(column)?].clone()))).collect()
}

fn rows(sheet: &Sheet<'_>) -> Vec<Row> {
    sheet.rows(row)
}

/// Reads one record by the usual names of its columns: a kind that is not written is a purchase or, of units below zero, a sale.
pub(super) fn row(line: Line<'_>) -> Result<Fate, Fault> {
    let quantity = line.optional_number(QUANTITY)?;
    let kind = match line.optional(KIND) {
        Some(word) => any_kind_named(word).ok_or_else(|| Fault::UnknownKind(word.to_owned()))?,
        None if quantity.is_some_and(|quantity| quantity.is_sign_negative()) => ActivityKind::Sell,
        None if quantity.is_some() => ActivityKind::Buy,
        None => return Err(Fault::Missing("kind".to_owned())),
    };
    let named = Named::of(line.optional(TICKER), line.optional(ISIN), line.optional(NAME_OF));
    let class = line.optional(CLASS).and_then(class_named);
    let figures = kind.figures_with(named.is_some() || !kind.figures().money_instead);
    let (price, amount) = (line.optional_number(PRICE)?, line.optional_number(AMOUNT)?);
    let units = quantity.unwrap_or_default().abs();
    let mut entry = Entry {
        instrument: named.filter(|_| figures.ticker).map(|named| Named { class, ..named }),
        fee: line.number_or_zero(FEE)?.abs(),
        tax: line.number_or_zero(TAX)?.abs(),
        currency: line.optional_currency(CURRENCY)?,
        note: line.optional(NOTE).map(str::to_owned),
        reference: line.optional(REFERENCE).map(|id| format!("{NAME} {id}")),
        ..Entry::new(kind, line.when(DATE)?)
    };
    if figures.ticker && entry.instrument.is_none() {
        return Err(Fault::Missing(line.named(TICKER)));
    }
    if figures.quantity {
        if quantity.is_none() {
            return Err(Fault::Missing(line.named(QUANTITY)));
        }
        if units.is_zero() {
            return Err(Fault::Senseless(line.named(QUANTITY)));
        }
        entry.quantity = units;
    }
    if figures.price {
        let of_amount = || amount.and_then(|amount| amount.abs().checked_div(units)).map(|price| price.round_dp(10).normalize());
        let free = figures.may_be_free.then_some(Decimal::ZERO);
        let price = price.map(|price| price.abs()).or_else(of_amount).or(free);
        entry.price = price.ok_or_else(|| Fault::Missing(line.named(PRICE)))?;
    }
    if figures.amount.is_some() {
        let of_units = || price.and_then(|price| price.checked_mul(quantity?));
        // What a fee or a tax costs is written below zero by many, and given back by few.
        let amount =
            amount.filter(|amount| !amount.is_zero()).or_else(of_units).ok_or_else(|| Fault::Missing(line.named(AMOUNT)))?;
        if amount.is_zero() {
            return Err(Fault::Senseless(line.named(AMOUNT)));
        }
        entry.amount = amount.abs();
        // The same figure in two columns is one.
        let is_repeated = |charge: Decimal| charge == amount.abs();
        if kind == ActivityKind::Fee && is_repeated(entry.fee) {
            entry.fee = Decimal::ZERO;
        }
        if kind == ActivityKind::Tax && is_repeated(entry.tax) {
            entry.tax = Decimal::ZERO;
        }
    }
    Ok(entry.into())
}
