//! How far back a chart looks.

use jiff::Span;
use serde::{Deserialize, Serialize};

/// A stretch of time up to now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Range {
    /// The current session of the instrument's exchange, or the last one while it is closed.
    #[default]
    Day,
    /// The last seven days.
    Week,
    /// The last month, up to today.
    Month,
    /// The last three months, up to today.
    Quarter,
    /// The last year, up to today.
    Year,
    /// The last five years, up to today.
    FiveYears,
    /// Everything since the first transaction.
    All,
}

impl Range {
    /// The ranges of an instrument's chart, shortest first.
    pub const OF_PRICES: [Self; 6] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::FiveYears];

    /// The ranges of a portfolio's chart, shortest first.
    pub const OF_VALUES: [Self; 6] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::All];

    /// Returns the word used in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "1d",
            Self::Week => "1w",
            Self::Month => "1m",
            Self::Quarter => "3m",
            Self::Year => "1y",
            Self::FiveYears => "5y",
            Self::All => "all",
        }
    }

    /// Reads the word, in any case; nothing where it is none of these.
    ///
    /// ```
    /// use foliostream::wire::range::Range;
    /// assert_eq!(Range::read(&Range::OF_VALUES, "1Y"), Some(Range::Year));
    /// assert_eq!(Range::read(&Range::OF_VALUES, "5y"), None);
    /// ```
    pub fn read(among: &[Self], word: &str) -> Option<Self> {
        among.iter().copied().find(|range| word.eq_ignore_ascii_case(range.word()))
    }

    /// Returns how far back it begins; nothing for everything.
    pub fn span(self) -> Option<Span> {
        Some(match self {
            Self::Day => Span::new().days(1),
            Self::Week => Span::new().days(7),
            Self::Month => Span::new().months(1),
            Self::Quarter => Span::new().months(3),
            Self::Year => Span::new().years(1),
            Self::FiveYears => Span::new().years(5),
            Self::All => return None,
        })
    }
}
