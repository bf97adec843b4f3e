//! The store in one SQLite file of a data directory.

mod lock;
mod open;

#[cfg(test)]
pub use open::STEPS;
pub use open::{Connections, DATABASE_NAME, keep_private, known_version, look};
