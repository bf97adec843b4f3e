//! A reader of frames: what a client knows of prices and one portfolio.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::derived::{Quoted, shown};
use super::field::{Amount, RECORDS, Unreadable, base36};
use super::{holding, portfolio, price};
use crate::domain::instrument::Ticker;
use crate::domain::money::percent;
use crate::wire::views::{HoldingView, PortfolioView, QuoteView};

/// What a frame changed, as the events of the full form would tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The new quotes.
    pub quotes: Vec<QuoteView>,
    /// The portfolio's totals with the holdings that changed, if any did; a holding that was closed with a quantity of zero.
    pub portfolio: Option<PortfolioView>,
}

/// The reader's own copy of what its frames build upon.
#[derive(Debug, Default)]
pub struct Reader {
    names: BTreeMap<u64, Ticker>,
    quotes: BTreeMap<Ticker, QuoteView>,
    portfolio: Option<PortfolioView>,
    holdings: BTreeMap<Ticker, HoldingView>,
    /// What weights are percents of, once that was told.
    gross: Option<Amount>,
    /// Whether more is held than is known here: records of the others are left alone.
    is_cut: bool,
}

impl Reader {
    /// Begins with what a page shows: its frames go on from the page's cursor. Of `count` holdings the portfolio names the
    /// largest.
    pub fn seed(&mut self, quotes: &[QuoteView], portfolio: Option<&PortfolioView>, count: usize) {
        self.forget();
        self.quotes = quotes.iter().map(|quote| (quote.ticker.clone(), quote.clone())).collect();
        let Some(known) = portfolio else { return };
        self.is_cut = known.holdings.len() < count;
        self.holdings = known.holdings.iter().map(|holding| (holding.ticker.clone(), holding.clone())).collect();
        self.portfolio = Some(PortfolioView { holdings: Vec::new(), ..known.clone() });
    }

    /// Forgets indices, at the beginning of a connection: another server gives other ones.
    pub fn forget_names(&mut self) {
        self.names.clear();
    }

    /// Forgets everything that was told, before a full state.
    pub fn forget(&mut self) {
        let names = std::mem::take(&mut self.names);
        *self = Self { names, ..Self::default() };
    }

    /// Reads a frame's text. Where it fails, some of it may have been taken over: the reader must be given a full state.
    pub fn read(&mut self, text: &str) -> Result<Changes, Unreadable> {
        let mut frame = Taken::default();
        for record in text.split(RECORDS) {
            let sign = record.chars().next().ok_or(Unreadable)?;
            let fields = record.get(1..).unwrap_or_default();
            match sign {
                '@' => frame.time = Some(time(fields)?),
                '=' => self.take_name(fields)?,
                '0'..='9' | 'a'..='z' => self.take_price(record, &mut frame)?,
                '+' => frame.holdings.push(fields),
                '$' => frame.totals = Some(fields),
                '#' => self.portfolio = Some(portfolio::read_about(self.portfolio.take(), fields)?),
                '!' => self.take_incomplete(fields, &mut frame)?,
                '%' => frame.cash.push(fields),
                // A sign that a later version adds.
                _ => {}
            }
        }
        self.finish(frame)
    }

    fn take_name(&mut self, fields: &str) -> Result<(), Unreadable> {
        let (index, ticker) = fields.split_once(',').ok_or(Unreadable)?;
        self.names.insert(base36(index)?, ticker.parse().map_err(|_| Unreadable)?);
        Ok(())
    }

    fn named(&self, index: &str) -> Result<Ticker, Unreadable> {
        self.names.get(&base36(index)?).cloned().ok_or(Unreadable)
    }

    fn take_price(&mut self, record: &str, frame: &mut Taken<'_>) -> Result<(), Unreadable> {
        let mut fields = record.split(',');
        let ticker = self.named(fields.next().unwrap_or_default())?;
        let quote = price::read(&ticker, self.quotes.get(&ticker), frame.time.ok_or(Unreadable)?, fields)?;
        self.quotes.insert(ticker.clone(), quote);
        frame.priced.insert(ticker);
        Ok(())
    }

    fn take_incomplete(&mut self, fields: &str, frame: &mut Taken<'_>) -> Result<(), Unreadable> {
        let portfolio = self.portfolio.as_mut().ok_or(Unreadable)?;
        let tickers = fields.split(',').filter(|ticker| !ticker.is_empty());
        portfolio.incomplete = tickers.map(|ticker| ticker.parse().map_err(|_| Unreadable)).collect::<Result<_, _>>()?;
        frame.is_portfolio_told = true;
        Ok(())
    }

    /// Takes over what is worked out from the prices of the frame: holdings, totals, weights.
    fn finish(&mut self, mut frame: Taken<'_>) -> Result<Changes, Unreadable> {
        let mut changed = BTreeSet::new();
        for record in std::mem::take(&mut frame.holdings) {
            let mut fields = record.split(',');
            let ticker = self.named(fields.next().unwrap_or_default())?;
            if self.take_holding(&ticker, fields)? {
                changed.insert(ticker.clone());
            }
            frame.read.insert(ticker);
        }
        for ticker in frame.priced.iter().filter(|ticker| !frame.read.contains(*ticker)) {
            if self.holdings.contains_key(ticker) && self.take_holding(ticker, std::iter::empty())? {
                changed.insert(ticker.clone());
            }
        }
        let totals_before = self.portfolio.clone();
        if let Some(portfolio) = &mut self.portfolio {
            if let Some(totals) = frame.totals {
                let gross = portfolio::read(portfolio, frame.time.ok_or(Unreadable)?, totals)?;
                self.gross = Some(Amount(gross));
            }
            if !frame.cash.is_empty() {
                let told = frame.cash.iter().filter(|record| !record.is_empty());
                let accounts = told.map(|record| portfolio::read_cash(&portfolio.cash_accounts, record));
                portfolio.cash_accounts = accounts.collect::<Result<_, _>>()?;
            }
        } else if frame.totals.is_some() || !frame.cash.is_empty() || !changed.is_empty() {
            return Err(Unreadable);
        }
        self.weigh(&mut changed);
        let quotes = frame.priced.iter().filter_map(|ticker| self.quotes.get(ticker)).cloned().collect();
        let is_portfolio_changed = frame.is_portfolio_told || !changed.is_empty() || self.portfolio != totals_before;
        let portfolio = self.portfolio.clone().filter(|_| is_portfolio_changed || frame.totals.is_some());
        let portfolio = portfolio.map(|totals| PortfolioView { holdings: self.held(&changed), ..totals });
        self.holdings.retain(|_, holding| !holding.quantity.is_zero());
        Ok(Changes { quotes, portfolio })
    }

    /// Takes over a holding; returns whether it changed.
    fn take_holding<'a>(&mut self, ticker: &Ticker, fields: impl Iterator<Item = &'a str>) -> Result<bool, Unreadable> {
        let quoted = self.quotes.get(ticker);
        let quoted = quoted.map(|quote| Quoted { price: quote.price, previous_close: quote.previous_close });
        let known = self.holdings.get(ticker);
        match holding::read(ticker, known, quoted, fields) {
            Ok(holding) if known == Some(&holding) => Ok(false),
            Ok(holding) => {
                self.holdings.insert(ticker.clone(), holding);
                Ok(true)
            }
            Err(Unreadable) if self.is_cut && known.is_none() => Ok(false),
            Err(Unreadable) => Err(Unreadable),
        }
    }

    /// Works out what part of the portfolio each holding is, as far as that is shown differently.
    fn weigh(&mut self, changed: &mut BTreeSet<Ticker>) {
        let Some(Amount(gross)) = self.gross else { return };
        for (ticker, holding) in &mut self.holdings {
            let weight = holding.market_value.zip(gross).and_then(|(value, gross)| percent(value, gross));
            let weight = weight.map(|weight| shown(weight, 2));
            if holding.weight.map(|known| shown(known, 2)) != weight && !holding.quantity.is_zero() {
                holding.weight = weight;
                changed.insert(ticker.clone());
            }
        }
    }

    /// Returns holdings, the largest first.
    fn held(&self, tickers: &BTreeSet<Ticker>) -> Vec<HoldingView> {
        let mut held: Vec<HoldingView> = tickers.iter().filter_map(|ticker| self.holdings.get(ticker)).cloned().collect();
        held.sort_by(|left, right| right.market_value.cmp(&left.market_value).then_with(|| left.ticker.cmp(&right.ticker)));
        held
    }
}

/// What of a frame waits until all its prices are read.
#[derive(Default)]
struct Taken<'a> {
    time: Option<Timestamp>,
    priced: BTreeSet<Ticker>,
    holdings: Vec<&'a str>,
    read: BTreeSet<Ticker>,
    totals: Option<&'a str>,
    cash: Vec<&'a str>,
    is_portfolio_told: bool,
}

fn time(text: &str) -> Result<Timestamp, Unreadable> {
    let milliseconds = i64::try_from(base36(text)?).map_err(|_| Unreadable)?;
    Timestamp::from_millisecond(milliseconds).map_err(|_| Unreadable)
}
