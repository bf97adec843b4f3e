//! Real servers on free ports, which die with the test.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

pub(crate) use crate::ports::free_port;

/// How long Sentinels and Clusters wait for a master: longer than the lease lives, so that no term outlives a failover.
const OUTAGE_MS: u32 = 3_000;

/// A redis-server.
#[derive(Debug)]
pub(crate) struct Redis {
    child: Child,
    folder: TempDir,
    /// Where it listens.
    pub port: u16,
}

impl Redis {
    /// Starts an empty one.
    pub(crate) fn start(port: u16) -> Self {
        Self::start_with(port, &[])
    }

    /// Starts an empty one with further options.
    pub(crate) fn start_with(port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Self::spawn(folder.path(), port, options);
        let redis = Self { child, folder, port };
        redis.wait();
        redis
    }

    /// Starts a Sentinel that watches a master under the name `mymaster`.
    pub(crate) fn start_sentinel(port: u16, master: &Self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds mymaster {OUTAGE_MS}\nsentinel failover-timeout mymaster 10000\n",
            master.port
        );
        std::fs::write(&path, text).unwrap();
        let child = Command::new("redis-server").arg(&path).arg("--sentinel").stdout(Stdio::null()).spawn().unwrap();
        let sentinel = Self { child, folder, port };
        sentinel.wait();
        sentinel
    }

    /// Starts a node of a Cluster, which no other node knows yet; returns also the port by which nodes speak to each other.
    pub(crate) fn start_node() -> (Self, u16) {
        let bus_port = free_port();
        let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", &bus_port.to_string()]
            .map(str::to_owned);
        (Self::start_with(free_port(), &options.each_ref().map(String::as_str)), bus_port)
    }

    fn spawn(folder: &Path, port: u16, options: &[&str]) -> Child {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "local", "--loglevel", "warning", "--dir"])
            .arg(folder)
            .args(options)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed (scripts/setup --services)")
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.try_run(&["PING"]).is_none_or(|answer| answer.trim() != "PONG") {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn try_run(&self, command: &[&str]) -> Option<String> {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(command).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs a command and returns its answer.
    pub(crate) fn run(&self, command: &[&str]) -> String {
        self.try_run(command).unwrap_or_else(|| panic!("{command:?} was not answered"))
    }

    /// Lets it follow another one, and waits until it has everything.
    pub(crate) fn follow(&self, master: &Self) {
        self.run(&["REPLICAOF", "127.0.0.1", &master.port.to_string()]);
        self.until(&["INFO", "replication"], "master_link_status:up");
    }

    /// Waits until the answer to a command holds a text.
    pub(crate) fn until(&self, command: &[&str], text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.run(command).contains(text) {
            assert!(Instant::now() < deadline, "{command:?} never told of {text}: {}", self.run(command));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it and starts an empty one at the same address.
    pub(crate) fn restart_empty(&mut self) {
        self.kill();
        self.child = Self::spawn(self.folder.path(), self.port, &[]);
        self.wait();
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands before Redis and can be turned to another one, as a failover does.
#[derive(Debug)]
pub(crate) struct Switch {
    target: Arc<AtomicU16>,
    cut: Arc<Mutex<CancellationToken>>,
    stall: Arc<Mutex<CancellationToken>>,
    /// Where it listens.
    pub port: u16,
}

impl Switch {
    /// Starts, turned to a port.
    pub(crate) async fn start(target: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let switch = Self { target: Arc::new(AtomicU16::new(target)), cut: Arc::default(), stall: Arc::default(), port };
        let (target, cut, stall) = (Arc::clone(&switch.target), Arc::clone(&switch.cut), Arc::clone(&switch.stall));
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let target = target.load(Ordering::SeqCst);
                let (cut, stall) = (cut.lock().unwrap().clone(), stall.lock().unwrap().clone());
                tokio::spawn(async move {
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        () = cut.cancelled() => {}
                        // Open, and silent for good: no client is notified.
                        () = stall.cancelled() => cut.cancelled().await,
                    }
                });
            }
        });
        switch
    }

    /// Lets every connection that is open now go silent without a word, as a firewall does that forgot it.
    pub(crate) fn stall(&self) {
        std::mem::take(&mut *self.stall.lock().unwrap()).cancel();
    }

    /// Cuts everybody, and lets them find another server behind the same address.
    pub(crate) fn turn_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
        std::mem::take(&mut *self.cut.lock().unwrap()).cancel();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
