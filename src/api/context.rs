//! What the doors know of the request that came through them.

#[cfg(feature = "ssr")]
use {
    super::backend::Backing,
    crate::wire::error::{ApiError, ErrorCode},
    crate::wire::zone::ReaderZone,
    crate::words::{Refusals, Words},
    leptos::prelude::use_context,
};

/// Returns the backend in the name of the request's user, which the router puts into every request's context.
#[cfg(feature = "ssr")]
pub(super) fn backend() -> Result<Backing, ApiError> {
    use_context::<Backing>().ok_or_else(|| ApiError::new(ErrorCode::Internal, Refusals::not_ready()))
}

/// Returns the zone in which the reader's days begin: her browser's, where it has told, or UTC.
#[cfg(feature = "ssr")]
pub(super) fn reader_zone() -> jiff::tz::TimeZone {
    use_context::<ReaderZone>().map_or(jiff::tz::TimeZone::UTC, |zone| zone.rules)
}

/// Says a refusal in the language of the reader, whom the server knows in the context of a page and of a request. In a browser it
/// is said where it is shown.
#[cfg(feature = "ssr")]
pub(super) fn said(refusal: ApiError) -> ApiError {
    match use_context::<Words>() {
        Some(words) => refusal.in_words(words),
        None => refusal,
    }
}

/// Sends a plain form's sender, and a hydrated one, to another page.
#[cfg(feature = "ssr")]
pub(super) fn land_on(path: &str) {
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
