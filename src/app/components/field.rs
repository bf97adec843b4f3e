//! Form fields: the label above, the control, a hint, and the refusal beside it in words that say what to do.

use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::app::refused_form::Typed;
use crate::wire::error::ApiError;

/// What a form last heard, if it was a refusal.
pub type Refused = Signal<Option<ApiError>>;

/// A label, its control, a hint, and what was wrong with it.
///
/// The control's id must be `id`; it may point at `{id}-wrong` with `aria-describedby`.
#[component]
pub fn Field(
    /// The id of the control, to which the label and the refusal refer.
    #[prop(into)]
    id: String,
    /// The label above the control.
    #[prop(into)]
    label: String,
    /// The name under which a refusal names this field.
    name: &'static str,
    /// The last refusal of the form, shown here if it names this field.
    refused: Refused,
    /// A few words below the control.
    #[prop(optional, into)]
    hint: String,
    /// An addition to the class, such as `wide`.
    #[prop(optional)]
    class: &'static str,
    /// The input or select that the field is around.
    children: Children,
) -> impl IntoView {
    let message = memo(move || {
        refused.with(|refused| refused.as_ref().and_then(|error| error.message_of(name)).unwrap_or_default().to_owned())
    });
    let wrong_id = [&id, "-wrong"].concat();
    view! {
        <div class=["field ", class].concat()>
            <label for=id>{label}</label>
            {children()}
            {(!hint.is_empty()).then(|| view! { <small class="hint">{hint}</small> }.into_any())}
            <p class="wrong" id=wrong_id role="alert" hidden=move || message.with(String::is_empty)>{move || message.get()}</p>
        </div>
    }
}

/// A one-line text input inside its [`Field`].
#[component]
pub fn TextField(
    /// The id of the input, to which the label and the refusal refer.
    #[prop(into)]
    id: String,
    /// The label above the input.
    #[prop(into)]
    label: String,
    /// The form's name for it.
    name: &'static str,
    /// The last refusal of the form, shown here if it names this field.
    refused: Refused,
    /// What it holds at first; afterwards it holds what was typed.
    #[prop(optional, into)]
    value: String,
    /// The HTML type of the input: `text`, `date` or `datetime-local`.
    #[prop(default = "text")]
    kind: &'static str,
    /// `decimal` brings up digits on a phone.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// What is accepted, as a pattern; nothing accepts everything.
    #[prop(default = ".*")]
    pattern: &'static str,
    /// Whether it must be filled.
    #[prop(optional)]
    required: bool,
    /// The most characters that the input takes.
    #[prop(default = 64)]
    maxlength: u32,
    /// An example in the empty input.
    #[prop(optional)]
    placeholder: &'static str,
    /// A few words below it.
    #[prop(optional, into)]
    hint: String,
    /// The id of a list of suggestions.
    #[prop(optional)]
    list: &'static str,
    /// An addition to the field's class.
    #[prop(optional)]
    class: &'static str,
    /// Where what is typed goes as well.
    #[prop(optional, into)]
    typed: Option<RwSignal<String>>,
    /// Whether it is left out: hidden, and not sent.
    #[prop(optional, into)]
    absent: Signal<bool>,
) -> impl IntoView {
    let described = [&id, "-wrong"].concat();
    let value = Typed::value(name).unwrap_or(value);
    let is_wrong = move || refused.with(|refused| refused.as_ref().is_some_and(|error| error.message_of(name).is_some()));
    let on_input = move |event| {
        if let Some(typed) = typed {
            typed.set(event_target_value(&event));
        }
    };
    view! {
        <div class="slot" hidden=move || absent.get()>
            <Field id=id.clone() label name refused hint class>
                <input
                    id=id
                    name=name
                    type=kind
                    value=value
                    inputmode=inputmode
                    pattern=(pattern != ".*").then_some(pattern)
                    required=required
                    maxlength=maxlength.to_string()
                    placeholder=placeholder
                    list=(!list.is_empty()).then_some(list)
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=move || is_wrong().then_some("true")
                    disabled=move || absent.get()
                    on:input=on_input
                />
            </Field>
        </div>
    }
}

/// What a refusal says that no field of the form owns; `fields` are those that show their own.
#[component]
pub fn FormRefusal(
    /// The last refusal of the form.
    refused: Refused,
    /// The fields that show their own refusals.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let text = memo(move || {
        refused.with(|refused| match refused {
            Some(error) if error.fields() > 1 => words().fields_need_a_change(error.fields() as u64),
            Some(error) if !error.field.as_deref().is_some_and(|field| fields.contains(&field)) => said(error),
            _ => String::new(),
        })
    });
    view! { <p class="refusal" role="alert" hidden=move || text.with(String::is_empty)>{move || text.get()}</p> }
}

/// Returns a refusal with its field and its reference, where it has them.
fn said(error: &ApiError) -> String {
    let field = error.field.as_deref().map(|field| [field, ": "].concat()).unwrap_or_default();
    let sentence = [&field, error.message.as_str()].concat();
    match error.reference.as_deref() {
        Some(reference) => words().with_reference(&sentence, reference),
        None => sentence,
    }
}

/// A small form's question before something is lost. It opens on the page where it stands, and works without scripts.
#[component]
pub fn Confirm(
    /// The label of the closed control.
    #[prop(into)]
    label: String,
    /// The question in full.
    #[prop(into)]
    question: String,
    /// The form that does it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="subtle">{label}</summary>
            <div class="sheet">
                <p>{question}</p>
                {children()}
            </div>
        </details>
    }
}
