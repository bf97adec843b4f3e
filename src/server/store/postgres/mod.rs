//! The store in one PostgreSQL database, shared by every process that is told its address.

mod open;
mod session;
#[cfg(test)]
mod tests;

pub use open::{Connections, known_version, look};
pub use session::{Session, in_time};
