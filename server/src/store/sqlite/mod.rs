//! The store in one SQLite file of a data directory.

mod lock;
mod open;

pub use lock::Sharing;
#[cfg(test)]
pub use open::STEPS;
pub use open::{Connections, DATABASE_NAME, known_version, look};
