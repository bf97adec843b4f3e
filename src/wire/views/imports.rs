//! Imports: a file as it is looked at, and what became of it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;

/// An import, as `GET /imports/{import_id}` answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportView {
    /// Its id.
    pub import_id: String,
    /// The portfolio that it is for.
    pub portfolio_id: String,
    /// What the file is called.
    pub file_name: String,
    /// `open` while it is looked at, then `committed`, and `undone` where its entries were taken out again.
    pub state: String,
    /// When the file came.
    pub created_at: String,
    /// When it was committed or undone.
    pub finished_at: Option<String>,
    /// How many entries it made.
    pub entries: i64,
    /// How many of those were changed since, which an undoing takes out as well.
    pub changed_since: i64,
    /// The name of the format, such as `ghostfolio`, or `columns` where the columns are known by their names.
    pub format: String,
    /// The program whose format that is, such as `Ghostfolio`; empty where it is that of any table.
    pub program: String,
    /// What is read while it is looked at; `null` afterwards.
    #[serde(flatten)]
    pub preview: Option<ImportPreview>,
}

/// What a file says, and what would come of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportPreview {
    /// The encoding, such as `UTF-8`.
    pub encoding: String,
    /// What separates cells: `,` `;` `tab` `|`; `null` where the file is no table.
    pub separator: Option<String>,
    /// How numbers are written: `point` or `comma`; `null` where the file is no table.
    pub decimal: Option<String>,
    /// How dates are written: `ymd`, `dmy` or `mdy`; `null` where that cannot be told, or the file is no table.
    pub date: Option<String>,
    /// The columns of a table.
    pub columns: Vec<String>,
    /// Which column holds what, where they are known by their names or were chosen.
    pub fields: BTreeMap<String, String>,
    /// The currency of rows that name none, where one was chosen.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub currency: Option<Currency>,
    /// How many rows have which fate.
    pub rows: ImportCounts,
    /// The instruments that the file names.
    pub instruments: Vec<ImportInstrument>,
    /// What the portfolio holds now.
    pub before: ImportHoldings,
    /// What it would hold.
    pub result: ImportHoldings,
}

/// How many rows have which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportCounts {
    /// They become entries.
    pub new: usize,
    /// The portfolio has them already.
    pub duplicate: usize,
    /// They are nothing for a ledger.
    pub skipped: usize,
    /// They cannot be read.
    pub error: usize,
}

/// An instrument that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportInstrument {
    /// By what it is chosen in a `PATCH`: the file's symbol, ISIN or name.
    pub key: String,
    /// Its name in the file.
    pub name: Option<String>,
    /// Its ISIN in the file.
    pub isin: Option<String>,
    /// The ticker that its entries get; `null` while it is ambiguous.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub ticker: Option<Ticker>,
    /// Whether that is known, will be made, or must be chosen.
    pub r#match: ImportMatch,
    /// What it may be.
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<String>))]
    pub candidates: Vec<Ticker>,
    /// How many rows are about it.
    pub rows: usize,
}

/// Whether an instrument of a file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum ImportMatch {
    /// It is known.
    Known,
    /// It will be made.
    New,
    /// It may be one of several, or is known in another currency: it must be chosen.
    Ambiguous,
}

/// What a portfolio holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportHoldings {
    /// Units of each instrument that is held.
    pub holdings: Vec<ImportHolding>,
    /// Cash in each currency that is not zero.
    pub cash: Vec<ImportCash>,
}

/// Units of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportHolding {
    /// The instrument.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub ticker: Ticker,
    /// Its units.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub quantity: Decimal,
}

/// Cash in a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportCash {
    /// The currency.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub currency: Currency,
    /// The amount.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub amount: Decimal,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum ImportFate {
    /// It becomes entries.
    New,
    /// The portfolio has it already.
    Duplicate,
    /// It is nothing for a ledger.
    Skipped,
    /// It cannot be read.
    Error,
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportRowView {
    /// The line of the file, from 1.
    pub line: usize,
    /// What becomes of it.
    pub fate: ImportFate,
    /// Why, in a sentence; of a new row what is strange about it.
    pub reason: Option<String>,
    /// The first entry that it is, as `POST …/activities` takes it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<serde_json::Value>))]
    pub activity: Option<crate::wire::commands::ActivityDraft>,
    /// How many entries it is.
    pub entries: usize,
}
