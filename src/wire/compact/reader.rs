//! A reader of frames: what a client knows of prices and one portfolio.
//!
//! It is a part of what every page downloads before it comes to life: plain lists, which are searched from their beginning, take a
//! third of the code of maps. A page has two hundred rows at most.

use jiff::Timestamp;

use super::derived::{Quoted, shown};
use super::field::{Amount, RECORDS, Record, Unreadable, base36};
use super::{holding, portfolio, price};
use crate::domain::instrument::Ticker;
use crate::domain::money::percent;
use crate::wire::views::{HoldingView, PortfolioView, QuoteView};

/// What a frame changed, as the events of the full form would tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The quotes that the frame told.
    pub quotes: Vec<QuoteView>,
    /// The portfolio's totals with the holdings that changed, if any did; a holding that was closed with a quantity of zero.
    pub portfolio: Option<PortfolioView>,
}

/// The reader's own copy of what its frames build upon.
#[derive(Debug, Default)]
pub struct Reader {
    rows: Vec<Row>,
    portfolio: Option<PortfolioView>,
    /// What weights are percents of, once that was told.
    gross: Option<Amount>,
    /// Whether more is held than is known here: records of the others are left alone.
    is_cut: bool,
}

/// What is known of an instrument.
#[derive(Debug)]
struct Row {
    ticker: Ticker,
    index: Option<u64>,
    quote: Option<QuoteView>,
    holding: Option<HoldingView>,
    /// What the frame at hand changed.
    is_priced: bool,
    is_read: bool,
    is_changed: bool,
}

impl Reader {
    /// Begins with what a page shows: its frames go on from the page's cursor. Of `count` holdings the portfolio names the
    /// largest.
    pub fn seed(&mut self, quotes: &[QuoteView], portfolio: Option<&PortfolioView>, count: usize) {
        self.forget();
        for quote in quotes {
            let row = self.row(&quote.ticker);
            self.rows[row].quote = Some(quote.clone());
        }
        let Some(known) = portfolio else { return };
        self.is_cut = known.holdings.len() < count;
        for holding in &known.holdings {
            let row = self.row(&holding.ticker);
            self.rows[row].holding = Some(holding.clone());
        }
        self.portfolio = Some(PortfolioView { holdings: Vec::new(), ..known.clone() });
    }

    /// Forgets the indices of instruments, at the beginning of a connection: another server gives other ones.
    pub fn forget_names(&mut self) {
        self.rows.iter_mut().for_each(|row| row.index = None);
    }

    /// Forgets everything that was told but names, before a full state.
    pub fn forget(&mut self) {
        for row in &mut self.rows {
            (row.quote, row.holding) = (None, None);
            (row.is_priced, row.is_read, row.is_changed) = (false, false, false);
        }
        (self.portfolio, self.gross, self.is_cut) = (None, None, false);
    }

    /// Reads a frame's text. Where it fails, some of it may have been taken over: the reader must be given a full state.
    pub fn read(&mut self, text: &str) -> Result<Changes, Unreadable> {
        let mut frame = Waiting::default();
        for record in text.split(RECORDS) {
            let sign = *record.as_bytes().first().ok_or(Unreadable)?;
            let fields = record.get(1..).unwrap_or_default();
            match sign {
                b'@' => frame.time = Some(time(fields)?),
                b'=' => self.take_name(fields)?,
                b'0'..=b'9' | b'a'..=b'z' => self.take_price(record, frame.time.ok_or(Unreadable)?)?,
                b'+' => frame.holdings.push(fields),
                b'$' => frame.totals = Some(fields),
                b'#' => portfolio::read_about(&mut self.portfolio, fields)?,
                b'!' => {
                    portfolio::read_incomplete(self.portfolio.as_mut().ok_or(Unreadable)?, fields)?;
                    frame.is_portfolio_told = true;
                }
                b'%' => frame.cash.push(fields),
                // A sign that a later version adds.
                _ => {}
            }
        }
        self.finish(&frame)
    }

    /// Returns where an instrument's row is, which is made where there is none.
    fn row(&mut self, ticker: &Ticker) -> usize {
        if let Some(known) = self.rows.iter().position(|row| row.ticker == *ticker) {
            return known;
        }
        let (ticker, index, quote, holding) = (ticker.clone(), None, None, None);
        self.rows.push(Row { ticker, index, quote, holding, is_priced: false, is_read: false, is_changed: false });
        self.rows.len() - 1
    }

    fn take_name(&mut self, fields: &str) -> Result<(), Unreadable> {
        let (index, ticker) = fields.split_once(',').ok_or(Unreadable)?;
        let index = Some(base36(index)?);
        let row = self.row(&ticker.parse().map_err(|_| Unreadable)?);
        self.rows.iter_mut().filter(|row| row.index == index).for_each(|row| row.index = None);
        self.rows[row].index = index;
        Ok(())
    }

    /// Returns the row that a record names in its first field.
    fn named(&self, record: &mut Record<'_>) -> Result<usize, Unreadable> {
        let index = Some(base36(record.next().unwrap_or_default())?);
        self.rows.iter().position(|row| row.index == index).ok_or(Unreadable)
    }

    fn take_price(&mut self, text: &str, time: Timestamp) -> Result<(), Unreadable> {
        let record = &mut Record::new(text);
        let row = self.named(record)?;
        let Row { ticker, quote, is_priced, .. } = &mut self.rows[row];
        let is_new = quote.is_none();
        *is_priced = true;
        price::read(quote.get_or_insert_with(|| price::blank(ticker.clone())), is_new, time, record)
    }

    /// Takes over what is worked out from the prices of the frame: holdings, totals, weights.
    fn finish(&mut self, frame: &Waiting<'_>) -> Result<Changes, Unreadable> {
        // Rows whose holding changed, in the order in which they are told.
        let mut changed = Vec::new();
        for text in &frame.holdings {
            let record = &mut Record::new(text);
            let row = self.named(record)?;
            self.take_holding(row, record, &mut changed)?;
        }
        for row in 0..self.rows.len() {
            if self.rows[row].is_priced && !self.rows[row].is_read && self.rows[row].holding.is_some() {
                self.take_holding(row, &mut Record::new(""), &mut changed)?;
            }
        }
        let is_totals_told = frame.totals.is_some() || !frame.cash.is_empty();
        if let Some(portfolio) = &mut self.portfolio {
            if let Some(totals) = frame.totals {
                self.gross = Some(Amount(portfolio::read(portfolio, frame.time.ok_or(Unreadable)?, totals)?));
            }
            portfolio::read_cash(portfolio, &frame.cash)?;
        } else if is_totals_told || !changed.is_empty() {
            return Err(Unreadable);
        }
        self.weigh(&mut changed);
        let is_portfolio_told = is_totals_told || frame.is_portfolio_told || !changed.is_empty();
        let portfolio = self.portfolio.as_ref().filter(|_| is_portfolio_told).map(|totals| {
            let holdings = changed.iter().filter_map(|row| self.rows[*row].holding.clone()).collect();
            PortfolioView { holdings, ..totals.clone() }
        });
        let mut quotes = Vec::new();
        for row in &mut self.rows {
            if std::mem::take(&mut row.is_priced) {
                quotes.extend(row.quote.clone());
            }
            (row.is_read, row.is_changed) = (false, false);
            if row.holding.as_ref().is_some_and(|holding| holding.quantity.is_zero()) {
                row.holding = None;
            }
        }
        Ok(Changes { quotes, portfolio })
    }

    /// Takes over a row's holding.
    fn take_holding(&mut self, at: usize, record: &mut Record<'_>, changed: &mut Vec<usize>) -> Result<(), Unreadable> {
        let row = &mut self.rows[at];
        row.is_read = true;
        let is_new = row.holding.is_none();
        let quoted = row.quote.as_ref().map(|quote| Quoted { price: quote.price, previous_close: quote.previous_close });
        let holding = row.holding.get_or_insert_with(|| HoldingView::closed(row.ticker.clone()));
        match holding::read(holding, is_new, quoted, record) {
            Ok(true) => note(row, at, changed),
            Ok(false) => {}
            Err(Unreadable) if self.is_cut && is_new => row.holding = None,
            Err(Unreadable) => return Err(Unreadable),
        }
        Ok(())
    }

    /// Works out what part of the portfolio each holding is, as far as that is shown differently.
    fn weigh(&mut self, changed: &mut Vec<usize>) {
        let Some(Amount(gross)) = self.gross else { return };
        for (at, row) in self.rows.iter_mut().enumerate() {
            let Some(holding) = row.holding.as_mut().filter(|holding| !holding.quantity.is_zero()) else { continue };
            let weight = holding.market_value.zip(gross).and_then(|(value, gross)| percent(value, gross));
            let weight = weight.map(|weight| shown(weight, 2));
            if holding.weight.map(|known| shown(known, 2)) != weight {
                holding.weight = weight;
                note(row, at, changed);
            }
        }
    }
}

/// Notes that a row's holding changed, once.
fn note(row: &mut Row, at: usize, changed: &mut Vec<usize>) {
    if !std::mem::replace(&mut row.is_changed, true) {
        changed.push(at);
    }
}

/// What of a frame waits until all its prices are read.
#[derive(Default)]
struct Waiting<'a> {
    time: Option<Timestamp>,
    holdings: Vec<&'a str>,
    totals: Option<&'a str>,
    cash: Vec<&'a str>,
    is_portfolio_told: bool,
}

fn time(text: &str) -> Result<Timestamp, Unreadable> {
    let milliseconds = i64::try_from(base36(text)?).map_err(|_| Unreadable)?;
    Timestamp::from_millisecond(milliseconds).map_err(|_| Unreadable)
}
