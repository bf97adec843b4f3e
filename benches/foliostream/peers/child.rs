//! A peer's process, ended when it is let go, and the ways to find out about one.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How long a peer may take until it accepts connections: Python imports for a second or two.
const START: Duration = Duration::from_secs(20);

/// Between two looks at what is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How long a peer may take to end after it was asked to; then it is killed.
const END: Duration = Duration::from_secs(5);

/// A process that runs until it is dropped, and its folder.
pub(crate) struct Running {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts a program in `folder`.
    pub(crate) fn start(folder: tempfile::TempDir, command: &mut Command) -> Result<Self, Failure> {
        Ok(Self { child: command.current_dir(folder.path()).spawn()?, _folder: folder })
    }

    /// Returns the process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until something listens at `address`.
    pub(crate) fn wait_for(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("it ended at its start with {status}").into());
            }
            if started.elapsed() > START {
                return Err(format!("it does not listen on {address}").into());
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    /// Waits until the process has a child of its own, and returns the first.
    pub(crate) fn first_child(&self) -> Result<u32, Failure> {
        let started = Instant::now();
        loop {
            match child_of(self.id())? {
                Some(child) => return Ok(child),
                None if started.elapsed() > START => return Err("it has no process of its own".into()),
                None => std::thread::sleep(BETWEEN_LOOKS),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let asked = Instant::now();
        if matches!(self.child.try_wait(), Ok(None)) {
            // Asked first: an nginx that is killed outright leaves its worker behind.
            let _ = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        }
        while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < END {
            std::thread::sleep(BETWEEN_LOOKS);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a command that gets nothing of the caller's environment, and says what goes wrong where the caller does.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Returns an address of loopback at which nothing listens.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn child_of(parent: u32) -> Result<Option<u32>, Failure> {
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // It may be gone by now.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let after_state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1));
        if after_state.and_then(|number| number.parse().ok()) == Some(parent) {
            return Ok(Some(process));
        }
    }
    Ok(None)
}
