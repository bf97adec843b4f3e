//! A real redis-server on a free port, with nothing kept. Also for the unit tests of what speaks to it.

#[path = "../../support/ports.rs"]
mod ports;

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A redis-server; it is killed when the test ends.
#[derive(Debug)]
pub(crate) struct Redis {
    child: Child,
    address: SocketAddr,
    options: Vec<String>,
    folder: TempDir,
}

impl Redis {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with further options.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        Self::start_at(free_address(), options.iter().map(|option| (*option).to_owned()).collect())
    }

    /// Starts one that speaks nothing but TLS, with further options.
    pub(crate) fn start_tls(certificate: &Path, key: &Path, authority: &Path, options: &[&str]) -> Self {
        let address = free_address();
        let port = address.port().to_string();
        let mut all = vec!["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"];
        all.extend(["--tls-cert-file", certificate.to_str().unwrap(), "--tls-key-file", key.to_str().unwrap()]);
        all.extend(["--tls-ca-cert-file", authority.to_str().unwrap()]);
        all.extend(options);
        Self::start_at(address, all.into_iter().map(str::to_owned).collect())
    }

    /// Starts a Sentinel with these rules, in which `{port}` is where it listens.
    pub(crate) fn start_sentinel(rules: &str) -> Self {
        let (address, folder) = (free_address(), tempfile::tempdir().unwrap());
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, rules.replace("{port}", &address.port().to_string())).unwrap();
        let child = wait(Command::new("redis-server").arg(&file).arg("--sentinel"), address);
        Self { child, address, options: Vec::new(), folder }
    }

    /// Returns a port that is free now.
    pub(crate) fn free_port() -> u16 {
        free_address().port()
    }

    fn start_at(address: SocketAddr, options: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { child: spawn(address, &options, &folder), address, options, folder }
    }

    /// Returns its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Returns where it is, as somebody with a password says it.
    pub(crate) fn url_with(&self, password: &str) -> String {
        format!("redis://:{password}@{}", self.address)
    }

    /// Runs a command and returns its answer.
    pub(crate) fn run(&self, command: &[&str]) -> String {
        let port = self.address.port().to_string();
        let output = Command::new("redis-cli").args(["-p", &port]).args(command).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Lets it stand still (`STOP`), or go on (`CONT`).
    pub(crate) fn signal(&self, name: &str) {
        let number = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &number]).status().unwrap().success());
    }

    /// Kills it without a word.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Kills it and starts an empty one at the same address.
    pub(crate) fn restart(&mut self) {
        self.end();
        self.child = spawn(self.address, &self.options, &self.folder);
    }

    fn end(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end();
    }
}

fn free_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free_port()))
}

fn spawn(address: SocketAddr, options: &[String], folder: &TempDir) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
    wait(command.arg(folder.path()).args(options), address)
}

/// Starts it and waits until it answers.
fn wait(command: &mut Command, address: SocketAddr) -> Child {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = quiet.spawn().expect("redis-server can be started; scripts/setup --services installs it");
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "redis-server does not answer");
        std::thread::yield_now();
    }
    child
}
