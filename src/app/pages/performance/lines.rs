//! Lines of percentages over days, drawn on the server: the first is one's own, the others are compared with it.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::calendar::civil_of;
use crate::app::components::geometry::{
    HEIGHT, Sample, Scale, WIDTH, label_places, length, line_path, percent_length, round_prices, step_apart,
};
use crate::wire::rfc3339::read_date;
use crate::words::figures;

/// Round figures of the axis.
const AXIS: u32 = 4;

/// Days below the line.
const LABELS: usize = 5;

/// The most points of a line: more than a screen has pixels for would only cost bytes.
const MOST_POINTS: usize = 500;

/// From so many points on the axis has months with their years in place of days.
const LONG: usize = 150;

/// A line: its name, and a figure for each day that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What it is called.
    pub name: String,
    /// Its days in order, as the server writes them, each with its percentage.
    pub points: Vec<(String, Decimal)>,
}

impl Line {
    /// Returns what it came to.
    pub(super) fn last(&self) -> Decimal {
        self.points.last().map_or(Decimal::ZERO, |(_, percent)| *percent)
    }

    /// Returns the line with every `step`th point, counted from the last one.
    fn thinned(mut self, step: usize) -> Self {
        let last = self.points.len().saturating_sub(1);
        let mut place = 0;
        self.points.retain(|_| {
            let is_kept = place % step == last % step;
            place += 1;
            is_kept
        });
        self
    }
}

/// Returns of how many days one is drawn. It is the same for all lines: a comparison that begins later has fewer points, and each must
/// stay on its day.
fn step_of(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.points.len()).max().unwrap_or_default().div_ceil(MOST_POINTS).max(1)
}

/// The lines with their axis, days below, and what each came to beside its end.
#[component]
pub(super) fn PercentChart(
    /// One's own first; it says which days there are.
    lines: Vec<Line>,
    /// What the picture shows, for a screen reader.
    label: String,
) -> impl IntoView {
    let step = step_of(&lines);
    let lines: Vec<Line> = lines.into_iter().map(|line| line.thinned(step)).collect();
    let Some(own) = lines.first().cloned() else { return ().into_any() };
    let samples = |line: &Line| -> Vec<Sample> {
        line.points.iter().enumerate().map(|(place, (_, value))| Sample { time_ms: place as i64, value: *value }).collect()
    };
    let drawn: Vec<Vec<Sample>> = lines.iter().map(samples).collect();
    let mut spread: Vec<Sample> = drawn.concat();
    spread.push(Sample { time_ms: 0, value: Decimal::ZERO });
    let scale = Scale::around(&spread, &[]).with_count(own.points.len());
    let own_path = line_path(&scale, &drawn[0]);
    let others = drawn.iter().skip(1).enumerate().map(|(place, samples)| {
        // It may begin later than the period: then it ends with it all the same.
        let missing = own.points.len().saturating_sub(samples.len());
        let path = path_from(&scale, samples, missing);
        view! { <path class=["line other-", &(place + 1).to_string()].concat() d=path></path> }.into_any()
    });
    let axis = round_prices(&spread, AXIS);
    let ends: Vec<f64> = lines.iter().map(|line| scale.top(line.last())).collect();
    let tops = step_apart(ends.first().copied(), &ends[1..], &axis.iter().map(|figure| scale.top(*figure)).collect::<Vec<_>>());
    let grid = axis.iter().zip(&tops.axis).map(|(figure, is_free)| {
        let top = percent_length(scale.top(*figure));
        let text = words().signed_figure_percent(*figure);
        view! { <span class="grid" style:inset-block-start=top.clone()></span><span class="at-side" hidden=!is_free style:inset-block-start=top>{text}</span> }
            .into_any()
    });
    let chips = lines.iter().skip(1).zip(&tops.others).enumerate().map(|(place, (line, top))| {
        let class = ["at-side reference other-", &(place + 1).to_string()].concat();
        view! { <span class=class title=line.name.clone() style:inset-block-start=percent_length(*top)>{words().signed_percent(line.last())}</span> }
            .into_any()
    });
    let now = tops.now.map(percent_length).unwrap_or_default();
    let days = label_places(own.points.len(), LABELS).into_iter().filter_map(|place| own.points.get(place));
    let is_long = own.points.len() > LONG;
    let days = days.map(|(day, _)| view! { <span>{axis_day(day, is_long)}</span> }.into_any()).collect_view();
    let zero = length(scale.y(Decimal::ZERO));
    let class = ["percent-chart chart ", figures::direction(own.last()).class()].concat();
    view! {
        <figure class=class>
            <div class="plot">
                <svg viewBox=["0 0 ", &WIDTH.to_string(), " ", &HEIGHT.to_string()].concat() preserveAspectRatio="none" role="img" aria-label=label>
                    <path class="area" d=area_to(&own_path, &zero)></path>
                    <line class="zero" x1="0" x2=WIDTH.to_string() y1=zero.clone() y2=zero.clone()></line>
                    {others.collect_view()}
                    <path class="line" d=own_path></path>
                </svg>
                <div class="grids" aria-hidden="true">
                    {grid.collect_view()}{chips.collect_view()}
                    <span class="at-side here" style:inset-block-start=now.clone()><b>{words().signed_percent(own.last())}</b></span>
                </div>
                <span class="now" aria-hidden="true" style:inset-block-start=now></span>
            </div>
            <div class="axis" aria-hidden="true">{days}</div>
        </figure>
    }
    .into_any()
}

/// Returns the area between a line and a height.
fn area_to(line: &str, height: &str) -> String {
    if line.is_empty() { String::new() } else { [line, "L", &length(WIDTH), " ", height, "L0 ", height, "Z"].concat() }
}

/// Writes a day below the line, briefly.
fn axis_day(day: &str, is_long: bool) -> String {
    let Some(civil) = read_date(day).map(civil_of) else { return day.to_owned() };
    if is_long { words().month_and_year(civil) } else { words().short_date(civil) }
}

/// Returns the line of samples that begin at a later place.
fn path_from(scale: &Scale, samples: &[Sample], missing: usize) -> String {
    let mut path = String::with_capacity(samples.len() * 14);
    for (index, sample) in samples.iter().enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        path.push_str(&length(scale.x((missing + index) as f64)));
        path.push(' ');
        path.push_str(&length(scale.y(sample.value)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_thinned_and_keeps_its_end() {
        let points: Vec<_> = (0..3_651).map(|day: i64| (day.to_string(), Decimal::from(day))).collect();
        let own = Line { name: "own".to_owned(), points };
        // The comparison has the newest 1,000 of the days: each of those that are kept is one of one's own.
        let other = Line { name: "other".to_owned(), points: own.points[2_651..].to_vec() };
        let step = step_of(&[own.clone(), other.clone()]);
        let (own, other) = (own.thinned(step), other.thinned(step));
        assert!(own.points.len() <= MOST_POINTS, "{}", own.points.len());
        assert_eq!(own.last(), Decimal::from(3_650));
        assert!(own.points.ends_with(&other.points) && other.points.len() == 125, "{}", other.points.len());
        let short = Line { name: "own".to_owned(), points: vec![("a".to_owned(), Decimal::ONE)] };
        assert_eq!((step_of(&[]), short.clone().thinned(step_of(std::slice::from_ref(&short)))), (1, short));
    }

    #[test]
    fn a_comparison_that_begins_later_ends_with_the_others() {
        let sample = |value: i64| Sample { time_ms: 0, value: value.into() };
        let scale = Scale::around(&[sample(0), sample(10)], &[]).with_count(5);
        let path = path_from(&scale, &[sample(0), sample(10)], 3);
        assert!(path.contains(&["L", &length(WIDTH)].concat()) && !path.starts_with("M0.0"), "{path}");
    }
}
