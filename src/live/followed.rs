//! Which stream a page follows, and from where.

use jiff::Timestamp;

use crate::wire::compact::Reader;
use crate::wire::views::{PageView, PortfolioView, QuoteView};

/// What the page's one stream follows, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The path and query of the stream, without `last_event_id` and `client`.
    pub stream: String,
    /// The cursor the page's figures stand at.
    pub cursor: String,
    /// The server's clock when they were read.
    pub server_time: Timestamp,
}

/// A page's figures as they were read at its cursor, whatever has moved since.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    quotes: Vec<QuoteView>,
    portfolio: Option<PortfolioView>,
    /// How many holdings there are: the portfolio names the largest.
    count: usize,
}

impl Figures {
    /// Copies a page's figures.
    pub(super) fn of(page: &PageView) -> Self {
        Self { quotes: page.quotes.clone(), portfolio: page.portfolio.clone(), count: page.holdings_count }
    }

    /// Makes a reader of the stream that goes on from them.
    pub fn reader(&self) -> Reader {
        let mut reader = Reader::default();
        reader.seed(&self.quotes, self.portfolio.as_ref(), self.count);
        reader
    }
}
