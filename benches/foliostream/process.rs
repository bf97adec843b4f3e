//! The real server as a child process, on a free port and a data directory of its own, killed when it is let go.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Failure;

/// How long a server may take until it answers: the first start with the demo portfolio takes under two seconds.
const START: Duration = Duration::from_secs(30);

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts the release binary with `options` and waits until it is ready. Without a `site` it gets an empty one.
    pub(crate) fn start(site: Option<&Path>, options: &[&str]) -> Result<Self, Failure> {
        Self::start_with(site, None, options)
    }

    /// Starts one of several workers that share a data folder.
    pub(crate) fn start_sharing(data: &Path, options: &[&str]) -> Result<Self, Failure> {
        Self::start_with(None, Some(data), options)
    }

    /// Starts one that speaks within TLS alone, with a certificate that `options` name. Who connects waits until it is ready.
    pub(crate) fn start_encrypted(options: &[&str]) -> Result<Self, Failure> {
        Self::spawn(None, None, options)
    }

    fn start_with(site: Option<&Path>, data: Option<&Path>, options: &[&str]) -> Result<Self, Failure> {
        let server = Self::spawn(site, data, options)?;
        server.wait_until_ready()?;
        Ok(server)
    }

    fn spawn(site: Option<&Path>, data: Option<&Path>, options: &[&str]) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("data");
        let empty = folder.path().join("site");
        std::fs::create_dir_all(empty.join("pkg"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_foliostream"));
        command.args(["--listen", "127.0.0.1:0", "--log", "info"]);
        command.arg("--data-dir").arg(data.unwrap_or(&own)).arg("--site-dir").arg(site.unwrap_or(&empty)).args(options);
        // Nothing of the caller's FOLIOSTREAM_… settings, and an address to be read without colours.
        command.env_clear().env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = Guard(Some(command.spawn()?));
        let address = child.address()?;
        let child = child.0.take().ok_or("the server is gone")?;
        Ok(Self { child, address, _folder: folder })
    }

    /// Returns the process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Pushes one quote of AAPL and waits for its acceptance.
    pub(crate) fn push(&self, price: u32, token: &str) -> Result<(), Failure> {
        let answer = exchange(self.address, &push_request(price, token))?;
        if answer.starts_with("HTTP/1.1 202") { Ok(()) } else { Err(format!("a push was answered by {answer:?}").into()) }
    }

    /// Returns whether it is the engine.
    pub(crate) fn is_engine(&self) -> Result<bool, Failure> {
        let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.lines().any(|line| line == "foliostream_engine 1"))
    }

    fn wait_until_ready(&self) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            let answer = exchange(self.address, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            match answer {
                Ok(answer) if answer.starts_with("HTTP/1.1 200") => return Ok(()),
                other if started.elapsed() > START => return Err(format!("the server is not ready: {other:?}").into()),
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child that never became a server.
struct Guard(Option<Child>);

impl Guard {
    /// Reads the address the server logs, and leaves a thread to read the rest so that it never waits for its log.
    fn address(&mut self) -> Result<SocketAddr, Failure> {
        let log = self.0.as_mut().and_then(|child| child.stderr.take()).ok_or("the server has no log")?;
        let mut lines = BufReader::new(log).lines();
        let mut said = String::new();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, address)) = line.split_once("http://").or_else(|| line.split_once("https://")) {
                let address = address.trim().parse()?;
                std::thread::spawn(move || {
                    let warnings = lines.map_while(Result::ok).filter(|line| line.contains("WARN") || line.contains("ERROR"));
                    warnings.for_each(|line| eprintln!("server: {line}"));
                });
                return Ok(address);
            }
            said.push_str(&line);
        }
        Err(format!("the server did not start: {said}").into())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// Writes a push of one AAPL quote; the connection stays open unless the caller closes it.
pub(crate) fn push_request(price: u32, token: &str) -> String {
    let body = format!(r#"[{{"ticker":"AAPL","price":"{price}","currency":"USD"}}]"#);
    let length = body.len();
    format!(
        "POST /api/v1/quotes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends a request on a fresh connection and returns the beginning of the answer.
fn exchange(address: SocketAddr, request: &str) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(START))?;
    stream.write_all(request.as_bytes())?;
    let mut buffer = [0; 1_024];
    let count = stream.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()).into_owned())
}
