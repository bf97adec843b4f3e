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
use super::cluster::engine_calls::RedisCalls;
use super::cluster::{self, Cluster};
use super::config::{Config, StreamPath};
use super::engine_task::EngineHandle;
use super::feeds::Feeds;
use super::ground::Ground;
use super::guard::Encrypted;
use super::history::History;
use super::hub::{Hub, Jobs, Parts, Stamps, TypicalDays};
use super::operations::{Operations, Others, Reporter};
use super::permissions;
use super::presence::{Presence, SharedPresence};
use super::readiness::Readiness;
use super::relay::{self, Address, Inbox, Keys, Reconnecting};
use super::rest;
use super::router::{self, RouterParts};
use super::site::Site;
use super::sse::groups::Groups;
use super::sse::limits::Limits;
use super::sse::reactor::Reactors;
use super::sse::streams::Streams;
use super::sse::wheel::Wheel;
use super::store::{Sharing, Store};
use super::telemetry;
use super::term::{Term, Terms};
use super::tls;
use foliostream::wire::epoch::Epoch;
use foliostream::words::Refusals;
use jiff::Timestamp;

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
    let tls = tls::read(config.tls_cert.as_deref(), config.tls_key.as_deref()).map_err(ServeError::Tls)?;
    let feeds = Feeds::open(&config, &clock).await?;
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
    ground: Ground,
    streams: Arc<Streams>,
    router: axum::Router,
    arrivals: Arc<Arrivals>,
    ready: Arc<Readiness>,
    part: Part,
    stop_following: CancellationToken,
    stop_engine: CancellationToken,
}

impl Server {
    async fn start(config: Config, site: Option<Site>, feeds: Feeds, store: Store, clock: Clock) -> Result<Self, ServeError> {
        let prometheus = telemetry::prometheus();
        let redis = config.redis();
        let epoch = if redis.is_none() { store.begin_term().await? } else { Epoch::default() };
        let sources = Arc::clone(feeds.sources());
        let board = Arc::new(Board::new(epoch, store.last_n().await?, clock.now()));
        board.add_instruments(store.instruments().await?);
        board.add_instruments(sources.instruments().iter().cloned());
        if redis.is_none() {
            // The process that did them is gone: this one is alone, and has begun none yet.
            store.fail_abandoned_jobs(Timestamp::MAX, &Refusals::job_was_abandoned().in_english(), clock.now()).await?;
        }
        board.show_jobs(&store.all_jobs().await?);
        load_ledgers(&store, &board).await?;
        let history = Arc::new(History::new(Arc::clone(&sources), store.clone()));
        let ground = Ground { board, store, clock, history, tally: Arc::default() };

        let [stop_following, stop_engine] = std::array::from_fn(|_| CancellationToken::new());
        let new_hub = |engine, joined: &Joined| {
            Hub::new(Parts {
                ground: ground.clone(),
                engine,
                presence: Arc::clone(&joined.presence),
                operations: Arc::clone(&joined.operations),
                sources: Arc::clone(&sources),
                ledgers: tokio::sync::Mutex::default(),
                stamps: Stamps::default(),
                typical_days: TypicalDays::default(),
                jobs: Jobs::new(config.redis().is_none()),
            })
        };
        let terms = Arc::new(Terms { ground: ground.clone(), settings: config.engine(), feeds, backups: config.backups() });
        let (hub, part, joined) = match redis {
            None => {
                let bus = Arc::new(EmbeddedBus::new(Arc::clone(&ground.board)));
                let term = terms.begin(bus, epoch, stop_engine.clone()).await?;
                let joined = Joined::alone(&ground);
                let hub = new_hub(EngineHandle::new(term.engine.clone()), &joined);
                term.take_prices(terms, hub.clone()).await?;
                (hub, Part::Alone(term), joined)
            }
            Some(address) => {
                let (cluster, joined) = join(&config, &ground, address, new_hub);
                cluster.follow(CancellationToken::clone(&stop_following));
                let standing = config.role.stands().then(|| cluster::stand(Arc::clone(&cluster), terms, stop_engine.clone()));
                (cluster.hub.clone(), standing.map_or(Part::Following, Part::Standing), joined)
            }
        };
        let Joined { ready, presence, operations, others } = joined;
        let ready = Arc::new(ready);
        let streams = Arc::new(new_streams(&config, &ground, ready.worker()));
        let reporter = Reporter { streams: Arc::clone(&streams), operations, others };
        tokio::spawn(reporter.run(stop_following.clone()));
        tokio::spawn(telemetry::keep(prometheus.clone(), ground.clock.clone(), stop_following.clone()));
        tokio::spawn(rest::streams::answer_calls(Arc::clone(&streams), Arc::clone(&presence), stop_following.clone()));
        tokio::spawn(Arc::clone(&presence).keep(Arc::clone(&ground.board), ground.clock.clone(), stop_following.clone()));
        let arrivals = Arc::new(Arrivals::new(ground.clock.clone(), config.deadlines()));
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
        Ok(Self { config, ground, streams, router, arrivals, ready, part, stop_following, stop_engine })
    }

    async fn run(
        self,
        listener: TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
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
        // Kept until the last stream is written: the reactors end when the last handle is dropped.
        let reactors = acceptance.reactors.clone();
        let accepting = tokio::spawn(accept::run(listener, acceptance, stop_accepting.clone()));
        let mut part = self.part;
        let taken_over = tokio::select! {
            biased;
            // A process that is asked to stop ends in order, also where another takes the database at that moment.
            () = shutdown.cancelled() => false,
            () = part.engine_is_over() => true,
        };

        tracing::info!("stopping");
        self.ready.stop();
        self.ground.clock.sleep(Duration::from_secs(self.config.drain_notice_s)).await;
        let drain = Duration::from_secs(self.config.drain_s);
        stop_accepting.cancel();
        self.streams.drain(drain);
        if let Ok(connections) = accepting.await {
            let deadline = drain + GRACE;
            tokio::select! {
                biased;
                // What ended in time was not cut.
                () = connections.wait() => {}
                () = self.ground.clock.sleep(deadline) => tracing::warn!("cut connections that did not end within {deadline:?}"),
            }
        }
        wheel.abort();
        drop(reactors);
        self.stop_engine.cancel();
        if !taken_over {
            part.end().await;
        }
        self.stop_following.cancel();
        self.ground.store.close().await;
        if taken_over { Err(ServeError::TakenOver) } else { Ok(()) }
    }
}

impl Server {
    /// Says what connections are served with.
    fn acceptance(&self, tls: Option<Arc<rustls::ServerConfig>>) -> Result<Acceptance, ServeError> {
        let hands_over = self.config.stream_path == StreamPath::Reactor;
        let start = || Reactors::start(&tokio::runtime::Handle::current(), &self.ground.tally).map_err(ServeError::Reactors);
        Ok(Acceptance {
            router: self.router.clone(),
            reactors: hands_over.then(start).transpose()?.map(Arc::new),
            streams: Arc::clone(&self.streams),
            tls,
            max_connections: self.config.max_connections,
            addresses: Arc::new(self.config.addresses()),
            arrivals: Arc::clone(&self.arrivals),
            tally: Arc::clone(&self.ground.tally),
        })
    }
}

/// The part that this process has in the engine's work.
enum Part {
    /// It is the engine, from its start to its end.
    Alone(Term),
    /// It is one of many, and becomes the engine where it holds the lease.
    Standing(tokio::task::JoinHandle<()>),
    /// It is one of many, and never the engine.
    Following,
}

impl Part {
    /// Waits until the engine has ended by itself, which ends a process that is alone: another has taken its database.
    async fn engine_is_over(&mut self) {
        match self {
            Self::Alone(term) => term.is_over().await,
            Self::Standing(_) | Self::Following => std::future::pending().await,
        }
    }

    /// Waits for the end of the engine, which was told to stop.
    async fn end(self) {
        match self {
            Self::Alone(term) => term.end().await,
            Self::Standing(standing) => {
                if let Err(error) = standing.await {
                    tracing::error!("the last term did not end in order: {error}");
                }
            }
            Self::Following => {}
        }
    }
}

/// What a process is among others, or alone.
struct Joined {
    ready: Readiness,
    presence: Arc<Presence>,
    operations: Arc<Operations>,
    others: Option<Others>,
}

impl Joined {
    fn alone(ground: &Ground) -> Self {
        let ready = Readiness::of_one(Arc::clone(&ground.board), ground.clock.clone());
        let (presence, operations) = (Presence::alone(ready.worker()), Operations::new(&ready.worker(), true));
        Self { ready, presence, operations, others: None }
    }
}

/// Joins the installation whose Redis is at `address`.
fn join(
    config: &Config,
    ground: &Ground,
    address: Address,
    new_hub: impl FnOnce(EngineHandle, &Joined) -> Hub,
) -> (Arc<Cluster>, Joined) {
    let (worker, inbox) = (relay::worker_name(), Arc::new(Inbox::default()));
    let keys = Keys::new(&config.redis_prefix);
    ground.board.set_away(Some(ground.clock.now()));
    let orders = RedisCalls::new(address.clone(), keys.clone(), &worker, Arc::clone(&inbox), Arc::clone(&ground.board));
    let shared = SharedPresence::new(address.clone(), keys.clone(), worker.as_str().into(), Arc::clone(&inbox));
    let joined = Joined {
        ready: Readiness::of_many(worker.clone(), Arc::clone(&inbox), Arc::clone(&ground.board)),
        presence: Presence::shared(worker.as_str().into(), config.max_streams_per_user, shared),
        operations: Operations::new(&worker, false),
        others: Some(Others { inbox: Arc::clone(&inbox), keys: keys.clone(), redis: Reconnecting::new(address.clone()) }),
    };
    let hub = new_hub(EngineHandle::new(orders), &joined);
    let cluster = Cluster { address, keys, worker, ground: ground.clone(), hub, inbox, drain: config.engine().drain };
    (Arc::new(cluster), joined)
}

fn new_streams(config: &Config, ground: &Ground, worker: Arc<str>) -> Streams {
    Streams {
        ground: ground.clone(),
        groups: Groups::of(&ground.board),
        wheel: Wheel::new(Duration::from_secs(config.heartbeat_s), ground.clock.elapsed_ms()),
        limits: Limits::new(config.max_streams_per_user, config.max_streams_per_address),
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
    for row in store.all_portfolios().await? {
        let activities = store.activities(&row.portfolio_id).await?;
        // At the start no user has asked for all portfolios together.
        board.fold_ledger(&row, row.revision, &activities, Vec::new());
    }
    Ok(())
}
