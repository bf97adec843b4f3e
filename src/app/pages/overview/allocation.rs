//! How the total is spread over classes.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::chart_ring::{Ring, Slice};
use crate::app::components::{Card, at_most_every, without};
use crate::app::format;
use crate::app::reactive::memo;
use crate::domain::instrument::AssetClass;
use crate::domain::money::percent;
use crate::live::{Live, expect_live};

/// How often the ring follows prices, in milliseconds: shares move slowly.
const EVERY_MS: u32 = 2_000;

/// The classes in the order of their colours, which each keeps.
const CLASSES: [(AssetClass, &str); 7] = [
    (AssetClass::Share, "--c1"),
    (AssetClass::Fund, "--c2"),
    (AssetClass::Crypto, "--c3"),
    (AssetClass::Bond, "--c4"),
    (AssetClass::Commodity, "--c5"),
    (AssetClass::Currency, "--c7"),
    (AssetClass::Other, "--c8"),
];

/// The ring by class, cash among them.
#[component]
pub fn Allocation() -> impl IntoView {
    let live = expect_live();
    let slow = at_most_every(EVERY_MS, live.totals());
    let slices = memo(move || {
        slow.track();
        slices(live)
    });
    let held = live.holdings();
    let unshown = live.unshown();
    let held = memo(move || held.with(Vec::len) + unshown.get());
    let count = memo(move || held.get().to_string());
    let words = memo(move || if held.get() == 1 { "holding" } else { "holdings" });
    let totals = live.totals();
    let label = memo(move || {
        let rest = totals.with(|totals| totals.as_ref().and_then(without)).map(|rest| [", ", &rest].concat());
        ["Allocation by class", &rest.unwrap_or_default()].concat()
    });
    let is_known = memo(move || slices.with(|slices| !slices.is_empty()));
    view! {
        <Card title="Allocation" class="alloc">
            {move || if is_known.get() {
                view! { <Ring label slices middle=count middle_words=words/> }.into_any()
            } else {
                view! { <p class="muted quiet-body">"Appears once a holding has a price."</p> }.into_any()
            }}
        </Card>
    }
}

/// Adds up the classes and the cash, largest first. Shorts and overdrafts have no slice.
fn slices(live: Live) -> Vec<Slice> {
    let tickers = live.holdings().get_untracked();
    let cash = live
        .totals()
        .with_untracked(|totals| totals.as_ref().filter(|totals| totals.track_cash == Some(true)).and_then(|totals| totals.cash));
    let of_class = |class: AssetClass| -> Decimal {
        let held = tickers
            .iter()
            .filter(|ticker| live.instrument(ticker).map_or(AssetClass::Other, |instrument| instrument.class) == class);
        held.filter_map(|ticker| {
            live.holding(ticker).with_untracked(|holding| holding.as_ref().and_then(|holding| holding.market_value))
        })
        .sum()
    };
    let shown: Decimal = CLASSES.iter().map(|(class, _)| of_class(*class)).sum();
    // Holdings without a row have no class here: they are small, and count among what is other.
    let unshown = live.totals().with_untracked(|totals| totals.as_ref().and_then(|totals| totals.market_value));
    let unshown = unshown.filter(|_| live.unshown().get_untracked() > 0).and_then(|whole| whole.checked_sub(shown));
    let value = |class| of_class(class) + unshown.filter(|_| class == AssetClass::Other).unwrap_or_default();
    let classes = CLASSES.map(|(class, colour)| (format::class_name(class), colour, value(class)));
    let mut parts: Vec<_> =
        classes.into_iter().chain(cash.map(|cash| ("Cash", "--c6", cash))).filter(|part| part.2 > Decimal::ZERO).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.2));
    let whole: Decimal = parts.iter().map(|part| part.2).sum();
    parts.into_iter().filter_map(|(name, colour, value)| Some(Slice { name, colour, share: percent(value, whole)? })).collect()
}
