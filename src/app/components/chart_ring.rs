use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::reactive::memo;

/// A part of a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The name of the part in the legend.
    pub name: String,
    /// Its value as it is written in the legend.
    pub value: String,
    /// Its colour, as a custom property.
    pub colour: &'static str,
    /// The share of the whole, in percent.
    pub share: Decimal,
}

/// The gap between two slices, in percent of the ring.
const GAP: Decimal = Decimal::from_parts(9, 0, 0, false, 1);

/// Shares of a whole as a ring with its legend, which says the same in words.
#[component]
pub fn Ring(
    /// What the ring shows, for a screen reader, such as the allocation by class.
    #[prop(into)]
    label: Signal<String>,
    /// The slices, largest first.
    #[prop(into)]
    slices: Signal<Vec<Slice>>,
    /// The number in the middle.
    #[prop(into)]
    middle: Signal<String>,
    /// What the number in the middle counts, such as holdings.
    #[prop(into)]
    middle_words: Signal<String>,
) -> impl IntoView {
    // The part that is pointed at or has the focus stands in the middle.
    let chosen = RwSignal::new(None::<usize>);
    let shown = memo(move || chosen.get().and_then(|index| slices.with(|slices| slices.get(index).cloned())));
    let middle = move || shown.get().map_or_else(|| middle.get(), |slice| words().whole_percent(slice.share));
    let below = move || shown.get().map_or_else(|| middle_words.get(), |slice| slice.name);
    let arcs = move || {
        let mut start = Decimal::ZERO;
        let slices = slices.get();
        let is_alone = slices.len() == 1;
        let arcs = slices.into_iter().map(|slice| {
            let style = arc(&slice, start, is_alone);
            start += slice.share;
            view! { <circle r="54" cx="70" cy="70" pathLength="100" style=style></circle> }
        });
        arcs.collect_view()
    };
    let legend = move || {
        let part = |(index, slice): (usize, Slice)| {
            let colour = ["background:var(", slice.colour, ")"].concat();
            let choose = move || chosen.set(Some(index));
            view! {
                <li tabindex="0" on:pointerenter=move |_| choose() on:focus=move |_| choose()
                    on:pointerleave=move |_| chosen.set(None) on:blur=move |_| chosen.set(None)>
                    <span class="dot" style=colour></span><span class="part">{slice.name}</span><span class="amount priv">{slice.value}</span>
                    <b>{words().whole_percent(slice.share)}</b>
                </li>
            }
            .into_any()
        };
        slices.get().into_iter().enumerate().map(part).collect_view()
    };
    view! {
        <div class="ringbox">
            <svg class="ring" viewBox="0 0 140 140" role="img" aria-label=move || label.get()>
                <g transform="rotate(-90 70 70)">{move || arcs()}</g>
                <text x="70" y="67">{move || middle()}</text>
                <text x="70" y="84" class="below">{move || below()}</text>
            </svg>
            <ul class="legend">{move || legend()}</ul>
        </div>
    }
}

/// Returns the style that draws a slice from `start`, with a gap after it unless it is alone.
fn arc(slice: &Slice, start: Decimal, is_alone: bool) -> String {
    let gap = if is_alone { Decimal::ZERO } else { GAP };
    let drawn = (slice.share - gap).max(Decimal::new(2, 1)).round_dp(2);
    let rest = Decimal::ONE_HUNDRED - drawn;
    let offset = start.round_dp(2);
    format!("stroke:var({});stroke-dasharray:{drawn} {rest};stroke-dashoffset:-{offset}", slice.colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_alone_closes_the_ring_and_others_leave_a_gap() {
        let slice = |share: i64| Slice { name: "Shares".into(), value: String::new(), colour: "--c1", share: share.into() };
        assert_eq!(arc(&slice(100), Decimal::ZERO, true), "stroke:var(--c1);stroke-dasharray:100 0;stroke-dashoffset:-0");
        assert_eq!(arc(&slice(40), 60.into(), false), "stroke:var(--c1);stroke-dasharray:39.1 60.9;stroke-dashoffset:-60");
    }
}
