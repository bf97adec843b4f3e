//! One server from its configuration to its last answer.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::domain::position::fold;

use super::board::Board;
use super::clock::Clock;
use super::config::{Config, EXIT_USAGE, Feed};
use super::demo::demo_activities;
use super::engine_task::{self, EngineParts, Restored};
use super::feed::drive;
use super::feed::replay::{self, Replay, ReplayError};
use super::feed::simulated::SimulatedMarket;
use super::history::History;
use super::hub::{Hub, Parts};
use super::router::{self, RouterParts};
use super::site::Site;
use super::sse::endpoints::Streams;
use super::sse::limits::Limits;
use super::sse::wheel::Wheel;
use super::store::{Sharing, Store, StoreError};
use super::{accept, telemetry};

/// What is waited for after the drain before connections that still answer are cut.
const GRACE: Duration = Duration::from_secs(5);

/// The setting that says the demo portfolio was made once; deleting it is for good.
const DEMO_SEEDED: &str = "demo_seeded";

/// Why a server could not run; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory, or the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A replay file.
    #[error("--feed: {0}")]
    Replay(#[from] ReplayError),
    /// The site folder.
    #[error("{0}")]
    Site(String),
    /// The port.
    #[error("--listen {address}: {cause}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// What is stored cannot be folded.
    #[error("portfolio {portfolio_id} cannot be read: {reason}")]
    Ledger {
        /// Which.
        portfolio_id: String,
        /// Why.
        reason: String,
    },
}

impl ServeError {
    /// Returns the exit code: 64 for a wrong option, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Replay(_) | Self::Site(_) | Self::Store(StoreError::Refused { .. }) => EXIT_USAGE,
            _ => 1,
        }
    }
}

/// Binds the port a configuration names.
pub async fn bind(config: &Config) -> Result<TcpListener, ServeError> {
    let address = config.listen;
    TcpListener::bind(address).await.map_err(|cause| ServeError::Listen { address, cause })
}

/// Serves on `listener` until `shutdown`, then drains and returns when everything is answered and stored.
pub async fn serve(config: Config, listener: TcpListener, clock: Clock, shutdown: CancellationToken) -> Result<(), ServeError> {
    let site = Site::find(config.site_dir.as_deref()).map_err(ServeError::Site)?;
    let source = Source::open(&config, &clock)?;
    let store = Store::at(&config.database(), Sharing::Alone).await?;
    let server = Server::start(config, site, source, store, clock).await?;
    server.run(listener, shutdown).await;
    Ok(())
}

/// Where prices come from, opened before anything else is touched.
struct Source {
    model: Option<Arc<SimulatedMarket>>,
    replay: Option<Replay>,
}

impl Source {
    fn open(config: &Config, clock: &Clock) -> Result<Self, ServeError> {
        let model = || Arc::new(SimulatedMarket::new(config.seed, config.always_open, clock.now()));
        Ok(match &config.feed {
            Feed::Simulated => Self { model: Some(model()), replay: None },
            Feed::Replay(files) => {
                let replay = replay::open(files)?;
                Self { model: None, replay: Some(if config.replay_loop { replay.repeating() } else { replay }) }
            }
            Feed::None => Self { model: None, replay: None },
        })
    }
}

struct Server {
    config: Config,
    clock: Clock,
    store: Store,
    streams: Arc<Streams>,
    router: axum::Router,
    ready: Arc<AtomicBool>,
    engine: tokio::task::JoinHandle<()>,
    stop_feeds: CancellationToken,
    stop_engine: CancellationToken,
}

impl Server {
    async fn start(config: Config, site: Site, source: Source, store: Store, clock: Clock) -> Result<Self, ServeError> {
        let prometheus = telemetry::prometheus();
        let epoch = store.begin_epoch().await?;
        let board = Arc::new(Board::new(epoch, store.last_n().await?, clock.now()));
        let history = Arc::new(History::new(source.model.clone(), store.clone()));
        board.add_instruments(store.instruments().await?);
        if let Some(model) = &source.model {
            board.add_instruments(model.instruments().iter().cloned());
        }
        load_ledgers(&store, &board).await?;

        let (stop_feeds, stop_engine) = (CancellationToken::new(), CancellationToken::new());
        let parts = EngineParts {
            board: Arc::clone(&board),
            store: store.clone(),
            epoch,
            clock: clock.clone(),
            history: Arc::clone(&history),
            frame_interval: config.frame_interval(),
            stale_after: Duration::from_secs(config.stale_after_s),
            keep_quotes: config.feed == Feed::None,
        };
        let restored = restore(&config, &source, &store, &clock).await?;
        let (engine, engine_task) = engine_task::start(parts, restored, stop_engine.clone()).await;
        let hub = Hub::new(Parts {
            board: Arc::clone(&board),
            store: store.clone(),
            engine: engine.clone(),
            clock: clock.clone(),
            history,
            feed: config.feed.kind(),
            ledgers: tokio::sync::Mutex::default(),
        });
        if let Some(model) = &source.model {
            seed_demo(&config, model, &store, &hub, &clock).await?;
            tokio::spawn(drive::simulated(Arc::clone(model), engine.clone(), clock.clone(), stop_feeds.clone()));
        }
        if let Some(replay) = source.replay {
            tokio::spawn(drive::replay(replay, config.replay_speed, engine, clock.clone(), stop_feeds.clone()));
        }
        let streams = Arc::new(new_streams(&config, &board, &store, &clock));
        let ready = Arc::new(AtomicBool::new(true));
        let router = router::build(RouterParts {
            hub,
            streams: Arc::clone(&streams),
            site,
            ready: Arc::clone(&ready),
            prometheus,
            listen: config.listen.ip(),
            allowed_hosts: config.allowed_hosts.clone(),
            ingest_token: config.ingest_token().cloned().map(Arc::new),
        });
        Ok(Self { config, clock, store, streams, router, ready, engine: engine_task, stop_feeds, stop_engine })
    }

    async fn run(self, listener: TcpListener, shutdown: CancellationToken) {
        // Said once everything is open: a start that fails has one line to say, and that names what is wrong.
        if let Ok(address) = listener.local_addr() {
            tracing::info!("http://{address}");
        }
        let wheel = tokio::spawn(Arc::clone(&self.streams).turn_wheel());
        let stop_accepting = CancellationToken::new();
        let accepting = accept::run(listener, self.router.clone(), self.config.max_connections, stop_accepting.clone());
        let accepting = tokio::spawn(accepting);
        shutdown.cancelled().await;

        tracing::info!("stopping");
        self.ready.store(false, Ordering::Release);
        self.clock.sleep(Duration::from_secs(self.config.drain_notice_s)).await;
        let drain = Duration::from_secs(self.config.drain_s);
        stop_accepting.cancel();
        self.streams.drain(drain);
        if let Ok(connections) = accepting.await {
            let deadline = drain + GRACE;
            tokio::select! {
                () = connections.wait() => {}
                () = self.clock.sleep(deadline) => tracing::warn!("cut connections that did not end within {deadline:?}"),
            }
        }
        wheel.abort();
        self.stop_feeds.cancel();
        self.stop_engine.cancel();
        if let Err(error) = self.engine.await {
            tracing::error!("the engine did not end in order: {error}");
        }
        self.store.close().await;
    }
}

fn new_streams(config: &Config, board: &Arc<Board>, store: &Store, clock: &Clock) -> Streams {
    Streams {
        board: Arc::clone(board),
        store: store.clone(),
        clock: clock.clone(),
        wheel: Wheel::new(Duration::from_secs(config.heartbeat_s), clock.now().as_millisecond()),
        limits: Limits::new(config.max_streams_per_user, config.max_streams_per_address),
        worker: std::process::id().to_string().into(),
        heartbeat_s: config.heartbeat_s,
        max_age: Duration::from_secs(config.max_age_s),
        open: AtomicUsize::new(0),
        frames: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
    }
}

async fn load_ledgers(store: &Store, board: &Board) -> Result<(), ServeError> {
    for row in store.portfolios().await? {
        let activities = store.activities(&row.portfolio_id).await?;
        let ledger = fold(row.currency, &activities)
            .map_err(|error| ServeError::Ledger { portfolio_id: row.portfolio_id.clone(), reason: error.to_string() })?;
        board.set_ledger(&row.portfolio_id, ledger);
    }
    Ok(())
}

/// Gathers what the engine starts from. A replay begins anew, so that what alerts observed before it says nothing.
async fn restore(config: &Config, source: &Source, store: &Store, clock: &Clock) -> Result<Restored, ServeError> {
    let mut alerts = store.alerts().await?;
    if source.replay.is_some() {
        alerts.iter_mut().for_each(|alert| alert.last_price = None);
    }
    let quotes = if config.feed == Feed::None { store.quotes().await? } else { Vec::new() };
    let ticks = source.model.as_ref().map(|model| model.ticks_at(clock.now())).unwrap_or_default();
    Ok(Restored { quotes, alerts, ticks })
}

/// Makes the demo portfolio at the very first start.
async fn seed_demo(config: &Config, model: &SimulatedMarket, store: &Store, hub: &Hub, clock: &Clock) -> Result<(), ServeError> {
    if config.no_demo || store.get_setting(DEMO_SEEDED).await?.is_some() || !store.portfolios().await?.is_empty() {
        return Ok(());
    }
    let (draft, activities) = demo_activities(model, clock.now());
    if let Err(refusal) = hub.import(draft, activities).await {
        tracing::error!("the demo portfolio could not be made: {refusal}");
        return Ok(());
    }
    store.set_setting(DEMO_SEEDED, "true").await?;
    Ok(())
}
