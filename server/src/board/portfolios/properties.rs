//! A board that follows prices tells what a board tells that has just come to them, whoever asked in between and how often.

use std::collections::BTreeMap;

use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::money::Currency;
use foliostream::domain::position::fold;
use foliostream::domain::quote::Freshness;
use foliostream::domain::rates::presumed_currency;
use foliostream::domain::source::SourceName;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Cursor, Envelope, LiveEvent, Owned, QuoteEvent};
use foliostream::wire::views::{PortfolioChangedView, QuoteView, StatusView};
use jiff::SignedDuration;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use super::super::{Board, Endpoint, Filter, Snapshot, State, Step, StreamPosition};
use super::*;

const EPOCH: Epoch = Epoch::new(3, 7);

const TICKERS: [&str; 7] = ["A", "B", "C", "D", "EURUSD=X", "GBPEUR=X", "USDEUR=X"];

/// Prices from the smallest to those whose value fits into no decimal, most of them ordinary.
const PRICES: [&str; 8] =
    ["1.0873", "12.5", "99.99", "0.8441", "3.3333333333333333", "0.000000000001", "7922816251426433759354395", "1234567.89"];

/// What happens to the board, and who asks it.
#[derive(Clone, Debug)]
enum Turn {
    /// An instrument's price, by their places.
    Price(usize, usize),
    /// The quantities of the first four instruments, and whether a deposit leaves no room beside it.
    Ledger([i64; 4], bool),
    /// The stream is told what is new.
    Step,
    /// Somebody who needs no weights asks.
    Look,
    /// One position that is due is valued, as of a large portfolio a turn's are.
    Approach,
    /// The stream goes on from a page.
    Page,
    /// The board begins again with a snapshot of what it knows.
    Begin,
}

fn any_turn() -> impl Strategy<Value = Turn> {
    let quantity = || prop_oneof![Just(0), -5i64..100];
    prop_oneof![
        10 => (0..TICKERS.len(), 0..PRICES.len()).prop_map(|(ticker, price)| Turn::Price(ticker, price)),
        2 => ([quantity(), quantity(), quantity(), quantity()], prop::bool::weighted(0.2))
            .prop_map(|(quantities, is_full)| Turn::Ledger(quantities, is_full)),
        5 => Just(Turn::Step),
        3 => Just(Turn::Look),
        3 => Just(Turn::Approach),
        1 => Just(Turn::Page),
        1 => Just(Turn::Begin),
    ]
}

fn quote(number: u64, ticker: usize, price: usize) -> QuoteEvent {
    let time = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(i64::try_from(number).unwrap());
    let ticker: Ticker = TICKERS[ticker].parse().unwrap();
    let currency = match ticker.as_str() {
        "A" => Currency::EUR,
        "C" => Currency::GBX,
        _ => presumed_currency(&ticker),
    };
    let view = QuoteView {
        ticker,
        price: PRICES[price].parse().unwrap(),
        bid: None,
        ask: None,
        previous_close: (!number.is_multiple_of(3)).then_some(Decimal::TWO),
        change: None,
        change_percent: None,
        currency,
        time,
        freshness: Freshness::Live,
    };
    QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH, source: SourceName::PUSHED, delay_s: 0 }
}

fn ledger([a, b, c, d]: [i64; 4], is_full: bool) -> Ledger {
    let entry = |id: usize, kind: ActivityKind, quantity: i64, amount: &str| Activity {
        id: ActivityId(i64::try_from(id).unwrap() + 1),
        kind,
        time: "2026-01-05T00:00:00Z".parse().unwrap(),
        date_only: true,
        ticker: (kind != ActivityKind::Deposit).then(|| TICKERS[id].parse().unwrap()),
        quantity: quantity.abs().into(),
        price: Decimal::new(1_230, 2),
        amount: amount.parse().unwrap(),
        fee: Decimal::ZERO,
        tax: Decimal::ZERO,
        currency: if id == 1 { Currency::USD } else { Currency::EUR },
        exchange_rate: Decimal::new(917, 3),
        exchange_rate_estimated: false,
        converted: true,
        opens_short: true,
        account: None,
        tags: Vec::new(),
        note: None,
        revision: 1,
    };
    let trades = [a, b, c, d].into_iter().enumerate().filter(|(_, quantity)| *quantity != 0);
    let kind = |quantity: i64| if quantity < 0 { ActivityKind::Sell } else { ActivityKind::Buy };
    let trades = trades.map(|(id, quantity)| entry(id, kind(quantity), quantity, "0"));
    let deposit = is_full.then(|| entry(4, ActivityKind::Deposit, 0, "79228162514264337593543900000"));
    fold(Currency::EUR, &trades.chain(deposit).collect::<Vec<_>>()).unwrap().with_cash(Some(is_full))
}

/// What a client knows of the portfolio.
#[derive(Debug, Default, PartialEq)]
struct Known {
    totals: Value,
    holdings: BTreeMap<String, Value>,
}

impl Known {
    /// Takes over the `portfolio_update` events of a text.
    fn take(&mut self, text: &str) {
        for event in text.split("\n\n").filter(|event| event.contains("event: portfolio_update")) {
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            let mut totals: Value = serde_json::from_str(data).unwrap();
            let Value::Array(holdings) = totals["holdings"].take() else { panic!("{data}") };
            for holding in holdings {
                let ticker = holding["ticker"].as_str().unwrap().to_owned();
                if holding["quantity"] == "0" {
                    self.holdings.remove(&ticker)
                } else {
                    self.holdings.insert(ticker, holding)
                };
            }
            self.totals = totals;
        }
    }
}

/// A board, its history, and a stream that follows it.
struct Scene {
    board: Board,
    seq: u64,
    revision: i64,
    quotes: BTreeMap<usize, (u64, QuoteEvent)>,
    ledger: Ledger,
    known: Known,
    at: StreamPosition,
}

impl Scene {
    fn new() -> Self {
        let board = Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH);
        let (known, at) = (Known::default(), StreamPosition::at(Cursor { epoch: EPOCH, filter: 0, n: 0, seq: 0 }));
        let mut scene = Self { board, seq: 0, revision: 0, quotes: BTreeMap::new(), ledger: ledger([0; 4], false), known, at };
        scene.turn(&Turn::Ledger([10, 5, 3, 0], false));
        scene.turn(&Turn::Price(0, 2));
        (scene.known, scene.at) = full(&scene.board);
        scene
    }

    fn say(&mut self, event: LiveEvent) {
        self.seq += 1;
        self.board.apply(&[Envelope { epoch: EPOCH, seq: self.seq, at: Timestamp::UNIX_EPOCH, event }]);
    }

    fn turn(&mut self, turn: &Turn) {
        match turn {
            Turn::Price(ticker, price) => {
                let event = quote(self.seq + 1, *ticker, *price);
                self.quotes.insert(*ticker, (self.seq + 1, event.clone()));
                self.say(LiveEvent::PriceUpdate(event));
            }
            Turn::Ledger(quantities, is_full) => {
                self.revision += 1;
                self.ledger = ledger(*quantities, *is_full);
                self.board.set_ledger(&row(self.revision), self.ledger.clone());
                let changed = PortfolioChangedView { portfolio_id: "demo".into(), revision: self.revision };
                self.say(LiveEvent::PortfolioChanged(Owned::of(&UserId::local(), changed)));
            }
            Turn::Step => self.step(),
            Turn::Look => {
                let mut state = self.board.lock();
                let State { portfolios, quotes, .. } = &mut *state;
                portfolios.valued("demo", self.seq, quotes);
            }
            Turn::Approach => {
                let mut state = self.board.lock();
                let State { portfolios: Portfolios { all, changes, .. }, quotes, .. } = &mut *state;
                all.get_mut("demo").unwrap().approach(self.seq, quotes, changes, 1);
            }
            Turn::Page => {
                let page = self.board.page(&filter());
                if let Some((valuation, time)) = page.valuation {
                    let view = PortfolioView::new("demo", &valuation, time);
                    self.known = Known::default();
                    self.known.take(&format!("event: portfolio_update\ndata: {}\n\n", serde_json::to_string(&view).unwrap()));
                    self.at = StreamPosition::at(page.cursor);
                }
            }
            Turn::Begin => self.begin(&self.board),
        }
    }

    fn begin(&self, board: &Board) {
        let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
        let quotes = self.quotes.values().cloned().collect();
        let portfolios = vec![("demo".to_owned(), self.revision)];
        let snapshot =
            Snapshot { epoch: EPOCH, seq: self.seq, quotes, alerts: vec![], portfolios, status, last_n: 0, jobs: vec![] };
        board.begin(snapshot, &[]);
    }

    /// Tells the stream what is new, and compares what it then knows with what a board tells that has just come to this state.
    fn step(&mut self) {
        match self.board.step(&filter(), self.at) {
            Step::Written(text, to) => {
                self.known.take(&text);
                self.at = to;
            }
            Step::Quiet(to) => self.at = StreamPosition::at(to),
            // The board began again behind what the stream knew.
            _ => (self.known, self.at) = full(&self.board),
        }
        let fresh = Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH);
        fresh.set_ledger(&row(self.revision), self.ledger.clone());
        self.begin(&fresh);
        if fresh.valuation("demo").is_some() {
            assert_eq!(self.known, full(&fresh).0);
        }
        let whole = |board: &Board| format!("{:#?}", board.valuation("demo"));
        assert_eq!(whole(&self.board), whole(&fresh), "to the last digit");
    }
}

fn filter() -> Filter {
    Filter::new(Endpoint::Portfolio, Some("demo"), vec![], None)
}

fn row(revision: i64) -> PortfolioRow {
    PortfolioRow {
        portfolio_id: "demo".to_owned(),
        owner: UserId::local(),
        name: "demo".to_owned(),
        currency: Currency::EUR,
        revision,
        created_at: Timestamp::UNIX_EPOCH,
        track_cash: None,
    }
}

/// Returns what the full state tells, and where a stream stands after it.
fn full(board: &Board) -> (Known, StreamPosition) {
    let (mut text, mut known) = (String::new(), Known::default());
    let from = StreamPosition::at(Cursor { epoch: EPOCH, filter: 0, n: 0, seq: 0 });
    let to = board.write_state(&mut text, &filter(), from, true);
    known.take(&text);
    (known, to)
}

proptest! {
    #[test]
    fn a_stream_knows_what_a_board_says_that_values_in_full(turns in prop::collection::vec(any_turn(), 1..40)) {
        let mut scene = Scene::new();
        turns.iter().for_each(|turn| scene.turn(turn));
        scene.turn(&Turn::Step);
    }
}
