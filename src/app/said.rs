//! What was just done, said once at the bottom of the page, with a way to undo it.

use crate::app::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

use crate::live::{Live, expect_live, source};

/// How long it stays, in milliseconds.
const STAYS_MS: u32 = 10_000;

/// What undoes a thing: server functions with the fields that they take, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo(Vec<(&'static str, String)>);

impl Undo {
    /// Undoes by a server function with these fields.
    pub fn by<S: ServerFn>(fields: &[(&str, &str)]) -> Self {
        Self(vec![(S::PATH, source::written_fields(fields))])
    }

    /// Undoes several things at once, the last first.
    pub fn all(undos: Vec<Self>) -> Self {
        Self(undos.into_iter().rev().flat_map(|undo| undo.0).collect())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Saying {
    /// Tells one from another of the same words.
    number: u64,
    text: String,
    undo: Option<Undo>,
}

/// The place where the page says what was just done.
#[derive(Clone, Copy)]
pub struct Said(RwSignal<Option<Saying>>);

impl Said {
    /// Puts the place into the context of the application.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// Returns the place.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Says what was done, and how it is undone where it can be. It goes after ten seconds.
    pub fn say(self, text: String, undo: Option<Undo>) {
        let number = self.0.with_untracked(|said| said.as_ref().map_or(0, |said| said.number)) + 1;
        self.0.set(Some(Saying { number, text, undo }));
        source::after(STAYS_MS, move || {
            let is_newest = self.0.try_with_untracked(|said| said.as_ref().is_some_and(|said| said.number == number));
            if is_newest == Some(true) {
                self.take_back();
            }
        });
    }

    /// Empties the place. The number stays with the empty text, so that the next one is another.
    fn take_back(self) {
        self.0.update(|said| {
            if let Some(said) = said {
                said.text.clear();
                said.undo = None;
            }
        });
    }

    fn undo(self, live: Live, undo: Undo) {
        self.take_back();
        source::focus("main");
        spawn_local(async move {
            let mut said = words().said_undone().to_owned();
            for (path, fields) in undo.0 {
                if let Err(refusal) = source::post_in_place(path, fields).await {
                    said = refusal.message;
                    break;
                }
            }
            live.outdate_portfolio();
            self.say(said, None);
        });
    }
}

/// Shows what was just done, and says it politely to a screen reader.
#[component]
pub(crate) fn SaidBar() -> impl IntoView {
    let (said, live) = (Said::expect(), expect_live());
    let shown = move || {
        let Saying { text, undo, .. } = said.0.get().filter(|said| !said.text.is_empty())?;
        let undo = undo.map(|undo| {
            view! { <button class="undo" type="button" on:click=move |_| said.undo(live, undo.clone())>{words().undo()}</button> }
        });
        Some(view! { <div class="saying"><p><bdi>{text}</bdi></p>{undo}</div> }.into_any())
    };
    view! { <div class="saying-place" role="status">{move || shown()}</div> }
}
