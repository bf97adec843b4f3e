//! How an alert's rule and its memory stand in columns: JSON that says in which version it is.
//!
//! A parameter that older programs may leave unread does not raise the version; one that makes the rule mean something else does.

use std::error::Error;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::columns::undecodable;
use super::statement::Row;
use foliostream::domain::alert::AlertId;

/// The version this program writes and reads.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u32,
    #[serde(flatten)]
    content: &'a T,
}

/// All that is read of a text before its version is known.
#[derive(Deserialize)]
struct Said {
    v: u32,
}

/// Why a column holds nothing that this program can work with.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(
        "alert {alert} is in version {version}, and this program reads version {VERSION}: start the newer program that wrote it, or \
         delete the alert with it"
    )]
    Version { alert: i64, version: u32 },
    #[error("alert {alert} cannot be read ({error}): start the newer program that wrote it, or delete the alert with it")]
    Malformed { alert: i64, error: serde_json::Error },
}

/// Writes a rule, or a memory.
pub(crate) fn text(content: &impl Serialize) -> String {
    serde_json::to_string(&Versioned { v: VERSION, content }).expect("rules and memories are objects of texts and flags")
}

/// Reads an alert's rule, or its memory; a failure names the alert and says what to do.
pub(crate) fn read<T: DeserializeOwned>(row: &Row, column: &'static str, id: AlertId) -> Result<T, sqlx::Error> {
    let text: String = row.get(column)?;
    parse(&text, id).map_err(|error| undecodable(column, Box::<dyn Error + Send + Sync>::from(error)))
}

fn parse<T: DeserializeOwned>(text: &str, AlertId(alert): AlertId) -> Result<T, Unreadable> {
    let malformed = |error| Unreadable::Malformed { alert, error };
    match serde_json::from_str::<Said>(text).map_err(malformed)? {
        Said { v: VERSION } => serde_json::from_str(text).map_err(malformed),
        Said { v: version } => Err(Unreadable::Version { alert, version }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foliostream::domain::alert::{Condition, Memory, Rule};

    #[test]
    fn a_rule_and_a_memory_survive_their_texts_with_every_digit() {
        let rule = Rule::of(Condition::CrossesAbove, "EURUSD=X".parse().unwrap(), "1.0500".parse().unwrap());
        let written = text(&rule);
        assert_eq!(written, r#"{"v":1,"kind":"crosses_above","ticker":"EURUSD=X","level":"1.0500"}"#);
        assert!(parse::<Rule>(&written, AlertId(7)).unwrap().is_written_as(&rule));
        let memory = Memory { last_price: Some("149.80".parse().unwrap()), left_level: true };
        assert_eq!(text(&memory), r#"{"v":1,"last_price":"149.80","left_level":true}"#);
        assert_eq!(parse::<Memory>(&text(&memory), AlertId(7)).unwrap(), memory);
        assert_eq!(parse::<Memory>(&text(&Memory::default()), AlertId(7)).unwrap(), Memory::default());
    }

    #[test]
    fn what_a_newer_program_wrote_is_refused_by_the_alert_s_number_and_its_additions_are_skipped() {
        let refusal = |text: &str| parse::<Rule>(text, AlertId(7)).unwrap_err().to_string();
        let newer = refusal(r#"{"v":2,"kind":"price_above","ticker":"A","level":"1"}"#);
        assert!(newer.starts_with("alert 7 is in version 2"), "{newer}");
        for text in [r#"{"v":1,"kind":"eclipse","ticker":"A"}"#, r#"{"kind":"price_above"}"#, "", "much"] {
            assert!(refusal(text).starts_with("alert 7 cannot be read"), "{text}");
        }
        let more = r#"{"v":1,"kind":"price_above","ticker":"A","level":"1","colour":"red"}"#;
        assert_eq!(parse::<Rule>(more, AlertId(7)).unwrap().threshold(), 1.into());
    }
}
