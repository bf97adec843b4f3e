//! The gutter at a chart's right side: round figures with a hairline each, the figure that the line is compared with, and the one now.
//! They step apart, so that none covers another.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::geometry::{Scale, Tops, percent_length, step_apart};
use crate::app::reactive::memo;

/// What the gutter shows.
#[derive(Clone, Copy)]
pub struct SideFigures {
    /// Round figures of the axis.
    pub axis: Memo<Vec<Decimal>>,
    /// The newest figure.
    pub now: Memo<Option<Decimal>>,
    /// The figure that the line is compared with.
    pub reference: Memo<Option<Decimal>>,
    /// What that is, such as yesterday's value.
    pub reference_name: &'static str,
    /// Levels that have a label of their own there.
    pub levels: Signal<Vec<Decimal>>,
    /// With how many decimals the figures are written.
    pub decimals: Signal<u32>,
    /// Whether privacy mode hides them: amounts, but not prices.
    pub is_private: bool,
}

/// Follows where the labels of the gutter stand: the reference is the first of the others, where there is one, and the levels follow.
pub fn side_tops(scale: Memo<Scale>, figures: SideFigures) -> Memo<Tops> {
    let SideFigures { axis, now, reference, levels, .. } = figures;
    memo(move || {
        let scale = scale.get();
        let top = |figure: Decimal| scale.top(figure).clamp(0.0, 100.0);
        let others: Vec<f64> = levels.with(|levels| reference.get().iter().chain(levels).map(|figure| top(*figure)).collect());
        let axis: Vec<f64> = axis.with(|axis| axis.iter().map(|figure| scale.top(*figure)).collect());
        step_apart(now.get().map(top), &others, &axis)
    })
}

/// Draws the gutter.
#[component]
pub fn Side(
    /// Where a figure lies in the picture.
    scale: Memo<Scale>,
    /// What is shown.
    figures: SideFigures,
    /// Where the labels stand, as [`side_tops`] says.
    tops: Memo<Tops>,
) -> impl IntoView {
    let SideFigures { axis, reference, reference_name, decimals, is_private, now, .. } = figures;
    let write = move |figure: Decimal| words().price(figure, decimals.get());
    let class = move |class: &'static str| if is_private { [class, " priv"].concat() } else { class.to_owned() };
    let lines = move || {
        let line = |(index, figure): (usize, Decimal)| {
            let top = move || percent_length(scale.get().top(figure));
            let is_hidden = move || !tops.with(|tops| tops.axis.get(index).copied().unwrap_or_default());
            view! {
                <span class="grid" style:inset-block-start=move || top()></span>
                <span class=class("at-side") style:inset-block-start=move || top() hidden=move || is_hidden()>{move || write(figure)}</span>
            }
        };
        axis.get().into_iter().enumerate().map(line).collect_view()
    };
    let placed = move |top: Option<f64>| top.map_or_else(String::new, percent_length);
    view! {
        <div class="grids" aria-hidden="true">
            {move || lines()}
            <span class=class("at-side reference") title=reference_name hidden=move || reference.with(Option::is_none)
                style:inset-block-start=move || placed(tops.with(|tops| tops.others.first().copied()))>{move || reference.get().map(write)}</span>
            <span class=class("at-side here") hidden=move || now.with(Option::is_none)
                style:inset-block-start=move || placed(tops.with(|tops| tops.now))><b>{move || now.get().map(write)}</b></span>
        </div>
    }
}
