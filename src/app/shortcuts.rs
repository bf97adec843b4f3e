//! The keyboard, and the dialogs it opens.

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::app::components::adding::adding;
use crate::app::reactive::effect;
use crate::live::source::{self, Key};
use crate::words::{Label, Words};

/// How long a `g` waits for its second key, in milliseconds.
const CHORD_MS: i64 = 1_500;

/// Every shortcut: its keys, and the text by which the help explains it.
pub const SHORTCUTS: [(&str, Label); 11] = [
    ("n", Words::add_transaction),
    ("/", Words::search_instruments),
    ("g o", Words::overview),
    ("g w", Words::performance),
    ("g a", Words::alerts),
    ("g i", Words::inbox),
    ("g l", Words::activity_the_ledger),
    ("g s", Words::settings),
    ("g p", Words::operations_how),
    ("?", Words::this_help),
    ("Esc", Words::close_what_is_open),
];

/// The dialogs that any part of the page may open. They come with the pages' part of the wasm: one that is asked for before opens once
/// it is drawn.
#[derive(Clone, Copy)]
pub struct Dialogs {
    /// The dialog in which instruments are searched.
    pub search: NodeRef<Dialog>,
    /// The dialog that lists the shortcuts.
    pub help: NodeRef<Dialog>,
    asked: RwSignal<Option<Asked>>,
}

/// Which dialog is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Search,
    Help,
}

impl Dialogs {
    /// Lets the page's parts open them from now on.
    pub fn provide() {
        provide_context(Self { search: NodeRef::new(), help: NodeRef::new(), asked: RwSignal::new(None) });
    }

    /// Opens the search, ready to be typed into.
    pub fn open_search(self) {
        self.asked.set(Some(Asked::Search));
    }

    /// Opens what is asked for, as soon as it is drawn.
    fn answer(self) {
        effect(move || match self.asked.get() {
            Some(Asked::Search) if self.search.with(Option::is_some) => {
                source::open_dialog(self.search);
                // What was looked for the last time is not looked for again.
                source::type_into("search-field", "");
                self.asked.set(None);
            }
            Some(Asked::Help) if self.help.with(Option::is_some) => {
                source::open_dialog(self.help);
                self.asked.set(None);
            }
            _ => {}
        });
    }
}

/// Listens to the keyboard for as long as the page lives. To be called inside the router.
pub fn listen(dialogs: Dialogs) {
    let navigate = StoredValue::new(use_navigate());
    let add = adding();
    let chord_at = StoredValue::new(None::<i64>);
    dialogs.answer();
    effect(move || {
        source::mind_menus();
        source::on_key(move |key| {
            if key.is_command && key.name.eq_ignore_ascii_case("k") {
                dialogs.open_search();
                return true;
            }
            if key.is_typing || key.is_chord {
                return false;
            }
            let now = source::elapsed_ms();
            let is_second = chord_at.get_value().is_some_and(|at| now - at < CHORD_MS);
            chord_at.set_value((key.name == "g" && !is_second).then_some(now));
            match meaning(&key, is_second) {
                Some(Meaning::Search) => dialogs.open_search(),
                Some(Meaning::Help) => dialogs.asked.set(Some(Asked::Help)),
                Some(Meaning::Add) => {
                    source::close_dialog(dialogs.help);
                    navigate.with_value(|navigate| navigate(&add.get_untracked(), keeping_place()));
                }
                Some(Meaning::Go(path)) => {
                    source::close_dialog(dialogs.help);
                    navigate.with_value(|navigate| navigate(path, NavigateOptions::default()));
                }
                None => return false,
            }
            true
        });
    });
}

/// The page stays where it is while the sheet opens over it.
fn keeping_place() -> NavigateOptions {
    NavigateOptions { scroll: false, ..NavigateOptions::default() }
}

/// The action that a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Search,
    Help,
    Add,
    Go(&'static str),
}

/// Reads a key; `is_second` follows a `g`.
fn meaning(key: &Key, is_second: bool) -> Option<Meaning> {
    match (key.name.as_str(), is_second) {
        ("/", _) => Some(Meaning::Search),
        ("?", _) => Some(Meaning::Help),
        ("n", false) => Some(Meaning::Add),
        ("o", true) => Some(Meaning::Go("/")),
        ("w", true) => Some(Meaning::Go("/performance")),
        ("a", true) => Some(Meaning::Go("/alerts")),
        ("i", true) => Some(Meaning::Go("/inbox")),
        ("l", true) => Some(Meaning::Go("/activity")),
        ("s", true) => Some(Meaning::Go("/settings")),
        ("p", true) => Some(Meaning::Go("/operations")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key { name: name.to_owned(), is_typing: false, is_chord: false, is_command: false }
    }

    #[test]
    fn a_letter_goes_somewhere_only_after_g() {
        assert_eq!(meaning(&key("o"), true), Some(Meaning::Go("/")));
        assert_eq!(meaning(&key("o"), false), None);
        assert_eq!(meaning(&key("n"), false), Some(Meaning::Add));
        assert_eq!(meaning(&key("/"), false), Some(Meaning::Search));
    }
}
