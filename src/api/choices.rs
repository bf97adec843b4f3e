//! What a reader chooses for this browser.

use leptos::prelude::*;

use super::codec::Text;
use crate::wire::error::ApiError;
#[cfg(feature = "ssr")]
use {
    super::context::{backend, land_on},
    super::error::filled,
    crate::wire::zone::zone_choice_cookie,
    crate::words::formats::{DateForm, Formats, NumberForm},
    crate::words::{Answers, Language},
};

/// Writes pages in another language for this browser from now on.
#[server(endpoint = "ui/choose_language", output = Text)]
pub async fn choose_language(language: String) -> Result<(), ApiError> {
    let chosen = Language::of_code(&language).ok_or_else(|| ApiError::field("language", Answers::choose_from_the_list()))?;
    set_cookie(&chosen.cookie());
    Ok(())
}

/// Writes numbers and dates in other forms for this browser from now on; an empty one is that of the language.
#[server(endpoint = "ui/choose_formats", output = Text)]
pub async fn choose_formats(#[server(default)] numbers: String, #[server(default)] dates: String) -> Result<(), ApiError> {
    let refused = |field: &'static str| move || ApiError::field(field, Answers::choose_from_the_list());
    let numbers = filled(Some(numbers)).map(|word| NumberForm::of_word(&word).ok_or_else(refused("numbers"))).transpose()?;
    let dates = filled(Some(dates)).map(|word| DateForm::of_word(&word).ok_or_else(refused("dates"))).transpose()?;
    set_cookie(&Formats { numbers, dates }.cookie());
    land_on("/settings#preferences");
    Ok(())
}

/// Writes times in another zone for this browser from now on; an empty one is the browser's own.
#[server(endpoint = "ui/choose_zone", output = Text)]
pub async fn choose_zone(#[server(default)] zone: String) -> Result<(), ApiError> {
    let zone = filled(Some(zone));
    if zone.as_deref().is_some_and(|name| jiff::tz::TimeZone::get(name).is_err()) {
        return Err(ApiError::field("zone", Answers::no_such_zone()));
    }
    set_cookie(&zone_choice_cookie(zone.as_deref()));
    land_on("/settings#preferences");
    Ok(())
}

/// Shows a portfolio first from now on.
#[server(endpoint = "ui/choose_portfolio", output = Text)]
pub async fn choose_portfolio(portfolio: String) -> Result<(), ApiError> {
    backend()?.choose_portfolio(&portfolio).await
}

/// Deletes every portfolio, alert, notification and note, where `sure` says so.
#[server(endpoint = "ui/delete_everything", output = Text)]
pub async fn delete_everything(#[server(default)] sure: Option<String>) -> Result<(), ApiError> {
    if sure.as_deref() != Some("yes") {
        return Err(ApiError::field("sure", Answers::say_that_you_are_sure()));
    }
    backend()?.delete_everything().await
}

/// Has the browser keep something.
#[cfg(feature = "ssr")]
fn set_cookie(cookie: &str) {
    if let (Some(options), Ok(cookie)) = (use_context::<leptos_axum::ResponseOptions>(), cookie.parse()) {
        options.append_header(axum::http::header::SET_COOKIE, cookie);
    }
}
