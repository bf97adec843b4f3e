//! A form that was posted without scripts and refused: the page that answers it shows the refusal, and holds what was typed.

use serde::{Deserialize, Serialize};

use crate::app::prelude::*;
use crate::app::reactive::effect;
use crate::live::source;
use crate::wire::error::ApiError;
use crate::wire::json;

/// The id of the element in which the page hands it to the scripts that take it over.
pub const ELEMENT: &str = "refused-form";

/// What was refused. The server makes it for the page that it answers with, and nothing of it is ever read from an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedForm {
    /// The server function it was posted to.
    pub path: String,
    /// The form's fields as they were posted, URL-encoded.
    pub sent: String,
    /// The address of the page that shows it.
    pub page: String,
    /// Why it was refused.
    pub refusal: ApiError,
}

impl RefusedForm {
    /// Returns the form that was posted to `path`, if this page answers it. A page that lives forgets it: the next one of this
    /// kind is not its answer.
    pub fn of(path: &str) -> Option<Self> {
        let embedded = || json::read(&source::embedded(ELEMENT)?).ok();
        let refused = use_context::<Self>().or_else(embedded).filter(|refused| refused.path == path)?;
        effect(|| source::forget_embedded(ELEMENT));
        Some(refused)
    }

    /// Returns the script that gives the page its own address again, and the text of the element that hands the form over.
    pub fn handed_over(&self) -> (String, String) {
        let address = harmless(&serde_json::to_string(&self.page).unwrap_or_default());
        let script = ["history.replaceState(history.state, \"\", ", &address, ");\n"].concat();
        (script, harmless(&serde_json::to_string(self).unwrap_or_default()))
    }
}

/// Returns JSON in which nothing can end the element around it.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// What was typed into a form that was refused, for the inputs within it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed(pub Option<String>);

impl Typed {
    /// Returns what was typed into a field of the form around this input.
    pub fn value(name: &str) -> Option<String> {
        typed_value(use_context::<Self>()?.0.as_deref()?, name)
    }
}

/// Returns a field of a URL-encoded form, decoded.
pub fn typed_value(sent: &str, name: &str) -> Option<String> {
    sent.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decoded)
}

/// Decodes what a form's encoding has changed; what is not encoded so stays.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let encoded = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = encoded.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        rest = if byte.is_some() { &after[2..] } else { after };
        bytes.push(byte.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_as_it_was_typed() {
        let sent = "note=sell+half+%26+%E2%82%AC+100%25&ticker=BRK-B&other=%zz%+%2";
        assert_eq!(typed_value(sent, "note").as_deref(), Some("sell half & € 100%"));
        assert_eq!(typed_value(sent, "other").as_deref(), Some("%zz% %2"));
        assert_eq!(typed_value(sent, "tick"), None);
    }

    #[test]
    fn what_was_typed_cannot_leave_its_element() {
        let refused = RefusedForm {
            path: "/api/ui/create_alert".into(),
            sent: "note=</script><script>".into(),
            page: "/alerts?x=</script>".into(),
            refusal: ApiError::field("note", "<b>"),
        };
        let json = harmless(&serde_json::to_string(&refused).unwrap());
        assert!(!json.contains('<'));
        assert_eq!(serde_json::from_str::<RefusedForm>(&json).unwrap(), refused);
    }
}
