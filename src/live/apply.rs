//! How events and answers move the replica. Every event is newest-wins state, so that their order across names, and the
//! order of an answer and its event, do not matter.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use leptos::prelude::*;

use super::event::Happening;
use super::refresh::Refresh;
use super::{KEPT_DROPPED, LIVE, Live, source};
use crate::domain::instrument::Ticker;
use crate::domain::quote::Freshness;
use crate::wire::live::{Resume, SyncedView};
use crate::wire::views::{AlertView, NotificationReadView, NotificationView, PortfolioChangedView, PortfolioView, QuoteView};

/// As many notifications as a page keeps; the inbox fetches older ones.
const KEPT: usize = 200;

/// After a page's figures were taken over, an older quote of the stream is one that was on its way before, in milliseconds: a
/// frame at most, or a second in a background tab.
const ON_ITS_WAY_MS: i64 = 5_000;

/// Whether `alert` is news to `known`: not there, or of a lower revision.
pub(super) fn is_newer_alert(known: &[AlertView], alert: &AlertView) -> bool {
    known.iter().find(|other| other.id == alert.id).is_none_or(|other| other.revision < alert.revision)
}

impl Live {
    /// Moves the replica by one event.
    pub fn apply(&self, happening: Happening) {
        match happening {
            Happening::Hello(hello) => {
                let is_of_other_term = self.term.with_value(|known| *known != hello.epoch);
                self.term.set_value(hello.epoch);
                self.seeded_at.set_value(None);
                self.is_status_told.set_value(false);
                // A stream that goes on behind a state that came whole ends it with its `synced`, also after a cut.
                if hello.resume == Resume::Snapshot {
                    // A state that follows a reset and was cut begins once more, without another reset.
                    let is_anew = is_of_other_term || self.is_told_another_history();
                    self.refresh.set_value(Some(Refresh { is_anew, ..Refresh::default() }));
                }
            }
            Happening::Reset => {
                self.refresh.set_value(Some(Refresh { is_anew: true, ..Refresh::default() }));
                self.last_change.set_value(None);
            }
            Happening::Synced(synced) => {
                self.finish_refresh(&synced);
                self.finish_status();
                // While the stream was away, tabs may have come and gone.
                self.presence.update(|changes| *changes += 1);
            }
            Happening::Price(quote) => self.take_quote(quote),
            Happening::Portfolio(portfolio) => self.take_portfolio(&portfolio),
            Happening::PortfolioChanged(change) => self.take_portfolio_change(&change),
            Happening::AlertTriggered(notification) => self.take_notification(notification),
            Happening::AlertChanged(alert) => self.take_alert(alert),
            Happening::AlertDeleted(id) => drop(self.forget_alert(&id)),
            Happening::NotificationRead(read) => self.take_read(&read),
            Happening::Status(status) => {
                self.is_status_told.set_value(true);
                self.status.set(status);
            }
            Happening::PresenceChanged => self.presence.update(|changes| *changes += 1),
            Happening::Metrics(figures) => self.operations.update(|operations| {
                let heard_at = figures.time;
                operations.take(figures);
                operations.forget_others_than(heard_at);
            }),
            Happening::Heartbeat | Happening::Bye(_) => {}
        }
    }

    /// Returns whether a state has begun that may be of another history, and has not ended.
    pub(super) fn is_told_another_history(&self) -> bool {
        self.refresh.with_value(|refresh| refresh.as_ref().is_some_and(|refresh| refresh.is_anew))
    }

    /// Takes over an alert of the stream; the first of a new full state replaces it whatever its revision.
    fn take_alert(&self, alert: AlertView) {
        let name = |refresh: &mut Refresh| refresh.alerts.insert(alert.id.clone()) && refresh.is_anew;
        let replaces = self.refresh.try_update_value(|refresh| refresh.as_mut().is_some_and(name)).unwrap_or_default();
        if replaces && self.alerts.with_untracked(|known| known.iter().any(|other| other.id == alert.id && *other != alert)) {
            drop(self.forget_alert(&alert.id));
        }
        self.apply_alert(alert);
    }

    /// Takes over an alert from a command's answer or an event; the higher revision wins, whichever comes first.
    pub fn apply_alert(&self, alert: AlertView) {
        if !self.alerts.with_untracked(|known| is_newer_alert(known, &alert)) {
            return;
        }
        self.alerts.update(|known| match known.iter_mut().find(|other| other.id == alert.id) {
            Some(other) => *other = alert,
            None => known.push(alert),
        });
    }

    /// Drops an alert that was deleted, and returns what it was. Its event and the answer to the command that deleted it come in any
    /// order; the second of them finds the alert among the last that were dropped.
    pub fn forget_alert(&self, id: &str) -> Option<AlertView> {
        let is_it = |alert: &AlertView| alert.id == id;
        let dropped = self.alerts.with_untracked(|known| known.iter().find(|alert| is_it(alert)).cloned());
        let Some(dropped) = dropped else {
            return self.dropped_alerts.with_value(|dropped| dropped.iter().find(|alert| is_it(alert)).cloned());
        };
        self.alerts.update(|known| known.retain(|alert| !is_it(alert)));
        self.dropped_alerts.update_value(|known| {
            known.truncate(KEPT_DROPPED - 1);
            known.insert(0, dropped.clone());
        });
        Some(dropped)
    }

    /// Marks a notification as read at once; the event that follows brings the true count.
    pub fn mark_read(&self, notification_id: &str) {
        let was_unread = self.set_read(|notification| notification.notification_id == notification_id);
        if was_unread > 0 {
            self.unread.update(|count| *count = (*count - was_unread).max(0));
        }
        self.dismiss_toast(notification_id);
    }

    /// Drops a notification that was deleted; the event that follows brings the true count.
    pub fn forget_notification(&self, notification_id: &str) {
        self.mark_read(notification_id);
        self.notifications.update(|known| known.retain(|known| known.notification_id != notification_id));
        self.inbox_changes.update(|changes| *changes += 1);
    }

    /// Marks every notification as read at once.
    pub fn mark_all_read(&self) {
        self.set_read(|_| true);
        self.unread.set(0);
        self.toasts.set(Vec::new());
    }

    /// Marks the chosen ones and counts those that were unread.
    fn set_read(&self, chosen: impl Fn(&NotificationView) -> bool) -> i64 {
        let is_unread = |notification: &&NotificationView| !notification.read && chosen(notification);
        let count = self.notifications.with_untracked(|known| known.iter().filter(is_unread).count());
        if count > 0 {
            self.notifications.update(|known| {
                for notification in known.iter_mut().filter(|notification| chosen(notification)) {
                    notification.read = true;
                }
            });
        }
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    /// Takes over a quote of the stream, whatever its time: what a stream says last is the newest, and times may go back, as in a
    /// replay that starts over or after a clock that ran ahead. Only right after a page's figures an older one is not news.
    fn take_quote(&self, quote: QuoteView) {
        let is_full = self.refresh.try_update_value(|refresh| {
            refresh.as_mut().is_some_and(|refresh| {
                refresh.quotes.insert(quote.ticker.clone());
                true
            })
        });
        let now_ms = source::elapsed_ms();
        let is_after_page = self.seeded_at.get_value().is_some_and(|seeded_at| now_ms - seeded_at < ON_ITS_WAY_MS);
        let row = self.quote_row(&quote.ticker);
        let is_late = |known: &QuoteView| is_after_page && is_full != Some(true) && quote.time < known.time;
        if row.with_untracked(|known| known.as_ref().is_none_or(|known| *known != quote && !is_late(known))) {
            row.set(Some(quote));
            if self.moved_at_ms.get_untracked() != now_ms {
                self.moved_at_ms.set(now_ms);
            }
        }
    }

    /// Drops the prices of what a full state did not name: a feed that started over has none of it yet.
    pub(super) fn forget_quotes_but(&self, named: &BTreeSet<Ticker>) {
        let rows: Vec<_> = self.rows.with_value(|rows| {
            let rows = super::locked(rows);
            rows.quotes.iter().filter(|(ticker, _)| !named.contains(*ticker)).map(|(_, row)| row.clone()).collect()
        });
        rows.iter().filter(|row| row.with_untracked(Option::is_some)).for_each(|row| row.set(None));
    }

    /// Takes over a portfolio's totals and the holdings that came with them.
    fn take_portfolio(&self, portfolio: &PortfolioView) {
        if self.chosen.with_untracked(|chosen| chosen.as_ref() != Some(&portfolio.portfolio_id)) {
            return;
        }
        let is_whole = self.refresh.try_update_value(|refresh| match refresh {
            Some(refresh) => !std::mem::replace(&mut refresh.has_holdings, true),
            None => false,
        });
        if is_whole == Some(true) {
            self.replace_holdings(&portfolio.holdings, portfolio.holdings.len());
        } else {
            self.merge_holdings(portfolio);
        }
        self.take_totals(portfolio, false);
    }

    /// Takes over the holdings that changed; a quantity of zero closes one. Where more is held than a page shows, the others'
    /// rows are left alone: a purchase has the page fetched again, with the largest of then.
    fn merge_holdings(&self, portfolio: &PortfolioView) {
        let is_cut = self.unshown.get_untracked() > 0;
        for holding in &portfolio.holdings {
            let is_held = self.held.with_untracked(|held| held.contains(&holding.ticker));
            if is_cut && !is_held {
                continue;
            }
            if holding.quantity.is_zero() {
                if is_held {
                    self.held.update(|held| held.retain(|ticker| *ticker != holding.ticker));
                    self.holding_row(&holding.ticker).set(None);
                }
                continue;
            }
            let row = self.holding_row(&holding.ticker);
            if row.with_untracked(|known| known.as_ref() != Some(holding)) {
                row.set(Some(holding.clone()));
            }
            if !is_held {
                self.held.update(|held| held.push(holding.ticker.clone()));
            }
        }
    }

    /// Takes over totals without their holdings; a page's `may_be_late`, and then they are not taken where they are older.
    pub(super) fn take_totals(&self, portfolio: &PortfolioView, may_be_late: bool) {
        let is_older =
            |known: &PortfolioView| known.portfolio_id == portfolio.portfolio_id && may_be_late && known.time > portfolio.time;
        let totals = PortfolioView { holdings: Vec::new(), ..portfolio.clone() };
        if self.totals.with_untracked(|known| known.as_ref().is_some_and(|known| is_older(known) || *known == totals)) {
            return;
        }
        self.totals.set(Some(totals));
    }

    /// Counts a change of a portfolio's activities, so that pages fetch again what they drew from them.
    fn take_portfolio_change(&self, change: &PortfolioChangedView) {
        self.portfolios.update(|known| {
            if let Some(portfolio) = known.iter_mut().find(|portfolio| portfolio.portfolio_id == change.portfolio_id) {
                portfolio.revision = portfolio.revision.max(change.revision);
            }
        });
        // Of all together each process counts for itself.
        let is_old = |last: &PortfolioChangedView| {
            last.portfolio_id == change.portfolio_id
                && last.portfolio_id != PortfolioView::ALL
                && last.revision >= change.revision
        };
        if self.last_change.with_value(|last| last.as_ref().is_some_and(is_old)) {
            return;
        }
        self.last_change.set_value(Some(change.clone()));
        self.outdate_portfolio();
    }

    /// Puts a notification on top unless it is known, and on the screen unless it comes late.
    fn take_notification(&self, notification: NotificationView) {
        let same_number = |other: &NotificationView| other.notification_id == notification.notification_id;
        let known =
            self.notifications.with_untracked(|known| known.iter().find(|other| same_number(other)).map(|other| other.time));
        if known == Some(notification.time) {
            return;
        }
        if known.is_some() {
            // It was told in another history: the database was put back, and gives its number again.
            self.notifications.update(|known| known.retain(|other| !same_number(other)));
        }
        if !notification.read {
            self.unread.update(|count| *count += 1);
        }
        if !notification.replayed {
            self.raise_toast(&notification);
        }
        self.notifications.update(|known| {
            known.push(notification);
            known.sort_by_key(|notification| Reverse(notification.n));
            known.truncate(KEPT);
        });
    }

    /// Marks a notification as read, here or in another tab, and takes over the count.
    fn take_read(&self, read: &NotificationReadView) {
        self.set_read(|notification| notification.notification_id == read.notification_id);
        self.dismiss_toast(&read.notification_id);
        self.unread.set(read.unread_count);
        if read.deleted == Some(true) {
            self.notifications.update(|known| known.retain(|known| known.notification_id != read.notification_id));
        }
        if read.deleted.is_some() {
            self.inbox_changes.update(|changes| *changes += 1);
        }
    }

    /// After all that a stream begins with: it says how market data is doing only where that is not live. What was told before a
    /// cut may be long over, as where a replay has ended and starts over.
    fn finish_status(&self) {
        let is_old = !self.is_status_told.get_value() && self.status.with_untracked(|status| status.feed != Freshness::Live);
        if is_old {
            self.status.set(LIVE);
        }
    }

    /// After a full state: prices and alerts it did not name are gone, and the count is the server's.
    fn finish_refresh(&self, synced: &SyncedView) {
        self.term.set_value(synced.cursor.epoch.to_string());
        let refresh = self.refresh.try_update_value(Option::take).flatten();
        if let Some(refresh) = &refresh {
            self.forget_quotes_but(&refresh.quotes);
        }
        let Some(unread) = synced.unread_count else { return };
        if self.unread.get_untracked() != unread {
            self.unread.set(unread);
        }
        if unread == 0 {
            // Read marks that a full state bridged are not told again.
            self.set_read(|_| true);
        }
        if let Some(Refresh { alerts, .. }) = refresh {
            let is_gone = |alert: &AlertView| !alerts.contains(&alert.id);
            if self.alerts.with_untracked(|known| known.iter().any(is_gone)) {
                self.alerts.update(|known| known.retain(|alert| !is_gone(alert)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::live::{Cursor, HelloView};
    use crate::wire::views::{PageView, StatusView};
    use jiff::Timestamp;
    use leptos::reactive::owner::Owner;

    const TEN: &str = "2026-11-02T10:00:00Z";
    const ELEVEN: &str = "2026-11-02T11:00:00Z";

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn quote(ticker: &str, price: i64, time: &str) -> QuoteView {
        QuoteView {
            ticker: ticker.parse().unwrap(),
            price: price.into(),
            bid: None,
            ask: None,
            previous_close: None,
            change: None,
            change_percent: None,
            currency: "USD".parse().unwrap(),
            time: at(time),
            freshness: Freshness::Live,
        }
    }

    fn page(epoch: u64, seq: u64, quotes: &[QuoteView], server_time: &str) -> PageView {
        PageView {
            cursor: Cursor { epoch: epoch.into(), seq, ..Cursor::default() },
            stream: "/api/v1/stream".to_owned(),
            server_time: at(server_time),
            status: StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH },
            natures: vec![],
            demo: None,
            default_portfolio: None,
            typical_days: Vec::new(),
            portfolios: vec![],
            portfolio_values: vec![],
            portfolio_id: None,
            portfolio: None,
            holdings_count: 0,
            quotes: quotes.to_vec(),
            instruments: vec![],
            alerts: vec![],
            notifications: vec![],
            unread_count: 0,
        }
    }

    fn hello(epoch: u64, resume: Resume) -> Happening {
        Happening::Hello(HelloView {
            protocol: 1,
            epoch: epoch.to_string(),
            resume,
            heartbeat_s: 15,
            server_time: at(TEN),
            worker: "w".to_owned(),
            unknown_tickers: vec![],
            format: None,
        })
    }

    fn synced(epoch: u64) -> Happening {
        Happening::Synced(SyncedView { cursor: Cursor { epoch: epoch.into(), ..Cursor::default() }, unread_count: None })
    }

    fn price(live: Live, ticker: &str) -> Option<i64> {
        let known = live.quote(&ticker.parse().unwrap()).get_untracked()?;
        i64::try_from(known.price).ok()
    }

    /// Runs with a page that stands at A 5 and B 6, both of eleven o'clock, in term 1, and follows its stream.
    fn with_page(test: impl FnOnce(Live)) {
        Owner::new().with(|| {
            let live = Live::provide();
            live.seed(&page(1, 10, &[quote("A", 5, ELEVEN), quote("B", 6, ELEVEN)], ELEVEN));
            live.apply(hello(1, Resume::Replay));
            live.apply(synced(1));
            test(live);
        });
    }

    #[test]
    fn a_reset_replaces_every_price_whatever_its_time_and_drops_what_it_does_not_name() {
        for begin in [Happening::Reset, hello(2, Resume::Snapshot)] {
            with_page(|live| {
                live.apply(begin);
                live.apply(Happening::Price(quote("A", 1, TEN)));
                live.apply(synced(2));
                assert_eq!((price(live, "A"), price(live, "B")), (Some(1), None));
            });
        }
    }

    #[test]
    fn a_stream_that_begins_without_a_status_is_of_a_live_feed() {
        let stale = StatusView { feed: Freshness::Stale, since: at(ELEVEN) };
        for resume in [Resume::Snapshot, Resume::Replay] {
            with_page(|live| {
                live.apply(Happening::Status(stale));
                live.apply(hello(2, resume));
                assert_eq!(live.status().get_untracked(), stale, "until all is told");
                live.apply(synced(2));
                assert_eq!(live.status().get_untracked().feed, Freshness::Live);
                live.apply(hello(2, resume));
                live.apply(Happening::Status(stale));
                live.apply(synced(2));
                assert_eq!(live.status().get_untracked(), stale);
            });
        }
    }

    #[test]
    fn an_alert_that_was_deleted_is_still_known_when_it_is_deleted_a_second_time() {
        with_page(|live| {
            live.apply(alert(1, "150"));
            live.apply(Happening::AlertDeleted("7".into()));
            assert_eq!(live.alerts().with_untracked(Vec::len), 0);
            assert_eq!(live.forget_alert("7").map(|alert| alert.threshold), Some(150.into()));
            assert_eq!(live.forget_alert("8"), None);
        });
    }

    #[test]
    fn what_a_stream_says_last_is_the_newest_also_where_its_time_goes_back() {
        with_page(|live| {
            live.apply(Happening::Price(quote("A", 1, TEN)));
            assert_eq!((price(live, "A"), price(live, "B")), (Some(1), Some(6)));
        });
    }

    #[test]
    fn a_quote_that_was_on_its_way_before_a_page_does_not_replace_the_pages() {
        with_page(|live| {
            live.seed(&page(1, 20, &[quote("A", 7, "2026-11-02T12:00:00Z")], "2026-11-02T12:00:00Z"));
            live.apply(Happening::Price(quote("A", 5, ELEVEN)));
            assert_eq!(price(live, "A"), Some(7));
            live.apply(hello(1, Resume::Replay));
            live.apply(Happening::Price(quote("A", 8, ELEVEN)));
            assert_eq!(price(live, "A"), Some(8), "the page's own stream may go back");
        });
    }

    #[test]
    fn a_page_is_older_than_its_stream_only_within_a_term_and_up_to_the_servers_clock() {
        let late = [quote("A", 1, TEN)];
        with_page(|live| {
            live.seed(&page(1, 9, &late, ELEVEN));
            assert_eq!(price(live, "A"), Some(5), "it was read before");
        });
        with_page(|live| {
            live.seed(&page(2, 3, &late, ELEVEN));
            assert_eq!(price(live, "A"), Some(1), "another term's");
        });
        with_page(|live| {
            live.seed(&page(1, 20, &late, TEN));
            assert_eq!(price(live, "A"), Some(1), "a clock that ran ahead");
        });
    }

    fn alert(revision: i64, threshold: &str) -> Happening {
        let text = format!(
            r#"{{"id":"7","revision":{revision},"ticker":"A","condition":"price_above","threshold":"{threshold}","note":null,
            "repeat":"once","cooldown_s":0,"expires_at":null,"paused":false,"acknowledged":false,"state":"armed",
            "distance_percent":null,"created_at":"2026-11-02T09:00:00.000Z","triggered_at":null}}"#
        );
        Happening::read("alert_changed", &text).unwrap()
    }

    fn notification(n: i64, time: &str) -> Happening {
        let text = format!(
            r#"{{"notification_id":"{n}","n":{n},"alert_id":"7","ticker":"A","condition":"price_above","threshold":"1","price":"2",
            "previous_price":"1","message":"m","time":"{time}","gap":false,"replayed":true,"read":false}}"#
        );
        Happening::read("alert_triggered", &text).unwrap()
    }

    /// What a page shows: the alert's revision and threshold, and the times of notifications.
    fn shown(live: Live) -> (Vec<(i64, String)>, Vec<Timestamp>) {
        let alerts = live.alerts.get_untracked().into_iter().map(|alert| (alert.revision, alert.threshold.to_string()));
        (alerts.collect(), live.notifications.get_untracked().into_iter().map(|notification| notification.time).collect())
    }

    #[test]
    fn a_state_that_starts_over_replaces_what_was_told_of_another_history() {
        with_page(|live| {
            [alert(3, "90"), notification(1, ELEVEN), alert(2, "50")].into_iter().for_each(|event| live.apply(event));
            assert_eq!(shown(live), (vec![(3, "90".to_owned())], vec![at(ELEVEN)]), "within a history the newer one wins");
            // The database was put back: revisions are lower, and numbers are given again.
            live.apply(Happening::Reset);
            [alert(2, "50"), notification(1, TEN), alert(1, "40")].into_iter().for_each(|event| live.apply(event));
            assert_eq!(shown(live), (vec![(2, "50".to_owned())], vec![at(TEN)]));
        });
    }
}
