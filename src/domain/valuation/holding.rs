//! Values one position: what it is worth, and what its day made of it.

use rust_decimal::Decimal;

use super::super::money::{ArithmeticError, minus, percent, plus, times};
use super::super::position::Position;
use super::super::quote::Quote;
use super::HoldingValuation;
use super::day::{Day, close_in_units_of_now, session_trades};
use super::market::{Market, worth};

impl Market {
    /// Returns what a position is worth; unknown where something is held and its price or a rate is unknown.
    pub(super) fn value(&self, position: &Position, quote: Option<&Quote>) -> Result<Option<Decimal>, ArithmeticError> {
        let Some(quote) = quote else { return Ok(None) };
        let rate = self.rate(quote.currency).map(|rate| rate.now);
        worth(position.quantity, Some(quote.price), quote.currency, rate)
    }

    /// Returns the day of a position that is worth `value`; unknown where a price, a rate or a needed previous close is. A price of an earlier day is itself
    /// the previous close. What is closed and has no quote did not move: it may be an instrument that is not quoted any more.
    pub(super) fn day(
        &self,
        position: &Position,
        quote: Option<&Quote>,
        value: Option<Decimal>,
    ) -> Result<Option<Day>, ArithmeticError> {
        let Some(quote) = quote else { return Ok(position.quantity.is_zero().then(Day::default)) };
        let (mut overnight, mut paid, mut opened) = (position.quantity, Decimal::ZERO, Decimal::ZERO);
        for trade in session_trades(position, quote) {
            overnight = minus(overnight, trade.quantity)?;
            let is_sale = trade.quantity.is_sign_negative();
            paid = if is_sale { minus(paid, trade.value_base)? } else { plus(paid, trade.value_base)? };
            if overnight.is_zero() || overnight.is_sign_negative() == is_sale {
                opened = plus(opened, trade.value_base)?;
            }
        }
        let rate = self.rate(quote.currency);
        let close = if quote.is_of_earlier_day() { Some(quote.price) } else { close_in_units_of_now(position, quote) };
        let value_before = worth(overnight, close, quote.currency, rate.map(|rate| rate.before))?;
        let (Some(value_now), Some(value_before)) = (value, value_before) else { return Ok(None) };
        let change = minus(value_now, plus(value_before, paid)?)?;
        Ok(Some(Day { change, before: value_before, gross_before: value_before.abs(), opened }))
    }

    /// Values what is held; an error is a figure that outgrows a decimal.
    pub(super) fn holding(
        &self,
        position: &Position,
        quote: Option<&Quote>,
        market_value: Option<Decimal>,
        day: Option<Day>,
    ) -> Result<HoldingValuation, ArithmeticError> {
        let cost_basis = position.fifo.cost_base;
        let unrealized = market_value.map(|value| minus(value, cost_basis)).transpose()?;
        let currency_gain = self.currency_gain(position, quote)?;
        let capital_gain = match (unrealized, currency_gain) {
            (Some(whole), Some(part)) => Some(minus(whole, part)?),
            _ => None,
        };
        Ok(HoldingValuation {
            ticker: position.ticker.clone(),
            quantity: position.quantity,
            price: quote.map(|quote| quote.price),
            market_value,
            cost_basis,
            unrealized,
            unrealized_percent: unrealized.and_then(|gain| percent(gain, cost_basis.abs())),
            day_change: day.map(|day| day.change),
            day_change_percent: day.and_then(Day::percent),
            weight: None,
            realized: position.fifo.realized_base,
            income: position.income_base,
            average_cost_basis: position.average.cost_base,
            capital_gain,
            currency_gain: capital_gain.and(currency_gain),
        })
    }

    /// Returns `cost × rate now − cost in base currency`; unknown where the trades' currency is not the quote's.
    fn currency_gain(&self, position: &Position, quote: Option<&Quote>) -> Result<Option<Decimal>, ArithmeticError> {
        let Some(quote) = quote.filter(|quote| position.currency == Some(quote.currency.major())) else {
            return Ok(None);
        };
        let (Some(cost), Some(rate)) = (position.fifo.cost, self.rate(quote.currency)) else {
            return Ok(None);
        };
        minus(times(cost, rate.now)?, position.fifo.cost_base).map(Some)
    }
}

impl HoldingValuation {
    /// Returns what is known of a holding without a value.
    pub(super) fn unknown(position: &Position, quote: Option<&Quote>) -> Self {
        Self {
            ticker: position.ticker.clone(),
            quantity: position.quantity,
            price: quote.map(|quote| quote.price),
            market_value: None,
            cost_basis: position.fifo.cost_base,
            unrealized: None,
            unrealized_percent: None,
            day_change: None,
            day_change_percent: None,
            weight: None,
            realized: position.fifo.realized_base,
            income: position.income_base,
            average_cost_basis: position.average.cost_base,
            capital_gain: None,
            currency_gain: None,
        }
    }

    /// Returns whether value and cost are small enough that a thousand such holdings can be added up.
    pub(super) fn leaves_room(&self) -> bool {
        let room = Decimal::MAX / Decimal::from(10_000);
        [Some(self.cost_basis), self.market_value].into_iter().flatten().all(|amount| amount.abs() <= room)
    }
}
