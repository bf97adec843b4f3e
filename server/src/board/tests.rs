use std::sync::Weak;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;
use foliostream::domain::activity::Activity;
use foliostream::domain::alert::Condition;
use foliostream::domain::money::Currency;
use foliostream::domain::position::{Ledger, fold};
use foliostream::domain::source::SourceName;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::live::{Cursor, PortfolioDeleted, ResetReason};
use foliostream::wire::views::{NotificationReadView, NotificationView, PortfolioChangedView, QuoteView};

const EPOCH: Epoch = Epoch::new(3, 7);

fn board() -> Board {
    Board::new(EPOCH, 0, Timestamp::UNIX_EPOCH)
}

fn say(board: &Board, seq: u64, event: LiveEvent) {
    board.apply(&[Envelope { epoch: EPOCH, seq, at: Timestamp::UNIX_EPOCH, event }]);
}

fn price(ticker: &str, price: i64) -> LiveEvent {
    let view = QuoteView {
        ticker: ticker.parse().unwrap(),
        price: price.into(),
        bid: None,
        ask: None,
        previous_close: Some(Decimal::from(145)),
        change: None,
        change_percent: None,
        currency: Currency::EUR,
        time: Timestamp::UNIX_EPOCH,
        freshness: Freshness::Live,
    };
    LiveEvent::PriceUpdate(QuoteEvent { view, session_start: Timestamp::UNIX_EPOCH, source: SourceName::PUSHED, delay_s: 0 })
}

fn prices(tickers: &[&str]) -> Filter {
    Filter::new(Endpoint::Prices, None, tickers.iter().map(|ticker| ticker.parse().unwrap()).collect(), None)
}

fn at(filter: &Filter, seq: u64) -> StreamPosition {
    StreamPosition::at(Cursor { epoch: EPOCH, filter: filter.hash(), n: 0, seq })
}

fn written(step: Step<String>) -> (String, StreamPosition) {
    match step {
        Step::Written(events, to) => {
            assert!(to.is_between_steps(), "a part alone");
            (events, to)
        }
        other => panic!("nothing written: {other:?}"),
    }
}

fn ids(frame: &str) -> Vec<u64> {
    frame.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse::<Cursor>().unwrap().seq).collect()
}

fn two_hundred() -> Vec<Ticker> {
    (0..200).map(|number| format!("T{number}").parse().unwrap()).collect()
}

/// A board whose first two hundred numbers are prices, and their tickers: too much for one part.
fn board_of_two_hundred() -> (Board, Vec<Ticker>) {
    let (board, tickers) = (board(), two_hundred());
    for (seq, ticker) in (1..).zip(&tickers) {
        say(&board, seq, price(ticker.as_str(), 150));
    }
    (board, tickers)
}

fn notification(n: i64) -> NotificationView {
    NotificationView {
        notification_id: n.to_string(),
        n,
        alert_id: "1".to_owned(),
        ticker: "T1".parse().unwrap(),
        condition: Condition::PriceAbove,
        threshold: Decimal::ONE,
        price: Decimal::TWO,
        previous_price: None,
        message: String::new(),
        change_percent: None,
        note: None,
        currency: None,
        time: Timestamp::UNIX_EPOCH,
        gap: false,
        replayed: false,
        read: false,
    }
}

fn row(portfolio_id: &str, revision: i64) -> PortfolioRow {
    PortfolioRow {
        portfolio_id: portfolio_id.to_owned(),
        owner: UserId::local(),
        name: portfolio_id.to_owned(),
        currency: Currency::USD,
        revision,
        created_at: Timestamp::UNIX_EPOCH,
        track_cash: None,
    }
}

fn held(quantity: i64) -> Ledger {
    let activities = if quantity == 0 { vec![] } else { vec![bought("AAPL", quantity)] };
    fold(Currency::EUR, &activities).unwrap()
}

fn bought(ticker: &str, quantity: i64) -> Activity {
    let time = "2026-01-05T00:00:00Z".parse().unwrap();
    Activity { time, quantity: quantity.into(), price: 140.into(), ..testing::bought(ticker) }
}

#[test]
fn of_many_prices_only_the_newest_is_written() {
    let board = board();
    for (seq, value) in (1..).zip([150, 151, 152]) {
        say(&board, seq, price("AAPL", value));
    }
    let filter = prices(&["AAPL"]);
    let (frame, to) = written(board.step(&filter, at(&filter, 0)));
    assert_eq!(frame.matches("event: price_update").count(), 1);
    assert!(frame.contains(r#""price":"152""#), "{frame}");
    assert_eq!(to.cursor.seq, 3);
}

#[test]
fn a_step_writes_in_ascending_order_and_ends_at_the_head() {
    let board = board();
    say(&board, 1, price("MSFT", 400));
    say(&board, 2, price("AAPL", 150));
    say(&board, 3, price("NVDA", 200));
    let filter = prices(&["AAPL", "MSFT"]);
    let (frame, to) = written(board.step(&filter, at(&filter, 0)));
    assert!(frame.find("MSFT").unwrap() < frame.find("AAPL").unwrap());
    assert_eq!((ids(&frame), to.cursor.seq), (vec![1, 3], 3));
}

#[test]
fn what_does_not_concern_a_filter_moves_its_cursor_silently() {
    let board = board();
    say(&board, 1, price("NVDA", 200));
    let filter = prices(&["AAPL"]);
    assert!(matches!(board.step(&filter, at(&filter, 0)), Step::Quiet(to) if to.seq == 1));
}

#[test]
fn a_cursor_of_another_term_has_lost_continuity() {
    let board = board();
    let filter = prices(&["AAPL"]);
    let stranger = Cursor { epoch: Epoch::new(3, 8), ..at(&filter, 0).cursor };
    assert!(matches!(board.step(&filter, StreamPosition::at(stranger)), Step::Lost(ResetReason::Epoch)));
}

#[test]
fn an_envelope_out_of_order_changes_nothing() {
    let board = board();
    say(&board, 1, price("AAPL", 150));
    say(&board, 3, price("AAPL", 160));
    say(&board, 1, price("AAPL", 170));
    assert_eq!(board.quote(&"AAPL".parse().unwrap()).unwrap().price, Decimal::from(150));
}

#[test]
fn a_portfolio_comes_first_and_moves_the_cursor_nowhere_before_the_end() {
    let board = board();
    board.set_ledger(&row("demo", 1), held(10));
    say(&board, 1, price("AAPL", 150));
    let filter = Filter::new(Endpoint::Stream, Some("demo"), vec!["AAPL".parse().unwrap()], None);
    let (frame, _) = written(board.step(&filter, at(&filter, 0)));
    assert!(frame.starts_with("event: portfolio_update"), "{frame}");
    assert_eq!(ids(&frame), [0, 1]);
    assert!(frame.contains(r#""market_value":"1500""#), "{frame}");
}

#[test]
fn a_holding_that_was_sold_is_told_once_with_quantity_zero() {
    let board = board();
    board.set_ledger(&row("demo", 1), held(10));
    say(&board, 1, price("AAPL", 150));
    let filter = Filter::new(Endpoint::Portfolio, Some("demo"), vec![], None);
    let (_, to) = written(board.step(&filter, at(&filter, 0)));
    board.set_ledger(&row("demo", 2), held(0));
    say(
        &board,
        2,
        LiveEvent::PortfolioChanged(Owned::of(
            &UserId::local(),
            PortfolioChangedView { portfolio_id: "demo".into(), revision: 2 },
        )),
    );
    let (frame, to) = written(board.step(&filter, to));
    assert!(frame.starts_with("event: portfolio_changed"), "{frame}");
    assert!(frame.contains(r#""quantity":"0""#), "{frame}");
    say(&board, 3, price("AAPL", 151));
    assert!(matches!(board.step(&filter, to), Step::Quiet(_)));
}

/// Returns which holdings of `demo` were touched after a number, the one that was touched last first, and the gross value.
fn touched(board: &Board, since: u64) -> (Vec<String>, Decimal) {
    let mut state = board.lock();
    let seq = state.numbers.seq();
    let State { portfolios, quotes, .. } = &mut *state;
    let valued = portfolios.valued("demo", seq, quotes).unwrap();
    (valued.touched_since(since).map(|holding| holding.view.ticker.to_string()).collect(), valued.gross())
}

#[test]
fn a_price_touches_its_own_holding_and_changes_the_weights_of_the_others() {
    let board = board();
    board.set_ledger(&row("demo", 1), fold(Currency::EUR, &[bought("AAPL", 10), bought("MSFT", 5)]).unwrap());
    say(&board, 1, price("AAPL", 150));
    say(&board, 2, price("MSFT", 400));
    let filter = Filter::new(Endpoint::Portfolio, Some("demo"), vec![], None);
    let (_, to) = written(board.step(&filter, at(&filter, 0)));
    say(&board, 3, price("AAPL", 200));
    assert_eq!(touched(&board, 2), (vec!["AAPL".to_owned()], Decimal::from(4_000)));
    let (frame, to) = written(board.step(&filter, to));
    assert_eq!(frame.matches(r#""ticker":"#).count(), 2, "the weight of MSFT changed: {frame}");
    say(&board, 4, price("MSFT", 401));
    assert_eq!(touched(&board, 2).0, ["MSFT", "AAPL"]);
    assert_eq!(touched(&board, to.cursor.seq).0, ["MSFT"]);
    assert!(touched(&board, 4).0.is_empty());
}

#[test]
fn a_ledger_s_change_touches_every_holding_and_what_it_closed() {
    let board = board();
    board.set_ledger(&row("demo", 1), fold(Currency::EUR, &[bought("AAPL", 10), bought("MSFT", 5)]).unwrap());
    say(&board, 1, price("AAPL", 150));
    assert_eq!(touched(&board, 0).0.len(), 2);
    board.set_ledger(&row("demo", 2), held(10));
    let changed = PortfolioChangedView { portfolio_id: "demo".into(), revision: 2 };
    say(&board, 2, LiveEvent::PortfolioChanged(Owned::of(&UserId::local(), changed)));
    let mut told = touched(&board, 1).0;
    told.sort_unstable();
    assert_eq!(told, ["AAPL", "MSFT"]);
    for seq in 3..300 {
        say(&board, seq, price("AAPL", seq as i64));
        assert_eq!(touched(&board, seq - 1).0, ["AAPL"]);
    }
    assert_eq!(touched(&board, 1).0, ["AAPL", "MSFT"], "each once, however often it moved");
}

#[test]
fn a_ledger_that_is_valued_before_it_is_announced_is_still_told_to_those_at_the_head() {
    let board = board();
    board.set_ledger(&row("demo", 1), held(10));
    say(&board, 1, price("AAPL", 150));
    let filter = Filter::new(Endpoint::Portfolio, Some("demo"), vec![], None);
    let (_, to) = written(board.step(&filter, at(&filter, 0)));
    board.set_ledger(&row("demo", 2), held(20));
    assert!(board.valuation("demo").is_some());
    say(
        &board,
        2,
        LiveEvent::PortfolioChanged(Owned::of(
            &UserId::local(),
            PortfolioChangedView { portfolio_id: "demo".into(), revision: 2 },
        )),
    );
    let (frame, _) = written(board.step(&filter, to));
    assert!(frame.contains(r#""market_value":"3000""#), "{frame}");
}

fn together() -> Together {
    Together { owner: UserId::local(), currency: Currency::EUR }
}

#[test]
fn a_portfolio_that_was_deleted_elsewhere_is_taken_off_all_together_under_the_number_of_its_deletion() {
    let board = board();
    board.set_ledger(&row("kept", 1), held(10));
    board.set_ledger(&row("gone", 1), fold(Currency::EUR, &[bought("AAPL", 1), bought("MSFT", 5)]).unwrap());
    assert!(board.look_together(&together()).is_empty(), "both are in that currency");
    say(&board, 1, price("AAPL", 150));
    say(&board, 2, price("MSFT", 400));
    let filter = Filter::new(Endpoint::Portfolio, Some(&together().key()), vec![], None);
    let (frame, to) = written(board.step(&filter, at(&filter, 0)));
    assert!(frame.contains(r#""portfolio_id":"all""#) && frame.contains(r#""market_value":"3650""#), "{frame}");
    let deleted = PortfolioDeleted { portfolio_id: "gone".into() };
    say(&board, 3, LiveEvent::PortfolioDeleted(Owned::of(&UserId::local(), deleted)));
    let (frame, to) = written(board.step(&filter, to));
    assert!(frame.contains("portfolio_changed") && frame.contains(r#""market_value":"1500""#), "{frame}");
    assert!(frame.contains(r#""ticker":"MSFT","quantity":"0""#), "what was closed is told: {frame}");
    assert!(matches!(board.step(&filter, to), Step::Quiet(_)), "and nothing more under that number");
}

#[test]
fn a_ledger_in_another_currency_that_comes_late_does_not_replace_a_later_one() {
    let board = board();
    board.set_ledger(&row("dollars", 1), fold(Currency::USD, &[]).unwrap());
    assert_eq!(board.look_together(&together()), [("dollars".to_owned(), 1)]);
    board.set_ledger(&row("dollars", 2), fold(Currency::USD, &[]).unwrap());
    board.tell_in("dollars", 2, held(20));
    board.tell_in("dollars", 1, held(10));
    let told = board.ledger(&together().key()).unwrap();
    assert_eq!(told.positions.values().next().unwrap().quantity, Decimal::from(20));
    assert!(board.look_together(&together()).is_empty());
}

#[test]
fn too_old_a_cursor_of_a_notification_stream_starts_over() {
    let board = board();
    let filter = Filter::new(Endpoint::Notifications, None, vec![], Some(UserId::local()));
    for seq in 1..=1_100 {
        let read = NotificationReadView { notification_id: seq.to_string(), unread_count: 0, deleted: None };
        say(&board, seq, LiveEvent::NotificationRead(Owned::of(&UserId::local(), read)));
    }
    assert!(matches!(board.step(&filter, at(&filter, 1)), Step::Lost(ResetReason::Lagged)));
    assert!(matches!(board.step(&filter, at(&filter, 1_099)), Step::Written(..)));
}

#[test]
fn two_hundred_prices_are_written_in_parts_that_lose_nothing_and_repeat_nothing() {
    let (board, tickers) = board_of_two_hundred();
    let filter = Filter::new(Endpoint::Prices, None, tickers, None);
    let (mut from, mut seen, mut parts) = (at(&filter, 0), Vec::new(), 0);
    while let Step::Written(text, part) = board.step(&filter, from) {
        assert!(text.len() < 20_000, "a part of {} bytes", text.len());
        seen.extend(ids(&text));
        (from, parts) = (part, parts + 1);
    }
    assert!(parts > 1, "one part");
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
}

#[test]
fn events_of_one_number_are_never_parted() {
    let board = board();
    let tickers = two_hundred();
    let quotes = tickers.iter().map(|ticker| match price(ticker.as_str(), 150) {
        LiveEvent::PriceUpdate(quote) => (7, quote),
        other => panic!("{other:?}"),
    });
    let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
    board.begin(
        Snapshot {
            epoch: EPOCH,
            seq: 9,
            quotes: quotes.collect(),
            alerts: vec![],
            portfolios: vec![],
            status,
            last_n: 0,
            jobs: vec![],
        },
        &[],
    );
    let filter = Filter::new(Endpoint::Prices, None, tickers, None);
    let mut text = String::new();
    let part = board.write_state(&mut text, &filter, at(&filter, 0), true);
    assert!(part.is_between_steps());
    assert_eq!(text.matches("event: price_update").count(), 200);
    let ids = ids(&text);
    assert!(ids[..199].iter().all(|id| *id == 0), "a cut between them repeats them");
    assert_eq!(ids[199], 9);
}

/// Walks through the parts of a step; `between` happens after each.
fn parts(board: &Board, filter: &Filter, from: StreamPosition, mut between: impl FnMut()) -> (Vec<String>, StreamPosition) {
    let (mut parts, mut from) = (Vec::new(), from);
    loop {
        let Step::Written(text, to) = board.step(filter, from) else { return (parts, from) };
        (from, _) = (to, parts.push(text));
        if to.is_between_steps() {
            return (parts, to);
        }
        assert!(parts.len() < 50, "a step without end");
        between();
    }
}

#[test]
fn a_step_whose_prices_change_faster_than_it_is_read_comes_to_its_end_with_its_alerts() {
    let (board, tickers) = board_of_two_hundred();
    say(&board, 201, LiveEvent::AlertTriggered(Owned::of(&UserId::local(), notification(1))));
    let filter = Filter::new(Endpoint::Stream, None, tickers.clone(), Some(UserId::local()));
    let mut seq = 201;
    let (parts, to) = parts(&board, &filter, at(&filter, 0), || {
        for ticker in &tickers {
            seq += 1;
            say(&board, seq, price(ticker.as_str(), 150));
        }
    });
    assert!((2..8).contains(&parts.len()), "{} parts", parts.len());
    assert_eq!(parts.concat().matches("event: alert_triggered").count(), 1);
    assert!(parts.last().unwrap().contains("event: alert_triggered"), "in the place of its number");
    assert!(to.cursor.seq < board.head().seq, "what changed meanwhile is still owed");
    assert!(ids(parts.last().unwrap()).is_sorted());
}

#[test]
fn the_parts_of_a_step_tell_the_portfolio_once_and_what_changed_of_it_meanwhile() {
    let (board, tickers) = board_of_two_hundred();
    board.set_ledger(&row("demo", 1), held(10));
    say(&board, 201, price("AAPL", 150));
    let filter = Filter::new(Endpoint::Stream, Some("demo"), tickers, None);
    let updates = |parts: &[String]| parts.iter().map(|part| part.matches("event: portfolio_update").count()).collect::<Vec<_>>();
    let (still, _) = parts(&board, &filter, at(&filter, 0), || {});
    let expected: Vec<_> = std::iter::once(1).chain(std::iter::repeat_n(0, still.len() - 1)).collect();
    assert_eq!(updates(&still), expected);
    let mut seq = 201;
    let (moving, _) = parts(&board, &filter, at(&filter, 0), || {
        seq += 1;
        say(&board, seq, price("AAPL", 151));
    });
    assert_eq!(*updates(&moving).last().unwrap(), 1);
    assert!(moving.last().unwrap().contains(r#""market_value":"1510""#));
    assert_eq!(updates(&moving)[1..moving.len() - 1].iter().sum::<usize>(), 0);
}

#[test]
fn a_full_state_with_alerts_is_taken_up_again_from_its_beginning_until_its_last_event() {
    let (board, tickers) = board_of_two_hundred();
    let filter = Filter::new(Endpoint::Stream, None, tickers, Some(UserId::local()));
    let (mut from, mut seen) = (at(&filter, 0), Vec::new());
    loop {
        let mut text = String::new();
        from = board.write_state(&mut text, &filter, from, true);
        seen.extend(ids(&text));
        if from.is_between_steps() {
            break;
        }
    }
    assert_eq!(seen.len(), 200);
    assert!(seen[..199].iter().all(|id| *id == 0));
    assert_eq!(seen[199], 200);
}

/// A watcher that reads the board each time it is called, and notes what the board then shows.
#[derive(Debug)]
struct Onlooker {
    board: Weak<Board>,
    seen: Mutex<Vec<String>>,
}

impl Onlooker {
    fn of(board: &Arc<Board>) -> Arc<Self> {
        let onlooker = Arc::new(Self { board: Arc::downgrade(board), seen: Mutex::default() });
        board.watch(Arc::<Self>::clone(&onlooker));
        onlooker
    }

    fn note(&self, look: impl FnOnce(&Board) -> String) {
        let seen = look(&self.board.upgrade().unwrap());
        self.seen.lock().unwrap().push(seen);
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Watcher for Onlooker {
    fn touched(&self, touched: &Touched) {
        let price = |board: &Board| board.quote(&"AAPL".parse().unwrap()).map(|quote| quote.price.to_string());
        let tickers = touched.tickers.len();
        self.note(|board| format!("{tickers} tickers, at {}: {}", board.head().seq, price(board).unwrap_or_default()));
    }

    fn portfolio_deleted(&self, portfolio_id: &str) {
        self.note(|board| format!("{portfolio_id} is gone: {}", !board.has_portfolio(portfolio_id)));
    }
}

#[test]
fn whoever_is_told_of_a_batch_is_told_once_and_finds_the_whole_of_it() {
    let board = Arc::new(board());
    let onlooker = Onlooker::of(&board);
    let envelope = |(seq, event)| Envelope { epoch: EPOCH, seq, at: Timestamp::UNIX_EPOCH, event };
    let events = [price("AAPL", 150), price("MSFT", 400), price("AAPL", 151)];
    board.apply(&(1..).zip(events).map(envelope).collect::<Vec<_>>());
    assert_eq!(onlooker.seen(), ["2 tickers, at 3: 151"]);
}

#[test]
fn a_deletion_is_told_when_the_portfolio_is_gone_whoever_says_it_first() {
    let board = Arc::new(board());
    let onlooker = Onlooker::of(&board);
    for id in ["stored", "announced"] {
        board.set_ledger(&row(id, 1), held(10));
    }
    board.forget_portfolio("stored");
    assert_eq!(onlooker.seen(), ["stored is gone: true"]);
    say(
        &board,
        1,
        LiveEvent::PortfolioDeleted(Owned::of(&UserId::local(), PortfolioDeleted { portfolio_id: "announced".into() })),
    );
    assert_eq!(onlooker.seen(), ["0 tickers, at 1: ", "announced is gone: true"]);
}

#[test]
fn a_stream_tells_what_is_its_users_and_nothing_of_others() {
    let board = board();
    let (anna, ben): (UserId, UserId) = ("anna".parse().unwrap(), "ben".parse().unwrap());
    let of = |user: &UserId| Filter::new(Endpoint::Notifications, None, vec![], Some(user.clone()));
    let first = StreamPosition::at(Cursor { epoch: EPOCH, filter: 0, n: 0, seq: 0 });
    say(&board, 1, LiveEvent::AlertTriggered(Owned::of(&anna, notification(1))));
    let read = NotificationReadView { notification_id: "1".to_owned(), unread_count: 0, deleted: None };
    say(&board, 2, LiveEvent::NotificationRead(Owned::of(&anna, read)));
    let Step::Written(text, to) = board.step(&of(&anna), first) else { panic!("hers is told to her") };
    assert!(text.contains("event: alert_triggered") && text.contains("event: notification_read"), "{text}");
    assert_eq!((to.cursor.n, to.cursor.seq), (1, 2));
    // The cursor of others moves on in silence, so that what is not theirs is not looked through again.
    let Step::Quiet(cursor) = board.step(&of(&ben), first) else { panic!("hers is told to him") };
    assert_eq!((cursor.n, cursor.seq), (1, 2));
}

#[test]
fn what_happens_to_one_user_wakes_no_stream_of_another() {
    let (anna, ben): (UserId, UserId) = ("anna".parse().unwrap(), "ben".parse().unwrap());
    let of = |user: &UserId| Filter::new(Endpoint::Notifications, None, vec![], Some(user.clone()));
    let fired = Touched { notifications: [anna.clone()].into(), ..Touched::default() };
    assert_eq!((fired.concerns(&of(&anna)), fired.concerns(&of(&ben))), (true, false));
    let came = Touched { presence: Some(ben.clone()), ..Touched::default() };
    assert_eq!((came.concerns(&of(&anna)), came.concerns(&of(&ben))), (false, true));
}
