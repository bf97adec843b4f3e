//! Requests that create something at most once: their keys and the answers they got. A key is stored in the transaction that
//! creates, so that of two requests with one key one creates and the other gets its answer.

use jiff::{SignedDuration, Timestamp};

use foliostream::domain::user::UserId;

use super::columns::micros;
use super::error::StoreError;
use super::records::Earlier;
use super::statement::{Change, Connection, statement};
use super::{Personal, Result};

/// How long a key is kept: longer than any client tries again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key its sender chose.
    pub key: String,
    /// What it asks for, as a sum: the same request has the same.
    pub asked: String,
    /// The time at which the request came.
    pub now: Timestamp,
}

/// A request with a key, and how its answer reads once it is known what was created.
pub struct Answering<'a, T: ?Sized> {
    /// The request and its key.
    pub once: &'a Once,
    /// Writes the answer to what was created.
    pub answer: &'a (dyn Fn(&T) -> String + Send + Sync),
}

impl Personal<'_> {
    /// Returns what an earlier request with the same key got, if there was one within a day.
    pub async fn earlier(&self, once: &Once) -> Result<Option<Earlier>> {
        find(self.owner, once, Connection::from(&mut self.store.read().await?)).await
    }
}

/// Refuses a request whose key was used, with what the first one got.
pub(super) async fn refuse_repeated<T: ?Sized>(
    change: &mut Change,
    owner: &UserId,
    answering: Option<&Answering<'_, T>>,
) -> Result<()> {
    let Some(Answering { once, .. }) = answering else { return Ok(()) };
    match find(owner, once, Connection::from(change)).await? {
        Some(earlier) => Err(StoreError::Repeated(Box::new(earlier))),
        None => Ok(()),
    }
}

/// Keeps the answer of a request that creates, and drops those that are too old.
pub(super) async fn keep<T: ?Sized>(
    change: &mut Change,
    owner: &UserId,
    answering: Option<&Answering<'_, T>>,
    created: &T,
) -> Result<()> {
    let Some(Answering { once, answer }) = answering else { return Ok(()) };
    let drop_old = statement("DELETE FROM idempotency_keys WHERE created_at_us <= $1").bind(micros(too_old(once.now)));
    drop_old.run(&mut *change).await?;
    let keep = statement("INSERT INTO idempotency_keys (owner, key, asked, answer, created_at_us) VALUES ($1, $2, $3, $4, $5)");
    let keep =
        keep.bind(owner.as_str()).bind(once.key.as_str()).bind(once.asked.as_str()).bind(answer(created)).bind(micros(once.now));
    keep.run(change).await.map(drop)
}

async fn find(owner: &UserId, once: &Once, on: Connection<'_>) -> Result<Option<Earlier>> {
    let query = statement("SELECT asked, answer FROM idempotency_keys WHERE key = $1 AND created_at_us > $2 AND owner = $3");
    let row = query.bind(once.key.as_str()).bind(micros(too_old(once.now))).bind(owner.as_str()).optional(on).await?;
    let read = |row: super::statement::Row| -> std::result::Result<Earlier, sqlx::Error> {
        Ok(Earlier { asked: row.get("asked")?, answer: row.get("answer")? })
    };
    Ok(row.map(read).transpose()?)
}

fn too_old(now: Timestamp) -> Timestamp {
    now.checked_sub(KEPT).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Kind, at, buy, contract, new_alert, new_portfolio};
    use super::*;
    use crate::store::PortfolioRow;
    use foliostream::domain::activity::ActivityId;
    use foliostream::domain::alert::Alert;
    use foliostream::domain::money::Currency;

    fn once(key: &str, second: i64) -> Once {
        Once { key: key.to_owned(), asked: "asked".to_owned(), now: at(second) }
    }

    async fn a_repeated_request_creates_nothing_and_gets_the_first_answer(kind: Kind) {
        let (_place, store) = kind.store().await;
        let (first, second, third) = (once("a", 0), once("b", 0), once("c", 0));
        let named = |row: &PortfolioRow| row.portfolio_id.clone();
        let portfolio = || Answering { once: &first, answer: &named };
        let numbered = |ids: &[ActivityId]| format!("{ids:?}");
        let activity = || Answering { once: &second, answer: &numbered };
        let told = |alert: &Alert| alert.id.0.to_string();
        let alert = || Answering { once: &third, answer: &told };
        let mut answers = Vec::new();
        for name in ["main", "other"] {
            let refused = store
                .own()
                .create_portfolio(&new_portfolio(name, "A", Currency::EUR, None, at(0)), Some(portfolio()))
                .await
                .err();
            answers.push(refused.map(|error| error.to_string()));
            let refused = store.own().add_activities_once("main", 1, &[buy("1", "2", 0)], at(0), Some(activity())).await.err();
            answers.push(refused.map(|error| error.to_string()));
            let refused = store.own().create_alert_once(&new_alert(), at(0), Some(alert())).await.err();
            answers.push(refused.map(|error| error.to_string()));
        }
        assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 3, "{answers:?}");
        assert!(answers[..3].iter().all(Option::is_none), "{answers:?}");
        assert_eq!((store.own().portfolios().await.unwrap().len(), store.own().alerts().await.unwrap().len()), (1, 1));
        assert_eq!(store.activities("main").await.unwrap().len(), 1);
        let earlier = |once: Once| async move { store.own().earlier(&once).await.unwrap().map(|earlier| earlier.answer) };
        assert_eq!(earlier(once("a", 5)).await.as_deref(), Some("main"));
    }

    async fn a_refused_request_leaves_its_key_unused(kind: Kind) {
        let (_place, store) = kind.store().await;
        let first = once("a", 0);
        let answer = |ids: &[ActivityId]| format!("{ids:?}");
        let answering = Some(Answering { once: &first, answer: &answer });
        assert!(store.own().add_activities_once("none", 1, &[buy("1", "2", 0)], at(0), answering).await.is_err());
        assert_eq!(store.own().earlier(&first).await.unwrap(), None);
    }

    async fn a_key_is_free_again_after_a_day(kind: Kind) {
        let (_place, store) = kind.store().await;
        let day = 24 * 60 * 60;
        let told = |alert: &Alert| alert.id.0.to_string();
        for second in [0, day] {
            let again = once("a", second);
            let answering = Answering { once: &again, answer: &told };
            store.own().create_alert_once(&new_alert(), at(0), Some(answering)).await.unwrap();
        }
        assert!(store.own().earlier(&once("a", 2 * day - 1)).await.unwrap().is_some());
        assert_eq!(store.own().alerts().await.unwrap().len(), 2);
    }

    async fn of_two_requests_with_one_key_at_once_one_creates(kind: Kind) {
        let (_place, store) = kind.store().await;
        let mut creating = Vec::new();
        for _ in 0..4 {
            let store = store.clone();
            creating.push(tokio::spawn(async move {
                let first = once("a", 0);
                let told = |alert: &Alert| alert.id.0.to_string();
                store.own().create_alert_once(&new_alert(), at(0), Some(Answering { once: &first, answer: &told })).await.is_ok()
            }));
        }
        let mut created = 0;
        for creates in creating {
            created += usize::from(creates.await.unwrap());
        }
        assert_eq!((created, store.own().alerts().await.unwrap().len()), (1, 1));
    }

    contract! {
        a_repeated_request_creates_nothing_and_gets_the_first_answer,
        a_refused_request_leaves_its_key_unused,
        a_key_is_free_again_after_a_day,
        of_two_requests_with_one_key_at_once_one_creates,
    }
}
