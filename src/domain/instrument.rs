//! What can be held and watched.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::isin::Isin;
use super::money::Currency;

/// The name an instrument is quoted under, as `AAPL` or `EURUSD=X`: 1 to 32 of `A-Z 0-9 . ^ = _ -`, upper-cased, with at least
/// one letter or digit. Without one it could be `.` or `..`, which a URL takes for a folder: `/instruments/..` is `/`.
///
/// ```
/// use foliostream::domain::instrument::Ticker;
/// let ticker: Ticker = "brk-b".parse().expect("allowed characters");
/// assert_eq!(ticker.as_str(), "BRK-B");
/// assert!("A A".parse::<Ticker>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ticker(Arc<str>);

/// Why a ticker was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticker is 1 to 32 of the characters A-Z 0-9 . ^ = _ -, with at least one letter or digit")]
pub struct TickerError;

impl Ticker {
    /// The longest a ticker may be, in characters.
    pub const MAX_LENGTH: usize = 32;

    /// Reads a ticker that was taken before. Earlier versions also took those of signs alone, and what they stored is still read.
    ///
    /// ```
    /// use foliostream::domain::instrument::Ticker;
    /// assert!(Ticker::kept("..").is_ok() && "..".parse::<Ticker>().is_err());
    /// assert!(Ticker::kept("<b>").is_err());
    /// ```
    pub fn kept(text: &str) -> Result<Self, TickerError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'^' | b'=' | b'_' | b'-');
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(TickerError);
        }
        Ok(Self(text.to_ascii_uppercase().into()))
    }

    /// Returns the upper-cased text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ticker {
    type Err = TickerError;

    fn from_str(text: &str) -> Result<Self, TickerError> {
        let is_named = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if is_named { Self::kept(text) } else { Err(TickerError) }
    }
}

impl TryFrom<String> for Ticker {
    type Error = TickerError;

    /// Reads what this program wrote: views, envelopes, the store's documents. What strangers write is parsed.
    fn try_from(text: String) -> Result<Self, TickerError> {
        Self::kept(&text)
    }
}

impl From<Ticker> for String {
    fn from(ticker: Ticker) -> Self {
        ticker.as_str().to_owned()
    }
}

impl fmt::Display for Ticker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What kind of thing an instrument is; the overview's ring groups by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetClass {
    /// A share of a company.
    Share,
    /// A fund traded on an exchange.
    Fund,
    /// A bond, or a fund of bonds.
    Bond,
    /// A commodity, or a fund that holds one.
    Commodity,
    /// A crypto coin priced in a currency, such as `BTC-USD`.
    Crypto,
    /// A pair of currencies.
    Currency,
    /// Not known: pushed or replayed without a word about it.
    Other,
}

/// An instrument as the catalogue knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The ticker that it is quoted under, such as `AAPL`.
    pub ticker: Ticker,
    /// The name of the instrument, such as `Apple`.
    pub name: String,
    /// The currency that it is quoted in, which may be a minor unit.
    pub currency: Currency,
    /// The class of the instrument, by which the overview groups.
    pub class: AssetClass,
    /// The number of decimals that its price is shown with.
    pub price_decimals: u32,
    /// What else is known of it.
    #[serde(flatten)]
    pub details: Details,
}

/// What may be known of an instrument beyond what its price needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The number that brokers name it by.
    pub isin: Option<Isin>,
    /// What its issuer does, such as `Technology`.
    pub sector: Option<String>,
    /// The country it stands for, such as `Germany`.
    pub country: Option<String>,
}

impl Instrument {
    /// Returns how well a search for `needle`, in small letters, finds it: 0 its ticker or its ISIN, 1 the beginning of its ticker, 2
    /// that of a word of its name, 3 anything within either; nothing where it does not find it.
    ///
    /// ```
    /// use foliostream::domain::instrument::{AssetClass, Details, Instrument};
    /// use foliostream::domain::money::Currency;
    /// let sap = Instrument {
    ///     ticker: "SAP.DE".parse().expect("allowed characters"),
    ///     name: "SAP SE".into(),
    ///     currency: Currency::EUR,
    ///     class: AssetClass::Share,
    ///     price_decimals: 2,
    ///     details: Details { isin: "DE0007164600".parse().ok(), ..Details::default() },
    /// };
    /// let ranks = ["sap.de", "de0007164600", "sap", "se", "p.d", "dax"].map(|needle| sap.rank(needle));
    /// assert_eq!(ranks, [Some(0), Some(0), Some(1), Some(2), Some(3), None]);
    /// ```
    pub fn rank(&self, needle: &str) -> Option<u8> {
        let (ticker, name) = (self.ticker.as_str().to_lowercase(), self.name.to_lowercase());
        let is_isin = self.details.isin.is_some_and(|isin| isin.as_str().eq_ignore_ascii_case(needle));
        match () {
            () if ticker == needle || is_isin => Some(0),
            () if ticker.starts_with(needle) => Some(1),
            () if name.split(' ').any(|word| word.starts_with(needle)) => Some(2),
            () if ticker.contains(needle) || name.contains(needle) => Some(3),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticker_is_upper_cased() {
        assert_eq!("eurusd=x".parse::<Ticker>().unwrap().as_str(), "EURUSD=X");
    }

    #[test]
    fn hostile_tickers_are_refused() {
        for text in ["", " ", "A\nB", "A\0", "<b>", "Ä", "A,B", ".", "..", "...", "^", "-.-", &"A".repeat(33)] {
            assert_eq!(text.parse::<Ticker>(), Err(TickerError), "{text:?}");
        }
    }
}
