//! The sheet of a new transaction over any other page. It stands beside the page, so that what it saves is said after it has closed.

use crate::app::prelude::*;
use leptos_router::hooks::use_query_map;

use super::address::{Opened, opened};
use super::sheet::{self, Sheet};
use crate::api::SaveActivity;
use crate::app::components::adding;
use crate::app::components::post_form::Command;
use crate::app::reactive::memo;
use crate::app::typed_entry::TypedEntry;

/// The sheet, while the address of a page asks for it.
#[component]
pub(crate) fn SheetOver(
    /// Whether the address has it open.
    is_open: Memo<bool>,
) -> impl IntoView {
    let save = Command::of::<SaveActivity>();
    let typed = TypedEntry::expect();
    save.when_done(move |_| typed.forget());
    sheet::say_what_was_saved(save);
    let query = use_query_map();
    let asked = memo(move || if is_open.get() { query.with(opened) } else { Opened::Nothing });
    let away = adding::without_sheet();
    let heard = save.refused();
    move || {
        // A form that was carried out is drawn again, and empty, where it is to stay open for another.
        save.version().track();
        match asked.get() {
            Opened::Nothing => ().into_any(),
            opened => view! { <Sheet opened save heard away/> }.into_any(),
        }
    }
}
