//! Creating at most once: a request with a key that has created something already gets the answer it got then.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::error::internal;
use crate::store::{Earlier, Once, StoreError};
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::Refusals;

use super::Acting;

/// The longest key, in characters.
const LONGEST_KEY: usize = 64;

impl Acting {
    /// Takes a request's key, where it has one: visible ASCII, at most 64 characters. `what` and `draft` say what is asked for.
    pub(super) fn once(&self, key: Option<&str>, what: &str, draft: &impl Serialize) -> Result<Option<Once>, ApiError> {
        let Some(key) = key else { return Ok(None) };
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let refusal = ApiError::new(ErrorCode::BadRequest, Refusals::bad_key());
            return Err(ApiError { field: Some("Idempotency-Key".to_owned()), ..refusal });
        }
        let draft = serde_json::to_vec(draft).map_err(|error| internal(&error))?;
        let sum = Sha256::new().chain_update(what).chain_update([0]).chain_update(draft).finalize();
        let asked = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Once { key: key.to_owned(), asked, now: self.now() }))
    }

    /// Returns the answer that an earlier request with the same key got, where there was one.
    pub(super) async fn earlier<T: DeserializeOwned>(&self, once: Option<&Once>) -> Result<Option<T>, ApiError> {
        let Some(once) = once else { return Ok(None) };
        self.store().earlier(once).await?.map(|earlier| same_answer(once, &earlier)).transpose()
    }
}

/// Returns the earlier answer where another request with the same key came first; any other refusal stays one.
pub(super) fn or_earlier<T: DeserializeOwned>(error: StoreError, once: Option<&Once>) -> Result<T, ApiError> {
    match (error, once) {
        (StoreError::Repeated(earlier), Some(once)) => same_answer(once, &earlier),
        (error, _) => Err(error.into()),
    }
}

/// Writes an answer down.
pub(super) fn written(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

fn same_answer<T: DeserializeOwned>(once: &Once, earlier: &Earlier) -> Result<T, ApiError> {
    if earlier.asked != once.asked {
        return Err(ApiError::field("Idempotency-Key", Refusals::key_was_used()));
    }
    serde_json::from_str(&earlier.answer).map_err(|error| internal(&error))
}
