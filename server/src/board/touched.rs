//! What a batch of events concerned, and what of a price a valuation needs.

use std::collections::HashSet;

use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::quote::{Freshness, Quote, Session};
use foliostream::domain::rates::currency_pair;
use foliostream::domain::user::UserId;
use foliostream::wire::live::QuoteEvent;
use foliostream::wire::views::QuoteView;

use super::filter::Filter;

/// Rebuilds from the wire what a valuation needs of a quote.
pub(crate) fn quote_of(event: &QuoteEvent) -> Quote {
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
        source: event.source,
        delay_s: event.delay_s,
    }
}

/// Makes a catalogue entry of what a quote shows of its instrument: ticker, currency, and decimals of the price.
pub(crate) fn instrument_of(view: &QuoteView) -> Instrument {
    let pair = currency_pair(&view.ticker);
    let class = if pair.is_some() { AssetClass::Currency } else { AssetClass::Other };
    let price_decimals = view.price.normalize().scale().clamp(2, 8);
    let name = pair.map_or_else(|| view.ticker.to_string(), |(base, quoted)| format!("{base} in {quoted}"));
    Instrument { ticker: view.ticker.clone(), name, currency: view.currency, class, price_decimals, details: Details::default() }
}

/// What a batch of events concerned, to wake only who follows it.
#[derive(Debug, Default)]
pub struct Touched {
    /// Instruments whose price changed.
    pub tickers: HashSet<Ticker>,
    /// Portfolios whose ledger changed.
    pub portfolios: HashSet<String>,
    /// Portfolios that are gone.
    pub deleted: HashSet<String>,
    /// Users whose alerts or notifications they are.
    pub notifications: HashSet<UserId>,
    /// Jobs that came further, by their users and ids.
    pub jobs: HashSet<(UserId, String)>,
    /// Whether market data's health changed.
    pub status: bool,
    /// Whether figures of the workers were posted.
    pub metrics: bool,
    /// The user one of whose tabs came or went.
    pub presence: Option<UserId>,
}

impl Touched {
    /// Returns whether a stream of `filter` has something to write. Any price may move any portfolio: through a holding, or
    /// through a currency.
    pub fn concerns(&self, filter: &Filter) -> bool {
        self.status
            || filter
                .notifications
                .as_ref()
                .is_some_and(|user| self.notifications.contains(user) || self.presence.as_ref() == Some(user))
            || (self.metrics && filter.metrics)
            || filter.jobs.as_ref().is_some_and(|jobs| self.jobs.iter().any(|(owner, id)| jobs.has(owner, id)))
            || filter.portfolio.as_deref().is_some_and(|id| !self.tickers.is_empty() || self.portfolios.contains(id))
            || self.tickers.iter().any(|ticker| filter.follows(ticker))
    }
}
