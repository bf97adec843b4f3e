//! What any worker asks of the engine, wherever that is: an entry in the Stream `orders`, and an answer on the worker's own
//! channel.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::board::Board;
use crate::engine_task::{EngineCalls, EngineStopped, KeyUsed, News, NotKept, ObserveError, Observed, PushKey};
use crate::relay::{Address, Cause, Inbox, Keys, Link, Nature, Part, Reply, in_short};
use foliostream::domain::instrument::{Instrument, Ticker};
use foliostream::domain::money::Currency;
use foliostream::domain::quote::{Session, Tick};
use foliostream::domain::source::SourceName;
use foliostream::domain::user::UserId;
use foliostream::wire::live::{Owned, PortfolioDeleted};
use foliostream::wire::spoken;
use foliostream::wire::views::{JobView, NotificationReadView, PortfolioChangedView};

/// Calls kept at most: what no engine has taken by then is found in the store, or was never acknowledged.
const KEPT: usize = 10_000;

/// How long an answer may take before the call is placed once more, under its name: the call or its answer may have been
/// lost with a connection or with Redis itself. The engine takes a call of one name once.
const AGAIN_AFTER: Duration = Duration::from_millis(700);

/// How long a push waits for the engine; longer than a takeover.
const PUSH_PATIENCE: Duration = Duration::from_secs(6);

/// How long a change that is stored waits to be announced. After it the answer goes out all the same: the engine finds the
/// change in the store.
const NEWS_PATIENCE: Duration = Duration::from_secs(2);

/// What a worker asks of the engine. News are hints: the engine reads what they are about from the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EngineCall {
    /// Observe these, in order.
    Ticks {
        /// The ticks that were pushed.
        ticks: Vec<OrderedTick>,
        /// The key it was pushed with. The same push may come again, at any worker.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        push: Option<PushKey>,
    },
    /// Watch this alert as the store now has it, or stop where it is gone.
    Alert {
        /// The id of the alert.
        id: i64,
        /// The user who owns it, or owned it before it was deleted.
        #[serde(default = "UserId::local")]
        owner: UserId,
    },
    /// Announce that a portfolio has another revision.
    PortfolioChanged {
        /// The portfolio and its revision.
        view: PortfolioChangedView,
        /// The user whose portfolio it is.
        #[serde(default = "UserId::local")]
        owner: UserId,
    },
    /// Announce that a portfolio is gone.
    PortfolioDeleted {
        /// The id of the portfolio.
        #[serde(flatten)]
        view: PortfolioDeleted,
        /// The user whose portfolio it was.
        #[serde(default = "UserId::local")]
        owner: UserId,
    },
    /// Announce how an instrument is now described.
    InstrumentChanged {
        /// The instrument as it is stored.
        instrument: Instrument,
    },
    /// Announce that notifications were read.
    NotificationRead {
        /// The notifications that were read, and how many are unread.
        view: NotificationReadView,
        /// The user whose notifications they are.
        #[serde(default = "UserId::local")]
        owner: UserId,
    },
    /// Announce how far a job came.
    JobProgress {
        /// The job.
        view: Box<JobView>,
        /// The user whose job it is.
        owner: UserId,
    },
    /// Answer when everything before has been announced.
    Flush,
    /// Something this program does not know of; it is answered as not understood. It is never asked.
    #[serde(other)]
    Unknown,
}

/// A tick as it travels with a call. It was pushed, or entered by a person: what sources bring is handed to the engine in its own process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedTick {
    ticker: Ticker,
    price: Decimal,
    bid: Option<Decimal>,
    ask: Option<Decimal>,
    volume: Option<Decimal>,
    currency: Option<Currency>,
    previous_close: Option<Decimal>,
    time: Timestamp,
    session: Session,
    #[serde(default)]
    recorded: bool,
    /// What it comes from; programs of before say it of no tick, and know pushed ones alone.
    #[serde(default = "SourceName::pushed")]
    source: SourceName,
}

impl From<Tick> for OrderedTick {
    fn from(tick: Tick) -> Self {
        let Tick { ticker, price, bid, ask, volume, currency, previous_close, time, session, recorded, source, delay_s: _ } =
            tick;
        Self { ticker, price, bid, ask, volume, currency, previous_close, time, session, recorded, source }
    }
}

impl From<OrderedTick> for Tick {
    fn from(tick: OrderedTick) -> Self {
        let OrderedTick { ticker, price, bid, ask, volume, currency, previous_close, time, session, recorded, source } = tick;
        let delay_s = 0;
        Self { ticker, price, bid, ask, volume, currency, previous_close, time, session, recorded, source, delay_s }
    }
}

/// A call on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCall {
    /// The call's name, which is new for each and stands in the answer.
    pub id: String,
    /// The process that asked, and is answered.
    pub worker: String,
    /// The call to the engine.
    #[serde(rename = "order")]
    pub call: EngineCall,
}

/// A worker's way to the engine.
pub(crate) struct RedisCalls {
    address: Address,
    keys: Keys,
    worker: String,
    inbox: Arc<Inbox>,
    board: Arc<Board>,
    link: Mutex<Option<Link>>,
}

impl std::fmt::Debug for RedisCalls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Orders").field("address", &self.address).field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl RedisCalls {
    /// Makes a worker's way to the engine.
    pub(crate) fn new(address: Address, keys: Keys, worker: &str, inbox: Arc<Inbox>, board: Arc<Board>) -> Self {
        Self { address, keys, worker: worker.to_owned(), inbox, board, link: Mutex::new(None) }
    }

    /// Places a call and waits until this worker's replica stands where the answer says.
    async fn place(&self, call: EngineCall, patience: Duration) -> Option<Reply> {
        let placed = async {
            let sent = SentCall { id: uuid::Uuid::now_v7().simple().to_string(), worker: self.worker.clone(), call };
            let mut reply = self.inbox.expect(&sent.id);
            let reply = loop {
                self.add(&sent).await;
                if let Ok(answered) = tokio::time::timeout(AGAIN_AFTER, &mut reply).await {
                    break answered.ok()?;
                }
            };
            self.board.reach(reply.epoch, reply.seq).await;
            Some(reply)
        };
        tokio::time::timeout(patience, placed).await.ok().flatten()
    }

    async fn add(&self, sent: &SentCall) {
        let text = spoken::write(sent);
        let mut add = redis::cmd("XADD");
        add.arg(self.keys.orders()).arg("MAXLEN").arg("~").arg(KEPT).arg("*").arg("order").arg(text);
        // Twice: a connection that was idle may turn out to be gone.
        for _ in 0..2 {
            match self.try_add(&add).await {
                Ok(()) => return self.inbox.troubles.clear(Part::Asking),
                Err(error) => {
                    tracing::debug!("a call did not leave: {}", in_short(&error));
                    let cause = Cause::of(&error);
                    // The connection it failed on was given up.
                    let mut link = if cause.nature == Nature::Standing { self.address.connect().await.ok() } else { None };
                    self.inbox.troubles.note(Part::Asking, cause.with_key(&self.keys, link.as_mut()).await);
                }
            }
        }
    }

    async fn try_add(&self, add: &redis::Cmd) -> redis::RedisResult<()> {
        let connected = self.link.lock().await.clone();
        let mut link = match connected {
            Some(link) => link,
            None => {
                let link = self.address.connect().await?;
                *self.link.lock().await = Some(link.clone());
                link
            }
        };
        let added = add.query_async::<String>(&mut link).await;
        if added.is_err() {
            *self.link.lock().await = None;
        }
        added.map(|_| ())
    }
}

impl EngineCalls for RedisCalls {
    /// Returns when this worker's replica shows it, or after two seconds all the same: the engine finds it in the store then.
    fn send(&self, news: News) -> BoxFuture<'_, Result<(), EngineStopped>> {
        Box::pin(async move {
            let reply = self.place(call_of(news), NEWS_PATIENCE).await;
            if reply.is_none_or(|reply| !reply.understood) {
                tracing::warn!("a stored change is not announced yet; the engine will find it");
            }
            Ok(())
        })
    }

    fn observe(&self, ticks: Vec<Tick>, push: Option<PushKey>) -> BoxFuture<'_, Result<Observed, ObserveError>> {
        Box::pin(async move {
            let ticks = ticks.into_iter().map(OrderedTick::from).collect();
            match self.place(EngineCall::Ticks { ticks, push }, PUSH_PATIENCE).await {
                Some(reply) if !reply.understood => Err(EngineStopped.into()),
                Some(reply) if reply.key_used => Err(KeyUsed.into()),
                Some(reply) if reply.kept => Ok(Observed { accepted: reply.accepted, ignored: reply.ignored }),
                Some(_) => Err(NotKept.into()),
                None => Err(EngineStopped.into()),
            }
        })
    }

    fn flush(&self) -> BoxFuture<'_, Result<(), EngineStopped>> {
        Box::pin(async move { self.place(EngineCall::Flush, NEWS_PATIENCE).await.map(|_| ()).ok_or(EngineStopped) })
    }
}

/// Returns the call that brings news to the engine. It is a hint: the engine reads an alert from the store.
fn call_of(news: News) -> EngineCall {
    match news {
        News::AlertChanged(alert) => EngineCall::Alert { id: alert.id.0, owner: alert.owner },
        News::AlertDeleted(Owned { owner, view: id }) => EngineCall::Alert { id: id.0, owner },
        News::PortfolioChanged(Owned { owner, view }) => EngineCall::PortfolioChanged { view, owner },
        News::PortfolioDeleted(Owned { owner, view }) => EngineCall::PortfolioDeleted { view, owner },
        News::InstrumentChanged(instrument) => EngineCall::InstrumentChanged { instrument },
        News::NotificationRead(Owned { owner, view }) => EngineCall::NotificationRead { view, owner },
        News::JobProgress(Owned { owner, view }) => EngineCall::JobProgress { view: Box::new(view), owner },
    }
}
