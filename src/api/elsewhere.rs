//! The browser's twin of [`answers`](super::answers): what pages ask is answered elsewhere, by the server.

use super::query::Query;
use super::told::Told;

/// Answers a page's question, where the page is rendered; a browser asks the server.
pub(crate) async fn answer_here(_query: Query) -> Option<Told> {
    None
}
