//! How a portfolio did over time: what it was worth at earlier moments, and what it earned.

mod income;
mod past;
mod today;

pub use income::{DividendYear, dividends_by_year, income_since};
pub use past::{Measure, Past, PastPoint, Prices};
pub use today::{Held, Today};
