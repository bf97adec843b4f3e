//! How far below its last peak the portfolio was, day by day.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use super::lines::{Line, PercentChart};
use crate::app::components::calendar::written_day;
use crate::wire::views::PerformanceView;

/// Returns how far below the last peak each day was, in percent of it.
fn below_peak(points: impl Iterator<Item = (String, Decimal)>) -> Vec<(String, Decimal)> {
    let mut peak = Decimal::ONE_HUNDRED;
    let depth = |(day, percent): (String, Decimal)| {
        let grown = percent.saturating_add(Decimal::ONE_HUNDRED);
        peak = peak.max(grown);
        let below = grown.checked_div(peak).and_then(|part| part.checked_mul(Decimal::ONE_HUNDRED));
        (day, below.map_or(Decimal::ZERO, |below| (below - Decimal::ONE_HUNDRED).round_dp(4)))
    };
    points.map(depth).collect()
}

/// The card; it is left out where nothing ever fell.
#[component]
pub(super) fn DrawdownCard(view: PerformanceView) -> impl IntoView {
    let Some(fall) = view.max_drawdown.clone() else { return ().into_any() };
    let points = below_peak(view.series.iter().map(|point| (point.date.clone(), point.twr_percent)));
    let label = words().line_from_to(words().largest_drawdown(), &words().percent(-view.max_drawdown_percent));
    let span = words().from_to(&written_day(&fall.peak), &written_day(&fall.trough));
    let recovered =
        fall.recovered.map_or_else(|| words().not_recovered().to_owned(), |day| words().recovered_on(&written_day(&day)));
    view! {
        <section class="card drawdown" aria-labelledby="drawdown">
            <header><h2 id="drawdown">{words().largest_drawdown()}</h2><span class="muted">{words().drawdown_below()}</span></header>
            <p class="drawdown-told"><b class="down">{words().percent(-view.max_drawdown_percent)}</b>" "<span>{span}", "{recovered}</span></p>
            <PercentChart lines=vec![Line { name: words().largest_drawdown().to_owned(), points }] label/>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_nothing_below_and_a_fall_is_measured_from_it() {
        let points =
            [("a", 0), ("b", 10), ("c", -12), ("d", 21)].map(|(day, percent): (&str, i64)| (day.to_owned(), percent.into()));
        let below: Vec<_> = below_peak(points.into_iter()).into_iter().map(|(_, depth)| depth.normalize().to_string()).collect();
        assert_eq!(below, ["0", "0", "-20", "0"]);
    }
}
