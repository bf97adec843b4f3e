//! A real PostgreSQL for tests: one server per test process, in a temporary folder, on a free port. It dies with the process.
//!
//! Shared by the unit tests of the store and by the integration tests.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The role that may do everything, without a password.
const ADMINISTRATOR: &str = "tests";

/// A role that needs a password, and the password.
#[allow(dead_code, reason = "not every test binary asks for it")]
pub(crate) const GUARDED: (&str, &str) = ("guarded", "right-s3cret");

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    /// As long as this is open, the server runs.
    _alive: ChildStdin,
}

/// A database; it is dropped some time after this is.
#[derive(Debug)]
pub(crate) struct Database {
    server: &'static Server,
    name: String,
}

/// Databases that no test needs any more: dropped before the next one is made, so that they do not fill the disk.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The process's own server.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Database {
    /// Makes a database on the process's server: a copy of another one, or an empty one.
    pub(crate) async fn new(template: Option<&str>) -> Self {
        Self::on(server(), template).await
    }

    /// Makes a database on a server.
    pub(crate) async fn on(server: &'static Server, template: Option<&str>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut administrator = server.administrator().await;
        let all_left = std::mem::take(&mut *LEFT.lock().unwrap());
        for left in all_left {
            // What is still being closed goes with the server.
            let _ = administrator.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {left} WITH (FORCE)"))).await;
        }
        let template = template.unwrap_or("template0");
        administrator.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await.unwrap();
        administrator.close().await.unwrap();
        Self { server, name }
    }

    /// Returns its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns its address.
    pub(crate) fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Connects to it, beside the program that uses it.
    #[allow(dead_code, reason = "not every test binary asks for it")]
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::ptr::eq(self.server, server()) {
            LEFT.lock().unwrap().push(self.name.clone());
        }
    }
}

impl Server {
    /// Starts another server, which dies with the process too.
    pub(crate) fn start() -> Self {
        let programs = programs();
        let folder = as_postgres(Command::new("mktemp").args(["--directory", "--tmpdir", "foliostream-postgres-XXXXXX"]));
        let folder = PathBuf::from(folder.trim());
        let initdb = programs.join("initdb");
        let options = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--username", ADMINISTRATOR, "--pgdata"];
        as_postgres(Command::new(initdb).args(options).arg(folder.join("data")));
        let rules = format!("host all {} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n", GUARDED.0);
        write_as_postgres(&folder.join("data/pg_hba.conf"), &rules);
        let alive = watchdog(&programs, &folder);
        let port = start_on_free_port(&programs, &folder);
        let server = Self { folder, port, _alive: alive };
        server.psql(&[&format!("CREATE ROLE {} LOGIN SUPERUSER PASSWORD '{}'", GUARDED.0, GUARDED.1)]);
        server
    }

    /// Lets it speak TLS too, with a certificate and its key.
    #[allow(dead_code, reason = "not every test binary asks for it")]
    pub(crate) fn speak_tls(&self, certificate: &Path, key: &Path) {
        for (name, file) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.folder.join("data").join(name);
            write_as_postgres(&path, "");
            as_postgres(Command::new("chmod").arg("600").arg(&path));
            write_as_postgres(&path, &std::fs::read_to_string(file).unwrap());
        }
        self.psql(&["ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.psql(&["SHOW ssl"]).trim() != "on" {
            assert!(Instant::now() < deadline, "it does not speak TLS");
        }
    }

    /// Says something as the administrator, and returns the answers.
    fn psql(&self, statements: &[&str]) -> String {
        let port = self.port.to_string();
        let mut command = Command::new(programs().join("psql"));
        command.args(["-h", "127.0.0.1", "-U", ADMINISTRATOR, "-d", "postgres", "-p", &port, "-A", "-t"]);
        as_postgres(command.args(statements.iter().flat_map(|statement| ["-c", statement])))
    }

    /// Stops it, without regard to who is connected.
    #[allow(dead_code, reason = "not every test binary stops it")]
    pub(crate) fn stop(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Starts it again, where it was.
    #[allow(dead_code, reason = "not every test binary stops it")]
    pub(crate) fn start_again(&self) {
        self.control(&["start", "-w", "-l", "/dev/null", "-o", &server_options(&self.folder, self.port)]);
    }

    /// Lets every one of its processes stand still, or go on.
    #[allow(dead_code, reason = "not every test binary stops it")]
    pub(crate) fn signal(&self, signal: &str) {
        let leader = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
        let leader = leader.unwrap_or_else(|_| as_postgres(Command::new("cat").arg(self.folder.join("data/postmaster.pid"))));
        let leader = leader.lines().next().unwrap().to_owned();
        let children = Command::new("pgrep").args(["-P", &leader]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        let mut all: Vec<&str> = children.lines().collect();
        all.insert(0, &leader);
        assert!(Command::new("kill").arg(signal).args(all).status().unwrap().success());
    }

    /// Returns the address of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        self.url_of(ADMINISTRATOR, database)
    }

    /// Returns the address of a database for a user, who may be written with a password.
    pub(crate) fn url_of(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    fn control(&self, arguments: &[&str]) {
        as_postgres(Command::new(programs().join("pg_ctl")).arg("-D").arg(self.folder.join("data")).args(arguments));
    }

    async fn administrator(&self) -> PgConnection {
        PgConnection::connect(&self.url("postgres")).await.unwrap()
    }
}

/// Finds PostgreSQL's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|folder| folder.join("postgres").exists());
    found.sort();
    found.pop().expect("PostgreSQL is not installed, and these tests need it: scripts/setup --services installs it")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// Wraps a command so that it runs as a user PostgreSQL accepts: it refuses root.
fn unprivileged(command: &Command) -> Command {
    if !is_root() {
        let mut same = Command::new(command.get_program());
        same.args(command.get_args());
        return same;
    }
    let mut wrapped = Command::new("runuser");
    wrapped.args(["-u", "postgres", "--"]).arg(command.get_program()).args(command.get_args()).current_dir("/");
    wrapped
}

/// Runs a command as that user, and returns what it said.
fn as_postgres(command: &Command) -> String {
    let output = unprivileged(command).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn write_as_postgres(path: &Path, text: &str) {
    let mut child = unprivileged(Command::new("tee").arg(path)).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Starts what stops the server when this process ends, however it ends: the pipe it reads from closes then.
fn watchdog(programs: &Path, folder: &Path) -> ChildStdin {
    let script = r#"cat >/dev/null; "$0/pg_ctl" stop -D "$1/data" -m immediate; rm -rf "$1""#;
    let mut command = unprivileged(Command::new("sh").args(["-c", script]).arg(programs).arg(folder));
    // In a group of its own, so that Ctrl-C at the tests does not end it before its work.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().unwrap().stdin.take().unwrap()
}

/// Starts the server; another process may take the port between the look and the start.
fn start_on_free_port(programs: &Path, folder: &Path) -> u16 {
    for attempt in 1.. {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(programs.join("pg_ctl"));
        command.args(["start", "-w", "-s", "-l"]).arg(folder.join("log")).arg("-D").arg(folder.join("data"));
        command.args(["-o", &server_options(folder, port)]);
        let started = unprivileged(&command).stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
        if started.success() {
            return port;
        }
        assert!(attempt < 5, "{}", as_postgres(Command::new("cat").arg(folder.join("log"))));
    }
    unreachable!("the loop returns or fails")
}

/// Nothing here must survive a power cut, and nothing is large.
fn server_options(folder: &Path, port: u16) -> String {
    format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off -c full_page_writes=off \
         -c shared_buffers=16MB -c max_connections=200 -c max_wal_size=256MB -c autovacuum=off",
        folder.display()
    )
}
