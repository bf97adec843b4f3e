//! Readers of both forms of one stream come to the same figures, as far as they are shown, whatever happens and wherever they are
//! cut: prices, rates, trades, a portfolio that is valued before its change is announced, pages, resets and other terms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use super::super::*;
use foliostream::domain::activity::{Activity, ActivityId, ActivityKind};
use foliostream::domain::money::{Currency, percent};
use foliostream::domain::source::SourceName;
use foliostream::wire::compact::Reader;
use foliostream::wire::live::{Cursor, Owned, ResetReason};
use foliostream::wire::views::{HoldingView, PortfolioChangedView, PortfolioView, QuoteView};

const TICKERS: [&str; 5] = ["AAPL", "MSFT", "SAP.DE", "EURUSD=X", "GLD"];
/// What the streams follow: not all that is held.
const FOLLOWED: [&str; 4] = ["AAPL", "MSFT", "SAP.DE", "EURUSD=X"];

/// What happens: a kind, a key and a figure.
type Event = (u8, u8, u8);

/// The engine's side of a board.
struct World {
    board: Board,
    epoch: Epoch,
    seq: u64,
    revision: i64,
    activities: Vec<Activity>,
    quotes: BTreeMap<usize, (u64, QuoteEvent)>,
}

/// A client of one form.
struct Client {
    filter: Filter,
    /// Where its stream stands; none before its first connection, and while it is cut.
    standing: Option<StreamPosition>,
    /// Its last event's cursor.
    cursor: Cursor,
    reader: Reader,
    quotes: BTreeMap<Ticker, QuoteView>,
    holdings: BTreeMap<Ticker, HoldingView>,
    totals: Option<PortfolioView>,
}

fn time(seq: u64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + i64::try_from(seq).unwrap() * 130).unwrap()
}

fn row(revision: i64) -> PortfolioRow {
    PortfolioRow {
        portfolio_id: "demo".to_owned(),
        owner: UserId::local(),
        name: "demo".to_owned(),
        currency: Currency::USD,
        revision,
        created_at: Timestamp::UNIX_EPOCH,
        track_cash: Some(true),
    }
}

fn trade(number: usize, key: u8, figure: u8) -> Activity {
    let is_sale = figure.is_multiple_of(3);
    let index = usize::from(key) % TICKERS.len();
    Activity {
        id: ActivityId(i64::try_from(number).unwrap() + 1),
        kind: if is_sale { ActivityKind::Sell } else { ActivityKind::Buy },
        time: "2026-01-05T00:00:00Z".parse().unwrap(),
        date_only: true,
        ticker: Some(TICKERS[if index == 3 { 0 } else { index }].parse().unwrap()),
        quantity: Decimal::from(figure % 7 + 1),
        price: Decimal::new(i64::from(figure) * 37 + 1, 2),
        amount: Decimal::ZERO,
        fee: Decimal::ZERO,
        tax: Decimal::ZERO,
        currency: if index == 2 { Currency::EUR } else { Currency::USD },
        exchange_rate: if index == 2 { Decimal::new(11, 1) } else { Decimal::ONE },
        exchange_rate_estimated: false,
        converted: index == 2,
        opens_short: figure > 128,
        account: None,
        tags: Vec::new(),
        note: None,
        revision: 1,
    }
}

impl World {
    fn new() -> Self {
        let board = Board::new(Epoch::new(3, 7), 0, Timestamp::UNIX_EPOCH);
        let (activities, quotes) = (Vec::new(), BTreeMap::new());
        let world = Self { board, epoch: Epoch::new(3, 7), seq: 0, revision: 1, activities, quotes };
        world.board.fold_ledger(&row(1), 1, &[], Vec::new());
        world
    }

    fn say(&mut self, event: LiveEvent) {
        self.seq += 1;
        self.board.apply(&[Envelope { epoch: self.epoch, seq: self.seq, at: time(self.seq), event }]);
    }

    fn happen(&mut self, (kind, key, figure): Event) {
        match kind % 12 {
            0..=5 => self.price(usize::from(key) % TICKERS.len(), figure),
            6 | 7 => {
                self.activities.push(trade(self.activities.len(), key, figure));
                self.change_ledger();
            }
            8 if !self.activities.is_empty() => {
                self.activities.remove(usize::from(figure) % self.activities.len());
                self.change_ledger();
            }
            9 => self.announce(),
            10 => {
                // Another worker's snapshot, or another term's.
                let is_new_term = figure.is_multiple_of(2);
                if is_new_term {
                    self.epoch = Epoch::new(self.epoch.number() + 1, 7);
                }
                self.seq += u64::from(figure % 5);
                let quotes = self.quotes.values().map(|(at, quote)| (if is_new_term { 1 } else { *at }, quote.clone())).collect();
                let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
                let portfolios = vec![("demo".to_owned(), self.revision)];
                let seq = self.seq.max(1);
                self.seq = seq;
                let snapshot =
                    Snapshot { epoch: self.epoch, seq, quotes, alerts: Vec::new(), portfolios, status, last_n: 0, jobs: vec![] };
                self.board.begin(snapshot, &[]);
            }
            _ => {}
        }
    }

    fn price(&mut self, index: usize, figure: u8) {
        let price = if index == 3 {
            Decimal::new(9_000 + i64::from(figure) * 17, 4)
        } else {
            Decimal::new(i64::from(figure) * 101 + 1, 2)
        };
        let close = (!figure.is_multiple_of(7)).then(|| Decimal::new(i64::from(figure / 16) * 500 + 100, 2));
        let change = close.map(|close| price - close);
        let view = QuoteView {
            ticker: TICKERS[index].parse().unwrap(),
            price,
            bid: (figure > 20).then(|| price - Decimal::new(i64::from(figure / 64), 2)),
            ask: (figure > 30).then(|| price + Decimal::new(i64::from(figure / 64), 2)),
            previous_close: close,
            change,
            change_percent: change.zip(close).and_then(|(change, close)| percent(change, close)),
            currency: if index == 2 { Currency::EUR } else { Currency::USD },
            time: time(self.seq + 1),
            freshness: if figure.is_multiple_of(11) { Freshness::Stale } else { Freshness::Live },
        };
        let event = QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH, source: SourceName::PUSHED, delay_s: 0 };
        self.quotes.insert(index, (self.seq + 1, event.clone()));
        self.say(LiveEvent::PriceUpdate(event));
    }

    /// Stores a change; it is announced a while later.
    fn change_ledger(&mut self) {
        self.revision += 1;
        self.board.fold_ledger(&row(self.revision), self.revision, &self.activities, Vec::new());
    }

    fn announce(&mut self) {
        let view = PortfolioChangedView { portfolio_id: "demo".to_owned(), revision: self.revision };
        self.say(LiveEvent::PortfolioChanged(Owned::of(&UserId::local(), view)));
    }
}

impl Client {
    fn new(form: Form) -> Self {
        let tickers = FOLLOWED.iter().map(|ticker| ticker.parse().unwrap()).collect();
        let filter = Filter::new(Endpoint::Stream, Some("demo"), tickers, None).in_form(form);
        let (quotes, holdings) = (BTreeMap::new(), BTreeMap::new());
        let cursor = Cursor::default();
        Self { filter, standing: None, cursor, reader: Reader::default(), quotes, holdings, totals: None }
    }

    fn act(&mut self, world: &World, how: u8) {
        match how % 8 {
            0..=3 => self.step(world),
            4 => self.standing = None,
            5 => self.load_page(world),
            6 => {
                self.standing = None;
                self.step(world);
            }
            _ => {}
        }
    }

    /// Loads a page, whose stream goes on from its figures.
    fn load_page(&mut self, world: &World) {
        let page = world.board.page(&self.filter);
        let quotes: Vec<QuoteView> = page.quotes.iter().map(QuoteView::from).collect();
        let view = page.valuation.map(|(valuation, time)| PortfolioView::new("demo", &valuation, time));
        self.reader = Reader::default();
        self.reader.seed(&quotes, view.as_ref(), view.as_ref().map_or(0, |view| view.holdings.len()));
        self.quotes = quotes.into_iter().map(|quote| (quote.ticker.clone(), quote)).collect();
        self.holdings.clear();
        self.totals = None;
        view.into_iter().for_each(|view| self.take_portfolio(view));
        (self.cursor, self.standing) = (page.cursor, None);
    }

    /// Comes to the board's head, over a connection that it opens where it has none.
    fn step(&mut self, world: &World) {
        let head = world.board.head();
        let Some(standing) = self.standing else {
            let is_usable = self.cursor.epoch == head.epoch
                && self.cursor.seq > 0
                && self.cursor.seq >= world.board.floor(&self.filter)
                && self.cursor.filter == self.filter.hash();
            return self.connect(world, is_usable);
        };
        match world.board.step(&self.filter, standing) {
            Step::Quiet(to) => self.standing = Some(StreamPosition::at(to)),
            Step::Written(text, to) => {
                self.standing = Some(to);
                self.read(&text);
            }
            Step::Lost(ResetReason::Epoch | ResetReason::Lagged) => self.connect(world, false),
            other => panic!("{other:?}"),
        }
    }

    fn connect(&mut self, world: &World, resumes: bool) {
        self.reader.forget_names();
        if !resumes {
            self.reader.forget();
            (self.quotes, self.holdings, self.totals) = (BTreeMap::new(), BTreeMap::new(), None);
            self.cursor = Cursor { epoch: world.board.epoch(), filter: self.filter.hash(), n: 0, seq: 0 };
        }
        let mut text = String::new();
        let from = StreamPosition::at(self.cursor);
        self.standing = Some(world.board.write_state(&mut text, &self.filter, from, !resumes));
        self.read(&text);
    }

    fn read(&mut self, text: &str) {
        for event in text.split_terminator("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            self.cursor = field("id: ").parse().unwrap();
            let data = field("data: ");
            match field("event: ") {
                "price_update" => self.take_quote(serde_json::from_str(data).unwrap()),
                "portfolio_update" => self.take_portfolio(serde_json::from_str(data).unwrap()),
                "frame" => {
                    let changes = self.reader.read(data).unwrap_or_else(|_| panic!("not readable: {data}"));
                    changes.quotes.into_iter().for_each(|quote| self.take_quote(quote));
                    changes.portfolio.into_iter().for_each(|portfolio| self.take_portfolio(portfolio));
                }
                "portfolio_changed" => {}
                other => panic!("{other}"),
            }
        }
        // A stream that is past an event that moves nothing is at the head.
        self.standing.into_iter().for_each(|standing| self.cursor = standing.cursor);
    }

    fn take_quote(&mut self, quote: QuoteView) {
        self.quotes.insert(quote.ticker.clone(), quote);
    }

    fn take_portfolio(&mut self, mut portfolio: PortfolioView) {
        for holding in std::mem::take(&mut portfolio.holdings) {
            self.holdings.insert(holding.ticker.clone(), holding);
        }
        self.holdings.retain(|_, holding| !holding.quantity.is_zero());
        self.totals = Some(portfolio);
    }

    /// What a page shows.
    fn shown(&self) -> (BTreeMap<Ticker, QuoteView>, Vec<HoldingView>, Option<PortfolioView>) {
        let holdings = self.holdings.values().map(|holding| HoldingView {
            market_value: money(holding.market_value),
            unrealized_pnl: money(holding.unrealized_pnl),
            unrealized_pnl_percent: money(holding.unrealized_pnl_percent),
            day_change: money(holding.day_change),
            day_change_percent: money(holding.day_change_percent),
            weight: None,
            ..holding.clone()
        });
        let totals = self.totals.clone().map(|totals| PortfolioView {
            market_value: money(totals.market_value),
            unrealized_pnl: money(totals.unrealized_pnl),
            unrealized_pnl_percent: money(totals.unrealized_pnl_percent),
            realized_pnl: money(Some(totals.realized_pnl)).unwrap_or_default(),
            day_change: money(totals.day_change),
            day_change_percent: money(totals.day_change_percent),
            cash: money(totals.cash),
            total_value: money(totals.total_value),
            total_gain: money(totals.total_gain),
            total_gain_percent: money(totals.total_gain_percent),
            cash_accounts: Vec::new(),
            ..totals
        });
        (self.quotes.clone(), holdings.collect(), totals)
    }

    /// Weights are worked out by a reader from market values that are rounded to cents.
    fn weighs_like(&self, full: &Self) {
        let gross: Decimal = full.holdings.values().filter_map(|holding| holding.market_value).map(|value| value.abs()).sum();
        for (ticker, holding) in &full.holdings {
            let (Some(is), Some(own)) = (holding.weight, self.holdings[ticker].weight) else { continue };
            let cents = Decimal::from(full.holdings.len() + 1) / gross.max(Decimal::ONE);
            assert!((is - own).abs() <= cents + Decimal::new(1, 2), "{ticker}: {is} and {own}");
        }
    }
}

fn money(amount: Option<Decimal>) -> Option<Decimal> {
    amount.map(|amount| amount.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven))
}

proptest! {
    #[test]
    fn readers_of_both_forms_show_the_same_after_any_cut(
        events in proptest::collection::vec((any::<Event>(), any::<(u8, u8)>()), 1..60),
    ) {
        let mut world = World::new();
        let (mut full, mut compact) = (Client::new(Form::Full), Client::new(Form::Compact));
        for (event, (how, other)) in events {
            world.happen(event);
            full.act(&world, how);
            compact.act(&world, other);
        }
        world.announce();
        full.step(&world);
        compact.step(&world);
        prop_assert_eq!(compact.shown(), full.shown());
        compact.weighs_like(&full);
    }
}
