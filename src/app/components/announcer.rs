use crate::app::prelude::*;

use crate::app::components::{left_out_sentence, without};
use crate::app::preferences::expect_preferences;
use crate::app::reactive::effect;
use crate::live::{expect_live, source};
use crate::wire::views::PortfolioView;
use crate::words::figures;

/// The least time between two announcements, in milliseconds.
const EVERY_MS: u32 = 30_000;

/// Speaks the total and its day change to screen readers, at a humane rate and only when they changed.
#[component]
pub(crate) fn Announcer() -> impl IntoView {
    let totals = expect_live().totals();
    let preferences = expect_preferences();
    let line = RwSignal::new(String::new());
    effect(move || speak(totals, preferences.is_private(), line));
    view! { <p class="sr" aria-live="polite">{move || line.get()}</p> }
}

/// Says the line, and again after a while.
fn speak(totals: Signal<Option<PortfolioView>>, is_private: Signal<bool>, line: RwSignal<String>) {
    source::after(EVERY_MS, move || {
        let Some(sentence) = totals.try_with_untracked(|totals| totals.as_ref().and_then(sentence)) else { return };
        let sentence = sentence.filter(|_| !is_private.get_untracked() && !source::is_hidden());
        if let Some(sentence) = sentence
            && line.with_untracked(|line| *line != sentence)
        {
            line.set(sentence);
        }
        speak(totals, is_private, line);
    });
}

/// Writes what a screen reader says: the total, what it leaves out, and the day change in percent.
fn sentence(totals: &PortfolioView) -> Option<String> {
    let Some(total) = totals.total_value else { return left_out_sentence(totals) };
    let total = words().amount(total, totals.currency).text();
    let rest = without(totals).map(|rest| [" ", &rest].concat()).unwrap_or_default();
    let day = totals
        .day_change_percent
        .map(|percent| words().day_spoken(words().direction_word(figures::direction(percent)), &words().bare_percent(percent)));
    Some(words().total_spoken(&total, &rest, &day.unwrap_or_default()))
}
