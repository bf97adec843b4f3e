use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::words::figures;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The drawing's size, in its own units.
const WIDTH: f64 = 88.0;
const HEIGHT: f64 = 28.0;
const MARGIN: f64 = 2.0;

/// A word-sized line of a few figures, oldest first, with a dotted reference; coloured by which side of it the last one is.
#[component]
pub fn Sparkline(
    /// The figures, oldest first.
    #[prop(into)]
    points: Signal<Vec<Decimal>>,
    /// The figure to compare with, as the previous close; the first point unless told.
    #[prop(optional, into)]
    reference: Signal<Option<Decimal>>,
) -> impl IntoView {
    let drawing = memo(move || points.with(|points| draw(points, reference.get())));
    let line = move || drawing.with(|drawing| drawing.path.clone());
    let level = move || drawing.with(|drawing| drawing.level.clone());
    view! {
        <svg class=move || ["spark ", drawing.with(|drawing| drawing.direction)].concat() viewBox="0 0 88 28" preserveAspectRatio="none" aria-hidden="true">
            <line x1="0" x2="88" y1=move || level() y2=move || level()></line>
            <path d=move || line()></path>
        </svg>
    }
}

/// A sparkline in its own units.
#[derive(Clone, PartialEq)]
struct Drawing {
    path: String,
    level: String,
    direction: &'static str,
}

/// Puts the figures and their reference into the box.
fn draw(points: &[Decimal], reference: Option<Decimal>) -> Drawing {
    let reference = reference.or(points.first().copied());
    let direction = match (points.last(), reference) {
        (Some(last), Some(reference)) => figures::direction(last.saturating_sub(reference)).class(),
        _ => "flat",
    };
    let heights: Vec<f64> = points.iter().filter_map(ToPrimitive::to_f64).collect();
    let reference = reference.and_then(|reference| reference.to_f64());
    let low = heights.iter().copied().chain(reference).fold(f64::INFINITY, f64::min);
    let high = heights.iter().copied().chain(reference).fold(f64::NEG_INFINITY, f64::max);
    let room = HEIGHT - 2.0 * MARGIN;
    let y = |value: f64| if high > low { MARGIN + (high - value) / (high - low) * room } else { HEIGHT / 2.0 };
    let steps = heights.len().saturating_sub(1).max(1) as f64;
    let mut path = String::with_capacity(heights.len() * 12);
    for (index, value) in heights.iter().enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        push_tenths(&mut path, MARGIN + index as f64 / steps * (WIDTH - 2.0 * MARGIN));
        path.push(' ');
        push_tenths(&mut path, y(*value));
    }
    Drawing { path, level: (reference.map_or(HEIGHT / 2.0, y).round() as i64).to_string(), direction }
}

/// Writes a coordinate with one decimal, which is finer than a pixel.
pub fn push_tenths(path: &mut String, value: f64) {
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        path.push('-');
    }
    path.push_str(&(tenths.abs() / 10).to_string());
    path.push('.');
    path.push_str(&(tenths.abs() % 10).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(values: &[i64]) -> Vec<Decimal> {
        values.iter().copied().map(Decimal::from).collect()
    }

    #[test]
    fn a_rise_goes_up_the_screen_and_is_told_so() {
        let drawing = draw(&decimals(&[10, 12]), None);
        assert_eq!((drawing.path.as_str(), drawing.direction), ("M2.0 26.0L86.0 2.0", "up"));
    }

    #[test]
    fn a_flat_line_and_no_line_at_all_are_drawn_without_a_division_by_zero() {
        assert_eq!(draw(&decimals(&[10, 10]), None).path, "M2.0 14.0L86.0 14.0");
        assert_eq!(draw(&[], None).path, "");
    }

    #[test]
    fn below_the_reference_is_down_even_while_rising() {
        assert_eq!(draw(&decimals(&[10, 12]), Some(Decimal::from(20))).direction, "down");
    }
}
