//! The store in one PostgreSQL database, shared by every process that is told its address.

mod open;
mod session;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use open::STEPS;
pub(crate) use open::{Connections, known_version, look};
pub(crate) use session::{Session, in_time};
