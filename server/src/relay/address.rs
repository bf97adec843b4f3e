//! Where Redis is: one server, a Cluster, or Sentinels that know the master, as a URL names it.

use std::fmt;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, TlsCertificates};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Where Redis is, read from a URL, and whose word for its certificate counts. It never shows its password.
#[derive(Clone)]
pub struct Address {
    pub(super) kind: Kind,
    /// Instead of the public authorities that the program knows.
    pub(super) authorities: Option<TlsCertificates>,
}

/// The ways in which a URL can name the server to talk to.
#[derive(Clone)]
pub(super) enum Kind {
    /// One server, with its host or socket path.
    Single(Box<ConnectionInfo>),
    /// Some nodes of a Cluster; the client finds the others.
    Cluster(Vec<ConnectionInfo>),
    /// Sentinels, and the name under which they watch the master.
    Sentinel { sentinels: Vec<ConnectionInfo>, service: String },
    /// A model of Redis in the memory of a test.
    #[cfg(test)]
    Modelled(super::model::Door),
}

impl Address {
    /// Reads `redis://`, `rediss://` (TLS), `redis+unix:///path`, `redis+cluster://host:port,host:port` and
    /// `redis+sentinel://host:port,host:port/service`; `rediss+…` of the last two speak TLS.
    ///
    /// User, password and database stand where URLs have them and count for every host named.
    pub fn read(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("begin it with redis:// or rediss://")?;
        if rest.contains("#insecure") {
            return Err("a certificate that nobody checks protects nothing; name who signed it with --redis-ca".to_owned());
        }
        let kind = match scheme {
            "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" | "unix" => Kind::Single(Box::new(read_one(url)?)),
            "redis+cluster" | "rediss+cluster" => Kind::Cluster(read_hosts(plain_scheme(scheme), rest)?.0),
            "redis+sentinel" | "rediss+sentinel" => {
                let (sentinels, service) = read_hosts(plain_scheme(scheme), rest)?;
                if service.is_empty() {
                    return Err("name the service the Sentinels watch, as in redis+sentinel://host:26379/mymaster".to_owned());
                }
                Kind::Sentinel { sentinels, service }
            }
            _ => return Err("use redis://, rediss://, redis+unix://, redis+cluster:// or redis+sentinel://".to_owned()),
        };
        Ok(Self { kind, authorities: None })
    }

    /// Trusts the authorities of a PEM file and no others.
    pub fn trusting(self, pem: Vec<u8>) -> Result<Self, String> {
        if !self.hosts().iter().all(|info| matches!(info.addr(), ConnectionAddr::TcpTls { .. })) {
            return Err("it speaks for the certificates of rediss:// addresses, and --redis-url names no such one".to_owned());
        }
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err("there is no certificate in it".to_owned()),
            Ok(certificates) => {
                let mut store = rustls::RootCertStore::empty();
                let readable = certificates.into_iter().all(|certificate| store.add(certificate).is_ok());
                let authorities = Some(TlsCertificates { client_tls: None, root_cert: Some(pem) });
                readable.then_some(Self { authorities, ..self }).ok_or_else(|| "a certificate in it cannot be read".to_owned())
            }
            Err(error) => Err(format!("it is not PEM: {error}")),
        }
    }

    fn hosts(&self) -> &[ConnectionInfo] {
        match &self.kind {
            Kind::Single(info) => std::slice::from_ref(info.as_ref()),
            Kind::Cluster(hosts) | Kind::Sentinel { sentinels: hosts, .. } => hosts,
            #[cfg(test)]
            Kind::Modelled(_) => &[],
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts().iter().map(|info| info.addr().to_string()).collect::<Vec<_>>().join(",");
        match &self.kind {
            Kind::Single(_) => write!(formatter, "{hosts}"),
            Kind::Cluster(_) => write!(formatter, "cluster {hosts}"),
            Kind::Sentinel { service, .. } => write!(formatter, "{service} of sentinels {hosts}"),
            #[cfg(test)]
            Kind::Modelled(_) => write!(formatter, "a model"),
        }
    }
}

fn plain_scheme(scheme: &str) -> &'static str {
    if scheme.starts_with("rediss") { "rediss" } else { "redis" }
}

/// Reads one URL, without repeating it in the refusal: it may hold a password.
fn read_one(url: &str) -> Result<ConnectionInfo, String> {
    let info = url.into_connection_info().map_err(|_| "it cannot be read as a Redis URL".to_owned())?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

/// Reads `user:password@host:port,host:port/path`; returns the hosts and the path.
fn read_hosts(scheme: &str, rest: &str) -> Result<(Vec<ConnectionInfo>, String), String> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let database = query.split('&').find_map(|pair| pair.strip_prefix("db=")).unwrap_or("0");
    let one = |host: &str| match login {
        "" => read_one(&format!("{scheme}://{host}/{database}")),
        _ => read_one(&format!("{scheme}://{login}@{host}/{database}")),
    };
    let hosts: Vec<_> = hosts.split(',').map(|host| one(host.trim())).collect::<Result<_, _>>()?;
    Ok((hosts, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_url_is_read_and_none_shows_its_password() {
        for (url, shown) in [
            ("redis://127.0.0.1:6379", "127.0.0.1:6379"),
            ("rediss://user:s3cret@cache.example:6380/2", "cache.example:6380"),
            ("redis+cluster://user:s3cret@a:1,b:2", "cluster a:1,b:2"),
            ("redis+sentinel://:s3cret@a:26379,b:26379/mymaster?db=1", "mymaster of sentinels a:26379,b:26379"),
        ] {
            let address = Address::read(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(format!("{address:?}"), shown);
        }
    }

    #[test]
    fn a_url_of_something_else_is_refused_without_repeating_it() {
        for url in [
            "",
            "localhost",
            "http://s3cret@localhost",
            "redis://:s3cret@",
            "redis+sentinel://:s3cret@a:1",
            "redis://h:port",
            "rediss://:s3cret@h:1#insecure",
        ] {
            let refusal = Address::read(url).expect_err(url);
            assert!(!refusal.contains("s3cret") && !refusal.contains('\n'), "{refusal}");
        }
    }

    #[test]
    fn only_certificates_that_are_asked_for_can_be_spoken_for() {
        let trusting = |url: &str, pem: &str| Address::read(url).unwrap().trusting(pem.into()).unwrap_err();
        assert!(trusting("redis://h", "").contains("rediss://"));
        assert!(trusting("redis+cluster://h:1", "").contains("rediss://"));
        assert_eq!(trusting("rediss://h", "nothing"), "there is no certificate in it");
        assert!(trusting("rediss://h", "-----BEGIN CERTIFICATE-----\n").starts_with("it is not PEM"));
        let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(trusting("rediss://h", nonsense), "a certificate in it cannot be read");
    }
}
