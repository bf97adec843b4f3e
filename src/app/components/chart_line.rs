//! Today's line of a portfolio: drawn on the server as SVG, brought to life after hydration.

use crate::app::prelude::*;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::chart_side::{Side, SideFigures};
use super::geometry::{HEIGHT, Sample, Scale, WIDTH, area_path, label_places, line_path, nearest, percent_length, round_prices};
use super::throttle::at_most_every;
use super::time::When;
use crate::app::reactive::{effect, memo};
use crate::domain::money::Currency;
use crate::live::source;
use crate::wire::views::PointView;
use crate::words::figures;

/// How many round values the side shows at most.
const AXIS: u32 = 3;
/// How many times the axis shows.
const LABELS: usize = 5;
/// The most rows the table writes.
const MOST_ROWS: usize = 25;
/// The most points the line keeps; older ones are thinned out.
const MOST_POINTS: usize = 400;

/// The signals that the chart's parts read.
#[derive(Clone, Copy)]
struct Drawing {
    samples: Memo<Vec<Sample>>,
    scale: Memo<Scale>,
    currency: Signal<Currency>,
}

/// The total value over the session, with yesterday's as a dotted reference, a dot for now, a crosshair and a table.
#[component]
pub fn ValueLine(
    /// The values of the session with their times, oldest first.
    points: Vec<PointView>,
    /// The value to compare with: yesterday's.
    reference: Option<Decimal>,
    /// What the market made of it since: its colour. What was put in since lifts the line and is no gain.
    #[prop(into)]
    change: Signal<Option<Decimal>>,
    /// The newest value as it moves, with its time.
    #[prop(into)]
    newest: Signal<Option<(Timestamp, Decimal)>>,
    /// The currency of the values.
    currency: Signal<Currency>,
) -> impl IntoView {
    let samples = growing(points, newest);
    let scale = memo(move || samples.with(|samples| Scale::around(samples, reference.as_slice())));
    let drawing = Drawing { samples, scale, currency };
    let is_drawn = memo(move || samples.with(|samples| samples.len() > 1));
    let line = memo(move || samples.with(|samples| line_path(&scale.get(), samples)));
    let area = move || line.with(|line| area_path(line));
    let last = move || samples.with(|samples| samples.last().map(|sample| sample.value));
    let direction = move || change.get().map_or("flat", |change| figures::direction(change).class());
    let dot = move || percent_length(last().map_or(50.0, |last| scale.get().top(last)));
    let side = SideFigures {
        axis: memo(move || samples.with(|samples| round_prices(samples, AXIS))),
        now: memo(last),
        reference: memo(move || reference),
        reference_name: words().yesterday_heading(),
        decimals: Signal::derive(move || decimals(last().unwrap_or_default(), currency.get())),
        is_private: true,
    };
    let view_box = format!("0 0 {WIDTH} {HEIGHT}");
    view! {
        <div class=move || ["chart ", direction()].concat() hidden=move || !is_drawn.get()>
            <div class="plot">
                <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true">
                    <defs>
                        <linearGradient id="value-area" x1="0" x2="0" y1="0" y2="1">
                            <stop offset="0" stop-color="currentColor" stop-opacity=".22"></stop>
                            <stop offset="1" stop-color="currentColor" stop-opacity="0"></stop>
                        </linearGradient>
                    </defs>
                    <path class="area" d=move || area() fill="url(#value-area)"></path>
                    <path class="line" d=move || line.get()></path>
                </svg>
                {reference.map(|reference| view! { <Reference reference drawing/> }.into_any())}
                <Side scale figures=side/>
                <span class="now" style:inset-block-start=move || dot()></span>
                <Crosshair drawing/>
            </div>
            <Axis samples/>
        </div>
        <p class="no-chart" hidden=move || is_drawn.get()>{words().no_line_today()}</p>
        <Figures drawing/>
    }
}

/// Follows the newest value: it moves the last point, and adds one when the line's own interval has passed.
fn growing(points: Vec<PointView>, newest: Signal<Option<(Timestamp, Decimal)>>) -> Memo<Vec<Sample>> {
    let first: Vec<Sample> =
        points.into_iter().map(|point| Sample { time_ms: point.time.as_millisecond(), value: point.value }).collect();
    let interval_ms = match first.as_slice() {
        [.., before, last] => (last.time_ms - before.time_ms).max(1_000),
        _ => 60_000,
    };
    let fixed = first.len();
    let newest = at_most_every(1_000, newest);
    Memo::new(move |before: Option<&Vec<Sample>>| {
        let mut samples = before.unwrap_or(&first).clone();
        let Some((time, value)) = newest.get() else { return samples };
        let time_ms = time.as_millisecond();
        // The last point that stays: the server's own, or the one before the moving one.
        let anchor_ms = samples.len().checked_sub(2).and_then(|index| samples.get(index)).map(|sample| sample.time_ms);
        let moves_last = samples.len() > fixed && anchor_ms.is_some_and(|anchor_ms| time_ms - anchor_ms < interval_ms);
        match samples.last_mut() {
            Some(last) if time_ms <= last.time_ms || moves_last => {
                *last = Sample { time_ms: time_ms.max(anchor_ms.unwrap_or(time_ms)), value }
            }
            _ => samples.push(Sample { time_ms, value }),
        }
        if samples.len() > MOST_POINTS {
            samples.remove(0);
        }
        samples
    })
}

/// Returns how many decimals the figures beside the line have: none from a thousand on.
fn decimals(value: Decimal, currency: Currency) -> u32 {
    if value.abs() >= Decimal::ONE_THOUSAND { 0 } else { currency.decimals() }
}

/// Yesterday's value as a dotted line, said in words to a screen reader.
#[component]
fn Reference(reference: Decimal, drawing: Drawing) -> impl IntoView {
    let top = move || percent_length(drawing.scale.get().top(reference));
    let amount = move || words().price(reference, drawing.currency.get().decimals());
    view! { <span class="prev" style:inset-block-start=move || top()><span class="sr">{words().yesterday_lead()} <span class="priv">{move || amount()}</span></span></span> }
}

/// A line, a dot and a chip with time and value, moved by pointer, touch and arrow keys over a transparent slider.
#[component]
fn Crosshair(drawing: Drawing) -> impl IntoView {
    let Drawing { samples, scale, currency } = drawing;
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
    let time = memo(move || spot.get().and_then(|(_, sample)| Timestamp::from_millisecond(sample.time_ms).ok()));
    let spoken = move || amount().unwrap_or_else(|| words().newest_point().to_owned());
    view! {
        <div class="cross" class:late=move || is_late() hidden=move || spot.get().is_none() style:inset-inline-start=move || left()>
            <i style:inset-block-start=move || top()></i>
            <p class="chip"><b class="priv">{move || amount()}</b>" "<span>{move || time.get().map(|time| view! { <When time/> }.into_any())}</span></p>
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

/// Times below the line.
#[component]
fn Axis(samples: Memo<Vec<Sample>>) -> impl IntoView {
    let times = memo(move || {
        samples.with(|samples| {
            let places = label_places(samples.len(), LABELS).into_iter();
            places.filter_map(|place| Timestamp::from_millisecond(samples.get(place)?.time_ms).ok()).collect::<Vec<_>>()
        })
    });
    let labels =
        move || times.get().into_iter().map(|time| view! { <span><When time bare=true/></span> }.into_any()).collect_view();
    view! { <div class="axis" aria-hidden="true">{move || labels()}</div> }
}

/// The same figures as a table, behind a toggle; long lines are thinned evenly.
#[component]
fn Figures(drawing: Drawing) -> impl IntoView {
    let Drawing { samples, currency, .. } = drawing;
    let rows = move || {
        samples.with_untracked(|samples| {
            let places = label_places(samples.len(), MOST_ROWS).into_iter().rev();
            let chosen = places.filter_map(|place| samples.get(place).copied());
            chosen
                .filter_map(|sample| {
                    let time = Timestamp::from_millisecond(sample.time_ms).ok()?;
                    let amount = words().amount(sample.value, currency.get_untracked()).text();
                    Some(view! { <tr><th scope="row"><When time/></th><td class="num"><span class="priv">{amount}</span></td></tr> })
                })
                .collect_view()
        })
    };
    view! {
        <details class="figures">
            <summary class="subtle">{words().show_as_a_table()}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=words().value_today()>
                <table class="plain-table">
                    <thead><tr><th scope="col">{words().time()}</th><th scope="col" class="num">{words().total_value()}</th></tr></thead>
                    <tbody>{rows()}</tbody>
                </table>
            </div>
        </details>
    }
}
