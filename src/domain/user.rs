//! Users: whose things are, and who acts.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest id of a user, in bytes.
const LONGEST: usize = 64;

/// The user of an installation without sign-in, who owns everything there is.
const LOCAL: &str = "local";

/// The id of a user: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`, so that it can stand in a key of Redis and in an address.
///
/// ```
/// use foliostream::domain::user::UserId;
/// assert_eq!(UserId::local().as_str(), "local");
/// assert!("anna.b-2".parse::<UserId>().is_ok());
/// for wrong in ["", "Anna", "a b", "a:b", "a*"] {
///     assert!(wrong.parse::<UserId>().is_err(), "{wrong}");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(Arc<str>);

/// A text that is no id of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's id has 1 to 64 of a-z, 0-9, dot, underscore and hyphen")]
pub struct UserIdError;

impl UserId {
    /// Returns the user of an installation without sign-in.
    pub fn local() -> Self {
        Self(LOCAL.into())
    }

    /// Returns the id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserId {
    type Err = UserIdError;

    fn from_str(text: &str) -> Result<Self, UserIdError> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_allowed) { Ok(Self(text.into())) } else { Err(UserIdError) }
    }
}

impl TryFrom<String> for UserId {
    type Error = UserIdError;

    fn try_from(text: String) -> Result<Self, UserIdError> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The user on whose behalf a command is given, a question asked or a stream opened. Without one there is no way to any of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The user whose things are read and changed.
    pub user: UserId,
}

impl Actor {
    /// Returns the actor of an installation without sign-in.
    pub fn local() -> Self {
        Self { user: UserId::local() }
    }
}
