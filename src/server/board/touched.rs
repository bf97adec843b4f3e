//! What a batch of events concerned, and what of a price a valuation needs.

use std::collections::HashSet;

use crate::domain::instrument::Ticker;
use crate::domain::quote::{Freshness, Quote, Session};
use crate::server::sse::filter::Filter;
use crate::wire::live::QuoteEvent;
use crate::wire::views::QuoteView;

/// Rebuilds from the wire what a valuation needs of a quote.
pub fn quote_of(event: &QuoteEvent) -> Quote {
    let QuoteView { ticker, price, bid, ask, previous_close, currency, time, freshness, .. } = event.view.clone();
    Quote {
        ticker,
        price,
        bid,
        ask,
        volume: None,
        currency,
        previous_close,
        time,
        received_at: time,
        session_start: event.session_start,
        session: if freshness == Freshness::Closed { Session::Closed } else { Session::Open },
        freshness,
    }
}

/// What a batch of events concerned, to wake only who follows it.
#[derive(Default)]
pub struct Touched {
    /// Their prices.
    pub tickers: HashSet<Ticker>,
    /// Their ledgers.
    pub portfolios: HashSet<String>,
    /// Alerts or notifications.
    pub notifications: bool,
    /// Market data's health.
    pub status: bool,
}

impl Touched {
    /// Tells whether a stream of `filter` has something to write. Any price may move any portfolio: through a holding, or through a currency.
    pub fn concerns(&self, filter: &Filter) -> bool {
        self.status
            || (self.notifications && filter.notifications)
            || filter.portfolio.as_deref().is_some_and(|id| !self.tickers.is_empty() || self.portfolios.contains(id))
            || self.tickers.iter().any(|ticker| filter.follows(ticker))
    }
}
