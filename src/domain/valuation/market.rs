//! What units and prices are worth in one portfolio's currency.

use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, Currency, Money, times};
use super::super::rates::Rates;

/// Rates towards one portfolio's currency.
pub(crate) struct Market<'a> {
    /// The portfolio's currency, which values are in.
    pub base: Currency,
    /// The exchange rates that are known.
    pub rates: &'a Rates,
}

impl Market<'_> {
    /// Returns the base value of units at a price as quoted; unknown without a price or a rate. No units are worth zero, whatever
    /// the price: what was bought entirely today needs no previous close.
    pub(crate) fn worth(
        &self,
        units: Decimal,
        price: Option<Decimal>,
        currency: Currency,
        rate: Option<Decimal>,
    ) -> Result<Option<Decimal>, ArithmeticError> {
        if units.is_zero() {
            return Ok(Some(Decimal::ZERO));
        }
        let (Some(price), Some(rate)) = (price, rate) else { return Ok(None) };
        let price = Money::new(price, currency).in_major()?.amount;
        times(times(units, price)?, rate).map(Some)
    }
}
