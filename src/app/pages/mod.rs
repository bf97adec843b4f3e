//! One file per page.

mod not_found;
mod overview;
mod search;

pub use not_found::NotFound;
pub use overview::Overview;
pub use search::Search;
