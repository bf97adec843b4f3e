//! Memos and effects behind one type each, so that the machinery around them reaches the browser once and not once for every
//! closure that a page has.

use leptos::prelude::*;

/// Returns a memo of what `compute` returns: those that read it hear of a change only where it differs.
pub fn memo<T: PartialEq + Send + Sync + 'static>(compute: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    boxed_memo(Box::new(compute))
}

fn boxed_memo<T: PartialEq + Send + Sync + 'static>(compute: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| compute())
}

/// Runs `task` in the browser after the page is there, and again whenever a signal it read has changed; never on the server.
pub fn effect(task: impl FnMut() + 'static) {
    boxed_effect(Box::new(task));
}

fn boxed_effect(mut task: Box<dyn FnMut()>) {
    Effect::new(move || task());
}
