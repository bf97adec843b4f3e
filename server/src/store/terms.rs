//! Terms of the engine: each has a number and a mark, and the store remembers what had been told when it began.

use super::statement::statement;
use super::{Result, Store};
use foliostream::wire::epoch::Epoch;

const BEGIN_EPOCH: &str = "UPDATE counters SET value = CASE WHEN value < $1 THEN $1 ELSE value END + 1 \
     WHERE name = 'epoch' RETURNING value AS number";

const NOTE_TERM: &str = "INSERT INTO terms (number, mark, last_n) \
     SELECT $1, $2, coalesce(max(n), 0) FROM notifications";

/// Terms remembered: with a restart a day those of nearly three years, in some 30 KB.
const KEPT: i64 = 1_000;

/// Marks of nine digits.
const MARKS: std::ops::Range<u32> = 100_000_000..1_000_000_000;

impl Store {
    /// Begins a term, durably: its number is one above every earlier one's, the first is 1, and its mark is drawn. Every earlier
    /// engine is fenced from now on.
    pub async fn begin_term(&self) -> Result<Epoch> {
        self.begin_term_above(0).await
    }

    /// The same, but above `floor` in any case: a database that was restored from a backup has forgotten terms that others
    /// remember.
    pub async fn begin_term_above(&self, floor: u64) -> Result<Epoch> {
        let mut change = self.begin().await?;
        let floor = i64::try_from(floor).unwrap_or(i64::MAX - 1);
        let number = statement(BEGIN_EPOCH).bind(floor).number(&mut change).await?;
        let mark = rand::random_range(MARKS);
        statement(NOTE_TERM).bind(number).bind(i64::from(mark)).run(&mut change).await?;
        statement("DELETE FROM terms WHERE number <= $1").bind(number - KEPT).run(&mut change).await?;
        change.commit().await?;
        Ok(Epoch::new(number.unsigned_abs(), mark))
    }

    /// Returns whether a term is of this database's history, as far as that is remembered.
    pub async fn has_had(&self, term: Epoch) -> Result<bool> {
        let (number, mark) = words(term);
        let found = statement("SELECT number FROM terms WHERE number = $1 AND mark = $2").bind(number).bind(mark);
        Ok(found.optional(&mut self.read().await?).await?.is_some())
    }

    /// Returns up to which number notifications of this history have been told to a client that followed `term` up to `n`;
    /// nothing where that cannot be known.
    ///
    /// A client cannot have more of this history than had been told when the next term began. Where the database was put back to
    /// an earlier state within `term` or before it, that is less than `n`, and what got the numbers in between since is owed.
    pub async fn notification_seen(&self, term: Epoch, n: i64) -> Result<Option<i64>> {
        let (number, mark) = words(term);
        let mut reading = self.read().await?;
        let next = statement(
            "SELECT last_n AS number FROM terms WHERE number > $1 OR (number = $1 AND mark <> $2) ORDER BY terms.number LIMIT 1",
        );
        if let Some(next) = next.bind(number).bind(mark).optional(&mut reading).await? {
            return Ok(Some(n.min(next.get("number")?)));
        }
        let current = statement(super::settings::EPOCH).number(&mut reading).await?;
        drop(reading);
        Ok(Some(n).filter(|_| number <= current).filter(|_| n >= 0).min(Some(self.last_n().await?)))
    }

    /// Returns the newest notification of a term and of those before it; of later terms there may be more.
    pub async fn last_n_within(&self, term: Epoch) -> Result<i64> {
        let (number, _) = words(term);
        let next = statement("SELECT last_n AS number FROM terms WHERE number > $1 ORDER BY terms.number LIMIT 1").bind(number);
        // The connection goes back before another is taken: several that each held one and waited for a second would wait for ever.
        let next = next.optional(&mut self.read().await?).await?;
        match next {
            Some(next) => Ok(next.get("number")?),
            None => self.last_n().await,
        }
    }

    /// Begins a term and returns its number alone.
    #[cfg(test)]
    pub async fn begin_epoch(&self) -> Result<u64> {
        Ok(self.begin_term().await?.number())
    }
}

/// Returns a term as columns hold it.
fn words(term: Epoch) -> (i64, i64) {
    (i64::try_from(term.number()).unwrap_or(i64::MAX), i64::from(term.mark()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Kind, contract, firing, new_alert};
    use super::*;
    use crate::store::testing::at;

    async fn every_term_has_the_number_after_the_last_also_after_a_restart(kind: Kind) {
        let (place, store) = kind.store().await;
        assert_eq!(store.begin_epoch().await.unwrap(), 1);
        assert_eq!(store.begin_epoch().await.unwrap(), 2);
        store.close().await;
        let store = place.open().await;
        assert_eq!(store.begin_epoch().await.unwrap(), 3);
        assert_eq!(store.begin_term_above(2).await.unwrap().number(), 4);
        assert_eq!(store.begin_term_above(9).await.unwrap().number(), 10);
    }

    async fn terms_of_one_number_have_different_marks_and_each_history_knows_its_own(kind: Kind) {
        let (_here, here) = kind.store().await;
        let (_there, there) = kind.store().await;
        let (one, other) = (here.begin_term().await.unwrap(), there.begin_term().await.unwrap());
        assert_eq!(one.number(), other.number());
        assert_ne!(one, other);
        assert!(here.has_had(one).await.unwrap() && there.has_had(other).await.unwrap());
        assert!(!here.has_had(other).await.unwrap() && !here.has_had(Epoch::from(1)).await.unwrap());
    }

    async fn only_so_many_terms_are_remembered(kind: Kind) {
        let (_place, store) = kind.store().await;
        let first = store.begin_term().await.unwrap();
        let last = store.begin_term_above(KEPT.unsigned_abs()).await.unwrap();
        assert_eq!((store.has_had(first).await.unwrap(), store.has_had(last).await.unwrap()), (false, true));
    }

    /// A store whose terms began after 0, 2 and 3 notifications, of which there are 5.
    async fn history(kind: Kind) -> (super::super::testing::Place, Store, [Epoch; 3]) {
        let (place, store) = kind.store().await;
        let alert = store.own().create_alert(&new_alert(), at(1)).await.unwrap();
        let mut terms = Vec::new();
        let mut alert = alert;
        for firings in [2, 1, 2] {
            let term = store.begin_term().await.unwrap();
            for _ in 0..firings {
                store.record_firing(term.number(), &firing(&alert, "151"), "m").await.unwrap();
                alert = store.alert(alert.id).await.unwrap().unwrap();
            }
            terms.push(term);
        }
        assert_eq!(store.last_n().await.unwrap(), 5);
        (place, store, terms.try_into().unwrap())
    }

    async fn what_was_told_counts_as_far_as_it_is_of_this_history(kind: Kind) {
        let (_place, store, [first, second, third]) = history(kind).await;
        let other = |term: Epoch| Epoch::new(term.number(), term.mark() ^ 1);
        for (term, n, known) in [
            // Followed to a number within the term, or to its last.
            (first, 1, Some(1)),
            (first, 2, Some(2)),
            (second, 3, Some(3)),
            (third, 4, Some(4)),
            // The database was put back within the term: what followed got other numbers, and these again.
            (first, 4, Some(2)),
            (second, 9, Some(3)),
            (third, 9, Some(5)),
            // It was put back to before the term: the one of its number is another.
            (other(first), 1, Some(0)),
            (other(third), 5, Some(3)),
            // A program that drew no marks.
            (Epoch::from(2), 3, Some(2)),
            // Terms that are still to come here: nothing is known of them.
            (Epoch::new(4, 9), 5, None),
            (Epoch::from(u64::MAX), 0, None),
        ] {
            assert_eq!(store.notification_seen(term, n).await.unwrap(), known, "{term} {n}");
        }
    }

    async fn a_term_has_the_notifications_up_to_the_beginning_of_the_next(kind: Kind) {
        let (_place, store, [first, second, third]) = history(kind).await;
        for (term, last) in [(first, 2), (second, 3), (third, 5), (Epoch::from(9), 5)] {
            assert_eq!(store.last_n_within(term).await.unwrap(), last, "{term}");
        }
    }

    contract! {
        a_term_has_the_notifications_up_to_the_beginning_of_the_next,
        every_term_has_the_number_after_the_last_also_after_a_restart,
        terms_of_one_number_have_different_marks_and_each_history_knows_its_own,
        only_so_many_terms_are_remembered,
        what_was_told_counts_as_far_as_it_is_of_this_history,
    }
}
