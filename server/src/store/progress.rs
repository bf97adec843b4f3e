//! How far the engine has come: which calls and entries were applied, and what was stored last.

use std::collections::{BTreeMap, BTreeSet};

use foliostream::domain::alert::AlertId;

use super::columns::read_all;
use super::records::{AppliedCall, Decided};
use super::statement::{Change, ROWS_AT_ONCE, Row, Statement, Writes, statement};
use super::value::Value;
use super::{Result, Store};

/// Calls that are remembered: twice what their Stream keeps, so that none that can be taken again is unknown.
const REMEMBERED: i64 = 20_000;

/// The name of the last entry of other programs' quotes that was applied.
const LAST_ENTRY: &str = "feed_quotes";

/// The name of what was stored last.
const STORED: &str = "stored";

const INSERT_ORDERS: &str = "INSERT INTO applied_orders (place, order_id, ticks, accepted, ignored, whole) VALUES";

const OVER_ORDERS: &str = "ON CONFLICT (order_id) DO UPDATE SET ticks = excluded.ticks, accepted = excluded.accepted, \
     ignored = excluded.ignored, whole = excluded.whole";

const SET: &str = "INSERT INTO progress (name, value) VALUES";

const OVER: &str = "ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Store {
    /// Returns the calls that were applied last, the oldest first.
    pub async fn applied_calls(&self) -> Result<Vec<AppliedCall>> {
        let rows = statement("SELECT * FROM applied_orders ORDER BY place").all(&mut self.read().await?).await?;
        read_all(&rows, order_row)
    }

    /// Returns the last entry of other programs' quotes that was applied, if there was one.
    pub async fn last_entry(&self) -> Result<Option<String>> {
        let found = statement("SELECT value FROM progress WHERE name = $1").bind(LAST_ENTRY);
        Ok(found.optional(&mut self.read().await?).await?.map(|row| row.get("value")).transpose()?)
    }
}

/// Notes calls as applied, and forgets the oldest.
pub(super) async fn write_orders(change: &mut Change, calls: &[AppliedCall]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let last = statement("SELECT coalesce(max(place), 0) AS number FROM applied_orders").number(&mut *change).await?;
    // One statement may not meet the same row twice.
    let newest: BTreeMap<_, _> = calls.iter().map(|call| (call.call_id.as_str(), call)).collect();
    let mut place = last;
    let newest: Vec<_> = newest.into_values().collect();
    for some in newest.chunks(ROWS_AT_ONCE) {
        let rows: Vec<Vec<Value>> = some
            .iter()
            .map(|call| {
                place += 1;
                order_values(place, call)
            })
            .collect();
        Statement::of_rows(INSERT_ORDERS, 6, rows, OVER_ORDERS).run(&mut *change).await?;
    }
    let forget = statement("DELETE FROM applied_orders WHERE place <= $1").bind(place - REMEMBERED);
    forget.run(change).await.map(drop)
}

fn order_values(place: i64, call: &AppliedCall) -> Vec<Value> {
    let count = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    let (ticks, accepted, ignored) = (count(call.ticks), count(call.accepted), count(call.ignored));
    vec![place.into(), call.call_id.as_str().into(), ticks, accepted, ignored, call.whole.into()]
}

fn order_row(row: &Row) -> std::result::Result<AppliedCall, sqlx::Error> {
    let count = |column| row.get::<i64>(column).map(|count| usize::try_from(count).unwrap_or_default());
    Ok(AppliedCall {
        call_id: row.get("order_id")?,
        ticks: count("ticks")?,
        accepted: count("accepted")?,
        ignored: count("ignored")?,
        whole: row.get("whole")?,
    })
}

/// The last term of a database, and the number of what was stored last in it; 0 where nothing was.
pub(super) struct LastStored {
    pub epoch: u64,
    pub mark: u32,
    pub number: u64,
    last_n: i64,
}

impl LastStored {
    /// Returns the same with what is stored under another number.
    pub(super) fn with_number(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// Notes it as stored, without a record that could be answered again.
    pub(super) fn write(&self, writes: &mut Writes) {
        let decided = Decided { number: self.number, ..Decided::default() };
        Stored { last_n: self.last_n, refused: BTreeSet::new() }.write(writes, self.epoch, &decided);
    }
}

/// Returns what was stored last.
pub(super) async fn last_stored(change: &mut Change) -> Result<LastStored> {
    let term = statement("SELECT number, mark FROM terms ORDER BY number DESC LIMIT 1").optional(&mut *change).await?;
    let (epoch, mark) = match term {
        Some(row) => (row.get::<i64>("number")?.unsigned_abs(), u32::try_from(row.get::<i64>("mark")?).unwrap_or_default()),
        None => (0, 0),
    };
    let stored = statement("SELECT value FROM progress WHERE name = $1").bind(STORED).optional(&mut *change).await?;
    let stored: Option<String> = stored.map(|row| row.get("value")).transpose()?;
    let number = stored.and_then(|text| Stored::number(&text, epoch)).unwrap_or_default();
    let last_n = statement("SELECT coalesce(max(n), 0) AS number FROM notifications").number(change).await?;
    Ok(LastStored { epoch, mark, number, last_n })
}

/// What was stored last under a number, kept so that it can be answered a second time: the engine repeats a write whose answer
/// was lost, and must get the same answer without storing anything twice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The newest notification before it.
    pub last_n: i64,
    /// Alerts whose records were refused.
    pub refused: BTreeSet<AlertId>,
}

impl Stored {
    /// Reads what was stored last, where it is what was stored under a number of an epoch; 0 is no number.
    pub(crate) fn parse(text: &str, epoch: u64, number: u64) -> Option<Self> {
        if number == 0 {
            return None;
        }
        let rest = text.strip_prefix(&format!("{epoch} {number} "))?;
        let (last_n, refused) = rest.split_once(' ')?;
        let refused = refused.split(',').filter_map(|id| id.parse().ok().map(AlertId)).collect();
        Some(Self { last_n: last_n.parse().ok()?, refused })
    }

    /// Returns the number under which it was stored, where that was in an epoch.
    fn number(text: &str, epoch: u64) -> Option<u64> {
        text.strip_prefix(&format!("{epoch} "))?.split(' ').next()?.parse().ok()
    }

    fn text(&self, epoch: u64, number: u64) -> String {
        let refused: Vec<String> = self.refused.iter().map(|id| id.0.to_string()).collect();
        format!("{epoch} {number} {} {}", self.last_n, refused.join(","))
    }

    /// Notes that this was stored, and how far the engine has come with it.
    pub(crate) fn write(&self, writes: &mut Writes, epoch: u64, decided: &Decided) {
        let mut rows: Vec<Vec<Value>> = Vec::new();
        if decided.number > 0 {
            rows.push(vec![STORED.into(), self.text(epoch, decided.number).into()]);
        }
        if let Some(entry) = &decided.last_entry {
            rows.push(vec![LAST_ENTRY.into(), entry.as_str().into()]);
        }
        if !rows.is_empty() {
            writes.push(Statement::of_rows(SET, 2, rows, OVER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{EPOCH, Kind, change, contract};
    use super::*;

    fn call(name: &str, ticks: usize, whole: bool) -> AppliedCall {
        AppliedCall { call_id: name.to_owned(), ticks, accepted: ticks, ignored: 0, whole }
    }

    async fn note(store: &Store, calls: Vec<AppliedCall>) {
        store.store_decided(EPOCH, &Decided { calls, ..Decided::default() }).await.unwrap();
    }

    async fn an_order_is_known_by_how_much_of_it_was_applied_last(kind: Kind) {
        let (place, store) = kind.store().await;
        assert_eq!((store.applied_calls().await.unwrap(), store.last_entry().await.unwrap()), (vec![], None));
        note(&store, vec![call("a", 1, false), call("a", 2, false)]).await;
        note(&store, vec![call("b", 5, true)]).await;
        note(&store, vec![call("a", 3, true)]).await;
        store.close().await;
        assert_eq!(place.open().await.applied_calls().await.unwrap(), [call("a", 3, true), call("b", 5, true)]);
    }

    async fn the_oldest_orders_are_forgotten(kind: Kind) {
        let (_place, store) = kind.store().await;
        note(&store, vec![call("a", 1, true), call("b", 1, true)]).await;
        change(&store, statement("UPDATE applied_orders SET place = place + 20000 WHERE order_id = 'b'")).await;
        note(&store, vec![call("c", 1, true)]).await;
        assert_eq!(store.applied_calls().await.unwrap(), [call("b", 1, true), call("c", 1, true)]);
    }

    #[test]
    fn what_was_stored_reads_back() {
        for refused in [vec![], vec![3, 9]] {
            let stored = Stored { last_n: 12, refused: refused.into_iter().map(AlertId).collect() };
            let text = stored.text(4, 7);
            assert_eq!(Stored::parse(&text, 4, 7), Some(stored));
            assert_eq!((Stored::parse(&text, 4, 8), Stored::parse(&text, 5, 7), Stored::parse("", 4, 7)), (None, None, None));
        }
    }

    contract! {
        an_order_is_known_by_how_much_of_it_was_applied_last,
        the_oldest_orders_are_forgotten,
    }
}
