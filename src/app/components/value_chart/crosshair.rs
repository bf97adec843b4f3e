//! The crosshair, moved by pointer, touch and arrow keys over a transparent slider.

use crate::app::prelude::*;

use super::drawing::Drawing;
use crate::app::components::geometry::{nearest, percent_length};
use crate::app::reactive::{effect, memo};
use crate::live::source;

/// A line, a dot and a chip with time and value.
#[component]
pub(super) fn Crosshair(drawing: Drawing) -> impl IntoView {
    let Drawing { samples, scale, currency, .. } = drawing;
    let chosen = RwSignal::new(None::<usize>);
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    let count = memo(move || samples.with(Vec::len));
    let last = move || count.get().saturating_sub(1);
    let spot = memo(move || {
        let index = chosen.get()?.min(last());
        samples.with(|samples| samples.get(index).copied()).map(|sample| (index, sample))
    });
    let left = move || spot.get().map(|(index, _)| percent_length(scale.get().left(index as f64)));
    let top = move || spot.get().map(|(_, sample)| percent_length(scale.get().top(sample.value)));
    let is_late = move || spot.get().is_some_and(|(index, _)| index * 2 > count.get());
    let amount = move || spot.get().map(|(_, sample)| words().amount(sample.value, currency.get()).text());
    let time = move || spot.get().and_then(|(_, sample)| drawing.label(sample.time_ms, false)).unwrap_or_default();
    let gain = move || {
        let (index, sample) = spot.get()?;
        let gain = sample.value.checked_sub(drawing.put_in(index)?)?;
        Some(words().signed_amount(gain, currency.get()).text())
    };
    let spoken = move || match amount() {
        Some(amount) => [time(), ": ".into(), amount].concat(),
        None => words().newest_point().to_owned(),
    };
    view! {
        <div class="cross" class:late=move || is_late() hidden=move || spot.get().is_none() style:inset-inline-start=move || left()>
            <i style:inset-block-start=move || top()></i>
            <p class="chip"><b class="priv">{move || amount()}</b>" "<em class="priv">{move || gain()}</em>" "<span>{move || time()}</span></p>
        </div>
        <input class="scrub needs-script" type="range" min="0" step="1" aria-label=words().value_point_by_point() aria-valuetext=move || spoken()
            max=move || last().to_string()
            prop:value=move || spot.get().map_or_else(last, |(index, _)| index).to_string()
            disabled=move || !is_alive.get()
            on:input=move |event| chosen.set(event_target_value(&event).parse().ok())
            on:pointermove=move |event| chosen.set(Some(nearest(count.get_untracked(), source::across(&event))))
            on:pointerleave=move |_| chosen.set(None)
            on:blur=move |_| chosen.set(None)/>
    }
}
