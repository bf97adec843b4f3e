use crate::app::prelude::*;

use crate::domain::source::Nature;
use crate::live::expect_live;

/// Returns what prices that are not the market's are, in a title and a sentence.
fn told_of(nature: Nature) -> (&'static str, &'static str) {
    match nature {
        Nature::MadeUp => (words().simulated_market(), words().simulated_market_rest()),
        Nature::Recorded => (words().replayed_market(), words().replayed_market_rest()),
    }
}

/// Says on every page where prices come from, unless they are real: a sentence for each source.
#[component]
pub(crate) fn Notice() -> impl IntoView {
    let natures = expect_live().natures();
    move || {
        let told = natures.get().into_iter().map(told_of);
        let told: Vec<_> = told.map(|(title, rest)| view! { <b>{title}</b>{rest} }.into_any()).collect();
        (!told.is_empty()).then(|| view! { <p class="notice">{told}</p> }.into_any())
    }
}
