//! What a portfolio has of a file already: by the reference of the file's program, else by its likeness.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::wire::times::utc_day;

use crate::store::NewActivity;

/// By what an entry is known that is there already: those of one kind, day, instrument and figures are taken for the same.
type Likeness = (ActivityKind, Date, Option<Ticker>, [Decimal; 3], Currency);

/// The entries of a ledger. Each is taken for one row of a file alone, so that of two equal purchases in a file and one in the ledger one
/// is new.
#[derive(Debug)]
pub(super) struct Known {
    /// Of entries that are alike, which program told each apart, where one did.
    alike: HashMap<Likeness, Vec<Option<String>>>,
    references: HashSet<String>,
    /// The references of rows that were asked about.
    seen: HashSet<String>,
}

impl Known {
    /// Returns what is known of entries, some of which have references.
    pub(super) fn new(existing: &[Activity], references: &BTreeMap<ActivityId, String>) -> Self {
        let mut alike: HashMap<Likeness, Vec<Option<String>>> = HashMap::new();
        for activity in existing {
            let program = references.get(&activity.id).map(|reference| program(reference).to_owned());
            alike.entry(likeness(activity)).or_default().push(program);
        }
        Self { alike, references: references.values().cloned().collect(), seen: HashSet::new() }
    }

    /// Returns whether a reference was imported already, or stands in an earlier row. What is like it is no other row's then.
    pub(super) fn repeats(&mut self, reference: &str, entries: &[NewActivity]) -> bool {
        if !self.references.contains(reference) {
            return !self.seen.insert(reference.to_owned());
        }
        let program = program(reference).to_owned();
        self.take(entries, |known| known.as_ref() == Some(&program));
        true
    }

    /// Returns whether entries like those of a row are there, and takes them. What the same program tells apart by its references is not alike.
    pub(super) fn has(&mut self, reference: Option<&str>, entries: &[NewActivity]) -> bool {
        let program = reference.map(|reference| program(reference).to_owned());
        self.take(entries, |known| known.is_none() || *known != program)
    }

    /// Takes an entry for each of those that are wanted, where all of them are there.
    fn take(&mut self, entries: &[NewActivity], may_be: impl Fn(&Option<String>) -> bool) -> bool {
        let mut wanted: HashMap<Likeness, usize> = HashMap::new();
        for entry in entries {
            *wanted.entry(likeness(&entry.clone().with_id(ActivityId(0)))).or_default() += 1;
        }
        let there = |like: &Likeness| self.alike.get(like).map_or(0, |known| known.iter().filter(|known| may_be(known)).count());
        if wanted.is_empty() || wanted.iter().any(|(like, count)| there(like) < *count) {
            return false;
        }
        for (like, count) in wanted {
            let known = self.alike.entry(like).or_default();
            for _ in 0..count {
                if let Some(place) = known.iter().position(&may_be) {
                    known.swap_remove(place);
                }
            }
        }
        true
    }
}

/// Returns the program that a reference is of: its first word.
fn program(reference: &str) -> &str {
    reference.split(' ').next().unwrap_or_default()
}

fn likeness(activity: &Activity) -> Likeness {
    let figures = [activity.quantity, activity.price, activity.amount].map(|figure| figure.normalize());
    (activity.kind, utc_day(activity.time), activity.ticker.clone(), figures, activity.currency)
}
