//! Forms that change something. One kind of form and one way of sending serve every server function: what is generic over the
//! function would reach the browser once for each of them.

use crate::app::prelude::*;
use leptos::context::Provider;
use leptos::ev::SubmitEvent;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::app::components::field::Refused;
use crate::app::reactive::effect;
use crate::app::refused_form::{RefusedForm, Typed, typed_value};
use crate::live::source;
use crate::wire::error::ApiError;
use crate::wire::json;

/// How long after an answer the same form is not sent again, in milliseconds.
const DOUBLE_CLICK_MS: i64 = 700;

/// Returns a form's fields without its key, which is another after each answer.
fn without_key(fields: &str) -> String {
    fields.split('&').filter(|pair| !pair.starts_with("key=")).collect::<Vec<_>>().join("&")
}

/// What was sent and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The form's fields, URL-encoded.
    sent: String,
    /// The answer's JSON, or the refusal.
    result: Result<String, ApiError>,
}

impl Answer {
    /// Returns the fields as they were sent, URL-encoded.
    pub fn fields(&self) -> &str {
        &self.sent
    }

    /// Returns a field as it was sent; meant for identifiers, which no encoding changes.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.sent.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// Reads the answer of a command that was carried out.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        json::read(self.result.as_deref().ok()?).ok()
    }
}

/// A server function that forms post to, and what it last answered.
#[derive(Clone, Copy)]
pub struct Command {
    path: &'static str,
    answer: RwSignal<Option<Answer>>,
    version: RwSignal<i64>,
    key: RwSignal<String>,
    /// What was sent last, and until when the same once more is the second press of a double click.
    sent: StoredValue<Option<(String, i64)>>,
}

impl Command {
    /// Takes a server function; the refusal of a form that was posted without scripts is shown at once.
    pub fn of<S: ServerFn>() -> Self {
        Self::at(S::PATH)
    }

    fn at(path: &'static str) -> Self {
        let answer = RefusedForm::of(path).map(|RefusedForm { sent, refusal, .. }| Answer { sent, result: Err(refusal) });
        let key = RwSignal::new(source::form_key());
        Self { path, answer: RwSignal::new(answer), version: RwSignal::new(0), key, sent: StoredValue::new(None) }
    }

    /// Follows what was last answered.
    pub fn answer(self) -> Signal<Option<Answer>> {
        self.answer.into()
    }

    /// Returns how often it has been carried out: what a page shows of it is fetched again then, and not after a refusal.
    pub fn version(self) -> Signal<i64> {
        self.version.into()
    }

    /// Follows the refusal, where the last answer was one.
    pub fn refused(self) -> Refused {
        Signal::derive(move || self.answer.with(|answer| answer.as_ref()?.result.as_ref().err().cloned()))
    }

    /// Follows whether the last one was carried out.
    pub fn is_done(self) -> bool {
        self.answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.result.is_ok()))
    }

    /// Returns the fields of a form that was refused, for the page that answers it.
    pub fn refused_fields(self) -> Option<String> {
        let is_refused = |answer: &&Answer| answer.result.is_err() && !answer.sent.is_empty();
        self.answer.with_untracked(|answer| answer.as_ref().filter(is_refused).map(|answer| answer.sent.clone()))
    }

    /// Returns what was typed into a field of a form that was refused.
    pub fn typed(self, name: &str) -> Option<String> {
        typed_value(&self.refused_fields()?, name)
    }

    /// Forgets the refusal, and what was typed into its form.
    pub fn forget(self) {
        self.answer.set(None);
    }

    /// Replaces what was sent with what was typed since the form was refused.
    pub fn note_typed(self, fields: &str) {
        self.answer.update_untracked(|answer| {
            if let Some(Answer { sent, result: Err(_) }) = answer {
                fields.clone_into(sent);
            }
        });
    }

    /// Does something with every answer of a command that was carried out.
    pub fn when_done(self, task: impl Fn(&Answer) + 'static) {
        let task: Box<dyn Fn(&Answer)> = Box::new(task);
        effect(move || {
            if let Some(answer) = self.answer.get().filter(|answer| answer.result.is_ok()) {
                task(&answer);
            }
        });
    }

    /// Sends a form's fields and keeps what comes of it, unless the page has been left meanwhile.
    fn send(self, event: &SubmitEvent) {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let sent = source::form_fields(event);
        let fields = without_key(&sent);
        let now = source::elapsed_ms();
        let is_second = |(last, until): &(String, i64)| *last == fields && now < *until;
        if self.sent.with_value(|last| last.as_ref().is_some_and(is_second)) {
            return;
        }
        self.sent.set_value(Some((fields.clone(), i64::MAX)));
        spawn_local(async move {
            let result = source::post(self.path, sent.clone()).await;
            let until = if result.is_ok() { source::elapsed_ms() + DOUBLE_CLICK_MS } else { 0 };
            let _ = self.sent.try_set_value(Some((fields, until)));
            if is_settled(&result) {
                let _ = self.key.try_set(source::form_key());
            }
            let is_done = result.is_ok();
            if let Some(field) = result.as_ref().err().and_then(|refusal| refusal.field.clone()) {
                source::focus_field(self.path, field);
            }
            let _ = self.answer.try_set(Some(Answer { sent, result }));
            if is_done {
                let _ = self.version.try_update(|version| *version += 1);
            }
        });
    }
}

/// Whether a form's key has been used: by what was carried out, or by another form. Sent again after anything else, it is the
/// same form.
fn is_settled(result: &Result<String, ApiError>) -> bool {
    result.as_ref().err().is_none_or(|error| error.field.as_deref() == Some("Idempotency-Key"))
}

/// The key by which the server recognises a form that is sent twice, by a double click or after a lost answer.
#[component]
pub fn FormKey(
    /// The server function that the form posts to.
    command: Command,
) -> impl IntoView {
    view! { <input type="hidden" name="key" value=move || command.key.get()/> }
}

/// A form that posts to a server function: by itself without scripts, and without leaving the page with them.
#[component]
pub fn PostForm(
    /// The server function that the form posts to.
    command: Command,
    /// The inputs and buttons of the form.
    children: Children,
) -> impl IntoView {
    let typed = Typed(command.refused_fields());
    view! {
        <form action=command.path method="post" on:submit=move |event| command.send(&event)>
            <Provider value=typed>{children()}</Provider>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::error::ErrorCode;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let answer = Answer { sent: "portfolio_id=1&id=2&paused=".into(), result: Ok("7".into()) };
        assert_eq!((answer.sent("id"), answer.sent("paused"), answer.sent("i")), (Some("2"), Some(""), None));
    }

    #[test]
    fn a_form_that_was_carried_out_has_used_its_key_and_one_that_was_lost_has_not() {
        let refused = |field: Option<&str>| {
            Err(ApiError { field: field.map(str::to_owned), ..ApiError::new(ErrorCode::Unprocessable, "no") })
        };
        assert_eq!([Ok("1".into()), refused(Some("Idempotency-Key"))].map(|result| is_settled(&result)), [true, true]);
        let lost = Err(ApiError::new(ErrorCode::Unavailable, "the server cannot be reached"));
        assert_eq!([lost, refused(Some("time"))].map(|result| is_settled(&result)), [false, false]);
    }

    #[test]
    fn the_second_press_of_a_double_click_is_known_without_its_key() {
        assert_eq!(without_key("portfolio=1&key=abc&kind=buy"), without_key("portfolio=1&key=def&kind=buy"));
        assert_ne!(without_key("monkey=1"), without_key("monkey=2"));
    }

    #[test]
    fn an_answer_is_read_and_a_refusal_is_not() {
        let answer = |result| Answer { sent: String::new(), result };
        assert_eq!(answer(Ok("7".into())).read::<i64>(), Some(7));
        assert_eq!(answer(Ok("x".into())).read::<i64>(), None);
        assert_eq!(answer(Err(ApiError::new(ErrorCode::Conflict, "no"))).read::<i64>(), None);
    }
}
