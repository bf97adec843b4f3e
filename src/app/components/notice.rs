use crate::app::prelude::*;

use crate::domain::source::Nature;
use crate::live::expect_live;

/// Returns what prices that are not the market's are, in a title and a sentence.
fn words(nature: Nature) -> (&'static str, &'static str) {
    match nature {
        Nature::MadeUp => ("Simulated market.", " Prices are made up by a seeded model. "),
        Nature::Recorded => ("Replayed market.", " Prices come from a file of recorded ticks, at their own times. "),
    }
}

/// Says on every page where prices come from, unless they are real: a sentence for each source.
#[component]
pub fn Notice() -> impl IntoView {
    let natures = expect_live().natures();
    move || {
        let told = natures.get().into_iter().map(words);
        let told: Vec<_> = told.map(|(title, rest)| view! { <b>{title}</b>{rest} }.into_any()).collect();
        (!told.is_empty()).then(|| view! { <p class="notice">{told}</p> }.into_any())
    }
}
