//! The key by which a push is known should it come again.

use serde::{Deserialize, Serialize};

/// What the names of pushes begin with; those of other calls have no colon.
const PREFIX: &str = "push:";

/// The key of a push and what it asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKey {
    /// What its sender wrote as `Idempotency-Key`.
    pub key: String,
    /// A sum over the quotes that are pushed: the same quotes have the same sum, others with the same key are refused.
    pub asked: String,
}

impl PushKey {
    /// Returns the name under which the store keeps how far the push was applied: `push:<sum>:<key>`.
    pub fn name(&self) -> String {
        format!("{PREFIX}{}:{}", self.asked, self.key)
    }

    /// Reads such a name; the names of other calls give none.
    pub fn of(name: &str) -> Option<Self> {
        // A key may hold colons, a sum does not.
        let (asked, key) = name.strip_prefix(PREFIX)?.split_once(':')?;
        Some(Self { key: key.to_owned(), asked: asked.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_the_key_and_the_sum_and_other_orders_have_none() {
        let push = PushKey { key: "a:b:".to_owned(), asked: "c0ffee".to_owned() };
        assert_eq!(PushKey::of(&push.name()), Some(push));
        assert_eq!(PushKey::of(&uuid::Uuid::now_v7().simple().to_string()), None);
    }
}
