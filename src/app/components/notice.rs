use crate::app::prelude::*;

use crate::live::expect_live;
use crate::wire::views::FeedKind;

/// Says on every page where prices come from, unless they are real.
#[component]
pub fn Notice() -> impl IntoView {
    let feed = expect_live().feed();
    let words = move || match feed.get() {
        FeedKind::Simulated => Some(("Simulated market.", " Prices are made up by a seeded model.")),
        FeedKind::Replay => Some(("Replayed market.", " Prices come from a file of recorded ticks, at their own times.")),
        FeedKind::Pushed => None,
    };
    move || words().map(|(title, rest)| view! { <p class="notice"><b>{title}</b>{rest}</p> }.into_any())
}
