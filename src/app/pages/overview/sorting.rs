//! The order of the holdings. It lives in the address, so that it survives without scripts and in a bookmark.

use std::cmp::Ordering;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use rust_decimal::Decimal;

use crate::app::reactive::memo;
use crate::domain::instrument::Ticker;
use crate::live::Live;

/// What the table can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Column {
    /// The instrument's ticker, from A to Z at the first click.
    Name,
    /// Day change in percent.
    Day,
    /// The market value in the portfolio's currency.
    #[default]
    Value,
    /// The unrealised gain of the holding.
    Gain,
    /// Weight, which orders like the value.
    Weight,
}

impl Column {
    /// Returns its word in the address.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Day => "day",
            Self::Value => "value",
            Self::Gain => "gain",
            Self::Weight => "weight",
        }
    }

    /// Reads a column from its word in the address; `None` for a word that names none.
    fn read(word: &str) -> Option<Self> {
        [Self::Name, Self::Day, Self::Value, Self::Gain, Self::Weight].into_iter().find(|column| column.word() == word)
    }

    /// Whether the first click on it sorts from the top down: figures do, names do not.
    fn falls_first(self) -> bool {
        self != Self::Name
    }
}

/// An order: by which column, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sorting {
    /// The column that the holdings are sorted by.
    pub column: Column,
    /// Whether the largest comes first.
    pub is_falling: bool,
}

impl Default for Sorting {
    fn default() -> Self {
        Self { column: Column::Value, is_falling: true }
    }
}

impl Sorting {
    /// Reads the address; anything else is the usual order.
    pub(crate) fn read(column: Option<&str>, direction: Option<&str>) -> Self {
        let column = column.and_then(Column::read).unwrap_or_default();
        let is_falling = direction.map_or(column.falls_first(), |direction| direction == "desc");
        Self { column, is_falling }
    }

    /// Returns the order after a click on a column's head.
    pub(crate) fn clicked(self, column: Column) -> Self {
        let is_falling = if self.column == column { !self.is_falling } else { column.falls_first() };
        Self { column, is_falling }
    }

    /// Returns the address of this order, beside the rest of the query.
    pub(crate) fn href(self, portfolio: Option<&str>) -> String {
        let portfolio = portfolio.map(|portfolio| ["&portfolio=", portfolio].concat()).unwrap_or_default();
        ["/?sort=", self.column.word(), "&dir=", if self.is_falling { "desc" } else { "asc" }, &portfolio].concat()
    }

    /// Returns what `aria-sort` says of a column.
    pub(crate) fn aria(self, column: Column) -> Option<&'static str> {
        (self.column == column).then_some(if self.is_falling { "descending" } else { "ascending" })
    }

    /// Puts the held tickers in order by their figures of this moment; unknown figures come last, ties by name.
    pub(crate) fn order(self, live: Live, mut tickers: Vec<Ticker>) -> Vec<Ticker> {
        let figure = |ticker: &Ticker| -> Option<Decimal> {
            live.holding(ticker).with_untracked(|holding| {
                let holding = holding.as_ref()?;
                match self.column {
                    Column::Name => None,
                    Column::Day => holding.day_change_percent,
                    Column::Value | Column::Weight => holding.market_value,
                    Column::Gain => holding.unrealized_pnl,
                }
            })
        };
        tickers.sort_by(|left, right| {
            let by_figure = self.compare(figure(left), figure(right));
            let by_name = left.cmp(right);
            let by_name = if self.column == Column::Name && self.is_falling { by_name.reverse() } else { by_name };
            by_figure.then(by_name)
        });
        tickers
    }

    /// Compares two figures in the chosen direction; a figure that is unknown comes last in both.
    fn compare(self, left: Option<Decimal>, right: Option<Decimal>) -> Ordering {
        match (left, right) {
            (Some(left), Some(right)) if self.is_falling => right.cmp(&left),
            (Some(left), Some(right)) => left.cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

/// Returns the order the address asks for.
pub(crate) fn use_sorting() -> Memo<Sorting> {
    let query = use_query_map();
    memo(move || query.with(|query| Sorting::read(query.get_str("sort"), query.get_str("dir"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_survives_and_nonsense_is_the_usual_order() {
        let sorting = Sorting { column: Column::Gain, is_falling: false };
        assert_eq!(sorting.href(Some("7")), "/?sort=gain&dir=asc&portfolio=7");
        assert_eq!(Sorting::read(Some("gain"), Some("asc")), sorting);
        assert_eq!(Sorting::read(Some("<script>"), Some("up")), Sorting { column: Column::Value, is_falling: false });
        assert_eq!(Sorting::read(None, None), Sorting::default());
    }

    #[test]
    fn a_second_click_turns_the_order_around_and_names_begin_at_a() {
        let usual = Sorting::default();
        assert!(!usual.clicked(Column::Value).is_falling);
        assert!(!usual.clicked(Column::Name).is_falling && usual.clicked(Column::Day).is_falling);
    }

    #[test]
    fn unknown_figures_come_last_either_way() {
        for is_falling in [true, false] {
            let sorting = Sorting { column: Column::Day, is_falling };
            assert_eq!(sorting.compare(None, Some(Decimal::ONE)), Ordering::Greater);
        }
    }
}
