//! All alerts that the engine watches, found by their number and by every instrument whose ticks their rules must be shown.

use std::collections::BTreeMap;

use super::super::alert::{Alert, AlertId};
use super::super::instrument::Ticker;
use super::watch::Watch;

/// Where a watch stands.
type Place = usize;

/// The watches. Each stands in one place, to which the numbers and the tickers point: a tick finds those of its instrument at once,
/// in the order of their numbers, and a rule about several instruments is one watch all the same.
#[derive(Debug, Default)]
pub(super) struct Watches {
    places: Vec<Option<Watch>>,
    free: Vec<Place>,
    by_number: BTreeMap<AlertId, Place>,
    by_ticker: BTreeMap<Ticker, BTreeMap<AlertId, Place>>,
}

impl Watches {
    /// Returns how many look at each tick of a ticker.
    pub(crate) fn count(&self, ticker: &Ticker) -> usize {
        self.by_ticker.get(ticker).map_or(0, BTreeMap::len)
    }

    /// Returns the watch of an alert.
    pub(crate) fn get(&self, id: AlertId) -> Option<&Watch> {
        self.places.get(*self.by_number.get(&id)?)?.as_ref()
    }

    /// Returns all alerts, by number.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.by_number.values().filter_map(|place| Some(&self.places.get(*place)?.as_ref()?.alert))
    }

    /// Does something with every watch, by number.
    pub(crate) fn each(&mut self, act: impl FnMut(&mut Watch)) {
        in_places(&mut self.places, self.by_number.values(), act);
    }

    /// Does something with every watch that is shown a ticker's ticks, by number.
    pub(crate) fn each_of(&mut self, ticker: &Ticker, act: impl FnMut(&mut Watch)) {
        let places = self.by_ticker.get(ticker).map(BTreeMap::values);
        in_places(&mut self.places, places.into_iter().flatten(), act);
    }

    /// Begins to keep a watch, in the place of the one that its alert had.
    pub(crate) fn keep(&mut self, watch: Watch) {
        let id = watch.alert.id;
        self.forget(id);
        let place = self.free.pop().unwrap_or(self.places.len());
        for ticker in watch.alert.rule.tickers() {
            self.by_ticker.entry(ticker.clone()).or_default().insert(id, place);
        }
        self.by_number.insert(id, place);
        match self.places.get_mut(place) {
            Some(free) => *free = Some(watch),
            None => self.places.push(Some(watch)),
        }
    }

    /// Gives up an alert's watch and returns it.
    pub(crate) fn forget(&mut self, id: AlertId) -> Option<Watch> {
        let place = self.by_number.remove(&id)?;
        let watch = self.places.get_mut(place)?.take()?;
        self.free.push(place);
        for ticker in watch.alert.rule.tickers() {
            if let Some(places) = self.by_ticker.get_mut(ticker) {
                places.remove(&id);
                if places.is_empty() {
                    self.by_ticker.remove(ticker);
                }
            }
        }
        Some(watch)
    }
}

fn in_places<'a>(places: &mut [Option<Watch>], chosen: impl Iterator<Item = &'a Place>, mut act: impl FnMut(&mut Watch)) {
    for place in chosen {
        if let Some(watch) = places.get_mut(*place).and_then(Option::as_mut) {
            act(watch);
        }
    }
}
