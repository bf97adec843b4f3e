//! What was typed into the transaction sheet and not saved yet.

use leptos::prelude::*;

/// What was typed, as the form would send it, wherever the reader goes meanwhile: the sheet may close and open again, and the page
/// around it be written anew at any time.
#[derive(Clone, Copy)]
pub struct TypedEntry(RwSignal<Option<String>>);

impl TypedEntry {
    /// Puts it into the context of the application, empty.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// Returns it from the context.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Returns the fields, where something was typed.
    pub fn fields(self) -> Option<String> {
        self.0.get_untracked()
    }

    /// Keeps the fields as they stand in the form.
    pub fn keep(self, fields: String) {
        self.0.set(Some(fields));
    }

    /// Forgets what was typed: it was saved, or given up.
    pub fn forget(self) {
        self.0.set(None);
    }
}
