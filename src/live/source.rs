//! The browser, behind one signature: the stream that moves the replica and the few things a page asks of its window.
//! On the server each twin stands still.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod controls;
#[cfg(feature = "hydrate")]
mod pending;
#[cfg(feature = "hydrate")]
mod probe;
#[cfg(feature = "hydrate")]
mod signs;
#[cfg(feature = "hydrate")]
mod stream;
#[cfg(feature = "hydrate")]
mod tab;
#[cfg(feature = "hydrate")]
mod wakes;
#[cfg(feature = "hydrate")]
mod zones;
#[cfg(feature = "hydrate")]
pub use {browser::*, controls::*, stream::start, tab::tab, zones::*};

#[cfg(not(feature = "hydrate"))]
mod inert;
#[cfg(not(feature = "hydrate"))]
pub use inert::*;

/// The name of the key that closes what is open.
pub const ESCAPE: &str = "Escape";

/// A time taken apart in the reader's own zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, such as 2026.
    pub year: i16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
}

/// A key that went down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As the browser names it: `/`, `g`, `Escape`, `ArrowDown`.
    pub name: String,
    /// Whether the person is writing in a field.
    pub is_typing: bool,
    /// Whether Ctrl, Alt or Meta was held.
    pub is_chord: bool,
    /// Whether it was Ctrl or Meta alone: `⌘K`.
    pub is_command: bool,
}

/// Whether the browser may show notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationPermission {
    /// This browser has none, or the page is not served safely.
    Unsupported,
    /// The person has not been asked yet.
    Undecided,
    /// The browser may show notifications.
    Granted,
    /// It may not; only the browser's own settings change that.
    Denied,
}
