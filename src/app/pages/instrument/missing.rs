//! What the instrument page says when it has no instrument to show.

use crate::app::prelude::*;

use crate::api::answer_with_status;

/// There is no such instrument.
#[component]
pub(crate) fn Missing(
    /// The ticker that was asked for.
    ticker: String,
) -> impl IntoView {
    answer_with_status(404);
    view! {
        <section class="card nothing">
            <p class="total" aria-hidden="true">"?"</p>
            <h1>{words().no_such_instrument_lead()}<bdi>{ticker}</bdi></h1>
            <p>{words().no_such_instrument_hint()}</p>
            <p class="submit">
                <a class="primary" href="/">{words().to_the_overview()}</a>
                <a class="subtle" href="/alerts">{words().to_your_alerts()}</a>
            </p>
        </section>
    }
}

/// The server did not answer as it should.
#[component]
pub(crate) fn Unreachable(
    /// The ticker that was asked for.
    ticker: String,
    /// The refusal of the server.
    message: String,
) -> impl IntoView {
    answer_with_status(503);
    let again = ["/i/", &ticker].concat();
    view! {
        <section class="card nothing" role="alert">
            <h1>{words().this_page_could_not_be_read()}</h1>
            <p>{words().portfolio_is_safe(&message)}</p>
            <p class="submit"><a class="primary" href=again rel="external">{words().try_again()}</a></p>
        </section>
    }
}
