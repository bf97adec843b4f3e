//! Which part of a portfolio's transactions a page shows: what its address says.

use jiff::ToSpan;
use jiff::civil::Date;

use super::rfc3339::read_date;
use crate::domain::activity::ActivityKind;

/// The part of a list of transactions that an address names. Texts are kept as they were asked for: what cannot be read chooses
/// everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerAddress {
    /// The page, from 1.
    pub page: i64,
    /// What stands in the ticker, the instrument's name or the note, in any case; empty for all.
    pub text: String,
    /// The kind whose transactions alone are shown.
    pub kind: Option<ActivityKind>,
    /// The ticker whose transactions alone are shown; empty for all.
    pub ticker: String,
    /// `3m` or `12m` for the months up to today, or a year such as `2026`; empty for all.
    pub period: String,
    /// Whether only sales of what was not held are shown.
    pub incomplete: bool,
    /// The number of the account whose transactions alone are shown; empty for all.
    pub account: String,
    /// The tag whose transactions alone are shown, in any case; empty for all.
    pub tag: String,
    /// The first day that is shown, such as `2026-11-02`; empty for all from the beginning.
    pub from: String,
    /// The last day that is shown; empty for all until now.
    pub to: String,
    /// The order: the word of a [`Sorting`]; any other is the newest first.
    pub sort: String,
}

/// The order of a list of transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorting {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// What brought most cash first, in the portfolio's currency.
    MostCash,
    /// What took most cash first.
    LeastCash,
    /// By ticker, then the newest first; what has none comes last.
    Ticker,
    /// By ticker, backwards.
    TickerBack,
}

impl Sorting {
    /// Every order.
    pub const ALL: [Self; 6] = [Self::Newest, Self::Oldest, Self::MostCash, Self::LeastCash, Self::Ticker, Self::TickerBack];

    /// Returns the word by which programs and addresses name it; a minus sign turns it round.
    pub fn word(self) -> &'static str {
        match self {
            Self::Newest => "-time",
            Self::Oldest => "time",
            Self::MostCash => "-amount",
            Self::LeastCash => "amount",
            Self::Ticker => "ticker",
            Self::TickerBack => "-ticker",
        }
    }

    /// Reads a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sorting| sorting.word() == word)
    }
}

impl LedgerAddress {
    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        self.kind.is_some()
            || self.period().is_some()
            || self.incomplete
            || self.days() != (None, None)
            || [&self.text, &self.ticker, &self.account, &self.tag].iter().any(|text| !text.trim().is_empty())
    }

    /// Reads the order.
    pub fn sorting(&self) -> Sorting {
        Sorting::named(&self.sort).unwrap_or_default()
    }

    /// Reads the first day and the last.
    pub fn days(&self) -> (Option<Date>, Option<Date>) {
        (read_date(&self.from), read_date(&self.to))
    }

    /// Reads the period.
    pub fn period(&self) -> Option<Period> {
        match self.period.as_str() {
            "3m" => Some(Period::Months(3)),
            "12m" => Some(Period::Months(12)),
            year => year.parse().ok().filter(|year| (1..=9999).contains(year)).map(Period::Year),
        }
    }
}

/// A stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// So many months, up to today and beyond.
    Months(i32),
    /// A calendar year.
    Year(i16),
}

impl Period {
    /// Whether a day is within, seen from `today`. Three months of 26 November begin on 26 August.
    pub fn holds(self, day: Date, today: Date) -> bool {
        match self {
            Self::Months(months) => day >= today.saturating_sub(months.months()),
            Self::Year(year) => day.year() == year,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_cannot_be_read_leaves_nothing_out() {
        let asked = LedgerAddress { period: "soon".into(), text: "  ".into(), ..LedgerAddress::default() };
        assert!(!asked.is_filtered() && asked.period().is_none());
        assert!(LedgerAddress { period: "2026".into(), ..LedgerAddress::default() }.is_filtered());
    }

    #[test]
    fn three_months_begin_on_the_day_of_the_month_or_its_last() {
        let holds = |day, today| Period::Months(3).holds(day, today);
        let november = date(2026, 11, 26);
        assert!(holds(date(2026, 8, 26), november) && !holds(date(2026, 8, 25), november));
        assert!(holds(date(2026, 2, 28), date(2026, 5, 31)));
        assert!(Period::Year(2026).holds(date(2026, 1, 1), november) && !Period::Year(2026).holds(date(2025, 12, 31), november));
    }
}
