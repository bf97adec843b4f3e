//! Where prices come from by themselves: the seeded model (default), files of recorded ticks, or several of them at once. Pushed
//! quotes need no source.
//!
//! [`source`] is what each of them offers, one folder each; [`named`] lists them. A process has them as [`Sources`]: all that it
//! does with prices goes through these, so that nothing else changes where a source is added.

mod named;
mod replay;
mod simulated;
mod source;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(crate) use self::named::{Named, NamedSources};
pub(crate) use self::source::{Source, SourceError, SourceOptions, TickSink};
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::quote::Tick;
use foliostream::domain::source::Nature;
use foliostream::wire::commands::{ActivityDraft, PortfolioDraft};

/// The sources in use, and which of them each instrument has its prices from.
#[derive(Debug, Default)]
pub struct Sources {
    /// The sources, in the order in which they were named.
    named: Vec<Arc<dyn Source>>,
    /// The index in `named` of the first source that has a ticker. A ticker that is not here is left to the last source.
    owners: HashMap<Ticker, usize>,
    /// The instruments that their source describes.
    described: HashMap<Ticker, usize>,
    instruments: Vec<Instrument>,
}

impl Sources {
    /// Settles which source each instrument has its prices from: the first that was named and has it. Each but the last is asked
    /// for all it has, which may take reading it.
    pub async fn open(named: Vec<Arc<dyn Source>>) -> Result<Self, SourceError> {
        let (mut owners, mut described, mut instruments) = (HashMap::new(), HashMap::new(), Vec::new());
        for (place, source) in named.iter().enumerate() {
            let is_last = place + 1 == named.len();
            let own = source.instruments();
            let others = if is_last { HashSet::new() } else { source.tickers().await? };
            for ticker in own.iter().map(|instrument| instrument.ticker.clone()).chain(others) {
                owners.entry(ticker).or_insert(place);
            }
            let own = own.into_iter().filter(|instrument| owners.get(&instrument.ticker) == Some(&place));
            for instrument in own {
                described.insert(instrument.ticker.clone(), place);
                instruments.push(instrument);
            }
        }
        Ok(Self { named, owners, described, instruments })
    }

    /// Returns them in the order in which they were named.
    pub fn all(&self) -> &[Arc<dyn Source>] {
        &self.named
    }

    /// Returns what the catalogue begins with: all that they describe, each instrument as the source describes it that it has its
    /// prices from.
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Returns the source that describes an instrument, and so has its prices and its history whenever it is asked.
    pub fn describing(&self, ticker: &Ticker) -> Option<&Arc<dyn Source>> {
        self.named.get(*self.described.get(ticker)?)
    }

    /// Returns the source that an instrument has its prices from, where they do not come by pushes alone.
    pub fn owner(&self, ticker: &Ticker) -> Option<&Arc<dyn Source>> {
        self.owners.get(ticker).map_or_else(|| self.named.last(), |place| self.named.get(*place))
    }

    /// Returns whether the source with this index in `named` is the one that an instrument has its prices from.
    pub fn is_owner(&self, place: usize, ticker: &Ticker) -> bool {
        self.owners.get(ticker).map_or(place + 1 == self.named.len(), |owner| *owner == place)
    }

    /// Returns the prices that stand right now, each from the source its instrument has them from.
    pub fn ticks_now(&self) -> Vec<Tick> {
        let own = |(place, source): (usize, &Arc<dyn Source>)| {
            source.ticks_now().into_iter().filter(move |tick| self.is_owner(place, &tick.ticker))
        };
        self.named.iter().enumerate().flat_map(own).collect()
    }

    /// Asks each of them for what a search for `needle`, in small letters, finds. One that cannot answer is left out: the
    /// catalogue and the others have what they have.
    pub async fn search(&self, needle: &str, most: usize) -> Vec<Instrument> {
        let mut found = Vec::new();
        for (place, source) in self.named.iter().enumerate() {
            match source.search(needle, most).await {
                Ok(more) => found.extend(more.into_iter().filter(|instrument| self.is_owner(place, &instrument.ticker))),
                Err(error) => tracing::warn!("{} could not be searched: {error}", source.name()),
            }
        }
        found
    }

    /// Returns the portfolio that shows a first visitor what prices do: that of the first source that has one, and whose own
    /// prices are those of everything in it.
    pub fn demo(&self) -> Option<(PortfolioDraft, Vec<ActivityDraft>)> {
        let is_own = |place: usize, draft: &ActivityDraft| {
            let ticker = draft.ticker.as_deref().map(str::parse);
            ticker.is_none_or(|ticker| ticker.is_ok_and(|ticker| self.is_owner(place, &ticker)))
        };
        let demos = self.named.iter().enumerate().filter_map(|(place, source)| Some((place, source.demo()?)));
        let mut whole = demos.filter(|(place, (_, activities))| activities.iter().all(|draft| is_own(*place, draft)));
        whole.next().map(|(_, demo)| demo)
    }

    /// Returns what the prices of each are, in the order in which they were named.
    pub fn natures(&self) -> Vec<Nature> {
        self.named.iter().map(|source| source.nature()).collect()
    }
}
