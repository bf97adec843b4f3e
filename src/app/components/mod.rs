//! What pages are made of.

mod announcer;
mod card;
pub mod chart_spark;
mod delta;
mod field_error;
mod header;
mod help;
mod icon;
mod money;
mod notice;
mod pill;
mod price_cell;
pub mod search;
mod throttle;
mod time;
mod toasts;

pub use announcer::Announcer;
pub use card::{Card, Empty, Failure};
pub use chart_spark::Sparkline;
pub use delta::{Arrow, Delta};
pub use field_error::FieldError;
pub use header::{Header, Tabs, place};
pub use help::Help;
pub use icon::Icon;
pub use money::Money;
pub use notice::Notice;
pub use pill::Pill;
pub use price_cell::{PriceCell, wash};
pub use search::SearchDialog;
pub use throttle::at_most_every;
pub use time::{When, WhenStyle};
pub use toasts::Toasts;
