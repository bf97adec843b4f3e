//! Beside peers of other versions, and after what no program of ours would leave in Redis.

use super::*;

/// An engine of another program, which writes to Redis what it is told.
struct Peer<'a>(&'a Redis);

impl Peer<'_> {
    /// Says how far it has come, as the release that drew no marks did.
    fn set_head(&self, epoch: u64, seq: u64) {
        self.0.run(&["HSET", "{test}:head", "epoch", &epoch.to_string(), "seq", &seq.to_string()]);
    }

    fn log(&self, epoch: u64, seq: u64, text: &str) {
        self.0.run(&["XADD", "{test}:log", &format!("{epoch}-{seq}"), "envelope", text]);
    }

    fn publish(&self, text: &str) {
        self.0.run(&["PUBLISH", "{test}:sse:prices", text]);
    }

    fn beat(&self, text: &str) {
        self.0.run(&["PUBLISH", "{test}:beat", text]);
    }
}

/// An envelope as the release before wrote it: no version, no mark.
fn released(epoch: u64, seq: u64) -> String {
    serde_json::to_string(&envelope(Epoch::from(epoch), seq)).unwrap()
}

/// An envelope of an event that this program does not know.
fn unknown(epoch: u64, seq: u64) -> String {
    let at = "2026-11-25T00:00:00.000Z";
    format!(r#"{{"epoch":{epoch},"seq":{seq},"at":"{at}","event":{{"type":"message_posted","text":["a",{{}}]}}}}"#)
}

/// How often Redis ran a command.
fn calls(redis: &Redis, command: &str) -> u64 {
    let statistics = redis.run(&["INFO", "commandstats"]);
    let line = statistics.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")).map(str::to_owned));
    line.and_then(|line| line.split(',').next()?.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn an_engine_of_the_release_before_is_followed_by_channel_log_and_snapshot() {
    let redis = Redis::start();
    let peer = Peer(&redis);
    peer.log(3, 1, &released(3, 1));
    peer.set_head(3, 1);
    let (_following, board) = follower(&redis).await;
    within("the snapshot", board.reach(3.into(), 1)).await;
    peer.log(3, 2, &released(3, 2));
    peer.set_head(3, 2);
    peer.publish(&released(3, 2));
    within("the channel", board.reach(3.into(), 2)).await;
    peer.log(3, 3, &released(3, 3));
    peer.log(3, 4, &released(3, 4));
    peer.set_head(3, 4);
    peer.beat(r#"{"worker":"old","epoch":3,"seq":4}"#);
    within("the log", board.reach(3.into(), 4)).await;
    assert_eq!((board.epoch(), price(&board).as_deref()), (Epoch::from(3), Some("4")));
    // An upgraded engine takes over, and the one before takes over from it: neither is taken for the other.
    let (address, _) = place(&redis);
    let (lease, publisher, _term) = term(&redis).await;
    publisher.publish(vec![envelope(Epoch::new(4, 9), 1)]);
    within("the new engine", board.reach(Epoch::new(4, 9), 1)).await;
    lease.give_back(&mut address.connect().await.unwrap()).await.unwrap();
    redis.run(&["DEL", "{test}:log", "{test}:quotes"]);
    peer.log(5, 1, &released(5, 1));
    peer.set_head(5, 1);
    peer.beat(r#"{"worker":"old","epoch":5,"seq":1}"#);
    within("the old engine", board.reach(5.into(), 1)).await;
    assert_eq!(board.epoch(), Epoch::from(5));
}

#[tokio::test]
async fn an_unknown_event_is_a_number_without_effect_by_channel_and_by_log() {
    let redis = Redis::start();
    let peer = Peer(&redis);
    for (seq, text) in [(1, released(1, 1)), (2, unknown(1, 2)), (3, released(1, 3))] {
        peer.log(1, seq, &text);
    }
    peer.set_head(1, 3);
    // It joins where there is one in the log already.
    let (following, board) = follower(&redis).await;
    within("joining", board.reach(1.into(), 3)).await;
    peer.log(1, 4, &unknown(1, 4));
    peer.set_head(1, 4);
    peer.publish(&unknown(1, 4));
    within("the channel", board.reach(1.into(), 4)).await;
    // This one travels on a channel that this program does not know either.
    peer.log(1, 5, &unknown(1, 5));
    peer.log(1, 6, &released(1, 6));
    peer.set_head(1, 6);
    peer.publish(&released(1, 6));
    within("the log", board.reach(1.into(), 6)).await;
    assert_eq!(price(&board).as_deref(), Some("6"));
    assert_eq!(board.floor(&prices()), 0, "no stream has to start over");
    assert!(following.inbox.is_connected());
}

/// A stream's filter, of prices.
fn prices() -> crate::board::Filter {
    use crate::board::{Endpoint, Filter};
    Filter::new(Endpoint::Prices, None, vec!["A".parse().unwrap()], None)
}

#[tokio::test]
async fn what_is_missing_or_torn_in_the_log_leads_to_a_snapshot_and_not_to_asking_again_and_again() {
    let redis = Redis::start();
    let peer = Peer(&redis);
    peer.log(1, 1, &released(1, 1));
    peer.set_head(1, 1);
    let (_following, board) = follower(&redis).await;
    within("joining", board.reach(1.into(), 1)).await;
    // 2 is nowhere, 4 is torn, and 6 has the number of another.
    for (seq, text) in [(3, released(1, 3)), (4, "{".to_owned()), (5, released(1, 5)), (6, released(1, 7)), (7, released(1, 7))] {
        peer.log(1, seq, &text);
    }
    peer.set_head(1, 7);
    let before = calls(&redis, "xrange") + calls(&redis, "eval") + calls(&redis, "evalsha");
    peer.publish(&released(1, 7));
    within("the snapshot", board.reach(1.into(), 7)).await;
    assert_eq!((price(&board).as_deref(), board.floor(&prices())), (Some("7"), 6));
    // The newest is torn: a snapshot stands at it all the same.
    peer.log(1, 8, "torn");
    peer.set_head(1, 8);
    for _ in 0..20 {
        peer.beat(r#"{"worker":"old","epoch":1,"seq":8}"#);
    }
    within("the torn end", board.reach(1.into(), 8)).await;
    let asked = calls(&redis, "xrange") + calls(&redis, "eval") + calls(&redis, "evalsha") - before;
    assert!(asked < 40, "asked {asked} times");
    // And another that comes later meets the same and gets there.
    let (_late, late) = follower(&redis).await;
    within("a late replica", late.reach(1.into(), 8)).await;
}

#[tokio::test]
async fn a_head_that_is_never_reached_is_asked_for_ever_more_rarely() {
    let redis = Redis::start();
    let peer = Peer(&redis);
    peer.log(1, 1, &released(1, 1));
    peer.set_head(1, 1);
    let (_following, board) = follower(&redis).await;
    within("joining", board.reach(1.into(), 1)).await;
    // Beats that name a higher `seq` than Redis has, as after a failover that lost it; many of them within a second.
    let before = calls(&redis, "evalsha");
    for seq in 0..300 {
        peer.beat(&format!(r#"{{"worker":"old","epoch":1,"seq":{}}}"#, seq + 100));
    }
    peer.log(1, 2, &released(1, 2));
    peer.set_head(1, 2);
    peer.beat(r#"{"worker":"old","epoch":1,"seq":2}"#);
    within("what came at last", board.reach(1.into(), 2)).await;
    let asked = calls(&redis, "evalsha") - before;
    assert!(asked < 30, "asked {asked} times");
}

#[tokio::test]
async fn an_engine_of_a_version_that_is_not_spoken_is_not_followed_until_it_is() {
    let redis = Redis::start();
    let (following, board) = follower(&redis).await;
    let readiness = Readiness::of_many("w".to_owned(), Arc::clone(&following.inbox), Arc::clone(&board));
    let (lease, publisher, _term) = term(&redis).await;
    publisher.publish(vec![envelope(FIRST, 1)]);
    within("the first engine", board.reach(FIRST, 1)).await;
    assert_eq!(readiness.refusal(), None);
    let (address, _) = place(&redis);
    lease.give_back(&mut address.connect().await.unwrap()).await.unwrap();
    // The next one speaks otherwise, by beat, channel and log.
    let peer = Peer(&redis);
    peer.log(2, 1, r#"{"v":2,"term":"2","what":[]}"#);
    peer.set_head(2, 1);
    peer.publish(r#"{"v":2,"term":"2","what":[]}"#);
    peer.beat(r#"{"v":2,"who":"new"}"#);
    within("the refusal", async {
        while !readiness.refusal().is_some_and(|refusal| refusal.contains("version 2")) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(board.epoch(), FIRST);
    assert!(board.away_since().is_some(), "its prices grow old");
    // A worker that joins meets the same.
    let late = follow(&redis).await;
    within("the late refusal", async {
        while late.inbox.refusal_of_version().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // One of our version takes over: everybody follows, without a restart.
    let (_lease, next, _term) = term(&redis).await;
    next.publish(vec![envelope(Epoch::new(3, 7), 1)]);
    peer.beat(r#"{"v":1,"worker":"new","epoch":3,"mark":7,"seq":1}"#);
    within("the third engine", board.reach(Epoch::new(3, 7), 1)).await;
    within("the late one", late.board.reach(Epoch::new(3, 7), 1)).await;
    within("readiness", async {
        while readiness.refusal().is_some() || late.inbox.refusal_of_version().is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_term_whose_number_was_given_before_is_not_taken_for_that_one() {
    let redis = Redis::start();
    let (following, board) = follower(&redis).await;
    let (lease, publisher, _term) = term(&redis).await;
    publisher.publish(vec![envelope(Epoch::new(5, 7), 1), envelope(Epoch::new(5, 7), 2)]);
    within("the first history", board.reach(Epoch::new(5, 7), 2)).await;
    let (address, _) = place(&redis);
    lease.give_back(&mut address.connect().await.unwrap()).await.unwrap();
    // The database was put back and gives the number again: where Redis remembers, the term ends, and the next one counts on.
    let (lease, again, refused) = term(&redis).await;
    again.publish(vec![envelope(Epoch::new(5, 8), 1)]);
    within("the end of the term", refused.cancelled()).await;
    lease.give_back(&mut address.connect().await.unwrap()).await.unwrap();
    // Redis has forgotten too. The replica has not, and follows what the database says: the same number, then a lower one.
    for epoch in [Epoch::new(5, 9), Epoch::new(2, 4)] {
        redis.run(&["FLUSHALL"]);
        let (lease, next, _term) = term(&redis).await;
        next.publish(vec![envelope(epoch, 1)]);
        let beat = Beat { worker: "engine".to_owned(), epoch, seq: 1 };
        let mut link = address.connect().await.unwrap();
        within("the other history", async {
            while board.epoch() != epoch {
                assert!(lease.keep(&mut link, &beat).await.unwrap());
            }
        })
        .await;
        assert_eq!((board.head().seq, price(&board).as_deref()), (1, Some("1")));
        lease.give_back(&mut link).await.unwrap();
    }
    // An engine that is late, though, is not followed back: the database is further.
    while following.store.begin_term().await.unwrap().number() < 3 {}
    let peer = Peer(&redis);
    redis.run(&["DEL", "{test}:log"]);
    peer.log(1, 1, &released(1, 1));
    peer.set_head(1, 1);
    peer.beat(r#"{"worker":"late","epoch":1,"seq":1}"#);
    redis.run(&["PUBLISH", "{test}:worker:follower", r#"{"replaced":{"stream":"last"}}"#]);
    within("the letter behind the beat", async {
        while following.inbox.take_replaced().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(board.epoch(), Epoch::new(2, 4));
}
