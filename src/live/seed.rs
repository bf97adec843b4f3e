//! How a page's figures become the replica's: at first paint, and again after a navigation or a change of the ledger.

use jiff::Timestamp;
use leptos::prelude::*;

use super::apply::is_newer_alert;
use super::followed::{Figures, Followed};
use super::{Live, locked, source};
use crate::domain::instrument::Ticker;
use crate::domain::moment::AHEAD;
use crate::wire::views::{HoldingView, NotificationView, PageView, PortfolioView, QuoteView};

impl Live {
    /// Takes over a page's figures where they are newer than what is here. Seeding twice with the same page changes nothing.
    pub fn seed(&self, page: &PageView) {
        let is_same_stream =
            self.followed.with_untracked(|known| known.as_ref().is_some_and(|known| known.stream == page.stream));
        let followed = Followed { stream: page.stream.clone(), cursor: page.cursor.to_string(), server_time: page.server_time };
        if self.followed.with_untracked(|known| known.as_ref() == Some(&followed)) {
            return;
        }
        self.rows.with_value(|rows| {
            let catalogue = page.instruments.iter().map(|known| (known.ticker.clone(), known.clone()));
            locked(rows).instruments.extend(catalogue);
        });
        let term = page.cursor.epoch.to_string();
        let is_of_other_term = self.is_told_another_history() || self.term.with_value(|known| *known != term);
        self.term.set_value(term);
        self.seeded_at.set_value(Some(source::elapsed_ms()));
        for quote in &page.quotes {
            self.seed_quote(quote, page.server_time, is_of_other_term);
        }
        if !is_same_stream {
            // The page's stream begins at its figures: a state that the last one began does not come to its end.
            self.refresh.set_value(None);
            if is_of_other_term {
                // What is known may be of another history, and nothing will say that it is gone.
                self.forget_quotes_but(&page.quotes.iter().map(|quote| quote.ticker.clone()).collect());
            }
        }
        self.portfolios.set(page.portfolios.clone());
        self.portfolio_values.set(page.portfolio_values.clone());
        self.natures.set(page.natures.clone());
        self.demo.set(page.demo.clone());
        self.default_portfolio.set(page.default_portfolio.clone());
        if self.chosen.with_untracked(|chosen| *chosen != page.portfolio_id) {
            self.chosen.set(page.portfolio_id.clone());
        }
        self.seed_portfolio(page.portfolio.as_ref(), page.holdings_count, is_of_other_term);
        page.typical_days.iter().for_each(|(ticker, percent)| self.learn_typical_day(ticker, *percent));
        self.seed_alerts(page, is_same_stream);
        self.seed_notifications(&page.notifications);
        self.unread.set(page.unread_count);
        self.status.set(page.status);
        // The stream is opened again where it changes; it resumes from the cursor these figures stand at.
        self.figures.set_value(Figures::of(page));
        self.followed.set(Some(followed));
    }

    /// Takes over a page's quote unless the stream has brought a newer one of the same term meanwhile. A time that lies ahead of
    /// the server's clock says nothing.
    fn seed_quote(&self, quote: &QuoteView, server_time: Timestamp, is_of_other_term: bool) {
        let row = self.quote_row(&quote.ticker);
        let is_newer =
            |known: &QuoteView| known.time > quote.time && known.time.duration_since(server_time) <= AHEAD && !is_of_other_term;
        if row.with_untracked(|known| known.as_ref().is_none_or(|known| known != quote && !is_newer(known))) {
            row.set(Some(quote.clone()));
        }
    }

    /// Shows a portfolio with its holdings, of very many the largest, or none.
    fn seed_portfolio(&self, portfolio: Option<&PortfolioView>, count: usize, is_of_other_term: bool) {
        match portfolio {
            Some(portfolio) => {
                self.replace_holdings(&portfolio.holdings, count);
                self.take_totals(portfolio, !is_of_other_term);
            }
            None => {
                self.replace_holdings(&[], 0);
                self.totals.set(None);
            }
        }
    }

    /// Makes `holdings`, the largest first, what is held: of `count` in all, and no more of them than a page shows.
    pub(super) fn replace_holdings(&self, holdings: &[HoldingView], count: usize) {
        let holdings = &holdings[..holdings.len().min(PageView::HOLDINGS)];
        let unshown = count.saturating_sub(holdings.len());
        if self.unshown.get_untracked() != unshown {
            self.unshown.set(unshown);
        }
        let held: Vec<Ticker> =
            holdings.iter().filter(|holding| !holding.quantity.is_zero()).map(|holding| holding.ticker.clone()).collect();
        let gone: Vec<Ticker> =
            self.held.with_untracked(|before| before.iter().filter(|ticker| !held.contains(ticker)).cloned().collect());
        for ticker in gone {
            self.holding_row(&ticker).set(None);
        }
        for holding in holdings {
            self.holding_row(&holding.ticker).set(Some(holding.clone()));
        }
        if self.held.with_untracked(|before| *before != held) {
            self.held.set(held);
        }
    }

    /// A page's alerts are all there are at its cursor, from which its stream goes on. Where that is the stream at hand, they
    /// only add: it stands where it stands, and what was deleted has its own event.
    fn seed_alerts(&self, page: &PageView, is_same_stream: bool) {
        if !is_same_stream {
            self.alerts.set(page.alerts.clone());
            return;
        }
        for alert in &page.alerts {
            if self.alerts.with_untracked(|known| is_newer_alert(known, alert)) {
                self.apply_alert(alert.clone());
            }
        }
    }

    /// Adds those that are not known yet, newest first.
    fn seed_notifications(&self, newest: &[NotificationView]) {
        self.notifications.update(|known| {
            for notification in newest {
                match known.iter_mut().find(|other| other.notification_id == notification.notification_id) {
                    Some(other) => other.read |= notification.read,
                    None => known.push(notification.clone()),
                }
            }
            known.sort_by_key(|notification| std::cmp::Reverse(notification.n));
        });
    }
}
