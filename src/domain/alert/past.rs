//! When a rule would have set its alert off: a live alert is shown daily bars of the past.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::super::bar::Bar;
use super::super::money::percent;
use super::super::user::UserId;
use super::{Alert, AlertId, AlertState, Look, Memory, Observation, Repeat, Rule};

/// A day on which an alert would have fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastFiring {
    /// When the bar of that day began.
    pub time: Timestamp,
    /// The price that would have set it off: the level's, or the day's first price where that was beyond it.
    pub price: Decimal,
}

/// Returns when an alert that fires every time would have fired in daily bars, oldest first.
///
/// A bar says nothing about the way between its prices. It is read as open, low, high, close where it rose and as open, high, low,
/// close where it fell, the shorter way of the two. A level that holds from the beginning counts from when it was left.
///
/// ```
/// use foliostream::domain::alert::{Condition, Rule, past_firings};
/// use foliostream::domain::bar::Bar;
/// use jiff::Timestamp;
/// let day = |day: i64, price: i64| Bar::of(Timestamp::from_second(day * 86_400).expect("within jiff's range"), price.into());
/// let rule = Rule::of(Condition::CrossesAbove, "A".parse().expect("a ticker"), 100.into());
/// let firings = past_firings(&rule, 0, &[day(0, 90), day(1, 101), day(2, 99), day(3, 100), day(4, 102)]);
/// assert_eq!(firings.iter().map(|firing| firing.time.as_second() / 86_400).collect::<Vec<_>>(), [1, 4]);
/// ```
pub fn past_firings(rule: &Rule, cooldown_s: u32, bars: &[Bar]) -> Vec<PastFiring> {
    let mut alert = Alert {
        id: AlertId(0),
        owner: UserId::local(),
        revision: 0,
        rule: rule.clone(),
        repeat: Repeat::Every,
        cooldown_s,
        expires_at: None,
        note: None,
        // It begins as one that has just fired: what holds already must first be left.
        state: AlertState::Cooling,
        acknowledged: true,
        memory: Memory::default(),
        created_at: Timestamp::MIN,
        triggered_at: None,
    };
    let mut firings: Vec<PastFiring> = Vec::new();
    let mut previous_close = None;
    for bar in bars {
        let between = if bar.close >= bar.open { [bar.low, bar.high] } else { [bar.high, bar.low] };
        for (place, price) in [bar.open, between[0], between[1], bar.close].into_iter().enumerate() {
            let change_percent = previous_close.and_then(|close| percent(price.checked_sub(close)?, close));
            let seen = Observation { ticker: rule.ticker(), price, change_percent, time: bar.time };
            let since_firing = firings.last().map(|last| bar.time.duration_since(last.time));
            let since_firing = since_firing.filter(|passed| *passed > SignedDuration::ZERO || cooldown_s > 0);
            if alert.observe(&seen, Look { now: bar.time, since_firing }).firing.is_some() {
                let level = if place == 0 { None } else { level_price(rule, previous_close) };
                firings.push(PastFiring { time: bar.time, price: level.unwrap_or(price) });
            }
        }
        previous_close = Some(bar.close);
    }
    firings
}

/// Returns the price at which a rule's level lies on a day that follows a close.
fn level_price(rule: &Rule, previous_close: Option<Decimal>) -> Option<Decimal> {
    let threshold = rule.threshold();
    if !rule.kind().is_day_change() {
        return Some(threshold);
    }
    let close = previous_close?;
    let change = close.checked_mul(threshold)?.checked_div(Decimal::ONE_HUNDRED)?;
    // As many digits as a close has: a price has no more.
    close.checked_add(change).map(|price| price.round_dp(close.scale().max(2)))
}

#[cfg(test)]
mod tests {
    use super::super::Condition::*;
    use super::super::fixture::{rule, second};
    use super::*;

    const DAY: i64 = 86_400;

    fn bar(day: i64, prices: [i64; 4]) -> Bar {
        let [open, high, low, close] = prices.map(Decimal::from);
        Bar { time: second(day * DAY), open, high, low, close, volume: None }
    }

    fn days(rule: &Rule, cooldown_s: u32, bars: &[Bar]) -> Vec<i64> {
        past_firings(rule, cooldown_s, bars).iter().map(|firing| firing.time.as_second() / DAY).collect()
    }

    #[test]
    fn a_level_that_only_a_days_high_reached_counts() {
        let bars = [bar(0, [140, 145, 139, 141]), bar(1, [141, 152, 140, 142]), bar(2, [142, 143, 140, 141])];
        let firings = past_firings(&rule(CrossesAbove, "150"), 0, &bars);
        assert_eq!(firings, [PastFiring { time: second(DAY), price: 150.into() }]);
    }

    #[test]
    fn a_day_that_opens_beyond_the_level_tells_its_first_price() {
        let bars = [bar(0, [140, 145, 139, 141]), bar(1, [155, 156, 154, 155])];
        assert_eq!(past_firings(&rule(CrossesAbove, "150"), 0, &bars)[0].price, 155.into());
    }

    #[test]
    fn what_holds_from_the_beginning_counts_once_it_was_left() {
        let bars = [bar(0, [160, 160, 160, 160]), bar(1, [160, 161, 149, 150]), bar(2, [150, 151, 150, 151])];
        assert_eq!(days(&rule(PriceAbove, "150"), 0, &bars), [2]);
        assert_eq!(days(&rule(PriceAbove, "100"), 0, &bars), Vec::<i64>::new());
    }

    #[test]
    fn a_fall_of_the_day_is_measured_from_the_close_before_and_begins_anew_each_day() {
        let bars = [bar(0, [100, 100, 100, 100]), bar(1, [100, 100, 94, 99]), bar(2, [99, 99, 99, 99]), bar(3, [90, 91, 90, 91])];
        let rule = rule(DayChangeBelowPercent, "-5");
        let firings = past_firings(&rule, 0, &bars);
        let told: Vec<_> = firings.iter().map(|firing| (firing.time.as_second() / DAY, firing.price)).collect();
        assert_eq!(told, [(1, 95.into()), (3, 90.into())]);
    }

    #[test]
    fn a_cooldown_skips_what_comes_within_it() {
        let bars: Vec<Bar> = (0..9).map(|day| bar(day, if day % 2 == 0 { [140; 4] } else { [160; 4] })).collect();
        assert_eq!(days(&rule(CrossesAbove, "150"), 0, &bars), [1, 3, 5, 7]);
        assert_eq!(days(&rule(CrossesAbove, "150"), 3 * 86_400, &bars), [1, 5]);
    }

    #[test]
    fn no_bars_fire_nothing() {
        assert_eq!(past_firings(&rule(CrossesAbove, "150"), 0, &[]), []);
    }
}
