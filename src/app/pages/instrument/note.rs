//! What the reader notes about the instrument.

use crate::app::prelude::*;

use crate::api::SetInstrumentNote;
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::refused_form::typed_value;
use crate::app::said::{Said, Undo};
use crate::live::source;

/// A ticker and a text about it.
type About = (String, String);

/// The notes of the page, which outlive what is fetched again.
#[derive(Clone, Copy)]
pub(crate) struct Notes {
    keep: Command,
    /// What is typed and not saved, of which ticker.
    typed: RwSignal<Option<About>>,
    /// The note that was last shown as it is kept.
    kept: StoredValue<Option<About>>,
}

impl Notes {
    /// Makes them for a page; what was saved is said with the way back.
    pub(crate) fn new() -> Self {
        let notes = Self { keep: Command::of::<SetInstrumentNote>(), typed: RwSignal::new(None), kept: StoredValue::new(None) };
        let said = Said::expect();
        notes.keep.when_done(move |answer| {
            let ticker = typed_value(answer.fields(), "ticker").unwrap_or_default();
            let before = notes.kept.get_value().filter(|(of, _)| *of == ticker).map(|(_, text)| text);
            let undo = before.map(|before| Undo::by::<SetInstrumentNote>(&[("ticker", &ticker), ("note", &before)]));
            said.say(words().said_saved(words().note()), undo);
        });
        notes
    }

    /// Returns a number that grows with what is saved.
    pub(crate) fn version(self) -> Signal<i64> {
        self.keep.version()
    }
}

/// The note as a field that is saved by a press.
#[component]
pub(crate) fn Note(
    /// The ticker of the instrument.
    ticker: String,
    /// The note as it is kept.
    note: Option<String>,
    /// The notes of the page.
    notes: Notes,
) -> impl IntoView {
    let Notes { keep, typed, kept } = notes;
    let note = note.unwrap_or_default();
    kept.set_value(Some((ticker.clone(), note.clone())));
    // What is typed counts until it is what is kept.
    if typed.with_untracked(|typed| typed.as_ref().is_some_and(|(of, text)| *of == ticker && text.trim() == note)) {
        typed.set(None);
    }
    let (of, about, stored) = (ticker.clone(), ticker.clone(), note.clone());
    let text = move || {
        typed.with(|typed| {
            typed.as_ref().filter(|(typed_of, _)| *typed_of == of).map_or_else(|| stored.clone(), |(_, text)| text.clone())
        })
    };
    let on_input = move |event| typed.set(Some((about.clone(), event_target_value(&event))));
    let field = view! {
        <textarea class="note-text" name="note" maxlength="1000" aria-labelledby="instrument-note"
            placeholder=words().instrument_note_placeholder() prop:value=move || text() on:input=on_input></textarea>
    }
    .into_inner();
    // A browser has its text by the property, which holds what is typed; without scripts it stands within. An empty one would be a blank.
    let field = if source::is_browser() || note.is_empty() { field } else { field.child(note) };
    view! {
        <section class="card instrument-note" aria-labelledby="instrument-note">
            <header><h2 id="instrument-note">{words().note()}</h2></header>
            <PostForm command=keep>
                <input type="hidden" name="ticker" value=ticker/>
                {field}
                <FormRefusal refused=keep.refused()/>
                <p class="submit"><button class="subtle" type="submit">{words().save_note()}</button></p>
            </PostForm>
        </section>
    }
}
