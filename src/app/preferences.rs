//! How this browser likes its pages: theme, palette, privacy. Remembered by the browser, never by the server.

use leptos::prelude::*;

use crate::app::reactive::effect;
use crate::live::source;

/// The colours of the page: those of the device, or a choice of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light or dark, as the device asks.
    #[default]
    System,
    /// Light, whatever the device asks for.
    Light,
    /// Dark, whatever the device asks for.
    Dark,
}

impl Theme {
    /// Returns the word it is remembered by.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The choices, as signals. Before the page is alive they stand at their defaults; `theme.js` has already drawn the page by them.
#[derive(Clone, Copy)]
pub struct Preferences {
    theme: RwSignal<Theme>,
    is_private: RwSignal<bool>,
    is_calm: RwSignal<bool>,
}

/// Returns the choices, which the application provides.
pub fn expect_preferences() -> Preferences {
    expect_context::<Preferences>()
}

impl Preferences {
    /// Puts the choices into the context and reads what is remembered once the page is alive.
    pub fn provide() -> Self {
        let preferences =
            Self { theme: RwSignal::new(Theme::System), is_private: RwSignal::new(false), is_calm: RwSignal::new(false) };
        provide_context(preferences);
        effect(move || {
            preferences.theme.set(match source::remembered("theme").as_deref() {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::System,
            });
            preferences.is_private.set(source::remembered("private").is_some());
            preferences.is_calm.set(source::remembered("palette").is_some());
        });
        preferences
    }

    /// Returns the chosen theme, as it changes.
    pub fn theme(&self) -> Signal<Theme> {
        self.theme.into()
    }

    /// Returns whether amounts are hidden.
    pub fn is_private(&self) -> Signal<bool> {
        self.is_private.into()
    }

    /// Returns whether green and red are replaced by hues that people with colour blindness can distinguish.
    pub fn is_calm(&self) -> Signal<bool> {
        self.is_calm.into()
    }

    /// Returns whether the page looks dark now.
    pub fn is_dark(&self) -> bool {
        match self.theme.get() {
            Theme::System => source::prefers_dark(),
            theme => theme == Theme::Dark,
        }
    }

    /// Chooses a theme, and keeps the choice in the browser.
    pub fn set_theme(&self, theme: Theme) {
        source::remember("theme", theme.word());
        self.theme.set(theme);
    }

    /// Hides or shows amounts.
    pub fn set_private(&self, is_private: bool) {
        source::remember("private", is_private.then_some("on"));
        self.is_private.set(is_private);
    }

    /// Chooses the calm palette, or green and red.
    pub fn set_calm(&self, is_calm: bool) {
        source::remember("palette", is_calm.then_some("calm"));
        self.is_calm.set(is_calm);
    }
}
