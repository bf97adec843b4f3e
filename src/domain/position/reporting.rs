//! A portfolio told in another currency than its own.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::money::Currency;

/// What a portfolio's currency was worth in another one over time.
#[derive(Clone, Debug)]
pub struct Reporting {
    base: Currency,
    /// Each rate with the moment from which on it is known, oldest first; never empty.
    rates: Vec<(Timestamp, Decimal)>,
}

impl Reporting {
    /// Takes rates towards a major currency, oldest first; nothing where there is none above zero.
    ///
    /// ```
    /// use foliostream::domain::money::Currency;
    /// use foliostream::domain::position::Reporting;
    /// assert!(Reporting::new(Currency::EUR, Vec::new()).is_none());
    /// ```
    pub fn new(base: Currency, rates: Vec<(Timestamp, Decimal)>) -> Option<Self> {
        let rates: Vec<_> = rates.into_iter().filter(|(_, rate)| *rate > Decimal::ZERO).collect();
        (!rates.is_empty()).then_some(Self { base, rates })
    }

    /// Returns the currency that the rates lead to.
    pub fn base(&self) -> Currency {
        self.base
    }

    /// Returns the rate that was known at a moment; before the first one that one.
    pub fn at(&self, moment: Timestamp) -> Decimal {
        let after = self.rates.partition_point(|(time, _)| *time <= moment);
        self.rates.get(after.saturating_sub(1)).map_or(Decimal::ONE, |(_, rate)| *rate)
    }
}
