//! Connections, as plain sockets or over TLS, that never wait longer than they are told.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long anything that must come may take. Generous, for a busy machine; nothing waits this long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// What a server's certificate is checked against where no file is named.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// The Host it is asked for.
    pub host: String,
    /// What stands before every path.
    pub prefix: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    socket: SocketAddr,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Address {
    /// Reads `http://host:port/prefix`; certificates of `https` are checked against a file, the system's unless named.
    pub(crate) fn read(url: &str, roots: Option<&str>) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{url} is no http:// or https:// URL"))?;
        let (host, prefix) = rest.split_once('/').map_or((rest, ""), |(host, prefix)| (host, prefix.trim_end_matches('/')));
        let (scheme, port) = match scheme {
            "http" => ("http", 80),
            "https" => ("https", 443),
            _ => return Err(format!("{url} is no http:// or https:// URL")),
        };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        let full = if has_port { host.to_owned() } else { format!("{host}:{port}") };
        let socket = full.to_socket_addrs().map_err(|error| format!("{full}: {error}"))?.next();
        let socket = socket.ok_or_else(|| format!("{full} has no address"))?;
        let tls = match scheme {
            "https" => Some((trusting(roots.unwrap_or(SYSTEM_ROOTS))?, name_of(&full)?)),
            _ => None,
        };
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        Ok(Self { host: host.to_owned(), prefix, scheme, socket, tls })
    }

    /// Connects.
    pub(crate) fn connect(&self) -> io::Result<Wire> {
        self.secure(TcpStream::connect_timeout(&self.socket, PATIENCE)?)
    }

    /// Connects as somebody who takes in little at a time: at most so many bytes wait unread.
    pub(crate) fn connect_with_window(&self, bytes: usize) -> io::Result<Wire> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(self.socket), socket2::Type::STREAM, None)?;
        socket.set_recv_buffer_size(bytes)?;
        socket.connect_timeout(&self.socket.into(), PATIENCE)?;
        self.secure(socket.into())
    }

    fn secure(&self, stream: TcpStream) -> io::Result<Wire> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let Some((config, name)) = &self.tls else { return Ok(Wire::Plain(stream)) };
        let session = ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
        Ok(Wire::Secure(Box::new(StreamOwned::new(session, stream))))
    }
}

fn name_of(full: &str) -> Result<ServerName<'static>, String> {
    let name = full.rsplit_once(':').map_or(full, |(name, _)| name).trim_matches(['[', ']']).to_owned();
    ServerName::try_from(name.clone()).map_err(|_| format!("{name} is no name of a certificate"))
}

fn trusting(file: &str) -> Result<Arc<ClientConfig>, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("certificates of {file}: {error}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
        roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// A connection.
pub(crate) enum Wire {
    /// As it is.
    Plain(TcpStream),
    /// Within TLS.
    Secure(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    /// Writes all of it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let writer: &mut dyn Write = match self {
            Self::Plain(stream) => stream,
            Self::Secure(stream) => stream,
        };
        writer.write_all(bytes)?;
        writer.flush()
    }

    /// Adds what has come to `bytes` and returns how much; 0 at the end, `TimedOut` where nothing came in time.
    pub(crate) fn read(&mut self, bytes: &mut Vec<u8>, until: Instant) -> io::Result<usize> {
        let mut buffer = [0; 16_384];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.socket().set_read_timeout(Some(left))?;
            let reader: &mut dyn Read = match self {
                Self::Plain(stream) => stream,
                Self::Secure(stream) => stream,
            };
            match reader.read(&mut buffer) {
                Ok(count) => {
                    bytes.extend_from_slice(&buffer[..count]);
                    return Ok(count);
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Hangs up as a process that died does: the peer is told with a reset.
    pub(crate) fn reset(self) -> io::Result<()> {
        socket2::SockRef::from(self.socket()).set_linger(Some(Duration::ZERO))
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Secure(stream) => &stream.sock,
        }
    }
}
