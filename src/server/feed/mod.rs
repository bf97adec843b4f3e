//! Where ticks come from: the seeded model (default) or files of recorded ticks. Pushed quotes need no feed.
//!
//! Both are synchronous and know no clock: whoever drives them says what time it is, and waits.

mod bars;
pub mod catalogue;
pub mod drive;
mod noise;
pub mod replay;
mod row;
mod sessions;
pub mod simulated;
