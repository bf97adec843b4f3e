//! What the reader notes about the instrument.

use crate::app::prelude::*;

use crate::api::SetInstrumentNote;
use crate::app::components::field::FormRefusal;
use crate::app::components::post_form::{Command, PostForm};
use crate::app::said::{Said, Undo};

/// The note as a field that is saved by a press.
#[component]
pub(crate) fn Note(
    /// The ticker of the instrument.
    ticker: String,
    /// The note as it is kept.
    note: Option<String>,
    /// The command that keeps it, which outlives what is fetched again.
    keep: Command,
    /// What is typed and not saved, of which ticker: the page around it may be drawn again at any time.
    typed: RwSignal<Option<(String, String)>>,
) -> impl IntoView {
    let kept = StoredValue::new(note.clone().unwrap_or_default());
    let said = Said::expect();
    let of = ticker.clone();
    keep.when_done(move |answer| {
        let Some(before) = kept.try_get_value().filter(|_| answer.sent("ticker") == Some(of.as_str())) else { return };
        typed.set(None);
        said.say(words().said_saved(words().note()), Some(Undo::by::<SetInstrumentNote>(&[("ticker", &of), ("note", &before)])));
    });
    let text = typed.get_untracked().filter(|(about, _)| *about == ticker).map(|(_, text)| text).or(note).unwrap_or_default();
    let about = ticker.clone();
    let on_input = move |event| typed.set(Some((about.clone(), event_target_value(&event))));
    let field = view! {
        <textarea class="note-text" name="note" maxlength="1000" aria-labelledby="instrument-note"
            placeholder=words().instrument_note_placeholder() on:input=on_input></textarea>
    }
    .into_inner();
    // An empty text would be written as a blank.
    let field = if text.is_empty() { field } else { field.child(text) };
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
