//! HTTPS with a certificate of one's own, asked by curl: a client that was written by others.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::http_2::{DATA, HEADERS, Http2};
use crate::support::{Authority, Folders, Process, Server, TOKEN, fail};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

struct Encrypted {
    server: Process,
    authority: Authority,
    _folders: Folders,
}

impl Encrypted {
    fn start() -> Self {
        let (folders, authority) = (Folders::new(), Authority::new());
        let [certificate, key] = authority.server();
        let options = [
            "--feed",
            "none",
            "--ingest-token",
            TOKEN,
            "--drain-s",
            "1",
            "--max-streams-per-user",
            "0",
            "--tls-cert",
            text(&certificate),
            "--tls-key",
            text(&key),
        ];
        let server = Process::start(&folders, &options);
        let encrypted = Self { server, authority, _folders: folders };
        let quotes = r#"[{"ticker":"AAPL","price":"150"}]"#;
        let pushed = encrypted.get(
            &[
                "-X",
                "POST",
                "-H",
                &format!("authorization: Bearer {TOKEN}"),
                "-H",
                "content-type: application/json",
                "-d",
                quotes,
            ],
            "/api/v1/quotes",
        );
        assert!(pushed.contains(r#""accepted":1"#), "{pushed}");
        encrypted
    }

    fn curl(&self, options: &[&str], path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sSN", "--max-time", "20", "--cacert", text(&self.authority.certificate())]).args(options);
        curl.arg(format!("https://localhost:{}{path}", self.server.address.port()));
        curl
    }

    fn get(&self, options: &[&str], path: &str) -> String {
        let output = self.curl(options, path).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn stream(&self, options: &[&str], path: &str) -> (Child, impl Iterator<Item = String> + use<>) {
        let mut child = self.curl(options, path).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        (child, lines)
    }
}

#[test]
fn a_stream_over_http_2_has_nothing_of_the_connection_and_ends_in_order() {
    let encrypted = Encrypted::start();
    let (mut child, mut lines) = encrypted.stream(&["--http2", "-D", "-"], "/api/v1/sse/prices?tickers=AAPL");
    let mut head = Vec::new();
    loop {
        let line = lines.next().expect("a head comes");
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_ascii_lowercase());
    }
    assert_eq!(head[0], "http/2 200");
    assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
    assert!(head.contains(&"strict-transport-security: max-age=31536000".to_owned()), "{head:?}");
    for connection_level in ["connection:", "transfer-encoding:", "keep-alive:", "content-length:"] {
        assert!(!head.iter().any(|line| line.starts_with(connection_level)), "{head:?}");
    }
    assert!(lines.any(|line| line == "event: synced"), "the stream opens");
    assert_eq!(encrypted.server.terminate(), Some(0));
    assert!(lines.any(|line| line == "event: bye"), "the stream says bye");
    assert!(child.wait().unwrap().success(), "the stream ends in order");
}

#[test]
fn a_dozen_streams_share_one_connection() {
    let encrypted = Encrypted::start();
    let url = format!("https://localhost:{}/api/v1/sse/prices?tickers=AAPL", encrypted.server.address.port());
    let mut options = vec!["--http2", "--parallel", "-w", "\nconnections %{num_connects}\n"];
    options.extend([url.as_str(); 11]);
    let (mut child, mut lines) = encrypted.stream(&options, "/api/v1/sse/prices?tickers=AAPL");
    for _ in 0..12 {
        assert!(lines.any(|line| line == "event: synced"), "each stream opens");
    }
    assert_eq!(encrypted.server.terminate(), Some(0));
    let opened: Vec<_> = lines.filter_map(|line| line.strip_prefix("connections ").map(str::to_owned)).collect();
    assert_eq!(opened.iter().filter(|count| *count == "1").count(), 1, "{opened:?}");
    assert_eq!(opened.len(), 12, "{opened:?}");
    child.wait().unwrap();
}

#[tokio::test]
async fn a_stream_over_http_2_that_nobody_reads_ends_with_its_connection_and_is_counted() {
    let authority = Authority::new();
    let server = Server::encrypted(&authority).await;
    let mut client = Http2::connect(server.address.port(), &authority.certificate()).await;
    let (unread, read) = (1, 3);
    for stream in [unread, read] {
        client.get(stream, "/api/v1/sse/notifications").await;
    }
    for _ in 0..2 {
        assert_eq!(client.next_while(|| {}).await.expect("both answer").kind, HEADERS);
    }
    client.allow(read, 1_000_000).await;
    let (mut seconds, mut heartbeats) = (0, 0);
    while let Some(frame) = client.next_while(|| (seconds, _) = (seconds + 1, server.advance(1_000))).await {
        assert_eq!((frame.kind, frame.stream), (DATA, read), "nothing comes of the stream that takes nothing");
        heartbeats += String::from_utf8(frame.content).unwrap().matches("event: heartbeat").count();
    }
    assert!(seconds >= 45, "given up after {seconds} s");
    assert!(heartbeats >= 2, "the stream beside it lives until then: {heartbeats} heartbeats");

    let mut client = Http2::connect(server.address.port(), &authority.certificate()).await;
    client.get(1, "/api/v1/sse/metrics").await;
    client.allow(1, 1_000_000).await;
    let mut figures = String::new();
    let is_told = |figures: &str| figures.contains(r#""slow_closed":1,"#) && figures.contains(r#""streams":1,"#);
    for _ in 0..200 {
        if is_told(&figures) {
            break;
        }
        let frame = client.next_while(|| server.advance(1_000)).await.expect("figures come once a second");
        figures = String::from_utf8_lossy(&frame.content).into_owned();
    }
    assert!(is_told(&figures), "{figures}");
    server.stop().await;
}

#[test]
fn streams_within_tls_may_also_come_over_http_1_1() {
    let encrypted = Encrypted::start();
    let (mut child, mut lines) = encrypted.stream(&["--http1.1"], "/api/v1/sse/prices?tickers=AAPL");
    assert!(lines.any(|line| line == "event: synced"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_pages_own_scripts_may_read_streams_over_http_2_and_those_of_other_sites_may_not() {
    let encrypted = Encrypted::start();
    let own = format!("origin: https://localhost:{}", encrypted.server.address.port());
    let status = |origin: &str| {
        encrypted
            .get(&["--http2", "-I", "-o", "/dev/null", "-w", "%{http_code}", "-H", origin], "/api/v1/sse/prices?tickers=AAPL")
    };
    assert_eq!(status(&own), "200");
    assert_eq!(status("origin: https://evil.example"), "403");
}

#[test]
fn plain_http_on_an_encrypted_port_is_not_answered_and_harms_nobody() {
    let encrypted = Encrypted::start();
    let url = format!("http://localhost:{}/healthz", encrypted.server.address.port());
    let output = Command::new("curl").args(["-sS", "--max-time", "20", &url]).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(encrypted.get(&[], "/healthz"), "alive\n");
}

#[test]
fn a_certificate_that_cannot_be_used_is_one_line_and_exit_64() {
    let (folders, authority) = (Folders::new(), Authority::new());
    let [certificate, key] = authority.server();
    let (none, garbage) = (folders.path("none.pem"), folders.path("garbage.pem"));
    std::fs::write(&garbage, "not PEM").unwrap();
    for (certificate, key, option) in [
        (&none, &key, "--tls-cert"),
        (&garbage, &key, "--tls-cert"),
        (&certificate, &none, "--tls-key"),
        (&certificate, &certificate, "--tls-key"),
    ] {
        let options = ["--listen", "127.0.0.1:0", "--tls-cert", text(certificate), "--tls-key", text(key)];
        let (code, line) = fail(&folders, &options, &[]);
        assert_eq!(code, 64, "{line}");
        assert!(line.contains(option), "{line}");
    }
    let (code, line) = fail(&folders, &["--tls-cert", text(&certificate)], &[]);
    assert_eq!(code, 64);
    assert!(line.contains("--tls-key"), "{line}");
}
