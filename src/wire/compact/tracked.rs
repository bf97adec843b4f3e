//! A value, and the number of its last change.

/// A value that tells since when it is what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tracked<T> {
    value: T,
    at: u64,
}

impl<T: PartialEq> Tracked<T> {
    /// Makes a value that came at a number.
    pub(crate) fn new(value: T, at: u64) -> Self {
        Self { value, at }
    }

    /// Takes over what the value is at a number; only another one counts as a change.
    pub(crate) fn follow(&mut self, value: T, at: u64) {
        if self.value != value {
            *self = Self { value, at };
        }
    }

    /// Returns the value, whenever it changed.
    pub(crate) fn get(&self) -> &T {
        &self.value
    }

    /// Returns the value where it changed after a number, or in any case where no number is given.
    pub(crate) fn since(&self, since: Option<u64>) -> Option<&T> {
        since.is_none_or(|since| self.at > since).then_some(&self.value)
    }
}
