//! How far an alert is from going off, with the newest quote.

use leptos::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::sentences::{closeness, is_close, is_percentage};
use crate::app::format;
use crate::domain::alert::Condition;
use crate::wire::views::QuoteView;

/// Returns the distance in percent of the price, or in percentage points for a day change; unknown without a quote.
pub fn distance(condition: Condition, threshold: Decimal, quote: Option<&QuoteView>) -> Option<Decimal> {
    let quote = quote?;
    if is_percentage(condition) {
        return threshold.checked_sub(quote.change_percent?).map(|distance| distance.abs());
    }
    let distance = threshold.checked_sub(quote.price)?.abs();
    distance.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(quote.price)
}

/// Writes a distance: `0.06%`, or `0.06 points` for a day change.
pub fn distance_text(condition: Condition, distance: Option<Decimal>) -> String {
    match distance {
        None => format::UNKNOWN.into(),
        Some(distance) if is_percentage(condition) => format::price(distance, 2) + " points",
        Some(distance) => format::percent(distance),
    }
}

/// A bar that fills as the price comes near the level.
#[component]
pub fn Meter(
    /// How far it is.
    #[prop(into)]
    distance: Signal<Option<Decimal>>,
) -> impl IntoView {
    let fill = Memo::new(move |_| closeness(distance.get()));
    let is_hot = Memo::new(move |_| is_close(distance.get()));
    view! {
        <div class="meter" aria-hidden="true">
            <span class:hot=is_hot style:inline-size=move || fill.get().to_string() + "%"></span>
        </div>
    }
}
