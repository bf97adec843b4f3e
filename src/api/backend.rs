//! What the server does for pages and their forms. The server's hub implements it, in a crate that depends on this one: so a
//! change of the server compiles no page.

use std::ops::Deref;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::tz::TimeZone;

use crate::wire::commands::{
    ActivityDraft, AlertDraft, AlertPatch, DatedPriceDraft, Edit, InstrumentPatch, PortfolioDraft, PortfolioPatch,
};
use crate::wire::error::ApiError;
use crate::wire::ledger::LedgerAddress;
use crate::wire::views::{
    AccountView, ActivityView, AlertPastView, AlertView, InstrumentPageView, InstrumentView, LedgerPageView,
    NotificationReadView, NotificationView, OperationsView, OverviewView, PageView, PerformanceQuery, PerformanceView, PointView,
    PortfolioSummary, PresenceView,
};

/// An answer, or a refusal that says what to do.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ApiError>>;

/// The backend in the name of one user, as the router puts it into the context of each request.
#[derive(Clone)]
pub struct Backing(pub Arc<dyn Backend>);

impl Deref for Backing {
    type Target = dyn Backend;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// Commands and queries in the name of one user.
pub trait Backend: Send + Sync {
    /// Returns what every page needs, at a cursor.
    fn page<'a>(&'a self, portfolio: Option<&'a str>, tickers: &'a [String], metrics: bool) -> Answer<'a, PageView>;

    /// Lists the connected tabs, the longest connected first.
    fn presence(&self) -> Answer<'_, Vec<PresenceView>>;

    /// Returns what every worker said of itself in the last minute.
    fn operations(&self) -> Answer<'_, OperationsView>;

    /// Returns a portfolio's line of today, sparklines and income. Days begin at midnight in `zone`.
    fn overview<'a>(&'a self, portfolio: &'a str, range: Option<&'a str>, zone: &'a TimeZone) -> Answer<'a, OverviewView>;

    /// Returns how a portfolio did over a period.
    fn performance<'a>(&'a self, portfolio: &'a str, query: &'a PerformanceQuery) -> Answer<'a, PerformanceView>;

    /// Returns an instrument with its bars over `range` (`1d`, `1w`, `1m`, `1y`, `5y`), lots and trades.
    fn instrument_page<'a>(
        &'a self,
        ticker: &'a str,
        range: &'a str,
        portfolio: Option<&'a str>,
    ) -> Answer<'a, InstrumentPageView>;

    /// Returns the last close on or before a day, with the beginning of its day.
    fn close_of_day<'a>(&'a self, ticker: &'a str, day: &'a str) -> Answer<'a, Option<PointView>>;

    /// Searches instruments by ticker and name; at most 20.
    fn search<'a>(&'a self, query: &'a str) -> Answer<'a, Vec<InstrumentView>>;

    /// Lists the actor's alerts in every state.
    fn alerts(&self) -> Answer<'_, Vec<AlertView>>;

    /// Returns a year of an instrument's closes with its typical day.
    fn alert_past<'a>(&'a self, ticker: &'a str) -> Answer<'a, AlertPastView>;

    /// Returns when an alert would have fired in the last year.
    fn past_firings(&self, draft: AlertDraft) -> Answer<'_, Vec<PointView>>;

    /// Makes an alert, at most once for a key.
    fn create_alert<'a>(&'a self, draft: AlertDraft, key: Option<&'a str>) -> Answer<'a, AlertView>;

    /// Changes an alert, only at the revision given where one is.
    fn update_alert<'a>(&'a self, id: &'a str, patch: AlertPatch, if_match: Option<i64>) -> Answer<'a, AlertView>;

    /// Deletes an alert, only at the revision given where one is.
    fn delete_alert<'a>(&'a self, id: &'a str, if_match: Option<i64>) -> Answer<'a, ()>;

    /// Lists notifications, newest first: those before `before`, or the newest; all or only those that were not read.
    fn notifications_before(&self, before: Option<i64>, is_unread_only: bool, limit: u32) -> Answer<'_, Vec<NotificationView>>;

    /// Marks a notification as read.
    fn read_notification<'a>(&'a self, id: &'a str) -> Answer<'a, NotificationReadView>;

    /// Deletes a notification, or brings it back.
    fn delete_notification<'a>(&'a self, id: &'a str, is_deleted: bool) -> Answer<'a, ()>;

    /// Enters prices of days.
    fn enter_prices<'a>(&'a self, ticker: &'a str, drafts: &'a [DatedPriceDraft]) -> Answer<'a, ()>;

    /// Describes an instrument.
    fn describe_instrument<'a>(&'a self, ticker: &'a str, patch: InstrumentPatch) -> Answer<'a, ()>;

    /// Keeps a note about an instrument; an empty one is forgotten.
    fn set_instrument_note<'a>(&'a self, ticker: &'a str, note: &'a str) -> Answer<'a, ()>;

    /// Marks every notification as read.
    fn read_all_notifications(&self) -> Answer<'_, ()>;

    /// Makes a portfolio, at most once for a key.
    fn create_portfolio<'a>(&'a self, draft: PortfolioDraft, key: Option<&'a str>) -> Answer<'a, PortfolioSummary>;

    /// Gives a portfolio another name, or sets whether its cash counts.
    fn change_portfolio<'a>(&'a self, portfolio: &'a str, patch: PortfolioPatch) -> Answer<'a, PortfolioSummary>;

    /// Shows a portfolio first from now on.
    fn choose_portfolio<'a>(&'a self, portfolio: &'a str) -> Answer<'a, ()>;

    /// Deletes every portfolio, alert, notification and note of the user.
    fn delete_everything(&self) -> Answer<'_, ()>;

    /// Deletes a portfolio with its ledger.
    fn delete_portfolio<'a>(&'a self, portfolio: &'a str) -> Answer<'a, ()>;

    /// Returns the accounts of a portfolio, each with what is in it.
    fn accounts<'a>(&'a self, portfolio: &'a str) -> Answer<'a, Vec<AccountView>>;

    /// Takes back the newest change of an activity, or brings one back that was deleted; only where the newest change made that revision.
    fn undo_activity<'a>(&'a self, portfolio: &'a str, id: &'a str, if_match: Option<i64>) -> Answer<'a, ActivityView>;

    /// Returns a transaction of a portfolio by its number, where it is there.
    fn transaction<'a>(&'a self, portfolio: &'a str, id: &'a str) -> Answer<'a, Option<ActivityView>>;

    /// Returns a page of a portfolio's transactions, newest first; months and years are those of `zone`.
    fn ledger_page<'a>(
        &'a self,
        portfolio: &'a str,
        address: &'a LedgerAddress,
        zone: &'a TimeZone,
    ) -> Answer<'a, LedgerPageView>;

    /// Takes the answer to the question whether an unknown instrument is added: yes only where it repeats the ticker. A draft
    /// that names an unknown instrument without that answer is refused with the question.
    fn with_asked_instrument<'a>(
        &'a self,
        draft: ActivityDraft,
        answer: Option<&'a str>,
        currency: Option<String>,
    ) -> Answer<'a, ActivityDraft>;

    /// Enters an activity, at most once for a key.
    fn add_activity<'a>(&'a self, portfolio: &'a str, draft: ActivityDraft, key: Option<&'a str>) -> Answer<'a, ActivityView>;

    /// Replaces an activity of a portfolio's ledger.
    fn replace_activity<'a>(
        &'a self,
        portfolio: &'a str,
        id: &'a str,
        draft: ActivityDraft,
        edit: Edit,
    ) -> Answer<'a, ActivityView>;

    /// Deletes an activity, only at the revision given where one is.
    fn delete_activity<'a>(&'a self, portfolio: &'a str, id: &'a str, if_match: Option<i64>) -> Answer<'a, ()>;
}
