//! Which tabs and devices are connected now.

use crate::app::prelude::*;

use crate::api::query::Query;
use crate::api::told::Told;
use crate::app::components::{Empty, When, WhenStyle, fetched};
use crate::app::reactive::{effect, memo};
use crate::live::{expect_live, source};
use crate::wire::views::PresenceView;

/// The list of connected tabs; it is asked for again when one comes or goes.
#[component]
pub(crate) fn Devices() -> impl IntoView {
    let changes = expect_live().presence();
    // The browser gives the tab its name, and may give it another one.
    let own = RwSignal::new(None::<String>);
    effect(move || {
        changes.track();
        own.set(source::tab());
    });
    let tabs = fetched(
        move || (Query::Presence, changes.get()),
        || view! { <p class="hint">{words().loading()}</p> }.into_any(),
        move |answer| drawn(answer, own),
    );
    view! {
        <section class="card devices" id="devices" aria-labelledby="devices-title">
            <header><h2 id="devices-title">{words().connected_now()}</h2></header>
            {tabs}
        </section>
    }
}

fn drawn(answer: Told, own: RwSignal<Option<String>>) -> AnyView {
    match answer.read::<Vec<PresenceView>>() {
        Ok(tabs) if tabs.is_empty() => view! {
            <Empty title=words().no_page_connected() hint=words().no_page_connected_hint()/>
        }
        .into_any(),
        Ok(tabs) => {
            let rows: Vec<_> = tabs.into_iter().map(|tab| row(tab, own)).collect();
            view! { <ul class="device-list">{rows}</ul> }.into_any()
        }
        Err(error) => view! { <p class="hint">{words().list_not_read(&error.in_words(words()).message)}</p> }.into_any(),
    }
}

/// One tab: its device, since when, and whether it is this one.
fn row(tab: PresenceView, own: RwSignal<Option<String>>) -> AnyView {
    let PresenceView { client, device, connected_at, .. } = tab;
    let is_own = memo(move || own.with(|own| own.as_deref() == Some(&client)));
    view! {
        <li>
            <b>{device}</b>
            <span class="tag" hidden=move || !is_own.get()>{words().this_tab()}</span>
            <span class="muted">{words().since_lead()}<When time=connected_at style=WhenStyle::Recent/></span>
        </li>
    }
    .into_any()
}
