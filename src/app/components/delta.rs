use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::words::figures::{self, Direction, UNKNOWN};
use rust_decimal::Decimal;

/// A small triangle that points the way a figure went; words for it belong beside it.
#[component]
pub(crate) fn Arrow(
    /// The direction of the triangle: up, down, or flat for no change.
    #[prop(into)]
    direction: Signal<Direction>,
) -> impl IntoView {
    let path = move || match direction.get() {
        Direction::Up => "M4 1 L7.5 7 H0.5Z",
        Direction::Down => "M4 7 L7.5 1 H0.5Z",
        Direction::Flat => "M0.5 3.3 H7.5 V4.7 H0.5Z",
    };
    view! { <svg class="arr" viewBox="0 0 8 8" aria-hidden="true"><path d=move || path()></path></svg> }
}

/// A change in percent, told by arrow, word and hue.
#[component]
pub(crate) fn Delta(
    /// In percent; unknown is a dash.
    #[prop(into)]
    value: Signal<Option<Decimal>>,
) -> impl IntoView {
    let direction = memo(move || value.get().map_or(Direction::Flat, figures::direction));
    let word = move || value.get().map_or_else(|| words().not_known_spoken(), |_| words().direction_word(direction.get()));
    let text = move || value.get().map_or_else(|| UNKNOWN.to_owned(), |value| words().bare_percent(value));
    let why = move || value.get().is_none().then(|| words().change_not_known());
    view! {
        <span class=move || ["delta ", direction.get().class()].concat() title=move || why()>
            <Arrow direction/>
            <span class="sr">{move || word()}</span>
            {move || text()}
        </span>
    }
}
