//! Connections to what an [`Address`] names: one server, a Cluster, or whatever Sentinels call the master, behind one type.

use std::time::Duration;

use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, Pipeline, ProtocolVersion, RedisFuture, TlsMode,
    ToRedisArgs, Value,
};

use super::address::{Address, Kind};

/// The oldest server that is known to work: RESP3 came with 6.0, and what a replica may do after a failover settled with 6.2.
const OLDEST_SERVER: (u32, u32) = (6, 2);

/// The longest time that a connection to Redis may take.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer may take before the connection counts as broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

impl Address {
    /// Connects for commands that are answered at once.
    pub async fn connect(&self) -> redis::RedisResult<Link> {
        self.connect_with(config(ANSWER_TIMEOUT), None::<fn(redis::PushInfo) -> Result<(), redis::aio::SendError>>).await
    }

    /// Connects for commands that wait up to `wait` on the server.
    pub async fn connect_waiting(&self, wait: Duration) -> redis::RedisResult<Link> {
        let none = None::<fn(redis::PushInfo) -> Result<(), redis::aio::SendError>>;
        self.connect_with(config(wait + ANSWER_TIMEOUT), none).await
    }

    /// Connects for a subscription, whose messages go to `pushes`.
    pub async fn connect_subscriber(&self, pushes: impl AsyncPushSender + Clone) -> redis::RedisResult<Link> {
        self.connect_with(config(ANSWER_TIMEOUT), Some(pushes)).await
    }

    async fn connect_with(
        &self,
        config: AsyncConnectionConfig,
        pushes: Option<impl AsyncPushSender + Clone>,
    ) -> redis::RedisResult<Link> {
        let config = match &pushes {
            Some(pushes) if !matches!(self.kind, Kind::Cluster(_)) => config.set_push_sender(pushes.clone()),
            _ => config,
        };
        match &self.kind {
            Kind::Single(info) => single(self.client(info)?, &config).await,
            Kind::Sentinel { sentinels, service } => single(self.master(sentinels, service).await?, &config).await,
            #[cfg(test)]
            Kind::Modelled(door) => door.connect(config).await.map(Link::Single),
            Kind::Cluster(nodes) => {
                let mut builder = ClusterClientBuilder::new(nodes.iter().cloned())
                    .connection_timeout(CONNECT_TIMEOUT)
                    .response_timeout(ANSWER_TIMEOUT)
                    .use_protocol(ProtocolVersion::RESP3);
                if let Some(authorities) = &self.authorities {
                    builder = builder.certs(authorities.clone());
                }
                if let Some(pushes) = pushes {
                    builder = builder.push_sender(pushes);
                }
                let client = builder.build()?;
                let connecting = client.get_async_connection();
                let timed_out = |_| redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
                let connection = tokio::time::timeout(CONNECT_TIMEOUT * 2, connecting).await.map_err(timed_out)??;
                Ok(Link::Cluster(connection))
            }
        }
    }

    fn client(&self, info: &ConnectionInfo) -> redis::RedisResult<Client> {
        match &self.authorities {
            Some(authorities) => Client::build_with_tls(info.clone(), authorities.clone()),
            None => Client::open(info.clone()),
        }
    }

    /// Asks the Sentinels who the master is now.
    async fn master(&self, sentinels: &[ConnectionInfo], service: &str) -> redis::RedisResult<Client> {
        let addresses: Vec<ConnectionAddr> = sentinels.iter().map(|info| info.addr().clone()).collect();
        let is_tls = addresses.iter().any(|address| matches!(address, ConnectionAddr::TcpTls { .. }));
        let mut builder = SentinelClientBuilder::new(addresses, service, SentinelServerType::Master)?
            .set_client_to_redis_protocol(ProtocolVersion::RESP3);
        if is_tls {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        }
        if let Some(authorities) = &self.authorities {
            builder = builder.set_client_to_sentinel_certificates(authorities.clone());
            builder = builder.set_client_to_redis_certificates(authorities.clone());
        }
        if let Some(settings) = sentinels.first().map(ConnectionInfo::redis_settings) {
            builder = builder.set_client_to_redis_db(settings.db());
            if let Some(username) = settings.username() {
                builder = builder.set_client_to_redis_username(username);
            }
            if let Some(password) = settings.password() {
                builder = builder.set_client_to_redis_password(password);
            }
        }
        builder.build()?.async_get_client().await
    }
}

fn config(answer_timeout: Duration) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT_TIMEOUT)).set_response_timeout(Some(answer_timeout))
}

async fn single(client: Client, config: &AsyncConnectionConfig) -> redis::RedisResult<Link> {
    Ok(Link::Single(client.get_multiplexed_async_connection_with_config(config).await?))
}

/// A connection; clones share it.
#[derive(Clone)]
pub enum Link {
    /// A connection to one server, or to a Sentinel's master.
    Single(MultiplexedConnection),
    /// Connections to the nodes of a Cluster.
    Cluster(ClusterConnection),
}

impl Link {
    /// Subscribes to channels by name.
    pub async fn subscribe(&mut self, channels: impl ToRedisArgs) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) => connection.subscribe(channels).await,
            Self::Cluster(connection) => connection.subscribe(channels).await,
        }
    }

    /// Subscribes to channels by pattern.
    pub async fn subscribe_pattern(&mut self, patterns: impl ToRedisArgs) -> redis::RedisResult<()> {
        match self {
            Self::Single(connection) => connection.psubscribe(patterns).await,
            Self::Cluster(connection) => connection.psubscribe(patterns).await,
        }
    }

    /// Refuses a server that is too old.
    pub async fn check_version(&mut self) -> Result<(), String> {
        let info: String = match self {
            Self::Single(connection) => {
                redis::cmd("INFO").arg("server").query_async(connection).await.map_err(|error| in_short(&error))?
            }
            // Clusters of a server that old do not speak RESP3 at all.
            Self::Cluster(_) => return Ok(()),
        };
        let version = info.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or_default().trim();
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
        let found = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if found >= OLDEST_SERVER {
            return Ok(());
        }
        Err(format!("the server is version {version}; {}.{} or newer is needed", OLDEST_SERVER.0, OLDEST_SERVER.1))
    }
}

impl ConnectionLike for Link {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(&'a mut self, pipeline: &'a Pipeline, offset: usize, count: usize) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Says an error in one line, for people.
pub(crate) fn in_short(error: &redis::RedisError) -> String {
    match error.code() {
        Some("WRONGPASS") => return "the password or user was refused".to_owned(),
        Some("NOAUTH") => return "a password is asked for".to_owned(),
        _ if error.kind() == redis::ErrorKind::AuthenticationFailed => return "the password or user was refused".to_owned(),
        _ => {}
    }
    let said = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    if said.contains("invalid peer certificate") { format!("{said}; --redis-ca names who may sign it") } else { said }
}
