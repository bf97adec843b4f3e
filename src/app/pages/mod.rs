//! One file per page.

mod activity;
mod alerts;
mod books;
mod import;
mod inbox;
mod instrument;
mod not_found;
mod operations;
mod overview;
mod performance;
mod search;
mod settings;

pub(crate) use activity::{ActivityPage, SheetOver};
pub(crate) use alerts::AlertsPage;
pub use books::{AccountForm, BooksPage, books_page};
pub use import::{ImportPage, ROWS as IMPORT_ROWS, failure, import_page};
pub(crate) use inbox::InboxPage;
pub(crate) use instrument::InstrumentPage;
pub(crate) use not_found::NotFound;
pub(crate) use operations::OperationsPage;
pub(crate) use overview::Overview;
pub(crate) use performance::PerformancePage;
pub(crate) use search::Search;
pub(crate) use settings::SettingsPage;
