//! However its stream is cut, taken up again, begun again or told twice, a page that follows the protocol ends where the server
//! is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::Live;
use super::event::Happening;
use crate::domain::alert::{AlertState, Condition, Repeat};
use crate::domain::instrument::Ticker;
use crate::domain::money::Currency;
use crate::domain::quote::Freshness;
use crate::wire::live::{Cursor, HelloView, Resume, SyncedView};
use crate::wire::views::{
    AlertView, HoldingView, NotificationReadView, NotificationView, PageView, PortfolioView, QuoteView, StatusView,
};

const PORTFOLIO: &str = "p";

/// What happens at one number: a kind, a key and a figure.
type Change = (u8, u8, u8);

/// How things stand at the server after one number.
#[derive(Clone, Debug)]
struct State {
    quotes: BTreeMap<u8, QuoteView>,
    /// By key; each with how many alerts had the key before, for no number is given twice.
    alerts: BTreeMap<u8, AlertView>,
    gone: BTreeMap<u8, u32>,
    notifications: Vec<NotificationView>,
    held: BTreeMap<u8, u8>,
    status: StatusView,
}

/// What a server says at a number, and of what of its state it is the newest word.
#[derive(Clone, Debug)]
enum Said {
    Price(u8),
    Held(u8),
    Status,
    /// An alert was made, changed or deleted; each time is checked.
    Alert(Happening),
    /// Told after all else of a step.
    Fired(NotificationView),
}

/// A server with everything that has happened, and how it stood after each number.
struct Server {
    epoch: u64,
    said: Vec<Said>,
    states: Vec<State>,
}

/// Where a stream stands: what it was told last, and the last notification.
#[derive(Clone, Copy, Debug)]
struct Place {
    seq: usize,
    n: i64,
}

/// One stretch of a page's life.
#[derive(Clone, Copy, Debug)]
struct Leg {
    /// How it begins; see [`Client::begin`].
    begin: u8,
    /// By how many numbers the server has moved on before, and between two steps.
    ahead: u8,
    /// How many messages are heard before the cut.
    heard: u8,
}

fn time(second: usize) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + i64::try_from(second).unwrap()).unwrap()
}

fn ticker(key: u8) -> Ticker {
    format!("T{key}").parse().unwrap()
}

impl State {
    fn at_the_beginning() -> Self {
        let status = StatusView { feed: Freshness::Live, since: Timestamp::UNIX_EPOCH };
        let (quotes, alerts, gone, held) = Default::default();
        Self { quotes, alerts, gone, notifications: Vec::new(), held, status }
    }

    /// Moves on by one change, which becomes a price where it has nothing to change.
    fn change(&mut self, seq: usize, history: u64, (kind, key, figure): Change) -> Said {
        let key = key % 3;
        match kind % 8 {
            0 => self.alert(seq, history, key, figure),
            1 if self.alerts.contains_key(&key) => {
                let alert = self.alerts.remove(&key).unwrap();
                *self.gone.entry(key).or_default() += 1;
                Said::Alert(Happening::AlertDeleted(alert.id))
            }
            2 => {
                let n = i64::try_from(self.notifications.len()).unwrap() + 1;
                let fired = notification(n, history);
                self.notifications.push(fired.clone());
                Said::Fired(fired)
            }
            3 if self.unread() > 0 => {
                let unread = usize::try_from(self.unread()).unwrap();
                let chosen = self.notifications.iter_mut().filter(|one| !one.read).nth(usize::from(figure) % unread).unwrap();
                chosen.read = true;
                let notification_id = chosen.notification_id.clone();
                Said::Alert(Happening::NotificationRead(NotificationReadView {
                    notification_id,
                    unread_count: self.unread(),
                    deleted: None,
                }))
            }
            4 => {
                let feed = if figure.is_multiple_of(2) { Freshness::Live } else { Freshness::Stale };
                self.status = StatusView { feed, since: time(seq) };
                Said::Status
            }
            5 | 6 => {
                self.held.insert(key, figure % 3);
                Said::Held(key)
            }
            _ => {
                self.quotes.insert(key, quote(key, figure, seq));
                Said::Price(key)
            }
        }
    }

    fn alert(&mut self, seq: usize, history: u64, key: u8, figure: u8) -> Said {
        let before = self.alerts.get(&key).map_or(0, |alert| alert.revision);
        let id = format!("{key}.{}", self.gone.get(&key).copied().unwrap_or_default());
        // Of another history: lower revisions, of other content.
        let revision = before + if history == 1 { 3 } else { 1 };
        let alert = alert(id, revision, u32::from(figure) + 1_000 * u32::try_from(seq).unwrap());
        self.alerts.insert(key, alert.clone());
        Said::Alert(Happening::AlertChanged(alert))
    }

    fn unread(&self) -> i64 {
        i64::try_from(self.notifications.iter().filter(|one| !one.read).count()).unwrap()
    }

    fn n(&self) -> i64 {
        i64::try_from(self.notifications.len()).unwrap()
    }

    /// The portfolio with some of its holdings; one that was closed is told once more.
    fn portfolio(&self, told: impl Fn(u8) -> bool) -> PortfolioView {
        let holdings = self.held.iter().filter(|(key, _)| told(**key)).map(|(key, quantity)| holding(*key, *quantity));
        let total = self.held.values().map(|quantity| Decimal::from(*quantity)).sum();
        portfolio(total, holdings.collect())
    }

    fn notifications_after(&self, n: i64) -> impl Iterator<Item = NotificationView> {
        let missed = self.notifications.iter().filter(move |one| one.n > n);
        missed.map(|one| NotificationView { replayed: true, ..one.clone() })
    }
}

impl Server {
    fn new(epoch: u64, changes: &[Change]) -> Self {
        let mut state = State::at_the_beginning();
        let mut server = Self { epoch, said: Vec::new(), states: vec![state.clone()] };
        for (seq, change) in (1..).zip(changes) {
            server.said.push(state.change(seq, epoch, *change));
            server.states.push(state.clone());
        }
        server
    }

    fn head(&self) -> usize {
        self.said.len()
    }

    /// Says what moves a stream from one number to another, each message with where the stream then stands: the portfolio first,
    /// of prices and the status the newest alone, everything that happened to alerts, and notifications at last.
    fn step(&self, from: Place, to: usize) -> Vec<(Place, Happening)> {
        let state = &self.states[to];
        let said = || (from.seq + 1..=to).zip(&self.said[from.seq..to]);
        let changed: BTreeSet<u8> =
            said().filter_map(|(_, said)| if let Said::Held(key) = said { Some(*key) } else { None }).collect();
        let mut messages = Vec::new();
        if !changed.is_empty() {
            messages.push((from, Happening::Portfolio(state.portfolio(|key| changed.contains(&key)))));
        }
        for (seq, one) in said() {
            let is_newest = |is_it: &dyn Fn(&Said) -> bool| !self.said[seq..to].iter().any(is_it);
            let message = match one {
                Said::Price(key) if is_newest(&|said| matches!(said, Said::Price(other) if other == key)) => {
                    Happening::Price(state.quotes[key].clone())
                }
                Said::Status if is_newest(&|said| matches!(said, Said::Status)) => Happening::Status(state.status),
                Said::Alert(happening) => happening.clone(),
                _ => continue,
            };
            messages.push((Place { seq, ..from }, message));
        }
        for (_, one) in said() {
            if let Said::Fired(fired) = one
                && fired.n > from.n
            {
                let read = state.notifications.iter().any(|one| one.n == fired.n && one.read);
                let fired = NotificationView { read, ..fired.clone() };
                messages.push((Place { seq: to, n: fired.n }, Happening::AlertTriggered(fired)));
            }
        }
        messages
    }

    /// Says how things stand. A stream that is cut within it stands nowhere but for the notifications it has.
    fn full(&self, at: usize, n: i64) -> Vec<(Place, Happening)> {
        let state = &self.states[at];
        let portfolio = Happening::Portfolio(state.portfolio(|key| state.held[&key] > 0));
        let alerts = state.alerts.values().cloned().map(Happening::AlertChanged);
        let quotes = state.quotes.values().cloned().map(Happening::Price);
        let all = std::iter::once(portfolio).chain(alerts).chain(quotes);
        let mut messages: Vec<_> = all.map(|message| (Place { seq: 0, n }, message)).collect();
        if let Some((place, _)) = messages.last_mut() {
            place.seq = at;
        }
        messages
    }

    /// Says what comes after the state of an opening.
    fn rest_of_opening(&self, at: usize, n: i64) -> Vec<(Place, Happening)> {
        let state = &self.states[at];
        let missed = state.notifications_after(n).map(|one| (Place { seq: at, n: one.n }, Happening::AlertTriggered(one)));
        let place = Place { seq: at, n: state.n() };
        let status = (state.status.feed != Freshness::Live).then_some((place, Happening::Status(state.status)));
        let cursor = Cursor { epoch: self.epoch.into(), ..Cursor::default() };
        let synced = Happening::Synced(SyncedView { cursor, unread_count: Some(state.unread()) });
        missed.chain(status).chain([(place, synced)]).collect()
    }

    fn hello(&self, resume: Resume) -> Happening {
        Happening::Hello(HelloView {
            protocol: 1,
            epoch: crate::wire::epoch::Epoch::from(self.epoch).to_string(),
            resume,
            heartbeat_s: 15,
            server_time: time(0),
            worker: "w".to_owned(),
            unknown_tickers: Vec::new(),
            format: None,
        })
    }

    fn page(&self, at: usize, address: usize) -> PageView {
        let state = &self.states[at];
        let mut notifications = state.notifications.clone();
        notifications.reverse();
        PageView {
            cursor: Cursor { epoch: self.epoch.into(), seq: at as u64, n: state.n(), ..Cursor::default() },
            stream: format!("/api/v1/sse/stream?portfolio={PORTFOLIO}&tickers={address}"),
            server_time: time(1_000 + at),
            status: state.status,
            demo: None,
            default_portfolio: None,
            typical_days: Vec::new(),
            natures: Vec::new(),
            portfolios: Vec::new(),
            portfolio_values: Vec::new(),
            portfolio_id: Some(PORTFOLIO.to_owned()),
            portfolio: Some(state.portfolio(|key| state.held[&key] > 0)),
            holdings_count: state.held.values().filter(|quantity| **quantity > 0).count(),
            quotes: state.quotes.values().cloned().collect(),
            instruments: Vec::new(),
            alerts: state.alerts.values().cloned().collect(),
            notifications,
            unread_count: state.unread(),
        }
    }
}

/// A page, and where its stream and the server stand.
struct Client<'a> {
    live: Live,
    server: &'a Server,
    place: Place,
    /// Where the server is.
    at: usize,
    /// Which stream the page follows.
    address: usize,
    /// Whether a full state came: read marks that it bridged are not told again.
    has_begun_again: bool,
}

impl Client<'_> {
    fn advance(&mut self, ahead: u8) {
        self.at = (self.at + usize::from(ahead % 8)).min(self.server.head());
    }

    /// Opens a stream, and returns the messages of its opening.
    fn begin(&mut self, how: u8) -> Vec<(Place, Happening)> {
        let here = Place { ..self.place };
        let mut messages = vec![];
        match how % 6 {
            // A page whose stream is another one, and goes on from the page's figures.
            0 => {
                self.address += 1;
                self.live.seed(&self.server.page(self.at, self.address));
                self.place = Place { seq: self.at, n: self.server.states[self.at].n() };
                self.at_cursor(self.place, &mut messages);
            }
            // A page whose stream is the one at hand: that goes on from where it stands.
            1 if here.seq > 0 => {
                self.live.seed(&self.server.page(self.at, self.address));
                self.at_cursor(here, &mut messages);
            }
            2 if here.seq > 0 => self.at_cursor(here, &mut messages),
            // A cursor from before: everything since is told once more.
            3 if here.seq > 0 => {
                let seq = here.seq.saturating_sub(usize::from(how / 6)).max(1);
                let n = self.server.states[seq].n().min(here.n);
                self.at_cursor(Place { seq, n }, &mut messages);
            }
            how => {
                self.has_begun_again = true;
                let nowhere = Place { seq: 0, ..here };
                messages.push((nowhere, self.server.hello(Resume::Snapshot)));
                if how == 4 {
                    messages.push((nowhere, Happening::Reset));
                }
                messages.extend(self.server.full(self.at, here.n));
                messages.extend(self.server.rest_of_opening(self.at, here.n));
            }
        }
        messages
    }

    fn at_cursor(&self, place: Place, messages: &mut Vec<(Place, Happening)>) {
        messages.push((place, self.server.hello(Resume::Replay)));
        let newer = self.server.step(place, self.at);
        messages.extend(newer.into_iter().filter(|(_, message)| !matches!(message, Happening::AlertTriggered(_))));
        messages.extend(self.server.rest_of_opening(self.at, place.n));
    }

    fn hear(&mut self, messages: Vec<(Place, Happening)>) {
        for (place, message) in messages {
            self.live.apply(message);
            self.place = place;
        }
    }

    fn live_for(&mut self, leg: Leg) {
        self.advance(leg.ahead);
        let mut messages = self.begin(leg.begin);
        let mut stands = Place { seq: self.at, n: self.server.states[self.at].n() };
        for _ in 0..2 {
            self.advance(leg.ahead / 8);
            messages.extend(self.server.step(stands, self.at));
            stands = Place { seq: self.at, n: self.server.states[self.at].n() };
        }
        messages.truncate(usize::from(leg.heard % 32));
        self.hear(messages);
    }

    /// Takes the stream up where it stands, and hears everything there is.
    fn catch_up(&mut self) {
        self.at = self.server.head();
        let opening = self.begin(if self.place.seq > 0 { 2 } else { 5 });
        self.hear(opening);
    }

    /// Checks that the page shows what the server has.
    fn is_where_the_server_is(&self, has_one_history: bool) {
        let (live, state) = (self.live, &self.server.states[self.server.head()]);
        for key in 0..3 {
            let known = live.quote(&ticker(key)).get_untracked();
            assert_eq!(known.as_ref(), state.quotes.get(&key), "the price of {key}");
            let held = live.holding(&ticker(key)).get_untracked().map(|holding| holding.quantity);
            let expected = state.held.get(&key).filter(|quantity| **quantity > 0).map(|quantity| Decimal::from(*quantity));
            assert_eq!(
                (held, live.holdings().get_untracked().contains(&ticker(key))),
                (expected, expected.is_some()),
                "of {key}"
            );
        }
        let total = live.totals().get_untracked().and_then(|totals| totals.total_value);
        assert_eq!(total, state.portfolio(|_| false).total_value);
        let by_id =
            |alerts: Vec<AlertView>| alerts.into_iter().map(|alert| (alert.id.clone(), alert)).collect::<BTreeMap<_, _>>();
        assert_eq!(by_id(live.alerts().get_untracked()), by_id(state.alerts.values().cloned().collect()));
        assert_eq!(live.status().get_untracked().feed, state.status.feed);
        assert_eq!(live.unread().get_untracked(), state.unread(), "how many are unread");
        if !has_one_history {
            return;
        }
        let told = |one: &NotificationView| (one.n, one.time);
        let shown = live.notifications().get_untracked();
        assert_eq!(shown.iter().rev().map(told).collect::<Vec<_>>(), state.notifications.iter().map(told).collect::<Vec<_>>());
        for (shown, known) in shown.iter().rev().zip(&state.notifications) {
            let may_lag = self.has_begun_again && state.unread() > 0;
            assert!(shown.read == known.read || may_lag && known.read, "{} was read: {}", known.n, known.read);
        }
    }
}

fn quote(key: u8, price: u8, seq: usize) -> QuoteView {
    QuoteView {
        ticker: ticker(key),
        price: price.into(),
        bid: None,
        ask: None,
        previous_close: None,
        change: None,
        change_percent: None,
        currency: Currency::USD,
        time: time(seq),
        freshness: Freshness::Live,
    }
}

fn alert(id: String, revision: i64, threshold: u32) -> AlertView {
    AlertView {
        id,
        revision,
        ticker: ticker(0),
        condition: Condition::PriceAbove,
        threshold: threshold.into(),
        rule: None,
        note: None,
        repeat: Repeat::Once,
        cooldown_s: 0,
        expires_at: None,
        paused: false,
        acknowledged: false,
        state: AlertState::Armed,
        distance_percent: None,
        created_at: time(0),
        triggered_at: None,
    }
}

fn notification(n: i64, history: u64) -> NotificationView {
    let text = format!(
        r#"{{"notification_id":"{n}","n":{n},"alert_id":"7","ticker":"A","condition":"price_above","threshold":"1","price":"2",
        "previous_price":"1","message":"m","time":"2026-11-02T10:{:02}:0{history}.000Z","gap":false,"replayed":false,"read":false}}"#,
        n % 60
    );
    match Happening::read("alert_triggered", &text) {
        Some(Happening::AlertTriggered(notification)) => notification,
        other => panic!("{other:?}"),
    }
}

fn holding(key: u8, quantity: u8) -> HoldingView {
    HoldingView { quantity: quantity.into(), ..HoldingView::closed(ticker(key)) }
}

fn portfolio(total: Decimal, holdings: Vec<HoldingView>) -> PortfolioView {
    let text = format!(
        r#"{{"portfolio_id":"{PORTFOLIO}","currency":"EUR","market_value":"{total}","cost_basis":"0","unrealized_pnl":"0",
        "unrealized_pnl_percent":null,"realized_pnl":"0","day_change":null,"day_change_percent":null,"track_cash":null,
        "asks_about_cash":false,"cash":"0","cash_accounts":[],"total_value":"{total}","income":"0","total_gain":"0",
        "total_gain_percent":null,"time":"2026-11-02T10:00:00.000Z","incomplete":[],"holdings":[]}}"#
    );
    PortfolioView { holdings, ..serde_json::from_str(&text).unwrap() }
}

fn follow(changes: &[Change], start: usize, legs: &[Leg], put_back: Option<(&[Change], &[Leg])>) {
    Owner::new().with(|| {
        let server = Server::new(1, changes);
        let live = Live::provide();
        let start = start.min(server.head());
        live.seed(&server.page(start, 0));
        let place = Place { seq: start, n: server.states[start].n() };
        let mut client = Client { live, server: &server, place, at: start, address: 0, has_begun_again: false };
        legs.iter().for_each(|leg| client.live_for(*leg));
        let Some((changes, legs)) = put_back else {
            client.catch_up();
            return client.is_where_the_server_is(true);
        };
        let address = client.address;
        // The database was put back, and another history goes on: its server begins with a reset.
        let other = Server::new(2, changes);
        let place = Place { seq: 0, n: 0 };
        let mut client = Client { live, server: &other, place, at: 0, address, has_begun_again: true };
        client.live_for(Leg { begin: 4, ahead: u8::MAX, heard: legs.first().map_or(u8::MAX, |leg| leg.heard) });
        legs.iter().for_each(|leg| client.live_for(*leg));
        client.catch_up();
        client.is_where_the_server_is(false);
    });
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(any::<Change>(), 0..24)
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let leg = any::<(u8, u8, u8)>().prop_map(|(begin, ahead, heard)| Leg { begin, ahead, heard });
    prop::collection::vec(leg, 0..6)
}

proptest! {
    #[test]
    fn a_stream_that_is_cut_repeated_and_begun_again_leaves_the_page_of_one_that_never_was(
        changes in changes(), start in 0usize..8, legs in legs(),
    ) {
        follow(&changes, start, &[], None);
        follow(&changes, start, &legs, None);
    }

    #[test]
    fn nothing_of_another_history_stays_on_a_page_that_was_told_to_begin_again(
        before in changes(), earlier in legs(), after in changes(), later in legs(),
    ) {
        follow(&before, 0, &earlier, Some((&after, &later)));
    }
}
