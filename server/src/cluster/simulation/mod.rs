//! A cluster in virtual time: several workers' roles, as production runs them, on a modelled Redis and one store in memory.
//!
//! All of it runs on one thread whose time is paused and goes on when nothing is left to do, so that minutes of leases, cuts and
//! takeovers take milliseconds; and everything that is drawn follows from a seed, so that what a seed has found it finds again.

mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::board::Board;
use crate::clock::Clock;
use crate::cluster::engine_calls::RedisCalls;
use crate::cluster::{Cluster, stand};
use crate::config::EngineSettings;
use crate::engine_task::EngineHandle;
use crate::feeds::Feeds;
use crate::ground::ground;
use crate::hub::{Hub, Jobs, Parts, Stamps, TypicalDays};
use crate::operations::Operations;
use crate::presence::Presence;
use crate::relay::model::{Accepted, Line, Model};
use crate::relay::{Inbox, Keys, seed};
use crate::store::Store;
use crate::term::Terms;
use foliostream::domain::user::{Actor, UserId};
use foliostream::wire::commands::QuoteDraft;
use foliostream::wire::epoch::Epoch;
use foliostream::wire::error::ErrorCode;
use foliostream::wire::live::{Envelope, LiveEvent};
use foliostream::wire::spoken;

/// How far the clocks of the workers move at once.
const TICK: Duration = Duration::from_millis(50);

/// How long a run may need, in virtual time, to come to rest after its last fault: several takeovers.
const REST: Duration = Duration::from_secs(60);

/// The longest that a run may take, in virtual time: then something waits for what never comes.
const LONGEST: Duration = Duration::from_secs(600);

/// How long a client waits before it pushes once more.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What is pushed under keys, and what without. Each push leads to one notification, and all carry one time: so the engine would
/// not ignore one that it carried out twice.
const KEYED: &str = "A";
const KEYLESS: &str = "B";

/// The time that every push says: long before the beginning, so that it is in the future of no clock that was set back.
const PUSHED_AT: &str = "2026-10-01T10:00:00Z";

/// A process of the cluster.
struct Worker {
    name: String,
    line: Line,
    clock: Clock,
    board: Arc<Board>,
    hub: Hub,
}

/// A cluster at work.
struct Simulation {
    seed: u64,
    draws: StdRng,
    model: Model,
    store: Store,
    workers: Vec<Worker>,
    /// Pushes under a key, all answered in the end, and those without one that were answered and that were not.
    keyed: usize,
    answered: usize,
    unanswered: usize,
    stop: CancellationToken,
}

/// Runs a simulation to its end, on a runtime of its own.
fn simulate(seed: u64, workers: usize, run: impl AsyncFnOnce(&mut Simulation)) -> Simulation {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let whole = async {
        let mut simulation = Simulation::start(seed, workers).await;
        run(&mut simulation).await;
        simulation.come_to_rest().await;
        simulation.stop.cancel();
        simulation.check().await;
        simulation
    };
    runtime.block_on(async { timeout(LONGEST, whole).await.unwrap_or_else(|_| panic!("seed {seed}: it does not end")) })
}

impl Simulation {
    async fn start(seed_of_all: u64, workers: usize) -> Self {
        seed(seed_of_all);
        let (model, store, stop) = (Model::default(), Store::still(), CancellationToken::new());
        let mut simulation = Self {
            seed: seed_of_all,
            draws: StdRng::seed_from_u64(seed_of_all),
            model,
            store,
            workers: Vec::new(),
            keyed: 0,
            answered: 0,
            unanswered: 0,
            stop,
        };
        for number in 0..workers {
            let worker = simulation.worker(number);
            simulation.workers.push(worker);
        }
        let clocks: Vec<Clock> = simulation.workers.iter().map(|worker| worker.clock.clone()).collect();
        tokio::spawn(async move {
            loop {
                sleep(TICK).await;
                clocks.iter().for_each(|clock| clock.advance(TICK));
            }
        });
        for ticker in [KEYED, KEYLESS] {
            let hub = simulation.workers[0].hub.acting(Actor::local());
            while hub.push_quotes(quotes(ticker, &["149"]), Some(ticker)).await.is_err() {
                sleep(AGAIN_AFTER).await;
            }
            let alert =
                serde_json::json!({ "ticker": ticker, "condition": "crosses_above", "threshold": "150", "repeat": "every" });
            hub.create_alert(serde_json::from_value(alert).unwrap(), None).await.unwrap();
        }
        simulation
    }

    /// Starts a worker as the server does, without what speaks to browsers.
    fn worker(&mut self, number: usize) -> Worker {
        let (name, keys) = (format!("w{number}"), Keys::new("{sim}"));
        let line = Line::new(self.draws.random());
        let address = self.model.address(&line);
        let clock = Clock::manual(beginning());
        let board = Arc::new(Board::new(Epoch::default(), 0, clock.now()));
        board.set_away(Some(clock.now()));
        let ground = ground(&board, &self.store, &clock);
        let inbox = Arc::<Inbox>::default();
        let calls = RedisCalls::new(address.clone(), keys.clone(), &name, Arc::clone(&inbox), Arc::clone(&board));
        let hub = Hub::new(Parts {
            ground: ground.clone(),
            engine: EngineHandle::new(calls),
            presence: Presence::alone(name.as_str().into()),
            operations: Operations::new(&name, false),
            sources: Arc::default(),
            ledgers: tokio::sync::Mutex::default(),
            stamps: Stamps::default(),
            typical_days: TypicalDays::default(),
            jobs: Jobs::new(false),
        });
        let settings = EngineSettings::default();
        let terms = Arc::new(Terms { ground: ground.clone(), settings, feeds: Feeds::default(), backups: None });
        let (hub_of_cluster, drain) = (hub.clone(), settings.drain);
        let cluster = Arc::new(Cluster { address, keys, worker: name.clone(), ground, hub: hub_of_cluster, inbox, drain });
        cluster.follow(self.stop.clone());
        stand(cluster, terms, self.stop.clone());
        Worker { name, line, clock, board, hub }
    }

    /// Draws one of the workers.
    fn any(&mut self) -> usize {
        self.draws.random_range(0..self.workers.len())
    }

    /// Waits for up to so many milliseconds.
    async fn pause(&mut self, most: u64) {
        sleep(Duration::from_millis(self.draws.random_range(0..=most))).await;
    }

    /// Pushes at one worker after another until it is answered, under one key, as a client does that means it once.
    async fn push(&mut self) {
        let (key, began) = (format!("push-{}", self.keyed), Instant::now());
        self.keyed += 1;
        while !self.push_once(KEYED, Some(&key)).await {
            assert!(began.elapsed() < REST, "seed {}: {key} is not answered", self.seed);
            sleep(AGAIN_AFTER).await;
        }
    }

    /// Pushes at some worker without a key, as a client does that cannot know what became of it.
    async fn push_without_a_key(&mut self) {
        let is_answered = self.push_once(KEYLESS, None).await;
        *(if is_answered { &mut self.answered } else { &mut self.unanswered }) += 1;
    }

    /// Pushes a price below the level and one above it, at some worker; returns whether it was answered.
    async fn push_once(&mut self, ticker: &str, key: Option<&str>) -> bool {
        let at = self.any();
        match self.workers[at].hub.acting(Actor::local()).push_quotes(quotes(ticker, &["149", "151"]), key).await {
            Ok(observed) => {
                assert_eq!((observed.accepted, observed.ignored), (2, 0), "seed {}: {key:?}", self.seed);
                true
            }
            Err(error) => {
                assert_eq!(error.code, ErrorCode::Unavailable, "seed {}: {key:?}: {error}", self.seed);
                false
            }
        }
    }

    /// Takes every fault away, and waits until every replica stands where Redis does, with every notification.
    async fn come_to_rest(&mut self) {
        for worker in &self.workers {
            worker.line.cut_one_of(0);
        }
        self.push().await;
        let began = Instant::now();
        loop {
            let newest = self.model.accepted().pop().map(|last| (last.named, last.seq));
            let last_n = self.store.last_n().await.unwrap();
            let heads: Vec<_> = self.workers.iter().map(|worker| worker.board.head()).collect();
            if heads.iter().all(|head| Some((head.epoch.to_string(), head.seq)) == newest && head.n == last_n) {
                return;
            }
            assert!(began.elapsed() < REST, "seed {}: not all are at {newest:?} with {last_n}: {heads:?}", self.seed);
            sleep(TICK).await;
        }
    }

    /// Checks what holds of every run: what was published goes on in one term or begins the next, each term is one worker's, and
    /// what a push leads to is stored once and said once at most. Of what a term stored and did not say, replicas learn when they
    /// begin with the next one, which [`come_to_rest`](Self::come_to_rest) has waited for.
    async fn check(&self) {
        self.model.check();
        let (seed, accepted) = (self.seed, self.model.accepted());
        for (before, after) in accepted.iter().zip(accepted.iter().skip(1)) {
            let follows = (&before.named, &before.holder, before.seq + 1) == (&after.named, &after.holder, after.seq);
            assert!(follows || before.term < after.term && after.seq == 1, "seed {seed}: {after:?} after {before:?}");
        }
        let mut said: BTreeMap<i64, usize> = BTreeMap::new();
        for Accepted { text, .. } in &accepted {
            if let LiveEvent::AlertTriggered(told) = spoken::read::<Envelope>(text.as_bytes()).unwrap().event {
                *said.entry(told.view.n).or_default() += 1;
            }
        }
        let stored = self.store.of(&UserId::local()).notifications_after(0, 10_000).await.unwrap();
        let of = |ticker: &str| stored.iter().filter(|notification| notification.ticker.as_str() == ticker).count();
        assert_eq!(of(KEYED), self.keyed, "seed {seed}: what a push leads to comes once");
        let (least, most) = (self.answered, self.answered + self.unanswered);
        assert!((least..=most).contains(&of(KEYLESS)), "seed {seed}: {least} to {most} are not {}", of(KEYLESS));
        assert!(said.values().all(|times| *times == 1), "seed {seed}: a notification was said twice: {said:?}");
    }

    /// Returns the terms in which something was said, each with its worker and the number that was said last.
    fn terms(&self) -> Vec<(u64, String, u64)> {
        let mut terms: Vec<(u64, String, u64)> = Vec::new();
        for Accepted { term, holder, seq, .. } in self.model.accepted() {
            let worker = holder.split('/').next().unwrap_or_default().to_owned();
            match terms.last_mut() {
                Some((last, _, newest)) if *last == term => *newest = seq,
                _ => terms.push((term, worker, seq)),
            }
        }
        terms
    }

    /// Returns the worker that published last.
    fn engine(&self) -> usize {
        let terms = self.terms();
        let name = terms.last().map(|(_, worker, _)| worker.clone()).unwrap_or_default();
        self.workers.iter().position(|worker| worker.name == name).unwrap()
    }
}

/// Makes a push of prices.
fn quotes(ticker: &str, prices: &[&str]) -> Vec<QuoteDraft> {
    let draft = |price| serde_json::json!({ "ticker": ticker, "price": price, "currency": "USD", "time": PUSHED_AT });
    prices.iter().map(|price| serde_json::from_value(draft(price)).unwrap()).collect()
}

fn beginning() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}
