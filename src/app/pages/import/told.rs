//! What several pages of imports tell.

use crate::app::prelude::*;

use crate::wire::views::ImportView;

/// Rows that a page shows.
pub const ROWS: usize = 100;

/// The name of the format of any table.
pub(super) const COLUMNS: &str = "columns";

/// Says what is wrong, above what it is wrong with.
#[component]
pub(super) fn Refusal(refused: Option<String>) -> impl IntoView {
    refused.map(|text| view! { <p class="field-error import-refused" role="alert">{text}</p> }.into_any())
}

/// Writes whose format a file has: a program's, or any table.
pub(super) fn format_name(import: &ImportView) -> String {
    if import.program.is_empty() { words().recognised_table().to_owned() } else { import.program.clone() }
}

/// Writes what a file is called; a text that was pasted has no name.
pub(super) fn file_name(import: &ImportView) -> String {
    if import.file_name.is_empty() { words().pasted_name().to_owned() } else { import.file_name.clone() }
}
