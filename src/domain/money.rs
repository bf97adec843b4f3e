//! Currencies, money, prices and quantities: exact decimals, and currencies that never mix.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

mod sum;

pub(crate) use sum::ExactSum;

/// A currency code, as `EUR`, or one of the minor units exchanges quote in: `GBp`, `ILA`, `ZAc`. `GBX` and `ZAC` are other
/// names of two of them and are read as these.
///
/// A minor unit is a hundredth of its [`major`](Currency::major) currency.
///
/// ```
/// use foliostream::domain::money::Currency;
/// let pence: Currency = "GBp".parse().expect("a minor unit");
/// assert_eq!(pence.major().as_str(), "GBP");
/// assert_eq!(pence.units_per_major().to_string(), "100");
/// assert_eq!("GBX".parse(), Ok(pence));
/// assert!("euro".parse::<Currency>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Why a currency code was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, such as EUR, or one of GBp, GBX, ILA, ZAc, ZAC")]
pub struct CurrencyError;

/// Currencies whose amounts have other than two decimals: ISO 4217, list one, column "Minor unit".
const MINOR_UNITS: [(u32, &str); 3] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

impl Currency {
    /// The euro, `EUR`.
    pub const EUR: Self = Self(*b"EUR");
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// The pound sterling, `GBP`; London quotes shares in [`GBX`](Self::GBX), a hundredth of it.
    pub const GBP: Self = Self(*b"GBP");
    /// The penny sterling, in which London quotes shares.
    pub const GBX: Self = Self(*b"GBp");
    /// The Swiss franc, `CHF`.
    pub const CHF: Self = Self(*b"CHF");

    /// Returns the code, such as `EUR`; `GBp` for the penny.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Returns the currency this one is a hundredth of, or itself.
    #[must_use]
    pub fn major(self) -> Self {
        match &self.0 {
            b"GBp" => Self::GBP,
            b"ILA" => Self(*b"ILS"),
            b"ZAc" => Self(*b"ZAR"),
            _ => self,
        }
    }

    /// Returns 100 for a minor unit, otherwise 1.
    pub fn units_per_major(self) -> Decimal {
        if self.major() == self { Decimal::ONE } else { Decimal::ONE_HUNDRED }
    }

    /// Returns how many decimals an amount of this currency is shown with: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u32 {
        let listed = MINOR_UNITS.iter().find(|(_, codes)| codes.split(' ').any(|code| code == self.as_str()));
        listed.map_or(2, |(digits, _)| *digits)
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| CurrencyError)?;
        match &code {
            b"GBp" | b"GBX" => Ok(Self::GBX),
            b"ZAc" | b"ZAC" => Ok(Self(*b"ZAc")),
            _ if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(CurrencyError),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an arithmetic step was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArithmeticError {
    /// The result is too large for a decimal, which holds 28 digits.
    #[error("the amount is too large to hold exactly")]
    Overflow,
    /// Amounts of two currencies were to be added; they must be converted first.
    #[error("{0} and {1} cannot be added")]
    CurrencyMismatch(Currency, Currency),
}

/// Multiplies two numbers, and fails where the product is too large for a decimal.
pub fn times(left: Decimal, right: Decimal) -> Result<Decimal, ArithmeticError> {
    left.checked_mul(right).ok_or(ArithmeticError::Overflow)
}

/// Returns `amount × part / whole`, and all of it without a division where the two are equal: of 10 that cost 100, 3 cost 30.
pub fn share(amount: Decimal, part: Decimal, whole: Decimal) -> Result<Decimal, ArithmeticError> {
    if part == whole {
        return Ok(amount);
    }
    times(amount, part)?.checked_div(whole).ok_or(ArithmeticError::Overflow)
}

/// Adds two numbers, and fails where the sum is too large for a decimal.
pub fn plus(left: Decimal, right: Decimal) -> Result<Decimal, ArithmeticError> {
    left.checked_add(right).ok_or(ArithmeticError::Overflow)
}

/// Subtracts the second number from the first, and fails where the difference is too large for a decimal.
pub fn minus(left: Decimal, right: Decimal) -> Result<Decimal, ArithmeticError> {
    left.checked_sub(right).ok_or(ArithmeticError::Overflow)
}

/// Returns `part / whole × 100` with at most six decimals, half-even; nothing where `whole` is zero.
///
/// ```
/// use foliostream::domain::money::percent;
/// use rust_decimal::Decimal;
/// let part = percent(Decimal::from(100), Decimal::from(1400)).expect("not by zero");
/// assert_eq!(part.to_string(), "7.142857");
/// assert_eq!(percent(Decimal::ONE, Decimal::ZERO), None);
/// ```
pub fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let ratio = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    Some(ratio.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven).normalize())
}

/// An amount of one currency.
///
/// ```
/// use foliostream::domain::money::{Currency, Money};
/// use rust_decimal::Decimal;
/// let euros = Money::new(Decimal::ONE, Currency::EUR);
/// assert!(euros.checked_add(Money::new(Decimal::ONE, Currency::USD)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The amount, in units of `currency`.
    pub amount: Decimal,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Puts an amount and its currency together.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Adds money of the same currency.
    pub fn checked_add(self, other: Self) -> Result<Self, ArithmeticError> {
        if self.currency != other.currency {
            return Err(ArithmeticError::CurrencyMismatch(self.currency, other.currency));
        }
        Ok(Self::new(plus(self.amount, other.amount)?, self.currency))
    }

    /// Returns the same money in the major unit of its currency: 150 GBp are 1.50 GBP.
    pub fn in_major(self) -> Result<Self, ArithmeticError> {
        if self.currency.major() == self.currency {
            return Ok(self);
        }
        let amount = self.amount.checked_div(self.currency.units_per_major()).ok_or(ArithmeticError::Overflow)?;
        Ok(Self::new(amount, self.currency.major()))
    }

    /// Returns the same money in another unit of its own currency: 70 GBP are 7,000 GBp. Nothing where that is another currency.
    ///
    /// ```
    /// use foliostream::domain::money::{Currency, Money};
    /// use rust_decimal::Decimal;
    /// let pounds = Money::new(Decimal::from(70), Currency::GBP);
    /// assert_eq!(pounds.in_unit(Currency::GBX).map(|pence| pence.amount), Some(Decimal::from(7_000)));
    /// assert_eq!(pounds.in_unit(Currency::EUR), None);
    /// ```
    pub fn in_unit(self, unit: Currency) -> Option<Self> {
        if self.currency == unit {
            return Some(self);
        }
        let major = self.in_major().ok().filter(|major| major.currency == unit.major())?;
        Some(Self::new(major.amount.checked_mul(unit.units_per_major())?, unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_hundredths_of_their_currency() {
        for (minor, major) in [("GBp", "GBP"), ("GBX", "GBP"), ("ILA", "ILS"), ("ZAc", "ZAR")] {
            let minor: Currency = minor.parse().unwrap();
            let money = Money::new(Decimal::from(150), minor).in_major().unwrap();
            assert_eq!((money.currency.as_str(), money.amount.to_string().as_str()), (major, "1.50"));
        }
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (code, decimals) in [("USD", 2), ("GBp", 2), ("JPY", 0), ("XAF", 0), ("KWD", 3), ("IQD", 3), ("CLF", 4), ("ZZZ", 2)] {
            assert_eq!(code.parse::<Currency>().unwrap().decimals(), decimals, "{code}");
        }
    }

    #[test]
    fn every_currency_of_iso_4217_has_the_decimals_of_its_list() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/reference/iso4217-list-one.xml");
        let Ok(list) = std::fs::read_to_string(path) else {
            eprintln!("{path} is not here: the list was not compared");
            return;
        };
        let field = |entry: &str, name: &str| {
            let (_, rest) = entry.split_once(&format!("<{name}>"))?;
            rest.split_once('<').map(|(text, _)| text.to_owned())
        };
        let entries = list.split("</CcyNtry>").filter_map(|entry| {
            let digits = field(entry, "CcyMnrUnts")?.parse::<u32>().ok()?;
            Some((field(entry, "Ccy")?.parse::<Currency>().ok()?, digits))
        });
        let entries: Vec<_> = entries.collect();
        assert!(entries.len() > 200, "{} entries were read", entries.len());
        for (currency, digits) in entries {
            assert_eq!(currency.decimals(), digits, "{currency}");
        }
    }

    #[test]
    fn another_name_of_a_minor_unit_is_that_unit() {
        for (name, unit) in [("GBX", "GBp"), ("ZAC", "ZAc")] {
            let currency: Currency = name.parse().unwrap();
            assert_eq!((Ok(currency), currency.as_str()), (unit.parse(), unit));
        }
    }

    #[test]
    fn codes_that_are_not_three_capitals_are_refused() {
        for code in ["", "EU", "EURO", "eur", "E R", "é1", "gbp"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn currencies_never_mix() {
        let refusal = Money::new(Decimal::ONE, Currency::EUR).checked_add(Money::new(Decimal::ONE, Currency::GBX));
        assert_eq!(refusal, Err(ArithmeticError::CurrencyMismatch(Currency::EUR, Currency::GBX)));
    }

    #[test]
    fn an_overflow_is_refused_not_wrapped() {
        assert_eq!(times(Decimal::MAX, Decimal::from(2)), Err(ArithmeticError::Overflow));
        assert_eq!(plus(Decimal::MAX, Decimal::ONE), Err(ArithmeticError::Overflow));
    }
}
