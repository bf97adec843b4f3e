//! The level's line with its handle: dragged by a pointer, moved by keys.

use crate::app::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::fields::FormFields;
use super::level::{in_thousandths, level_of_price, moved};
use crate::app::components::geometry::{Place, Scale, percent_length};
use crate::app::reactive::memo;
use crate::live::source;

/// The line across the plot. A press of a mouse anywhere on the plot puts the level there, and it follows until it is let go; a finger
/// drags the handle.
#[component]
pub(super) fn Handle(
    /// What the form holds, which the handle writes into.
    fields: FormFields,
    /// Where prices lie in the picture.
    scale: Scale,
    /// The price at which the level lies, where one is typed.
    level: Memo<Option<Decimal>>,
    /// The close that day changes are measured from.
    previous: Memo<Decimal>,
    /// How many decimals the price is shown with.
    price_decimals: u32,
) -> impl IntoView {
    let is_dragged = RwSignal::new(false);
    let place = memo(move || level.get().map(|price| scale.place(price)));
    let top = move || match place.get() {
        Some(Place::Inside(top)) => percent_length(top),
        Some(Place::Above) => "0%".into(),
        Some(Place::Below) => "100%".into(),
        None => "50%".into(),
    };
    let put_at = move |share: f64| {
        let price = Decimal::from_f64(scale.value(share));
        let condition = fields.condition();
        let level = condition
            .zip(price)
            .and_then(|(condition, price)| level_of_price(condition, price, previous.get_untracked(), price_decimals));
        if let Some(level) = level {
            fields.write(level);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let moved = fields
            .condition()
            .zip(fields.level())
            .and_then(|(condition, level)| moved(&event.key(), event.shift_key(), condition, level, price_decimals));
        if let Some(level) = moved {
            event.prevent_default();
            fields.write(level);
        }
    };
    let spoken =
        move || level.get().map_or_else(|| words().no_level_yet().to_owned(), |price| words().quoted(price, price_decimals));
    let now = move || level.get().map_or(500, |price| in_thousandths(&scale, price)).to_string();
    // A finger on the plot scrolls the page; on the handle it drags.
    let begin = move |event: leptos::ev::PointerEvent, by_handle: bool| {
        if event.button() != 0 || (!by_handle && event.pointer_type() == "touch") {
            return;
        }
        event.prevent_default();
        source::capture_pointer(&event);
        is_dragged.set(true);
        if !by_handle {
            put_at(source::down_within(&event, ".plot"));
        }
    };
    let follow = move |event: leptos::ev::PointerEvent| {
        if is_dragged.get_untracked() {
            put_at(source::down_within(&event, ".plot"));
        }
    };
    view! {
        <div class="drag" aria-hidden="true" on:pointerdown=move |event| begin(event, false) on:pointermove=follow
            on:pointerup=move |_| is_dragged.set(false) on:pointercancel=move |_| is_dragged.set(false)></div>
        <div class="level-line" class:unset=move || level.with(Option::is_none) style:inset-block-start=move || top()>
            <span class="handle" tabindex="0" role="slider" aria-orientation="vertical" aria-label=words().level()
                aria-valuemin="0" aria-valuemax="1000" aria-valuenow=move || now() aria-valuetext=move || spoken()
                on:pointerdown=move |event| begin(event, true) on:pointermove=follow
                on:pointerup=move |_| is_dragged.set(false) on:pointercancel=move |_| is_dragged.set(false)
                on:keydown=on_key></span>
        </div>
    }
}
