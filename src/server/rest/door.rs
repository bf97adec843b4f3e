//! What every handler of the JSON API is given.

use std::sync::Arc;

use crate::server::hub::Hub;
use crate::server::renders::Renders;
use crate::server::secret::Secret;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The door.
    pub hub: Hub,
    /// Where large answers are made.
    pub renders: Renders,
    /// What a push must carry; none refuses every push.
    pub ingest_token: Option<Arc<Secret>>,
}
