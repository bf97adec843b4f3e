//! How far Streams are done: entries may be done in any order, the mark moves over those that have none undone before them.

use std::collections::VecDeque;

use crate::relay::Part;

/// A Stream that the engine takes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// What workers ask of the engine.
    Calls,
    /// Quotes of other programs.
    Quotes,
}

impl Source {
    /// Returns the name under which its mark is kept.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Calls => "orders",
            Self::Quotes => "quotes",
        }
    }

    /// Returns what fails where it cannot be read.
    pub(crate) fn part(self) -> Part {
        match self {
            Self::Calls => Part::Calls,
            Self::Quotes => Part::Quotes,
        }
    }
}

/// Entries under way, in the order in which they came, and whether each is done.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    calls: VecDeque<(String, bool)>,
    quotes: VecDeque<(String, bool)>,
}

impl Marks {
    /// Notes that an entry is under way.
    pub(crate) fn begin(&mut self, source: Source, entry: &str) {
        self.of(source).push_back((entry.to_owned(), false));
    }

    /// Notes that an entry is done; returns the mark, where that moved.
    pub(crate) fn end(&mut self, source: Source, entry: &str) -> Option<String> {
        let entries = self.of(source);
        if let Some((_, is_done)) = entries.iter_mut().find(|(other, _)| other == entry) {
            *is_done = true;
        }
        let mut mark = None;
        while let Some((entry, _)) = entries.pop_front_if(|(_, is_done)| *is_done) {
            mark = Some(entry);
        }
        mark
    }

    fn of(&mut self, source: Source) -> &mut VecDeque<(String, bool)> {
        match source {
            Source::Calls => &mut self.calls,
            Source::Quotes => &mut self.quotes,
        }
    }
}

/// Reads an entry's id: milliseconds, and a number within them.
pub(crate) fn id_of(text: &str) -> (u64, u64) {
    let (time, number) = text.split_once('-').unwrap_or((text, "0"));
    (time.parse().unwrap_or(0), number.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_moves_over_what_has_nothing_undone_before_it() {
        let mut marks = Marks::default();
        for entry in ["1-0", "1-1", "2-0"] {
            marks.begin(Source::Calls, entry);
        }
        marks.begin(Source::Quotes, "9-0");
        assert_eq!(marks.end(Source::Calls, "1-1"), None);
        assert_eq!(marks.end(Source::Quotes, "9-0").as_deref(), Some("9-0"));
        assert_eq!(marks.end(Source::Calls, "1-0").as_deref(), Some("1-1"));
        assert_eq!(marks.end(Source::Calls, "1-0"), None);
        assert_eq!(marks.end(Source::Calls, "2-0").as_deref(), Some("2-0"));
    }

    #[test]
    fn ids_compare_as_numbers() {
        assert!(id_of("99-2") < id_of("100-1"));
        assert!(id_of("100-9") < id_of("100-10"));
        assert_eq!((id_of("7"), id_of("")), ((7, 0), (0, 0)));
    }
}
