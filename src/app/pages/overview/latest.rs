//! The newest notifications, as a card of the overview.

use crate::app::prelude::*;

use crate::app::components::list::{Part, list};
use crate::app::components::{Card, Empty, When, WhenStyle};
use crate::app::reactive::memo;
use crate::live::expect_live;
use crate::wire::views::NotificationView;
use crate::words::figures;

/// The number of notifications that the card shows.
const SHOWN: usize = 4;

/// What the alerts have told, newest first.
#[component]
pub(crate) fn Latest() -> impl IntoView {
    let notifications = expect_live().notifications();
    let newest = memo(move || notifications.with(|notifications| notifications.iter().take(SHOWN).cloned().collect::<Vec<_>>()));
    let is_empty = memo(move || newest.with(Vec::is_empty));
    let actions = view! { <a class="muted end" href="/inbox">{words().all_notifications()}<span class="sr">{words().notifications_spoken()}</span></a> };
    view! {
        <Card title=words().inbox() actions=actions.into_any()>
            {move || if is_empty.get() {
                view! { <Empty title=words().nothing_has_gone_off() hint=words().nothing_has_gone_off_hint()/> }.into_any()
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
    let rises = figures::waits_for_rise(entry.condition);
    let title = [entry.ticker.as_str(), " ", &words().rule(entry.condition, entry.threshold)].concat();
    let unread = (!entry.read).then(|| view! { <span class="sr">{words().unread_spoken()}</span> }.into_any());
    let reason = match entry.previous_price {
        Some(previous) => words().at_price_from(&words().exact(entry.price), &words().exact(previous)),
        None => words().at_price(&words().exact(entry.price)),
    };
    view! {
        <li class:unread=!entry.read>
            <span class="ico" aria-hidden="true">{if rises { "▲" } else { "▼" }}</span>
            <div><b>{unread}{title}</b><p>{reason}</p></div>
            <When time=entry.time style=WhenStyle::Recent/>
        </li>
    }
}
