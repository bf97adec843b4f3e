//! Terms of the engine, told apart for good.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a cursor was not understood; the stream then starts with `reset` `invalid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is epoch-filter-n-seq")]
pub struct CursorError;

/// A term of the engine: a number that grows from term to term, and a mark of at most nine digits that is drawn when the term
/// begins.
///
/// The number alone is no name for a term: a database that was put back from a backup gives the same number once more, to another
/// history. With the mark two terms are never taken for each other. A mark of 0 is none: so are the terms of programs that did
/// not draw any. Terms are written as one number: the term's, and behind it the nine digits of its mark. The 17th term with the
/// mark 483,920,174 is `17483920174`, and without a mark it is `17`.
///
/// ```
/// use foliostream::wire::epoch::Epoch;
/// let epoch: Epoch = "17483920174".parse().expect("well formed");
/// assert_eq!((epoch.number(), epoch.mark(), epoch.to_string().as_str()), (17, 483_920_174, "17483920174"));
/// assert_ne!(epoch, "17483920175".parse().expect("well formed"));
/// assert_eq!("17".parse(), Ok(Epoch::from(17)));
/// assert!("17.5".parse::<Epoch>().is_err() && "17000000000".parse::<Epoch>().is_err());
/// ```
// Packed to 12 bytes: a cursor, of which every open stream keeps two, then is as small as with the number alone.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Told", into = "Told")]
#[repr(Rust, packed(4))]
pub struct Epoch {
    number: u64,
    mark: u32,
}

/// Digits of a mark behind the number.
const MARK_DIGITS: usize = 9;

impl Epoch {
    /// Makes a term's name of its number and its mark, which has at most nine digits; a mark of 0 is none.
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
        if self.mark() == 0 { Ok(()) } else { write!(formatter, "{:0width$}", self.mark(), width = MARK_DIGITS) }
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
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CursorError);
        }
        let Some(split) = text.len().checked_sub(MARK_DIGITS).filter(|split| *split > 0) else {
            return Ok(Self::from(text.parse::<u64>().map_err(|_| CursorError)?));
        };
        let (number, mark) = text.split_at(split);
        let mark = mark.parse().ok().filter(|mark| *mark != 0).ok_or(CursorError)?;
        Ok(Self::new(number.parse().map_err(|_| CursorError)?, mark))
    }
}

/// A term within a message: the number where it always stood, and beside it the mark, which older programs skip.
#[derive(Serialize, Deserialize)]
struct Told {
    epoch: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    mark: u32,
}

/// Returns whether a mark is none, which is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(mark: &u32) -> bool {
    *mark == 0
}

impl From<Epoch> for Told {
    fn from(epoch: Epoch) -> Self {
        Self { epoch: epoch.number(), mark: epoch.mark() }
    }
}

impl From<Told> for Epoch {
    fn from(told: Told) -> Self {
        Self::new(told.epoch, told.mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_survives_its_text_and_its_message() {
        for mark in [0, 1, 35, 123_456_789, 999_999_999] {
            for number in [0, 1, 17, 999_999_999] {
                let epoch = Epoch::new(number, mark);
                assert_eq!(epoch.to_string().parse(), Ok(epoch));
                let message = serde_json::to_string(&epoch).unwrap();
                assert_eq!(serde_json::from_str::<Epoch>(&message).unwrap(), epoch, "{message}");
            }
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_term() {
        for text in ["", ".", "1.", "1.5", "a", "+1", "-1", "1 ", "é", "1000000000", "100000000000000000000000000001"] {
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
