//! What one position is of a portfolio's valuation, and the sums that all of them come to.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::instrument::Ticker;
use super::super::money::{ArithmeticError, Currency, ExactSum};
use super::super::position::Position;
use super::super::quote::Quote;
use super::super::session::day_begin;
use super::HoldingValuation;
use super::day::Day;
use super::market::Market;

/// One position and what it is worth.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The instrument of the position.
    pub ticker: Ticker,
    /// What is held; nothing where the position is closed. Weights are not computed here.
    pub holding: Option<HoldingValuation>,
    day: Counted,
    /// What its quote says of when it is from; nothing without a quote.
    pub priced: Option<Priced>,
}

/// What counts of a position's day.
#[derive(Clone, Debug)]
enum Counted {
    /// Nothing: something is held that cannot be valued, and its day is none of the rest's; or the position was not valued yet.
    Nothing,
    /// It counts, and is unknown.
    Unknown,
    /// It counts, and is this.
    Known(Day),
}

/// When a quote is from, and which rate converts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    /// The quote's own time.
    pub time: Timestamp,
    /// When its session began.
    pub session_start: Timestamp,
    /// When the day began on its exchange that the session belongs to.
    pub day: Timestamp,
    /// The major currency of the price.
    pub currency: Currency,
}

impl Part {
    /// Makes the part of a position that is not valued yet. It counts for nothing.
    pub(super) fn blank(ticker: &Ticker) -> Self {
        Self { ticker: ticker.clone(), holding: None, day: Counted::Nothing, priced: None }
    }

    /// Values a position. A figure that outgrows a decimal leaves its holding without a value, and the others as they are.
    ///
    /// What a price of an earlier day changed is no part of the portfolio's today; what it says was held yesterday is.
    pub(super) fn of(market: &Market, position: &Position, quote: Option<&Quote>) -> Self {
        let value = market.value(position, quote);
        let day = value.and_then(|value| market.day(position, quote, value)).unwrap_or_default();
        let is_earlier = quote.is_some_and(Quote::is_of_earlier_day);
        let moved = day.filter(|_| !is_earlier);
        let valued = || {
            let holding = value.and_then(|value| market.holding(position, quote, value, moved)).ok();
            let holding = holding.filter(HoldingValuation::leaves_room);
            holding.unwrap_or_else(|| HoldingValuation::unknown(position, quote))
        };
        let holding = (!position.quantity.is_zero()).then(valued);
        let day = if is_earlier { day.map(|day| Day { change: Decimal::ZERO, ..day }) } else { moved };
        let is_incomplete = holding.as_ref().is_some_and(|holding| holding.market_value.is_none());
        let day = if is_incomplete { Counted::Nothing } else { day.map_or(Counted::Unknown, Counted::Known) };
        Self { ticker: position.ticker.clone(), holding, day, priced: quote.map(Priced::of) }
    }

    /// Returns whether something is held that cannot be valued: then it is named.
    pub(super) fn is_incomplete(&self) -> bool {
        self.holding.as_ref().is_some_and(|holding| holding.market_value.is_none())
    }
}

impl Priced {
    fn of(quote: &Quote) -> Self {
        Self {
            time: quote.time,
            session_start: quote.session_start,
            day: day_begin(&quote.ticker, quote.session_start),
            currency: quote.currency.major(),
        }
    }

    /// Returns whether both are of one session of one day.
    pub(super) fn is_of_session(&self, other: &Self) -> bool {
        (self.session_start, self.day) == (other.session_start, other.day)
    }
}

/// What all parts come to. Each sum is exact, so that a part may come and go in any order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// What can be valued of what is held.
    pub valued: Held,
    /// What cannot be valued of what is held; its market values are zero.
    pub unvalued: Held,
    /// The days of what is valued and of what is closed.
    change: ExactSum,
    before: ExactSum,
    gross_before: ExactSum,
    opened: ExactSum,
    /// How many of those days are unknown.
    unknown_days: usize,
}

/// Sums over holdings that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// How many there are.
    pub count: usize,
    /// Their market values, short positions taken off.
    pub market_value: ExactSum,
    /// The same, short positions counted like long ones.
    pub gross: ExactSum,
    /// What their open lots cost.
    pub cost: ExactSum,
    /// The same, short positions counted like long ones.
    pub gross_cost: ExactSum,
}

impl Sums {
    /// Adds a part to every sum.
    pub(super) fn add(&mut self, part: &Part) {
        self.change(part, ExactSum::add, |count| *count += 1);
    }

    /// Takes away a part that was added before.
    pub(super) fn take(&mut self, part: &Part) {
        self.change(part, ExactSum::take, |count| *count -= 1);
    }

    fn change(&mut self, part: &Part, sum: fn(&mut ExactSum, Decimal), count: fn(&mut usize)) {
        if let Some(holding) = &part.holding {
            let held = if holding.market_value.is_some() { &mut self.valued } else { &mut self.unvalued };
            let value = holding.market_value.unwrap_or_default();
            count(&mut held.count);
            sum(&mut held.market_value, value);
            sum(&mut held.gross, value.abs());
            sum(&mut held.cost, holding.cost_basis);
            sum(&mut held.gross_cost, holding.cost_basis.abs());
        }
        match &part.day {
            Counted::Nothing => {}
            Counted::Unknown => count(&mut self.unknown_days),
            Counted::Known(day) => {
                sum(&mut self.change, day.change);
                sum(&mut self.before, day.before);
                sum(&mut self.gross_before, day.gross_before);
                sum(&mut self.opened, day.opened);
            }
        }
    }

    /// Returns what can be valued; where nothing can, all that is held.
    pub(super) fn shown(&self) -> &Held {
        if self.valued.count > 0 { &self.valued } else { &self.unvalued }
    }

    /// Returns whether anything is held.
    pub(super) fn is_any_held(&self) -> bool {
        self.valued.count + self.unvalued.count > 0
    }

    /// Returns the market value; nothing where there are holdings and none can be valued.
    pub(super) fn market_value(&self) -> Result<Option<Decimal>, ArithmeticError> {
        if self.valued.count == 0 && self.unvalued.count > 0 {
            return Ok(None);
        }
        self.valued.market_value.value().map(Some)
    }

    /// Returns the day of all together; nothing where one is unknown, or where a figure outgrows a decimal.
    pub(super) fn day(&self) -> Option<Day> {
        let [change, before, gross_before, opened] =
            [&self.change, &self.before, &self.gross_before, &self.opened].map(|sum| sum.value().ok());
        let day = Day { change: change?, before: before?, gross_before: gross_before?, opened: opened? };
        (self.unknown_days == 0).then_some(day)
    }
}
