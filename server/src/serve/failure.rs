//! Why a server could not run.

use std::io;

use crate::config::EXIT_USAGE;
use crate::feed::SourceError;
use crate::store::StoreError;

/// Why a server could not run; each is one line.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory, or the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source of prices: a replay's file.
    #[error("--feed: {0}")]
    Source(#[from] SourceError),
    /// The site folder lacks what the server needs, or cannot be read.
    #[error("{0}")]
    Site(String),
    /// Another process began its own term in this process's database.
    #[error("another process has taken this database over; several share one only with --redis-url")]
    TakenOver,
    /// Redis cannot be used: its URL is wrong, or it is too old, or it refuses.
    #[error("--redis-url: {0}")]
    Redis(String),
    /// The certificate or its key.
    #[error("{0}")]
    Tls(String),
    /// Threads or files for the streams.
    #[error("streams cannot be written: {0}")]
    Reactors(io::Error),
    /// The address cannot be listened on.
    #[error("--listen {address}: {cause}")]
    Listen {
        /// The address that `--listen` names.
        address: std::net::SocketAddr,
        /// The error of the operating system.
        cause: io::Error,
    },
}

impl ServeError {
    /// Returns the exit code: 64 for a wrong option, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Source(_) | Self::Site(_) | Self::Redis(_) | Self::Tls(_) | Self::Store(StoreError::Refused { .. }) => {
                EXIT_USAGE
            }
            _ => 1,
        }
    }
}
