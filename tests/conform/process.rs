//! The process behind a server: one that somebody named, or a child of our own in a folder of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::wire::PATIENCE;

/// What our own servers are asked to take pushes with.
pub(crate) const TOKEN: &str = "conform";

/// A process that may be stopped.
#[derive(Debug)]
pub(crate) enum Process {
    /// Somebody else's.
    Named(u32),
    /// Ours.
    Child(Mutex<Own>),
}

/// A child and the folder it lives in.
#[derive(Debug)]
pub(crate) struct Own {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Own {
    /// Starts a server on a free port, with no more than its options, and a certificate of its own where it is to be encrypted.
    /// Returns it, its URL, and the file its certificate is checked against.
    pub(crate) fn start(options: &[&str], is_encrypted: bool) -> Result<(Self, String, Option<String>), String> {
        let folder = tempfile::tempdir().map_err(|error| format!("a temporary folder: {error}"))?;
        std::fs::create_dir_all(folder.path().join("site/pkg")).map_err(|error| error.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_foliostream"));
        command.args(["--listen", "127.0.0.1:0", "--feed", "none", "--no-demo", "--ingest-token", TOKEN]).args(options);
        command.arg("--data-dir").arg(folder.path().join("data")).arg("--site-dir").arg(folder.path().join("site"));
        let roots = if is_encrypted { Some(certify(folder.path(), &mut command)?) } else { None };
        command.env_clear().env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut own = Self { child, _folder: folder };
        let url = own.read_url()?;
        Ok((own, url, roots))
    }

    /// Reads the address the server logs, and leaves a thread to read on so that it never waits for its log.
    fn read_url(&mut self) -> Result<String, String> {
        let log = self.child.stderr.take().ok_or("the server has no log")?;
        let mut lines = BufReader::new(log).lines().map_while(Result::ok);
        let mut said = String::new();
        for line in lines.by_ref() {
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http") && word.contains("://")) {
                let url = url.to_owned();
                std::thread::spawn(move || {
                    // Warnings, and what is no line of the log: a panic, or the last word of a server that ended.
                    let uncommon = lines.filter(|line| !line.contains(" INFO "));
                    uncommon.for_each(|line| println!("server: {line}"));
                });
                return Ok(url);
            }
            said.push_str(&line);
        }
        Err(format!("the server did not start: {said}"))
    }
}

/// Makes a certificate and has a server use it; returns where it is.
fn certify(folder: &Path, server: &mut Command) -> Result<String, String> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    // One that may sign others is not taken for a server's own.
    command.args(["-subj", "/CN=localhost", "-addext", "basicConstraints=critical,CA:FALSE"]);
    command.args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]).arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    let made = command.stderr(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        return Err("openssl did not make a certificate".to_owned());
    }
    server.arg("--tls-cert").arg(&certificate).arg("--tls-key").arg(&key);
    Ok(certificate.display().to_string())
}

impl Drop for Own {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Asks it to stop.
    pub(crate) fn terminate(&self) -> Result<(), String> {
        let number = match self {
            Self::Named(number) => *number,
            Self::Child(own) => own.lock().unwrap_or_else(PoisonError::into_inner).child.id(),
        };
        let asked = Command::new("kill").args(["-TERM", &number.to_string()]).status();
        if asked.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("process {number} cannot be stopped")) }
    }

    /// Returns how it ended, where it is ours and has.
    pub(crate) fn is_over(&self) -> Option<String> {
        let Self::Child(own) = self else { return None };
        let status = own.lock().unwrap_or_else(PoisonError::into_inner).child.try_wait();
        status.ok().flatten().map(|status| status.to_string())
    }

    /// Waits until it has ended; returns how, where that can be known.
    pub(crate) fn ended(&self) -> Result<Option<i32>, String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self {
                Self::Named(number) if !is_alive(*number) => return Ok(None),
                Self::Named(_) => {}
                Self::Child(own) => {
                    let status = own.lock().unwrap_or_else(PoisonError::into_inner).child.try_wait();
                    if let Some(status) = status.map_err(|error| error.to_string())? {
                        return status.code().map(Some).ok_or_else(|| format!("it was ended: {status}"));
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("it still runs after {PATIENCE:?}"))
    }
}

fn is_alive(number: u32) -> bool {
    let asked = Command::new("kill").args(["-0", &number.to_string()]).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}
