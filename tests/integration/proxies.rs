//! The samples of `examples/proxies`, each started in front of a server, within TLS and without: a stream's first event comes at
//! once, its heartbeats and its end pass, forms and commands work, and what operators ask is not published. A proxy that is not
//! installed is said and skipped;
//! `scripts/setup --proxies` installs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Answer, Authority, EventStream, Folders, Process, Redis, Request, Server, TOKEN};

/// A running proxy; it is ended when the test ends.
struct Proxy {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    authority: Authority,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its own signal: killed outright it would leave its workers behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Returns where a program is; says where it is missing.
fn installed(name: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/proxies/bin");
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from);
    let found = folders.into_iter().chain([own]).map(|folder| folder.join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("{name} is not installed (scripts/setup --proxies): its sample was not tried");
    }
    found
}

fn sample(name: &str) -> String {
    fs::read_to_string(format!("{}/../examples/proxies/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

impl Proxy {
    /// Starts a proxy with a configuration that is made from its sample, once the program itself has found it sound.
    async fn start(program: &Path, make: impl Fn(&Place) -> String, check: &[&str], run: &[&str]) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        let address = SocketAddr::from(([127, 0, 0, 1], Redis::free_port()));
        let place = Place { folder: folder.path().to_owned(), address, certificates: authority.server() };
        let file = folder.path().join("configuration.yaml");
        fs::write(&file, make(&place)).unwrap();
        let command = |words: &[&str]| {
            let words = words.iter().map(|word| word.replace("{file}", file.to_str().unwrap()));
            let mut command = Command::new(program);
            command.args(words).current_dir(folder.path()).env("HOME", folder.path()).env("XDG_DATA_HOME", folder.path());
            command.env("XDG_CONFIG_HOME", folder.path());
            command
        };
        if !check.is_empty() {
            let checked = command(check).output().unwrap();
            assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command(run).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut proxy = Self { child, address, folder, authority };
        proxy.until_it_listens().await;
        proxy
    }

    async fn until_it_listens(&mut self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && tokio::time::Instant::now() < deadline, "{}", self.log());
            tokio::task::yield_now().await;
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// Asks until the proxy has found the server.
    async fn until_it_answers(&self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while self.get("/api/v1/alerts").await.status() != 200 {
            assert!(tokio::time::Instant::now() < deadline, "{}", self.log());
        }
    }

    /// Asks within TLS, by the name that the samples are for, over HTTP/2 where the proxy speaks it; returns the answer's head
    /// and its lines up to one that holds `until`.
    fn curl(&self, path: &str, until: &str) -> String {
        let name = format!("portfolio.example:{}", self.address.port());
        let mut curl = Command::new("curl");
        curl.args(["-sSN", "--http2", "--max-time", "20", "--cacert"]).arg(self.authority.certificate());
        curl.args(["--resolve", &format!("{name}:127.0.0.1"), "-D", "-"]).arg(format!("https://{name}{path}"));
        let mut child = curl.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut told = String::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            told.push_str(&line);
            told.push('\n');
            if line.contains(until) {
                break;
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        told
    }

    async fn stream(&self, path: &str) -> EventStream {
        self.request("GET", &format!("/api/v1/sse/{path}")).stream().await
    }
}

/// Where a sample is tried.
struct Place {
    folder: PathBuf,
    address: SocketAddr,
    certificates: [PathBuf; 2],
}

impl Place {
    /// Puts this machine's port and files into a sample, and plain HTTP instead of TLS: what it does to a stream is the same.
    fn fill(&self, sample: &str, server: SocketAddr, encrypted: &str, plain: &str) -> String {
        assert!(sample.contains(encrypted), "the sample has changed: {encrypted}");
        let plain = plain.replace("{address}", &self.address.to_string());
        sample.replace(encrypted, &plain).replace("127.0.0.1:3000", &server.to_string())
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn certificate(&self) -> String {
        self.certificates[0].display().to_string()
    }

    fn key(&self) -> String {
        self.certificates[1].display().to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn server() -> Server {
    let server = Server::with(&["--trusted-proxies", "127.0.0.1", "--allowed-host", "portfolio.example"]).await;
    server.price("AAPL", "150.00").await;
    server
}

/// What must hold behind any proxy.
async fn works(server: Server, proxy: &Proxy) {
    proxy.until_it_answers().await;
    operators_are_kept_out(proxy).await;
    forms_and_commands_pass(proxy).await;
    let mut stream = proxy.stream("prices?tickers=AAPL").await;
    assert_eq!(stream.head.get("content-type"), Some("text/event-stream"));
    assert_eq!(stream.opening().await.first().unwrap().event, "hello");
    server.price("AAPL", "151.00").await;
    assert_eq!(stream.expect("price_update").await.text("price"), "151.00");
    let heartbeat = stream.next_while(|| server.advance(1_000)).await.unwrap();
    assert_eq!(heartbeat.event, "heartbeat");
    server.ask_to_stop();
    let bye = loop {
        let message = stream.next_while(|| server.advance(500)).await.expect("a stream ends with a word");
        if message.event == "bye" {
            break message;
        }
    };
    assert_eq!(bye.text("reason"), "drain");
    server.stop().await;
}

/// What must hold within TLS: pages, streams from their first event on, and commands of the page's own scripts.
async fn works_within_tls(proxy: Proxy) {
    let told = tokio::task::spawn_blocking(move || {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let mut page = proxy.curl("/", "</html>");
        while !page.contains("</html>") && std::time::Instant::now() < deadline {
            page = proxy.curl("/", "</html>");
        }
        assert!(page.contains("<title>") && page.contains(" 200"), "{page} {}", proxy.log());
        proxy.curl("/api/v1/sse/prices?tickers=AAPL", "event: synced")
    });
    let told = told.await.unwrap();
    assert!(told.contains("content-type: text/event-stream") || told.contains("Content-Type: text/event-stream"), "{told}");
    assert!(told.contains("event: hello") && told.contains("event: synced"), "{told}");
}

async fn operators_are_kept_out(proxy: &Proxy) {
    for path in ["/metrics", "/readyz", "/healthz", "/api/v1/sse/metrics"] {
        assert_eq!(proxy.get(path).await.status(), 404, "{path} is published");
    }
}

async fn forms_and_commands_pass(proxy: &Proxy) {
    assert_eq!(proxy.get("/").await.status(), 200);
    let site = format!("http://{}", proxy.address);
    let form = proxy.request("POST", "/api/ui/create_alert").header("origin", &site).header("referer", &format!("{site}/alerts"));
    let form = form.header("accept", "text/html");
    let posted = form.text("application/x-www-form-urlencoded", "ticker=AAPL&condition=price_above&threshold=200").send().await;
    assert_eq!(posted.status(), 303, "{}", posted.text());
    assert!(!posted.header("location").contains("__err="), "{}", posted.header("location"));
    let draft = json!({"ticker": "AAPL", "condition": "price_below", "threshold": "100"});
    let made = proxy.request("POST", "/api/v1/alerts").json(&draft).send().await.expect(201);
    assert_eq!(proxy.get("/api/v1/alerts").await.expect(200).as_array().unwrap().len(), 2);
    let id = made["id"].as_str().unwrap();
    assert_eq!(proxy.request("DELETE", &format!("/api/v1/alerts/{id}")).send().await.status(), 204);
}

/// Puts a sample, which is a part of nginx' configuration, into a whole one.
fn nginx_around(place: &Place, site: &str) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.iter().map(|name| format!("  {name}_temp_path {};\n", place.path(name))).collect();
    format!(
        "daemon off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\n  access_log off;\n{temporary}\n{site}\n}}\n",
        place.path("pid")
    )
}

const NGINX_CHECK: [&str; 5] = ["-t", "-e", "stderr", "-c", "{file}"];
const NGINX_RUN: [&str; 4] = ["-e", "stderr", "-c", "{file}"];
const NGINX_TLS: &str = "listen 443 ssl http2;";

/// Names certificates that are there.
fn with_certificates(place: &Place, sample: &str) -> String {
    sample.replace("/etc/ssl/portfolio.example.pem", &place.certificate()).replace("/etc/ssl/portfolio.example.key", &place.key())
}

/// Leaves out the lines that name certificates.
fn without_certificates(sample: &str) -> String {
    let keeps = |line: &&str| !line.trim_start().starts_with("ssl_") && !line.trim_start().starts_with("SSL");
    sample.lines().filter(keeps).map(|line| format!("{line}\n")).collect()
}

async fn start_nginx(program: &Path, server: SocketAddr) -> Proxy {
    let make = |place: &Place| {
        let site = place.fill(&sample("nginx.conf"), server, NGINX_TLS, "listen {address};");
        nginx_around(place, &without_certificates(&site))
    };
    Proxy::start(program, make, &NGINX_CHECK, &NGINX_RUN).await
}

#[tokio::test]
async fn the_sample_for_nginx_works() {
    let Some(nginx) = installed("nginx") else { return };
    let server = server().await;
    let make = |place: &Place| {
        let site = place.fill(&sample("nginx.conf"), server.address, NGINX_TLS, "listen {address} ssl http2;");
        nginx_around(place, &with_certificates(place, &site))
    };
    works_within_tls(Proxy::start(&nginx, make, &NGINX_CHECK, &NGINX_RUN).await).await;
    let proxy = start_nginx(&nginx, server.address).await;
    works(server, &proxy).await;
}

#[tokio::test]
async fn the_sample_with_a_password_asks_everybody_for_it_but_those_who_push() {
    let Some(nginx) = installed("nginx") else { return };
    let server = server().await;
    let make = |place: &Place| {
        fs::write(place.folder.join("passwords"), "anna:{PLAIN}secret\n").unwrap();
        let site = place.fill(&sample("nginx-password.conf"), server.address, NGINX_TLS, "listen {address};");
        let site = site.replace("/etc/nginx/foliostream.htpasswd", &place.path("passwords"));
        nginx_around(place, &without_certificates(&site))
    };
    let proxy = Proxy::start(&nginx, make, &NGINX_CHECK, &NGINX_RUN).await;
    for path in ["/", "/api/v1/alerts", "/api/v1/sse/prices?tickers=AAPL", "/api/v1/quotes"] {
        assert_eq!(proxy.get(path).await.status(), 401, "{path}");
        let known = proxy.request("GET", path).header("authorization", "Basic YW5uYTpzZWNyZXQ=");
        assert_eq!(known.open().await.head.status, 200, "{path}");
    }
    let push = |token: &str| {
        let request = proxy.request("POST", "/api/v1/quotes").header("authorization", &format!("Bearer {token}"));
        request.json(&json!([{"ticker": "AAPL", "price": "152"}])).send()
    };
    assert_eq!(push(crate::support::TOKEN).await.status(), 202);
    assert_eq!(push("wrong").await.status(), 401);
    server.stop().await;
}

const HAPROXY_CHECK: [&str; 3] = ["-c", "-f", "{file}"];
const HAPROXY_RUN: [&str; 3] = ["-db", "-f", "{file}"];

async fn start_haproxy(program: &Path, server: SocketAddr, sample: &str) -> Proxy {
    const TLS: &str = "bind :443 ssl crt /etc/haproxy/portfolio.example.pem alpn h2,http/1.1";
    let make = |place: &Place| place.fill(sample, server, TLS, "bind {address}").replace("maxconn 20000", "maxconn 100");
    Proxy::start(program, make, &HAPROXY_CHECK, &HAPROXY_RUN).await
}

#[tokio::test]
async fn the_sample_for_haproxy_works() {
    let Some(haproxy) = installed("haproxy") else { return };
    let server = server().await;
    let make = |place: &Place| {
        let both = [place.certificate(), place.key()].map(|path| fs::read_to_string(path).unwrap()).concat();
        fs::write(place.folder.join("both.pem"), both).unwrap();
        let encrypted = place.fill(&sample("haproxy.cfg"), server.address, "bind :443", "bind {address}");
        // Fewer connections: it refuses to start where it may not open as many files.
        let encrypted = encrypted.replace("maxconn 20000", "maxconn 100");
        encrypted.replace("/etc/haproxy/portfolio.example.pem", &place.path("both.pem"))
    };
    works_within_tls(Proxy::start(&haproxy, make, &HAPROXY_CHECK, &HAPROXY_RUN).await).await;
    let proxy = start_haproxy(&haproxy, server.address, &sample("haproxy.cfg")).await;
    works(server, &proxy).await;
}

const CADDY_RUN: [&str; 5] = ["run", "--adapter", "caddyfile", "--config", "{file}"];
const CADDY_CHECK: [&str; 5] = ["validate", "--adapter", "caddyfile", "--config", "{file}"];

async fn start_caddy(program: &Path, server: SocketAddr, sample: &str) -> Proxy {
    let make = |place: &Place| {
        let site = place.fill(sample, server, "portfolio.example {", "http://{address} {");
        format!("{{\n\tadmin off\n\tauto_https off\n}}\n{site}")
    };
    Proxy::start(program, make, &CADDY_CHECK, &CADDY_RUN).await
}

#[tokio::test]
async fn the_sample_for_caddy_works() {
    let Some(caddy) = installed("caddy") else { return };
    let server = server().await;
    let make = |place: &Place| {
        // It gets no certificate of its own for a name that cannot be resolved.
        let own = format!("portfolio.example:{} {{\n\ttls {} {}", place.address.port(), place.certificate(), place.key());
        let site = place.fill(&sample("Caddyfile"), server.address, "portfolio.example {", &own);
        format!("{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    };
    works_within_tls(Proxy::start(&caddy, make, &CADDY_CHECK, &CADDY_RUN).await).await;
    let proxy = start_caddy(&caddy, server.address, &sample("Caddyfile")).await;
    works(server, &proxy).await;
}

/// Puts a sample, which is a part of Apache's configuration, into a whole one.
fn apache_around(place: &Place, listen: &str, site: &str) -> String {
    let needed = ["mpm_event", "authz_core", "env", "rewrite", "ssl", "socache_shmcb", "slotmem_shm"];
    let needed = needed.iter().chain(&["proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests", "lbmethod_bybusyness"]);
    let modules: String =
        needed.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")).collect();
    let folder = place.folder.display();
    format!(
        "ServerRoot {folder}\nServerName localhost\nDefaultRuntimeDir {folder}\nPidFile {folder}/pid\nErrorLog /dev/stderr\n\
         {modules}{listen}\nStartServers 1\nMinSpareThreads 1\nMaxSpareThreads 75\nThreadsPerChild 25\n{site}\n"
    )
}

const APACHE_RUN: [&str; 3] = ["-DFOREGROUND", "-f", "{file}"];
const APACHE_CHECK: [&str; 3] = ["-t", "-f", "{file}"];

async fn start_apache(program: &Path, server: SocketAddr) -> Proxy {
    let make = |place: &Place| {
        let site = place.fill(&sample("apache.conf"), server, "<VirtualHost *:443>", "<VirtualHost {address}>");
        apache_around(place, &format!("Listen {}", place.address), &without_certificates(&site))
    };
    Proxy::start(program, make, &APACHE_CHECK, &APACHE_RUN).await
}

#[tokio::test]
async fn the_sample_for_apache_works() {
    let Some(apache) = installed("apache2") else { return };
    let server = server().await;
    let make = |place: &Place| {
        let site = place.fill(&sample("apache.conf"), server.address, "<VirtualHost *:443>", "<VirtualHost {address}>");
        apache_around(place, &format!("Listen {}", place.address), &with_certificates(place, &site))
    };
    works_within_tls(Proxy::start(&apache, make, &APACHE_CHECK, &APACHE_RUN).await).await;
    let proxy = start_apache(&apache, server.address).await;
    works(server, &proxy).await;
}

/// Writes what Traefik is started with, beside the routes of the sample.
fn traefik_around(place: &Place, routes: &str) -> String {
    fs::write(place.folder.join("routes.yaml"), routes).unwrap();
    format!(
        "entryPoints:\n  people:\n    address: {}\nproviders:\n  file:\n    filename: {}\nglobal:\n  checkNewVersion: false\n",
        place.address,
        place.path("routes.yaml")
    )
}

const TRAEFIK_RUN: [&str; 1] = ["--configFile={file}"];

async fn start_traefik(program: &Path, server: SocketAddr) -> Proxy {
    let make = |place: &Place| {
        let routes = place.fill(&sample("traefik.yaml"), server, "      tls: {}\n", "");
        traefik_around(place, &routes.replace("Host(`portfolio.example`)", "Host(`127.0.0.1`)"))
    };
    Proxy::start(program, make, &[], &TRAEFIK_RUN).await
}

#[tokio::test]
async fn the_sample_for_traefik_works() {
    let Some(traefik) = installed("traefik") else { return };
    let server = server().await;
    let make = |place: &Place| {
        let certificates =
            format!("tls:\n  certificates:\n    - certFile: {}\n      keyFile: {}\n", place.certificate(), place.key());
        let routes = place.fill(&sample("traefik.yaml"), server.address, "      tls: {}\n", "      tls: {}\n");
        traefik_around(place, &format!("{routes}{certificates}"))
    };
    works_within_tls(Proxy::start(&traefik, make, &[], &TRAEFIK_RUN).await).await;
    let proxy = start_traefik(&traefik, server.address).await;
    works(server, &proxy).await;
}

/// How long somebody who asks again may wait: the second within which the server finds a stream that has ended, and a
/// slow machine.
const SERVED_WITHIN: Duration = Duration::from_secs(5);

/// A server in a quiet market, by the machine's clock, with a limit of one stream for all.
fn server_with_one_place(folders: &Folders) -> Process {
    let market = ["--feed", "none", "--ingest-token", TOKEN, "--no-demo"];
    Process::start(folders, &[&market[..], &["--trusted-proxies", "127.0.0.1", "--max-streams-per-user", "1"]].concat())
}

/// Closes a stream and asks again, as a page does that is reloaded a few times.
async fn serves_again<P: AsyncFnOnce(SocketAddr) -> Proxy>(name: &str, start: P) {
    let folders = Folders::new();
    let started = server_with_one_place(&folders);
    let proxy = start(started.address).await;
    // Ended before the proxy is, which may wait for what it has open.
    let server = started;
    proxy.until_it_answers().await;
    let mut stream = proxy.stream("notifications").await;
    for _ in 0..3 {
        stream.opening().await;
        drop(stream);
        let asked = tokio::time::Instant::now();
        stream = proxy.stream("notifications").await;
        let waited = asked.elapsed();
        println!("{name}: served again after {:.2} s", waited.as_secs_f64());
        assert!(waited < SERVED_WITHIN, "{name}: {waited:?}");
    }
    server.kill();
}

#[tokio::test]
async fn whoever_closes_a_stream_behind_nginx_and_asks_again_is_served() {
    let Some(nginx) = installed("nginx") else { return };
    serves_again("nginx", async |server| start_nginx(&nginx, server).await).await;
}

#[tokio::test]
async fn whoever_closes_a_stream_behind_haproxy_and_asks_again_is_served() {
    let Some(haproxy) = installed("haproxy") else { return };
    let sample = sample("haproxy.cfg");
    serves_again("HAProxy", async |server| start_haproxy(&haproxy, server, &sample).await).await;
    let other = sample.replace("option abortonclose", "");
    assert_ne!(other, sample);
    serves_again("HAProxy without abortonclose", async |server| start_haproxy(&haproxy, server, &other).await).await;
}

#[tokio::test]
async fn whoever_closes_a_stream_behind_caddy_and_asks_again_is_served() {
    let Some(caddy) = installed("caddy") else { return };
    let sample = sample("Caddyfile");
    serves_again("Caddy", async |server| start_caddy(&caddy, server, &sample).await).await;
    let other = sample.replace("health_interval 1s", "health_interval 1s\n\t\tflush_interval -1");
    assert_ne!(other, sample);
    serves_again("Caddy with flush_interval -1", async |server| start_caddy(&caddy, server, &other).await).await;
}

#[tokio::test]
async fn whoever_closes_a_stream_behind_apache_and_asks_again_is_served() {
    let Some(apache) = installed("apache2") else { return };
    serves_again("Apache", async |server| start_apache(&apache, server).await).await;
}

#[tokio::test]
async fn whoever_closes_a_stream_behind_traefik_and_asks_again_is_served() {
    let Some(traefik) = installed("traefik") else { return };
    serves_again("Traefik", async |server| start_traefik(&traefik, server).await).await;
}
