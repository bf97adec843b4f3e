//! How a test's client reaches a server: over a bare socket, or within TLS.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use super::certificates::Authority;

/// A connection, however its bytes travel.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Connection for T {}

/// What a client speaks beneath HTTP.
#[derive(Clone, Debug, Default)]
pub(crate) enum Line {
    /// Nothing: HTTP stands on the socket.
    #[default]
    Plain,
    /// TLS of one version.
    Encrypted(Arc<ClientConfig>),
}

impl Line {
    /// Speaks one version of TLS, to servers that `authority` speaks for.
    pub(crate) fn encrypted(authority: &Authority, version: &'static SupportedProtocolVersion) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority.certificate()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_protocol_versions(&[version]);
        Self::Encrypted(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }

    /// Connects to a server, with the handshake where there is one.
    pub(crate) async fn connect(&self, address: SocketAddr) -> Box<dyn Connection> {
        match self {
            Self::Plain => Box::new(TcpStream::connect(address).await.expect("the server listens")),
            Self::Encrypted(_) => Box::new(self.shake_hands(address).await),
        }
    }

    /// Connects within TLS, which must be spoken, for a test that looks behind it.
    pub(crate) async fn shake_hands(&self, address: SocketAddr) -> TlsStream<TcpStream> {
        let Self::Encrypted(config) = self else { panic!("it speaks no TLS") };
        let socket = TcpStream::connect(address).await.expect("the server listens");
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::clone(config)).connect(name, socket).await.expect("hands can be shaken")
    }
}
