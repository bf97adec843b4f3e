//! The store: what must survive, in one SQLite file.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::activity::{Activity, ActivityId};
use crate::domain::alert::{Alert, AlertId, AlertState, Firing};
use crate::domain::instrument::{Instrument, Ticker};
use crate::domain::money::Currency;
use crate::domain::quote::Quote;
use crate::wire::views::{BarView, NotificationView};

mod error;
mod records;

pub use error::StoreError;
pub use records::{
    AllNotificationsRead, FiringOutcome, NewActivity, NewAlert, NotificationRead, Observation, PortfolioRow, StoredFiring,
};

/// The open store; clones share it.
#[derive(Clone, Debug)]
pub struct Store {}

type Result<T> = std::result::Result<T, StoreError>;

#[allow(clippy::unimplemented, clippy::unused_async, unused_variables, missing_docs)]
impl Store {
    pub async fn open(data_dir: &Path) -> Result<Store> { unimplemented!() }
    pub async fn close(&self) { unimplemented!() }
    pub async fn begin_epoch(&self) -> Result<u64> { unimplemented!() }
    pub async fn get_setting(&self, key: &str) -> Result<Option<String>> { unimplemented!() }
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> { unimplemented!() }

    pub async fn portfolios(&self) -> Result<Vec<PortfolioRow>> { unimplemented!() }
    pub async fn portfolio(&self, portfolio_id: &str) -> Result<Option<PortfolioRow>> { unimplemented!() }
    /// `Conflict` when the id is taken, `Limit` at 100.
    pub async fn create_portfolio(&self, portfolio_id: &str, name: &str, currency: Currency, now: Timestamp) -> Result<PortfolioRow> { unimplemented!() }
    pub async fn rename_portfolio(&self, portfolio_id: &str, name: &str) -> Result<PortfolioRow> { unimplemented!() }
    pub async fn delete_portfolio(&self, portfolio_id: &str) -> Result<()> { unimplemented!() }

    /// By time, then id; empty for an unknown portfolio.
    pub async fn activities(&self, portfolio_id: &str) -> Result<Vec<Activity>> { unimplemented!() }
    /// One transaction; numbers in the order given, and the portfolio's new revision.
    pub async fn add_activities(&self, portfolio_id: &str, activities: &[NewActivity]) -> Result<(Vec<ActivityId>, i64)> { unimplemented!() }
    pub async fn replace_activity(&self, portfolio_id: &str, id: ActivityId, activity: &NewActivity) -> Result<i64> { unimplemented!() }
    pub async fn delete_activity(&self, portfolio_id: &str, id: ActivityId) -> Result<i64> { unimplemented!() }

    pub async fn alerts(&self) -> Result<Vec<Alert>> { unimplemented!() }
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>> { unimplemented!() }
    pub async fn create_alert(&self, alert: &NewAlert, now: Timestamp) -> Result<Alert> { unimplemented!() }
    /// `alert.revision` is the expected one; answers the alert at the next. `NotFound`, or `Conflict{current}`.
    /// What it observed stays the newest stored, unless `last_price` is `None` or the ticker differs: then as given.
    pub async fn update_alert(&self, alert: &Alert) -> Result<Alert> { unimplemented!() }
    pub async fn delete_alert(&self, id: AlertId, expected_revision: Option<i64>) -> Result<()> { unimplemented!() }
    /// `None` when the alert is gone or at another revision.
    pub async fn set_alert_state(&self, id: AlertId, expected_revision: i64, state: AlertState) -> Result<Option<Alert>> { unimplemented!() }
    pub async fn observe_prices(&self, observations: &[Observation]) -> Result<()> { unimplemented!() }
    pub async fn record_firing(&self, firing: &Firing, message: &str) -> Result<FiringOutcome> { unimplemented!() }

    /// Ascending.
    pub async fn notifications_after(&self, n: i64, limit: u32) -> Result<Vec<NotificationView>> { unimplemented!() }
    /// Descending.
    pub async fn newest_notifications(&self, limit: u32) -> Result<Vec<NotificationView>> { unimplemented!() }
    /// The newest unread ones, ascending.
    pub async fn unread_newest(&self, limit: u32) -> Result<Vec<NotificationView>> { unimplemented!() }
    pub async fn unread_count(&self) -> Result<i64> { unimplemented!() }
    /// 0 before the first.
    pub async fn last_n(&self) -> Result<i64> { unimplemented!() }
    pub async fn read_notification(&self, n: i64) -> Result<Option<NotificationRead>> { unimplemented!() }
    pub async fn read_all(&self) -> Result<AllNotificationsRead> { unimplemented!() }

    pub async fn instruments(&self) -> Result<Vec<Instrument>> { unimplemented!() }
    pub async fn upsert_instruments(&self, instruments: &[Instrument]) -> Result<()> { unimplemented!() }
    pub async fn quotes(&self) -> Result<Vec<Quote>> { unimplemented!() }
    pub async fn save_quotes(&self, quotes: &[Quote]) -> Result<()> { unimplemented!() }
    pub async fn record_bars(&self, prices: &[(Ticker, Date, Decimal)]) -> Result<()> { unimplemented!() }
    /// Both days included, oldest first.
    pub async fn bars(&self, ticker: &Ticker, from: Date, to: Date) -> Result<Vec<BarView>> { unimplemented!() }
}
