//! Levels as prices: where one lies in the picture, which are offered, and by how much an arrow key moves one.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::app::components::geometry::{Sample, Scale, moved_by};
use crate::app::prelude::words;
use crate::domain::alert::Condition;

/// How much of the year's span the picture keeps free above and below it, to drag a level into: a quarter.
const ROOM: Decimal = Decimal::from_parts(25, 0, 0, false, 2);

/// A level that is chosen often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// What it is, such as `+5%`.
    pub name: String,
    /// The level as the form holds it: a price, or a percentage.
    pub level: Decimal,
}

/// Returns the scale of a year, with room above and below.
pub(super) fn scale(samples: &[Sample], high: Option<Decimal>, low: Option<Decimal>) -> Scale {
    let (Some(high), Some(low)) = (high, low) else { return Scale::around(samples, &[]) };
    let room = high.checked_sub(low).and_then(|span| span.checked_mul(ROOM)).unwrap_or_default();
    let reach = [high.checked_add(room), low.checked_sub(room)];
    let all: Vec<Sample> =
        reach.into_iter().flatten().map(|value| Sample { time_ms: 0, value }).chain(samples.iter().copied()).collect();
    Scale::around(&all, &[]).with_count(samples.len())
}

/// Returns the price at which a level lies today: of a day change −3 with a close of 200 that is 194.
pub(super) fn price_of_level(condition: Condition, level: Decimal, previous: Decimal) -> Option<Decimal> {
    if !condition.is_day_change() {
        return Some(level);
    }
    previous.checked_add(previous.checked_mul(level)?.checked_div(Decimal::ONE_HUNDRED)?)
}

/// Returns the level that lies at a price, in steps: prices in [`step`], percentages in tenths.
pub(super) fn level_of_price(condition: Condition, price: Decimal, previous: Decimal, decimals: u32) -> Option<Decimal> {
    if condition.is_day_change() {
        let change = price.checked_sub(previous)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(previous)?;
        return Some(change.round_dp_with_strategy(1, RoundingStrategy::MidpointNearestEven));
    }
    let step = step(price, decimals);
    let steps = price.checked_div(step)?.round();
    steps.checked_mul(step).map(|level| level.max(step).round_dp(decimals.max(step.scale())))
}

/// Returns by how much an arrow key moves a level of about `price`: a power of ten, about a thousandth of it, and no less than the last
/// decimal that is shown: 0.1 at 287.46, 10 at 45,210, 0.001 at 1.0845.
pub(super) fn step(price: Decimal, decimals: u32) -> Decimal {
    let finest = Decimal::new(1, decimals.min(12));
    let mut step = Decimal::ONE;
    let thousandth = price.abs().checked_div(Decimal::ONE_THOUSAND).unwrap_or(Decimal::ONE);
    while step > thousandth && step > finest {
        step /= Decimal::TEN;
    }
    while step.checked_mul(Decimal::TEN).is_some_and(|next| next <= thousandth) {
        step *= Decimal::TEN;
    }
    step.max(finest).normalize()
}

/// Returns the level that a key moves to: an arrow a step, with Shift ten, Page Up and Page Down one percent; nothing for other keys.
pub(super) fn moved(key: &str, is_shift: bool, condition: Condition, level: Decimal, decimals: u32) -> Option<Decimal> {
    let step = if condition.is_day_change() { Decimal::new(1, 1) } else { step(level, decimals) };
    let many = if is_shift { Decimal::TEN } else { Decimal::ONE };
    let percent = if condition.is_day_change() { Decimal::ONE } else { level.checked_div(Decimal::ONE_HUNDRED)?.abs().max(step) };
    let by = match key {
        "ArrowUp" | "ArrowRight" => step * many,
        "ArrowDown" | "ArrowLeft" => -step * many,
        "PageUp" => percent,
        "PageDown" => -percent,
        _ => return None,
    };
    let moved = level.checked_add(by)?.round_dp(decimals.max(step.scale()));
    (condition.is_day_change() || moved > Decimal::ZERO).then_some(moved)
}

/// Returns what is offered: two and five percent from the price and the year's end, or two, three and five percent of a day.
pub(super) fn offers(
    condition: Condition,
    now: Decimal,
    high: Option<Decimal>,
    low: Option<Decimal>,
    decimals: u32,
) -> Vec<Offer> {
    let sign = if condition.is_upward() { 1 } else { -1 };
    let named = |percent: i64| words().signed_whole_percent(Decimal::from(percent));
    if condition.is_day_change() {
        return [2, 3, 5].map(|percent| Offer { name: named(sign * percent), level: Decimal::from(sign * percent) }).into();
    }
    let moved = [2, 5].into_iter().filter_map(|percent| {
        let level = moved_by(now, sign * percent, decimals)?;
        Some(Offer { name: named(sign * percent), level })
    });
    let (end, name) = if condition.is_upward() { (high, words().year_high()) } else { (low, words().year_low()) };
    let end = end.filter(|end| if condition.is_upward() { *end > now } else { *end < now && *end > Decimal::ZERO });
    moved.chain(end.map(|level| Offer { name: name.into(), level })).collect()
}

/// Returns where a price lies between the lowest and the highest of the picture, in thousandths for a slider's value.
pub(super) fn in_thousandths(scale: &Scale, price: Decimal) -> i64 {
    ((100.0 - scale.top(price)) * 10.0).round().to_i64().unwrap_or_default().clamp(0, 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_step_is_about_a_thousandth_and_no_finer_than_what_is_shown() {
        let step = |price, decimals| step(decimal(price), decimals).to_string();
        assert_eq!([step("287.46", 2), step("45210", 2), step("1.0845", 4), step("0.5", 2)], ["0.1", "10", "0.001", "0.01"]);
        assert_eq!([step("0.00000812", 8), step("0", 2)], ["0.00000001", "0.01"]);
    }

    #[test]
    fn keys_move_a_level_by_steps_and_percents_and_never_to_nothing() {
        let moved =
            |key, shift, level| moved(key, shift, Condition::CrossesAbove, decimal(level), 2).map(|level| level.to_string());
        assert_eq!(moved("ArrowUp", false, "287.46").as_deref(), Some("287.56"));
        assert_eq!(moved("ArrowDown", true, "287.46").as_deref(), Some("286.46"));
        assert_eq!(moved("PageUp", false, "200").as_deref(), Some("202"));
        assert_eq!(moved("ArrowDown", false, "0.01"), None);
        assert_eq!(moved("Enter", false, "200"), None);
    }

    #[test]
    fn a_day_change_is_drawn_at_the_price_it_means_and_read_back_in_tenths() {
        let condition = Condition::DayChangeBelowPercent;
        assert_eq!(price_of_level(condition, decimal("-3"), decimal("200")), Some(decimal("194")));
        assert_eq!(level_of_price(condition, decimal("193.93"), decimal("200"), 2), Some(decimal("-3")));
        assert_eq!(level_of_price(condition, decimal("10"), Decimal::ZERO, 2), None);
    }

    #[test]
    fn a_dragged_price_falls_on_a_step() {
        let level = |price| level_of_price(Condition::CrossesAbove, decimal(price), Decimal::ONE, 2).unwrap();
        assert_eq!(level("287.4637"), decimal("287.5"));
        assert_eq!(level("-4"), decimal("0.01"));
    }

    #[test]
    fn an_end_of_the_year_that_lies_behind_the_price_is_not_offered() {
        let levels = |high: &str| {
            let offered = offers(Condition::CrossesAbove, decimal("100"), Some(decimal(high)), None, 2);
            offered.into_iter().map(|offer| offer.level.normalize().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(levels("120"), ["102", "105", "120"]);
        assert_eq!(levels("99"), ["102", "105"]);
    }
}
