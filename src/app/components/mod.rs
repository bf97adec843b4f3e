//! What pages are made of.

mod card;
pub mod chart_spark;
mod delta;
mod field_error;
mod icon;
mod money;
mod price_cell;
mod time;

pub use chart_spark::Sparkline;
pub use card::{Card, Empty, Failure};
pub use delta::{Arrow, Delta};
pub use field_error::FieldError;
pub use icon::Icon;
pub use money::Money;
pub use price_cell::PriceCell;
pub use time::{When, WhenStyle};
