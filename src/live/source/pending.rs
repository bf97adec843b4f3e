//! What has arrived and is not on the screen yet.

use std::collections::BTreeMap;

use crate::domain::instrument::Ticker;
use crate::live::Live;
use crate::live::event::Happening;
use crate::wire::views::QuoteView;

/// Events between two frames: the newest quote of each ticker, and everything else in order.
#[derive(Default)]
pub(crate) struct Pending {
    /// All that came up to the last event that says what the ones around it mean.
    earlier: Vec<Happening>,
    quotes: BTreeMap<Ticker, QuoteView>,
    others: Vec<Happening>,
    /// Whether a frame has been asked for.
    pub is_scheduled: bool,
    /// When it was last emptied, in milliseconds since the page began.
    pub emptied_at: i64,
}

impl Pending {
    /// Adds an event; a ticker's newer quote replaces the older one.
    pub(crate) fn push(&mut self, happening: Happening) {
        match happening {
            Happening::Price(quote) => {
                self.quotes.insert(quote.ticker.clone(), quote);
            }
            // Quotes before and after it are not the same: they belong to what was, or to a full state.
            turn @ (Happening::Hello(_) | Happening::Reset | Happening::Synced(_)) => {
                let before = self.take_rest();
                self.earlier.extend(before);
                self.earlier.push(turn);
            }
            other => self.others.push(other),
        }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.earlier.is_empty() && self.quotes.is_empty() && self.others.is_empty()
    }

    /// Takes everything out, quotes before what followed from them.
    pub(crate) fn take(&mut self, elapsed_ms: i64) -> Vec<Happening> {
        self.is_scheduled = false;
        self.emptied_at = elapsed_ms;
        let mut happenings = std::mem::take(&mut self.earlier);
        happenings.extend(self.take_rest());
        happenings
    }

    fn take_rest(&mut self) -> impl Iterator<Item = Happening> + use<> {
        let quotes = std::mem::take(&mut self.quotes).into_values().map(Happening::Price);
        quotes.chain(std::mem::take(&mut self.others))
    }
}

/// Moves the replica by everything that came since the last frame.
pub(crate) fn show(live: Live, happenings: Vec<Happening>) {
    for happening in happenings {
        live.apply(happening);
    }
}
