//! One server from its configuration to its last answer.

mod failure;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

pub use self::failure::ServeError;
use super::accept::{self, Acceptance};
use super::arrival::Arrivals;
use super::board::Board;
use super::bus::EmbeddedBus;
use super::clock::Clock;
use super::cluster::orders::Orders;
use super::cluster::{self, Cluster};
use super::config::{Config, StreamPath};
use super::engine_task::{self, EngineHandle, EngineParts, EngineQueue};
use super::feeds::Feeds;
use super::guard::Encrypted;
use super::history::History;
use super::hub::{Hub, Parts, Stamps};
use super::operations::{Operations, Others, Reporter};
use super::permissions;
use super::presence::{Presence, SharedPresence};
use super::readiness::Readiness;
use super::relay::{self, Address, Inbox, Keys, LOCAL_USER, Line};
use super::rest;
use super::router::{self, RouterParts};
use super::site::Site;
use super::sse::groups::Groups;
use super::sse::limits::Limits;
use super::sse::reactor::Reactors;
use super::sse::streams::Streams;
use super::sse::wheel::Wheel;
use super::store::{Sharing, Store};
use super::tally::Tally;
use super::telemetry;
use crate::wire::epoch::Epoch;

/// What is waited for after the drain before connections that still answer are cut.
const GRACE: Duration = Duration::from_secs(5);

/// Connections that may wait to be accepted; the system's own limit is usually as much. After a restart every screen comes back
/// at once.
const BACKLOG: u32 = 4_096;

/// Binds the port a configuration names.
pub fn bind(config: &Config) -> Result<TcpListener, ServeError> {
    let address = config.listen;
    let bind = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A restart need not wait for connections of the run before to be forgotten.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bind().map_err(|cause| ServeError::Listen { address, cause })
}

/// Serves on `listener` until `shutdown`, then drains and returns when everything is answered and stored.
pub async fn serve(config: Config, listener: TcpListener, clock: Clock, shutdown: CancellationToken) -> Result<(), ServeError> {
    let find_site = || Site::find(config.site_dir.as_deref()).map_err(ServeError::Site);
    let site = config.role.serves().then(find_site).transpose()?;
    let tls = accept::tls::read(config.tls_cert.as_deref(), config.tls_key.as_deref()).map_err(ServeError::Tls)?;
    let feeds = Feeds::open(&config, &clock)?;
    if let Some(address) = config.redis() {
        relay::check(&address).await.map_err(ServeError::Redis)?;
    }
    let sharing = if config.redis().is_some() { Sharing::Shared } else { Sharing::Alone };
    let store = Store::at(&config.database(), sharing).await?;
    let server = Server::start(config, site, feeds, store, clock).await?;
    server.run(listener, tls, shutdown).await
}

struct Server {
    config: Config,
    clock: Clock,
    store: Store,
    streams: Arc<Streams>,
    tally: Arc<Tally>,
    router: axum::Router,
    arrivals: Arc<Arrivals>,
    ready: Arc<Readiness>,
    engine: Option<tokio::task::JoinHandle<()>>,
    /// Whether this process is one of many, of which any may be the engine.
    many: bool,
    stop_following: CancellationToken,
    stop_feeds: CancellationToken,
    stop_engine: CancellationToken,
}

impl Server {
    async fn start(config: Config, site: Option<Site>, feeds: Feeds, store: Store, clock: Clock) -> Result<Self, ServeError> {
        let prometheus = telemetry::prometheus();
        let redis = config.redis();
        let epoch = if redis.is_none() { store.begin_term().await? } else { Epoch::default() };
        let board = Arc::new(Board::new(epoch, store.last_n().await?, clock.now()));
        let history = Arc::new(History::new(feeds.model().cloned(), store.clone()));
        board.add_instruments(store.instruments().await?);
        if let Some(model) = feeds.model() {
            board.add_instruments(model.instruments().iter().cloned());
        }
        load_ledgers(&store, &board).await?;

        let [stop_following, stop_feeds, stop_engine] = std::array::from_fn(|_| CancellationToken::new());
        let tally = Arc::new(Tally::default());
        let new_hub = |engine, joined: &Joined| {
            Hub::new(Parts {
                board: Arc::clone(&board),
                store: store.clone(),
                engine,
                clock: clock.clone(),
                history: Arc::clone(&history),
                presence: Arc::clone(&joined.presence),
                operations: Arc::clone(&joined.operations),
                feed: config.feed.kind(),
                ledgers: tokio::sync::Mutex::default(),
                stamps: Stamps::default(),
            })
        };
        let shared = Shared { config: &config, board: &board, store: &store, history: &history, tally: &tally, clock: &clock };
        let (hub, engine, joined) = match redis {
            None => {
                let (engine, task) = shared.start_engine(epoch, &feeds, &stop_engine).await?;
                let joined = Joined::alone(&board, &clock);
                let hub = new_hub(EngineHandle::new(engine.clone()), &joined);
                feeds.seed_demo(&store, &hub).await?;
                feeds.start(engine, stop_feeds.clone());
                (hub, Some(task), joined)
            }
            Some(address) => {
                let (cluster, joined) = shared.join(address, new_hub);
                cluster.follow(CancellationToken::clone(&stop_following));
                let task =
                    config.role.stands().then(|| cluster::stand(Arc::clone(&cluster), Arc::new(feeds), stop_engine.clone()));
                (cluster.hub.clone(), task, joined)
            }
        };
        let Joined { ready, presence, operations, others } = joined;
        let ready = Arc::new(ready);
        let streams = Arc::new(new_streams(&config, &board, &store, &clock, ready.worker()));
        let reporter =
            Reporter { streams: Arc::clone(&streams), tally: Arc::clone(&tally), operations, clock: clock.clone(), others };
        tokio::spawn(reporter.run(stop_following.clone()));
        tokio::spawn(telemetry::keep(prometheus.clone(), clock.clone(), stop_following.clone()));
        tokio::spawn(rest::streams::answer_calls(Arc::clone(&streams), Arc::clone(&presence), stop_following.clone()));
        tokio::spawn(Arc::clone(&presence).keep(Arc::clone(&board), clock.clone(), stop_following.clone()));
        let arrivals = Arc::new(Arrivals::new(clock.clone(), config.deadlines()));
        let router = router::build(RouterParts {
            hub,
            streams: Arc::clone(&streams),
            presence,
            site,
            ready: Arc::clone(&ready),
            prometheus,
            listen: config.listen.ip(),
            allowed_hosts: config.allowed_hosts.clone(),
            trusted_proxies: config.trusted_proxies.clone().into(),
            encrypted: Encrypted(config.tls_cert.is_some()),
            arrivals: Arc::clone(&arrivals),
            ingest_token: config.ingest_token().cloned().map(Arc::new),
        });
        let many = config.redis().is_some();
        Ok(Self {
            config,
            clock,
            store,
            streams,
            tally,
            router,
            arrivals,
            ready,
            engine,
            many,
            stop_following,
            stop_feeds,
            stop_engine,
        })
    }

    async fn run(
        self,
        listener: TcpListener,
        tls: Option<tokio_rustls::TlsAcceptor>,
        shutdown: CancellationToken,
    ) -> Result<(), ServeError> {
        let acceptance = self.acceptance(tls)?;
        // Said once everything is open: a start that fails has one line to say, and that names what is wrong.
        if let Ok(address) = listener.local_addr() {
            let scheme = if acceptance.tls.is_some() { "https" } else { "http" };
            tracing::info!("{scheme}://{address}");
        }
        permissions::complain(&self.config);
        let wheel = tokio::spawn(Arc::clone(&self.streams).turn_wheel());
        let stop_accepting = CancellationToken::new();
        // Kept until the last stream is written: they end when nobody holds them.
        let reactors = acceptance.reactors.clone();
        let accepting = tokio::spawn(accept::run(listener, acceptance, stop_accepting.clone()));
        let mut engine = self.engine;
        // Alone, a process lives no longer than its engine, which ends early only where another has taken its database.
        let engine_ended = async {
            match &mut engine {
                Some(engine) if !self.many => engine.await,
                _ => std::future::pending().await,
            }
        };
        let taken_over = tokio::select! {
            biased;
            // Who is asked to stop ends in order, also where another takes the database at that moment.
            () = shutdown.cancelled() => false,
            _ = engine_ended => true,
        };

        tracing::info!("stopping");
        self.ready.stop();
        self.clock.sleep(Duration::from_secs(self.config.drain_notice_s)).await;
        let drain = Duration::from_secs(self.config.drain_s);
        stop_accepting.cancel();
        self.streams.drain(drain);
        if let Ok(connections) = accepting.await {
            let deadline = drain + GRACE;
            tokio::select! {
                biased;
                // What ended in time was not cut.
                () = connections.wait() => {}
                () = self.clock.sleep(deadline) => tracing::warn!("cut connections that did not end within {deadline:?}"),
            }
        }
        wheel.abort();
        drop(reactors);
        self.stop_feeds.cancel();
        self.stop_engine.cancel();
        if let Some(engine) = engine.filter(|_| !taken_over)
            && let Err(error) = engine.await
        {
            tracing::error!("the engine did not end in order: {error}");
        }
        self.stop_following.cancel();
        self.store.close().await;
        if taken_over { Err(ServeError::TakenOver) } else { Ok(()) }
    }
}

impl Server {
    /// Says what connections are served with.
    fn acceptance(&self, tls: Option<tokio_rustls::TlsAcceptor>) -> Result<Acceptance, ServeError> {
        let hands_over = self.config.stream_path == StreamPath::Reactor && tls.is_none();
        let start = || Reactors::start(&tokio::runtime::Handle::current(), &self.tally).map_err(ServeError::Reactors);
        Ok(Acceptance {
            router: self.router.clone(),
            reactors: hands_over.then(start).transpose()?.map(Arc::new),
            streams: Arc::clone(&self.streams),
            tls,
            max_connections: self.config.max_connections,
            addresses: Arc::new(self.config.addresses()),
            arrivals: Arc::clone(&self.arrivals),
            tally: Arc::clone(&self.tally),
        })
    }
}

/// What the engine and every other part of a process share.
struct Shared<'a> {
    config: &'a Config,
    board: &'a Arc<Board>,
    store: &'a Store,
    history: &'a Arc<History>,
    tally: &'a Arc<Tally>,
    clock: &'a Clock,
}

/// What a process is among others, or alone.
struct Joined {
    ready: Readiness,
    presence: Arc<Presence>,
    operations: Arc<Operations>,
    others: Option<Others>,
}

impl Joined {
    fn alone(board: &Arc<Board>, clock: &Clock) -> Self {
        let ready = Readiness::of_one(Arc::clone(board), clock.clone());
        let (presence, operations) = (Presence::alone(ready.worker()), Operations::new(&ready.worker(), true));
        Self { ready, presence, operations, others: None }
    }
}

impl Shared<'_> {
    /// Starts the one engine of a process that is alone.
    async fn start_engine(
        &self,
        epoch: Epoch,
        feeds: &Feeds,
        stop: &CancellationToken,
    ) -> Result<(EngineQueue, tokio::task::JoinHandle<()>), ServeError> {
        let parts = EngineParts {
            bus: Arc::new(EmbeddedBus::new(Arc::clone(self.board))),
            epoch,
            board: Arc::clone(self.board),
            store: self.store.clone(),
            clock: self.clock.clone(),
            history: Arc::clone(self.history),
            tally: Arc::clone(self.tally),
            frame_interval: self.config.frame_interval(),
            stale_after: Duration::from_secs(self.config.stale_after_s),
            keep_notifications: self.config.keep_notifications,
            drain: Duration::from_secs(self.config.drain_s),
        };
        let restored = feeds.restore(self.store).await?;
        Ok(engine_task::start(parts, restored, stop.clone()).await)
    }

    /// Joins the installation whose Redis is at `address`.
    fn join(&self, address: Address, new_hub: impl FnOnce(EngineHandle, &Joined) -> Hub) -> (Arc<Cluster>, Joined) {
        let (worker, inbox) = (relay::worker_name(), Arc::new(Inbox::default()));
        let keys = Keys::new(&self.config.redis_prefix);
        let board = Arc::clone(self.board);
        board.set_away(Some(self.clock.now()));
        let orders = Orders::new(address.clone(), keys.clone(), &worker, Arc::clone(&inbox), Arc::clone(&board));
        let joined = self.meet(&address, &keys, &worker, &inbox);
        let hub = new_hub(EngineHandle::new(orders), &joined);
        let cluster = Cluster {
            address,
            keys,
            worker,
            board,
            store: self.store.clone(),
            hub,
            history: Arc::clone(self.history),
            clock: self.clock.clone(),
            inbox,
            tally: Arc::clone(self.tally),
            frame_interval: self.config.frame_interval(),
            stale_after: Duration::from_secs(self.config.stale_after_s),
            keep_notifications: self.config.keep_notifications,
            drain: Duration::from_secs(self.config.drain_s),
        };
        (Arc::new(cluster), joined)
    }

    /// Makes what a worker is among others.
    fn meet(&self, address: &Address, keys: &Keys, worker: &str, inbox: &Arc<Inbox>) -> Joined {
        let shared = SharedPresence::new(address.clone(), keys.clone(), worker.into(), Arc::clone(inbox));
        Joined {
            ready: Readiness::of_many(worker.to_owned(), Arc::clone(inbox), Arc::clone(self.board)),
            presence: Presence::shared(worker.into(), self.config.max_streams_per_user, shared),
            operations: Operations::new(worker, false),
            others: Some(Others { inbox: Arc::clone(inbox), keys: keys.clone(), line: Line::new(address.clone()) }),
        }
    }
}

fn new_streams(config: &Config, board: &Arc<Board>, store: &Store, clock: &Clock, worker: Arc<str>) -> Streams {
    Streams {
        board: Arc::clone(board),
        groups: Groups::of(board),
        store: store.clone(),
        clock: clock.clone(),
        wheel: Wheel::new(Duration::from_secs(config.heartbeat_s), clock.elapsed_ms()),
        limits: Limits::new(config.max_streams_per_user, config.max_streams_per_address),
        user: LOCAL_USER.into(),
        worker,
        follows: config.redis().is_some(),
        heartbeat_s: config.heartbeat_s,
        max_age: Duration::from_secs(config.max_age_s),
        is_draining: AtomicBool::new(false),
        open: AtomicUsize::new(0),
        frames: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    }
}

/// Reads every ledger. One that cannot be folded has its portfolio say so, and stops nothing.
async fn load_ledgers(store: &Store, board: &Board) -> Result<(), ServeError> {
    for row in store.portfolios().await? {
        let activities = store.activities(&row.portfolio_id).await?;
        board.fold_ledger(&row, row.revision, &activities);
    }
    Ok(())
}
