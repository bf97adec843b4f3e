//! What readers of JSON share: the lines that the objects of a list begin on, and fields as what they mean.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::money::Currency;
use crate::import::entry::currency;
use crate::import::faults::{Fault, Refusal};
use crate::import::numbers::{DecimalMark, number};

/// Reads a text that is JSON; of one that is not, the line is told.
pub fn parse(text: &str) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| Refusal::Broken(Some(error.line())))
}

/// Returns the lines that the objects of a list begin on, from 1: of the list that a key of the outermost object holds.
///
/// ```
/// use foliostream::import::formats::json::lines;
/// assert_eq!(lines("{\"of\": {},\n\"list\": [\n{\"list\": [{}]},\n{}]}", "list"), [3, 4]);
/// ```
pub fn lines(text: &str, key: &str) -> Vec<usize> {
    let (mut found, mut line, mut depth) = (Vec::new(), 1, 0_usize);
    let (mut string, mut escaped): (Option<String>, bool) = (None, false);
    let (mut last, mut is_in_list) = (String::new(), false);
    for character in text.chars() {
        if character == '\n' {
            line += 1;
        }
        if let Some(open) = &mut string {
            match character {
                '"' if !escaped => last = string.take().unwrap_or_default(),
                _ => open.push(character),
            }
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '"' => string = Some(String::new()),
            '{' | '[' => {
                is_in_list |= character == '[' && depth == 1 && last == key;
                if character == '{' && depth == 2 && is_in_list {
                    found.push(line);
                }
                depth += 1;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                is_in_list &= depth > 1;
            }
            _ => {}
        }
    }
    found
}

/// Returns the text of a field; nothing where it is not there, empty or no text.
pub fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Returns the text of a field that must be there.
pub fn needed_text<'a>(object: &'a Value, field: &str) -> Result<&'a str, Fault> {
    text(object, field).ok_or_else(|| Fault::Missing(field.to_owned()))
}

/// Reads a number, which may be written as a text; nothing where it is not there or empty.
pub fn optional_number(object: &Value, field: &str) -> Result<Option<Decimal>, Fault> {
    let read = |text: &str| number(text, DecimalMark::Point);
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => read(text).map(Some),
        Some(Value::Number(figure)) => read(&figure.to_string()).map(Some),
        Some(other) => Err(Fault::NotANumber(other.to_string())),
    }
}

/// Reads a number that must be there.
pub fn needed_number(object: &Value, field: &str) -> Result<Decimal, Fault> {
    optional_number(object, field)?.ok_or_else(|| Fault::Missing(field.to_owned()))
}

/// Reads a currency that must be there.
pub fn needed_currency(object: &Value, field: &str) -> Result<Currency, Fault> {
    currency(needed_text(object, field)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::decimal;

    #[test]
    fn lines_are_those_of_the_list_alone() {
        let text = "{\"a\": [{}],\n\"say\\\"[{\": \"list\",\n\"list\": [{\"b\": {\"c\": [{}]}},\n\n{\"d\": \"}]\"},\n{}],\n\"rest\": [{}]}";
        assert_eq!(lines(text, "list"), [3, 5, 6]);
        assert!(lines("]]}}[[{{", "list").is_empty());
        assert!(lines("{\"list\": \"open", "list").is_empty());
    }

    #[test]
    fn figures_keep_every_digit_and_are_told_from_what_is_none() {
        let object = parse("{\"a\": 1e-7, \"b\": \"0.10\", \"c\": null, \"d\": [], \"e\": 123456.789}").unwrap();
        assert_eq!(optional_number(&object, "a"), Ok(Some(decimal("0.0000001"))));
        assert_eq!(optional_number(&object, "b"), Ok(Some(decimal("0.10"))));
        assert_eq!(optional_number(&object, "c"), Ok(None));
        assert_eq!(optional_number(&object, "d"), Err(Fault::NotANumber("[]".to_owned())));
        assert_eq!(needed_number(&object, "e"), Ok(decimal("123456.789")));
        assert_eq!(needed_number(&object, "f"), Err(Fault::Missing("f".to_owned())));
        assert_eq!(parse("{\n\"a\": ?}"), Err(Refusal::Broken(Some(2))));
    }
}
