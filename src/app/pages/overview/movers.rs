//! What moved most today, up and down.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::links::within_portfolio;
use crate::app::components::list::{Part, list};
use crate::app::components::{Card, Delta, Money, at_most_every};
use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::live::{Live, expect_live};

/// How many of each direction.
const SHOWN: usize = 3;
/// Of fewer holdings the table says all there is to say.
const LEAST_HELD: usize = 5;
/// How often rows may change places, in milliseconds, as in the table.
const REORDER_MS: u32 = 10_000;

/// The holdings that moved most, best first; those that stood still are in neither half.
fn moved_most(mut moved: Vec<(Ticker, Decimal)>) -> Vec<Ticker> {
    moved.retain(|(_, percent)| !percent.is_zero());
    moved.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    let rising = moved.iter().take_while(|(_, percent)| percent.is_sign_positive()).count();
    let up = moved[..rising].iter().take(SHOWN);
    let falling = &moved[rising..];
    up.chain(&falling[falling.len().saturating_sub(SHOWN)..]).map(|(ticker, _)| ticker.clone()).collect()
}

fn day_percents(live: Live) -> Vec<(Ticker, Decimal)> {
    let percent = |ticker: &Ticker| live.holding(ticker).with_untracked(|holding| holding.as_ref()?.day_change_percent);
    live.holdings().with(|held| held.iter().filter_map(|ticker| Some((ticker.clone(), percent(ticker)?))).collect())
}

/// The card; nothing where few are held.
#[component]
pub(crate) fn Movers() -> impl IntoView {
    let live = expect_live();
    let totals = live.totals();
    let beat = at_most_every(REORDER_MS, totals);
    let currency =
        Signal::from(memo(move || totals.with(|totals| totals.as_ref().map_or(Currency::EUR, |totals| totals.currency))));
    let moved = memo(move || {
        beat.track();
        moved_most(day_percents(live))
    });
    let has_card = memo(move || live.holdings().with(Vec::len) >= LEAST_HELD && !moved.with(Vec::is_empty));
    let row = move |ticker: Ticker| Part::new(ticker.to_string(), move || view! { <Mover ticker currency/> }.into_any());
    move || {
        has_card.get().then(|| {
            view! {
                <Card title=words().moved_most_today()>
                    <ul class="movers">{list(move || moved.get().into_iter().map(row).collect())}</ul>
                </Card>
            }
            .into_any()
        })
    }
}

/// One of them: what it did today in percent and in the portfolio's currency.
#[component]
fn Mover(ticker: Ticker, currency: Signal<Currency>) -> impl IntoView {
    let live = expect_live();
    let holding = live.holding(&ticker);
    let percent = memo(move || holding.with(|holding| holding.as_ref().and_then(|holding| holding.day_change_percent)));
    let amount = memo(move || holding.with(|holding| holding.as_ref().and_then(|holding| holding.day_change)));
    let name = live.instrument(&ticker).map(|instrument| instrument.name);
    let href = within_portfolio(&["/i/", ticker.as_str()].concat());
    view! {
        <li>
            <a href=href><b>{ticker.to_string()}</b><i>{name}</i></a>
            <Money value=amount currency signed=true bare=true/>
            <Delta value=percent/>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn most(moved: &[(&str, i64)]) -> Vec<String> {
        let moved = moved.iter().map(|(ticker, percent)| (ticker.parse().unwrap(), Decimal::from(*percent))).collect();
        moved_most(moved).iter().map(Ticker::to_string).collect()
    }

    #[test]
    fn three_of_each_direction_best_first_and_none_that_stood_still() {
        let moved = [("A", 1), ("B", 5), ("C", 0), ("D", -1), ("E", 3), ("F", -4), ("G", 2), ("H", -2), ("I", -3)];
        assert_eq!(most(&moved), ["B", "E", "G", "H", "I", "F"]);
        assert_eq!(most(&[("A", -1), ("B", 0)]), ["A"]);
        assert_eq!(most(&[("B", 2), ("A", 2)]), ["A", "B"], "equals by name");
    }
}
