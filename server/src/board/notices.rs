//! What streams carry beside the engine's events: how the workers are doing, and who is connected. It has no `seq` and no log;
//! only the newest of each is sent, as the same text to every stream.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::text::Text;
use foliostream::domain::user::UserId;

/// The newest of each kind.
#[derive(Debug, Default)]
pub struct Notices {
    /// How the workers are doing: one event for each.
    pub metrics: Notice,
    /// How many of a user's tabs are connected, of each user whose streams have asked.
    presence: Mutex<HashMap<UserId, Arc<Notice>>>,
}

impl Notices {
    /// Returns what is told of a user's connected tabs.
    pub fn presence_of(&self, user: &UserId) -> Arc<Notice> {
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(presence.entry(user.clone()).or_default())
    }
}

/// The newest texts of one kind, and a number that changes with them.
#[derive(Debug, Default)]
pub struct Notice {
    version: AtomicU32,
    texts: Mutex<Arc<[Text]>>,
}

impl Notice {
    /// Returns a number that changes with the texts; 0 as long as there are none.
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// Returns the events' texts.
    pub fn texts(&self) -> Arc<[Text]> {
        Arc::clone(&self.texts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the texts. The caller, the board, wakes the streams afterwards.
    pub(super) fn post(&self, texts: Arc<[Text]>) {
        *self.texts.lock().unwrap_or_else(PoisonError::into_inner) = texts;
        self.version.fetch_add(1, Ordering::AcqRel);
    }
}
