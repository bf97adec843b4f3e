//! Writing events: once per event, once per group, and what each further stream pays.

use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::Freshness;
use foliostream::domain::source::SourceName;
use foliostream::wire::live::{Cursor, Envelope, LiveEvent, QuoteEvent};
use foliostream::wire::views::QuoteView;
use foliostream_server::board::{Board, Endpoint, Filter, Notices, Step, StreamPosition, text};
use foliostream_server::sse::group::Group;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Failure;
use super::report::Report;
use super::stopwatch::Stopwatch;

const TICKERS: u64 = 50;

/// Measures an event's head, its appending with a cursor, a step of fifty tickers, and the same step asked for again.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    let event = quote(0);
    report.row("frame: head of one price_update", "ns", &stopwatch.time_call(|| text::head("price_update", &event.view)), None);
    let head = text::head("price_update", &event.view);
    let cursor = Cursor { epoch: 7.into(), filter: 0x00c0_ffee, n: 12, seq: 123_456 };
    let mut frame = String::with_capacity(1_024);
    let figure = stopwatch.time_call(|| {
        frame.clear();
        text::append(&mut frame, &head, cursor);
        std::hint::black_box(frame.len())
    });
    report.row(format!("frame: appending it with a cursor ({} bytes)", frame.len()), "ns", &figure, None);
    steps(stopwatch, report)
}

fn steps(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    let now = Timestamp::from_second(1_790_000_000)?;
    let board = Board::new(1.into(), 0, now);
    let events = (0..TICKERS).map(|number| LiveEvent::PriceUpdate(quote(number)));
    let envelopes: Vec<_> = (1..).zip(events).map(|(seq, event)| Envelope { epoch: 1.into(), seq, at: now, event }).collect();
    board.apply(&envelopes);
    let tickers: Vec<Ticker> = (0..TICKERS).map(ticker).collect();
    let group = Group::new(Filter::new(Endpoint::Prices, None, tickers, None), &Notices::default());
    let from = StreamPosition::at(Cursor { epoch: 1.into(), filter: group.hash(), n: 0, seq: 0 });
    let Step::Written(bytes, _) = group.step(&board, from) else { return Err("the step wrote nothing".into()) };
    let figure = stopwatch.time_call(|| board.step(group.filter(), from)).per(1e3);
    report.row(format!("frame: a group's step of {TICKERS} tickers ({} bytes)", bytes.len()), "µs", &figure, None);
    report.row("frame: the same step for each further stream", "ns", &stopwatch.time_call(|| group.step(&board, from)), None);
    Ok(())
}

fn ticker(number: u64) -> Ticker {
    format!("T{number}").parse().expect("a letter and digits are a ticker")
}

fn quote(number: u64) -> QuoteEvent {
    let time = Timestamp::from_millisecond(1_790_000_000_123).expect("within jiff's range");
    let view = QuoteView {
        ticker: ticker(number),
        price: Decimal::new(22_914, 2),
        bid: Some(Decimal::new(22_913, 2)),
        ask: Some(Decimal::new(22_915, 2)),
        previous_close: Some(Decimal::new(22_701, 2)),
        change: Some(Decimal::new(213, 2)),
        change_percent: Some(Decimal::new(938_285, 6)),
        currency: Currency::USD,
        time,
        freshness: Freshness::Live,
    };
    QuoteEvent { view, session_start: time, source: SourceName::PUSHED, delay_s: 0 }
}
