//! What a person or a program asks for. Drafts make, patches change; unknown fields are refused.
//!
//! Numbers and times arrive as text and are read here, so that a refusal can name its field in words.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::alert::{Condition, Repeat};
use crate::domain::instrument::AssetClass;
use crate::words::{Answers, Sentence};

mod books;
mod present;

pub use books::{AccountDraft, AccountPatch, ActivityDraft, ActivityPatch, Edit};
use present::present;

/// The longest note, name or other free text, in characters.
pub const MAX_TEXT: usize = 1_000;

/// The most digits a number may have.
pub const MAX_DIGITS: usize = 28;

/// A rule as it is asked for: its kind, and the parameters of that kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RuleDraft {
    /// The kind of the rule, such as `crosses_above`.
    pub kind: String,
    /// The ticker of the instrument to watch, such as `AAPL`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ticker: Option<String>,
    /// Of the kinds that compare the price: a price in the instrument's currency.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Of the kinds that compare the day change: percent of the previous close, negative for a fall.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// The names of whatever else is written: they are refused, but only after a kind that is not known.
    #[serde(flatten, deserialize_with = "names", skip_serializing)]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub others: Vec<String>,
}

/// Reads the names of fields, in alphabetical order.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?.into_keys().collect())
}

/// A new alert: with a `rule`, or in the short form with `ticker`, `condition` and `threshold`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AlertDraft {
    /// The ticker of the instrument to watch, such as `AAPL`; absent where `rule` is given.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ticker: Option<String>,
    /// The condition, such as `crosses_above`; absent where `rule` is given.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub condition: Option<Condition>,
    /// The level, as a decimal: a price in the instrument's currency, or a percentage for a day change.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    /// What to wait for, instead of `ticker`, `condition` and `threshold`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = RuleDraft, required = false))]
    pub rule: Option<RuleDraft>,
    /// Free text, at most 1,000 characters.
    #[serde(default)]
    pub note: Option<String>,
    /// `once` (default) or `every`.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub repeat: Repeat,
    /// Seconds before an `every` alert may re-arm; 0 unless told, at most 31,536,000.
    #[serde(default)]
    pub cooldown_s: u32,
    /// When it stops watching: RFC 3339 with its offset, or a date (its midnight UTC); in the future. Absent: never.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// Whether the alert starts paused, and watches only once it is armed.
    #[serde(default)]
    pub paused: bool,
}

/// A change of an alert: absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AlertPatch {
    /// The ticker of another instrument to watch.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub ticker: Option<String>,
    /// Another condition, such as `crosses_above`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub condition: Option<Condition>,
    /// Another level, as a decimal: a price, or a percentage for a day change.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    /// Another rule, instead of `ticker`, `condition` and `threshold`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = RuleDraft, required = false))]
    pub rule: Option<RuleDraft>,
    /// Another note; `null` removes it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub note: Option<Option<String>>,
    /// Whether it fires `once` or at `every` crossing, with its cooldown in between.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub repeat: Option<Repeat>,
    /// Another cooldown, in seconds.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub cooldown_s: Option<u32>,
    /// Another expiry; `null` removes it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub expires_at: Option<Option<String>>,
    /// True pauses the alert; false arms it again, also one that has triggered.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// True marks the last firing as seen by the person.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<bool>,
}

/// A portfolio that is to be made, with an empty ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PortfolioDraft {
    /// 1 to 100 characters.
    pub name: String,
    /// The currency that the portfolio is valued in: a major one, such as `EUR` and not `GBp`.
    pub currency: String,
    /// Whether cash counts. Unless told, a first deposit or withdrawal before any trade sets it to true.
    #[serde(default)]
    pub track_cash: Option<bool>,
}

/// A change of a portfolio.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PortfolioPatch {
    /// Another name, 1 to 100 characters.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether cash counts towards the total of the portfolio.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub track_cash: Option<bool>,
}

/// What is chosen for a file that is looked at, instead of what is recognised. An empty text gives a choice back; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportPatch {
    /// The format, such as `ghostfolio`, or `columns` for any table.
    pub format: Option<String>,
    /// The encoding: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `windows-1252`.
    pub encoding: Option<String>,
    /// What separates cells: `,` `;` `tab` `|`.
    pub separator: Option<String>,
    /// How numbers are written: `point` or `comma`.
    pub decimal: Option<String>,
    /// How dates are written: `ymd`, `dmy` or `mdy`.
    pub date: Option<String>,
    /// The currency of rows that name none.
    pub currency: Option<String>,
    /// Which column holds what: the column's name by the field's, such as `{"quantity":"Pieces"}`.
    pub columns: Option<BTreeMap<String, String>>,
    /// Which instruments are meant: tickers by the keys of the file's instruments.
    pub instruments: Option<BTreeMap<String, String>>,
    /// What becomes of rows, by their lines: `skipped` leaves one out, `new` takes one that the portfolio seems to have.
    pub rows: Option<BTreeMap<usize, String>>,
}

/// An instrument that no source describes: a person makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct InstrumentDraft {
    /// The ticker to find it by, such as `NEWCO`.
    pub ticker: String,
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// The currency that its prices are in; pence are `GBp`.
    pub currency: String,
    /// Its class, such as `share` or `fund`.
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub class: AssetClass,
    /// The number that brokers name it by.
    #[serde(default)]
    pub isin: Option<String>,
    /// The decimals that its price is shown with: 0 to 10, 2 unless told.
    #[serde(default)]
    pub price_decimals: Option<u32>,
    /// What its issuer does, at most 100 characters.
    #[serde(default)]
    pub sector: Option<String>,
    /// The country it stands for, at most 100 characters.
    #[serde(default)]
    pub country: Option<String>,
}

/// A change of an instrument: absent fields stay, empty texts of `isin`, `sector` and `country` take away what was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct InstrumentPatch {
    /// Another name, 1 to 100 characters.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The currency it has: another one is refused, as what it cost would mean something else.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Another class.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub class: Option<AssetClass>,
    /// Another ISIN.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub isin: Option<String>,
    /// Other decimals.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub price_decimals: Option<u32>,
    /// Another sector.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Another country.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A price that a person enters for a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DatedPriceDraft {
    /// The day, such as `2026-11-12`; not before 1900, and at most today.
    pub date: String,
    /// The price above zero, in the instrument's currency; `null` takes back what was entered for the day.
    pub price: Option<String>,
}

/// One observed price of an instrument, pushed by a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuoteDraft {
    /// The ticker of the instrument, such as `AAPL`.
    pub ticker: String,
    /// The price, in `currency`.
    pub price: String,
    /// The best bid in `currency`, where there is one.
    #[serde(default)]
    pub bid: Option<String>,
    /// The best ask in `currency`, where there is one.
    #[serde(default)]
    pub ask: Option<String>,
    /// When the price was observed: RFC 3339 with its offset, or a date (its midnight UTC); now if absent.
    #[serde(default)]
    pub time: Option<String>,
    /// The currency of the price; if absent, that of the instrument, or USD for a new one.
    #[serde(default)]
    pub currency: Option<String>,
    /// The last close before this session, in `currency`; day changes are measured from it.
    #[serde(default)]
    pub previous_close: Option<String>,
}

/// Why a text was refused, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.in_english())]
pub struct Refusal(pub Sentence);

/// Reads an exact decimal as it was written: finite, plain (no exponent), at most 28 digits.
///
/// ```
/// use foliostream::wire::commands::parse_decimal;
/// assert_eq!(parse_decimal("150.00").expect("plain").to_string(), "150.00");
/// assert!(parse_decimal("1e400").is_err() && parse_decimal("NaN").is_err());
/// ```
pub fn parse_decimal(text: &str) -> Result<Decimal, Refusal> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
    let points = unsigned.bytes().filter(|byte| *byte == b'.').count();
    if digits == 0 || points > 1 || digits + points != unsigned.len() || unsigned.starts_with('.') || unsigned.ends_with('.') {
        return Err(Refusal(Answers::not_a_number()));
    }
    if digits > MAX_DIGITS {
        return Err(Refusal(Answers::at_most_28_digits()));
    }
    Decimal::from_str_exact(text.strip_prefix('+').unwrap_or(text)).map_err(|_| Refusal(Answers::at_most_28_digits()))
}

/// Reads a free text: blank is none, over-long is refused. A note is its writer's own and stands apart from other texts, so that
/// it is kept as it was written, whatever it holds; only NUL is refused.
pub fn parse_note(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    match text {
        // No database but SQLite holds it within a text.
        Some(text) if text.contains('\0') => Err(Refusal(Answers::leave_out_nul())),
        Some(text) if text.chars().count() > MAX_TEXT => Err(Refusal(Answers::at_most_1000_characters())),
        text => Ok(text.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_as_it_was_written() {
        for text in ["150", "150.00", "-5.5", "0.000001", "1234567890123456789012345678"] {
            assert_eq!(parse_decimal(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn senseless_numbers_are_refused() {
        let forty = "1".repeat(40);
        for text in ["", " ", "1e400", "1e3", "NaN", "inf", "-", "1..2", "1,5", "0x10", ".5", "5.", "--1", "١", &forty] {
            assert!(parse_decimal(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn null_in_a_patch_removes_and_absence_keeps() {
        for other in ["ticker", "condition", "threshold", "rule", "repeat", "cooldown_s", "paused", "acknowledged"] {
            assert!(serde_json::from_str::<AlertPatch>(&format!(r#"{{"{other}":null}}"#)).is_err(), "{other}");
        }
        assert!(serde_json::from_str::<PortfolioPatch>(r#"{"name":null}"#).is_err());
        let removes: AlertPatch = serde_json::from_str(r#"{"note":null}"#).unwrap();
        let keeps: AlertPatch = serde_json::from_str("{}").unwrap();
        assert_eq!((removes.note, keeps.note), (Some(None), None));
    }

    #[test]
    fn what_is_asked_for_in_the_short_form_is_written_as_it_always_was() {
        // Keys of requests are kept with what was asked, also across an upgrade.
        let text = r#"{"ticker":"A","condition":"price_above","threshold":"1","note":null,"repeat":"once","cooldown_s":0,"expires_at":null,"paused":false}"#;
        let draft: AlertDraft = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&draft).unwrap(), text);
    }

    #[test]
    fn a_rule_is_read_with_what_its_kind_may_not_know() {
        let text = r#"{"low":[1],"kind":"band","ticker":"A","percent":"-5"}"#;
        let rule: RuleDraft = serde_json::from_str(text).unwrap();
        assert_eq!((rule.kind.as_str(), rule.ticker.as_deref(), rule.percent.as_deref()), ("band", Some("A"), Some("-5")));
        assert_eq!(rule.others, ["low"]);
        assert!(serde_json::from_str::<RuleDraft>(r#"{"kind":"price_above","level":null}"#).is_err());
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(serde_json::from_str::<AlertPatch>(r#"{"pause":true}"#).is_err());
    }
}
