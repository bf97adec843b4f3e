//! Numbers that a person types, in the form of the page's language.

use crate::app::prelude::*;
use rust_decimal::Decimal;

use crate::wire::commands::parse_decimal;

/// Says with a form in which language its numbers are written; a form that does not say so has them as programs write them. So a
/// form is read as it was shown, also where another language was chosen in the meantime.
#[component]
pub fn NumbersLanguage() -> impl IntoView {
    view! { <input type="hidden" name="language" value=words().numbers().word()/> }
}

/// Reads a number as it was typed, or says what is wrong with it.
pub fn typed_number(typed: &str) -> Result<Decimal, String> {
    let canonical = words().numbers().canonical(typed).map_err(|why| words().misread(why))?;
    parse_decimal(&canonical).map_err(|refusal| words().said(&refusal.0))
}

/// Writes a number of an address, which is written as programs do, for a person to change; what is none stays as it is.
pub fn asked_number(asked: String) -> String {
    parse_decimal(&asked).map_or(asked, |value| words().editable(value))
}
