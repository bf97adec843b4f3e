//! nginx with nchan, as Debian packages them: one worker.

use std::net::SocketAddr;
use std::path::Path;

use super::child::{self, Running, free_address};
use crate::Failure;

const NGINX: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// Says what is missing to run it.
pub(crate) fn absent() -> Option<String> {
    let missing = [NGINX, MODULE].into_iter().find(|path| !Path::new(path).exists())?;
    Some(format!("{missing} is not installed (scripts/setup --peers)"))
}

/// Starts it; also returns its worker, which is the one to be measured.
pub(crate) fn start(heartbeat_s: u64) -> Result<(Running, SocketAddr, u32), Failure> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let configuration = include_str!("nginx.conf");
    let configuration =
        configuration.replace("127.0.0.1:PORT", &address.to_string()).replace("HEARTBEAT_S;", &format!("{heartbeat_s};"));
    let path = folder.path().join("nginx.conf");
    std::fs::write(&path, configuration)?;
    let mut command = child::command(NGINX);
    command.arg("-p").arg(folder.path()).args(["-e", "stderr"]).arg("-c").arg(path);
    let mut running = Running::start(folder, &mut command)?;
    running.wait_for(address)?;
    let worker = running.first_child()?;
    Ok((running, address, worker))
}
