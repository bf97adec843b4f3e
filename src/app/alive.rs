//! Whether the first page lives.

use leptos::prelude::*;

use crate::app::reactive::effect;

/// Whether the first page lives, with whatever of it had to be fetched. Until then nothing may move: what an event adds or takes
/// away would be missing where the server's HTML is taken over.
#[derive(Clone, Copy)]
struct Alive(RwSignal<bool>);

/// Puts it into the context: no page lives yet.
pub fn provide() -> Signal<bool> {
    let alive = RwSignal::new(false);
    provide_context(Alive(alive));
    alive.into()
}

/// Returns whether the first page lives.
pub fn lives() -> Signal<bool> {
    let Alive(alive) = expect_context();
    alive.into()
}

/// Says that the page lives; the first one to do so starts the stream.
pub fn page_lives() {
    let Alive(alive) = expect_context();
    effect(move || {
        if !alive.get_untracked() {
            alive.set(true);
        }
    });
}
