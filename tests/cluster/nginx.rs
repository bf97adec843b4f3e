//! A rolling restart behind nginx: what an operator does on a Tuesday, under load.

use std::fmt::Write;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::call;
use super::fleet::Fleet;
use super::servers::{Redis, free_port};

/// An nginx in front of workers.
struct Nginx {
    child: Child,
    _folder: TempDir,
    address: SocketAddr,
}

impl Nginx {
    async fn start(workers: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let path = folder.path().join("nginx.conf");
        std::fs::write(&path, configuration(&folder, address, workers)).unwrap();
        let child = Command::new("/usr/sbin/nginx")
            .arg("-c")
            .arg(&path)
            .arg("-p")
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed (scripts/setup --services)");
        let deadline = Instant::now() + Duration::from_secs(10);
        while call(address, "GET", "/healthz", None).await.is_err() {
            assert!(Instant::now() < deadline, "nginx does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { child, _folder: folder, address }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its own signal: killed outright it would leave its workers behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// The sample that docs/DEPLOY.md names, with a line for each worker, ports of its own, and plain HTTP instead of TLS.
fn configuration(folder: &TempDir, address: SocketAddr, workers: &[SocketAddr]) -> String {
    let sample = std::fs::read_to_string(format!("{}/../examples/proxies/nginx.conf", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut site = String::new();
    for line in sample.lines().filter(|line| !line.trim_start().starts_with('#') && !line.contains("ssl_")) {
        if line.contains("server 127.0.0.1:3000") {
            workers.iter().for_each(|worker| writeln!(site, "{}", line.replace("127.0.0.1:3000", &worker.to_string())).unwrap());
        } else {
            writeln!(site, "{}", line.replace("listen 443 ssl http2", &format!("listen {address}"))).unwrap();
        }
    }
    assert!(!site.contains("443") && !site.contains(":3000"), "the sample has changed: {site}");
    let folder = folder.path().display();
    format!(
        "daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path {folder};\n  proxy_temp_path {folder};\n  fastcgi_temp_path {folder};\n  \
         uwsgi_temp_path {folder};\n  scgi_temp_path {folder};\n{site}\n}}\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_behind_nginx_are_restarted_one_by_one_and_no_stream_notices() {
    let redis = Redis::start(free_port());
    let mut fleet = Fleet::start(3, 0, redis.port, &["--trusted-proxies".to_owned(), "127.0.0.1".to_owned()]).await;
    let nginx = Nginx::start(&fleet.workers.iter().map(|worker| worker.address).collect::<Vec<_>>()).await;
    fleet.enter_by(vec![nginx.address]);
    fleet.watch(200);
    fleet.start_pushing();
    fleet.caught_up().await;
    let began = Instant::now();
    for index in 0..fleet.workers.len() {
        fleet.workers[index].signal("TERM");
        fleet.wait_unready(index).await;
        assert!(fleet.workers[index].ended().await, "worker {index} did not end well:\n{}", fleet.log(index));
        fleet.restart(index).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    fleet.caught_up().await;
    fleet.stop_pushing().await;
    let outcome = fleet.converged().await;
    assert!(outcome.behind.is_empty(), "{:?}", outcome.behind.first());
    assert_eq!((outcome.lost, outcome.doubled, outcome.refused), (0, 0, 0), "{outcome:?}");
    println!("three workers behind nginx restarted in {seconds:.1} s under 200 streams: 0 lost, 0 doubled, no stream refused");
}
