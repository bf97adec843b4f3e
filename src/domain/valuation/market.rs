//! Exchange rates towards one portfolio's currency, and what units and prices are worth in it.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, Currency, Money, times};
use super::super::rates::Rates;

/// The rates that one portfolio needs, each looked up once: a way through two pairs is two divisions.
#[derive(Clone, Debug)]
pub(super) struct Market {
    /// The portfolio's currency, which values are in.
    pub base: Currency,
    /// By major currency, in the order in which they were asked for: a few.
    rates: Vec<(Currency, Option<Rate>)>,
    /// When the newest day of the pairs' quotes began.
    pub day_of_rates: Option<Timestamp>,
    /// When the newest rate was observed.
    pub newest: Option<Timestamp>,
}

/// What one major unit of a currency is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// The newest rate that is known.
    pub now: Decimal,
    /// The rate at the previous closes.
    pub before: Decimal,
}

impl Market {
    /// Makes a market that knows no currency yet.
    pub(super) fn new(base: Currency, rates: &Rates) -> Self {
        Self { base, rates: Vec::new(), day_of_rates: rates.day(), newest: rates.newest() }
    }

    /// Looks a currency up, unless that was done.
    pub(super) fn know(&mut self, currency: Currency, rates: &Rates) {
        let currency = currency.major();
        if self.rates.iter().all(|(known, _)| *known != currency) {
            self.rates.push((currency, looked_up(currency, self.base, rates)));
        }
    }

    /// Looks every known currency up again, and returns those whose rate changed.
    pub(super) fn follow(&mut self, rates: &Rates) -> Vec<Currency> {
        (self.day_of_rates, self.newest) = (rates.day(), rates.newest());
        let base = self.base;
        let changed = self.rates.iter_mut().filter_map(|(currency, rate)| {
            let before = std::mem::replace(rate, looked_up(*currency, base, rates));
            (before != *rate).then_some(*currency)
        });
        changed.collect()
    }

    /// Returns the rate of a currency that was looked up; nothing where none is known.
    pub(super) fn rate(&self, currency: Currency) -> Option<Rate> {
        let currency = currency.major();
        self.rates.iter().find(|(known, _)| *known == currency).and_then(|(_, rate)| *rate)
    }
}

fn looked_up(currency: Currency, base: Currency, rates: &Rates) -> Option<Rate> {
    Some(Rate { now: rates.rate(currency, base)?, before: rates.rate_before(currency, base)? })
}

/// Returns the base value of units at a price as quoted; unknown without a price or a rate. No units are worth zero, whatever
/// the price: what was bought entirely today needs no previous close.
pub(super) fn worth(
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
