//! Transactions: saved and deleted.

use leptos::prelude::*;

use super::codec::Text;
use crate::wire::error::ApiError;
use crate::wire::views::ActivityView;
#[cfg(feature = "ssr")]
use {
    super::context::{backend, land_on},
    super::error::{choice, filled, number},
    crate::domain::activity::ActivityKind,
    crate::wire::commands::{ActivityDraft, Edit},
    crate::wire::error::ErrorCode,
    crate::words::Refusals,
};

/// Adds a transaction, at most once for a `key`, or replaces `activity` at the `revision` the form was made from. Fields that the kind does
/// not have are left out: a form without scripts sends them too.
///
/// An opening balance or a transfer is of money with `of_money`, and of units without; other kinds do not look at it.
///
/// `rate_before` is the broker's rate that the form showed: where the reader takes it out, the day's rate is read again. An instrument that is not known is
/// added where `add_instrument` repeats its ticker, in `currency` or else in `instrument_currency`. With `another` the form opens again;
/// `list` is the part of the list from which it was opened.
#[server(endpoint = "ui/save_activity", output = Text)]
pub async fn save_activity(
    portfolio: String,
    kind: String,
    time: String,
    #[server(default)] of_money: Option<String>,
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
    #[server(default)] account: Option<String>,
    #[server(default)] tags: Option<String>,
    #[server(default)] note: Option<String>,
    #[server(default)] language: Option<String>,
    #[server(default)] another: Option<String>,
    #[server(default)] list: Option<String>,
) -> Result<ActivityView, ApiError> {
    let read: ActivityKind = choice("kind", &kind)?;
    let is_money = filled(of_money).is_some();
    let figures = read.figures_with(!is_money);
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
        // A form without these fields leaves them as they are.
        account,
        tags: tags.map(|tags| tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()),
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
    let list = filled(list).filter(|list| is_own_address(list));
    let list = list.unwrap_or_else(|| format!("/activity?portfolio={portfolio}"));
    let joint = if list.contains('?') { '&' } else { '?' };
    // Another page has the sheet over it, and no row of what was saved.
    let shown = if list.starts_with("/activity") {
        format!("{joint}saved={}{next}", saved.activity_id)
    } else {
        next.replacen('&', &joint.to_string(), 1)
    };
    land_on(&format!("{list}{shown}"));
    Ok(saved)
}

/// Returns whether a text is an address of this site, which a form may lead to: `//` and `/\` lead elsewhere, and what a header cannot
/// hold would break the answer.
#[cfg(feature = "ssr")]
fn is_own_address(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.contains('\\') && text.bytes().all(|byte| byte.is_ascii_graphic())
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

/// Takes back the newest change of a transaction, which made `revision`, or brings back one that was deleted.
#[server(endpoint = "ui/undo_activity", output = Text)]
pub async fn undo_activity(
    portfolio: String,
    activity: String,
    #[server(default)] revision: Option<String>,
) -> Result<ActivityView, ApiError> {
    let if_match = filled(revision).and_then(|text| text.parse().ok());
    backend()?.undo_activity(&portfolio, &activity, if_match).await
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
