use crate::app::prelude::*;
use jiff::Timestamp;

use super::time::{When, WhenStyle};
use crate::app::reactive::memo;
use crate::live::{Connection, Live, expect_live};

/// What the pill says, without the age: it is spoken when it changes, so it must change seldom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    AsOf,
    Live,
    Reconnecting,
    Stale,
    Closed,
    Offline,
    Full,
}

/// Returns of when the figures are.
fn as_of(live: Live) -> Option<Timestamp> {
    let page = live.followed().with(|followed| followed.as_ref().map(|followed| followed.server_time));
    live.totals().with(|totals| totals.as_ref().map(|totals| totals.time)).max(page)
}

/// The truth about the figures on the page: live and how old, reconnecting, stale since when, market closed. Pressed, it connects
/// again at once.
#[component]
pub(crate) fn Pill() -> impl IntoView {
    let live = expect_live();
    let connection = live.connection();
    let said = memo(move || match connection.get() {
        Connection::Connecting => Said::AsOf,
        Connection::Live { .. } => Said::Live,
        Connection::Reconnecting => Said::Reconnecting,
        Connection::Stale { .. } => Said::Stale,
        Connection::Closed => Said::Closed,
        Connection::Offline => Said::Offline,
        Connection::Full => Said::Full,
    });
    let age = move || match connection.get() {
        Connection::Live { age_ms } => words().age(age_ms),
        _ => String::new(),
    };
    let time = memo(move || match connection.get() {
        Connection::Stale { since } => Some(since),
        // The figures are those of the page, or of the last event that moved them.
        Connection::Connecting | Connection::Offline | Connection::Reconnecting => as_of(live),
        _ => None,
    });
    let class = move || match said.get() {
        Said::Live => "pill live",
        Said::AsOf | Said::Closed => "pill quiet",
        Said::Reconnecting | Said::Stale | Said::Offline | Said::Full => "pill warn",
    };
    let text = move || match said.get() {
        Said::AsOf => words().as_of_lead(),
        Said::Live => words().live(),
        Said::Reconnecting => words().reconnecting_since_lead(),
        Said::Stale => words().stale_since_lead(),
        Said::Closed => words().market_closed(),
        Said::Offline => words().offline_since_lead(),
        Said::Full => words().too_many_tabs(),
    };
    view! {
        <button class=move || class() type="button" title=move || if said.get() == Said::Full { words().too_many_tabs_hint() } else { words().connect_again() } on:click=move |_| live.connect_again()>
            <span class="beat" aria-hidden="true"></span>
            <span role="status" class="said">
                {move || text()}
                {move || time.get().map(|time| view! { <When time style=WhenStyle::Recent/> }.into_any())}
            </span>
            <span class="age" aria-hidden="true">{move || age()}</span>
        </button>
    }
}
