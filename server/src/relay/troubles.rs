//! Which parts of a worker's work in Redis fail, why, and since when: said once in the log, and by `/readyz` until it is over.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::errors::{Cause, Nature};

/// How long a failure that may pass by itself goes unsaid: a failover of a watched Redis takes less.
const BORNE: Duration = Duration::from_secs(4);

/// A trouble that was not met again for this long is over. The task that met it may have nothing more to do, and would never say
/// that it went well.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// Causes remembered as said, for each part: others than these are rarely met at once.
const SAID: usize = 16;

/// A part of a worker's work in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Following what the engine says.
    Following,
    /// Asking for the engine's lease, and keeping it.
    Lease,
    /// Beginning a term as the engine.
    Beginning,
    /// Publishing what the engine says.
    Publishing,
    /// Asking something of the engine.
    Asking,
    /// Taking other workers' calls.
    Calls,
    /// Taking other programs' quotes.
    Quotes,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Following => "the engine cannot be followed through Redis",
            Self::Lease => "the engine's lease cannot be asked for in Redis",
            Self::Beginning => "no term of the engine can begin",
            Self::Publishing => "what the engine says cannot be published in Redis",
            Self::Asking => "the engine cannot be asked through Redis",
            Self::Calls => "what workers ask of the engine cannot be taken from Redis",
            Self::Quotes => "feed:quotes cannot be taken from Redis",
        })
    }
}

#[derive(Debug)]
struct Trouble {
    since: Instant,
    met: Instant,
    cause: Cause,
    /// The causes that were written to the log.
    said: HashSet<String>,
}

impl Trouble {
    /// Returns whether it is more than what passes by itself.
    fn counts(&self, now: Instant) -> bool {
        let is_new = now.duration_since(self.met) < FORGOTTEN;
        is_new && (self.cause.nature == Nature::Standing || now.duration_since(self.since) >= BORNE)
    }
}

/// The parts of a worker's work in Redis that fail now.
#[derive(Debug, Default)]
pub struct Troubles {
    /// Whether any part fails: what goes well is noted often, and this is all that is looked at then.
    any: AtomicBool,
    parts: Mutex<BTreeMap<Part, Trouble>>,
}

impl Troubles {
    /// Notes that a part of the work failed. It is logged once for each cause, as soon as it is more than what passes by itself.
    pub fn note(&self, part: Part, cause: Cause) {
        self.note_at(part, cause, Instant::now());
    }

    fn note_at(&self, part: Part, cause: Cause, now: Instant) -> bool {
        let mut parts = self.lock();
        self.any.store(true, Ordering::Release);
        // One cause may stop several parts.
        let is_said = parts.values().any(|trouble| trouble.said.contains(&cause.text));
        let trouble =
            parts.entry(part).or_insert_with(|| Trouble { since: now, met: now, cause: cause.clone(), said: HashSet::new() });
        if now.duration_since(trouble.met) >= FORGOTTEN {
            trouble.since = now;
        }
        (trouble.met, trouble.cause) = (now, cause);
        let is_new = trouble.counts(now) && trouble.said.len() < SAID && trouble.said.insert(trouble.cause.text.clone());
        let speaks = is_new && !is_said;
        if speaks {
            tracing::error!("{part}: {}", trouble.cause.text);
        }
        speaks
    }

    /// Notes that a part of the work goes on.
    pub fn clear(&self, part: Part) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        let mut parts = self.lock();
        if parts.remove(&part).is_some_and(|trouble| !trouble.said.is_empty()) {
            tracing::info!("it is over that {part}");
        }
        self.any.store(!parts.is_empty(), Ordering::Release);
    }

    /// Notes that Redis is reached again: what failed for the want of it is over, and what stays until somebody does something is
    /// not. After `connection refused` the part goes on; after `a password is asked for` it does not.
    pub fn pass(&self, part: Part) {
        if self.lock().get(&part).is_some_and(|trouble| trouble.cause.nature != Nature::Standing) {
            self.clear(part);
        }
    }

    /// Returns what keeps this worker from its work, in one line; nothing where it goes on, or may by itself in a moment.
    pub fn refusal(&self) -> Option<String> {
        self.refusal_at(Instant::now())
    }

    fn refusal_at(&self, now: Instant) -> Option<String> {
        self.lock()
            .iter()
            .find(|(_, trouble)| trouble.counts(now))
            .map(|(part, trouble)| format!("{part}: {}", trouble.cause.text))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Part, Trouble>> {
        // Each change is one insertion or removal: a panic elsewhere cannot have left half of one.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(nature: Nature, text: &str) -> Cause {
        Cause { nature, text: text.to_owned() }
    }

    #[test]
    fn what_stays_is_said_at_once_and_once_and_what_may_pass_after_a_while() {
        let (troubles, start) = (Troubles::default(), Instant::now());
        assert!(troubles.note_at(Part::Publishing, cause(Nature::Standing, "wrong kind"), start));
        let later = start + Duration::from_secs(1);
        assert!(!troubles.note_at(Part::Publishing, cause(Nature::Standing, "wrong kind"), later), "it was said");
        assert!(troubles.refusal_at(later).unwrap().contains("published in Redis: wrong kind"));
        for (second, speaks) in [(0, false), (3, false), (4, true), (5, false)] {
            let now = start + Duration::from_secs(second);
            assert_eq!(troubles.note_at(Part::Lease, cause(Nature::Refusing, "a replica"), now), speaks, "{second} s");
        }
        assert!(!troubles.note_at(Part::Following, cause(Nature::Standing, "wrong kind"), later), "another part said it");
        troubles.clear(Part::Publishing);
        troubles.clear(Part::Following);
        assert!(troubles.refusal_at(start + Duration::from_secs(5)).unwrap().contains("a replica"));
        troubles.clear(Part::Lease);
        assert_eq!(troubles.refusal_at(start + Duration::from_secs(5)), None);
    }

    #[test]
    fn what_failed_without_a_connection_is_over_with_the_next_one_and_what_stays_is_not() {
        let (troubles, start) = (Troubles::default(), Instant::now());
        troubles.note_at(Part::Asking, cause(Nature::Passing, "connection refused"), start);
        troubles.note_at(Part::Calls, cause(Nature::Standing, "wrong kind"), start);
        troubles.pass(Part::Asking);
        troubles.pass(Part::Calls);
        let refusal = troubles.refusal_at(start + BORNE).unwrap();
        assert!(refusal.contains("what workers ask"), "{refusal}");
        troubles.clear(Part::Calls);
        assert_eq!(troubles.refusal_at(start + BORNE), None);
    }

    #[test]
    fn what_is_not_met_again_is_over() {
        let (troubles, start) = (Troubles::default(), Instant::now());
        troubles.note_at(Part::Beginning, cause(Nature::Standing, "no disk"), start);
        assert!(troubles.refusal_at(start + FORGOTTEN - Duration::from_secs(1)).is_some());
        assert_eq!(troubles.refusal_at(start + FORGOTTEN), None);
    }
}
