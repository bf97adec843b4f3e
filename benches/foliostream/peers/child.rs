//! A peer's process, ended when it is let go, and the ways to find out about one.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How long a peer may take until it accepts connections: Python imports for a second or two.
const START: Duration = Duration::from_secs(20);

/// How long a peer may take to end after it was asked to; then it is killed.
const END: Duration = Duration::from_secs(5);

/// A process that runs until it is dropped, and its folder.
pub struct Running {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts a program in `folder`.
    pub fn start(folder: tempfile::TempDir, command: &mut Command) -> Result<Self, Failure> {
        Ok(Self { child: command.current_dir(folder.path()).spawn()?, _folder: folder })
    }

    /// Returns the process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until something listens at `address`.
    pub fn wait_for(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("it ended at its start with {status}").into());
            }
            if started.elapsed() > START {
                return Err(format!("it does not listen on {address}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
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
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a command that gets nothing of the caller's environment, and says what goes wrong where the caller does.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Returns an address of loopback at which nothing listens.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Returns the first child of a process.
pub fn child_of(parent: u32) -> Result<u32, Failure> {
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // It may be gone by now.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let after_state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(1));
        if after_state.and_then(|number| number.parse().ok()) == Some(parent) {
            return Ok(process);
        }
    }
    Err(format!("process {parent} has no child").into())
}
