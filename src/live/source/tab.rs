//! The name of this tab, by which the server replaces its older streams.

use super::browser::{random, short_memory, whole};

/// Returns the name by which the server knows this tab, once it has one.
pub fn tab() -> Option<String> {
    short_memory().and_then(|memory| memory.get_item("foliostream:client").ok().flatten())
}

/// Returns the tab's name, the same after a reload.
pub(crate) fn client() -> String {
    tab().unwrap_or_else(new_client)
}

/// Gives the tab a new name: a random UUID, also where the page is not served safely and has no `crypto`.
pub(crate) fn new_client() -> String {
    let mut name = String::with_capacity(36);
    for index in 0..32_u32 {
        if matches!(index, 8 | 12 | 16 | 20) {
            name.push('-');
        }
        let random = u32::try_from(whole(random() * 16.0)).unwrap_or(0).min(15);
        let digit = match index {
            12 => 4,
            16 => 8 + random % 4,
            _ => random,
        };
        name.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
    if let Some(memory) = short_memory() {
        let _ = memory.set_item("foliostream:client", &name);
    }
    name
}
