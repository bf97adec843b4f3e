//! HTTPS with a certificate of one's own, asked by curl: a client that was written by others.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::{Folders, Process, TOKEN, fail};

/// Makes a certificate for localhost.
fn certificate(folders: &Folders) -> (String, String) {
    let path = |name: &str| folders.path(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-keyout", &key, "-out", &certificate])
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl is there").success());
    (certificate, key)
}

struct Encrypted {
    server: Process,
    folders: Folders,
    certificate: String,
}

impl Encrypted {
    fn start() -> Self {
        let folders = Folders::new();
        let (certificate, key) = certificate(&folders);
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
            &certificate,
            "--tls-key",
            &key,
        ];
        let server = Process::start(&folders, &options);
        let encrypted = Self { server, folders, certificate };
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
        curl.args(["-sSN", "--max-time", "20", "--cacert", &self.certificate]).args(options);
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
    for connection_level in ["connection:", "transfer-encoding:", "keep-alive:", "content-length:"] {
        assert!(!head.iter().any(|line| line.starts_with(connection_level)), "{head:?}");
    }
    assert!(lines.any(|line| line == "event: synced"), "the stream opens");
    assert_eq!(encrypted.server.terminate(), Some(0));
    assert!(lines.any(|line| line == "event: bye"), "the stream says bye");
    assert!(child.wait().unwrap().success(), "the stream ends in order");
    drop(encrypted.folders);
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
    let folders = Folders::new();
    let (certificate, key) = certificate(&folders);
    let none = folders.path("none.pem").to_str().unwrap().to_owned();
    let garbage = folders.path("garbage.pem").to_str().unwrap().to_owned();
    std::fs::write(&garbage, "not PEM").unwrap();
    for (cert, key, option) in [
        (&none, &key, "--tls-cert"),
        (&garbage, &key, "--tls-cert"),
        (&certificate, &none, "--tls-key"),
        (&certificate, &certificate, "--tls-key"),
    ] {
        let (code, line) = fail(&folders, &["--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key], &[]);
        assert_eq!(code, 64, "{line}");
        assert!(line.contains(option), "{line}");
    }
    let (code, line) = fail(&folders, &["--tls-cert", &certificate], &[]);
    assert_eq!(code, 64);
    assert!(line.contains("--tls-key"), "{line}");
}
