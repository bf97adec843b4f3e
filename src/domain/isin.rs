//! The international securities identification number (ISO 6166), by which brokers name what they hold.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISIN, such as `US0378331005`: two letters of a country, nine letters or digits of a security, and a digit that checks them.
///
/// ```
/// use foliostream::domain::isin::Isin;
/// let apple: Isin = "us0378331005".parse().expect("its digit fits");
/// assert_eq!(apple.as_str(), "US0378331005");
/// assert!("US0378331006".parse::<Isin>().is_err(), "the last digit does not fit");
/// assert!("US037833100".parse::<Isin>().is_err(), "a character is missing");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Isin([u8; Self::LENGTH]);

/// Why an ISIN was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an ISIN is two letters, nine letters or digits, and a digit that fits them")]
pub struct IsinError;

impl Isin {
    /// The length of every ISIN, in characters.
    pub const LENGTH: usize = 12;

    /// Returns the upper-cased text.
    pub fn as_str(&self) -> &str {
        // Only ASCII was read into it.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Isin {
    type Err = IsinError;

    fn from_str(text: &str) -> Result<Self, IsinError> {
        let mut bytes: [u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| IsinError)?;
        bytes.make_ascii_uppercase();
        let [country, security] = [&bytes[..2], &bytes[2..]];
        let is_formed = country.iter().all(u8::is_ascii_uppercase)
            && security.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && bytes[Self::LENGTH - 1].is_ascii_digit();
        if is_formed && check_sum(&bytes).is_multiple_of(10) { Ok(Self(bytes)) } else { Err(IsinError) }
    }
}

/// Returns the sum that a multiple of ten shows to be right (the formula of Luhn): letters count as 10 to 35, and of all digits every
/// second one from the right is doubled, its own two digits added up.
///
/// ```text
/// US0378331005: 3 0 2 8 0 3 7 8 3 3 1 0 0 5 → 3 0 2 7 0 6 7 7 3 6 1 0 0 5 … = 50
/// ```
fn check_sum(bytes: &[u8]) -> u32 {
    let (mut sum, mut is_second) = (0, false);
    let mut add = |digit: u32| {
        let counted = if is_second { digit * 2 } else { digit };
        sum += counted / 10 + counted % 10;
        is_second = !is_second;
    };
    for byte in bytes.iter().rev() {
        let value = char::from(*byte).to_digit(36).unwrap_or_default();
        add(value % 10);
        if value >= 10 {
            add(value / 10);
        }
    }
    sum
}

impl TryFrom<String> for Isin {
    type Error = IsinError;

    fn try_from(text: String) -> Result<Self, IsinError> {
        text.parse()
    }
}

impl From<Isin> for String {
    fn from(isin: Isin) -> Self {
        isin.as_str().to_owned()
    }
}

impl fmt::Display for Isin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Isin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_several_countries_are_read() {
        for text in
            ["US0378331005", "DE0007164600", "IE00BK5BQT80", "LU0392494562", "GB0002634946", "AU0000XVGZA3", "XS2021462440"]
        {
            assert_eq!(text.to_lowercase().parse::<Isin>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let hostile = [
            "",
            "US0378331004",
            "0S0378331005",
            "US037833100A",
            " US037833100",
            "US03783310055",
            "US03783\u{e4}100",
            "US0378 31005",
        ];
        for text in hostile {
            assert_eq!(text.parse::<Isin>(), Err(IsinError), "{text:?}");
            assert!(serde_json::from_value::<Isin>(text.into()).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_seen(place in 2_usize..12, digit in 0_u8..10) {
            let right = *b"US0378331005";
            let mut typed = right;
            typed[place] = b'0' + digit;
            let read = std::str::from_utf8(&typed).unwrap().parse::<Isin>();
            prop_assert_eq!(read.is_ok(), typed == right);
        }
    }
}
