//! What a person chose for a file, instead of what is recognised.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::import::dates::DateForm;
use foliostream::import::formats;
use foliostream::import::formats::columns::{FIELDS, NAME};
use foliostream::import::numbers::DecimalMark;
use foliostream::import::reading::Choices;
use foliostream::import::table::Separator;
use foliostream::import::text::Encoding;
use foliostream::wire::commands::ImportPatch;
use foliostream::wire::error::ApiError;
use foliostream::words::{Refusals, Sentence};

/// The word by which a row is left out.
const LEFT_OUT: &str = "skipped";

/// The word by which a row is taken that the portfolio seems to have.
const TAKEN: &str = "new";

/// What was chosen, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    format: Option<String>,
    encoding: Option<String>,
    separator: Option<String>,
    decimal: Option<String>,
    date: Option<String>,
    currency: Option<String>,
    columns: BTreeMap<String, String>,
    /// The tickers of instruments, by what the file calls them.
    pub instruments: BTreeMap<String, String>,
    rows: BTreeMap<usize, String>,
}

impl Chosen {
    /// Takes what a person changes: an empty text gives the choice back. Each is refused by its field where it is none.
    pub(super) fn change(&mut self, patch: ImportPatch) -> Result<(), ApiError> {
        let is_format = |name: &str| name == NAME || formats::ALL.iter().any(|format| format.name == name);
        let is_encoding = |name: &str| Encoding::named(name).is_some();
        let is_separator = |name: &str| Separator::named(name).is_some();
        let is_decimal = |name: &str| DecimalMark::named(name).is_some();
        let is_date = |name: &str| DateForm::named(name).is_some();
        let is_currency = |text: &str| text.trim().parse::<Currency>().is_ok();
        set(&mut self.format, patch.format, "format", is_format, Refusals::no_such_format)?;
        set(&mut self.encoding, patch.encoding, "encoding", is_encoding, Refusals::no_such_encoding)?;
        set(&mut self.separator, patch.separator, "separator", is_separator, Refusals::no_such_separator)?;
        set(&mut self.decimal, patch.decimal, "decimal", is_decimal, Refusals::no_such_decimal)?;
        set(&mut self.date, patch.date, "date", is_date, Refusals::no_such_date_form)?;
        set(&mut self.currency, patch.currency, "currency", is_currency, Refusals::not_a_currency)?;
        for (field, column) in patch.columns.unwrap_or_default() {
            if !FIELDS.iter().any(|(known, _)| *known == field) {
                return Err(ApiError::field(&format!("columns.{field}"), Refusals::no_such_column()));
            }
            keep(&mut self.columns, field, column);
        }
        for (name, ticker) in patch.instruments.unwrap_or_default() {
            let ticker = ticker.trim().to_uppercase();
            if !ticker.is_empty() && ticker.parse::<Ticker>().is_err() {
                return Err(ApiError::field(&format!("instruments.{name}"), Refusals::no_such_ticker()));
            }
            keep(&mut self.instruments, name, ticker);
        }
        for (line, word) in patch.rows.unwrap_or_default() {
            if ![TAKEN, LEFT_OUT, ""].contains(&word.as_str()) {
                return Err(ApiError::field(&format!("rows.{line}"), Refusals::no_such_row_choice()));
            }
            keep(&mut self.rows, line, word);
        }
        Ok(())
    }

    /// Returns what of it is for the next file of the same kind: everything but what is said of single rows.
    pub(super) fn remembered(self) -> Self {
        Self { rows: BTreeMap::new(), ..self }
    }

    /// Returns how the file is to be read.
    pub(super) fn choices(&self) -> Choices {
        fn of<T>(text: &Option<String>, read: fn(&str) -> Option<T>) -> Option<T> {
            text.as_deref().and_then(read)
        }
        Choices {
            format: self.format.clone(),
            encoding: of(&self.encoding, Encoding::named),
            separator: of(&self.separator, Separator::named),
            decimal: of(&self.decimal, DecimalMark::named),
            date: of(&self.date, DateForm::named),
            columns: self.columns.clone(),
        }
    }

    /// Returns which columns were said to hold what.
    pub(super) fn columns(&self) -> BTreeMap<String, String> {
        self.columns.clone()
    }

    /// Returns the currency of rows that name none.
    pub(super) fn currency(&self) -> Option<Currency> {
        self.currency.as_deref().and_then(|text| text.trim().parse().ok())
    }

    /// Returns whether a row is left out.
    pub(super) fn is_left_out(&self, line: usize) -> bool {
        self.rows.get(&line).is_some_and(|word| word == LEFT_OUT)
    }

    /// Returns whether a row is taken although the portfolio seems to have it.
    pub(super) fn is_taken(&self, line: usize) -> bool {
        self.rows.get(&line).is_some_and(|word| word == TAKEN)
    }
}

/// Keeps one choice, where it is one.
fn set(
    choice: &mut Option<String>,
    written: Option<String>,
    field: &str,
    is_one: impl Fn(&str) -> bool,
    refusal: fn() -> Sentence,
) -> Result<(), ApiError> {
    match written {
        Some(text) if text.is_empty() => *choice = None,
        Some(text) if !is_one(&text) => return Err(ApiError::field(field, refusal())),
        Some(text) => *choice = Some(text),
        None => {}
    }
    Ok(())
}

/// Keeps a choice of one of many; an empty one is given back.
fn keep<K: Ord>(choices: &mut BTreeMap<K, String>, key: K, choice: String) {
    if choice.is_empty() {
        choices.remove(&key);
    } else {
        choices.insert(key, choice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(text: &str) -> ImportPatch {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn choices_are_kept_until_they_are_given_back() {
        let mut chosen = Chosen::default();
        let all = r#"{"format":"columns","encoding":"utf-16le","separator":";","decimal":"comma","date":"mdy","currency":"CHF",
            "columns":{"quantity":"Pieces"},"instruments":{"SAP":"sap.de"},"rows":{"4":"skipped","5":"new"}}"#;
        chosen.change(patch(all)).unwrap();
        let choices = chosen.choices();
        assert_eq!((choices.date, choices.decimal), (Some(DateForm::MonthFirst), Some(DecimalMark::Comma)));
        assert_eq!(
            (chosen.instruments["SAP"].as_str(), chosen.currency(), chosen.is_left_out(4), chosen.is_taken(5)),
            ("SAP.DE", Some(Currency::CHF), true, true)
        );
        chosen.change(patch("{}")).unwrap();
        assert_eq!(serde_json::from_str::<Chosen>(&serde_json::to_string(&chosen).unwrap()).unwrap(), chosen);
        let none = r#"{"format":"","encoding":"","separator":"","decimal":"","date":"","currency":"","columns":{"quantity":""},"instruments":{"SAP":""},"rows":{"4":"","5":""}}"#;
        chosen.change(patch(none)).unwrap();
        assert_eq!(chosen, Chosen::default());
    }

    #[test]
    fn what_is_no_choice_is_refused_by_its_field() {
        for (text, field) in [
            (r#"{"format":"x"}"#, "format"),
            (r#"{"encoding":"x"}"#, "encoding"),
            (r#"{"separator":"x"}"#, "separator"),
            (r#"{"decimal":"x"}"#, "decimal"),
            (r#"{"date":"x"}"#, "date"),
            (r#"{"currency":"x"}"#, "currency"),
            (r#"{"columns":{"x":"y"}}"#, "columns.x"),
            (r#"{"instruments":{"x":"a b"}}"#, "instruments.x"),
            (r#"{"rows":{"4":"x"}}"#, "rows.4"),
        ] {
            assert_eq!(Chosen::default().change(patch(text)).unwrap_err().field.as_deref(), Some(field));
        }
    }
}
