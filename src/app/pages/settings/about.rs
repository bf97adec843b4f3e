//! What runs here: the version, where prices come from, and how the stream is doing.

use crate::app::prelude::*;

use crate::app::reactive::memo;
use crate::domain::source::Nature;
use crate::live::{Connection, expect_live};

/// Returns where prices come from, in words.
fn price_words(natures: &[Nature]) -> String {
    let told = |nature: &Nature| match nature {
        Nature::MadeUp => words().feed_simulated(),
        Nature::Recorded => words().feed_replay(),
    };
    match natures {
        [] => words().feed_pushed().to_owned(),
        natures => natures.iter().map(told).collect::<Vec<_>>().join("; "),
    }
}

/// Returns how the stream is doing, in words that do not change with every tick.
fn stream_words(connection: Connection) -> &'static str {
    match connection {
        Connection::Connecting => words().stream_connecting(),
        Connection::Live { .. } => words().stream_live(),
        Connection::Reconnecting => words().stream_reconnecting(),
        Connection::Stale { .. } => words().stream_stale(),
        Connection::Closed => words().stream_closed(),
        Connection::Offline => words().stream_offline(),
        Connection::Full => words().too_many_tabs_hint(),
    }
}

/// A short list of facts.
#[component]
pub(crate) fn About() -> impl IntoView {
    let live = expect_live();
    let (natures, connection) = (live.natures(), live.connection());
    let stream = memo(move || stream_words(connection.get()));
    view! {
        <section class="card about" id="about" aria-labelledby="about-title">
            <header><h2 id="about-title">{words().about()}</h2></header>
            <dl class="facts-list">
                <div><dt>{words().version()}</dt><dd>"Foliostream "{env!("CARGO_PKG_VERSION")}</dd></div>
                <div><dt>{words().prices()}</dt><dd>{move || natures.with(|natures| price_words(natures))}</dd></div>
                <div><dt>{words().stream()}</dt><dd>{move || stream.get()}</dd></div>
                <div><dt>{words().operations()}</dt><dd><a href="/operations">{words().how_this_server_is_doing()}</a></dd></div>
                <div><dt>{words().for_programs()}</dt><dd><a href="/api/openapi.json" rel="external">{words().interface_description()}</a></dd></div>
            </dl>
        </section>
    }
}
