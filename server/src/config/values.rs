//! What options may be set to.

use std::time::Duration;

/// The part that a process has: to serve clients, to be elected as the engine, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything: it serves, and may be elected as the engine.
    All,
    /// Serves pages, streams and commands.
    Web,
    /// May be elected as the engine, and answers operators alone.
    Engine,
}

impl Role {
    /// Returns whether it serves people and programs.
    pub fn serves(self) -> bool {
        self != Self::Engine
    }

    /// Returns whether it may be elected as the engine.
    pub fn stands(self) -> bool {
        self != Self::Web
    }
}

/// What writes the streams of HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum StreamPath {
    /// Threads of our own, each for thousands of them.
    Reactor,
    /// The HTTP library, as it does over HTTP/2.
    Portable,
}

/// How the engine is to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    /// Time between two updates of one price.
    pub frame_interval: Duration,
    /// Time without a tick after which a price is stale.
    pub stale_after: Duration,
    /// How many notifications are kept; the newest stay.
    pub keep_notifications: u32,
    /// How long the engine may take to end. What is not stored by then is given up.
    pub drain: Duration,
}

#[cfg(test)]
impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            frame_interval: Duration::from_millis(250),
            stale_after: Duration::from_secs(60),
            keep_notifications: 10_000,
            drain: Duration::from_secs(2),
        }
    }
}
