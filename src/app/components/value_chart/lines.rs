//! The paths of net contributions, and of what lies between them and the value.

use rust_decimal::Decimal;

use crate::app::components::geometry::{HEIGHT, Scale, WIDTH, length};

/// Returns a line of steps through figures that each hold until the next; nothing without any.
pub(super) fn steps_path(scale: &Scale, figures: impl Iterator<Item = Decimal>) -> String {
    let mut path = String::new();
    let mut before = None;
    let mut end = 0.0;
    for (index, figure) in figures.enumerate() {
        end = scale.x(index as f64);
        match before {
            None => path.push_str(&["M", &length(end), " ", &length(scale.y(figure))].concat()),
            Some(known) if known == figure => {}
            Some(_) => path.push_str(&["H", &length(end), "V", &length(scale.y(figure))].concat()),
        }
        before = Some(figure);
    }
    if before.is_some() { [&path, "H", &length(end)].concat() } else { path }
}

/// Returns the shape between a line and steps: along the line, then the right edge, the steps and the left edge, by the rule that what
/// is wound twice is outside.
pub(super) fn between_path(line: &str, steps: &str) -> String {
    if line.is_empty() || steps.is_empty() {
        return String::new();
    }
    // Both go from left to right: the line down to the bottom and the steps down to the bottom cover each other but for what lies
    // between them.
    let down = ["L", &length(WIDTH), " ", &length(HEIGHT), "L0 ", &length(HEIGHT), "Z"].concat();
    [line, &down, steps, &down].concat()
}

/// Returns all above the steps.
pub(super) fn over_path(steps: &str) -> String {
    closed(steps, -HEIGHT)
}

/// Returns all below the steps.
pub(super) fn under_path(steps: &str) -> String {
    closed(steps, HEIGHT * 2.0)
}

fn closed(steps: &str, edge: f64) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let edge = length(edge);
    [steps, "L", &length(WIDTH), " ", &edge, "L0 ", &edge, "Z"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::components::geometry::Sample;

    fn scale() -> Scale {
        let samples = [0, 100].map(|value| Sample { time_ms: 0, value: value.into() });
        Scale::around(&samples, &[]).with_count(3)
    }

    fn steps(figures: [i64; 3]) -> String {
        steps_path(&scale(), figures.into_iter().map(Decimal::from))
    }

    #[test]
    fn steps_hold_until_the_next_figure() {
        let y = |value: i64| length(scale().y(value.into()));
        assert_eq!(steps([0, 0, 100]), format!("M0.0 {}H820.0V{}H820.0", y(0), y(100)));
        assert_eq!(steps([0, 100, 100]), format!("M0.0 {}H410.0V{}H820.0", y(0), y(100)));
        assert_eq!(steps_path(&scale(), std::iter::empty()), "");
    }

    #[test]
    fn what_lies_between_is_closed_and_nothing_without_lines() {
        assert!(between_path("M0 1L820 2", &steps([0, 0, 0])).matches('Z').count() == 2);
        assert_eq!(between_path("", &steps([0, 0, 0])) + &over_path("") + &under_path(""), "");
        assert!(over_path("M0 1H820.0").ends_with("L820.0 -260.0L0 -260.0Z"));
    }
}
