//! A portfolio on the board: what it takes to value it and to write what changed, and how long others wait for the board meanwhile.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use foliostream::domain::money::Currency;
use foliostream::domain::position::fold;
use foliostream::domain::quote::Quote;
use foliostream::domain::user::UserId;
use foliostream::wire::live::{Cursor, Envelope, LiveEvent, QuoteEvent};
use foliostream::wire::views::QuoteView;
use foliostream_server::board::{Board, Endpoint, Filter, Form, PortfolioRow, Step, StreamPosition};
use rust_decimal::Decimal;

use super::Failure;
use super::report::{Report, Target};
use super::stopwatch::Stopwatch;
use super::valuation::{activities, quotes, time};

/// Holdings of a portfolio whose figures are written.
const HOLDINGS: i64 = 1_000;

/// Holdings whose prices change at once.
const CHANGED: usize = 10;

/// Holdings of a portfolio that moves as a whole.
const MANY: i64 = 5_000;

/// How often all of them move.
const MOVES: usize = 20;

/// A board with one portfolio, and a stream that follows it.
struct Scene {
    board: Board,
    /// The quotes of what is held.
    quotes: Vec<Quote>,
    /// How many events the board was told.
    seq: u64,
    /// Whether prices are a cent higher than they began.
    is_up: bool,
    filter: Filter,
    at: StreamPosition,
}

/// Measures the steps of a portfolio's stream in both forms, and what others wait while a large one is valued.
pub(crate) fn measure(stopwatch: &Stopwatch, report: &mut Report) -> Result<(), Failure> {
    for (form, name, target) in [(Form::Compact, "compact", Some(Target(70.0))), (Form::Full, "full", None)] {
        let mut scene = Scene::new(HOLDINGS, form)?;
        let bytes = scene.moved(CHANGED).step()?;
        let scene = RefCell::new(scene);
        let move_some = || {
            scene.borrow_mut().moved(CHANGED);
        };
        let figure = stopwatch.time(1, move_some, |()| scene.borrow_mut().step());
        let what = format!("frame: {CHANGED} of {HOLDINGS} holdings, valued and written in the {name} form ({bytes} bytes)");
        report.row(what, "µs", &figure.per(1e3), target);
    }
    let (longest, whole) = waited()?;
    report.once(format!("board: valuing and writing {MANY} holdings that all moved"), "µs", micros(whole), None);
    report.once("board: the longest that another waited for it meanwhile", "µs", micros(longest), None);
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Returns the longest that a thread waited that asked the board for a quote again and again while a portfolio was valued and written,
/// and the longest that this took.
fn waited() -> Result<(Duration, Duration), Failure> {
    let mut scene = Scene::new(MANY, Form::Compact)?;
    let ticker = scene.quotes[0].ticker.clone();
    let (is_measured, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let (mut longest, mut whole) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..MOVES {
        scene.moved(MANY as usize);
        let Scene { board, filter, at, .. } = &scene;
        let step = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut longest = Duration::ZERO;
                while !is_over.load(Ordering::Acquire) {
                    let (started, was_measured) = (Instant::now(), is_measured.load(Ordering::Acquire));
                    std::hint::black_box(board.quote(&ticker));
                    if was_measured {
                        longest = longest.max(started.elapsed());
                    }
                }
                longest
            });
            is_measured.store(true, Ordering::Release);
            let started = Instant::now();
            let step = board.step(filter, *at);
            whole = whole.max(started.elapsed());
            is_measured.store(false, Ordering::Release);
            is_over.store(true, Ordering::Release);
            longest = longest.max(other.join().unwrap_or_default());
            step
        });
        is_over.store(false, Ordering::Release);
        let Step::Written(_, to) = step else { return Err("nothing was written of what moved".into()) };
        scene.at = to;
    }
    Ok((longest, whole))
}

impl Scene {
    fn new(holdings: i64, form: Form) -> Result<Self, Failure> {
        let board = Board::new(1.into(), 0, time(0));
        let row = PortfolioRow {
            portfolio_id: "1".to_owned(),
            owner: UserId::local(),
            name: "Measured".to_owned(),
            currency: Currency::EUR,
            revision: 1,
            created_at: time(0),
            track_cash: None,
        };
        board.set_ledger(&row, fold(Currency::EUR, &activities(holdings))?);
        let filter = Filter::new(Endpoint::Portfolio, Some("1"), vec![], None).in_form(form);
        let at = StreamPosition::at(Cursor { epoch: 1.into(), filter: filter.hash(), n: 0, seq: 0 });
        let mut scene = Self { board, quotes: quotes(holdings).into_values().collect(), seq: 0, is_up: false, filter, at };
        scene.moved(usize::MAX);
        scene.quotes.retain(|quote| !quote.ticker.as_str().ends_with("=X"));
        let mut text = String::new();
        scene.at = scene.board.write_state(&mut text, &scene.filter, scene.at, true);
        Ok(scene)
    }

    /// Moves some prices by a cent, up and down in turn.
    fn moved(&mut self, count: usize) -> &mut Self {
        let count = count.min(self.quotes.len());
        let cent = if self.is_up { -1 } else { 1 };
        self.is_up = !self.is_up;
        for quote in &mut self.quotes[..count] {
            quote.price += Decimal::new(cent, 2);
        }
        let event = |quote: &Quote| {
            let Quote { session_start, source, delay_s, .. } = *quote;
            LiveEvent::PriceUpdate(QuoteEvent { view: QuoteView::from(quote), session_start, source, delay_s })
        };
        let events = self.quotes[..count].iter().map(event);
        let envelopes: Vec<Envelope> =
            (self.seq + 1..).zip(events).map(|(seq, event)| Envelope { epoch: 1.into(), seq, at: time(400), event }).collect();
        self.board.apply(&envelopes);
        self.seq += count as u64;
        self
    }

    /// Writes what changed, and returns how many bytes that are.
    fn step(&mut self) -> Result<usize, Failure> {
        let Step::Written(text, to) = self.board.step(&self.filter, self.at) else {
            return Err("nothing was written of what moved".into());
        };
        self.at = to;
        Ok(text.len())
    }
}
