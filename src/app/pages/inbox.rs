//! `/inbox`: what the alerts have told, newest first, grouped by day.

use std::collections::BTreeMap;

use crate::app::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::query::Query;
use crate::api::{DeleteNotification, ReadAllNotifications, ReadNotification, RestoreNotification};
use crate::app::components::field::FormRefusal;
use crate::app::components::icon::Icon;
use crate::app::components::links::within_portfolio;
use crate::app::components::moment::{is_local, moment};
use crate::app::components::post_form::{Command, PostForm};
use crate::app::components::{When, WhenStyle, fetched};
use crate::app::reactive::memo;
use crate::app::said::{Said, Undo};
use crate::live::{Live, expect_live};
use crate::wire::error::ApiError;
use crate::wire::views::NotificationView;
use crate::words::dates::{Civil, day};

/// How many entries a page holds; the server sends no more.
const PAGE: usize = 50;

/// What can be done with entries.
#[derive(Clone, Copy)]
struct InboxActions {
    read: Command,
    read_all: Command,
    delete: Command,
}

impl InboxActions {
    /// Makes the actions; a success shows at once, the event that follows brings the true count.
    fn new(live: Live) -> Self {
        let (read, read_all) = (Command::of::<ReadNotification>(), Command::of::<ReadAllNotifications>());
        let actions = Self { read, read_all, delete: Command::of::<DeleteNotification>() };
        actions.read.when_done(move |answer| {
            if let Some(id) = answer.sent("id") {
                live.mark_read(id);
            }
        });
        actions.read_all.when_done(move |_| live.mark_all_read());
        let said = Said::expect();
        actions.delete.when_done(move |answer| {
            let Some(id) = answer.sent("id") else { return };
            live.forget_notification(id);
            said.say(words().said_notification_deleted().to_owned(), Some(Undo::by::<RestoreNotification>(&[("id", id)])));
        });
        actions
    }
}

/// The page of notifications.
#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let live = expect_live();
    let query = use_query_map();
    let actions = InboxActions::new(live);
    let before = memo(move || query.read().get("before").and_then(|text| text.parse::<i64>().ok()));
    let is_unread_only = memo(move || query.read().get_str("show") == Some("unread"));
    let unread = live.unread();
    let heard = actions.read_all.refused();
    let (heard_one, heard_delete) = (actions.read.refused(), actions.delete.refused());
    let entries = fetched(
        move || {
            let changes = live.inbox_changes().get() + actions.read.version().get() + actions.read_all.version().get();
            (Query::Inbox(before.get(), is_unread_only.get()), changes)
        },
        || view! { <section class="card skeleton" aria-busy="true"><p class="hint">{words().loading()}</p></section> }.into_any(),
        move |answer| match answer.read::<Vec<NotificationView>>() {
            Ok(stored) => {
                view! { <Entries stored before=before.get_untracked() is_unread_only=is_unread_only.get_untracked() actions/> }
                    .into_any()
            }
            Err(error) => unreachable(error),
        },
    );
    view! {
        <Title text=words().inbox()/>
        <div class="page inbox-page">
            <section class="card inbox-card" aria-labelledby="inbox-title">
                <header>
                    <h1 id="inbox-title">{words().inbox()}</h1>
                    <span class="tag" hidden=move || unread.get() == 0>{move || words().unread_of(&unread.get().to_string())}</span>
                    <Shown is_unread_only/>
                    <div hidden=move || unread.get() == 0>
                        <PostForm command=actions.read_all><button class="subtle" type="submit">{words().mark_all_read()}</button></PostForm>
                    </div>
                </header>
                <FormRefusal refused=Signal::derive(move || heard.get().or_else(|| heard_one.get()).or_else(|| heard_delete.get()))/>
                {entries}
            </section>
        </div>
    }
}

/// Whether all notifications are shown or those that were not read, as links.
#[component]
fn Shown(is_unread_only: Memo<bool>) -> impl IntoView {
    let link = move |href: &'static str, label: &'static str, is_it: bool| {
        view! { <a href=within_portfolio(href) aria-current=move || (is_unread_only.get() == is_it).then_some("true")>{label}</a> }.into_any()
    };
    view! {
        <nav class="ranges" aria-label=words().notifications_shown()>
            {link("/inbox", words().all_notifications(), false)}
            {link("/inbox?show=unread", words().unread(), true)}
        </nav>
    }
}

/// Says what went wrong and what still works.
fn unreachable(error: ApiError) -> AnyView {
    let error = error.in_words(words());
    view! {
        <div class="nothing" role="alert">
            <h2>{words().inbox_not_read()}</h2>
            <p>{words().nothing_is_lost(&error.message)}</p>
            <p class="submit"><a class="primary" href="/inbox" rel="external">{words().try_again()}</a></p>
        </div>
    }
    .into_any()
}

/// Puts stored and live entries together: newest first, the live ones' read state wins where it says more.
fn merged(stored: &[NotificationView], live: &[NotificationView], is_newest: bool) -> Vec<NotificationView> {
    let mut by_number: BTreeMap<i64, NotificationView> = stored.iter().map(|entry| (entry.n, entry.clone())).collect();
    let end = stored.iter().map(|entry| entry.n).max().unwrap_or_default();
    for entry in live {
        if let Some(known) = by_number.get_mut(&entry.n) {
            known.read |= entry.read;
        } else if is_newest && entry.n > end {
            by_number.insert(entry.n, entry.clone());
        }
    }
    by_number.into_values().rev().collect()
}

/// The entries by day, and a link to older ones.
#[component]
fn Entries(stored: Vec<NotificationView>, before: Option<i64>, is_unread_only: bool, actions: InboxActions) -> impl IntoView {
    let live = expect_live();
    let newest = live.notifications();
    let is_local = is_local();
    let older = (stored.len() >= PAGE).then(|| stored.iter().map(|entry| entry.n).min()).flatten();
    let entries = memo(move || {
        let mut entries = newest.with(|newest| merged(&stored, newest, before.is_none()));
        entries.retain(|entry| !(is_unread_only && entry.read));
        entries
    });
    let show = if is_unread_only { "&show=unread" } else { "" };
    let days = move || {
        let is_local = is_local.get();
        let today = live.followed().with(|followed| followed.as_ref().map(|followed| moment(followed.server_time, is_local)));
        let mut days: Vec<(Civil, Vec<NotificationView>)> = Vec::new();
        for entry in entries.get() {
            let civil = moment(entry.time, is_local);
            match days.last_mut() {
                Some((first, list)) if day(*first) == day(civil) => list.push(entry),
                _ => days.push((civil, vec![entry])),
            }
        }
        let section =
            |(first, list)| view! { <Day heading=words().day_heading(first, today.unwrap_or(first)) list actions/> }.into_any();
        days.into_iter().map(section).collect_view()
    };
    let is_empty = memo(move || entries.with(Vec::is_empty));
    view! {
        <div class="inbox-days">
            {move || days()}
            <Show when=move || is_empty.get()><Quiet is_first=before.is_none() is_unread_only/></Show>
            <p class="older">
                {before.is_some().then(|| view! { <a class="subtle" href="/inbox">{words().newest()}</a> }.into_any())}
                {older.map(|n| view! { <a class="subtle" href=["/inbox?before=", &n.to_string(), show].concat()>{words().older()}</a> }.into_any())}
            </p>
        </div>
    }
}

/// The text of a page without entries: nothing has fired yet, or nothing older is there.
#[component]
fn Quiet(is_first: bool, is_unread_only: bool) -> impl IntoView {
    let (heading, hint) = if is_first && is_unread_only {
        (words().nothing_unread(), words().nothing_unread_hint())
    } else if is_first {
        (words().nothing_happened_yet(), words().nothing_happened_yet_hint())
    } else {
        (words().nothing_older(), words().inbox_begins())
    };
    view! {
        <div class="nothing">
            <h2>{heading}</h2>
            <p>{hint}</p>
            <p class="submit" hidden=is_unread_only><a class="primary" href="/alerts">{words().set_an_alert()}</a></p>
        </div>
    }
}

/// The notifications of one day, below a heading with its date.
#[component]
fn Day(heading: String, list: Vec<NotificationView>, actions: InboxActions) -> impl IntoView {
    let rows = list.into_iter().map(|entry| view! { <Entry entry actions/> }.into_any()).collect_view();
    view! {
        <section class="inbox-day">
            <h2>{heading}</h2>
            <ul class="inbox">{rows}</ul>
        </section>
    }
}

/// One entry: what happened, and why.
#[component]
fn Entry(entry: NotificationView, actions: InboxActions) -> impl IntoView {
    let ticker = entry.ticker.to_string();
    let link = ["/i/", &ticker].concat();
    let arrow = if entry.condition.is_upward() { "M4 1 L7.5 7 H0.5Z" } else { "M4 7 L7.5 1 H0.5Z" };
    let unread = !entry.read;
    let sentence = entry.sentence(words());
    let spoken = [" ", &sentence].concat();
    let deletes = spoken.clone();
    let id = entry.notification_id.clone();
    let note = entry.note.clone().filter(|note| !sentence.contains(note.as_str()));
    view! {
        <li class:unread=unread>
            <div class="entry">
            <span class="ico" aria-hidden="true"><svg class="arr" viewBox="0 0 8 8"><path d=arrow></path></svg></span>
            <div>
                <a class="what" href=link>{unread.then(|| view! { <span class="sr">{words().unread_spoken()}</span> }.into_any())}<b class="message"><bdi>{sentence}</bdi></b></a>
                {note.map(|note| view! { <p><bdi>{note}</bdi></p> }.into_any())}
                {entry.gap.then(|| view! { <p>{words().passed_while_down()}</p> }.into_any())}
            </div>
            <div class="end-column">
                <When time=entry.time style=WhenStyle::Clock/>
                {unread.then(|| view! {
                    <PostForm command=actions.read>
                        <input type="hidden" name="id" value=entry.notification_id/>
                        <button class="icon" type="submit" title=words().mark_read()><Icon name="check"/><span class="sr">{words().mark_read()}{spoken}</span></button>
                    </PostForm>
                }.into_any())}
            </div>
            </div>
            // On a phone it stands beside the row, which is pushed aside to reach it.
            <div class="swipe-away">
                <PostForm command=actions.delete>
                    <input type="hidden" name="id" value=id/>
                    <button class="icon" type="submit" title=words().delete()><Icon name="trash"/><span class="sr">{words().delete()}{deletes}</span></button>
                </PostForm>
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Condition;
    use rust_decimal::Decimal;

    fn entry(n: i64, read: bool) -> NotificationView {
        NotificationView {
            notification_id: n.to_string(),
            n,
            alert_id: "1".into(),
            ticker: "AAPL".parse().unwrap(),
            condition: Condition::PriceAbove,
            threshold: Decimal::ONE,
            price: Decimal::TWO,
            previous_price: None,
            message: String::new(),
            change_percent: None,
            note: None,
            currency: None,
            time: jiff::Timestamp::UNIX_EPOCH,
            gap: false,
            replayed: false,
            read,
        }
    }

    fn numbers(entries: &[NotificationView]) -> Vec<i64> {
        entries.iter().map(|entry| entry.n).collect()
    }

    #[test]
    fn what_arrives_live_stands_on_top_once() {
        let both = merged(&[entry(3, false), entry(2, false)], &[entry(4, false), entry(3, false)], true);
        assert_eq!(numbers(&both), [4, 3, 2]);
    }

    #[test]
    fn an_older_page_takes_in_nothing_new() {
        assert_eq!(numbers(&merged(&[entry(3, false)], &[entry(9, false)], false)), [3]);
    }

    #[test]
    fn an_entry_read_on_either_side_is_read() {
        assert!(merged(&[entry(3, false)], &[entry(3, true)], true)[0].read);
        assert!(merged(&[entry(3, true)], &[entry(3, false)], true)[0].read);
    }
}
