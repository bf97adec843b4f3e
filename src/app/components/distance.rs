//! How far an alert is from going off, with the newest quote.

use std::cmp::Ordering;

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::sentences::{is_close, on_scale};
use crate::app::reactive::memo;
use crate::domain::alert::{Condition, distance_percent};
use crate::live::Live;
use crate::wire::views::{AlertView, QuoteView};
use crate::words::figures;

/// Returns how far the newest quote still has to go: in percent of the price, or in percentage points for a day change;
/// negative is past the level, unknown without a quote.
pub fn distance(condition: Condition, threshold: Decimal, quote: Option<&QuoteView>) -> Option<Decimal> {
    let quote = quote?;
    distance_percent(condition, threshold, quote.price, quote.change_percent)
}

/// Writes a distance: `0.06%`, `0.06 pp` for a day change, `0.06% past` beyond the level.
pub fn distance_text(condition: Condition, distance: Option<Decimal>) -> String {
    let Some(distance) = distance else { return figures::UNKNOWN.into() };
    let length = length(condition, distance);
    if is_past_level(distance) { words().past(&length) } else { length }
}

/// Writes a distance without its side.
fn length(condition: Condition, distance: Decimal) -> String {
    if condition.is_day_change() { words().points(&words().price(distance.abs(), 2)) } else { words().bare_percent(distance) }
}

fn is_past_level(distance: Decimal) -> bool {
    distance.is_sign_negative() && !distance.is_zero()
}

/// Writes a distance as the end of a sentence: `0.06% away`, `already 0.06% past`.
pub fn distance_words(condition: Condition, distance: Decimal) -> String {
    let length = length(condition, distance);
    if is_past_level(distance) { words().past_it(&length) } else { words().away(&length) }
}

/// Returns a distance in typical days: 3 percent of a price that usually moves 1.5 percent in a day are 2. Unknown where either is.
pub fn in_typical_days(distance: Option<Decimal>, typical_percent: Option<Decimal>) -> Option<Decimal> {
    distance?.checked_div(typical_percent?)
}

/// Writes a distance in typical days: `about 0.7 typical days`, `about 12 typical days`, `less than 0.1 typical days`.
pub fn typical_days_text(days: Decimal) -> String {
    let days = days.abs();
    if days < Decimal::new(5, 2) {
        return words().less_typical_days(&words().price(Decimal::new(1, 1), 1));
    }
    words().typical_days(&words().price(days, if days < Decimal::TEN { 1 } else { 0 }))
}

/// Returns an alert's distance with the newest quote, or as the server last said it.
fn distance_now(live: Live, alert: &AlertView) -> Option<Decimal> {
    let quote = live.quote(&alert.ticker);
    quote.with(|quote| distance(alert.condition, alert.threshold, quote.as_ref())).or(alert.distance_percent)
}

/// How far an alert has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Away {
    /// In percent, or in percentage points of a day change.
    pub(crate) distance: Option<Decimal>,
    /// In typical days.
    pub(crate) days: Option<Decimal>,
}

impl Away {
    /// Returns it at the newest price.
    pub(crate) fn now(live: Live, alert: &AlertView) -> Self {
        let distance = distance_now(live, alert);
        Self { distance, days: in_typical_days(distance, live.typical_day(&alert.ticker)) }
    }

    /// Orders by typical days, then what has none by its distance, then what is unknown.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        order(self.days, other.days).then_with(|| order(self.distance, other.distance))
    }
}

/// Orders distances, unknown ones last.
fn order(left: Option<Decimal>, right: Option<Decimal>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => left.abs().cmp(&right.abs()),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// How far it is to the level in typical days, on a line that ends there: amber within three quarters of a day.
#[component]
pub fn Scale(
    /// The distance to the level in typical days; `None` while it is unknown.
    #[prop(into)]
    days: Signal<Option<Decimal>>,
) -> impl IntoView {
    let place = memo(move || on_scale(days.get()));
    let is_hot = memo(move || is_close(days.get()));
    view! {
        <div class="scale" aria-hidden="true">
            <i></i><i></i><i></i><i></i>
            <span class:hot=move || is_hot.get() hidden=move || place.get().is_none()
                style:inset-inline-start=move || place.get().unwrap_or_default().to_string() + "%"></span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_comes_first_and_what_is_unknown_last() {
        let mut distances = [None, Some(Decimal::TEN), Some(Decimal::NEGATIVE_ONE)];
        distances.sort_by(|left, right| order(*left, *right));
        assert_eq!(distances, [Some(Decimal::NEGATIVE_ONE), Some(Decimal::TEN), None]);
    }

    #[test]
    fn what_usually_moves_further_in_a_day_is_closer() {
        let away = |distance: i64, days| Away { distance: Some(distance.into()), days };
        let mut all = [away(1, None), away(2, Some(Decimal::TWO)), away(6, Some(Decimal::ONE))];
        all.sort_by(Away::order);
        assert_eq!(all.map(|away| away.distance.unwrap().to_string()), ["6", "2", "1"]);
    }
}
