//! Real servers on free ports, which die with the test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Returns a port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A redis-server.
#[derive(Debug)]
pub struct Redis {
    child: Child,
    folder: TempDir,
    /// Where it listens.
    pub port: u16,
}

impl Redis {
    /// Starts an empty one.
    pub fn start(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Self::spawn(folder.path(), port);
        let redis = Self { child, folder, port };
        redis.wait();
        redis
    }

    fn spawn(folder: &Path, port: u16) -> Child {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "local", "--dir"])
            .arg(folder)
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
    pub fn run(&self, command: &[&str]) -> String {
        self.try_run(command).unwrap_or_else(|| panic!("{command:?} was not answered"))
    }

    /// Kills it and starts an empty one in its place.
    pub fn restart_empty(&mut self) {
        self.kill();
        self.child = Self::spawn(self.folder.path(), self.port);
        self.wait();
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
