//! The input of an instrument: what is held is suggested at once, everything else as it is typed, by ticker or name.

use crate::app::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::app::components::field::{Refused, TextField};
use crate::app::reactive::{effect, memo};
use crate::domain::instrument::Ticker;
use crate::live::{expect_live, source};
use crate::wire::views::InstrumentView;

/// How long typing must rest before the server is asked, in milliseconds.
const REST_MS: u32 = 150;

/// The instrument of a transaction, with its name and price below once it is known.
#[component]
pub fn InstrumentField(
    /// Where what is typed goes as well.
    typed: RwSignal<String>,
    /// What it holds at first.
    start: String,
    /// The last refusal of the form.
    refused: Refused,
) -> impl IntoView {
    let live = expect_live();
    let found = RwSignal::new(Vec::<InstrumentView>::new());
    ask_as_typed(typed, found);
    let suggestions = move || {
        let held = live.holdings().get().into_iter().map(|ticker| {
            let name = live.instrument(&ticker).map(|instrument| instrument.name).unwrap_or_default();
            (ticker.to_string(), name)
        });
        let mut all: Vec<(String, String)> = held.collect();
        let is_new = |all: &[(String, String)], ticker: &str| all.iter().all(|(known, _)| known != ticker);
        for instrument in found.get() {
            if is_new(&all, instrument.ticker.as_str()) {
                all.push((instrument.ticker.to_string(), [&instrument.name, " \u{b7} ", instrument.currency.as_str()].concat()));
            }
        }
        all.into_iter().map(|(ticker, name)| view! { <option value=ticker>{name}</option> }.into_any()).collect_view()
    };
    let about = memo(move || {
        let text = typed.get().trim().to_uppercase();
        let ticker: Ticker = text.parse().ok()?;
        let known = live.instrument(&ticker).map(|known| (known.name, known.currency));
        let known = known.or_else(|| {
            found
                .with(|found| found.iter().find(|known| known.ticker == ticker).map(|known| (known.name.clone(), known.currency)))
        });
        known.map(|(name, currency)| [&name, " \u{b7} ", currency.as_str()].concat())
    });
    view! {
        <TextField id="entry-ticker" label=words().instrument() name="ticker" refused value=start typed=typed maxlength=32
            pattern="[A-Za-z0-9.^=_\\-]{1,32}" placeholder="AAPL" list="entry-tickers"/>
        <small class="hint" aria-live="polite">{move || about.get().unwrap_or_else(|| words().instrument_hint().to_owned())}</small>
        <datalist id="entry-tickers">{suggestions}</datalist>
    }
}

/// Asks the server for instruments once typing rests; an answer that comes late is dropped.
fn ask_as_typed(typed: RwSignal<String>, found: RwSignal<Vec<InstrumentView>>) {
    effect(move || {
        let text = typed.get();
        if text.trim().len() < 2 {
            return;
        }
        source::after(REST_MS, move || {
            if typed.try_with_untracked(|now| *now == text) != Some(true) {
                return;
            }
            spawn_local(async move {
                if let Ok(answer) = api::search(text).await {
                    let _ = found.try_set(answer);
                }
            });
        });
    });
}
