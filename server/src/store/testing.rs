//! What the store's tests share: both databases, new for each test, and the suite that runs on both.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use foliostream::domain::activity::ActivityKind;
use foliostream::domain::alert::{Alert, AlertId, AlertState, Condition, Firing, Memory, Repeat, Rule};
use foliostream::domain::instrument::Ticker;
use foliostream::domain::money::Currency;
use foliostream::domain::quote::{Freshness, Quote, Session};
use foliostream::domain::source::SourceName;
use foliostream::domain::user::UserId;

use super::entry_records::NewActivity;
use super::records::{Decided, NewAlert, NewPortfolio, Observation, Record, Recorded, StoredFiring, Told};
use super::statement::Statement;
use super::{Address, Connections, Personal, Sharing, Store, StoreError};

#[path = "../../../tests/support/postgres.rs"]
pub(crate) mod postgres_server;

use postgres_server::Database;

/// The epoch of a store that no engine has opened.
pub(crate) const EPOCH: u64 = 0;

/// Runs each of these functions of one database on both: the contract of the store.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Kind::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Kind::Postgres).await;
            })+
        }
    };
}
pub(super) use contract;

/// The database that a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// Where a store is, as long as the test needs it.
#[derive(Debug)]
pub(crate) enum Place {
    Folder(TempDir),
    Database(Database),
}

impl Kind {
    /// Makes an empty store in a folder or database of its own.
    pub(crate) async fn store(self) -> (Place, Store) {
        let place = self.place().await;
        let store = place.open().await;
        (place, store)
    }

    /// Makes an empty folder, or a database in which the schema is there already.
    pub(crate) async fn place(self) -> Place {
        match self {
            Self::Sqlite => Place::Folder(tempfile::tempdir().unwrap()),
            Self::Postgres => Place::Database(Database::new(Some(template().await)).await),
        }
    }
}

impl Place {
    /// Returns the address under which a store opens it.
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Folder(folder) => Address::Folder(folder.path().to_owned()),
            Self::Database(database) => database.url().parse().unwrap(),
        }
    }

    /// Opens the store, for one process alone.
    pub(crate) async fn open(&self) -> Store {
        Store::at(&self.address(), Sharing::Alone).await.unwrap()
    }

    /// Opens the store once more, as another process that shares it would.
    pub(crate) async fn share(&self) -> Store {
        Store::at(&self.address(), Sharing::Shared).await.unwrap()
    }
}

/// A database with the schema and nothing else, from which the others are copied: quicker than making the schema each time.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<Database> = OnceCell::const_new();
    let make = async || {
        let database = Database::new(None).await;
        let store = Store::at(&database.url().parse().unwrap(), Sharing::Alone).await.unwrap();
        store.close().await;
        database
    };
    TEMPLATE.get_or_init(make).await.name()
}

/// Changes what the store's own methods do not.
pub(crate) async fn change(store: &Store, statement: Statement) {
    let mut change = store.begin().await.unwrap();
    statement.run(&mut change).await.unwrap();
    change.commit().await.unwrap();
}

/// What became of a firing alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FiringOutcome {
    Stored(Box<StoredFiring>),
    Refused { current: Option<Box<Alert>> },
}

/// Parts of what an engine stores, each alone.
impl Store {
    pub async fn record_firing(&self, epoch: u64, firing: &Firing, message: &str) -> Result<FiringOutcome, StoreError> {
        let records =
            vec![Record::Firing(Box::new((firing.clone(), Told { message: message.to_owned(), currency: Currency::USD })))];
        let mut recorded = self.store_decided(epoch, &Decided { records, ..Decided::default() }).await?;
        Ok(match recorded.pop().unwrap() {
            Recorded::Fired(stored) => FiringOutcome::Stored(stored),
            Recorded::Refused { current, .. } => FiringOutcome::Refused { current },
            Recorded::Changed(alert) => panic!("changed only: {alert:?}"),
        })
    }

    pub async fn set_alert_state(
        &self,
        epoch: u64,
        id: AlertId,
        revision: i64,
        state: AlertState,
        memory: Option<Memory>,
    ) -> Result<Option<Alert>, StoreError> {
        let records = vec![Record::State { id, revision, state, memory }];
        let mut recorded = self.store_decided(epoch, &Decided { records, ..Decided::default() }).await?;
        Ok(match recorded.pop().unwrap() {
            Recorded::Changed(alert) => Some(*alert),
            _ => None,
        })
    }

    pub async fn observe_prices(&self, epoch: u64, observations: &[Observation]) -> Result<(), StoreError> {
        let decided = Decided { observations: observations.to_vec(), ..Decided::default() };
        self.store_decided(epoch, &decided).await.map(drop)
    }

    pub async fn save_quotes(&self, epoch: u64, quotes: &[Quote]) -> Result<(), StoreError> {
        let decided = Decided { quotes: quotes.to_vec(), ..Decided::default() };
        self.store_decided(epoch, &decided).await.map(drop)
    }

    pub async fn record_bars(&self, epoch: u64, bars: &[(Ticker, Date, Decimal)]) -> Result<(), StoreError> {
        let decided = Decided { bars: bars.to_vec(), ..Decided::default() };
        self.store_decided(epoch, &decided).await.map(drop)
    }
}

/// The pools of a store in a file.
pub(crate) fn sqlite(store: &Store) -> &super::sqlite::Connections {
    match store.0.as_ref() {
        Connections::Sqlite(connections) => connections,
        Connections::Postgres(_) | Connections::Still(_) => panic!("not a file"),
    }
}

/// The store of a folder.
pub(crate) async fn open_folder(folder: &TempDir) -> Store {
    Store::open(folder.path(), Sharing::Alone).await.unwrap()
}

/// Texts that break what escapes, cuts or reorders.
pub(crate) const HOSTILE_TEXTS: [&str; 6] = [
    "'; DROP TABLE alerts; --",
    "\"quoted\" and `ticked` \\ %_?1",
    "🧮👩‍👩‍👧 e\u{301}",
    "\u{202e}מחיר السعر",
    "<script>alert(1)</script>",
    "line\r\nbreak\ttab",
];

/// A time, by its second.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// Reads a ticker that is right.
pub(crate) fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

/// A change that a person made at some time.
pub(crate) const CHANGED: (super::EntryChange, Timestamp) = (super::EntryChange::Changed, Timestamp::UNIX_EPOCH);

/// A purchase of AAPL.
pub(crate) fn buy(quantity: &str, price: &str, second: i64) -> NewActivity {
    NewActivity {
        kind: ActivityKind::Buy,
        time: at(second),
        date_only: false,
        ticker: Some(ticker("AAPL")),
        quantity: quantity.parse().unwrap(),
        price: price.parse().unwrap(),
        amount: "0".parse().unwrap(),
        fee: "1.00".parse().unwrap(),
        tax: "0".parse().unwrap(),
        currency: Currency::USD,
        exchange_rate: "0.92".parse().unwrap(),
        exchange_rate_estimated: false,
        converted: false,
        opens_short: false,
        account: None,
        tags: Vec::new(),
        note: None,
    }
}

/// A quote of a market that is closed.
pub(crate) fn quote(text: &str, price: &str) -> Quote {
    Quote {
        ticker: ticker(text),
        price: price.parse().unwrap(),
        bid: None,
        ask: Some("1.10".parse().unwrap()),
        volume: None,
        currency: Currency::GBX,
        previous_close: None,
        time: "2020-01-01T22:02:37.254123Z".parse().unwrap(),
        received_at: at(1),
        session_start: at(0),
        session: Session::Closed,
        freshness: Freshness::Delayed,
        source: SourceName::PUSHED,
        delay_s: 0,
    }
}

/// An armed alert on AAPL.
pub(crate) fn new_alert() -> NewAlert {
    NewAlert {
        rule: rule(Condition::CrossesAbove, "150.00"),
        repeat: Repeat::Once,
        cooldown_s: 0,
        expires_at: None,
        note: None,
        state: AlertState::Armed,
        memory: Memory::default(),
    }
}

/// A rule about AAPL.
pub(crate) fn rule(kind: Condition, threshold: &str) -> Rule {
    Rule::of(kind, ticker("AAPL"), threshold.parse().unwrap())
}

/// What a rule remembers that was shown this price last.
pub(crate) fn seen(last_price: &str, left_level: bool) -> Memory {
    Memory { last_price: Some(last_price.parse().unwrap()), left_level }
}

/// A portfolio that is not stored yet.
pub(crate) fn new_portfolio(
    portfolio_id: &str,
    name: &str,
    currency: Currency,
    track_cash: Option<bool>,
    created_at: Timestamp,
) -> NewPortfolio {
    NewPortfolio { portfolio_id: portfolio_id.to_owned(), name: name.to_owned(), currency, created_at, track_cash }
}

/// Whose everything is in tests that are not about owners.
static OWNER: LazyLock<UserId> = LazyLock::new(UserId::local);

impl Store {
    /// Returns the store as the owner of everything sees it.
    pub fn own(&self) -> Personal<'_> {
        self.of(&OWNER)
    }
}

/// The firing of an alert as it stands.
pub(crate) fn firing(alert: &Alert, price: &str) -> Firing {
    Firing {
        alert_id: alert.id,
        owner: alert.owner.clone(),
        revision: alert.revision,
        ticker: alert.rule.ticker().clone(),
        condition: alert.rule.kind(),
        threshold: alert.rule.threshold(),
        price: price.parse().unwrap(),
        previous_price: Some("149.0".parse().unwrap()),
        time: at(5),
        fired_at: at(6),
        gap: false,
        change_percent: None,
        state_after: AlertState::Triggered,
        memory_after: seen(price, false),
        note: alert.note.clone(),
    }
}
