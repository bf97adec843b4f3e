//! TLS by the server itself: its certificate, and the [session](session::Session) that each connection has, wherever its socket is.

pub(crate) mod session;

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The protocols offered within TLS (RFC 7301), the better one first.
pub(crate) const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Reads a certificate with its chain and its key, both PEM, where they were named; what is wrong is one line that names the
/// option. The command line takes neither without the other.
pub(crate) fn read(certificate: Option<&Path>, key: Option<&Path>) -> Result<Option<Arc<ServerConfig>>, String> {
    let (Some(certificate), Some(key)) = (certificate, key) else { return Ok(None) };
    let named = |option: &str, path: &Path, error: &dyn std::fmt::Display| format!("{option} {}: {error}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| named("--tls-cert", certificate, &error))?;
    if chain.is_empty() {
        return Err(named("--tls-cert", certificate, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| named("--tls-key", key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| named("--tls-cert", certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| named("--tls-key", key, &error))?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
    Ok(Some(Arc::new(config)))
}
