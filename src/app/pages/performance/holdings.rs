//! What each instrument gained, largest first, with a zero line; what is left is cash, interest and charges.

use crate::app::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::app::components::Money;
use crate::app::components::geometry::percent_length;
use crate::app::components::links::{escaped, within_portfolio};
use crate::live::expect_live;
use crate::wire::views::{HoldingGainView, PerformanceView};
use crate::words::figures;

/// Returns from where to where a bar reaches beside a common zero line, in percent of the width.
fn reach(gain: Decimal, least: Decimal, most: Decimal) -> (f64, f64) {
    let figure = |amount: Decimal| amount.to_f64().unwrap_or_default();
    let (least, most) = (figure(least.min(Decimal::ZERO)), figure(most.max(Decimal::ZERO)));
    let span = if most > least { most - least } else { 1.0 };
    let (from, to) = (figure(gain.min(Decimal::ZERO)), figure(gain.max(Decimal::ZERO)));
    ((from - least) / span * 100.0, (to - from) / span * 100.0)
}

/// The card.
#[component]
pub(super) fn ByHolding(view: PerformanceView) -> impl IntoView {
    let live = expect_live();
    let PerformanceView { holdings, gain, currency, .. } = view;
    let told = holdings.iter().map(|holding| holding.gain).fold(Decimal::ZERO, Decimal::saturating_add);
    let rest = gain.saturating_sub(told);
    let least = holdings.iter().map(|holding| holding.gain).chain([rest]).min().unwrap_or_default();
    let most = holdings.iter().map(|holding| holding.gain).chain([rest]).max().unwrap_or_default();
    let row = move |name: AnyView, gain: Decimal, percent: Option<Decimal>| {
        let (left, width) = reach(gain, least, most);
        let colour = figures::direction(gain).class();
        let percent = percent.map(|percent| words().signed_percent(percent)).unwrap_or_default();
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="bar-cell" aria-hidden="true"><span class=["gain-bar ", colour].concat() style:inset-inline-start=percent_length(left) style:inline-size=percent_length(width)></span></td>
                <td class="num"><Money value=Some(gain) currency signed=true bare=true/></td>
                <td class="num muted">{percent}</td>
            </tr>
        }
        .into_any()
    };
    let rows = holdings.into_iter().map(move |HoldingGainView { ticker, gain, contribution_percent }| {
        let is_held = live.holding(&ticker).with_untracked(|held| held.as_ref().is_some_and(|held| !held.quantity.is_zero()));
        let href = within_portfolio(&["/i/", &escaped(ticker.as_str())].concat());
        let closed = (!is_held).then(|| view! { " "<i class="muted">{words().closed_word()}</i> }.into_any());
        row(view! { <a href=href>{ticker.to_string()}</a>{closed} }.into_any(), gain, contribution_percent)
    });
    let rows = rows.collect_view();
    let rest = figures::is_seen(rest, currency.decimals()).then(|| row(words().cash_and_charges().into_any(), rest, None));
    view! {
        <section class="card by-holding" aria-labelledby="by-holding">
            <header><h2 id="by-holding">{words().gain_by_holding()}</h2><span class="muted">{words().in_currency(&figures::symbol(currency))}</span></header>
            <table class="plain-table bars">
                <tbody>{rows}{rest}</tbody>
                <tfoot><tr class="sum-row"><th scope="row">{words().gain_of_period()}</th><td></td><td class="num"><Money value=Some(gain) currency signed=true bare=true/></td><td></td></tr></tfoot>
            </table>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_reach_right_of_zero_and_losses_left() {
        let of = |gain: i64| reach(gain.into(), (-50).into(), 150.into());
        assert_eq!((of(150), of(-50), of(0)), ((25.0, 75.0), (0.0, 25.0), (25.0, 0.0)));
        assert_eq!(reach(Decimal::ZERO, Decimal::ZERO, Decimal::ZERO), (0.0, 0.0));
    }
}
