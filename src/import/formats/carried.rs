//! Rows that can be read by those before them alone: a split that is told by the units it added, and units that leave for others and give
//! them their cost.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::domain::activity::ActivityKind;
use crate::domain::money::Currency;
use crate::import::dates::When;
use crate::import::entry::{Entry, Fate, Named, Row};
use crate::import::faults::Fault;

/// What a row says before the rows before it are known.
#[derive(Clone, Debug)]
pub enum Step {
    /// All of it.
    Fate(Fate),
    /// A split by the units that came with it, which are the entry's quantity.
    Added(Entry),
    /// Units that leave or, if `arrives`, come for those that left in the same group.
    Exchanged {
        /// The units and their instrument.
        entry: Entry,
        /// What the rows of one exchange have alike.
        group: String,
        /// Whether they come.
        arrives: bool,
    },
}

impl From<Result<Fate, Fault>> for Step {
    fn from(read: Result<Fate, Fault>) -> Self {
        Self::Fate(read.unwrap_or_else(Fate::Refused))
    }
}

impl Step {
    fn when(&self) -> Option<When> {
        match self {
            Self::Fate(Fate::Entries(entries)) => entries.first().map(|entry| entry.when),
            Self::Fate(_) => None,
            Self::Added(entry) | Self::Exchanged { entry, .. } => Some(entry.when),
        }
    }

    /// Of one day, what happens to all units of an instrument comes before they are traded.
    fn rank(&self) -> u8 {
        u8::from(matches!(self, Self::Fate(_)))
    }
}

/// Returns what becomes of rows, which stand in the order of the file, be it the newest or the oldest first.
pub fn rows(steps: Vec<(usize, Step)>) -> Vec<Row> {
    let order = in_order(&steps);
    let groups = groups(&steps);
    let mut held = Holdings::default();
    let mut fates: Vec<Option<Fate>> = vec![None; steps.len()];
    for at in order {
        if fates.get(at).is_some_and(Option::is_some) {
            continue;
        }
        for (place, fate) in fates_of(at, &steps, &groups, &held) {
            held.apply(&fate);
            if let Some(known) = fates.get_mut(place) {
                *known = Some(fate);
            }
        }
    }
    let row =
        |((line, _), fate): ((usize, Step), Option<Fate>)| Row { line, fate: fate.unwrap_or(Fate::Refused(Fault::Unpaired)) };
    steps.into_iter().zip(fates).map(row).collect()
}

/// Returns the places of steps in the order of time.
fn in_order(steps: &[(usize, Step)]) -> Vec<usize> {
    let times: Vec<_> = steps.iter().filter_map(|(_, step)| step.when()).map(|when| when.time).collect();
    let newest_first = times.first() > times.last();
    let mut order: Vec<usize> = (0..steps.len()).collect();
    if newest_first {
        order.reverse();
    }
    let key = |at: &usize| steps.get(*at).map(|(_, step)| (step.when().map(|when| when.time), step.rank()));
    order.sort_by_key(key);
    order
}

/// Returns where the rows of every exchange stand.
fn groups(steps: &[(usize, Step)]) -> BTreeMap<String, Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, (_, step)) in steps.iter().enumerate() {
        if let Step::Exchanged { group, .. } = step {
            groups.entry(group.clone()).or_default().push(place);
        }
    }
    groups
}

fn fates_of(at: usize, steps: &[(usize, Step)], groups: &BTreeMap<String, Vec<usize>>, held: &Holdings) -> Vec<(usize, Fate)> {
    match steps.get(at).map(|(_, step)| step) {
        None => Vec::new(),
        Some(Step::Fate(fate)) => vec![(at, fate.clone())],
        Some(Step::Added(entry)) => vec![(at, split(entry, held).map_or(Fate::Refused(Fault::Unpaired), Fate::from))],
        Some(Step::Exchanged { group, .. }) => exchange(groups.get(group).map_or(&[], Vec::as_slice), steps, held),
    }
}

/// Returns the split by which the units that are held became those with the ones that were added.
fn split(added: &Entry, held: &Holdings) -> Option<Entry> {
    let before = held.units(added.instrument.as_ref()?);
    let ratio = before.checked_add(added.quantity)?.checked_div(before)?;
    // Where rows before it are missing, what is held is not what was split: companies split by small numbers.
    let is_small = |parts: i64| ratio.checked_mul(parts.into()).is_some_and(|units| units.is_integer());
    let is_plausible = ratio > Decimal::ONE && (1..=4).any(is_small);
    is_plausible.then(|| Entry { kind: ActivityKind::Split, quantity: ratio.normalize(), ..added.clone() })
}

/// Returns the sale of what left and the purchase of what came, both for what it had cost.
fn exchange(places: &[usize], steps: &[(usize, Step)], held: &Holdings) -> Vec<(usize, Fate)> {
    let mut all = Vec::new();
    for place in places {
        if let Some((_, Step::Exchanged { entry, arrives, .. })) = steps.get(*place) {
            all.push((*place, entry, *arrives));
        }
    }
    let priced = |entry: &Entry, kind: ActivityKind, cost: Decimal, currency: Option<Currency>| {
        let price = cost.checked_div(entry.quantity)?.round_dp(10).normalize();
        Some(Fate::from(Entry { kind, price, currency, ..entry.clone() }))
    };
    let pair = match all[..] {
        [(one, leaving, false), (other, coming, true)] | [(other, coming, true), (one, leaving, false)] => {
            held.cost_of(leaving).and_then(|(cost, currency)| {
                let sale = priced(leaving, ActivityKind::Sell, cost, currency)?;
                Some(vec![(one, sale), (other, priced(coming, ActivityKind::Buy, cost, currency)?)])
            })
        }
        _ => None,
    };
    pair.unwrap_or_else(|| all.iter().map(|(place, ..)| (*place, Fate::Refused(Fault::Unpaired))).collect())
}

/// What rows say is held, and what it cost on average.
#[derive(Debug, Default)]
struct Holdings {
    held: BTreeMap<String, Held>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    units: Decimal,
    cost: Decimal,
    currency: Option<Currency>,
}

fn key(named: &Named) -> String {
    let isin = || named.isin.as_ref().map(ToString::to_string);
    named.symbol.clone().or_else(isin).or_else(|| named.name.clone()).unwrap_or_default()
}

impl Holdings {
    fn units(&self, named: &Named) -> Decimal {
        self.held.get(&key(named)).map_or(Decimal::ZERO, |held| held.units)
    }

    /// Returns what the units of an entry had cost; nothing where fewer are held.
    fn cost_of(&self, leaving: &Entry) -> Option<(Decimal, Option<Currency>)> {
        let held = self.held.get(&key(leaving.instrument.as_ref()?))?;
        let is_enough = leaving.quantity > Decimal::ZERO && leaving.quantity <= held.units;
        let cost = held.cost.checked_mul(leaving.quantity)?.checked_div(held.units)?;
        is_enough.then_some((cost, held.currency))
    }

    fn apply(&mut self, fate: &Fate) {
        let Fate::Entries(entries) = fate else { return };
        for entry in entries {
            let Some(key) = entry.instrument.as_ref().map(key) else { continue };
            // What cannot be added up is not known any more.
            match self.held.get(&key).copied().unwrap_or_default().after(entry) {
                Some(held) => self.held.insert(key, held),
                None => self.held.remove(&key),
            };
        }
    }
}

impl Held {
    fn after(self, entry: &Entry) -> Option<Self> {
        match entry.kind {
            ActivityKind::Buy if self.units.is_zero() || self.currency == entry.currency => {
                let paid = entry.quantity.checked_mul(entry.price)?.checked_add(entry.fee)?.checked_add(entry.tax)?;
                Some(Self {
                    units: self.units.checked_add(entry.quantity)?,
                    cost: self.cost.checked_add(paid)?,
                    currency: entry.currency,
                })
            }
            ActivityKind::Buy => None,
            ActivityKind::Sell => {
                let units = self.units.checked_sub(entry.quantity)?;
                let cost =
                    if self.units.is_zero() { self.cost } else { self.cost.checked_mul(units)?.checked_div(self.units)? };
                Some(Self { units, cost, ..self })
            }
            ActivityKind::Split => Some(Self { units: self.units.checked_mul(entry.quantity)?, ..self }),
            _ => Some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::import::dates::{DateForm, when};
    use crate::import::testing::decimal;

    fn entry(day: &str, symbol: &str, kind: ActivityKind, quantity: &str, price: &str) -> Entry {
        Entry {
            instrument: Named::symbol(symbol),
            quantity: decimal(quantity),
            price: decimal(price),
            ..Entry::new(kind, when(day, DateForm::YearFirst, &TimeZone::UTC).unwrap())
        }
    }

    fn bought(day: &str, symbol: &str, quantity: &str, price: &str) -> Step {
        Step::Fate(entry(day, symbol, ActivityKind::Buy, quantity, price).into())
    }

    fn exchanged(day: &str, symbol: &str, quantity: &str, arrives: bool) -> Step {
        let entry = entry(day, symbol, ActivityKind::Buy, quantity, "0");
        Step::Exchanged { entry, group: day.to_owned(), arrives }
    }

    fn read(steps: Vec<Step>) -> Vec<Result<(ActivityKind, String, String), Fault>> {
        let rows = rows(steps.into_iter().enumerate().collect());
        let figures = |row: Row| match row.fate {
            Fate::Entries(all) => Ok((all[0].kind, all[0].quantity.to_string(), all[0].price.to_string())),
            Fate::Refused(fault) => Err(fault),
            Fate::Skipped(skip) => panic!("{skip:?}"),
        };
        rows.into_iter().map(figures).collect()
    }

    #[test]
    fn units_that_were_added_are_a_split_of_what_was_held_before() {
        let added = |quantity: &str| Step::Added(entry("2024-03-01", "A", ActivityKind::Split, quantity, "0"));
        let newest_first = vec![bought("2024-03-01", "A", "5", "1"), added("6"), bought("2024-01-01", "A", "4", "10")];
        assert_eq!(read(newest_first)[1], Ok((ActivityKind::Split, "2.5".to_owned(), "0".to_owned())));
        assert_eq!(read(vec![added("6")])[0], Err(Fault::Unpaired));
        assert_eq!(read(vec![bought("2024-01-01", "A", "7", "10"), added("3")])[1], Err(Fault::Unpaired), "no small numbers");
    }

    #[test]
    fn what_comes_for_units_that_leave_costs_what_they_did() {
        let steps = vec![
            bought("2024-01-01", "OLD", "6", "10"),
            bought("2024-01-02", "OLD", "4", "15"),
            exchanged("2024-02-01", "OLD", "10", false),
            exchanged("2024-02-01", "NEW", "5", true),
        ];
        let sold = Ok((ActivityKind::Sell, "10".to_owned(), "12".to_owned()));
        assert_eq!(read(steps)[2..], [sold, Ok((ActivityKind::Buy, "5".to_owned(), "24".to_owned()))]);
    }

    #[test]
    fn an_exchange_whose_cost_is_not_known_is_refused() {
        let alone = vec![exchanged("2024-02-01", "OLD", "10", false)];
        let unknown = vec![exchanged("2024-02-01", "OLD", "10", false), exchanged("2024-02-01", "NEW", "5", true)];
        assert_eq!(read(alone), [Err(Fault::Unpaired)]);
        assert_eq!(read(unknown), [Err(Fault::Unpaired), Err(Fault::Unpaired)]);
    }
}
