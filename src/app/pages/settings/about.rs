//! What runs here: the version, where prices come from, and how the stream is doing.

use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::domain::source::Nature;
use crate::live::{Connection, expect_live};

/// Returns where prices come from, in words.
fn price_words(natures: &[Nature]) -> String {
    let words = |nature: &Nature| match nature {
        Nature::MadeUp => "Simulated market: prices are made up by a seeded model",
        Nature::Recorded => "Replayed market: prices come from a file",
    };
    match natures {
        [] => "Pushed quotes: prices come from programs that send them".to_owned(),
        natures => natures.iter().map(words).collect::<Vec<_>>().join("; "),
    }
}

/// Returns how the stream is doing, in words that do not change with every tick.
fn stream_words(connection: Connection) -> &'static str {
    match connection {
        Connection::Connecting => "Connecting",
        Connection::Live { .. } => "Open, live",
        Connection::Reconnecting => "Reconnecting; nothing is lost meanwhile",
        Connection::Stale { .. } => "Open, but market data is old",
        Connection::Closed => "Open; the market is closed",
        Connection::Offline => "This device is offline",
    }
}

/// A short list of facts.
#[component]
pub fn About() -> impl IntoView {
    let live = expect_live();
    let (natures, connection) = (live.natures(), live.connection());
    let stream = memo(move || stream_words(connection.get()));
    view! {
        <section class="card about" aria-labelledby="about">
            <header><h2 id="about">"About"</h2></header>
            <dl class="facts-list">
                <div><dt>"Version"</dt><dd>"Foliostream "{env!("CARGO_PKG_VERSION")}</dd></div>
                <div><dt>"Prices"</dt><dd>{move || natures.with(|natures| price_words(natures))}</dd></div>
                <div><dt>"Stream"</dt><dd>{move || stream.get()}</dd></div>
                <div><dt>"Operations"</dt><dd><a href="/operations">"How this server is doing"</a></dd></div>
                <div><dt>"For programs"</dt><dd><a href="/api/openapi.json" rel="external">"The interface's description"</a></dd></div>
            </dl>
        </section>
    }
}
