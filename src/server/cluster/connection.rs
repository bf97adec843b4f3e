//! Connections to Redis: one server, a Cluster, or whatever Sentinels call the master, behind one type.

use std::fmt;
use std::time::Duration;

use redis::aio::{AsyncPushSender, ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, Pipeline, ProtocolVersion,
    RedisFuture, TlsCertificates, TlsMode, ToRedisArgs, Value,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The oldest server that is known to work: RESP3 came with 6.0, and what a replica may do after a failover settled with 6.2.
const OLDEST_SERVER: (u32, u32) = (6, 2);

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long an answer may take before the connection counts as broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Where Redis is, read from a URL, and whose word for its certificate counts. It never shows its password.
#[derive(Clone)]
pub struct Address {
    kind: Kind,
    /// Instead of the public authorities that the program knows.
    authorities: Option<TlsCertificates>,
}

#[derive(Clone)]
enum Kind {
    Single(Box<ConnectionInfo>),
    Cluster(Vec<ConnectionInfo>),
    Sentinel { sentinels: Vec<ConnectionInfo>, service: String },
}

impl Address {
    /// Reads `redis://`, `rediss://` (TLS), `redis+unix:///path`, `redis+cluster://host:port,host:port` and
    /// `redis+sentinel://host:port,host:port/service`; `rediss+…` of the last two speak TLS.
    ///
    /// User, password and database stand where URLs have them and count for every host named.
    pub fn read(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("begin it with redis:// or rediss://")?;
        if rest.contains("#insecure") {
            return Err("a certificate that nobody checks protects nothing; name who signed it with --redis-ca".to_owned());
        }
        let kind = match scheme {
            "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" | "unix" => Kind::Single(Box::new(read_one(url)?)),
            "redis+cluster" | "rediss+cluster" => Kind::Cluster(read_hosts(plain_scheme(scheme), rest)?.0),
            "redis+sentinel" | "rediss+sentinel" => {
                let (sentinels, service) = read_hosts(plain_scheme(scheme), rest)?;
                if service.is_empty() {
                    return Err("name the service the Sentinels watch, as in redis+sentinel://host:26379/mymaster".to_owned());
                }
                Kind::Sentinel { sentinels, service }
            }
            _ => return Err("use redis://, rediss://, redis+unix://, redis+cluster:// or redis+sentinel://".to_owned()),
        };
        Ok(Self { kind, authorities: None })
    }

    /// Trusts the authorities of a PEM file and no others.
    pub fn trusting(self, pem: Vec<u8>) -> Result<Self, String> {
        if !self.hosts().iter().all(|info| matches!(info.addr(), ConnectionAddr::TcpTls { .. })) {
            return Err("it speaks for the certificates of rediss:// addresses, and --redis-url names no such one".to_owned());
        }
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err("there is no certificate in it".to_owned()),
            Ok(certificates) => {
                let mut store = rustls::RootCertStore::empty();
                let readable = certificates.into_iter().all(|certificate| store.add(certificate).is_ok());
                let authorities = Some(TlsCertificates { client_tls: None, root_cert: Some(pem) });
                readable.then_some(Self { authorities, ..self }).ok_or_else(|| "a certificate in it cannot be read".to_owned())
            }
            Err(error) => Err(format!("it is not PEM: {error}")),
        }
    }

    fn hosts(&self) -> &[ConnectionInfo] {
        match &self.kind {
            Kind::Single(info) => std::slice::from_ref(info.as_ref()),
            Kind::Cluster(hosts) | Kind::Sentinel { sentinels: hosts, .. } => hosts,
        }
    }

    /// Connects for commands.
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

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts().iter().map(|info| info.addr().to_string()).collect::<Vec<_>>().join(",");
        match &self.kind {
            Kind::Single(_) => write!(formatter, "{hosts}"),
            Kind::Cluster(_) => write!(formatter, "cluster {hosts}"),
            Kind::Sentinel { service, .. } => write!(formatter, "{service} of sentinels {hosts}"),
        }
    }
}

fn plain_scheme(scheme: &str) -> &'static str {
    if scheme.starts_with("rediss") { "rediss" } else { "redis" }
}

/// Reads one URL, without repeating it in the refusal: it may hold a password.
fn read_one(url: &str) -> Result<ConnectionInfo, String> {
    let info = url.into_connection_info().map_err(|_| "it cannot be read as a Redis URL".to_owned())?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

/// Reads `user:password@host:port,host:port/path`; returns the hosts and the path.
fn read_hosts(scheme: &str, rest: &str) -> Result<(Vec<ConnectionInfo>, String), String> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let database = query.split('&').find_map(|pair| pair.strip_prefix("db=")).unwrap_or("0");
    let one = |host: &str| match login {
        "" => read_one(&format!("{scheme}://{host}/{database}")),
        _ => read_one(&format!("{scheme}://{login}@{host}/{database}")),
    };
    let hosts: Vec<_> = hosts.split(',').map(|host| one(host.trim())).collect::<Result<_, _>>()?;
    Ok((hosts, path.to_owned()))
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
    /// To one server.
    Single(MultiplexedConnection),
    /// To a Cluster.
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
pub fn in_short(error: &redis::RedisError) -> String {
    match error.code() {
        Some("WRONGPASS") => return "the password or user was refused".to_owned(),
        Some("NOAUTH") => return "a password is asked for".to_owned(),
        _ if error.kind() == redis::ErrorKind::AuthenticationFailed => return "the password or user was refused".to_owned(),
        _ => {}
    }
    let said = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    if said.contains("invalid peer certificate") { format!("{said}; --redis-ca names who may sign it") } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_url_is_read_and_none_shows_its_password() {
        for (url, shown) in [
            ("redis://127.0.0.1:6379", "127.0.0.1:6379"),
            ("rediss://user:s3cret@cache.example:6380/2", "cache.example:6380"),
            ("redis+cluster://user:s3cret@a:1,b:2", "cluster a:1,b:2"),
            ("redis+sentinel://:s3cret@a:26379,b:26379/mymaster?db=1", "mymaster of sentinels a:26379,b:26379"),
        ] {
            let address = Address::read(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(format!("{address:?}"), shown);
        }
    }

    #[test]
    fn a_url_of_something_else_is_refused_without_repeating_it() {
        for url in [
            "",
            "localhost",
            "http://s3cret@localhost",
            "redis://:s3cret@",
            "redis+sentinel://:s3cret@a:1",
            "redis://h:port",
            "rediss://:s3cret@h:1#insecure",
        ] {
            let refusal = Address::read(url).expect_err(url);
            assert!(!refusal.contains("s3cret") && !refusal.contains('\n'), "{refusal}");
        }
    }

    #[test]
    fn only_certificates_that_are_asked_for_can_be_spoken_for() {
        let trusting = |url: &str, pem: &str| Address::read(url).unwrap().trusting(pem.into()).unwrap_err();
        assert!(trusting("redis://h", "").contains("rediss://"));
        assert!(trusting("redis+cluster://h:1", "").contains("rediss://"));
        assert_eq!(trusting("rediss://h", "nothing"), "there is no certificate in it");
        assert!(trusting("rediss://h", "-----BEGIN CERTIFICATE-----\n").starts_with("it is not PEM"));
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(trusting("rediss://h", nonsense), "a certificate in it cannot be read");
    }
}
