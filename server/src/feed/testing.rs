//! Sources for tests: those there are, opened with a clock of the test, and one that can do nothing.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::named::NamedSources;
use super::source::{Asked, Source, SourceError, SourceOptions, TickSink};
use crate::clock::Clock;
use foliostream::domain::bar::Bar;
use foliostream::domain::instrument::{AssetClass, Details, Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::source::{Nature, SourceName};

/// A source under test, the clock it follows, and the folder of its files.
#[derive(Debug)]
pub(crate) struct UnderTest {
    pub source: Arc<dyn Source>,
    pub clock: Clock,
    _folder: TempDir,
}

/// Opens the simulated market.
pub(crate) fn simulated() -> UnderTest {
    open(TempDir::new().unwrap(), "simulated")
}

/// Opens a replay of two instruments, ten minutes long, in two files. One of them the simulated market has too.
pub(crate) fn replay() -> UnderTest {
    let folder = TempDir::new().unwrap();
    for (file, ticker) in [("a.csv", "AAPL"), ("b.csv", "NEW")] {
        let row = |minute: u32| format!("2026-01-02T10:{minute:02}:00Z,{ticker},{}\n", 100 + minute);
        let rows: String = (0..10).map(row).collect();
        std::fs::write(folder.path().join(file), format!("time,ticker,price\n{rows}")).unwrap();
    }
    let [one, two] = ["a.csv", "b.csv"].map(|file| folder.path().join(file));
    let feed = format!("replay:{},{}", one.display(), two.display());
    open(folder, &feed)
}

/// Opens one of every kind there is.
pub(crate) fn all() -> Vec<UnderTest> {
    vec![simulated(), replay()]
}

fn open(folder: TempDir, feed: &str) -> UnderTest {
    let clock = Clock::manual("2026-11-18T15:20:30.123Z".parse().unwrap());
    let options = SourceOptions { seed: 42, always_open: true, replay_speed: 1.0, replay_loop: false, clock: clock.clone() };
    let named = NamedSources::together(vec![NamedSources::read(feed).unwrap()]).unwrap();
    UnderTest { source: named[0].open(&options).unwrap(), clock, _folder: folder }
}

/// A source that describes an instrument, `BROKEN`, and fails at everything else.
#[derive(Debug)]
pub(crate) struct Failing;

fn failed<T>() -> Asked<'static, T>
where
    T: Send + 'static,
{
    Box::pin(ready(Err(SourceError::of("it is out of order"))))
}

impl Source for Failing {
    fn name(&self) -> SourceName {
        SourceName::of("failing")
    }

    fn nature(&self) -> Nature {
        Nature::MadeUp
    }

    fn instruments(&self) -> Vec<Instrument> {
        let ticker = "BROKEN".parse().unwrap();
        let (currency, class) = (Currency::EUR, AssetClass::Share);
        vec![Instrument { ticker, name: "Broken".to_owned(), currency, class, price_decimals: 2, details: Details::default() }]
    }

    fn tickers(&self) -> Asked<'_, HashSet<Ticker>> {
        failed()
    }

    fn starts_over(&self) -> bool {
        false
    }

    fn run(self: Arc<Self>, _sink: TickSink, _stop: CancellationToken) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }

    fn daily_bars(&self, _: &Ticker, _: Date, _: Date, _: Timestamp) -> Asked<'_, Option<Vec<Bar>>> {
        failed()
    }

    fn intraday_bars(&self, _: &Ticker, _: Timestamp, _: Timestamp, _: SignedDuration) -> Asked<'_, Option<Vec<Bar>>> {
        failed()
    }

    fn search(&self, _: &str, _: usize) -> Asked<'_, Vec<Instrument>> {
        failed()
    }
}
