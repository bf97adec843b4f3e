//! Fields that may be absent.

use serde::{Deserialize, Deserializer};

/// Reads a field that is present, so that `null` differs from an absent field: where nothing can be removed, `null` is refused.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
