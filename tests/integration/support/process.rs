//! The real binary, for what only a process can show: exit codes, signals, and a death without a last word.

use std::ffi::OsString;
use std::fmt::Write;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::http::{DEADLINE, Request};

/// A data folder and a site folder of a server.
#[derive(Debug)]
pub(crate) struct Folders(TempDir);

impl Folders {
    /// Makes an empty data folder and a site without parts.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        Self(folder)
    }

    /// Returns a path within.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Opens the database of a server that lives here, beside it.
    pub(crate) async fn database(&self) -> sqlx::SqlitePool {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path("data/foliostream.db"));
        sqlx::SqlitePool::connect_with(options).await.unwrap()
    }

    /// Returns the arguments of a server that lives here; those of a command about databases as they are.
    pub(crate) fn arguments(&self, options: &[&str]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["foliostream".into()];
        for (option, name) in [("--data-dir", "data"), ("--site-dir", "site")] {
            if !options.contains(&option) && !options.first().is_some_and(|first| ["db", "backup", "restore"].contains(first)) {
                arguments.extend([option.into(), self.path(name).into_os_string()]);
            }
        }
        arguments.extend(options.iter().map(OsString::from));
        arguments
    }
}

/// A running process; it is killed when the test ends.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Where it listens.
    pub address: SocketAddr,
}

fn command(folders: &Folders, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foliostream"));
    command.args(&folders.arguments(options)[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Process {
    /// Starts the binary in these folders on a free port, and waits until it says where.
    pub(crate) fn start(folders: &Folders, options: &[&str]) -> Self {
        let mut all = vec!["--listen", "127.0.0.1:0"];
        all.extend(options);
        Self::watch(command(folders, &all).spawn().unwrap())
    }

    /// Starts the binary with so few files that it may open.
    pub(crate) fn start_with_files(folders: &Folders, files: u32, options: &[&str]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n \"$1\" && shift && exec \"$@\"", "sh", &files.to_string()]);
        shell.arg(env!("CARGO_BIN_EXE_foliostream")).args(&folders.arguments(&["--listen", "127.0.0.1:0"])[1..]).args(options);
        Self::watch(shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn watch(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended before it listened: {}", log.lock().unwrap())).unwrap();
            writeln!(log.lock().unwrap(), "{line}").unwrap();
            if let Some((_, address)) = line.split_once("://") {
                break address.parse().unwrap();
            }
        };
        // Read on, so that it never waits for a full pipe.
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                writeln!(written.lock().unwrap(), "{line}").unwrap();
            }
        });
        Self { child, log, address }
    }

    /// Returns everything it has written to its log.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Begins a request.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    /// Returns its process number.
    pub(crate) fn number(&self) -> u32 {
        self.child.id()
    }

    /// Kills it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end.
pub(crate) fn run(folders: &Folders, options: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut child = command(folders, options).envs(environment.iter().copied()).spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        err.read_to_end(&mut text).unwrap();
        text
    });
    let (ended, running) = std::sync::mpsc::channel::<()>();
    let number = child.id().to_string();
    std::thread::spawn(move || {
        if running.recv_timeout(DEADLINE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &number]).status();
        }
    });
    let mut stdout = Vec::new();
    out.read_to_end(&mut stdout).unwrap();
    drop(ended);
    Output { status: child.wait().unwrap(), stdout, stderr: reader.join().unwrap() }
}

/// Runs the binary, which must refuse to start; returns its exit code and its one line.
pub(crate) fn fail(folders: &Folders, options: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let output = run(folders, options, environment);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "one line on stderr: {text:?}");
    assert!(text.starts_with("foliostream: ") && text.ends_with('\n'), "{text:?}");
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), text.trim_end().to_owned())
}
