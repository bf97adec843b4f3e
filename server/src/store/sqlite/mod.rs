//! The store in one SQLite file of a data directory.

mod direct;
mod lock;
mod open;

pub(crate) use direct::{DirectRow, Held};
pub(crate) use lock::Sharing;
#[cfg(test)]
pub(crate) use open::STEPS;
pub(crate) use open::{Connections, DATABASE_NAME, known_version, look};
