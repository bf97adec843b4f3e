//! What an attribute is worth: a text, none, or a text that follows signals.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::{Get, Memo, Signal};

/// The text of an attribute; nothing where it is absent, empty where it is merely present.
pub(crate) type Text = Option<Cow<'static, str>>;

/// What computes a text from signals.
pub(crate) type Follow = Box<dyn FnMut() -> Text + Send>;

/// What an attribute, class or style is worth.
pub(crate) enum Value {
    /// The same for the life of the element.
    Fixed(Text),
    /// Follows signals: it is computed again when one of them changes.
    Live(Follow),
}

/// What can be the text of an attribute.
pub(crate) trait IntoText {
    /// Returns the text of the attribute; `None` leaves the attribute out.
    fn into_text(self) -> Text;
}

impl IntoText for &'static str {
    fn into_text(self) -> Text {
        Some(Cow::Borrowed(self))
    }
}

impl IntoText for String {
    fn into_text(self) -> Text {
        Some(Cow::Owned(self))
    }
}

impl IntoText for bool {
    fn into_text(self) -> Text {
        self.then_some(Cow::Borrowed(""))
    }
}

impl<T: IntoText> IntoText for Option<T> {
    fn into_text(self) -> Text {
        self.and_then(T::into_text)
    }
}

/// What can be given to an attribute, class or style.
pub(crate) trait IntoValue {
    /// Returns what the attribute, class or style is set to, fixed or following signals.
    fn into_value(self) -> Value;
}

impl<T: IntoText> IntoValue for T {
    fn into_value(self) -> Value {
        Value::Fixed(self.into_text())
    }
}

/// What `view!` makes of a closure.
impl<T: IntoText + 'static> IntoValue for Arc<Mutex<dyn FnMut() -> T + Send>> {
    fn into_value(self) -> Value {
        Value::Live(Box::new(move || (self.lock().unwrap_or_else(PoisonError::into_inner))().into_text()))
    }
}

impl<T: IntoText + Clone + Send + Sync + 'static> IntoValue for Signal<T> {
    fn into_value(self) -> Value {
        Value::Live(Box::new(move || self.get().into_text()))
    }
}

impl<T: IntoText + Clone + Send + Sync + 'static> IntoValue for Memo<T> {
    fn into_value(self) -> Value {
        Value::Live(Box::new(move || self.get().into_text()))
    }
}
