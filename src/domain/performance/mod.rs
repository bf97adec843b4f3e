//! How a portfolio did over time: what it was worth at earlier moments, and what it earned.

mod breakdown;
mod income;
mod past;
mod powers;
mod returns;
mod today;
mod xirr;

pub use breakdown::{Breakdown, CostMethod, Standing, gains_between};
pub use income::{DividendYear, dividends_by_year, income_since};
pub use past::{Measure, Past, PastPoint, Prices};
pub use returns::{DayEnd, Drawdown, Returns};
pub use today::{Held, Today};
pub use xirr::{NoRate, xirr};
