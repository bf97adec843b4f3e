//! What happens before a stream is refused for a limit: those who hold the places are asked whether they are still there.
//!
//! Some proxies notice that a browser has left only when they write to it, and in a quiet market nothing is written but a
//! heartbeat every 15 s: a place would linger for two of them or more. So a client that asks for a stream at a limit has the
//! streams that count towards it called: each says a heartbeat at once, four times within a second, and a place that comes back
//! is taken. How often that may happen is bounded in [`roll`](crate::sse::roll).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::clock::{after, millis};
use foliostream::domain::user::UserId;

use crate::presence::Presence;
use crate::sse::limits::LimitReached;
use crate::sse::roll::{GAP, Waiting, Whose};
use crate::sse::streams::Streams;

/// How long somebody who asks at a limit waits for a place.
const PATIENCE: Duration = Duration::from_secs(1);

/// Somebody who asks for a stream and does not take the first no for an answer.
#[derive(Debug)]
pub(crate) struct Insisting<'a> {
    streams: &'a Streams,
    presence: &'a Presence,
    user: &'a UserId,
    address: IpAddr,
    waiting: Option<Waiting>,
    until: Option<SignedDuration>,
}

impl<'a> Insisting<'a> {
    /// A user asks from an address.
    pub(crate) fn new(streams: &'a Streams, presence: &'a Presence, user: &'a UserId, address: IpAddr) -> Self {
        Self { streams, presence, user, address, waiting: None, until: None }
    }

    /// Calls the streams at a limit that was reached, and waits until it is worth asking again. Fails with the limit where no
    /// client has left in time.
    pub(crate) async fn make_room(&mut self, reached: LimitReached) -> Result<(), LimitReached> {
        let streams = self.streams;
        let now = streams.ground.clock.elapsed();
        let now_ms = millis(now);
        let until = *self.until.get_or_insert_with(|| after(now, PATIENCE));
        if now >= until {
            return Err(reached);
        }
        let whose = match reached {
            LimitReached::User(_) => Whose::User(self.user.clone()),
            LimitReached::Address(_) => Whose::Address(self.address),
        };
        let is_new = self.waiting.as_ref().is_none_or(|waiting| waiting.whose != whose);
        if is_new {
            self.waiting = streams.limits.rolls().wait_at(whose, now_ms);
        }
        let Some(waiting) = &self.waiting else { return Err(reached) };
        if waiting.may_call(now_ms) {
            call(streams, &waiting.whose);
            if let Whose::User(_) = waiting.whose {
                self.presence.call_elsewhere(self.user);
            }
        }
        // A place that came back before this request waited woke no one: it is asked for once more at once.
        if !is_new {
            let again = after(now, GAP).min(until);
            tokio::select! {
                biased;
                () = waiting.left.notified() => {}
                () = streams.ground.clock.sleep_until(again) => {}
            }
        }
        Ok(())
    }
}

/// Has streams that count towards a limit say a heartbeat at once.
fn call(streams: &Streams, whose: &Whose) {
    let mut places = streams.limits.places_of(whose);
    streams.limits.rolls().reach(&mut places, streams.ground.clock.elapsed_ms());
    for place in places {
        place.call();
        place.wake();
    }
}

/// Calls this worker's streams for those who ask other workers, until `stop`.
pub async fn answer_calls(streams: Arc<Streams>, presence: Arc<Presence>, stop: CancellationToken) {
    loop {
        let users = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            users = presence.called() => users,
        };
        for whose in users.into_iter().map(Whose::User) {
            if streams.limits.rolls().may_call(whose.clone(), streams.ground.clock.elapsed_ms()) {
                call(&streams, &whose);
            }
        }
    }
}
