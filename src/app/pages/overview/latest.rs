//! The newest notifications.

use crate::app::prelude::*;

use crate::app::components::list::{Part, list};
use crate::app::components::{Card, Empty, When, WhenStyle};
use crate::app::format;
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::NotificationView;

/// How many are shown.
const SHOWN: usize = 4;

/// What the alerts have told, newest first.
#[component]
pub fn Latest() -> impl IntoView {
    let notifications = expect_live().notifications();
    let newest = memo(move || notifications.with(|notifications| notifications.iter().take(SHOWN).cloned().collect::<Vec<_>>()));
    let is_empty = memo(move || newest.with(Vec::is_empty));
    let actions = view! { <a class="muted end" href="/inbox">"All"<span class="sr">" notifications"</span></a> };
    view! {
        <Card title="Inbox" actions=actions.into_any()>
            {move || if is_empty.get() {
                view! { <Empty title="Nothing has gone off" hint="When an alert fires, it says here what happened and why."/> }.into_any()
            } else {
                view! {
                    <ul class="inbox">
                        {list(move || newest.get().into_iter().map(|entry| Part::new([entry.notification_id.as_str(), if entry.read { " read" } else { "" }].concat(), move || view! { <Entry entry/> }.into_any())).collect())}
                    </ul>
                }.into_any()
            }}
        </Card>
    }
}

/// One notification: what fired, and why.
#[component]
fn Entry(entry: NotificationView) -> impl IntoView {
    let rises = format::waits_for_rise(entry.condition);
    let title = [
        entry.ticker.as_str(),
        " ",
        format::condition_phrase(entry.condition),
        " ",
        &format::threshold(entry.condition, entry.threshold),
    ]
    .concat();
    let unread = (!entry.read).then(|| view! { <span class="sr">"Unread: "</span> }.into_any());
    let reason = match entry.previous_price {
        Some(previous) => ["at ", &format::exact(entry.price), ", from ", &format::exact(previous)].concat(),
        None => ["at ", &format::exact(entry.price)].concat(),
    };
    view! {
        <li class:unread=!entry.read>
            <span class="ico" aria-hidden="true">{if rises { "▲" } else { "▼" }}</span>
            <div><b>{unread}{title}</b><p>{reason}</p></div>
            <When time=entry.time style=WhenStyle::Recent/>
        </li>
    }
}
