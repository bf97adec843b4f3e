//! Terms of the engine, told apart for good.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::live::CursorError;

/// A term of the engine: a number that grows from term to term, and a mark that is drawn when the term begins.
///
/// The number alone is no name for a term: a database that was put back from a backup gives the same number once more, to another
/// history. With the mark two terms are never taken for each other. A mark of 0 is none: so are the terms of programs that did
/// not draw any. Terms are written as `17.k3f9a2`, and without a mark as `17`.
///
/// ```
/// use foliostream::wire::epoch::Epoch;
/// let epoch: Epoch = "17.k3f9a2".parse().expect("well formed");
/// assert_eq!((epoch.number(), epoch.to_string().as_str()), (17, "17.k3f9a2"));
/// assert_ne!(epoch, "17.k3f9a3".parse().expect("well formed"));
/// assert_eq!("17".parse(), Ok(Epoch::from(17)));
/// assert!("17.".parse::<Epoch>().is_err() && "17.K3".parse::<Epoch>().is_err());
/// ```
// Packed to 12 bytes: a cursor, of which every open stream keeps two, then is as small as with the number alone.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Told", into = "Told")]
#[repr(Rust, packed(4))]
pub struct Epoch {
    number: u64,
    mark: u32,
}

impl Epoch {
    /// Makes a term's name of its number and its mark; a mark of 0 is none.
    pub const fn new(number: u64, mark: u32) -> Self {
        Self { number, mark }
    }

    /// Returns the number, which fences what late engines write.
    pub const fn number(self) -> u64 {
        self.number
    }

    /// Returns the mark; 0 where the term has none.
    pub const fn mark(self) -> u32 {
        self.mark
    }
}

impl From<u64> for Epoch {
    /// Names a term of a program that drew no marks.
    fn from(number: u64) -> Self {
        Self::new(number, 0)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.number())?;
        if self.mark() == 0 { Ok(()) } else { write!(formatter, ".{}", Mark(self.mark())) }
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Epoch {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (number, mark) = match text.split_once('.') {
            Some((number, mark)) => (number, read_mark(mark)?),
            None => (text, 0),
        };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CursorError);
        }
        Ok(Self::new(number.parse().map_err(|_| CursorError)?, mark))
    }
}

/// Reads a mark: digits and small letters, none of them in vain.
fn read_mark(text: &str) -> Result<u32, CursorError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if text.starts_with('0') || !is_plain {
        return Err(CursorError);
    }
    u32::from_str_radix(text, 36).map_err(|_| CursorError)
}

/// A mark as it is written, with the 36 digits from 0 to z.
struct Mark(u32);

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 36 {
            write!(formatter, "{}", Self(self.0 / 36))?;
        }
        let digit = char::from_digit(self.0 % 36, 36).unwrap_or('0');
        write!(formatter, "{digit}")
    }
}

/// A term within a message: the number where it always stood, and beside it the mark, which older programs skip.
#[derive(Serialize, Deserialize)]
struct Told {
    epoch: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
}

impl From<Epoch> for Told {
    fn from(epoch: Epoch) -> Self {
        let mark = (epoch.mark() != 0).then(|| Mark(epoch.mark()).to_string());
        Self { epoch: epoch.number(), mark }
    }
}

impl From<Told> for Epoch {
    fn from(told: Told) -> Self {
        // A mark that cannot be read is another program's way to tell terms apart: what follows it is not followed by mistake,
        // since no mark of ours reads so.
        let mark = told.mark.map_or(0, |mark| read_mark(&mark).unwrap_or(u32::MAX));
        Self::new(told.epoch, mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_survives_its_text_and_its_message() {
        for mark in [0, 1, 35, 36, 1_295, 1_296, 123_456_789, u32::MAX] {
            for number in [0, 1, 17, u64::MAX] {
                let epoch = Epoch::new(number, mark);
                assert_eq!(epoch.to_string().parse(), Ok(epoch));
                let message = serde_json::to_string(&epoch).unwrap();
                assert_eq!(serde_json::from_str::<Epoch>(&message).unwrap(), epoch, "{message}");
            }
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_term() {
        for text in ["", ".", "1.", ".a", "1.0", "1.0a", "1.A", "1.a.b", "+1", "1.zzzzzzz", "1.é", "1.-", "18446744073709551616"]
        {
            assert_eq!(text.parse::<Epoch>(), Err(CursorError), "{text:?}");
        }
    }

    #[test]
    fn a_message_of_a_program_without_marks_names_the_term_by_its_number() {
        assert_eq!(serde_json::from_str::<Epoch>(r#"{"epoch":3}"#).unwrap(), Epoch::from(3));
        assert_eq!(serde_json::to_string(&Epoch::from(3)).unwrap(), r#"{"epoch":3}"#);
    }

    #[test]
    fn a_term_takes_no_more_room_in_a_cursor_than_its_number() {
        assert_eq!((size_of::<Epoch>(), size_of::<super::super::live::Cursor>()), (12, 32));
    }
}
