//! sse-starlette on uvicorn, with the event loop and the parser in C that uvicorn recommends: one process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::child::{self, Running, free_address};
use crate::Failure;

/// The interpreter among the packages that `scripts/setup --peers` installed.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/starlette/bin/python")
}

/// Says what is missing to run it.
pub(crate) fn absent() -> Option<String> {
    (!python().exists()).then(|| "its virtual environment is not there (scripts/setup --peers)".to_owned())
}

/// Starts it.
pub(crate) fn start(heartbeat_s: u64) -> Result<(Running, SocketAddr), Failure> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    std::fs::write(folder.path().join("starlette_peer.py"), include_str!("starlette.py"))?;
    let port = address.port().to_string();
    let mut command = child::command(python());
    command.args(["-m", "uvicorn", "starlette_peer:application", "--host", "127.0.0.1", "--port", &port]);
    command.args(["--no-access-log", "--log-level", "warning", "--backlog", "4096", "--loop", "uvloop", "--http", "httptools"]);
    let mut running = Running::start(folder, command.env("HEARTBEAT_S", heartbeat_s.to_string()))?;
    running.wait_for(address)?;
    Ok((running, address))
}
