//! Records and fields as text. A record is its fields with commas between them; an empty field was not told, and empty fields at
//! the end are left out.

use std::fmt::{self, Display, Write};
use std::str::Split;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::money::Currency;
use crate::domain::quote::Freshness;

/// Stands between the records of a frame.
pub(crate) const RECORDS: char = '|';

/// Stands for what is not known.
const UNKNOWN: &str = "~";

/// A frame that cannot be read with what is known: malformed, or it builds on something that was never told. The reader is of no
/// more use until it has a full state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Writes the fields of one record.
pub(crate) struct Fields<'a> {
    text: &'a mut String,
    skipped: usize,
}

impl<'a> Fields<'a> {
    /// Begins behind the first field of a record.
    pub(crate) fn new(text: &'a mut String) -> Self {
        Self { text, skipped: 0 }
    }

    /// Leaves a field out.
    pub(crate) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Writes a field behind those that were skipped.
    pub(crate) fn put(&mut self, field: impl Display) {
        for _ in 0..=self.skipped {
            self.text.push(',');
        }
        self.skipped = 0;
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{field}");
    }

    /// Writes a field that was told, and leaves out one that was not.
    pub(crate) fn put_told(&mut self, told: Option<impl Display>) {
        match told {
            Some(field) => self.put(field),
            None => self.skip(),
        }
    }
}

/// A number that may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount(pub Option<Decimal>);

impl Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(amount) => write!(formatter, "{}", amount.normalize()),
            None => formatter.write_str(UNKNOWN),
        }
    }
}

/// A number to the base of 36, as indices and the time of a frame are written: 35 is `z`, 36 is `10`.
pub(crate) struct Base36(pub u64);

impl Display for Base36 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 2^64 has thirteen digits.
        let (mut digits, mut left, mut length) = ([b'0'; 13], self.0, 0);
        loop {
            digits[12 - length] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(left % 36) as usize];
            (left, length) = (left / 36, length + 1);
            if left == 0 {
                return formatter.write_str(std::str::from_utf8(&digits[13 - length..]).unwrap_or_default());
            }
        }
    }
}

/// Reads a number to the base of 36; no sign, which `from_str_radix` would take.
pub(crate) fn base36(text: &str) -> Result<u64, Unreadable> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()) {
        return Err(Unreadable);
    }
    u64::from_str_radix(text, 36).map_err(|_| Unreadable)
}

/// Reads a number that is known.
#[inline(never)]
pub(crate) fn number(text: &str) -> Result<Decimal, Unreadable> {
    text.parse().map_err(|_| Unreadable)
}

/// The fields of a record, read one after the other. Each reader writes into its place and says whether the field was told; none is
/// inlined, since pages download this before they come to life.
pub(crate) struct Record<'a>(Split<'a, char>);

impl<'a> Record<'a> {
    /// Takes a record's fields.
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.split(','))
    }

    /// Returns the next field; nothing where it was not told.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        self.0.next().filter(|field| !field.is_empty())
    }

    /// Reads a number that is known.
    #[inline(never)]
    pub(crate) fn number(&mut self, into: &mut Decimal) -> Result<bool, Unreadable> {
        let Some(field) = self.next() else { return Ok(false) };
        *into = number(field)?;
        Ok(true)
    }

    /// Reads a number that may not be known.
    #[inline(never)]
    pub(crate) fn amount(&mut self, into: &mut Option<Decimal>) -> Result<bool, Unreadable> {
        let Some(field) = self.next() else { return Ok(false) };
        *into = if field == UNKNOWN { None } else { Some(number(field)?) };
        Ok(true)
    }

    /// Reads a time, which is told as so many milliseconds before a frame's.
    #[inline(never)]
    pub(crate) fn age(&mut self, time: Timestamp) -> Result<Timestamp, Unreadable> {
        let Some(field) = self.next() else { return Ok(time) };
        let age_ms: i64 = field.parse().map_err(|_| Unreadable)?;
        let then = time.as_millisecond().checked_sub(age_ms).ok_or(Unreadable)?;
        Timestamp::from_millisecond(then).map_err(|_| Unreadable)
    }

    /// Reads yes, no or what was never said.
    pub(crate) fn answer(&mut self) -> Result<Option<bool>, Unreadable> {
        match self.next() {
            Some("t") => Ok(Some(true)),
            Some("f") => Ok(Some(false)),
            Some(UNKNOWN) => Ok(None),
            _ => Err(Unreadable),
        }
    }

    /// Reads a currency into its place.
    #[inline(never)]
    pub(crate) fn currency(&mut self, into: &mut Currency) -> Result<bool, Unreadable> {
        let Some(field) = self.next() else { return Ok(false) };
        *into = field.parse().map_err(|_| Unreadable)?;
        Ok(true)
    }
}

/// Writes yes, no or what was never said.
pub(crate) fn answered(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "t",
        Some(false) => "f",
        None => UNKNOWN,
    }
}

/// Writes how far a price may be trusted; a live one is not told.
pub(crate) fn trusted(freshness: Freshness) -> Option<&'static str> {
    match freshness {
        Freshness::Live => None,
        Freshness::Delayed => Some("d"),
        Freshness::Stale => Some("s"),
        Freshness::Closed => Some("c"),
    }
}

/// Reads how far a price may be trusted.
pub(crate) fn trust(field: Option<&str>) -> Result<Freshness, Unreadable> {
    match field {
        None => Ok(Freshness::Live),
        Some("d") => Ok(Freshness::Delayed),
        Some("s") => Ok(Freshness::Stale),
        Some("c") => Ok(Freshness::Closed),
        Some(_) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_fields_cost_a_comma_each_and_none_at_the_end() {
        let mut text = String::from("7");
        let mut fields = Fields::new(&mut text);
        fields.put("189.84");
        fields.skip();
        fields.put_told(None::<&str>);
        fields.put(Amount(None));
        fields.skip();
        assert_eq!(text, "7,189.84,,,~");
    }

    #[test]
    fn positions_are_written_to_the_base_of_36_and_read_without_signs() {
        for number in [0, 35, 36, 1_764_147_600_250, u64::MAX] {
            assert_eq!(base36(&Base36(number).to_string()), Ok(number));
        }
        assert_eq!((Base36(35).to_string(), Base36(36).to_string()), ("z".to_owned(), "10".to_owned()));
        for text in ["", "+1", "-1", "A", "3w5e11264sgsg"] {
            assert_eq!(base36(text), Err(Unreadable), "{text:?}");
        }
    }
}
