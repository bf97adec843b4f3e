//! What forms and rows say: conditions, rhythms, states and kinds in words; which fields a kind of activity asks for.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::app::prelude::words;
use crate::domain::activity::ActivityKind;
use crate::domain::alert::{AlertState, Condition, Repeat};
use crate::wire::views::AlertView;
use crate::words::Words;

/// Every condition with its word in forms, in the order of the list.
pub const CONDITIONS: [(Condition, &str); 6] = [
    (Condition::CrossesAbove, "crosses_above"),
    (Condition::CrossesBelow, "crosses_below"),
    (Condition::PriceAbove, "price_above"),
    (Condition::PriceBelow, "price_below"),
    (Condition::DayChangeAbovePercent, "day_change_above_percent"),
    (Condition::DayChangeBelowPercent, "day_change_below_percent"),
];

/// Every kind of activity, in the order of the form.
pub const KINDS: [ActivityKind; 14] = [
    ActivityKind::Buy,
    ActivityKind::Sell,
    ActivityKind::Dividend,
    ActivityKind::Deposit,
    ActivityKind::Withdrawal,
    ActivityKind::Interest,
    ActivityKind::Fee,
    ActivityKind::Tax,
    ActivityKind::Split,
    ActivityKind::TransferIn,
    ActivityKind::TransferOut,
    ActivityKind::ReinvestedDividend,
    ActivityKind::SpinOff,
    ActivityKind::OpeningBalance,
];

/// Returns what a person chooses for a condition.
pub fn condition_choice(condition: Condition) -> &'static str {
    match condition {
        Condition::PriceAbove => words().price_above_choice(),
        Condition::PriceBelow => words().price_below_choice(),
        Condition::CrossesAbove => words().crosses_above_choice(),
        Condition::CrossesBelow => words().crosses_below_choice(),
        Condition::DayChangeAbovePercent => words().day_change_above_choice(),
        Condition::DayChangeBelowPercent => words().day_change_below_choice(),
    }
}

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
        (Repeat::Once, _) => words().once().into(),
        (Repeat::Every, 0) => words().every_time().into(),
        (Repeat::Every, seconds) => words().every_time_at_most(&duration(seconds)),
    }
}

/// Returns a duration in its largest whole unit: `90 s`, `15 min`, `2 h`, `1 d`.
pub fn duration(seconds: u32) -> String {
    let (number, say): (u32, fn(Words, &str) -> String) = match seconds {
        0 => (0, Words::seconds_short),
        seconds if seconds % 86_400 == 0 => (seconds / 86_400, Words::days_short),
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, Words::hours_short),
        seconds if seconds % 60 == 0 => (seconds / 60, Words::minutes_short),
        seconds => (seconds, Words::seconds_short),
    };
    say(words(), &number.to_string())
}

/// How an alert stands to a person: whether it can fire now, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It fires as soon as its level is reached.
    Active,
    /// The price is past the level already: it fires after the price has been on the other side.
    Waiting,
    /// It has fired and may not again before some time has passed.
    Resting,
    /// It has fired once and for all, and that is not acknowledged yet.
    Fired,
    /// A person has paused it.
    Paused,
    /// It has fired once and for all, and that is known.
    Done,
    /// Its time has run out.
    Expired,
}

impl Standing {
    /// Returns the class of the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Resting => "resting",
            Self::Fired => "fired",
            Self::Paused => "paused",
            Self::Done | Self::Expired => "over",
        }
    }

    /// Returns the word for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => words().state_armed(),
            Self::Waiting => words().state_waiting(),
            Self::Resting => words().state_cooling(),
            Self::Fired | Self::Done => words().state_triggered(),
            Self::Paused => words().state_paused(),
            Self::Expired => words().state_expired(),
        }
    }
}

/// Says how an alert stands, with the distance to its level: below zero beyond it.
pub fn standing(alert: &AlertView, distance: Option<Decimal>) -> Standing {
    match alert.state {
        AlertState::Armed if distance.is_some_and(|distance| distance < Decimal::ZERO) => Standing::Waiting,
        AlertState::Armed => Standing::Active,
        AlertState::Cooling => Standing::Resting,
        AlertState::Paused => Standing::Paused,
        AlertState::Triggered if alert.acknowledged => Standing::Done,
        AlertState::Triggered => Standing::Fired,
        AlertState::Expired => Standing::Expired,
    }
}

/// Returns where a distance in typical days stands on the scale, in percent of its length: 100 at the level, 0 at ten days or more away.
/// It is spaced by the square root, so that the last day has a third of the length: 10, 5, 2, 1 and ½ days stand at 0, 29, 55, 68 and 78.
pub fn on_scale(days: Option<Decimal>) -> Option<u8> {
    let hundredths = (days?.abs().min(Decimal::TEN) * Decimal::ONE_HUNDRED).round().to_u64()?;
    u8::try_from(100_u64.saturating_sub((hundredths * 10).isqrt())).ok()
}

/// Returns whether an alert is about to fire: within three quarters of a typical day.
pub fn is_close(days: Option<Decimal>) -> bool {
    days.is_some_and(|days| days.abs() < Decimal::new(75, 2))
}

/// Returns a kind as a person reads it.
pub fn kind_label(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Buy => words().kind_buy(),
        ActivityKind::Sell => words().kind_sell(),
        ActivityKind::Dividend => words().kind_dividend(),
        ActivityKind::Interest => words().kind_interest(),
        ActivityKind::Fee => words().fee(),
        ActivityKind::Tax => words().tax(),
        ActivityKind::Deposit => words().kind_deposit(),
        ActivityKind::Withdrawal => words().kind_withdrawal(),
        ActivityKind::Split => words().kind_split(),
        ActivityKind::OpeningBalance => words().kind_opening_balance(),
        ActivityKind::TransferIn => words().kind_transfer_in(),
        ActivityKind::TransferOut => words().kind_transfer_out(),
        ActivityKind::ReinvestedDividend => words().kind_reinvested_dividend(),
        ActivityKind::SpinOff => words().kind_spin_off(),
    }
}

/// Reads a kind's word; an unknown one is a purchase.
pub fn read_kind(word: &str) -> ActivityKind {
    KINDS.into_iter().find(|kind| kind.word() == word).unwrap_or(ActivityKind::Buy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_survives_its_word() {
        for (condition, word) in CONDITIONS {
            assert_eq!((read_condition(word), condition_word(condition)), (Some(condition), word));
            assert_eq!(serde_json::to_value(condition).unwrap(), word);
        }
    }

    #[test]
    fn every_kind_stands_in_the_form_and_survives_its_word() {
        for kind in ActivityKind::ALL {
            assert!(KINDS.contains(&kind) && read_kind(kind.word()) == kind);
        }
    }

    #[test]
    fn the_scale_ends_at_the_level_and_gives_the_last_day_a_third_of_its_length() {
        let place = |text: &str| on_scale(Some(text.parse().unwrap())).unwrap();
        assert_eq!(["0", "0.5", "1", "2", "5", "10", "400", "-2"].map(place), [100, 78, 69, 56, 30, 0, 0, 56]);
        assert_eq!(on_scale(None), None);
        assert!(is_close(Some(Decimal::new(74, 2))) && !is_close(Some(Decimal::ONE)) && !is_close(None));
    }

    #[test]
    fn a_rhythm_names_its_cooldown_in_the_largest_unit() {
        assert_eq!(rhythm(Repeat::Once, 60), "once");
        assert_eq!(rhythm(Repeat::Every, 0), "every time");
        assert_eq!(rhythm(Repeat::Every, 7_200), "every time, at most every 2 h");
        assert_eq!([duration(90), duration(900), duration(86_400), duration(0)], ["90 s", "15 min", "1 d", "0 s"]);
    }
}
