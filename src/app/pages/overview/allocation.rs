//! How the total is spread: over classes, currencies or holdings.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::app::components::chart_ring::{Ring, Slice};
use crate::app::components::{Card, at_most_every, without};
use crate::app::reactive::memo;
use crate::domain::instrument::AssetClass;
use crate::domain::money::{Currency, percent};
use crate::live::{Live, expect_live};
use crate::wire::views::PortfolioView;
use crate::words::{Label, Words};

/// How often the ring follows prices, in milliseconds: shares move slowly.
const EVERY_MS: u32 = 2_000;

/// The most parts of a ring; the smaller ones are one.
const MOST: usize = 8;

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

/// The colours of parts that have none of their own, the largest first.
const COLOURS: [&str; MOST] = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c7", "--c8", "--c6"];

/// What the parts of the ring are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Class,
    Currency,
    Holding,
}

impl By {
    const ALL: [(Self, Label); 3] =
        [(Self::Class, Words::by_class), (Self::Currency, Words::by_currency), (Self::Holding, Words::by_holding)];
}

/// The ring, cash among its parts, and the choice of what they are.
#[component]
pub(crate) fn Allocation() -> impl IntoView {
    let live = expect_live();
    let by = RwSignal::new(By::Class);
    let slow = at_most_every(EVERY_MS, live.totals());
    let slices = memo(move || {
        slow.track();
        slices(live, by.get())
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
    let choices = By::ALL.map(|(choice, name)| {
        let pressed = move || if by.get() == choice { "true" } else { "false" };
        view! { <button type="button" aria-pressed=move || pressed() on:click=move |_| by.set(choice)>{name(words())}</button> }
            .into_any()
    });
    view! {
        <Card title=words().allocation() class="alloc">
            <div class="allocation-by needs-script" role="group" aria-label=words().allocation()>{choices.into_iter().collect_view()}</div>
            {move || if is_known.get() {
                view! { <Ring label slices middle=count middle_words=below/> }.into_any()
            } else {
                view! { <p class="muted quiet-body">{words().allocation_hint()}</p> }.into_any()
            }}
        </Card>
    }
}

/// A part before it is a slice: its name, its own colour where it has one, and its value.
type Part = (String, Option<&'static str>, Decimal);

/// Adds up the parts and the cash, largest first; nothing where a sum outgrows a decimal. Shorts and overdrafts have no slice.
fn slices(live: Live, by: By) -> Vec<Slice> {
    let totals = |pick: fn(&PortfolioView) -> Option<Decimal>| live.totals().with_untracked(|totals| pick(totals.as_ref()?));
    let held = live.holdings().get_untracked().into_iter().filter_map(|ticker| {
        let value = live.holding(&ticker).with_untracked(|holding| holding.as_ref()?.market_value)?;
        let instrument = live.instrument(&ticker);
        let part = match by {
            By::Class => class_part(instrument.map_or(AssetClass::Other, |instrument| instrument.class)),
            By::Currency => {
                (instrument.map(|known| known.currency.major().to_string()).unwrap_or_else(|| words().other_part().into()), None)
            }
            By::Holding => (ticker.to_string(), None),
        };
        Some((part.0, part.1, value))
    });
    let unshown = live.unshown().get_untracked() > 0;
    let whole = totals(|totals| totals.market_value).filter(|_| unshown);
    let is_tracked = live.totals().with_untracked(|totals| totals.as_ref().is_some_and(|totals| totals.track_cash == Some(true)));
    let cash = live.totals().with_untracked(|totals| match (totals, by) {
        (Some(totals), By::Currency) if is_tracked => {
            let accounts = totals.cash_accounts.iter();
            accounts.filter_map(|account| Some((account.currency.to_string(), None, account.value?))).collect()
        }
        (Some(totals), _) if is_tracked => {
            totals.cash.map(|cash| (words().cash().to_owned(), Some("--c6"), cash)).into_iter().collect::<Vec<Part>>()
        }
        _ => Vec::new(),
    });
    let currency = live.totals().with_untracked(|totals| totals.as_ref().map_or(Currency::EUR, |totals| totals.currency));
    shares(held, whole, cash, currency).unwrap_or_default()
}

fn class_part(class: AssetClass) -> (String, Option<&'static str>) {
    let colour = CLASSES.iter().find(|known| known.0 == class).map(|known| known.1);
    (words().class_name(class).to_owned(), colour)
}

/// Returns the share of each part and of cash. What `whole` has beside the holdings, which have no row and are small, counts among
/// what is other, and so do the smallest parts where there are more than the ring has.
fn shares(held: impl Iterator<Item = Part>, whole: Option<Decimal>, cash: Vec<Part>, currency: Currency) -> Option<Vec<Slice>> {
    let (other, other_colour) = class_part(AssetClass::Other);
    let mut parts: Vec<Part> = Vec::new();
    let mut shown = Decimal::ZERO;
    for part in held {
        shown = shown.checked_add(part.2)?;
        add(&mut parts, part)?;
    }
    if let Some(unshown) = whole.and_then(|whole| whole.checked_sub(shown)) {
        add(&mut parts, (other.clone(), other_colour, unshown))?;
    }
    for part in cash {
        add(&mut parts, part)?;
    }
    parts.retain(|part| part.2 > Decimal::ZERO);
    parts.sort_by_key(|part| std::cmp::Reverse(part.2));
    if parts.len() > MOST {
        let small = parts.split_off(MOST - 1);
        let value = small.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.2))?;
        parts.push((words().other_part().to_owned(), Some("--c6"), value));
    }
    let whole = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.2))?;
    let slice = |(index, (name, colour, value)): (usize, Part)| {
        let colour = colour.unwrap_or(COLOURS[index % COLOURS.len()]);
        Some(Slice { name, value: words().price(value, currency.decimals()), colour, share: percent(value, whole)? })
    };
    Some(parts.into_iter().enumerate().filter_map(slice).collect())
}

/// Adds a value to the part of its name.
fn add(parts: &mut Vec<Part>, part: Part) -> Option<()> {
    match parts.iter_mut().find(|known| known.0 == part.0) {
        Some(known) => known.2 = known.2.checked_add(part.2)?,
        None => parts.push(part),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(held: &[(AssetClass, Decimal)], whole: Option<i64>, cash: Option<Decimal>) -> Option<Vec<(String, String)>> {
        let held = held.iter().map(|(class, value)| {
            let (name, colour) = class_part(*class);
            (name, colour, *value)
        });
        let cash = cash.map(|cash| (words().cash().to_owned(), Some("--c6"), cash)).into_iter().collect();
        let slices = shares(held, whole.map(Decimal::from), cash, Currency::EUR)?;
        Some(slices.into_iter().map(|slice| (slice.name, slice.share.to_string())).collect())
    }

    #[test]
    fn classes_and_cash_are_shares_of_their_sum_and_what_has_no_row_is_other() {
        let held = [(AssetClass::Share, 50.into()), (AssetClass::Fund, 20.into()), (AssetClass::Share, Decimal::from(-10))];
        let shares = told(&held, Some(70), Some(30.into())).unwrap();
        let expected = [(AssetClass::Share, "40"), (AssetClass::Fund, "20"), (AssetClass::Other, "10")];
        let mut expected: Vec<_> = expected.map(|(class, share)| (words().class_name(class).to_owned(), share.to_owned())).into();
        expected.insert(1, ("Cash".to_owned(), "30".to_owned()));
        assert_eq!(shares, expected);
    }

    #[test]
    fn the_smallest_of_many_parts_are_one() {
        let held = (1..=20_i64).map(|number| (format!("T{number}"), None, Decimal::from(number)));
        let slices = shares(held, None, Vec::new(), Currency::EUR).unwrap();
        assert_eq!((slices.len(), slices[0].name.as_str(), slices[0].value.as_str()), (MOST, "T20", "20.00"));
        // 1 to 13 of 210.
        assert_eq!((slices[7].name.as_str(), slices[7].value.as_str()), (words().other_part(), "91.00"));
    }

    #[test]
    fn sums_that_outgrow_a_decimal_draw_no_ring_and_do_not_panic() {
        let held = [(AssetClass::Share, Decimal::MAX), (AssetClass::Share, Decimal::MAX)];
        assert_eq!(told(&held, None, None), None);
        assert_eq!(told(&held[..1], None, Some(Decimal::MAX)), None);
        assert_eq!(told(&[(AssetClass::Share, Decimal::MAX), (AssetClass::Fund, Decimal::MAX)], Some(0), None), None);
    }
}
