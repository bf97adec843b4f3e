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
pub(crate) mod codec;
pub mod error;
#[cfg(feature = "ssr")]
pub mod problem;
pub mod query;
pub mod told;

use leptos::prelude::*;

use codec::Text;

use crate::domain::activity::ActivityKind;
use crate::wire::error::ApiError;
use crate::wire::views::{
    ActivityView, AlertView, InstrumentPageView, InstrumentView, LedgerPageView, NotificationView, OperationsView, OverviewView,
    PageView, PortfolioSummary, PresenceView,
};
#[cfg(feature = "ssr")]
use {
    crate::wire::commands::{ActivityDraft, AlertDraft, AlertPatch, Edit, PortfolioDraft, PortfolioPatch},
    crate::wire::error::ErrorCode,
    crate::wire::ledger::LedgerAddress,
    crate::wire::zone::ReaderZone,
    crate::words::{Answers, Language, Refusals, Words},
    backend::Backing,
    error::{choice, filled, number, whole},
};

/// Returns the backend in the name of the request's user, which the router puts into every request's context.
#[cfg(feature = "ssr")]
fn backend() -> Result<Backing, ApiError> {
    use_context::<Backing>().ok_or_else(|| ApiError::new(ErrorCode::Internal, Refusals::not_ready()))
}

/// Returns the zone in which the reader's days begin: her browser's, where it has told, or UTC.
#[cfg(feature = "ssr")]
fn reader_zone() -> jiff::tz::TimeZone {
    use_context::<ReaderZone>().map_or(jiff::tz::TimeZone::UTC, |zone| zone.rules)
}

/// Says a refusal in the language of the reader, whom the server knows in the context of a page and of a request. In a browser it
/// is said where it is shown.
#[cfg(feature = "ssr")]
fn said(refusal: ApiError) -> ApiError {
    match use_context::<Words>() {
        Some(words) => refusal.in_words(words),
        None => refusal,
    }
}

/// Sends a plain form's sender, and a hydrated one, to another page.
#[cfg(feature = "ssr")]
fn land_on(path: &str) {
    leptos_axum::redirect(path);
}

/// Gives the page being rendered an HTTP status other than 200; in a browser there is none to give.
#[cfg(feature = "ssr")]
pub fn answer_with_status(status: u16) {
    if let (Some(options), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), axum::http::StatusCode::from_u16(status))
    {
        options.set_status(status);
    }
}

/// Gives the page being rendered an HTTP status other than 200; in a browser there is none to give.
#[cfg(not(feature = "ssr"))]
pub fn answer_with_status(_status: u16) {}

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

/// Returns an instrument with its bars over `range` (`1d`, `1w`, `1m`, `3m`, `1y`, `5y`), lots and trades.
#[server(endpoint = "ui/instrument", output = Text)]
pub async fn instrument(ticker: String, range: String, portfolio: Option<String>) -> Result<InstrumentPageView, ApiError> {
    backend()?.instrument_page(&ticker, &range, portfolio.as_deref()).await
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

/// Marks a notification as read.
#[server(endpoint = "ui/read_notification", output = Text)]
pub async fn read_notification(id: String) -> Result<(), ApiError> {
    backend()?.read_notification(&id).await.map(drop)
}

/// Marks every notification as read.
#[server(endpoint = "ui/read_all_notifications", output = Text)]
pub async fn read_all_notifications() -> Result<(), ApiError> {
    backend()?.read_all_notifications().await
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
) -> Result<LedgerPageView, ApiError> {
    let address = LedgerAddress { page, text, kind, ticker, period, incomplete };
    backend()?.ledger_page(&portfolio, &address, &reader_zone()).await
}

/// Returns a transaction of a portfolio by its number, where it is there.
#[server(endpoint = "ui/transaction", output = Text)]
pub async fn transaction(portfolio: String, id: String) -> Result<Option<ActivityView>, ApiError> {
    backend()?.transaction(&portfolio, &id).await
}

/// Adds a transaction, at most once for a `key`, or replaces `activity` at the `revision` the form was made from. Fields that the kind does
/// not have are left out: a form without scripts sends them too.
///
/// `rate_before` is the broker's rate that the form showed: where the reader takes it out, the day's rate is read again. An instrument that is not known is
/// added where `add_instrument` repeats its ticker, in `currency` or else in `instrument_currency`. With `another` the form opens again;
/// `list` is the part of the list from which it was opened.
#[server(endpoint = "ui/save_activity", output = Text)]
pub async fn save_activity(
    portfolio: String,
    kind: String,
    time: String,
    #[server(default)] activity: Option<String>,
    #[server(default)] revision: Option<String>,
    #[server(default)] key: Option<String>,
    #[server(default)] rate_before: Option<String>,
    #[server(default)] add_instrument: Option<String>,
    #[server(default)] instrument_currency: Option<String>,
    #[server(default)] ticker: Option<String>,
    #[server(default)] quantity: Option<String>,
    #[server(default)] price: Option<String>,
    #[server(default)] amount: Option<String>,
    #[server(default)] fee: Option<String>,
    #[server(default)] tax: Option<String>,
    #[server(default)] currency: Option<String>,
    #[server(default)] exchange_rate: Option<String>,
    #[server(default)] opens_short: Option<String>,
    #[server(default)] note: Option<String>,
    #[server(default)] language: Option<String>,
    #[server(default)] another: Option<String>,
    #[server(default)] list: Option<String>,
) -> Result<ActivityView, ApiError> {
    let read: ActivityKind = choice("kind", &kind)?;
    let figures = read.figures();
    let text = |is_asked: bool, text: Option<String>| filled(text).filter(|_| is_asked);
    // A number that cannot be read in the form's language is one that nobody can read: so all faults are found together.
    let mut misread = Vec::new();
    let mut typed = |is_asked: bool, field, typed: Option<String>| {
        let mut read = |text| number(language.as_deref(), field, text).map_err(|refusal| misread.push(refusal));
        text(is_asked, typed).map(|text| read(text).unwrap_or_else(|()| "?".to_owned()))
    };
    let draft = ActivityDraft {
        kind: read,
        time: time.trim().to_owned(),
        ticker: text(figures.ticker, ticker),
        quantity: typed(figures.quantity, "quantity", quantity),
        price: typed(figures.price, "price", price),
        amount: typed(figures.amount.is_some(), "amount", amount),
        fee: typed(figures.charges, "fee", fee),
        tax: typed(figures.charges, "tax", tax),
        currency: text(figures.money, currency),
        exchange_rate: typed(figures.money, "exchange_rate", exchange_rate),
        opens_short: Some(text(figures.opens_short, opens_short).is_some()),
        note: filled(note),
    };
    let backend = backend()?;
    let asked = backend.with_asked_instrument(draft, filled(add_instrument).as_deref(), filled(instrument_currency)).await;
    let in_its_words = |refusal| overlaid(refusal, &misread);
    let draft = asked.map_err(in_its_words)?;
    let saved = match filled(activity) {
        Some(id) => {
            let if_match = filled(revision).map(|text| text.parse()).transpose();
            let if_match = if_match.map_err(|_| ApiError::new(ErrorCode::BadRequest, Refusals::revision_is_whole()))?;
            let edit = Edit { if_match, reads_rate_anew: filled(rate_before).is_some() };
            backend.replace_activity(&portfolio, &id, draft, edit).await.map_err(in_its_words)?
        }
        None => backend.add_activity(&portfolio, draft, filled(key).as_deref()).await.map_err(in_its_words)?,
    };
    let day = saved.date.map_or_else(|| saved.time.to_string(), |date| date.to_string());
    let next = filled(another).map(|_| format!("&add={kind}&on={day}")).unwrap_or_default();
    // What a header cannot hold would break the answer.
    let is_address = |list: &String| list.starts_with("/activity?") && list.bytes().all(|byte| byte.is_ascii_graphic());
    let list = filled(list).filter(is_address);
    let list = list.unwrap_or_else(|| format!("/activity?portfolio={portfolio}"));
    land_on(&format!("{list}&saved={}{next}", saved.activity_id));
    Ok(saved)
}

/// Says of the numbers that could not be read in the form's language why, and adds those that were not looked at.
#[cfg(feature = "ssr")]
fn overlaid(refusal: ApiError, misread: &[ApiError]) -> ApiError {
    let is_own = misread.iter().any(|own| own.field == refusal.field);
    let first = if is_own { misread.iter().find(|own| own.field == refusal.field).cloned() } else { None };
    let others = refusal.others().iter().map(|fault| {
        let own = misread.iter().find(|own| own.field.as_deref() == Some(&fault.field)).cloned();
        let told = || ApiError { sentence: fault.sentence.clone(), ..ApiError::field(&fault.field, fault.message.as_str()) };
        own.unwrap_or_else(told)
    });
    let others: Vec<ApiError> = others.chain(misread.iter().cloned()).collect();
    let first = first.unwrap_or(ApiError { also: None, ..refusal });
    ApiError::joined(std::iter::once(first).chain(others)).unwrap_or_else(|| ApiError::new(ErrorCode::Internal, ""))
}

/// Deletes an activity from a portfolio's ledger.
#[server(endpoint = "ui/delete_activity", output = Text)]
pub async fn delete_activity(
    portfolio: String,
    activity: String,
    #[server(default)] revision: Option<String>,
) -> Result<(), ApiError> {
    let if_match = filled(revision).and_then(|text| text.parse().ok());
    backend()?.delete_activity(&portfolio, &activity, if_match).await
}

/// Writes pages in another language for this browser from now on.
#[server(endpoint = "ui/choose_language", output = Text)]
pub async fn choose_language(language: String) -> Result<(), ApiError> {
    let chosen = Language::of_code(&language).ok_or_else(|| ApiError::field("language", Answers::choose_from_the_list()))?;
    if let (Some(options), Ok(cookie)) = (use_context::<leptos_axum::ResponseOptions>(), chosen.cookie().parse()) {
        options.append_header(axum::http::header::SET_COOKIE, cookie);
    }
    Ok(())
}
