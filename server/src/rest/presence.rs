//! `/presence`: who is connected.

use serde::Deserialize;

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::PresenceView;

use crate::extract::Query;
use crate::hub::Acting;
use foliostream::words::Refusals;

/// The query of the list: the tab that asks, which the list marks.
#[derive(Debug, Deserialize)]
pub(crate) struct Asking {
    client: Option<String>,
}

/// Lists the connected tabs, the longest connected first.
#[utoipa::path(get, path = "/api/v1/presence", tag = "presence",
    params(("client" = Option<String>, Query, description = "the tab that asks, a UUID; it is marked with `this`")),
    responses((status = 200, body = [PresenceView]), (status = 400, description = "client is no UUID")))]
pub(crate) async fn list(acting: Acting, Query(asking): Query<Asking>) -> Result<axum::Json<Vec<PresenceView>>, ApiError> {
    let this = asking.client.map(|text| text.parse()).transpose().map_err(|_| ApiError {
        field: Some("client".to_owned()),
        ..ApiError::new(ErrorCode::BadRequest, Refusals::client_is_a_uuid())
    })?;
    Ok(axum::Json(acting.presence(this).await))
}
