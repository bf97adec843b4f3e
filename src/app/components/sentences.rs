//! What forms and rows say: conditions, rhythms, states and kinds in words; which fields a kind of activity asks for.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::activity::ActivityKind;
use crate::domain::alert::{AlertState, Condition, Repeat};

/// Every condition with its word in forms and what a person reads, in the order of the list.
pub const CONDITIONS: [(Condition, &str, &str); 6] = [
    (Condition::CrossesAbove, "crosses_above", "crosses above"),
    (Condition::CrossesBelow, "crosses_below", "crosses below"),
    (Condition::PriceAbove, "price_above", "is above"),
    (Condition::PriceBelow, "price_below", "is below"),
    (Condition::DayChangeAbovePercent, "day_change_above_percent", "day change is above"),
    (Condition::DayChangeBelowPercent, "day_change_below_percent", "day change is below"),
];

/// Every kind of activity with its word in forms and what a person reads.
pub const KINDS: [(ActivityKind, &str, &str); 9] = [
    (ActivityKind::Buy, "buy", "Buy"),
    (ActivityKind::Sell, "sell", "Sell"),
    (ActivityKind::Dividend, "dividend", "Dividend"),
    (ActivityKind::Interest, "interest", "Interest"),
    (ActivityKind::Fee, "fee", "Fee"),
    (ActivityKind::Tax, "tax", "Tax"),
    (ActivityKind::Deposit, "deposit", "Deposit"),
    (ActivityKind::Withdrawal, "withdrawal", "Withdrawal"),
    (ActivityKind::Split, "split", "Split"),
];

/// Returns a condition's word in forms.
pub fn condition_word(condition: Condition) -> &'static str {
    CONDITIONS.iter().find(|entry| entry.0 == condition).map_or("", |entry| entry.1)
}

/// Reads a condition's word.
pub fn read_condition(word: &str) -> Option<Condition> {
    CONDITIONS.iter().find(|entry| entry.1 == word).map(|entry| entry.0)
}

/// Returns a rhythm's word in forms.
pub fn repeat_word(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Once => "once",
        Repeat::Every => "every",
    }
}

/// Returns a rhythm in words, with its cooldown where it has one.
pub fn rhythm(repeat: Repeat, cooldown_s: u32) -> String {
    match (repeat, cooldown_s) {
        (Repeat::Once, _) => "once".into(),
        (Repeat::Every, 0) => "every time".into(),
        (Repeat::Every, seconds) => ["every time, at most once in ", &duration(seconds)].concat(),
    }
}

/// Returns a duration in its largest whole unit: `90 s`, `15 min`, `2 h`, `1 d`.
pub fn duration(seconds: u32) -> String {
    let (number, unit) = match seconds {
        0 => (0, " s"),
        seconds if seconds % 86_400 == 0 => (seconds / 86_400, " d"),
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, " h"),
        seconds if seconds % 60 == 0 => (seconds / 60, " min"),
        seconds => (seconds, " s"),
    };
    [&number.to_string(), unit].concat()
}

/// Returns a state's class in the style sheet.
pub fn state_class(state: AlertState) -> &'static str {
    match state {
        AlertState::Armed => "state armed",
        AlertState::Triggered => "state triggered",
        AlertState::Cooling => "state cooling",
        AlertState::Paused => "state paused",
        AlertState::Expired => "state expired",
    }
}

/// Returns whether an alert is past: it belongs to the history.
pub fn is_past(state: AlertState) -> bool {
    matches!(state, AlertState::Triggered | AlertState::Expired)
}

/// Returns how full the meter is, in whole percent: full at the level, a tenth less for every percent away from it.
pub fn closeness(distance_percent: Option<Decimal>) -> u8 {
    let Some(distance) = distance_percent else { return 0 };
    let left = Decimal::ONE_HUNDRED - distance.abs().min(Decimal::TEN) * Decimal::TEN;
    left.round().to_u8().unwrap_or_default().clamp(2, 100)
}

/// Returns whether an alert is about to fire: within one percent.
pub fn is_close(distance_percent: Option<Decimal>) -> bool {
    distance_percent.is_some_and(|distance| distance.abs() <= Decimal::ONE)
}

/// Returns a kind's word in forms.
pub fn kind_word(kind: ActivityKind) -> &'static str {
    KINDS.iter().find(|entry| entry.0 == kind).map_or("", |entry| entry.1)
}

/// Returns a kind as a person reads it.
pub fn kind_label(kind: ActivityKind) -> &'static str {
    KINDS.iter().find(|entry| entry.0 == kind).map_or("", |entry| entry.2)
}

/// Reads a kind's word; an unknown one is a purchase.
pub fn read_kind(word: &str) -> ActivityKind {
    KINDS.iter().find(|entry| entry.1 == word).map_or(ActivityKind::Buy, |entry| entry.0)
}

/// Returns whether a kind is about an instrument.
pub fn asks_ticker(kind: ActivityKind) -> bool {
    kind.figures().ticker
}

/// Returns whether a kind counts units.
pub fn asks_quantity(kind: ActivityKind) -> bool {
    kind.figures().quantity
}

/// Returns whether a kind has a price per unit.
pub fn asks_price(kind: ActivityKind) -> bool {
    kind.figures().price
}

/// Returns whether a kind is an amount of money.
pub fn asks_amount(kind: ActivityKind) -> bool {
    kind.figures().amount.is_some()
}

/// Returns whether a kind may carry a fee and a tax of its own.
pub fn asks_charges(kind: ActivityKind) -> bool {
    kind.figures().charges
}

/// Returns whether a kind may open a short position.
pub fn opens_short(kind: ActivityKind) -> bool {
    kind.figures().opens_short
}

/// Returns whether a kind moves money.
pub fn asks_currency(kind: ActivityKind) -> bool {
    kind.figures().money
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_survives_its_word() {
        for (condition, word, _) in CONDITIONS {
            assert_eq!((read_condition(word), condition_word(condition)), (Some(condition), word));
            assert_eq!(serde_json::to_value(condition).unwrap(), word);
        }
    }

    #[test]
    fn every_kind_survives_its_word_and_asks_for_what_it_needs() {
        for (kind, word, _) in KINDS {
            assert_eq!((read_kind(word), kind_word(kind)), (kind, word));
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
            assert!(asks_amount(kind) != asks_quantity(kind));
        }
    }

    #[test]
    fn the_meter_is_full_at_the_level_and_nearly_empty_far_away() {
        let full = |text: &str| closeness(Some(text.parse().unwrap()));
        assert_eq!((full("0"), full("0.06"), full("5"), full("400"), closeness(None)), (100, 99, 50, 2, 0));
        assert!(is_close(Some(Decimal::ONE)) && !is_close(Some(Decimal::TWO)) && !is_close(None));
    }

    #[test]
    fn a_rhythm_names_its_cooldown_in_the_largest_unit() {
        assert_eq!(rhythm(Repeat::Once, 60), "once");
        assert_eq!(rhythm(Repeat::Every, 0), "every time");
        assert_eq!(rhythm(Repeat::Every, 7_200), "every time, at most once in 2 h");
        assert_eq!([duration(90), duration(900), duration(86_400), duration(0)], ["90 s", "15 min", "1 d", "0 s"]);
    }
}
