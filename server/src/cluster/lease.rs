//! The lease says which worker is the engine: one key in Redis with an expiry. It decides who may try; what fences a late one is
//! the term in the database.

use std::time::Duration;

use redis::Script;

use crate::relay::{Beat, Keys, Link, scripts};
use foliostream::wire::spoken;

/// How long the lease lives after it was last kept.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

/// The time between two renewals of the lease by its holder.
pub(crate) const KEEP_EVERY: Duration = Duration::from_secs(1);

/// How often everybody else tries to take it. With the lease's length this bounds a takeover: 3.5 s.
pub(crate) const TRY_EVERY: Duration = Duration::from_millis(500);

/// The right to be the engine, as one candidate sees it.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    keys: Keys,
    holder: String,
}

impl Lease {
    /// Makes a candidate for one term. Its name is new, so that nothing of an earlier term passes for it; it stays the same from
    /// try to try, so that a lease taken by a try that was given up is not lost for its length.
    pub(crate) fn new(keys: Keys, worker: &str) -> Self {
        Self { keys, holder: format!("{worker}/{}", uuid::Uuid::now_v7().simple()) }
    }

    /// Returns the name by which the lease knows its holder.
    pub(crate) fn holder(&self) -> &str {
        &self.holder
    }

    /// Takes the lease if no other worker has it, and returns whether this one has it now.
    pub(crate) async fn take(&self, link: &mut Link) -> redis::RedisResult<bool> {
        let taken: i64 = Script::new(scripts::TAKE)
            .key(self.keys.lease())
            .arg(&self.holder)
            .arg(milliseconds(LEASE))
            .invoke_async(link)
            .await?;
        Ok(taken == 1)
    }

    /// Keeps the lease and says so on the channel of beats; false where it was lost.
    pub(crate) async fn keep(&self, link: &mut Link, beat: &Beat) -> redis::RedisResult<bool> {
        let beat = spoken::write(beat);
        let kept: i64 = Script::new(scripts::KEEP)
            .key(self.keys.lease())
            .arg(&self.holder)
            .arg(milliseconds(LEASE))
            .arg(self.keys.beat())
            .arg(beat)
            .invoke_async(link)
            .await?;
        Ok(kept == 1)
    }

    /// Gives the lease back, so that the next engine need not wait until it expires.
    pub(crate) async fn give_back(&self, link: &mut Link) -> redis::RedisResult<()> {
        Script::new(scripts::GIVE_BACK).key(self.keys.lease()).arg(&self.holder).invoke_async::<i64>(link).await.map(|_| ())
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
