//! How the total is spread over classes.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::chart_ring::{Ring, Slice};
use crate::app::components::{Card, at_most_every, without};
use crate::app::reactive::memo;
use crate::domain::instrument::AssetClass;
use crate::domain::money::percent;
use crate::live::{Live, expect_live};
use crate::wire::views::PortfolioView;

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
pub(crate) fn Allocation() -> impl IntoView {
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
    let below = memo(move || words().holdings_below(u64::try_from(held.get()).unwrap_or_default()));
    let totals = live.totals();
    let label = memo(move || {
        let rest = totals.with(|totals| totals.as_ref().and_then(without)).map(|rest| [", ", &rest].concat());
        [words().allocation_by_class(), &rest.unwrap_or_default()].concat()
    });
    let is_known = memo(move || slices.with(|slices| !slices.is_empty()));
    view! {
        <Card title=words().allocation() class="alloc">
            {move || if is_known.get() {
                view! { <Ring label slices middle=count middle_words=below/> }.into_any()
            } else {
                view! { <p class="muted quiet-body">{words().allocation_hint()}</p> }.into_any()
            }}
        </Card>
    }
}

/// Adds up the classes and the cash, largest first; nothing where a sum outgrows a decimal. Shorts and overdrafts have no slice.
fn slices(live: Live) -> Vec<Slice> {
    let totals = |pick: fn(&PortfolioView) -> Option<Decimal>| live.totals().with_untracked(|totals| pick(totals.as_ref()?));
    let held = live.holdings().get_untracked().into_iter().filter_map(|ticker| {
        let class = live.instrument(&ticker).map_or(AssetClass::Other, |instrument| instrument.class);
        Some((class, live.holding(&ticker).with_untracked(|holding| holding.as_ref()?.market_value)?))
    });
    let unshown = live.unshown().get_untracked() > 0;
    let whole = totals(|totals| totals.market_value).filter(|_| unshown);
    let cash = totals(|totals| totals.cash.filter(|_| totals.track_cash == Some(true)));
    shares(held, whole, cash).unwrap_or_default()
}

/// Returns the share of each class and of cash. What `whole` has beside the holdings, which have no row and are small, counts among
/// what is other.
fn shares(
    held: impl Iterator<Item = (AssetClass, Decimal)>,
    whole: Option<Decimal>,
    cash: Option<Decimal>,
) -> Option<Vec<Slice>> {
    let mut parts: Vec<(AssetClass, Decimal)> = CLASSES.map(|(class, _)| (class, Decimal::ZERO)).into();
    let mut shown = Decimal::ZERO;
    let mut add = |class: AssetClass, value: Decimal| {
        let part = parts.iter_mut().find(|part| part.0 == class)?;
        part.1 = part.1.checked_add(value)?;
        Some(())
    };
    for (class, value) in held {
        add(class, value)?;
        shown = shown.checked_add(value)?;
    }
    if let Some(unshown) = whole.and_then(|whole| whole.checked_sub(shown)) {
        add(AssetClass::Other, unshown)?;
    }
    let names = CLASSES.iter().zip(parts).map(|((class, colour), (_, value))| (words().class_name(*class), *colour, value));
    let cash = cash.map(|cash| (words().cash(), "--c6", cash));
    let mut parts: Vec<_> = names.chain(cash).filter(|part| part.2 > Decimal::ZERO).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.2));
    let whole = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.2))?;
    Some(
        parts
            .into_iter()
            .filter_map(|(name, colour, value)| Some(Slice { name, colour, share: percent(value, whole)? }))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(held: &[(AssetClass, Decimal)], whole: Option<i64>, cash: Option<Decimal>) -> Option<Vec<(&'static str, String)>> {
        let slices = shares(held.iter().copied(), whole.map(Decimal::from), cash)?;
        Some(slices.into_iter().map(|slice| (slice.name, slice.share.to_string())).collect())
    }

    #[test]
    fn classes_and_cash_are_shares_of_their_sum_and_what_has_no_row_is_other() {
        let held = [(AssetClass::Share, 50.into()), (AssetClass::Fund, 20.into()), (AssetClass::Share, Decimal::from(-10))];
        let shares = told(&held, Some(70), Some(30.into())).unwrap();
        let expected = [(AssetClass::Share, "40"), (AssetClass::Fund, "20"), (AssetClass::Other, "10")];
        let mut expected: Vec<_> = expected.map(|(class, share)| (words().class_name(class), share.to_owned())).into();
        expected.insert(1, ("Cash", "30".to_owned()));
        assert_eq!(shares, expected);
    }

    #[test]
    fn sums_that_outgrow_a_decimal_draw_no_ring_and_do_not_panic() {
        let held = [(AssetClass::Share, Decimal::MAX), (AssetClass::Share, Decimal::MAX)];
        assert_eq!(told(&held, None, None), None);
        assert_eq!(told(&held[..1], None, Some(Decimal::MAX)), None);
        assert_eq!(told(&[(AssetClass::Share, Decimal::MAX), (AssetClass::Fund, Decimal::MAX)], Some(0), None), None);
    }
}
