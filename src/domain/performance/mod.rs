//! How a portfolio did over time: what it was worth at earlier moments, and what it earned.

mod income;
mod today;

pub use income::income_since;
pub use today::{Held, Today};
