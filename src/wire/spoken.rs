//! How processes speak to each other: JSON that says in which version it is, and a reader that knows what it does not know.
//!
//! A version is raised when a process of the one before could misunderstand; a new field or a new kind of event does not raise
//! it: the one is skipped, the other has a number and no effect.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version this program speaks and follows. Messages that do not say any are of the first.
pub const VERSION: u32 = 1;

fn first() -> u32 {
    1
}

/// A message with the version it is in.
#[derive(Serialize)]
struct Spoken<'a, T> {
    v: u32,
    #[serde(flatten)]
    message: &'a T,
}

/// All that is read of a message before its version is known.
#[derive(Deserialize)]
struct Said {
    #[serde(default = "first")]
    v: u32,
}

/// Why a message was not understood.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    /// It is in a version this program does not speak.
    #[error("it is in version {0}, and this program speaks version {VERSION}")]
    Version(u32),
    /// It is no message, or not of the shape.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
}

/// Writes a message in the version of this program.
///
/// ```
/// use foliostream::wire::{epoch::Epoch, spoken};
/// assert_eq!(spoken::write(&Epoch::from(3)), r#"{"v":1,"epoch":3}"#);
/// ```
pub fn write<T: Serialize>(message: &T) -> String {
    serde_json::to_string(&Spoken { v: VERSION, message }).expect("messages are objects with text keys and finite numbers")
}

/// Reads a message; first of all whether it is in a version that is understood.
///
/// ```
/// use foliostream::wire::{epoch::Epoch, spoken::{self, Unheard}};
/// assert_eq!(spoken::read::<Epoch>(br#"{"epoch":3}"#).expect("the first version"), Epoch::from(3));
/// assert!(matches!(spoken::read::<Epoch>(br#"{"v":2,"term":"x"}"#), Err(Unheard::Version(2))));
/// assert!(matches!(spoken::read::<Epoch>(b"{"), Err(Unheard::Malformed(_))));
/// ```
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unheard> {
    let said: Said = serde_json::from_slice(bytes)?;
    if said.v != VERSION {
        return Err(Unheard::Version(said.v));
    }
    Ok(serde_json::from_slice(bytes)?)
}
