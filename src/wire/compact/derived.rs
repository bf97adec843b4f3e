//! What of a holding follows from other fields. Server and reader work it out alike, so that it need not be told.

use rust_decimal::Decimal;

use super::field::Amount;
use crate::domain::money::percent;
use crate::domain::valuation::rounded;
use crate::wire::views::HoldingView;

/// The price of a holding, as far as a reader has it from a price record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted {
    pub price: Decimal,
    pub previous_close: Option<Decimal>,
}

/// The fields of a holding that follow from others, in the order in which they are worked out and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derived {
    /// The price of the instrument's own record.
    Price,
    /// Quantity × price: right where the price is in the portfolio's currency.
    MarketValue,
    /// Market value − cost basis.
    UnrealizedPnl,
    /// In percent of the cost basis, whatever its sign.
    UnrealizedPnlPercent,
    /// Quantity × (price − previous close): right where nothing was traded since.
    DayChange,
    /// In percent of market value − day change, whatever its sign.
    DayChangePercent,
}

impl Derived {
    pub(crate) const ALL: [Self; 6] = [
        Self::Price,
        Self::MarketValue,
        Self::UnrealizedPnl,
        Self::UnrealizedPnlPercent,
        Self::DayChange,
        Self::DayChangePercent,
    ];

    /// Works the field out from those before it; unknown where one of them is, or where it outgrows a decimal.
    pub(crate) fn of(self, holding: &HoldingView, quoted: Option<Quoted>) -> Option<Decimal> {
        let quantity = holding.quantity;
        match self {
            Self::Price => quoted.map(|quoted| quoted.price),
            Self::MarketValue => product(quantity, holding.price?).map(rounded),
            Self::UnrealizedPnl => difference(holding.market_value?, holding.cost_basis).map(rounded),
            Self::UnrealizedPnlPercent => percent(holding.unrealized_pnl?, holding.cost_basis.abs()),
            Self::DayChange => product(quantity, difference(holding.price?, quoted?.previous_close?)?).map(rounded),
            Self::DayChangePercent => {
                let before = difference(holding.market_value?, holding.day_change?)?;
                percent(holding.day_change?, before.abs())
            }
        }
    }

    /// Returns the field's place.
    pub(crate) fn place(self, holding: &mut HoldingView) -> &mut Option<Decimal> {
        match self {
            Self::Price => &mut holding.price,
            Self::MarketValue => &mut holding.market_value,
            Self::UnrealizedPnl => &mut holding.unrealized_pnl,
            Self::UnrealizedPnlPercent => &mut holding.unrealized_pnl_percent,
            Self::DayChange => &mut holding.day_change,
            Self::DayChangePercent => &mut holding.day_change_percent,
        }
    }

    /// Returns a value as it is shown: money of a currency with so many decimals, percents with two, prices as they are.
    fn shown(self, value: Option<Decimal>, decimals: u32) -> Option<Decimal> {
        match self {
            Self::Price => value,
            Self::UnrealizedPnlPercent | Self::DayChangePercent => value.map(|value| shown(value, 2)),
            Self::MarketValue | Self::UnrealizedPnl | Self::DayChange => value.map(|value| shown(value, decimals)),
        }
    }
}

/// Adds two amounts; unknown where the sum outgrows a decimal. This and its sisters are not inlined: pages download them.
#[inline(never)]
pub(crate) fn sum(left: Decimal, right: Decimal) -> Option<Decimal> {
    left.checked_add(right)
}

/// Subtracts the second amount from the first; unknown where the difference outgrows a decimal.
#[inline(never)]
pub(crate) fn difference(left: Decimal, right: Decimal) -> Option<Decimal> {
    left.checked_sub(right)
}

/// Multiplies two amounts; unknown where the product outgrows a decimal.
#[inline(never)]
fn product(left: Decimal, right: Decimal) -> Option<Decimal> {
    left.checked_mul(right)
}

/// Rounds as pages do, half-even.
#[inline(never)]
pub(crate) fn shown(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointNearestEven)
}

/// Returns what must be told of the derived fields of a holding: those that a reader would work out to something that is shown
/// differently. `decimals` are those of the portfolio's currency.
pub(crate) fn to_tell(holding: &HoldingView, quoted: Option<Quoted>, decimals: u32) -> [Option<Amount>; 6] {
    let mut told = [None; 6];
    let mut read = HoldingView { ticker: holding.ticker.clone(), ..*holding };
    for field in Derived::ALL {
        let (is, worked_out) = (field.shown(*field.place(&mut holding.clone()), decimals), field.of(&read, quoted));
        let differs = field.shown(worked_out, decimals) != is;
        told[field as usize] = differs.then_some(Amount(is));
        *field.place(&mut read) = if differs { is } else { worked_out };
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn is(text: &str) -> Amount {
        Amount(Some(decimal(text)))
    }

    fn holding(quantity: &str, price: &str, market_value: &str, day_change: &str) -> HoldingView {
        let mut holding = HoldingView {
            quantity: decimal(quantity),
            cost_basis: decimal("2000"),
            ..HoldingView::closed("AAPL".parse().unwrap())
        };
        let values = [(Derived::Price, price), (Derived::MarketValue, market_value), (Derived::DayChange, day_change)];
        for field in Derived::ALL {
            let told = values.iter().find(|(told, _)| *told == field).map(|(_, value)| decimal(value));
            *field.place(&mut holding) = told.or_else(|| field.of(&holding, None));
        }
        holding
    }

    fn quoted(price: &str, previous_close: &str) -> Option<Quoted> {
        Some(Quoted { price: decimal(price), previous_close: Some(decimal(previous_close)) })
    }

    #[test]
    fn nothing_is_told_of_a_holding_in_the_portfolios_own_currency() {
        let holding = holding("12", "189.84", "2278.08", "-1.92");
        assert_eq!(to_tell(&holding, quoted("189.84", "190"), 2), [None; 6]);
    }

    #[test]
    fn what_a_rate_makes_of_a_price_is_told_as_it_is_shown() {
        let told = to_tell(&holding("12", "189.84", "2100.123456", "-1.7712"), quoted("189.84", "190"), 2);
        assert_eq!(told, [None, Some(is("2100.12")), None, None, Some(is("-1.77")), None]);
    }

    #[test]
    fn a_price_that_the_reader_has_no_record_of_is_told_with_what_needs_more_than_it() {
        let told = to_tell(&holding("12", "189.84", "2278.08", "-1.92"), None, 2);
        assert_eq!(told, [Some(is("189.84")), None, None, None, Some(is("-1.92")), None]);
    }
}
