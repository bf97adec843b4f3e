//! Where ticks come from: the seeded model (default) or files of recorded ticks. Pushed quotes need no feed.
//!
//! Both are synchronous and know no clock: whoever drives them ([`feeds`](super::feeds)) says what time it is, and waits.

mod bars;
pub mod catalogue;
mod noise;
pub mod replay;
mod row;
mod sessions;
pub mod simulated;
