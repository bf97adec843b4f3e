//! What was typed into the transaction sheet and not saved yet.

use leptos::prelude::*;

/// What was typed, as the form would send it, on whatever page the reader is: the sheet may close and open again, and the page
/// around it may be drawn again at any time.
#[derive(Clone, Copy)]
pub struct TypedEntry(RwSignal<Option<(String, String)>>);

impl TypedEntry {
    /// Puts it into the context of the application, empty.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// Returns it from the context.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Returns the fields, where something was typed for that purpose: a new transaction, a copy of one, an edit of one.
    pub fn fields(self, purpose: &str) -> Option<String> {
        self.0.get_untracked().filter(|(typed_for, _)| typed_for == purpose).map(|(_, fields)| fields)
    }

    /// Keeps the fields as they stand in the form that was opened for a purpose.
    pub fn keep(self, purpose: String, fields: String) {
        self.0.set(Some((purpose, fields)));
    }

    /// Forgets what was typed: it was saved, or given up.
    pub fn forget(self) {
        self.0.set(None);
    }
}
