//! Several transactions that are picked: counted, summed, deleted with one question and brought back with one press.

use std::collections::BTreeSet;

use crate::app::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use rust_decimal::Decimal;

use super::undo::bring_back;
use crate::api::DeleteActivity;
use crate::app::components::field::Confirm;
use crate::app::reactive::memo;
use crate::app::said::{Said, Undo};
use crate::domain::money::Currency;
use crate::live::{Live, expect_live, source};
use crate::wire::views::{ActivityView, LedgerEntryView};
use crate::words::figures;

/// A transaction that may be picked, with what it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    activity: ActivityView,
    net: Option<Decimal>,
}

/// Which transactions of a page are picked.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    /// Every transaction of the page, in the order in which they stand.
    all: StoredValue<Vec<Entry>>,
    /// The places of those that are picked.
    picked: RwSignal<BTreeSet<usize>>,
    /// The place that was picked last: a press with Shift picks everything up to it.
    last: StoredValue<Option<usize>>,
    /// Whether a phone shows what picks, which it does from the first long press on.
    is_on: RwSignal<bool>,
}

impl Selection {
    /// Puts an empty one into the context of a list.
    pub(crate) fn provide(entries: &[LedgerEntryView]) -> Self {
        let all = entries.iter().map(|entry| Entry { activity: entry.activity.clone(), net: entry.net }).collect();
        let selection = Self {
            all: StoredValue::new(all),
            picked: RwSignal::new(BTreeSet::new()),
            last: StoredValue::new(None),
            is_on: RwSignal::new(false),
        };
        provide_context(selection);
        selection
    }

    /// Returns the one of the list.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Returns whether anything is picked, or is about to be.
    pub(crate) fn is_on(self) -> Memo<bool> {
        memo(move || self.is_on.get() || self.picked.with(|picked| !picked.is_empty()))
    }

    fn place(self, id: &str) -> Option<usize> {
        self.all.with_value(|all| all.iter().position(|entry| entry.activity.activity_id == id))
    }

    /// Follows whether a transaction is picked.
    pub(crate) fn is_picked(self, id: &str) -> Memo<bool> {
        let place = self.place(id);
        memo(move || place.is_some_and(|place| self.picked.with(|picked| picked.contains(&place))))
    }

    /// Picks a transaction, or drops it where it was picked; with `up_to_last` everything between it and the one before as well.
    pub(crate) fn toggle(self, id: &str, up_to_last: bool) {
        let Some(place) = self.place(id) else { return };
        let last = self.last.get_value().filter(|_| up_to_last);
        self.picked.update(|picked| match last {
            Some(last) => picked.extend(place.min(last)..=place.max(last)),
            None => {
                if !picked.remove(&place) {
                    picked.insert(place);
                }
            }
        });
        self.last.set_value(Some(place));
    }

    /// Begins to pick by touch, with this one.
    pub(crate) fn begin(self, id: &str) {
        self.is_on.set(true);
        self.toggle(id, false);
    }

    /// Picks nothing any more.
    pub(crate) fn clear(self) {
        self.is_on.set(false);
        self.last.set_value(None);
        self.picked.update(BTreeSet::clear);
    }

    fn entries(self) -> Vec<Entry> {
        self.picked.with(|picked| self.all.with_value(|all| picked.iter().filter_map(|place| all.get(*place).cloned()).collect()))
    }
}

/// The bar that stands at the foot of the page while something is picked.
#[component]
pub(crate) fn SelectionBar(
    /// What is picked.
    selection: Selection,
    /// The portfolio's currency.
    currency: Currency,
) -> impl IntoView {
    let live = expect_live();
    let said = Said::expect();
    let entries = memo(move || selection.entries());
    let count = move || words().selected_count(entries.with(Vec::len) as u64);
    let net = move || {
        let sum = entries.with(|entries| entries.iter().try_fold(Decimal::ZERO, |sum, entry| sum.checked_add(entry.net?)));
        let written = |net: Decimal| {
            [figures::symbol(currency).as_str(), "\u{a0}", &words().signed_price(net, currency.decimals())].concat()
        };
        sum.map_or_else(|| figures::UNKNOWN.to_owned(), written)
    };
    let question = Signal::derive(move || words().delete_selected_question(entries.with(Vec::len) as u64));
    view! {
        <div class="selection-bar" role="region" aria-label=words().selection() hidden=move || !selection.is_on().get()>
            <p role="status"><b>{move || count()}</b>" "<span class="muted">{words().sum_net()}" "</span><span class="priv strong">{move || net()}</span></p>
            <button class="subtle" type="button" on:click=move |_| selection.clear()>{words().clear_selection()}</button>
            <div class="slot" hidden=move || entries.with(Vec::is_empty)>
                <Confirm label=words().delete() question=words().delete_selection_question()>
                    <button class="danger" type="button" on:click=move |_| delete(live, said, selection, entries.get_untracked())>{move || question.get()}</button>
                </Confirm>
            </div>
        </div>
    }
}

/// Deletes one after the other, and says how many; all of them come back with one press.
fn delete(live: Live, said: Said, selection: Selection, entries: Vec<Entry>) {
    source::close_menus();
    let portfolio = live.portfolio_id().get_untracked().unwrap_or_default();
    spawn_local(async move {
        let mut undo = Vec::with_capacity(entries.len());
        let mut refusal = None;
        for Entry { activity, .. } in &entries {
            let revision = activity.revision.to_string();
            let fields = [("portfolio", portfolio.as_str()), ("activity", &activity.activity_id), ("revision", &revision)];
            match source::post_in_place(DeleteActivity::PATH, source::written_fields(&fields)).await {
                Ok(_) => undo.push(bring_back(&portfolio, activity)),
                Err(error) => {
                    refusal = Some(error.message);
                    break;
                }
            }
        }
        let deleted = words().said_many_deleted(undo.len() as u64);
        let told = refusal.map_or(deleted.clone(), |refusal| [deleted.as_str(), ". ", &refusal].concat());
        let undo = (!undo.is_empty()).then(|| Undo::all(undo));
        said.say(told, undo);
        selection.clear();
        live.outdate_portfolio();
        source::focus("transactions");
    });
}
