//! What the instrument page says when it has no instrument to show.

use crate::app::prelude::*;

use crate::api::answer_with_status;

/// There is no such instrument.
#[component]
pub fn Missing(
    /// What was asked for.
    ticker: String,
) -> impl IntoView {
    answer_with_status(404);
    view! {
        <section class="card nothing">
            <p class="total" aria-hidden="true">"?"</p>
            <h1>"There is no instrument called "<bdi>{ticker}</bdi></h1>
            <p>"A ticker has 1 to 32 letters, digits and . ^ = _ -, as in AAPL or EURUSD=X. It exists here once the feed has quoted it."</p>
            <p class="submit">
                <a class="primary" href="/">"To the overview"</a>
                <a class="subtle" href="/alerts">"To your alerts"</a>
            </p>
        </section>
    }
}

/// The server did not answer as it should.
#[component]
pub fn Unreachable(
    /// What was asked for.
    ticker: String,
    /// What the server said.
    message: String,
) -> impl IntoView {
    answer_with_status(503);
    let again = ["/i/", &ticker].concat();
    view! {
        <section class="card nothing" role="alert">
            <h1>"This page could not be read"</h1>
            <p>{message}". Your portfolio and your alerts are safe: alerts are watched on the server, whether or not this page is open."</p>
            <p class="submit"><a class="primary" href=again rel="external">"Try again"</a></p>
        </section>
    }
}
