//! The whole configuration, read before a port is bound. Every knob has a unit, a default and a line of help.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};
use jiff::SignedDuration;

use super::admission::Addresses;
use super::arrival::Deadlines;
use super::backups::Backups;
use super::feed::{Named, NamedSources};
use super::relay;
use super::secret::Secret;
use super::store::Address;

mod database;
mod values;

pub use self::database::{BackupOptions, DatabaseCommand, DatabaseOptions, read_address};
pub use self::values::{EngineSettings, Role, StreamPath};

/// The exit code of a wrong option, value or environment (sysexits' EX_USAGE).
pub const EXIT_USAGE: u8 = 64;

/// Foliostream: your portfolio, live. Serves the page, the event streams and the commands.
#[derive(Debug, Parser)]
#[command(name = "foliostream", version, about, args_conflicts_with_subcommands = true, max_term_width = 110)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves pages, API and streams (the default)
    Serve(Box<Config>),
    /// Makes, checks or moves a database, and ends
    Db {
        #[command(subcommand)]
        command: DatabaseCommand,
    },
    /// Writes everything of the database into a new file, as it is at one moment, and checks the file; the server may go on running
    Backup(BackupOptions),
    /// Writes everything of a backup into an empty database, SQLite or PostgreSQL, and compares; start the server on it afterwards
    Restore(BackupOptions),
}

/// What the program was asked to do.
#[derive(Debug)]
pub enum Asked {
    /// Serve, with these options.
    Serve(Box<Config>),
    /// Something about a database.
    Database(DatabaseCommand),
    /// A backup of a database.
    Backup(BackupOptions),
    /// A database from its backup.
    Restore(BackupOptions),
}

/// What `foliostream serve` was told; each option also as `FOLIOSTREAM_<NAME>`.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "FOLIOSTREAM_LISTEN", default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    pub listen: SocketAddr,

    #[command(flatten)]
    database: DatabaseOptions,

    /// Folder of the built site [default: target/site, or site beside the binary]
    #[arg(long, env = "FOLIOSTREAM_SITE_DIR", value_name = "FOLDER")]
    pub site_dir: Option<PathBuf>,

    /// Where prices come from: simulated, replay:FILE[,FILE…], or none (pushed quotes only); several with commas, or repeated
    #[arg(long, env = "FOLIOSTREAM_FEED", default_value = "simulated", value_name = "FEED", value_parser = NamedSources::read)]
    feed: Vec<NamedSources>,

    /// Seed of the simulated market: the same seed is the same market
    #[arg(long, env = "FOLIOSTREAM_SEED", default_value_t = 42, value_name = "NUMBER")]
    pub seed: u64,

    /// Whether the simulated market never closes; false keeps the exchanges' hours
    #[arg(long, env = "FOLIOSTREAM_ALWAYS_OPEN", default_value_t = true, action = ArgAction::Set, value_name = "true|false")]
    pub always_open: bool,

    /// Speed of a replay: 1 is as it happened, 60 a minute a second; 0.001 to 1000000
    #[arg(long, env = "FOLIOSTREAM_REPLAY_SPEED", default_value = "1", value_name = "FACTOR", value_parser = parse_speed)]
    pub replay_speed: f64,

    /// Starts a replay again at its end, with its times moved on
    #[arg(long, env = "FOLIOSTREAM_REPLAY_LOOP", value_parser = clap::builder::BoolishValueParser::new())]
    pub replay_loop: bool,

    /// Starts without the demo portfolio
    #[arg(long, env = "FOLIOSTREAM_NO_DEMO", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_demo: bool,

    /// Milliseconds between two updates of one price; limits rate, not latency; 10 to 60000
    #[arg(long, env = "FOLIOSTREAM_FRAME_INTERVAL_MS", default_value_t = 250, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub frame_interval_ms: u64,

    /// Seconds of silence after which a stream gets a heartbeat; 1 to 300
    #[arg(long, env = "FOLIOSTREAM_HEARTBEAT_S", default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub heartbeat_s: u64,

    /// Seconds without a tick after which a price is stale; 1 to 86400
    #[arg(long, env = "FOLIOSTREAM_STALE_AFTER_S", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub stale_after_s: u64,

    /// Streams one user may hold open; 0 is unlimited
    #[arg(long, env = "FOLIOSTREAM_MAX_STREAMS_PER_USER", default_value_t = 5, value_name = "NUMBER")]
    pub max_streams_per_user: u32,

    /// Streams one address may hold open; 0 is unlimited
    #[arg(long, env = "FOLIOSTREAM_MAX_STREAMS_PER_ADDRESS", default_value_t = 0, value_name = "NUMBER")]
    pub max_streams_per_address: u32,

    /// Connections open at once, of any kind; more wait in the system's queue
    #[arg(long, env = "FOLIOSTREAM_MAX_CONNECTIONS", default_value_t = 25_000, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,

    /// Connections one address may hold, IPv6 by /64, trusted proxies not counted; 0 is unlimited [default: half of all, at most 1024, loopback unlimited]
    #[arg(long, env = "FOLIOSTREAM_MAX_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER")]
    pub max_connections_per_address: Option<u32>,

    /// Seconds a request's body may take to arrive, and its head at most 10 of them; 1 to 3600
    #[arg(long, env = "FOLIOSTREAM_REQUEST_TIMEOUT_S", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub request_timeout_s: u64,

    /// Seconds after which a stream is asked to come back (× 0.8 to 1.0); 1 to 86400
    #[arg(long, env = "FOLIOSTREAM_MAX_AGE_S", default_value_t = 1_800, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub max_age_s: u64,

    /// Seconds between /readyz saying 503 and the port closing, at a stop; 0 to 600
    #[arg(long, env = "FOLIOSTREAM_DRAIN_NOTICE_S", default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_notice_s: u64,

    /// Folder for backups that the server makes by itself, made if missing
    #[arg(long, env = "FOLIOSTREAM_BACKUP_FOLDER", value_name = "FOLDER")]
    pub backup_folder: Option<PathBuf>,

    /// Hours between two backups; 1 to 8760
    #[arg(long, env = "FOLIOSTREAM_BACKUP_EVERY_H", default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub backup_every_h: u32,

    /// Backups kept, the newest; 1 to 1000
    #[arg(long, env = "FOLIOSTREAM_BACKUP_KEEP", default_value_t = 7, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub backup_keep: u32,

    /// Notifications kept, the newest, read or not; 1000 to 1000000
    #[arg(long, env = "FOLIOSTREAM_KEEP_NOTIFICATIONS", default_value_t = 10_000, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    pub keep_notifications: u32,

    /// Seconds over which streams are closed at a stop, and again for storing what waits; 0 to 600
    #[arg(long, env = "FOLIOSTREAM_DRAIN_S", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_s: u64,

    /// Token that POST /api/v1/quotes must carry; without one pushing is refused
    #[arg(
        long,
        env = "FOLIOSTREAM_INGEST_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        conflicts_with = "ingest_token_file"
    )]
    ingest_token: Option<Secret>,

    /// File that holds the ingest token
    #[arg(long, env = "FOLIOSTREAM_INGEST_TOKEN_FILE", value_name = "FILE")]
    ingest_token_file: Option<PathBuf>,

    #[command(flatten)]
    redis_options: relay::RedisOptions,

    /// What every Redis key and channel of this installation begins with; braces keep it on one slot of a Cluster
    #[arg(long, env = "FOLIOSTREAM_REDIS_PREFIX", default_value = "{foliostream}", value_name = "PREFIX", value_parser = parse_prefix)]
    pub redis_prefix: String,

    /// What this process may do: all, web (pages, streams, commands) or engine (prices and alerts); other than all needs Redis
    #[arg(long, env = "FOLIOSTREAM_ROLE", default_value = "all", value_name = "ROLE")]
    pub role: Role,

    /// How streams are written over HTTP/1.1: reactor (least memory), or portable (by the HTTP library, as over HTTP/2)
    #[arg(long, env = "FOLIOSTREAM_STREAM_PATH", default_value = "reactor", value_name = "PATH")]
    pub stream_path: StreamPath,

    /// Certificate with its chain, as a PEM file: serves HTTPS with HTTP/2
    #[arg(long, env = "FOLIOSTREAM_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's key, as a PEM file
    #[arg(long, env = "FOLIOSTREAM_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Host name this server also answers to, beside loopback and the listen address; may be repeated
    #[arg(long = "allowed-host", env = "FOLIOSTREAM_ALLOWED_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,

    /// Proxies whose X-Forwarded-For is believed, as networks: 127.0.0.1/32,10.0.0.0/8
    #[arg(long, env = "FOLIOSTREAM_TRUSTED_PROXIES", value_name = "CIDR", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<ipnet::IpNet>,

    /// Listens beyond loopback although people do not have to sign in
    #[arg(long, env = "FOLIOSTREAM_ALLOW_UNAUTHENTICATED", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_unauthenticated: bool,

    /// What to log: error, warn, info, debug, trace, or a tracing filter
    #[arg(long, env = "FOLIOSTREAM_LOG", default_value = "info", value_name = "FILTER", value_parser = parse_filter)]
    pub log: String,

    /// Read from the options above by `check`.
    #[arg(skip)]
    sources: Vec<Named>,

    /// Read from the options above by `check`.
    #[arg(skip)]
    address: Option<Address>,

    /// Read from the options above by `check`.
    #[arg(skip)]
    redis: Option<relay::Address>,
}

/// How the reading of the command line ended, where it did not give a configuration.
#[derive(Debug)]
pub enum NoConfig {
    /// Help or version was asked: print it, exit 0.
    Asked(String),
    /// Something is wrong: print the line, exit 64.
    Wrong(String),
}

impl Asked {
    /// Reads options and environment; anything wrong is one line that names it.
    pub fn read(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, NoConfig> {
        let line = CommandLine::try_parse_from(arguments).map_err(|error| {
            if error.use_stderr() { NoConfig::Wrong(one_line(&error)) } else { NoConfig::Asked(error.to_string()) }
        })?;
        let mut config = match line.command {
            Some(Command::Db { command }) => return Ok(Self::Database(command)),
            Some(Command::Backup(options)) => return Ok(Self::Backup(options)),
            Some(Command::Restore(options)) => return Ok(Self::Restore(options)),
            Some(Command::Serve(config)) => config,
            None => Box::new(line.serve),
        };
        config.check().map_err(NoConfig::Wrong)?;
        Ok(Self::Serve(config))
    }
}

impl Config {
    /// Reads the options of a server and its environment; anything wrong is one line that names it.
    pub fn read(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, NoConfig> {
        match Asked::read(arguments)? {
            Asked::Serve(config) => Ok(*config),
            Asked::Database(_) | Asked::Backup(_) | Asked::Restore(_) => {
                Err(NoConfig::Wrong("this command does not serve".to_owned()))
            }
        }
    }

    /// Returns where the database is.
    pub fn database(&self) -> Address {
        self.address.clone().unwrap_or_else(|| Address::Folder(self.database.data_dir.clone()))
    }

    /// Returns the sources that were asked for, in the order in which they were named.
    pub fn sources(&self) -> &[Named] {
        &self.sources
    }

    /// Returns the token that pushing must carry, where one is set.
    pub fn ingest_token(&self) -> Option<&Secret> {
        self.ingest_token.as_ref()
    }

    /// Returns the file that the token was read from, where one was named.
    pub fn ingest_token_file(&self) -> Option<&Path> {
        self.ingest_token_file.as_deref()
    }

    /// Returns where Redis is, where one was named.
    pub fn redis(&self) -> Option<relay::Address> {
        self.redis.clone()
    }

    /// Returns how long the parts of a request may take.
    pub fn deadlines(&self) -> Deadlines {
        Deadlines::of(Duration::from_secs(self.request_timeout_s))
    }

    /// Returns what counts the connections of each address.
    pub fn addresses(&self) -> Addresses {
        Addresses::new(self.max_connections_per_address, self.max_connections, self.trusted_proxies.clone().into())
    }

    /// Returns where backups go, where any are made.
    pub(crate) fn backups(&self) -> Option<Backups> {
        Some(Backups {
            address: self.database(),
            folder: self.backup_folder.clone()?,
            every: SignedDuration::from_hours(self.backup_every_h.into()),
            keep: self.backup_keep as usize,
        })
    }

    /// Returns how the engine is to work.
    pub fn engine(&self) -> EngineSettings {
        EngineSettings {
            frame_interval: Duration::from_millis(self.frame_interval_ms),
            stale_after: Duration::from_secs(self.stale_after_s),
            keep_notifications: self.keep_notifications,
            drain: Duration::from_secs(self.drain_s),
        }
    }

    fn check(&mut self) -> Result<(), String> {
        self.address = Some(self.database.address()?);
        self.sources = NamedSources::together(self.feed.clone())?;
        if let Some(file) = &self.ingest_token_file {
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("--ingest-token-file {}: {error}", file.display()))?;
            self.ingest_token = Some(Secret::from(text.as_str()));
        }
        // A header loses the spaces around its value on the way.
        self.ingest_token = self.ingest_token.take().map(|token| Secret::from(token.reveal().trim()));
        if self.ingest_token.as_ref().is_some_and(|token| token.reveal().is_empty()) {
            return Err("--ingest-token is empty; give any non-empty text, or leave it out".to_owned());
        }
        self.redis = self.redis_options.address()?;
        if self.redis.is_none() && self.role != Role::All {
            return Err("--role web and --role engine need --redis-url: they are parts of one installation".to_owned());
        }
        if !self.listen.ip().is_loopback() && !self.allow_unauthenticated {
            return Err(format!(
                "--listen {} is reachable from outside and nobody has to sign in; listen on 127.0.0.1, or add --allow-unauthenticated if something in front of it checks who comes",
                self.listen
            ));
        }
        Ok(())
    }
}

/// Folds clap's message into one line that says what is wrong.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let joined = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    let joined = joined.strip_prefix("error: ").unwrap_or(&joined).to_owned();
    format!("{joined} (see foliostream --help)")
}

/// Reads a network, or a single address.
fn parse_network(text: &str) -> Result<ipnet::IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
    network.map_err(|_| "give networks such as 10.0.0.0/8, or single addresses".to_owned())
}

fn parse_prefix(text: &str) -> Result<String, String> {
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|character| character.is_ascii_graphic());
    if is_name(text) && text.len() <= 64 { Ok(text.to_owned()) } else { Err("give 1 to 64 visible ASCII characters".to_owned()) }
}

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.001..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("give a factor from 0.001 to 1000000".to_owned()),
    }
}

fn parse_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[&str]) -> Result<Config, NoConfig> {
        Config::read(std::iter::once("foliostream").chain(options.iter().copied()))
    }

    fn refusal(options: &[&str]) -> String {
        match read(options) {
            Err(NoConfig::Wrong(line)) => line,
            other => panic!("{options:?} gave {other:?}"),
        }
    }

    #[test]
    fn nothing_said_is_the_embedded_default() {
        let config = read(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        let sources: Vec<String> = config.sources().iter().map(|named| named.name().to_string()).collect();
        assert_eq!((sources, config.frame_interval_ms, config.always_open), (vec!["simulated".to_owned()], 250, true));
    }

    #[test]
    fn serve_may_be_said_or_left_out() {
        assert_eq!(read(&["serve", "--seed", "7"]).unwrap().seed, 7);
        assert_eq!(read(&["--seed", "7"]).unwrap().seed, 7);
    }

    #[test]
    fn nonsense_is_refused_in_one_line_that_names_the_option() {
        for (options, named) in [
            (&["--nonsense"][..], "--nonsense"),
            (&["--listen", "nowhere"], "--listen"),
            (&["--frame-interval-ms", "9"], "--frame-interval-ms"),
            (&["--frame-interval-ms", "60001"], "--frame-interval-ms"),
            (&["--heartbeat-s", "0"], "--heartbeat-s"),
            (&["--feed", "replay:"], "--feed"),
            (&["--feed", "yahoo"], "--feed"),
            (&["--feed", "simulated", "--feed", "simulated"], "--feed"),
            (&["--feed", "none", "--feed", "simulated"], "--feed none"),
            (&["--replay-speed", "NaN"], "--replay-speed"),
            (&["--ingest-token", ""], "--ingest-token"),
            (&["--ingest-token-file", "/nonexistent/token"], "--ingest-token-file"),
            (&["--always-open", "perhaps"], "--always-open"),
            (&["--log", "foo=bar=baz"], "--log"),
            (&["--redis-url", "http://s3cret@nowhere"], "--redis-url"),
            (&["--redis-ca", "ca.pem"], "--redis-url"),
            (&["--redis-url", "rediss://h", "--redis-ca", "/nonexistent/ca.pem"], "--redis-ca"),
            (&["--redis-url", "redis://h", "--redis-ca", "/dev/null"], "--redis-ca"),
            (&["--redis-prefix", ""], "--redis-prefix"),
            (&["--trusted-proxies", "everybody"], "--trusted-proxies"),
            (&["--role", "web"], "--redis-url"),
            (&["--role", "boss"], "--role"),
            (&["--database-url", "mysql://h/db"], "--database-url"),
            (&["--database-url", "postgres://h"], "--database-url"),
            (&["db", "copy", "--from", "sqlite:a"], "--to"),
            (&["db", "dance"], "dance"),
        ] {
            let line = refusal(options);
            assert!(line.contains(named) && !line.contains('\n'), "{options:?}: {line}");
        }
    }

    #[test]
    fn listening_beyond_loopback_needs_a_word() {
        assert!(refusal(&["--listen", "0.0.0.0:3000"]).contains("--allow-unauthenticated"));
        assert!(read(&["--listen", "0.0.0.0:3000", "--allow-unauthenticated"]).is_ok());
        assert!(read(&["--listen", "[::1]:3000"]).is_ok());
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let config = read(&[
            "--ingest-token",
            "s3cret",
            "--redis-url",
            "redis://:s3cret@localhost",
            "--database-url",
            "postgres://u:s3cret@h/db",
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!(config.database().to_string(), "postgres://u@h:5432/db");
        assert!(!refusal(&["--database-url", "postgres//u:s3cret@h/db"]).contains("s3cret"));
    }

    #[test]
    fn without_a_database_url_the_data_dir_is_the_database() {
        assert_eq!(read(&["--data-dir", "here"]).unwrap().database().to_string(), "sqlite:here");
        assert_eq!(read(&["--database-url", "sqlite:there"]).unwrap().database().to_string(), "sqlite:there");
    }
}
