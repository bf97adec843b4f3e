//! What of a holding follows from other fields. Server and reader work it out alike, so that it need not be told.

use rust_decimal::Decimal;

use super::field::Amount;
use crate::domain::instrument::Ticker;
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
    fn of(self, holding: &HoldingView, quoted: Option<Quoted>) -> Option<Decimal> {
        let quantity = holding.quantity;
        match self {
            Self::Price => quoted.map(|quoted| quoted.price),
            Self::MarketValue => quantity.checked_mul(holding.price?).map(rounded),
            Self::UnrealizedPnl => holding.market_value?.checked_sub(holding.cost_basis).map(rounded),
            Self::UnrealizedPnlPercent => percent(holding.unrealized_pnl?, holding.cost_basis.abs()),
            Self::DayChange => quantity.checked_mul(holding.price?.checked_sub(quoted?.previous_close?)?).map(rounded),
            Self::DayChangePercent => percent(holding.day_change?, holding.market_value?.checked_sub(holding.day_change?)?.abs()),
        }
    }

    fn of_view(self, holding: &HoldingView) -> Option<Decimal> {
        match self {
            Self::Price => holding.price,
            Self::MarketValue => holding.market_value,
            Self::UnrealizedPnl => holding.unrealized_pnl,
            Self::UnrealizedPnlPercent => holding.unrealized_pnl_percent,
            Self::DayChange => holding.day_change,
            Self::DayChangePercent => holding.day_change_percent,
        }
    }

    fn set(self, holding: &mut HoldingView, value: Option<Decimal>) {
        match self {
            Self::Price => holding.price = value,
            Self::MarketValue => holding.market_value = value,
            Self::UnrealizedPnl => holding.unrealized_pnl = value,
            Self::UnrealizedPnlPercent => holding.unrealized_pnl_percent = value,
            Self::DayChange => holding.day_change = value,
            Self::DayChangePercent => holding.day_change_percent = value,
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

/// Rounds as pages do, half-even.
pub(crate) fn shown(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointNearestEven)
}

/// Works every derived field of a holding out, but those that were told.
pub(crate) fn complete(
    holding: &mut HoldingView,
    quoted: Option<Quoted>,
    mut told: impl FnMut(Derived, Option<Decimal>) -> Option<Amount>,
) {
    for field in Derived::ALL {
        let worked_out = field.of(holding, quoted);
        let Amount(value) = told(field, worked_out).unwrap_or(Amount(worked_out));
        field.set(holding, value);
    }
}

/// Returns what must be told of the derived fields of a holding: those that a reader would work out to something that is shown
/// differently. `decimals` are those of the portfolio's currency.
pub(crate) fn to_tell(holding: &HoldingView, quoted: Option<Quoted>, decimals: u32) -> [Option<Amount>; 6] {
    let mut told = [None; 6];
    let mut read = HoldingView { ticker: holding.ticker.clone(), ..*holding };
    complete(&mut read, quoted, |field, worked_out| {
        let is = field.shown(field.of_view(holding), decimals);
        let differs = field.shown(worked_out, decimals) != is;
        told[field as usize] = differs.then_some(Amount(is));
        told[field as usize]
    });
    told
}

/// A holding of which nothing is known yet but its ticker.
pub(crate) fn blank(ticker: Ticker) -> HoldingView {
    HoldingView { market_value: None, unrealized_pnl: None, weight: None, ..HoldingView::closed(ticker) }
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
        let mut holding =
            HoldingView { quantity: decimal(quantity), cost_basis: decimal("2000"), ..blank("AAPL".parse().unwrap()) };
        let values = [(Derived::Price, price), (Derived::MarketValue, market_value), (Derived::DayChange, day_change)];
        complete(&mut holding, None, |field, _| values.iter().find(|(told, _)| *told == field).map(|(_, value)| is(value)));
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
