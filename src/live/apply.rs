//! How events and answers move the replica. Every event is newest-wins state, so that their order across names, and the
//! order of an answer and its event, do not matter.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use leptos::prelude::*;

use super::Live;
use super::event::Happening;
use crate::wire::live::{Resume, SyncedView};
use crate::wire::views::{AlertView, NotificationReadView, NotificationView, PortfolioChangedView, PortfolioView, QuoteView};

/// As many notifications as a page keeps; the inbox fetches older ones.
const KEPT: usize = 200;

/// A full state on its way in: what it has named so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Refresh {
    alerts: BTreeSet<String>,
    has_holdings: bool,
}

/// Whether `alert` is news to `known`: not there, or of a lower revision.
pub(super) fn is_newer_alert(known: &[AlertView], alert: &AlertView) -> bool {
    known.iter().find(|other| other.id == alert.id).is_none_or(|other| other.revision < alert.revision)
}

impl Live {
    /// Moves the replica by one event.
    pub fn apply(&self, happening: Happening) {
        match happening {
            Happening::Hello(hello) if hello.resume == Resume::Snapshot => self.refresh.set_value(Some(Refresh::default())),
            Happening::Reset => self.refresh.set_value(Some(Refresh::default())),
            Happening::Synced(synced) => {
                self.finish_refresh(&synced);
                // While the stream was away, tabs may have come and gone.
                self.presence.update(|changes| *changes += 1);
            }
            Happening::Price(quote) => self.take_quote(quote),
            Happening::Portfolio(portfolio) => self.take_portfolio(&portfolio),
            Happening::PortfolioChanged(change) => self.take_portfolio_change(&change),
            Happening::AlertTriggered(notification) => self.take_notification(notification),
            Happening::AlertChanged(alert) => {
                self.refresh.update_value(|refresh| {
                    if let Some(refresh) = refresh {
                        refresh.alerts.insert(alert.id.clone());
                    }
                });
                self.apply_alert(alert);
            }
            Happening::AlertDeleted(id) => self.forget_alert(&id),
            Happening::NotificationRead(read) => self.take_read(&read),
            Happening::Status(status) => self.status.set(status),
            Happening::PresenceChanged => self.presence.update(|changes| *changes += 1),
            Happening::Metrics(figures) => self.operations.update(|operations| {
                let heard_at = figures.time;
                operations.take(figures);
                operations.forget_others_than(heard_at);
            }),
            Happening::Hello(_) | Happening::Heartbeat | Happening::Bye(_) => {}
        }
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

    /// Drops an alert that was deleted.
    pub fn forget_alert(&self, id: &str) {
        if self.alerts.with_untracked(|known| known.iter().any(|alert| alert.id == id)) {
            self.alerts.update(|known| known.retain(|alert| alert.id != id));
        }
    }

    /// Marks a notification as read at once; the event that follows brings the true count.
    pub fn mark_read(&self, notification_id: &str) {
        let was_unread = self.set_read(|notification| notification.notification_id == notification_id);
        if was_unread > 0 {
            self.unread.update(|count| *count = (*count - was_unread).max(0));
        }
        self.dismiss_toast(notification_id);
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

    /// Takes over a quote unless a newer one is here.
    pub(super) fn take_quote(&self, quote: QuoteView) {
        let row = self.quote_row(&quote.ticker);
        let is_news = row.with_untracked(|known| known.as_ref().is_none_or(|known| known.time <= quote.time && *known != quote));
        if is_news {
            row.set(Some(quote));
        }
    }

    /// Takes over a portfolio's totals and the holdings that came with them.
    fn take_portfolio(&self, portfolio: &PortfolioView) {
        let is_shown =
            self.totals.with_untracked(|known| known.as_ref().is_some_and(|known| known.portfolio_id == portfolio.portfolio_id));
        if !is_shown {
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

    /// Takes over totals without their holdings; a page's may be older than the stream's.
    pub(super) fn take_totals(&self, portfolio: &PortfolioView, is_page: bool) {
        let is_older =
            |known: &PortfolioView| known.portfolio_id == portfolio.portfolio_id && is_page && known.time > portfolio.time;
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
        let is_old = |last: &PortfolioChangedView| last.portfolio_id == change.portfolio_id && last.revision >= change.revision;
        if self.last_change.with_value(|last| last.as_ref().is_some_and(is_old)) {
            return;
        }
        self.last_change.set_value(Some(change.clone()));
        self.outdate_portfolio();
    }

    /// Puts a notification on top unless it is known, and on the screen unless it comes late.
    fn take_notification(&self, notification: NotificationView) {
        let is_known = self
            .notifications
            .with_untracked(|known| known.iter().any(|other| other.notification_id == notification.notification_id));
        if is_known {
            return;
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
    }

    /// After a full state: alerts it did not name are gone, and the count is the server's.
    fn finish_refresh(&self, synced: &SyncedView) {
        let refresh = self.refresh.try_update_value(Option::take).flatten();
        let Some(unread) = synced.unread_count else { return };
        if self.unread.get_untracked() != unread {
            self.unread.set(unread);
        }
        if let Some(Refresh { alerts, .. }) = refresh {
            let is_gone = |alert: &AlertView| !alerts.contains(&alert.id);
            if self.alerts.with_untracked(|known| known.iter().any(is_gone)) {
                self.alerts.update(|known| known.retain(|alert| !is_gone(alert)));
            }
        }
    }
}
