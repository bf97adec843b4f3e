//! What becomes of ticks that are handed to the engine, and why it may not answer.

/// What became of ticks that were handed to the engine together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The number of ticks that the engine observed.
    pub accepted: usize,
    /// How many it ignored: older than the newest quote of their ticker, or of a price that is not above zero.
    pub ignored: usize,
}

/// The disk refused to keep what was pushed. It is tried again until it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the prices were seen but could not be stored; they are tried again, and the operator finds why in the log")]
pub struct NotKept;

/// The key was used for another push, of which it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this Idempotency-Key was used for another push; send a new key with a new push")]
pub struct KeyUsed;

/// The engine has stopped, because the server is going; or it is another process, and nothing is heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine did not answer; what was sent may be taken all the same")]
pub struct EngineStopped;

/// Why ticks cannot be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// The engine did not see them.
    #[error(transparent)]
    Stopped(#[from] EngineStopped),
    /// They count, but a power cut now would lose them.
    #[error(transparent)]
    NotKept(#[from] NotKept),
    /// Another push came with their key.
    #[error(transparent)]
    KeyUsed(#[from] KeyUsed),
}
