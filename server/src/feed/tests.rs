//! What every source keeps, and how several of them share instruments.

use std::collections::HashMap;
use std::time::Duration;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;
use tokio_util::sync::CancellationToken;

use super::testing::{Failing, UnderTest, all, replay, simulated};
use super::*;

fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// Lets a source's time go on until `most` ticks have come, or their end.
async fn ticks_of(opened: &UnderTest, ticks: &mut Receiver<Vec<Tick>>, most: usize) -> Vec<Tick> {
    let mut seen = Vec::new();
    let taking = async {
        while seen.len() < most {
            match ticks.try_recv() {
                Ok(batch) => {
                    assert!(!batch.is_empty(), "nothing is not handed over");
                    seen.extend(batch);
                }
                Err(TryRecvError::Empty) => {
                    opened.clock.advance(Duration::from_millis(50));
                    tokio::task::yield_now().await;
                }
                Err(TryRecvError::Disconnected) => break,
            }
        }
    };
    within("the ticks", taking).await;
    seen
}

#[tokio::test]
async fn ticks_are_of_what_a_source_says_it_has_and_carry_its_name() {
    for opened in all() {
        let UnderTest { source, .. } = &opened;
        let (tickers, described) = (source.tickers().await.unwrap(), source.instruments());
        assert!(described.iter().all(|instrument| tickers.contains(&instrument.ticker)), "{}", source.name());
        let described: HashMap<_, _> = described.into_iter().map(|instrument| (instrument.ticker.clone(), instrument)).collect();
        let (sink, mut ticks) = TickSink::new();
        let running = tokio::spawn(Arc::clone(source).run(sink, CancellationToken::new()));
        let seen = ticks_of(&opened, &mut ticks, 200).await;
        assert!(seen.len() >= 20, "{}", source.name());
        for tick in seen.iter().chain(&source.ticks_now()) {
            assert!(tickers.contains(&tick.ticker) && tick.source == source.name() && tick.delay_s == 0, "{tick:?}");
            let currency = described.get(&tick.ticker).map(|instrument| instrument.currency);
            assert!(currency.is_none() || tick.currency == currency, "{tick:?}");
        }
        assert!(source.ticks_now().iter().all(|tick| described.contains_key(&tick.ticker)), "{}", source.name());
        running.abort();
    }
}

#[tokio::test]
async fn ticks_of_an_instrument_rise_in_time() {
    for opened in all() {
        let (sink, mut ticks) = TickSink::new();
        let running = tokio::spawn(Arc::clone(&opened.source).run(sink, CancellationToken::new()));
        let mut last: HashMap<Ticker, Timestamp> = HashMap::new();
        for tick in ticks_of(&opened, &mut ticks, 500).await {
            let before = last.insert(tick.ticker.clone(), tick.time);
            assert!(before.is_none_or(|before| before < tick.time), "{tick:?} after {before:?}");
        }
        assert!(last.len() >= 2, "{}", opened.source.name());
        running.abort();
    }
}

#[tokio::test]
async fn a_stop_ends_a_source_and_so_does_a_closed_sink() {
    for opened in all() {
        let (sink, mut ticks) = TickSink::new();
        let stop = CancellationToken::new();
        let running = tokio::spawn(Arc::clone(&opened.source).run(sink, stop.clone()));
        ticks_of(&opened, &mut ticks, 1).await;
        stop.cancel();
        // A batch that was under way may still come out.
        let drained = async { while ticks.recv().await.is_some() {} };
        within("the end of the ticks", drained).await;
        within("the end of the source", running).await.unwrap();

        let (sink, ticks) = TickSink::new();
        let mut running = tokio::spawn(Arc::clone(&opened.source).run(sink, CancellationToken::new()));
        drop(ticks);
        let ended = async {
            while !running.is_finished() {
                opened.clock.advance(Duration::from_millis(50));
                tokio::task::yield_now().await;
            }
            (&mut running).await.unwrap();
        };
        within("the end at a closed sink", ended).await;
    }
}

#[tokio::test]
async fn bars_are_in_order_and_of_what_is_described_alone() {
    for opened in all() {
        let UnderTest { source, clock, .. } = &opened;
        let (from, to, now) = (date(2026, 11, 1), date(2026, 11, 18), clock.now());
        let day_before = now - SignedDuration::from_hours(24);
        let step = SignedDuration::from_mins(5);
        let bars_of = async |ticker: &Ticker| {
            let daily = source.daily_bars(ticker, from, to, now).await.unwrap();
            let intraday = source.intraday_bars(ticker, day_before, now, step).await.unwrap();
            [daily, intraday]
        };
        for instrument in source.instruments() {
            for bars in bars_of(&instrument.ticker).await {
                let bars = bars.unwrap();
                assert!(bars.len() > 10 && bars.is_sorted_by(|one, next| one.time < next.time), "{}", instrument.ticker);
            }
        }
        assert_eq!(bars_of(&ticker("NOPE")).await, [None, None], "{}", source.name());
    }
}

#[tokio::test]
async fn a_search_finds_what_a_source_describes_and_no_more_than_asked() {
    for UnderTest { source, .. } in all() {
        for instrument in source.instruments() {
            let found = source.search(&instrument.ticker.as_str().to_lowercase(), 20).await.unwrap();
            assert_eq!(found.first(), Some(&instrument), "the best first");
            let found = source.search(&instrument.name.to_lowercase(), 20).await.unwrap();
            assert!(found.contains(&instrument));
        }
        let found = source.search("", 3).await.unwrap();
        assert_eq!(found.len(), source.instruments().len().min(3));
        assert_eq!(source.search("nothing is called so", 20).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_first_that_was_named_has_what_both_have() {
    let (model, files) = (simulated(), replay());
    let sources = Sources::open(vec![Arc::clone(&model.source), Arc::clone(&files.source)]).await.unwrap();
    let owner = |sources: &Sources, text: &str| sources.owner(&ticker(text)).unwrap().name().to_string();
    assert_eq!(["AAPL", "MSFT", "NEW"].map(|text| owner(&sources, text)), ["simulated", "simulated", "replay"]);
    assert!(sources.describing(&ticker("AAPL")).is_some() && sources.describing(&ticker("NEW")).is_none());
    assert_eq!(sources.instruments().len(), model.source.instruments().len());
    assert!(sources.demo().is_some());

    let sources = Sources::open(vec![Arc::clone(&files.source), Arc::clone(&model.source)]).await.unwrap();
    assert_eq!(["AAPL", "MSFT", "NEW"].map(|text| owner(&sources, text)), ["replay", "simulated", "replay"]);
    assert!(sources.describing(&ticker("AAPL")).is_none(), "the model's history is not that of the replay");
    assert!(sources.instruments().iter().all(|instrument| instrument.ticker != ticker("AAPL")));
    assert!(sources.ticks_now().iter().all(|tick| tick.ticker != ticker("AAPL")));
    assert_eq!(sources.search("aapl", 20).await, []);
    assert!(sources.demo().is_none(), "its Apple would have the prices of the replay");
    assert_eq!(sources.natures(), [Nature::Recorded, Nature::MadeUp]);
}

#[tokio::test]
async fn without_a_source_prices_are_only_pushed() {
    let sources = Sources::open(Vec::new()).await.unwrap();
    assert!(sources.owner(&ticker("A")).is_none() && sources.describing(&ticker("A")).is_none());
    assert_eq!((sources.natures(), sources.ticks_now(), sources.search("a", 20).await), (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_source_that_cannot_say_what_it_has_is_refused_where_another_follows_and_its_search_costs_only_its_own() {
    let model = simulated();
    let refused = Sources::open(vec![Arc::new(Failing), Arc::clone(&model.source)]).await.unwrap_err();
    assert_eq!(refused.to_string(), "it is out of order");
    let sources = Sources::open(vec![Arc::clone(&model.source), Arc::new(Failing)]).await.unwrap();
    let found: Vec<String> = sources.search("aapl", 20).await.iter().map(|found| found.ticker.to_string()).collect();
    assert_eq!(found, ["AAPL"]);
}
