//! What can be asked: the server functions behind the pages. Each is a door to the `Backend`, like its twin under `/api/v1`;
//! the rules are the backend's. Arguments are flat texts, so that a plain form can post them without wasm.

#![allow(clippy::too_many_arguments, reason = "a form posts as many texts as it has fields")]

#[cfg(feature = "ssr")]
pub(crate) mod answers;
#[cfg(not(feature = "ssr"))]
#[path = "elsewhere.rs"]
pub(crate) mod answers;
#[cfg(feature = "ssr")]
pub mod backend;
mod choices;
pub(crate) mod codec;
mod context;
pub mod error;
mod inbox;
mod ledger;
#[cfg(feature = "ssr")]
mod prices;
#[cfg(feature = "ssr")]
pub mod problem;
pub mod query;
pub mod told;

use leptos::prelude::*;

pub use choices::*;
pub use context::answer_with_status;
pub use inbox::*;
pub use ledger::*;

use codec::Text;

use crate::domain::activity::ActivityKind;
use crate::wire::error::ApiError;
use crate::wire::views::{
    AccountView, ActivityView, AlertPastView, AlertView, InstrumentPageView, InstrumentView, LedgerPageView, NotificationView,
    OperationsView, OverviewView, PageView, PerformanceView, PointView, PortfolioSummary, PresenceView,
};
#[cfg(feature = "ssr")]
use {
    crate::wire::commands::{AlertDraft, AlertPatch, DatedPriceDraft, InstrumentPatch, PortfolioDraft, PortfolioPatch},
    crate::wire::ledger::LedgerAddress,
    context::{backend, land_on, reader_zone, said},
    error::{choice, filled, number, whole},
};

/// Returns what every page needs, at a cursor. `tickers` are followed beside the portfolio's own; with `metrics` the stream
/// also carries how the workers are doing.
#[server(endpoint = "ui/page", output = Text)]
pub async fn page(
    portfolio: Option<String>,
    #[server(default)] tickers: Vec<String>,
    #[server(default)] metrics: bool,
) -> Result<PageView, ApiError> {
    backend()?.page(portfolio.as_deref(), &tickers, metrics).await
}

/// Lists the connected tabs, the longest connected first.
#[server(endpoint = "ui/presence", output = Text)]
pub async fn presence() -> Result<Vec<PresenceView>, ApiError> {
    backend()?.presence().await
}

/// Returns what every worker said of itself in the last minute.
#[server(endpoint = "ui/operations", output = Text)]
pub async fn operations() -> Result<OperationsView, ApiError> {
    backend()?.operations().await
}

/// Returns the overview's chart over `range` (`1d`, `1w`, `1m`, `3m`, `1y`, `all`; without one what suits the portfolio's age), its
/// sparklines and income.
#[server(endpoint = "ui/overview", output = Text)]
pub async fn overview(portfolio: String, #[server(default)] range: Option<String>) -> Result<OverviewView, ApiError> {
    backend()?.overview(&portfolio, range.as_deref(), &reader_zone()).await
}

/// Returns how a portfolio did over a range (`1d`, `1w`, `1m`, `3m`, `ytd`, `1y`, `3y`, `5y`, `all`) or from a first to a last day, beside at
/// most three benchmarks.
#[server(endpoint = "ui/performance", output = Text)]
pub async fn performance(
    portfolio: String,
    #[server(default)] range: Option<String>,
    #[server(default)] from: Option<String>,
    #[server(default)] to: Option<String>,
    #[server(default)] benchmark: Option<String>,
    #[server(default)] account: Option<String>,
    #[server(default)] ticker: Option<String>,
) -> Result<PerformanceView, ApiError> {
    let query = crate::wire::views::PerformanceQuery { range, from, to, benchmark, cost: None, account, ticker };
    backend()?.performance(&portfolio, &query).await
}

/// Returns an instrument with its bars over `range` (`1d`, `1w`, `1m`, `3m`, `1y`, `5y`), lots and trades.
#[server(endpoint = "ui/instrument", output = Text)]
pub async fn instrument(ticker: String, range: String, portfolio: Option<String>) -> Result<InstrumentPageView, ApiError> {
    backend()?.instrument_page(&ticker, &range, portfolio.as_deref()).await
}

/// Enters prices of days for an instrument that no source describes: one of a date, and those of lines, each a day and a price.
#[server(endpoint = "ui/enter_prices", output = Text)]
pub async fn enter_prices(
    ticker: String,
    #[server(default)] date: Option<String>,
    #[server(default)] price: Option<String>,
    #[server(default)] lines: Option<String>,
    #[server(default)] language: Option<String>,
) -> Result<(), ApiError> {
    let mut drafts = Vec::new();
    if let Some(price) = filled(price) {
        let price = number(language.as_deref(), "price", price)?;
        drafts.push(DatedPriceDraft { date: date.unwrap_or_default(), price: Some(price) });
    }
    let has_own = !drafts.is_empty();
    drafts.extend(prices::of_lines(language.as_deref(), lines.as_deref().unwrap_or_default())?);
    backend()?.enter_prices(&ticker, &drafts).await.map_err(|refusal| prices::in_the_form(refusal, has_own))
}

/// Describes an instrument that no source describes.
#[server(endpoint = "ui/describe_instrument", output = Text)]
pub async fn describe_instrument(
    ticker: String,
    name: String,
    class: String,
    #[server(default)] isin: String,
    #[server(default)] sector: String,
    #[server(default)] country: String,
) -> Result<(), ApiError> {
    let class = Some(choice("class", &class)?);
    let patch = InstrumentPatch {
        name: Some(name),
        class,
        isin: Some(isin),
        sector: Some(sector),
        country: Some(country),
        ..InstrumentPatch::default()
    };
    backend()?.describe_instrument(&ticker, patch).await
}

/// Keeps a note about an instrument in place of the one before; an empty one is forgotten.
#[server(endpoint = "ui/set_instrument_note", output = Text)]
pub async fn set_instrument_note(ticker: String, #[server(default)] note: String) -> Result<(), ApiError> {
    backend()?.set_instrument_note(&ticker, &note).await
}

/// Returns the last close of an instrument on or before a day, such as `2026-11-02`, with the beginning of its day; nothing where none is
/// known within a week.
#[server(endpoint = "ui/close_of_day", output = Text)]
pub async fn close_of_day(ticker: String, day: String) -> Result<Option<PointView>, ApiError> {
    backend()?.close_of_day(&ticker, &day).await
}

/// Searches instruments by ticker and name; at most 20.
#[server(endpoint = "ui/search", output = Text)]
pub async fn search(query: String) -> Result<Vec<InstrumentView>, ApiError> {
    backend()?.search(&query).await
}

/// Lists the actor's alerts in every state.
#[server(endpoint = "ui/alerts", output = Text)]
pub async fn alerts() -> Result<Vec<AlertView>, ApiError> {
    backend()?.alerts().await
}

/// Returns a year of an instrument's closes with its typical day, for the form of an alert.
#[server(endpoint = "ui/alert_past", output = Text)]
pub async fn alert_past(ticker: String) -> Result<AlertPastView, ApiError> {
    backend()?.alert_past(&ticker).await
}

/// Returns when an alert that fires every time would have fired in the last year; nothing is made.
#[server(endpoint = "ui/past_firings", output = Text)]
pub async fn past_firings(
    ticker: String,
    condition: String,
    threshold: String,
    #[server(default)] cooldown_s: Option<String>,
) -> Result<Vec<PointView>, ApiError> {
    let condition = Some(choice("condition", &condition)?);
    let cooldown_s = filled(cooldown_s).map(|text| whole("cooldown_s", &text)).transpose()?.unwrap_or_default();
    let draft = AlertDraft { ticker: Some(ticker), condition, threshold: Some(threshold), cooldown_s, ..AlertDraft::default() };
    backend()?.past_firings(draft).await
}

/// Makes an alert, which watches from the answer on.
#[server(endpoint = "ui/create_alert", output = Text)]
pub async fn create_alert(
    ticker: String,
    condition: String,
    threshold: String,
    #[server(default)] note: Option<String>,
    #[server(default)] repeat: Option<String>,
    #[server(default)] cooldown_s: Option<String>,
    #[server(default)] expires_at: Option<String>,
    #[server(default)] key: Option<String>,
    #[server(default)] language: Option<String>,
) -> Result<AlertView, ApiError> {
    let threshold = number(language.as_deref(), "threshold", threshold)?;
    let draft = AlertDraft {
        ticker: Some(ticker),
        condition: Some(choice("condition", &condition)?),
        threshold: Some(threshold),
        note,
        repeat: filled(repeat).map(|text| choice("repeat", &text)).transpose()?.unwrap_or_default(),
        cooldown_s: filled(cooldown_s).map(|text| whole("cooldown_s", &text)).transpose()?.unwrap_or_default(),
        expires_at: filled(expires_at),
        ..AlertDraft::default()
    };
    backend()?.create_alert(draft, filled(key).as_deref()).await
}

/// Changes an alert; `revision` is the one the form was made from, so that no change by another person is overwritten unseen.
#[server(endpoint = "ui/update_alert", output = Text)]
pub async fn update_alert(
    id: String,
    revision: i64,
    condition: String,
    threshold: String,
    #[server(default)] note: Option<String>,
    #[server(default)] repeat: Option<String>,
    #[server(default)] cooldown_s: Option<String>,
    #[server(default)] expires_at: Option<String>,
    #[server(default)] language: Option<String>,
) -> Result<AlertView, ApiError> {
    let patch = AlertPatch {
        condition: Some(choice("condition", &condition)?),
        threshold: Some(number(language.as_deref(), "threshold", threshold)?),
        note: Some(filled(note)),
        repeat: filled(repeat).map(|text| choice("repeat", &text)).transpose()?,
        cooldown_s: filled(cooldown_s).map(|text| whole("cooldown_s", &text)).transpose()?,
        expires_at: Some(filled(expires_at)),
        ..AlertPatch::default()
    };
    let alert = backend()?.update_alert(&id, patch, Some(revision)).await?;
    land_on("/alerts");
    Ok(alert)
}

/// Pauses an alert, or arms it again (also one that has triggered).
#[server(endpoint = "ui/pause_alert", output = Text)]
pub async fn pause_alert(id: String, paused: bool) -> Result<AlertView, ApiError> {
    backend()?.update_alert(&id, AlertPatch { paused: Some(paused), ..AlertPatch::default() }, None).await
}

/// Marks an alert's last firing as seen.
#[server(endpoint = "ui/acknowledge_alert", output = Text)]
pub async fn acknowledge_alert(id: String) -> Result<AlertView, ApiError> {
    backend()?.update_alert(&id, AlertPatch { acknowledged: Some(true), ..AlertPatch::default() }, None).await
}

/// Deletes an alert, whatever its revision.
#[server(endpoint = "ui/delete_alert", output = Text)]
pub async fn delete_alert(id: String) -> Result<(), ApiError> {
    backend()?.delete_alert(&id, None).await
}

/// Lists notifications, newest first: those before `before`, or the newest; with `unread` only those that were not read; at most 50.
#[server(endpoint = "ui/notifications", output = Text)]
pub async fn notifications(before: Option<i64>, #[server(default)] unread: bool) -> Result<Vec<NotificationView>, ApiError> {
    backend()?.notifications_before(before, unread, 50).await
}

/// Makes a portfolio and shows its empty ledger.
#[server(endpoint = "ui/create_portfolio", output = Text)]
pub async fn create_portfolio(
    name: String,
    currency: String,
    #[server(default)] key: Option<String>,
) -> Result<PortfolioSummary, ApiError> {
    let draft = PortfolioDraft { name, currency, track_cash: None };
    let portfolio = backend()?.create_portfolio(draft, filled(key).as_deref()).await?;
    land_on(&format!("/activity?portfolio={}", portfolio.portfolio_id));
    Ok(portfolio)
}

/// Gives a portfolio another name.
#[server(endpoint = "ui/rename_portfolio", output = Text)]
pub async fn rename_portfolio(portfolio: String, name: String) -> Result<PortfolioSummary, ApiError> {
    backend()?.change_portfolio(&portfolio, PortfolioPatch { name: Some(name), track_cash: None }).await
}

/// Sets whether a portfolio's cash counts.
#[server(endpoint = "ui/track_cash", output = Text)]
pub async fn track_cash(portfolio: String, tracked: bool) -> Result<PortfolioSummary, ApiError> {
    backend()?.change_portfolio(&portfolio, PortfolioPatch { name: None, track_cash: Some(tracked) }).await
}

/// Deletes a portfolio with its ledger.
#[server(endpoint = "ui/delete_portfolio", output = Text)]
pub async fn delete_portfolio(portfolio: String) -> Result<(), ApiError> {
    backend()?.delete_portfolio(&portfolio).await?;
    land_on("/");
    Ok(())
}

/// Returns a page of a portfolio's transactions, newest first, counted from 1: those that the filters leave
/// ([`LedgerAddress`](crate::wire::ledger::LedgerAddress)).
#[server(endpoint = "ui/ledger", output = Text)]
pub async fn ledger(
    portfolio: String,
    page: i64,
    #[server(default)] text: String,
    #[server(default)] kind: Option<ActivityKind>,
    #[server(default)] ticker: String,
    #[server(default)] period: String,
    #[server(default)] incomplete: bool,
    #[server(default)] account: String,
    #[server(default)] tag: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] sort: String,
) -> Result<LedgerPageView, ApiError> {
    let address = LedgerAddress { page, text, kind, ticker, period, incomplete, account, tag, from, to, sort };
    backend()?.ledger_page(&portfolio, &address, &reader_zone()).await
}

/// Returns the accounts of a portfolio in the order they were made.
#[server(endpoint = "ui/accounts", output = Text)]
pub async fn accounts(portfolio: String) -> Result<Vec<AccountView>, ApiError> {
    backend()?.accounts(&portfolio).await
}

/// Returns a transaction of a portfolio by its number, where it is there.
#[server(endpoint = "ui/transaction", output = Text)]
pub async fn transaction(portfolio: String, id: String) -> Result<Option<ActivityView>, ApiError> {
    backend()?.transaction(&portfolio, &id).await
}
