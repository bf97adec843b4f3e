//! The crosshair, moved by pointer and arrow keys, and the chart's figures as a table.

use crate::app::prelude::*;

use super::drawing::Drawing;
use crate::app::components::geometry::{label_places, nearest, percent_length};
use crate::app::components::moment::moment;
use crate::app::reactive::{effect, memo};
use crate::domain::instrument::Ticker;
use crate::live::source::across;
use crate::wire::range::Range;
use crate::wire::views::BarView;

/// The most rows the table writes; longer series are thinned evenly, both ends kept.
const MOST_ROWS: usize = 120;

/// A line, a dot and a chip with time and price. A transparent slider over the plot takes pointer, touch and arrow keys.
#[component]
pub(crate) fn Crosshair(drawing: Drawing, ticker: Ticker) -> impl IntoView {
    let Drawing { series, scale, range, decimals, is_local, .. } = drawing;
    let chosen = RwSignal::new(None::<usize>);
    let is_alive = RwSignal::new(false);
    effect(move || is_alive.set(true));
    let count = memo(move || series.with(|series| series.samples.len()));
    let index = move || chosen.get().map(|index| index.min(count.get().saturating_sub(1)));
    let spot = memo(move || {
        let index = index()?;
        let (time, value) = series.with(|series| series.at(index))?;
        Some((index, time, value))
    });
    let left = move || spot.get().map_or_else(String::new, |(index, ..)| percent_length(scale.get().left(index as f64)));
    let top = move || spot.get().map_or_else(String::new, |(_, _, value)| percent_length(scale.get().top(value)));
    let is_late = move || spot.get().is_some_and(|(index, ..)| index * 2 > count.get());
    let time = move || spot.get().map(|(_, time, _)| range.full_label(moment(time, is_local.get()))).unwrap_or_default();
    let price = move || spot.get().map(|(_, _, value)| words().quoted(value, decimals)).unwrap_or_default();
    let spoken =
        move || if spot.get().is_some() { [time(), ": ".into(), price()].concat() } else { words().newest_point().into() };
    let label = words().price_point_by_point(ticker.as_str());
    let on_slide = move |event| {
        if let Ok(index) = event_target_value(&event).parse() {
            chosen.set(Some(index));
        }
    };
    view! {
        <div class="cross" class:late=move || is_late() hidden=move || spot.get().is_none() style:inset-inline-start=move || left()>
            <i style:inset-block-start=move || top()></i>
            <p class="chip"><b>{move || price()}</b>" "<span>{move || time()}</span></p>
        </div>
        <input class="scrub" type="range" min="0" step="1" aria-label=label aria-valuetext=move || spoken()
            max=move || count.get().saturating_sub(1).to_string()
            prop:value=move || index().unwrap_or_else(|| count.get().saturating_sub(1)).to_string()
            disabled=move || !is_alive.get()
            on:input=on_slide
            on:pointermove=move |event| chosen.set(Some(nearest(count.get_untracked(), across(&event))))
            on:pointerleave=move |_| chosen.set(None)
            on:blur=move |_| chosen.set(None)/>
    }
}

/// The same figures as a table, behind a toggle.
#[component]
pub(crate) fn FigureTable(bars: Vec<BarView>, range: Range, decimals: u32, is_local: Signal<bool>) -> impl IntoView {
    let total = bars.len();
    let places = label_places(total, MOST_ROWS);
    let note =
        if places.len() < total { words().points_spread(&places.len().to_string(), &total.to_string()) } else { String::new() };
    let rows = places.into_iter().rev().filter_map(|place| bars.get(place).cloned()).map(|bar| {
        let time = bar.time;
        let cell = |value| words().quoted(value, decimals);
        view! {
            <tr>
                <th scope="row">{move || range.full_label(moment(time, is_local.get()))}</th>
                <td class="num">{cell(bar.low)}</td>
                <td class="num">{cell(bar.high)}</td>
                <td class="num">{cell(bar.close)}</td>
            </tr>
        }
    });
    view! {
        <details class="figures">
            <summary class="subtle">{words().show_as_a_table()}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=words().the_charts_figures()>
                <table class="plain-table">
                    <caption class="muted">{note}</caption>
                    <thead><tr>
                        <th scope="col">{words().time()}</th><th scope="col" class="num">{words().low()}</th>
                        <th scope="col" class="num">{words().high()}</th><th scope="col" class="num">{words().close_price()}</th>
                    </tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
