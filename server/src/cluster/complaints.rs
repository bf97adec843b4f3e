//! What keeps the engine from taking what others bring, said where it is seen.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::relay::{Address, Cause, Inbox, Keys, Nature, Part, Reconnecting};

use super::intake::Intake;

/// How often the end of `feed:quotes` is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The greatest id a Stream can have: behind it Redis gives none.
const GREATEST: &str = "18446744073709551615-18446744073709551615";

impl Intake {
    /// Notes why a Stream cannot be taken from, with the key that is of the wrong kind.
    pub(super) async fn complain(&self, part: Part, error: &redis::RedisError) {
        // The connection it failed on may be gone.
        let mut link = self.address.connect().await.ok();
        self.inbox.troubles.note(part, Cause::of(error).with_key(&self.keys, link.as_mut()).await);
    }
}

/// Says where other programs can add nothing to `feed:quotes` any more, until the term is over.
pub(crate) async fn watch_quotes(address: Address, keys: Keys, inbox: Arc<Inbox>, term: CancellationToken) {
    let redis = Reconnecting::new(address);
    loop {
        tokio::select! {
            biased;
            () = term.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let newest = newest_id(&redis, &keys).await;
        match redis.heard(newest, "feed:quotes could not be looked at") {
            Some(Some(id)) if id == GREATEST => {
                let key = keys.feed_quotes();
                let text =
                    format!("{key} has an entry with the greatest possible id, so that nothing can be added: delete the key");
                inbox.troubles.note(Part::Quotes, Cause { nature: Nature::Standing, text });
            }
            Some(_) => inbox.troubles.clear(Part::Quotes),
            // Why it cannot be looked at is said where it cannot be read.
            None => {}
        }
    }
    inbox.troubles.clear(Part::Quotes);
}

async fn newest_id(redis: &Reconnecting, keys: &Keys) -> redis::RedisResult<Option<String>> {
    let mut link = redis.connected().await?;
    let mut range = redis::cmd("XREVRANGE");
    range.arg(keys.feed_quotes()).arg("+").arg("-").arg("COUNT").arg(1);
    let newest: Vec<(String, redis::Value)> = range.query_async(&mut link).await?;
    Ok(newest.into_iter().next().map(|(id, _)| id))
}
