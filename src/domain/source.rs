//! Where prices come from, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of what a price comes from, such as `simulated` or `pushed`: 1 to 24 of `a-z 0-9 _`. It is copied with every tick, so
/// that it is kept without an allocation; what is not used of the 24 bytes is zero.
///
/// ```
/// use foliostream::domain::source::SourceName;
/// let name: SourceName = "twelve_data".parse().expect("allowed characters");
/// assert_eq!(name.as_str(), "twelve_data");
/// assert_eq!(SourceName::PUSHED.to_string(), "pushed");
/// assert!("Twelve Data".parse::<SourceName>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceName([u8; Self::MAX_LENGTH]);

/// Why the name of a source was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a source is 1 to 24 of the characters a-z 0-9 _")]
pub struct SourceNameError;

impl SourceName {
    /// The longest a name may be, in characters.
    pub const MAX_LENGTH: usize = 24;

    /// What programs push is no source of this server's own: it comes through the API or through Redis.
    pub const PUSHED: Self = Self::of("pushed");

    /// What a person typed in or pasted, with its day.
    pub const BY_HAND: Self = Self::of("by_hand");

    /// What an instrument was last bought or sold at, where nothing else is known of its price.
    pub const LAST_TRADE: Self = Self::of("last_trade");

    /// Returns whether prices of this name were entered by a person, and so are none of a market: they have a day, they are never live,
    /// and one that is corrected gives way to an older one.
    pub fn is_entered(self) -> bool {
        self == Self::BY_HAND || self == Self::LAST_TRADE
    }

    /// Makes the name of a constant; one that is not allowed does not compile there.
    pub const fn of(text: &str) -> Self {
        match Self::read(text.as_bytes()) {
            Some(name) => name,
            None => panic!("the name of a source is 1 to 24 of the characters a-z 0-9 _"),
        }
    }

    /// Returns what a tick or a quote comes from that does not say it: earlier versions had such only of pushes.
    pub fn pushed() -> Self {
        Self::PUSHED
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(Self::MAX_LENGTH);
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }

    const fn read(text: &[u8]) -> Option<Self> {
        if text.is_empty() || text.len() > Self::MAX_LENGTH {
            return None;
        }
        let (mut name, mut place) = ([0; Self::MAX_LENGTH], 0);
        while place < text.len() {
            if !matches!(text[place], b'a'..=b'z' | b'0'..=b'9' | b'_') {
                return None;
            }
            name[place] = text[place];
            place += 1;
        }
        Some(Self(name))
    }
}

impl FromStr for SourceName {
    type Err = SourceNameError;

    fn from_str(text: &str) -> Result<Self, SourceNameError> {
        Self::read(text.as_bytes()).ok_or(SourceNameError)
    }
}

impl TryFrom<String> for SourceName {
    type Error = SourceNameError;

    fn try_from(text: String) -> Result<Self, SourceNameError> {
        text.parse()
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What the prices of a source are, for people who must not take them for the market's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// A model makes them up.
    MadeUp,
    /// They were a market's once, and are played again.
    Recorded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_its_text_at_any_length() {
        for text in ["a", "last_trade", "abcdefghijklmnopqrstuvwx"] {
            let name: SourceName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!((json.trim_matches('"'), serde_json::from_str::<SourceName>(&json).unwrap()), (text, name));
        }
    }

    #[test]
    fn what_people_enter_is_told_from_what_programs_and_markets_say() {
        let entered =
            ["by_hand", "last_trade", "pushed", "simulated"].map(|name| name.parse::<SourceName>().unwrap().is_entered());
        assert_eq!(entered, [true, true, false, false]);
    }

    #[test]
    fn hostile_names_are_refused() {
        for text in ["", " ", "A", "a b", "a\0", "ä", "<b>", "a-b", "abcdefghijklmnopqrstuvwxy"] {
            assert_eq!(text.parse::<SourceName>(), Err(SourceNameError), "{text:?}");
            assert!(serde_json::from_value::<SourceName>(text.into()).is_err(), "{text:?}");
        }
    }
}
