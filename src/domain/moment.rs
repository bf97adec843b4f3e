//! When something happens, by two clocks: one that gives stamps and one that measures.

use jiff::{SignedDuration, Timestamp};

/// An instant by both clocks.
///
/// ```
/// use foliostream::domain::moment::Moment;
/// use jiff::SignedDuration;
/// let wall = "2026-11-02T10:00:00Z".parse().expect("a time");
/// let moment = Moment { wall, elapsed: SignedDuration::from_secs(90) };
/// let tomorrow = "2026-11-03T10:00:00Z".parse().expect("a time");
/// assert!(moment.is_behind(tomorrow));
/// assert!(!moment.is_behind(wall));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The date and the time of day, for stamps. This clock may be set back or ahead at any time.
    pub wall: Timestamp,
    /// What has passed since the process began, for everything that is measured or waited for. This clock only goes forward.
    pub elapsed: SignedDuration,
}

/// How far a stamp of another machine may lie ahead of this one's wall clock.
pub const AHEAD: SignedDuration = SignedDuration::from_secs(5);

impl Moment {
    /// Returns whether a stamp lies more than [`AHEAD`] in the future: a clock that was wrong has made it.
    pub fn is_behind(self, stamp: Timestamp) -> bool {
        stamp.duration_since(self.wall) > AHEAD
    }
}
