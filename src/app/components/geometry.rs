//! The range chart's geometry. Only here a price becomes an `f64`, because pixels need one; what is read as text stays exact.
use crate::words::figures::precision;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// The drawing's width, in its own units.
pub const WIDTH: f64 = 820.0;

/// The drawing's height, in its own units.
pub const HEIGHT: f64 = 260.0;

/// The share of the price span kept free above and below the line.
const AIR: f64 = 0.08;

/// How far beyond the line, as a share of its span, a level may widen the scale before it is pinned to the edge.
const REACH: f64 = 0.6;

/// A point of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The time in milliseconds since 1970.
    pub time_ms: i64,
    /// The price in the instrument's currency, exact.
    pub value: Decimal,
}

/// How prices and places in the series become places in the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    count: usize,
}

/// Where a level is drawn: in the picture, or pinned to an edge because it lies too far away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// At this share of the height from the top, in percent.
    Inside(f64),
    /// Above the picture: the level is drawn on its upper edge.
    Above,
    /// Below the picture: the level is drawn on its lower edge.
    Below,
}

fn pixels(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

impl Scale {
    /// Makes a scale that holds every sample, and those levels that lie near enough not to flatten the line.
    pub fn around(samples: &[Sample], levels: &[Decimal]) -> Self {
        let values = || samples.iter().map(|sample| pixels(sample.value));
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let span = if high > low { high - low } else { (high.abs() * 0.01).max(f64::MIN_POSITIVE) };
        let near = |level: &f64| *level >= low - span * REACH && *level <= high + span * REACH;
        let (mut bottom, mut top) = (low, high);
        for level in levels.iter().map(|level| pixels(*level)).filter(near) {
            bottom = bottom.min(level);
            top = top.max(level);
        }
        let air = (top - bottom).max(span) * AIR;
        Self { low: bottom - air, high: top + air, count: samples.len() }
    }

    /// Sets how many points lie side by side, where others were looked at for the height alone.
    pub fn with_count(self, count: usize) -> Self {
        Self { count, ..self }
    }

    /// Returns the distance from the left of the point at `index`, in the drawing's units.
    pub fn x(&self, index: f64) -> f64 {
        if self.count < 2 { WIDTH } else { index / (self.count - 1) as f64 * WIDTH }
    }

    /// Returns the distance from the top of a price, in the drawing's units.
    pub fn y(&self, value: Decimal) -> f64 {
        HEIGHT - (pixels(value) - self.low) / (self.high - self.low) * HEIGHT
    }

    /// Returns the distance from the left in percent of the width.
    pub fn left(&self, index: f64) -> f64 {
        self.x(index) / WIDTH * 100.0
    }

    /// Returns the distance from the top in percent of the height.
    pub fn top(&self, value: Decimal) -> f64 {
        self.y(value) / HEIGHT * 100.0
    }

    /// Returns the price at a share of the height from the top, between 0 and 1.
    pub fn value(&self, share: f64) -> f64 {
        self.high - share.clamp(0.0, 1.0) * (self.high - self.low)
    }

    /// Returns where a level is drawn.
    pub fn place(&self, level: Decimal) -> Place {
        match self.top(level) {
            top if top < 0.0 => Place::Above,
            top if top > 100.0 => Place::Below,
            top => Place::Inside(top),
        }
    }
}

/// Writes a length with one decimal, without the standard library's large float printer.
pub fn length(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    let mut text = String::with_capacity(8);
    text.push_str(sign);
    text.push_str(&(tenths / 10).to_string());
    text.push('.');
    text.push_str(&(tenths % 10).to_string());
    text
}

/// Writes a length in percent, for a style.
pub fn percent_length(value: f64) -> String {
    length(value) + "%"
}

/// Returns the line through every sample as an SVG path; nothing without samples.
pub fn line_path(scale: &Scale, samples: &[Sample]) -> String {
    let mut path = String::with_capacity(samples.len() * 14);
    if let [only] = samples {
        return format!("M0 {y} L{WIDTH} {y}", y = length(scale.y(only.value)));
    }
    for (index, sample) in samples.iter().enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        path.push_str(&length(scale.x(index as f64)));
        path.push(' ');
        path.push_str(&length(scale.y(sample.value)));
    }
    path
}

/// Returns the area between a line and the bottom.
pub fn area_path(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{line} L{WIDTH} {HEIGHT} L0 {HEIGHT}Z") }
}

/// Returns where a time lies among the samples, as a fraction of an index: halfway between the first two is 0.5. Nothing outside
/// of the series.
pub fn index_at(samples: &[Sample], time_ms: i64) -> Option<f64> {
    let after = samples.partition_point(|sample| sample.time_ms <= time_ms);
    let before = samples.get(after.checked_sub(1)?)?;
    let Some(next) = samples.get(after) else {
        return (before.time_ms == time_ms).then_some((after - 1) as f64);
    };
    let share = (time_ms - before.time_ms) as f64 / (next.time_ms - before.time_ms) as f64;
    Some((after - 1) as f64 + share)
}

/// Returns the index of the sample nearest to a share of the width between 0 and 1: of 5 samples, 0.6 is nearest to the third,
/// whose index is 2.
pub fn nearest(count: usize, share: f64) -> usize {
    let last = count.saturating_sub(1);
    ((share.clamp(0.0, 1.0) * last as f64).round() as usize).min(last)
}

/// Returns at most `wanted + 1` round prices between the lowest and the highest sample, ascending.
pub fn round_prices(samples: &[Sample], wanted: u32) -> Vec<Decimal> {
    let mut prices = Vec::new();
    let Some(Sample { value, .. }) = samples.first() else { return prices };
    let (mut low, mut high) = (*value, *value);
    for sample in samples {
        (low, high) = (low.min(sample.value), high.max(sample.value));
    }
    let Some(step) = high.checked_sub(low).and_then(|span| round_step(span, wanted)) else { return prices };
    let mut next = low.checked_div(step).and_then(|quotient| quotient.ceil().checked_mul(step));
    while let Some(price) = next.filter(|price| *price <= high && prices.len() <= wanted as usize) {
        prices.push(price.normalize());
        next = price.checked_add(step);
    }
    prices
}

/// Returns the smallest of 1, 2 or 5 times a power of ten that cuts the span into at most `wanted` pieces.
fn round_step(span: Decimal, wanted: u32) -> Option<Decimal> {
    if span <= Decimal::ZERO || wanted == 0 {
        return None;
    }
    let least = span.checked_div(Decimal::from(wanted))?;
    let mut power = Decimal::ONE;
    while power > least {
        power = power.checked_div(Decimal::TEN).filter(|power| !power.is_zero())?;
    }
    while power.checked_mul(Decimal::TEN)? <= least {
        power = power.checked_mul(Decimal::TEN)?;
    }
    for factor in [1, 2, 5] {
        let step = power.checked_mul(Decimal::from(factor))?;
        if step >= least {
            return Some(step);
        }
    }
    power.checked_mul(Decimal::TEN)
}

/// Returns evenly spread places for `wanted` time labels, the ends among them.
pub fn label_places(count: usize, wanted: usize) -> Vec<usize> {
    if count <= wanted {
        return (0..count).collect();
    }
    (0..wanted).map(|label| label * (count - 1) / (wanted - 1)).collect()
}

/// How much of a picture's height a label beside it takes, in percent.
const SIDE_LABEL: f64 = 9.0;

/// Where the labels beside a picture stand, in percent from its top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tops {
    /// That of the figure now.
    pub now: Option<f64>,
    /// That of the figure it is compared with, and of each level: moved away from one that stands there already.
    pub others: Vec<f64>,
    /// Whether each label of the axis has room.
    pub axis: Vec<bool>,
}

/// Places the labels beside a picture so that none covers another: now stays, the others give way in their order, each to the nearest
/// place that is free, and of the axis those are left out that would touch any.
pub fn step_apart(now: Option<f64>, others: &[f64], axis: &[f64]) -> Tops {
    let mut taken: Vec<f64> = now.into_iter().collect();
    let is_free = |taken: &[f64], top: f64| taken.iter().all(|other| (other - top).abs() >= SIDE_LABEL);
    for wanted in others {
        // More labels than there is room for lie on each other.
        let mut place = *wanted;
        if !is_free(&taken, place) {
            let mut least = f64::INFINITY;
            for top in taken.iter().flat_map(|other| [other + SIDE_LABEL, other - SIDE_LABEL]) {
                let away = (top - wanted).abs();
                if away < least && (0.0..=100.0).contains(&top) && is_free(&taken, top) {
                    (least, place) = (away, top);
                }
            }
        }
        taken.push(place);
    }
    let free = axis.iter().map(|top| is_free(&taken, *top)).collect();
    Tops { now, others: taken.split_off(usize::from(now.is_some())), axis: free }
}

/// Returns `price` moved by `percent`, rounded to the decimals that price is shown with, at least `least`: what a one-click
/// alert waits for.
///
/// Prices so small that rounding would meet the price itself keep two digits more.
pub fn moved_by(price: Decimal, percent: i64, least: u32) -> Option<Decimal> {
    let decimals = precision(price, least);
    let factor = Decimal::ONE + Decimal::new(percent, 2);
    let exact = price.checked_mul(factor)?;
    let rounded = exact.round_dp_with_strategy(decimals, RoundingStrategy::MidpointNearestEven);
    let moved = rounded != price && rounded > Decimal::ZERO;
    Some(if moved { rounded } else { exact.round_dp(exact.scale().min(decimals + 2)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[i64]) -> Vec<Sample> {
        values.iter().enumerate().map(|(index, value)| Sample { time_ms: index as i64 * 1000, value: (*value).into() }).collect()
    }

    #[test]
    fn the_line_fills_the_width_and_stays_inside_the_height() {
        let samples = samples(&[100, 110, 90]);
        let scale = Scale::around(&samples, &[]);
        assert_eq!((scale.x(0.0), scale.x(2.0)), (0.0, WIDTH));
        assert!(scale.y(110.into()) > 0.0 && scale.y(90.into()) < HEIGHT);
        assert!(line_path(&scale, &samples).starts_with("M0.0 "));
    }

    #[test]
    fn a_near_level_widens_the_scale_and_a_far_one_is_pinned() {
        let samples = samples(&[100, 110]);
        let scale = Scale::around(&samples, &[115.into(), 500.into(), 1.into()]);
        assert!(matches!(scale.place(115.into()), Place::Inside(_)));
        assert_eq!((scale.place(500.into()), scale.place(1.into())), (Place::Above, Place::Below));
    }

    #[test]
    fn a_flat_series_and_none_at_all_draw_without_a_panic() {
        for values in [&[][..], &[5][..], &[5, 5, 5][..], &[0, 0][..]] {
            let samples = samples(values);
            let scale = Scale::around(&samples, &[]);
            let path = line_path(&scale, &samples);
            assert!(!path.contains("NaN") && !path.contains("inf"), "{path}");
            assert_eq!(path.is_empty(), samples.is_empty());
        }
    }

    #[test]
    fn prices_as_large_as_a_decimal_have_no_round_ones_between_them_and_do_not_panic() {
        let at = |value: Decimal| Sample { time_ms: 0, value };
        assert!(round_prices(&[at(Decimal::MIN), at(Decimal::MAX)], 4).is_empty());
        for low in [Decimal::ZERO, Decimal::ONE, Decimal::MAX - Decimal::ONE_HUNDRED] {
            let prices = round_prices(&[at(low), at(Decimal::MAX)], 4);
            assert!(prices.iter().all(|price| *price >= low), "{prices:?}");
        }
    }

    #[test]
    fn lengths_are_written_with_one_decimal() {
        assert_eq!([12.34, -0.26, 0.0, 820.0].map(length), ["12.3", "-0.3", "0.0", "820.0"]);
    }

    #[test]
    fn a_time_between_two_samples_lies_between_them() {
        let samples = samples(&[1, 2, 3]);
        assert_eq!(index_at(&samples, 500), Some(0.5));
        assert_eq!((index_at(&samples, -1), index_at(&samples, 2000), index_at(&samples, 2001)), (None, Some(2.0), None));
    }

    #[test]
    fn the_pointer_finds_the_nearest_place() {
        assert_eq!([nearest(11, -1.0), nearest(11, 0.52), nearest(11, 2.0), nearest(0, 0.5)], [0, 5, 10, 0]);
    }

    #[test]
    fn round_prices_are_round_and_inside() {
        let prices = round_prices(&samples(&[97, 113]), 4);
        assert_eq!(prices, [100.into(), 105.into(), 110.into()]);
        assert!(round_prices(&samples(&[5, 5]), 4).is_empty());
    }

    #[test]
    fn labels_take_both_ends() {
        assert_eq!(label_places(101, 5), [0, 25, 50, 75, 100]);
        assert_eq!(label_places(3, 5), [0, 1, 2]);
    }

    #[test]
    fn labels_beside_a_picture_give_way_to_the_figure_now() {
        let tops = step_apart(Some(50.0), &[52.0], &[10.0, 45.0, 58.0, 80.0]);
        assert_eq!((tops.others, tops.axis), (vec![59.0], vec![true, false, false, true]));
        let alone = |now: f64, other: f64| step_apart(Some(now), &[other], &[]).others;
        assert_eq!(alone(50.0, 49.0), [41.0]);
        assert_eq!(alone(3.0, 1.0), [12.0], "there is no room above");
        assert_eq!(alone(98.0, 99.0), [89.0], "nor below");
        assert_eq!(step_apart(None, &[20.0], &[25.0]).axis, [false]);
    }

    #[test]
    fn levels_close_together_stand_below_each_other_and_those_apart_where_they_are() {
        assert_eq!(step_apart(Some(50.0), &[50.5, 51.0, 90.0], &[]).others, [59.0, 41.0, 90.0]);
        assert_eq!(step_apart(None, &[10.0, 11.0, 12.0], &[]).others, [10.0, 19.0, 1.0]);
        let crowd = step_apart(None, &[50.0; 20], &[]).others;
        assert!(crowd.iter().all(|top| (0.0..=100.0).contains(top)), "{crowd:?}");
    }

    #[test]
    fn a_one_click_level_is_rounded_to_the_instruments_decimals() {
        assert_eq!(moved_by(Decimal::new(22_987, 2), 5, 2).unwrap().to_string(), "241.36");
        assert_eq!(moved_by(Decimal::new(22_987, 2), -5, 2).unwrap().to_string(), "218.38");
        assert_ne!(moved_by(Decimal::new(1, 2), 5, 2).unwrap(), Decimal::new(1, 2));
        assert_eq!(moved_by(Decimal::new(812, 8), 5, 2).unwrap().to_string(), "0.00000853");
    }
}
