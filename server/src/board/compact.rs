//! The compact form: one `frame` event for the prices and the portfolio figures of a stream. What a frame builds upon is told on
//! the same connection, since each process gives instruments indices of its own.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use foliostream::domain::instrument::Ticker;
use foliostream::domain::quote::Quote;
use foliostream::wire::compact::{self, Frame, HoldingTrack, PortfolioTrack, PriceTrack};
use foliostream::wire::views::{HoldingView, QuoteView};

use super::filter::Filter;
use super::numbered::Numbered;
use super::portfolios::Portfolios;
use super::text::{self, Text};
use super::valued::Valued;

/// What frames have told of, with the number of each part's last change.
#[derive(Debug, Default)]
pub(crate) struct Compact {
    indices: Indices,
    prices: HashMap<Ticker, PriceTrack>,
    portfolios: HashMap<String, Tracks>,
}

/// The index of each instrument that a frame has told of: given once, and kept as long as the process lives.
#[derive(Debug, Default)]
struct Indices(HashMap<Ticker, u32>);

/// When the parts of a portfolio last changed, as far as was seen at the numbers at which it was looked at. For example: a total
/// is 10 at number 4, 11 at 7 and 10 again at 9. Looked at with 4 and 9 it has not changed; a client that another process showed
/// the 11 of 7 has to be told.
#[derive(Debug)]
struct Tracks {
    totals: PortfolioTrack,
    /// Touched where a holding was seen to have changed.
    holdings: Numbered<HoldingTrack>,
    /// The newest numbers at which it was looked at, in ascending order; without those at which a ledger changed between two looks:
    /// of a client that goes on from there it is not known what it has seen.
    looked_at: VecDeque<u64>,
    /// When the last look was, and how many changes of ledgers there had been.
    last_look: Look,
}

/// A number, and how many changes of ledgers there were by then: a ledger changes without a number until that is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// The newest event's number.
    pub seq: u64,
    /// The count of changes of ledgers.
    pub ledger_changes: u64,
}

/// Numbers that are kept of when a portfolio was looked at: of half a minute, with four frames a second. A stream that is further
/// behind is told all of the portfolio.
const KEPT_LOOKS: usize = 128;

/// How much a frame tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All there is, to a client that knows nothing.
    Everything,
    /// What changed after a number, to a client that has just connected and knows no index.
    First(u64),
    /// What changed after a number.
    Newer(u64),
}

impl Extent {
    /// Returns the number after which changes are told; none where all there is is told.
    fn since(self) -> Option<u64> {
        match self {
            Self::Everything => None,
            Self::First(since) | Self::Newer(since) => Some(since),
        }
    }

    /// Returns whether what changed at a number is told.
    fn tells(self, at: u64) -> bool {
        self.since().is_none_or(|since| at > since)
    }

    /// Returns whether a record of something that began at a number is preceded by its name. A stream that stands at that very
    /// number may not have been told of it.
    fn names(self, begun: u64) -> bool {
        match self {
            Self::Everything => true,
            // All names come first.
            Self::First(_) => false,
            Self::Newer(since) => begun >= since,
        }
    }
}

impl Indices {
    /// Returns an instrument's index; one that has none is given the next.
    fn of(&mut self, ticker: &Ticker) -> u32 {
        if let Some(index) = self.0.get(ticker) {
            return *index;
        }
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(ticker.clone(), next);
        next
    }
}

impl Compact {
    /// Takes over an instrument's next quote.
    pub(crate) fn take_quote(&mut self, seq: u64, quote: &QuoteView) {
        match self.prices.get_mut(&quote.ticker) {
            Some(track) => track.follow(quote, seq),
            None => {
                self.prices.insert(quote.ticker.clone(), PriceTrack::new(quote, seq));
            }
        }
    }

    /// Forgets when parts of a portfolio changed: its next frame tells all of it, or it is gone.
    pub(crate) fn forget_portfolio(&mut self, portfolio_id: &str) {
        self.portfolios.remove(portfolio_id);
    }

    /// Forgets prices before a snapshot, and what clients have seen: each is told all of its portfolio once more. In another term
    /// nothing counts that was seen before it.
    pub(crate) fn begin(&mut self, is_new_term: bool) {
        self.prices.clear();
        self.portfolios.retain(|_, _| !is_new_term);
        self.portfolios.values_mut().for_each(|tracks| tracks.looked_at.clear());
    }

    /// Looks at a portfolio, from whose figures at a number a client goes on.
    pub(crate) fn look(&mut self, portfolio_id: &str, valued: &Valued, look: Look) {
        looked(&mut self.portfolios, portfolio_id, valued, look);
    }

    /// Returns the frame of a stream, unless there is nothing to tell.
    pub(crate) fn frame(
        &mut self,
        filter: &Filter,
        extent: Extent,
        look: Look,
        portfolios: &mut Portfolios,
        quotes: &HashMap<Ticker, Quote>,
    ) -> Option<Text> {
        let Self { indices, prices, portfolios: tracks } = self;
        let known: Vec<(&Ticker, &PriceTrack)> =
            filter.tickers.iter().filter_map(|ticker| Some((ticker, prices.get(ticker)?))).collect();
        let priced: Vec<(&Ticker, &PriceTrack)> = known.iter().copied().filter(|(_, price)| extent.tells(price.at())).collect();
        let told = filter.portfolio.as_deref().and_then(|id| {
            let valued = portfolios.valued(id, look.seq, quotes)?;
            Some(Told::new(valued, looked(tracks, id, valued, look), extent, &priced))
        });
        let times = priced.iter().map(|(_, price)| price.time()).chain(told.iter().map(|told| told.valued.totals().time));
        let mut frame = Frame::new(times.max().unwrap_or_default());
        if matches!(extent, Extent::First(_)) {
            let held = told.iter().flat_map(Told::tickers);
            let names: BTreeSet<&Ticker> = known.iter().map(|(ticker, _)| *ticker).chain(held).collect();
            names.into_iter().for_each(|ticker| frame.name(indices.of(ticker), ticker));
        }
        for (ticker, price) in &priced {
            let index = indices.of(ticker);
            if extent.names(price.begun()) {
                frame.name(index, ticker);
            }
            frame.price(index, price, extent.since());
        }
        if let Some(told) = told.filter(Told::has_changed) {
            let decimals = told.valued.totals().currency.decimals();
            // A client of which it is not known what it has seen may know no name; one that has just connected was told all.
            let is_stranger = told.since.is_none() && !matches!(extent, Extent::First(_));
            for (holding, track) in &told.holdings {
                let ticker = &holding.ticker;
                let index = indices.of(ticker);
                if is_stranger || extent.names(track.begun()) {
                    frame.name(index, ticker);
                }
                let price = prices.get(ticker).filter(|_| filter.follows(ticker));
                let is_priced = price.is_some_and(|price| extent.tells(price.at()));
                frame.holding(index, (holding, track), price, is_priced, decimals, told.since);
            }
            frame.portfolio(told.totals, told.since);
        }
        frame.finish().map(|frame| text::plain(compact::NAME, &frame))
    }
}

/// Returns what is known of a portfolio's changes, once it was looked at.
fn looked<'a>(tracks: &'a mut HashMap<String, Tracks>, id: &str, valued: &Valued, look: Look) -> &'a mut Tracks {
    let tracks = tracks.entry(id.to_owned()).or_insert_with(|| Tracks::new(valued, look));
    if tracks.last_look.seq == 0 {
        // Before the first event there is no number to tell what changed from what did not.
        *tracks = Tracks::new(valued, look);
    }
    tracks.look(valued, look);
    tracks
}

/// What a frame tells of a portfolio.
struct Told<'a> {
    valued: &'a Valued,
    totals: &'a PortfolioTrack,
    /// By ticker; of all there are the largest first, as a page shows them.
    holdings: Vec<(&'a HoldingView, &'a HoldingTrack)>,
    extent: Extent,
    /// The number after which changes of fields are told; none where it is not known what the client has seen.
    since: Option<u64>,
}

impl<'a> Told<'a> {
    /// Chooses the holdings that are told of: those that changed, and those of instruments that are priced in the frame, which a
    /// reader works out once more.
    fn new(valued: &'a Valued, tracks: &'a Tracks, extent: Extent, priced: &[(&Ticker, &PriceTrack)]) -> Self {
        let since = extent.since().filter(|since| tracks.looked_at.binary_search(since).is_ok());
        let after = since.or_else(|| extent.since().map(|_| 0));
        let touched = after.into_iter().flat_map(|after| tracks.holdings.touched_since(after));
        let touched = touched.filter_map(|(ticker, _)| valued.holding(ticker));
        let open = valued.open().map(|holding| &holding.view).filter(|_| since.is_none());
        let priced = priced.iter().filter_map(|(ticker, _)| valued.holding(ticker));
        let told = touched.chain(open).chain(priced.filter(|holding| !holding.quantity.is_zero()));
        let told: BTreeMap<&Ticker, &HoldingView> = told.map(|holding| (&holding.ticker, holding)).collect();
        let tracked = |holding: &'a HoldingView| Some((holding, tracks.holdings.get(&holding.ticker)?));
        let mut holdings: Vec<_> = told.into_values().filter_map(tracked).collect();
        if since.is_none() {
            holdings.sort_by_key(|(holding, _)| Reverse(holding.market_value));
        }
        Self { valued, totals: &tracks.totals, holdings, extent, since }
    }

    fn has_changed(&self) -> bool {
        self.since.is_none() || self.extent.tells(self.valued.totals_changed_at()) || !self.holdings.is_empty()
    }

    /// Returns all instruments that this frame or a later one may tell of.
    fn tickers(&self) -> impl Iterator<Item = &'a Ticker> {
        self.valued.open().map(|holding| &holding.view.ticker).chain(self.holdings.iter().map(|(holding, _)| &holding.ticker))
    }
}

impl Tracks {
    fn new(valued: &Valued, look: Look) -> Self {
        let totals = PortfolioTrack::new(valued.totals(), Some(valued.gross()), look.seq);
        let mut tracks = Self { totals, holdings: Numbered::default(), looked_at: VecDeque::new(), last_look: look };
        tracks.looked_at.extend((look.seq > 0).then_some(look.seq));
        // Those that were closed, too: a client may not have heard of it.
        let holdings = valued.open().chain(valued.touched_since(0));
        holdings.for_each(|holding| tracks.follow(&holding.view, look.seq));
        tracks
    }

    /// Takes over what is new since the last look.
    fn look(&mut self, valued: &Valued, look: Look) {
        let last = std::mem::replace(&mut self.last_look, look);
        // After a change of a ledger, what was valued once more at the number of the last look is new, too.
        let is_same_ledger = last.ledger_changes == look.ledger_changes;
        for holding in valued.touched_since(if is_same_ledger { last.seq } else { last.seq.saturating_sub(1) }) {
            self.follow(&holding.view, look.seq);
        }
        self.totals.follow(valued.totals(), Some(valued.gross()), look.seq);
        if last.seq != look.seq {
            if self.looked_at.len() == KEPT_LOOKS {
                self.looked_at.pop_front();
            }
            self.looked_at.push_back(look.seq);
        } else if last != look && self.looked_at.back() == Some(&look.seq) {
            self.looked_at.pop_back();
        }
    }

    fn follow(&mut self, holding: &HoldingView, seq: u64) {
        let ticker = &holding.ticker;
        match self.holdings.get_mut(ticker) {
            Some(track) => {
                track.follow(holding, seq);
                self.holdings.touch(seq, ticker);
            }
            None => self.holdings.put(seq, ticker, HoldingTrack::new(holding, seq)),
        }
    }
}

#[cfg(test)]
mod properties;
