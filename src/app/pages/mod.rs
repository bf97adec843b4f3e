//! One file per page.

mod activity;
mod alerts;
mod inbox;
mod instrument;
mod not_found;
mod operations;
mod overview;
mod search;
mod settings;

pub use activity::ActivityPage;
pub use alerts::AlertsPage;
pub use inbox::InboxPage;
pub use instrument::InstrumentPage;
pub use not_found::NotFound;
pub use operations::OperationsPage;
pub use overview::Overview;
pub use search::Search;
pub use settings::SettingsPage;
