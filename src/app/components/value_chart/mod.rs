//! A portfolio's value over time: drawn on the server as SVG, brought to life after hydration.

mod crosshair;
mod drawing;
mod figures;
mod lines;

use crate::app::prelude::*;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::chart_side::{Side, SideFigures, side_tops};
use super::geometry::{HEIGHT, Sample, Scale, WIDTH, area_path, label_places, line_path, percent_length, round_prices};
use super::moment::is_local;
use super::throttle::at_most_every;
use crate::app::reactive::memo;
use crate::domain::money::Currency;
use crate::wire::range::Range;
use crate::wire::views::{PastPointView, PointView};
use crate::words::figures as numbers;
use crosshair::Crosshair;
use drawing::Drawing;
use figures::Figures;
use lines::{between_path, over_path, steps_path, under_path};

/// How many round values the side shows at most.
const AXIS: u32 = 4;
/// How many times as high as the line alone a picture may be for the contributions to be in it: over a week they lie so far from the
/// value that both would be flat.
const MOST_SPREAD: Decimal = Decimal::from_parts(4, 0, 0, false, 0);
/// How many times the axis shows.
const LABELS: usize = 5;
/// The most points the line keeps; older ones are thinned out.
const MOST_POINTS: usize = 400;

/// What the line goes through, and what it is compared with.
#[derive(Clone, Debug)]
pub enum Values {
    /// The session's values, compared with yesterday's where it is known.
    Today(Vec<PointView>, Option<Decimal>),
    /// The values of earlier days, compared with what had been put in by each, which by now is so much.
    Past(Vec<PastPointView>, Option<Decimal>),
}

/// The total value over a range, with yesterday's value or the net contributions beside it, a dot for now, a crosshair and a table.
#[component]
pub fn ValueChart(
    /// The values.
    values: Values,
    /// The chart's range.
    range: Range,
    /// Whether earlier values are not worked out, as there are too many instruments.
    is_too_large: bool,
    /// What the market made of it in the range: its colour. What was put in lifts the line and is no gain.
    #[prop(into)]
    change: Signal<Option<Decimal>>,
    /// The newest value as it moves, with its time.
    #[prop(into)]
    newest: Signal<Option<(Timestamp, Decimal)>>,
    /// The currency of the values.
    currency: Signal<Currency>,
    /// The choice of the range.
    children: Children,
) -> impl IntoView {
    let (points, put_in, reference) = parts(values);
    let is_past = !put_in.is_empty() && is_near(&points, &put_in);
    let samples = growing(points, newest);
    let levels: Vec<Decimal> = reference.into_iter().collect();
    let compared = put_in.iter().filter(|_| is_past);
    let (least, most) = (compared.clone().min().copied(), compared.max().copied());
    // The picture is as high as the line and the contributions together.
    let spread = memo(move || {
        let mut spread = samples.get();
        spread.extend(least.into_iter().chain(most).map(|value| Sample { time_ms: 0, value }));
        spread
    });
    let scale = memo(move || spread.with(|spread| Scale::around(spread, &levels)).with_count(samples.with(Vec::len)));
    let drawing = Drawing { samples, put_in: StoredValue::new(put_in), scale, currency, range, is_local: is_local() };
    let is_drawn = memo(move || samples.with(|samples| samples.len() > 1));
    let last = move || samples.with(|samples| samples.last().map(|sample| sample.value));
    let direction = move || change.get().map_or("flat", |change| numbers::direction(change).class());
    let dot = move || percent_length(last().map_or(50.0, |last| scale.get().top(last)));
    let side = SideFigures {
        axis: memo(move || spread.with(|spread| round_prices(spread, AXIS))),
        now: memo(last),
        reference: memo(move || reference),
        reference_name: words().yesterday_heading(),
        levels: Signal::stored(Vec::new()),
        decimals: Signal::derive(move || decimals(last().unwrap_or_default(), currency.get())),
        is_private: true,
    };
    let nothing = if is_too_large {
        words().too_many_for_a_chart()
    } else if range == Range::Day {
        words().no_line_today()
    } else {
        words().no_value_before()
    };
    let key = is_past.then(|| view! { <Key/> }.into_any());
    let lines = if is_past { view! { <Gain drawing/> }.into_any() } else { view! { <Line drawing/> }.into_any() };
    let compared = reference.map(|reference| view! { <Reference reference drawing/> }.into_any());
    view! {
        <div class=move || ["chart ", direction()].concat() hidden=move || !is_drawn.get()>
            {key}
            <div class="plot">
                {lines}
                {compared}
                <Side scale figures=side tops=side_tops(scale, side)/>
                <span class="now" style:inset-block-start=move || dot()></span>
                <Crosshair drawing/>
            </div>
            <Axis drawing/>
        </div>
        <p class="no-chart" hidden=move || is_drawn.get()>{nothing}</p>
        <div class="under">{children()}<Figures drawing/></div>
    }
}

/// Returns whether contributions and values fit in one picture in which the values still move.
fn is_near(points: &[Sample], put_in: &[Decimal]) -> bool {
    let span = |values: &mut dyn Iterator<Item = Decimal>| {
        let values: Vec<Decimal> = values.collect();
        values.iter().max()?.checked_sub(*values.iter().min()?)
    };
    let values = || points.iter().map(|point| point.value);
    let (Some(alone), Some(together)) = (span(&mut values()), span(&mut values().chain(put_in.iter().copied()))) else {
        return false;
    };
    alone.checked_mul(MOST_SPREAD).is_some_and(|most| together <= most)
}

/// Takes values apart: the points, what had been put in by each and by now, and the value to compare with.
fn parts(values: Values) -> (Vec<Sample>, Vec<Decimal>, Option<Decimal>) {
    let sample = |time: Timestamp, value| Sample { time_ms: time.as_millisecond(), value };
    match values {
        Values::Today(points, reference) => {
            (points.into_iter().map(|point| sample(point.time, point.value)).collect(), Vec::new(), reference)
        }
        Values::Past(points, by_now) => {
            let put_in = points.iter().map(|point| point.net_contributions).chain(by_now).collect();
            (points.into_iter().map(|point| sample(point.time, point.value)).collect(), put_in, None)
        }
    }
}

/// Follows the newest value: it moves the last point, and adds one when the line's own interval has passed.
fn growing(first: Vec<Sample>, newest: Signal<Option<(Timestamp, Decimal)>>) -> Memo<Vec<Sample>> {
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

/// Returns the drawing's box.
fn view_box() -> String {
    ["0 0 ", &WIDTH.to_string(), " ", &HEIGHT.to_string()].concat()
}

/// The line of a day with its area.
#[component]
fn Line(drawing: Drawing) -> impl IntoView {
    let line = memo(move || drawing.samples.with(|samples| line_path(&drawing.scale.get(), samples)));
    let area = move || line.with(|line| area_path(line));
    view! {
        <svg viewBox=view_box() preserveAspectRatio="none" aria-hidden="true">
            <defs>
                <linearGradient id="value-area" x1="0" x2="0" y1="0" y2="1">
                    <stop offset="0" stop-color="currentColor" stop-opacity=".22"></stop>
                    <stop offset="1" stop-color="currentColor" stop-opacity="0"></stop>
                </linearGradient>
            </defs>
            <path class="area" d=move || area() fill="url(#value-area)"></path>
            <path class="line" d=move || line.get()></path>
        </svg>
    }
}

/// The line of a longer range, the net contributions as dotted steps, and between them the gain: tinted as such where the value is
/// above them, as a loss where it is below.
#[component]
fn Gain(drawing: Drawing) -> impl IntoView {
    let Drawing { samples, scale, .. } = drawing;
    let line = memo(move || samples.with(|samples| line_path(&scale.get(), samples)));
    let steps = memo(move || {
        let count = samples.with(Vec::len);
        steps_path(&scale.get(), (0..count).filter_map(|index| drawing.put_in(index)))
    });
    let between = move || line.with(|line| steps.with(|steps| between_path(line, steps)));
    let (over, under) = (move || steps.with(|steps| over_path(steps)), move || steps.with(|steps| under_path(steps)));
    view! {
        <svg viewBox=view_box() preserveAspectRatio="none" aria-hidden="true">
            <defs>
                <clipPath id="value-over"><path d=move || over()></path></clipPath>
                <clipPath id="value-under"><path d=move || under()></path></clipPath>
            </defs>
            <path class="gained" d=move || between() clip-path="url(#value-over)"></path>
            <path class="lost" d=move || between() clip-path="url(#value-under)"></path>
            <path class="put-in" d=move || steps.get()></path>
            <path class="line" d=move || line.get()></path>
        </svg>
        <span class="sr"><span class="priv">{spoken(drawing)}</span></span>
    }
}

/// Returns what a screen reader says of the picture, unless amounts are hidden.
fn spoken(drawing: Drawing) -> String {
    let currency = drawing.currency.get_untracked();
    drawing.samples.with_untracked(|samples| {
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return String::new() };
        let amount = |value| words().amount(value, currency).text();
        words().value_from_to(drawing.range.spoken(), &amount(first.value), &amount(last.value))
    })
}

/// What the lines are.
#[component]
fn Key() -> impl IntoView {
    view! {
        <p class="key">
            <span class="of-value">{words().value_line()}</span>
            <span class="of-put-in">{words().net_contributions()}</span>
            <span class="between">{words().your_gain_between()}</span>
        </p>
    }
}

/// Yesterday's value as a dotted line, said in words to a screen reader.
#[component]
fn Reference(reference: Decimal, drawing: Drawing) -> impl IntoView {
    let top = move || percent_length(drawing.scale.get().top(reference));
    let amount = move || words().price(reference, drawing.currency.get().decimals());
    view! { <span class="prev" style:inset-block-start=move || top()><span class="sr">{words().yesterday_lead()} <span class="priv">{move || amount()}</span></span></span> }
}

/// Times below the line.
#[component]
fn Axis(drawing: Drawing) -> impl IntoView {
    let labels = memo(move || {
        drawing.samples.with(|samples| {
            let places = label_places(samples.len(), LABELS).into_iter();
            let mut labels: Vec<String> = places.filter_map(|place| drawing.label(samples.get(place)?.time_ms, true)).collect();
            if let Some(last) = labels.last_mut().filter(|_| drawing.range != Range::Day) {
                words().now().clone_into(last);
            }
            labels
        })
    });
    let spans = move || labels.get().into_iter().map(|label| view! { <span>{label}</span> }.into_any()).collect_view();
    view! { <div class="axis" aria-hidden="true">{move || spans()}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(values: [i64; 3], put_in: [i64; 3]) -> bool {
        is_near(&values.map(|value| Sample { time_ms: 0, value: value.into() }), &put_in.map(Decimal::from))
    }

    #[test]
    fn contributions_that_lie_far_from_the_values_are_left_out_of_the_picture() {
        assert!(fits([100, 110, 140], [90, 90, 120]), "50 high together, 40 alone");
        assert!(!fits([1_000, 1_010, 1_005], [800, 800, 800]), "210 high together, 10 alone");
        assert!(!fits([5, 5, 5], [4, 4, 4]), "a flat line");
        assert!(fits([5, 5, 5], [5, 5, 5]) && !is_near(&[], &[]));
    }
}
