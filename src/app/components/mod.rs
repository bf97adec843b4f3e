//! What pages are made of.

pub mod activity_form;
pub mod alert_actions;
pub mod alert_form;
pub mod alert_row;
pub mod calendar;
mod card;
pub mod chart_spark;
mod delta;
pub mod distance;
pub mod field;
mod field_error;
pub mod geometry;
mod icon;
pub mod moment;
mod money;
mod price_cell;
pub mod range_chart;
pub mod sentences;
mod time;

pub use chart_spark::Sparkline;
pub use card::{Card, Empty, Failure};
pub use delta::{Arrow, Delta};
pub use field_error::FieldError;
pub use icon::Icon;
pub use money::Money;
pub use price_cell::PriceCell;
pub use time::{When, WhenStyle};
