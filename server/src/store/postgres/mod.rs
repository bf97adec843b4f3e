//! The store in one PostgreSQL database, shared by every process that is told its address.

mod open;
mod session;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub use open::STEPS;
pub use open::{Connections, known_version, look};
pub use session::{Session, in_time};
