//! A frame, as a server writes it.

use std::fmt::{Display, Write};

use jiff::Timestamp;

use super::field::{Base36, Fields, RECORDS};
use super::holding::HoldingTrack;
use super::portfolio::PortfolioTrack;
use super::price::PriceTrack;
use crate::domain::instrument::Ticker;
use crate::wire::views::HoldingView;

/// The name of the event.
pub const NAME: &str = "frame";

/// The text of one `frame` event. What is written since a number tells what changed after it; without a number, all there is.
#[derive(Debug)]
pub struct Frame {
    text: String,
    time: Timestamp,
    has_time: bool,
}

impl Frame {
    /// Begins a frame; `time` is that of the newest price in it.
    pub fn new(time: Timestamp) -> Self {
        // The time is told without a sign; what is older than that of the frame tells how much.
        Self { text: String::new(), time: time.max(Timestamp::UNIX_EPOCH), has_time: false }
    }

    /// Tells an instrument's index; the reader must know it before anything else is told of the instrument.
    pub fn name(&mut self, index: u32, ticker: &Ticker) {
        self.begin('=');
        let _ = write!(self.text, "{},{ticker}", Base36(index.into()));
    }

    /// Tells an instrument's price.
    pub fn price(&mut self, index: u32, price: &PriceTrack, since: Option<u64>) {
        self.begin_timed();
        let _ = write!(self.text, "{}", Base36(index.into()));
        let age_ms = self.age_ms(price.time());
        price.write(&mut Fields::new(&mut self.text), age_ms, since);
    }

    /// Tells a holding of a portfolio, whose currency is shown with `decimals`; `price` is what the reader knows of the instrument's price, and `is_priced` whether this
    /// frame tells it. A price makes the reader work the holding out once more, so that a holding often needs no record.
    pub fn holding(
        &mut self,
        index: u32,
        (holding, track): (&HoldingView, &HoldingTrack),
        price: Option<&PriceTrack>,
        is_priced: bool,
        decimals: u32,
        since: Option<u64>,
    ) {
        let told = track.told(holding, price.map(PriceTrack::quoted), decimals, since);
        if told.is_none() && (is_priced || holding.quantity.is_zero()) {
            return;
        }
        self.begin('+');
        let _ = write!(self.text, "{}", Base36(index.into()));
        if let Some(told) = told {
            told.write(&mut Fields::new(&mut self.text));
        }
    }

    /// Tells a portfolio's totals, where any of them changed, and what it is.
    pub fn portfolio(&mut self, portfolio: &PortfolioTrack, since: Option<u64>) {
        portfolio.write_about(since).into_iter().for_each(|about| self.record('#', &about));
        self.begin_timed();
        self.text.push('$');
        let age_ms = self.age_ms(portfolio.time());
        portfolio.write(&mut self.text, age_ms, since);
        portfolio.write_incomplete(since).into_iter().for_each(|incomplete| self.record('!', &incomplete));
        portfolio.write_cash(since).into_iter().for_each(|account| self.record('%', &account));
    }

    /// Returns the text, unless nothing was told.
    pub fn finish(self) -> Option<String> {
        Some(self.text).filter(|text| !text.is_empty())
    }

    fn record(&mut self, sign: char, fields: impl Display) {
        self.begin(sign);
        let _ = write!(self.text, "{fields}");
    }

    fn begin(&mut self, sign: char) {
        self.separate();
        self.text.push(sign);
    }

    /// Begins a record of something that has a time, before the first of which the frame's own time is told.
    fn begin_timed(&mut self) {
        if !std::mem::replace(&mut self.has_time, true) {
            self.begin('@');
            let _ = write!(self.text, "{}", Base36(self.time.as_millisecond().unsigned_abs()));
        }
        self.separate();
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(RECORDS);
        }
    }

    fn age_ms(&self, time: Timestamp) -> i64 {
        self.time.as_millisecond().saturating_sub(time.as_millisecond())
    }
}
