//! What every handler of the JSON API is given.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::actor::actor_of;
use crate::hub::{Acting, Hub};
use crate::renders::Renders;
use crate::secret::Secret;

/// The state that every handler of the API is given.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The hub, where every command and query ends.
    pub hub: Hub,
    /// Makes large answers, a bounded number at a time.
    pub renders: Renders,
    /// What a push must carry; none refuses every push.
    pub ingest_token: Option<Arc<Secret>>,
}

/// The hub on behalf of the actor who sent the request. Handlers have no other way to it.
impl FromRequestParts<Rest> for Acting {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, rest: &Rest) -> Result<Self, Infallible> {
        Ok(rest.hub.acting(actor_of(&parts.headers)))
    }
}
