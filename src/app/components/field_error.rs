use crate::app::prelude::*;

use crate::app::components::field::Refused;
use crate::app::reactive::memo;
use crate::wire::error::ApiError;

/// The refusal of a form, beside the field it is about; an empty `field` shows what is about no field.
///
/// Its id is `{field}-error`, for the input's `aria-describedby`.
#[component]
pub(crate) fn FieldError(
    /// The last refusal of the form, shown here if it names this field.
    refused: Refused,
    /// The name of the field, as the refusal names it.
    field: &'static str,
) -> impl IntoView {
    let message = memo(move || {
        refused.with(|refused| match refused {
            Some(error) if error.field.as_deref().unwrap_or_default() == field => Some(told(error)),
            _ => None,
        })
    });
    let id = if field.is_empty() { "form-error".to_owned() } else { [field, "-error"].concat() };
    view! { <p class="field-error" id=id role="alert" hidden=move || message.get().is_none()>{move || message.get()}</p> }
}

/// Says what to do, and what to look for in the log where the cause is internal.
fn told(error: &ApiError) -> String {
    match &error.reference {
        Some(reference) => words().with_reference(&error.message, reference),
        None => error.message.clone(),
    }
}
