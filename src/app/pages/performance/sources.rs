//! Where the gain came from: bars that begin where the one before ended, and close to the cent.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::Money;
use crate::app::components::geometry::percent_length;
use crate::wire::views::{BreakdownView, PerformanceView};
use crate::words::figures;
use rust_decimal::prelude::ToPrimitive;

/// A part of the gain, and from where to where its bar reaches, in percent of the width.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    name: &'static str,
    amount: Decimal,
    left: f64,
    width: f64,
}

/// Places the parts one after the other, and their sum from zero.
fn bars(parts: &[(&'static str, Decimal)], sum: (&'static str, Decimal)) -> (Vec<Bar>, Bar) {
    let mut ends = vec![Decimal::ZERO];
    for (_, amount) in parts {
        let before = ends.last().copied().unwrap_or_default();
        ends.push(before.saturating_add(*amount));
    }
    let figure = |amount: Decimal| amount.to_f64().unwrap_or_default();
    let low = ends.iter().min().copied().map(figure).unwrap_or_default();
    let high = ends.iter().max().copied().map(figure).unwrap_or_default();
    let span = if high > low { high - low } else { 1.0 };
    let place = |amount: Decimal| (figure(amount) - low) / span * 100.0;
    let bar = |name, amount, from: Decimal, to: Decimal| {
        let (left, right) = (place(from.min(to)), place(from.max(to)));
        Bar { name, amount, left, width: right - left }
    };
    let placed = parts.iter().zip(ends.windows(2)).map(|((name, amount), ends)| bar(*name, *amount, ends[0], ends[1]));
    (placed.collect(), bar(sum.0, sum.1, Decimal::ZERO, sum.1))
}

/// The card.
#[component]
pub(super) fn Sources(view: PerformanceView) -> impl IntoView {
    let PerformanceView { breakdown, currency, gain, start_value, end_value, net_contributions, .. } = view;
    let BreakdownView { realized, unrealized, dividends, interest, fees, taxes, currency: rates, other } = breakdown;
    let words = words();
    let parts: Vec<(&'static str, Decimal)> = [
        (words.part_unrealized(), unrealized),
        (words.part_realized(), realized),
        (words.dividends(), dividends),
        (words.part_interest(), interest),
        (words.part_currency(), rates),
        (words.part_fees(), fees),
        (words.part_taxes(), taxes),
        (words.part_other(), other),
    ]
    .into_iter()
    .filter(|(_, amount)| figures::is_seen(*amount, currency.decimals()))
    .collect();
    let (parts, sum) = bars(&parts, (words.gain_of_period(), gain));
    let row = move |bar: Bar, class: &'static str| {
        let colour = figures::direction(bar.amount).class();
        view! {
            <tr class=class>
                <th scope="row">{bar.name}</th>
                <td class="bar-cell" aria-hidden="true"><span class=["gain-bar ", colour].concat() style:inset-inline-start=percent_length(bar.left) style:inline-size=percent_length(bar.width)></span></td>
                <td class="num"><Money value=Some(bar.amount) currency signed=true bare=true/></td>
            </tr>
        }
        .into_any()
    };
    let rows = parts.into_iter().map(move |bar| row(bar, "")).collect_view();
    let written = |amount: Decimal| words.amount(amount, currency).text();
    let closes = words.adds_up_to(&written(end_value), &written(start_value), &written(net_contributions));
    view! {
        <section class="card sources" aria-labelledby="sources">
            <header><h2 id="sources">{words.where_it_came_from()}</h2><span class="muted">{words.in_currency(&figures::symbol(currency))}</span></header>
            <table class="plain-table bars">
                <tbody>{rows}</tbody>
                <tfoot>{row(sum, "sum-row")}</tfoot>
            </table>
            <p class="hint priv">{closes}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_where_the_one_before_ended() {
        let parts = [("up", Decimal::from(80)), ("more", Decimal::from(20)), ("down", Decimal::from(-50))];
        let (placed, sum) = bars(&parts, ("sum", Decimal::from(50)));
        let spans: Vec<_> = placed.iter().map(|bar| (bar.left, bar.width)).collect();
        assert_eq!(spans, [(0.0, 80.0), (80.0, 20.0), (50.0, 50.0)]);
        assert_eq!((sum.left, sum.width), (0.0, 50.0));
    }

    #[test]
    fn a_loss_goes_to_the_left_of_zero_and_nothing_at_all_is_drawn_without_a_division_by_zero() {
        let (placed, sum) = bars(&[("down", Decimal::from(-50))], ("sum", Decimal::from(-50)));
        assert_eq!((placed[0].left, placed[0].width, sum.left, sum.width), (0.0, 100.0, 0.0, 100.0));
        let (none, sum) = bars(&[], ("sum", Decimal::ZERO));
        assert_eq!((none.len(), sum.width), (0, 0.0));
    }
}
