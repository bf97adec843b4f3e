//! A peer that vanishes without a word. Its packets are lost in a network that only this test is in, so that nothing else is.

use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout};

use crate::support::{Folders, Process, TOKEN};

/// What a server may take: a heartbeat that is not acknowledged, the 30 s after which the kernel gives up, and a slow machine.
const PATIENCE: Duration = Duration::from_secs(2 + 30 + 13);

/// The peer's address, of the range that is set aside for tests of networks (RFC 2544).
const VANISHING: &str = "198.18.0.1";

fn own_network() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--map-root-user", "--"]);
    command
}

fn ip(arguments: &str) {
    let done =
        Command::new("ip").args(arguments.split(' ')).status().expect("ip, of Debian's iproute2: scripts/setup --services");
    assert!(done.success(), "ip {arguments}");
}

#[test]
fn a_peer_that_vanished_is_given_up_after_a_heartbeat_and_the_kernels_patience() {
    if !own_network().arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this system gives no network namespaces to its users, and a lost packet cannot be made without");
        return;
    }
    let mut inside = own_network();
    inside.arg(std::env::current_exe().unwrap()).args([
        "--exact",
        "half_open::within_a_network_of_its_own",
        "--ignored",
        "--nocapture",
    ]);
    let output = inside.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[tokio::test]
#[ignore = "takes its own network apart: the test above gives it one"]
async fn within_a_network_of_its_own() {
    ip("link set lo up");
    ip(&format!("address add {VANISHING}/32 dev lo"));
    let folders = Folders::new();
    let server = Process::start(&folders, &["--feed", "none", "--ingest-token", TOKEN, "--no-demo", "--heartbeat-s", "2"]);
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((VANISHING.parse::<std::net::IpAddr>().unwrap(), 0).into()).unwrap();
    let mut peer = socket.connect(server.address).await.unwrap();
    peer.write_all(b"GET /api/v1/sse/notifications HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut heard = String::new();
    while !heard.contains("event: synced") {
        let mut bytes = [0; 1024];
        let read = peer.read(&mut bytes).await.unwrap();
        heard.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let mut watcher = server.request("GET", "/api/v1/sse/metrics").stream().await;
    while watcher.until("server_metrics").await.data["streams"] != 2 {}
    // From here on nothing reaches the peer, and nothing comes from it.
    ip(&format!("route add blackhole {VANISHING}/32"));
    ip(&format!("address delete {VANISHING}/32 dev lo"));
    let vanished = Instant::now();
    let given_up = timeout(PATIENCE, async { while watcher.until("server_metrics").await.data["streams"] != 1 {} });
    given_up.await.expect("the place of a peer that vanished comes back");
    println!("given up after {:.1} s", vanished.elapsed().as_secs_f64());
    let figures = server.request("GET", "/metrics").send().await.text();
    assert!(figures.contains("foliostream_connections 2\n"), "the watcher's and the one that asks: {figures}");
    assert!(figures.contains("foliostream_slow_closed_total 1\n"), "{figures}");
    drop((peer, watcher));
    assert_eq!(server.terminate(), Some(0));
}
