//! Who is connected, and how the workers are doing.

use uuid::Uuid;

use foliostream::wire::views::{OperationsView, PresenceView};

use super::Acting;

impl Acting {
    /// Returns the connected tabs, the longest connected first; `this` marks the one that asks.
    pub async fn presence(&self, this: Option<Uuid>) -> Vec<PresenceView> {
        self.parts.presence.tabs(&self.actor.user, this).await
    }

    /// Returns what every worker said of itself in the last minute.
    pub fn operations(&self) -> OperationsView {
        self.parts.operations.view()
    }
}
