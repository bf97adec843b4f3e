//! The URL of Redis and the authorities for its certificate, as the command line gives them.

use std::path::PathBuf;

use clap::Args;

use crate::secret::Secret;

use super::address::Address;

/// Which Redis, and whom its certificate is believed from.
#[derive(Clone, Debug, Args)]
pub(crate) struct RedisOptions {
    /// Redis that joins several processes to one installation: redis://, rediss://, redis+cluster:// or redis+sentinel://
    #[arg(long, env = "FOLIOSTREAM_REDIS_URL", value_name = "URL", hide_env_values = true)]
    redis_url: Option<Secret>,

    /// File of the authorities, as PEM, that alone may sign the certificate of a rediss:// server [default: the public ones]
    #[arg(long, env = "FOLIOSTREAM_REDIS_CA", value_name = "FILE")]
    redis_ca: Option<PathBuf>,
}

impl RedisOptions {
    /// Returns where Redis is, where one was named; what cannot be read is refused in one line that names the option.
    pub(crate) fn address(&self) -> Result<Option<Address>, String> {
        let Some(url) = &self.redis_url else {
            return if self.redis_ca.is_some() { Err("--redis-ca needs --redis-url".to_owned()) } else { Ok(None) };
        };
        let address = Address::read(url.reveal()).map_err(|reason| format!("--redis-url: {reason}"))?;
        let Some(file) = &self.redis_ca else { return Ok(Some(address)) };
        let at = |reason: String| format!("--redis-ca {}: {reason}", file.display());
        let pem = std::fs::read(file).map_err(|error| at(error.to_string()))?;
        address.trusting(pem).map(Some).map_err(at)
    }
}
