//! Things by instrument, each with the number at which it was last touched, and a way to those that were touched after a number.

use std::collections::HashMap;

use foliostream::domain::instrument::Ticker;

/// How many entries of the list may be out of date beside one for each thing, before they are taken out.
const SPARE: usize = 64;

/// Things by instrument. To find what was touched after a number it looks at these alone: at 10 of 1,000 where 10 were.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    things: HashMap<Ticker, (u64, T)>,
    /// Which was touched at which number, in ascending order; the last entry of each counts.
    touches: Vec<(u64, Ticker)>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { things: HashMap::new(), touches: Vec::new() }
    }
}

impl<T> Numbered<T> {
    /// Returns what an instrument has.
    pub(crate) fn get(&self, ticker: &Ticker) -> Option<&T> {
        self.things.get(ticker).map(|(_, thing)| thing)
    }

    /// Returns what an instrument has, to be changed without being touched.
    pub(crate) fn get_mut(&mut self, ticker: &Ticker) -> Option<&mut T> {
        self.things.get_mut(ticker).map(|(_, thing)| thing)
    }

    /// Returns everything, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        self.things.values().map(|(_, thing)| thing)
    }

    /// Puts what an instrument has, and touches it at a number, which is never below that of an earlier touch.
    pub(crate) fn put(&mut self, at: u64, ticker: &Ticker, thing: T) {
        if let Some((_, known)) = self.things.get_mut(ticker) {
            *known = thing;
            return self.touch(at, ticker);
        }
        self.things.insert(ticker.clone(), (at, thing));
        self.note(at, ticker);
    }

    /// Touches what an instrument has, where it has anything.
    pub(crate) fn touch(&mut self, at: u64, ticker: &Ticker) {
        let before = self.things.get_mut(ticker).map(|(touched_at, _)| std::mem::replace(touched_at, at));
        if before.is_some_and(|before| before != at) {
            self.note(at, ticker);
        }
    }

    /// Adds to the list, which stays as short as two entries for each thing.
    fn note(&mut self, at: u64, ticker: &Ticker) {
        self.touches.push((at, ticker.clone()));
        if self.touches.len() > 2 * self.things.len() + SPARE {
            let Self { things, touches } = self;
            touches.retain(|(at, ticker)| things.get(ticker).is_some_and(|(touched_at, _)| touched_at == at));
        }
    }

    /// Returns what was touched after a number, the last touched first.
    pub(crate) fn touched_since(&self, since: u64) -> impl Iterator<Item = (&Ticker, &T)> {
        let newest = self.touches.iter().rev().take_while(move |(at, _)| *at > since);
        newest.filter_map(|(at, ticker)| {
            let (touched_at, thing) = self.things.get(ticker)?;
            (touched_at == at).then_some((ticker, thing))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticker(number: u64) -> Ticker {
        format!("T{number}").parse().unwrap()
    }

    fn since(numbered: &Numbered<u64>, number: u64) -> Vec<(String, u64)> {
        numbered.touched_since(number).map(|(ticker, thing)| (ticker.to_string(), *thing)).collect()
    }

    #[test]
    fn each_is_named_once_after_its_last_touch() {
        let mut numbered = Numbered::default();
        for (at, number) in [(1, 1), (2, 2), (4, 1), (4, 1)] {
            numbered.put(at, &ticker(number), at);
        }
        numbered.touch(5, &ticker(9));
        assert_eq!(since(&numbered, 0), [("T1".to_owned(), 4), ("T2".to_owned(), 2)]);
        assert_eq!(since(&numbered, 2), [("T1".to_owned(), 4)]);
        assert!(since(&numbered, 4).is_empty());
    }

    #[test]
    fn the_list_stays_short_and_forgets_nothing_that_counts() {
        let mut numbered = Numbered::default();
        numbered.put(1, &ticker(0), 0);
        for at in 2..10_000 {
            numbered.put(at, &ticker(1 + at % 3), at);
        }
        assert!(numbered.touches.len() <= 2 * 4 + SPARE, "{}", numbered.touches.len());
        assert_eq!(since(&numbered, 9_998), [("T1".to_owned(), 9_999)]);
        assert_eq!(since(&numbered, 0).len(), 4);
    }
}
