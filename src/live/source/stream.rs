//! The page's one EventSource, supervised.
//!
//! The browser takes a cut stream up again by itself, with its `Last-Event-ID`; that is left alone. What the browser does not
//! see is watched here: a stream that is open but silent, one it has given up (CLOSED), a page that was put away and comes
//! back. gloo-net's subscriptions lose the order across event names, which does no harm: each event is drained in the
//! microtask after its dispatch, before the next one arrives, and each is newest-wins state anyway.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::mpsc::{Receiver, channel};
use futures::stream::StreamExt;
use gloo_net::eventsource::State;
use gloo_net::eventsource::futures::EventSource;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use web_sys::MessageEvent;

use super::browser::{elapsed_ms, is_hidden, is_online, notify, random, reload, saves_data, whole, words};
use super::pending::{Pending, show};
use super::probe::{Probe, is_full};
use super::signs::{Sign, TICK_MS, signs};
use super::tab::{client, new_client};
use super::wakes::{Wake, listen};
use crate::live::event::Happening;
use crate::live::pace::Pace;
use crate::live::status::{Observation, QUIET_MS};
use crate::live::{Figures, Live};
use crate::wire::compact::{self, Reader};
use crate::wire::live::{ByeReason, Cursor, Resume};

/// How often a hidden page is brought up to date, in milliseconds.
const HIDDEN_MS: i64 = 1_000;
/// The silence that a healthy stream breaks, until `hello` says it, in milliseconds.
const HEARTBEAT_MS: u64 = 15_000;
/// How long a page whose stream is over has to lead elsewhere before it is loaded again, in milliseconds.
const MOVING_MS: i64 = 2_000;
/// How long a page waits at most once the server can be reached again, in milliseconds.
const BACK_MS: f64 = 750.0;
/// The longest wait before another try, in milliseconds.
const LONGEST_WAIT_MS: f64 = 30_000.0;

/// Why a connection ended.
enum Outcome {
    /// The page wants another stream.
    Moved,
    /// The page was put away.
    Hidden,
    /// The server said goodbye.
    Farewell(ByeReason),
    /// The connection failed, or fell silent.
    Lost,
}

/// Wakes that may wait: the window says a few a second at most, and the supervisor looks at everything when it wakes.
const WAITING_WAKES: usize = 16;

/// Follows the page's stream for as long as the page lives.
pub fn start(live: Live) {
    let (wake, wakes) = channel(WAITING_WAKES);
    listen(live, &wake);
    let follower = Follower::new(live, Probe::new(wake));
    spawn_local_scoped_with_cancellation(supervise(follower, wakes));
}

/// Opens the stream that is wanted, again and again.
async fn supervise(mut follower: Follower, mut wakes: Receiver<Wake>) {
    let mut attempt = 0;
    loop {
        if !follower.choose() {
            follower.wait_for(&mut wakes, Wake::Look).await;
            continue;
        }
        follower.has_heard_now = false;
        let outcome = follower.follow(&mut wakes).await;
        if follower.has_heard_now {
            attempt = 0;
        }
        match outcome {
            Outcome::Moved => {}
            Outcome::Hidden => follower.wait_for(&mut wakes, Wake::Show).await,
            Outcome::Farewell(ByeReason::Drain | ByeReason::MaxAge) => follower.rest(&mut wakes, random() * 250.0).await,
            Outcome::Farewell(ByeReason::Replaced) => {
                // A duplicated tab carries the original's name: take another.
                follower.client = new_client();
                follower.rest(&mut wakes, 250.0 + random() * 750.0).await;
            }
            // What the page shows is no more, or no more this user's: only the server can say what there is instead. It is
            // asked for other figures first, which the address may not have.
            Outcome::Farewell(ByeReason::Done | ByeReason::SignedOut) => {
                follower.live.outdate_portfolio();
                if !follower.moves_on(&mut wakes).await {
                    return reload();
                }
            }
            Outcome::Lost => {
                if !follower.has_heard_now && !follower.probe.is_unanswered() {
                    follower.is_full = is_full(&follower.url()).await;
                }
                let longest = (1_000.0 * f64::from(1_u32 << attempt.min(5))).min(LONGEST_WAIT_MS);
                attempt += 1;
                follower.rest(&mut wakes, random() * longest).await;
            }
        }
    }
}

/// One page's stream: what it wants, what it has heard, and what is not on the screen yet.
struct Follower {
    live: Live,
    client: String,
    path: String,
    cursor: String,
    heartbeat_ms: u64,
    /// When the last event came, in milliseconds since the page began.
    heard_at: i64,
    /// When the connection was opened, likewise.
    opened_at: i64,
    has_heard: bool,
    has_heard_now: bool,
    /// Whether the server refused the last try because other tabs have streams enough.
    is_full: bool,
    probe: Probe,
    pace: Pace,
    reader: Reader,
    pending: Rc<RefCell<Pending>>,
}

impl Follower {
    fn new(live: Live, probe: Probe) -> Self {
        Self {
            live,
            client: client(),
            path: String::new(),
            cursor: String::new(),
            heartbeat_ms: HEARTBEAT_MS,
            heard_at: elapsed_ms(),
            opened_at: elapsed_ms(),
            has_heard: false,
            has_heard_now: false,
            is_full: false,
            probe,
            pace: Pace::default(),
            reader: Reader::default(),
            pending: Rc::default(),
        }
    }

    /// Takes over what the page follows; a stream that changes starts from the page's own cursor. False: nothing to follow.
    fn choose(&mut self) -> bool {
        self.live.followed().with_untracked(|followed| {
            let Some(followed) = followed else { return false };
            if followed.stream != self.path {
                self.path.clone_from(&followed.stream);
                self.cursor.clone_from(&followed.cursor);
                self.reader = self.live.figures.with_value(Figures::reader);
            }
            true
        })
    }

    /// Returns where to connect: the cursor in hand, and the tab's name, by which a newer stream replaces an older one.
    fn url(&self) -> String {
        let joint = if self.path.contains('?') { "&" } else { "?" };
        [&self.path, joint, "last_event_id=", &self.cursor, "&client=", &self.client, self.pace.asked()].concat()
    }

    /// Holds one connection until it ends.
    async fn follow(&mut self, wakes: &mut Receiver<Wake>) -> Outcome {
        self.wants_another_pace();
        let Ok(mut source) = EventSource::new(&self.url()) else { return Outcome::Lost };
        let Some(mut signs) = signs(&mut source, wakes) else { return Outcome::Lost };
        self.opened_at = elapsed_ms();
        while let Some(sign) = signs.next().await {
            let outcome = match sign {
                Sign::Event(name, message) => self.hear(&name, &message),
                Sign::Closed => Some(Outcome::Lost),
                Sign::Woken(wake) => self.heed(wake),
                Sign::Tick if self.wants_another_pace() => Some(Outcome::Moved),
                Sign::Tick => self.measure(source.state() == State::Open),
            };
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
        Outcome::Lost
    }

    /// Takes in one event.
    fn hear(&mut self, name: &str, message: &MessageEvent) -> Option<Outcome> {
        let id = message.last_event_id();
        if !id.is_empty() {
            self.cursor = id;
        }
        let text = message.data().as_string().unwrap_or_default();
        self.heard_at = elapsed_ms();
        self.is_full = false;
        self.probe.heard();
        if name == compact::NAME {
            return self.hear_frame(&text);
        }
        let happening = Happening::read(name, &text);
        happening.iter().for_each(|happening| self.learn(happening));
        (self.has_heard, self.has_heard_now) = (true, true);
        match happening? {
            Happening::Bye(reason) => return Some(Outcome::Farewell(reason)),
            happening => {
                if let Happening::AlertTriggered(alert) = &happening
                    && !alert.replayed
                {
                    notify(alert.ticker.as_str(), &alert.sentence(words()), &alert.notification_id);
                }
                self.pending.borrow_mut().push(happening);
            }
        }
        self.schedule();
        None
    }

    /// Takes in a frame. One that builds upon what was never told is answered with a request for a full state, from a cursor that
    /// says that the last one did not come whole; notifications go on where they were.
    fn hear_frame(&mut self, text: &str) -> Option<Outcome> {
        let Ok(changes) = self.reader.read(text) else {
            let cursor = self.cursor.parse::<Cursor>().map(|cursor| Cursor { seq: 0, ..cursor });
            self.cursor = cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
            return Some(Outcome::Lost);
        };
        (self.has_heard, self.has_heard_now) = (true, true);
        let mut pending = self.pending.borrow_mut();
        changes.quotes.into_iter().for_each(|quote| pending.push(Happening::Price(quote)));
        changes.portfolio.into_iter().for_each(|portfolio| pending.push(Happening::Portfolio(portfolio)));
        drop(pending);
        self.schedule();
        None
    }

    /// Learns how long a healthy stream may be silent, and what its frames build upon, where the event says it.
    fn learn(&mut self, happening: &Happening) {
        match happening {
            Happening::Hello(hello) => {
                self.heartbeat_ms = hello.heartbeat_s.saturating_mul(1_000).max(1_000);
                self.reader.forget_names();
                if hello.resume == Resume::Snapshot {
                    self.reader.forget();
                }
            }
            Happening::Reset => self.reader.forget(),
            _ => {}
        }
    }

    /// Reacts to the window: another stream wanted, put away.
    fn heed(&mut self, wake: Wake) -> Option<Outcome> {
        match wake {
            Wake::Hide => Some(Outcome::Hidden),
            Wake::Again => Some(Outcome::Moved),
            Wake::Answered => self.answered(),
            Wake::Unanswered => {
                self.probe.end(false);
                None
            }
            Wake::Show | Wake::Look => {
                self.schedule();
                let is_other = self
                    .live
                    .followed()
                    .with_untracked(|followed| followed.as_ref().is_some_and(|followed| followed.stream != self.path));
                (self.wants_another_pace() || is_other).then_some(Outcome::Moved)
            }
        }
    }

    /// Takes in that the server answered while its stream is silent. The stream is opened again where it will not be heard any more: the
    /// network was away in between, the server was asked after the stream and answered before it, or a heartbeat is missing.
    fn answered(&mut self) -> Option<Outcome> {
        let (asked_at, was_unanswered) = self.probe.end(true);
        let silence_ms = u64::try_from(elapsed_ms() - self.heard_at).unwrap_or(0);
        let is_overtaken = !self.has_heard_now && self.opened_at < asked_at;
        let is_overdue = silence_ms > self.heartbeat_ms.saturating_add(QUIET_MS);
        (was_unanswered || is_overtaken || is_overdue).then_some(Outcome::Moved)
    }

    /// Looks whether the stream should be slower or quicker than it was asked to be.
    fn wants_another_pace(&mut self) -> bool {
        self.pace.look(is_hidden(), saves_data(), elapsed_ms())
    }

    /// Shows on the pill how the stream is doing; a stream that missed two and a half heartbeats is given up.
    fn measure(&mut self, is_open: bool) -> Option<Outcome> {
        let silence_ms = u64::try_from(elapsed_ms() - self.heard_at).unwrap_or(0);
        let observation = Observation {
            is_open,
            is_online: is_online(),
            is_unanswered: self.probe.is_unanswered(),
            is_full: self.is_full,
            has_heard: self.has_heard,
            silence_ms,
            heartbeat_ms: self.heartbeat_ms,
            market: self.live.status().get_untracked(),
        };
        self.live.observe(observation.connection());
        if !is_hidden() {
            self.probe.ask_after(silence_ms);
        }
        let is_stuck = !self.pending.borrow().is_empty() && elapsed_ms() - self.pending.borrow().emptied_at >= HIDDEN_MS;
        if is_stuck {
            self.empty();
        }
        let patience_ms = self.heartbeat_ms.saturating_mul(5) / 2;
        let tried_ms = u64::try_from(elapsed_ms() - self.opened_at).unwrap_or(0);
        (silence_ms.min(tried_ms) > patience_ms).then_some(Outcome::Lost)
    }

    /// Brings what has arrived to the screen with the next frame; a hidden page has none and is brought up to date slowly.
    fn schedule(&self) {
        if self.pending.borrow().is_empty() {
            return;
        }
        if is_hidden() {
            if elapsed_ms() - self.pending.borrow().emptied_at >= HIDDEN_MS {
                self.empty();
            }
            return;
        }
        if std::mem::replace(&mut self.pending.borrow_mut().is_scheduled, true) {
            return;
        }
        let (live, pending) = (self.live, Rc::clone(&self.pending));
        request_animation_frame(move || {
            let happenings = pending.borrow_mut().take(elapsed_ms());
            show(live, happenings);
        });
    }

    /// Brings what has arrived to the screen now.
    fn empty(&self) {
        let happenings = self.pending.borrow_mut().take(elapsed_ms());
        show(self.live, happenings);
    }

    /// Waits without a connection; a word from the window ends the wait, so that a page that comes back does not idle.
    async fn rest(&mut self, wakes: &mut Receiver<Wake>, milliseconds: f64) {
        let mut until = elapsed_ms().saturating_add(whole(milliseconds));
        loop {
            let left = u32::try_from(until - elapsed_ms()).unwrap_or(0);
            if left == 0 {
                return;
            }
            let timeout = TimeoutFuture::new(left.min(TICK_MS));
            match futures::future::select(wakes.next(), timeout).await {
                futures::future::Either::Left((Some(Wake::Hide), _)) => return self.wait_for(wakes, Wake::Show).await,
                futures::future::Either::Left((Some(Wake::Look | Wake::Show | Wake::Again), _)) => return,
                futures::future::Either::Left((Some(Wake::Unanswered), _)) => {
                    self.probe.end(false);
                }
                // The server is back: everybody hears it at about the same time, so each page waits a moment of its own.
                futures::future::Either::Left((Some(Wake::Answered), _)) => {
                    if self.probe.end(true).1 {
                        until = until.min(elapsed_ms().saturating_add(whole(random() * BACK_MS)));
                    }
                }
                futures::future::Either::Left((None, _)) | futures::future::Either::Right(_) => {
                    let _ = self.measure(false);
                }
            }
        }
    }

    /// Waits for the page to want another stream, as after a command that leads elsewhere; false where it does not.
    async fn moves_on(&mut self, wakes: &mut Receiver<Wake>) -> bool {
        let until = elapsed_ms().saturating_add(MOVING_MS);
        while elapsed_ms() < until {
            self.rest(wakes, f64::from(TICK_MS)).await;
            let ended = self.path.clone();
            if self.choose() && self.path != ended {
                return true;
            }
        }
        false
    }

    /// Waits for a word from the window.
    async fn wait_for(&mut self, wakes: &mut Receiver<Wake>, word: Wake) {
        while let Some(wake) = wakes.next().await {
            if let Wake::Answered | Wake::Unanswered = wake {
                self.probe.end(wake == Wake::Answered);
            }
            if wake == word {
                return;
            }
        }
    }
}
