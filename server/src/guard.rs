//! The requests that are answered at all: the Host this server answers to, and no readers of streams from other sites.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::{Refusals, Sentence};

/// The names this server answers to, beside loopback.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(Arc<[String]>);

impl Hosts {
    /// Makes the list: the listen address, unless it is a wildcard, and what `--allowed-host` named.
    pub(crate) fn new(listen: IpAddr, allowed: &[String]) -> Self {
        let own = (!listen.is_unspecified()).then(|| listen.to_string());
        Self(allowed.iter().map(|host| host.trim().to_ascii_lowercase()).chain(own).collect())
    }

    /// Returns whether a Host header (`name`, `name:port`, `[v6]:port`) names this server.
    pub(crate) fn answer_to(&self, host: &str) -> bool {
        let Some(name) = without_port(host).map(str::to_ascii_lowercase) else { return false };
        let is_loopback = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        is_loopback || self.0.contains(&name) || self.0.iter().any(|allowed| *allowed == host.to_ascii_lowercase())
    }
}

/// Returns the name in a Host header; none where what follows it is no port.
fn without_port(host: &str) -> Option<&str> {
    let (name, rest) = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok());
    (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port)).then_some(name)
}

/// Refuses requests under a name this server does not have: stops DNS rebinding.
pub(crate) async fn host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match host_of(request.uri(), request.headers()) {
        Some(host) if hosts.answer_to(host) => next.run(request).await,
        _ => ApiError::new(ErrorCode::Misdirected, Refusals::unknown_host()).into_response(),
    }
}

/// Returns the name a request was made under: HTTP/2 has it in the address, HTTP/1.1 in a header; none where there are two.
pub(crate) fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let in_header = || match (headers.get_all(header::HOST).iter().collect::<Vec<_>>()).as_slice() {
        [host] => host.to_str().ok(),
        _ => None,
    };
    uri.authority().map(|authority| authority.as_str()).or_else(in_header)
}

/// Refuses pages of other sites that would read a stream with the user's rights.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    if is_cross_site(request.uri(), request.headers()) {
        let why = changed_host(request.uri(), request.headers());
        return ApiError::new(ErrorCode::Forbidden, why.unwrap_or_else(Refusals::not_read_by_other_sites)).into_response();
    }
    next.run(request).await
}

/// Marks a change that was refused because it did not come from a page of this site.
#[derive(Clone, Copy)]
struct Foreign;

/// Refuses a change that did not come from a page of this site.
pub(crate) fn foreign() -> Response {
    let mut response = ApiError::new(ErrorCode::Forbidden, Refusals::foreign_change()).into_response();
    response.extensions_mut().insert(Foreign);
    response
}

/// Says of a change that was refused as another site's where it may be our own, with its name changed on the way.
pub(crate) async fn explain_foreign(request: Request, next: Next) -> Response {
    let why = changed_host(request.uri(), request.headers());
    let response = next.run(request).await;
    match why {
        Some(why) if response.extensions().get::<Foreign>().is_some() => ApiError::new(ErrorCode::Forbidden, why).into_response(),
        _ => response,
    }
}

/// The longest name of a site that is repeated in a refusal.
const LONGEST_NAME: usize = 200;

/// Says what to set where a page's site is not the Host that the request came for: a proxy that replaces the Host with a name of
/// its own, as nginx does unless told otherwise, looks like that. None where the browser itself calls it another site, or where
/// the page's site is unknown.
fn changed_host(uri: &Uri, headers: &HeaderMap) -> Option<Sentence> {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return None;
    }
    let origin = headers.get(header::ORIGIN)?.to_str().ok().filter(|origin| origin.len() <= LONGEST_NAME)?;
    let host = host_of(uri, headers).filter(|host| host.len() <= LONGEST_NAME)?;
    let (_, authority) = origin.split_once("://")?;
    if authority.eq_ignore_ascii_case(host) {
        return None;
    }
    let name = without_port(authority)?;
    Some(Refusals::host_was_changed(host, origin, name))
}

fn is_cross_site(uri: &Uri, headers: &HeaderMap) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return true;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = host_of(uri, headers).unwrap_or_default();
    let origin = origin.to_str().unwrap_or("null");
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    !authority.eq_ignore_ascii_case(host)
}

/// What every answer says to a browser, over HTTP and HTTPS alike.
const ON_EVERY_ANSWER: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Said over TLS of the server itself: for a year, this name is asked over HTTPS alone. A proxy that ends TLS says it for itself,
/// and for its own other names.
const HTTPS_FOR_A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers every answer carries; pages add their own policy with a nonce. An answer that does not say how long it may be
/// kept is not kept: a cache that held a price, a refusal or a page of figures would show it as today's.
pub(crate) async fn harden(State(Encrypted(is_encrypted)): State<Encrypted>, request: Request, next: Next) -> Response {
    let policy = if request.uri().path() == "/sw.js" { POLICY_OF_WORKER } else { POLICY_WITHOUT_SCRIPTS };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(ON_EVERY_ANSWER);
    if is_encrypted {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_FOR_A_YEAR);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether the server itself speaks TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encrypted(pub bool);

/// For everything that is no page.
const POLICY_WITHOUT_SCRIPTS: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// For the service worker, which fetches what pages are made of.
const POLICY_OF_WORKER: &str =
    "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Returns the policy of a page whose scripts carry `nonce`.
pub(crate) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_the_listen_address_and_allowed_hosts_are_answered() {
        let hosts = Hosts::new("192.0.2.7".parse().unwrap(), &["Folio.example".to_owned(), "other.example:8443".to_owned()]);
        for host in [
            "localhost",
            "localhost:3000",
            "127.0.0.1:3000",
            "[::1]:3000",
            "192.0.2.7:3000",
            "folio.example",
            "FOLIO.EXAMPLE:443",
            "other.example:8443",
        ] {
            assert!(hosts.answer_to(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3000", "", "192.0.2.8"]
            .into_iter()
            .chain(["localhost:99999", "localhost:80x", "localhost:+80", "localhost:1:2", "[::1]x", "[::1", "[::1]:x", "::1"])
        {
            assert!(!hosts.answer_to(host), "{host}");
        }
    }

    #[test]
    fn a_wildcard_listen_address_is_no_name() {
        assert!(!Hosts::new("0.0.0.0".parse().unwrap(), &[]).answer_to("0.0.0.0:3000"));
    }

    #[test]
    fn a_host_that_a_proxy_changed_is_said_with_what_to_set() {
        let why = |origin: &'static str, site: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:3000"));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            headers.extend(site.map(|site| (header::HeaderName::from_static("sec-fetch-site"), HeaderValue::from_static(site))));
            changed_host(&Uri::from_static("/x"), &headers)
        };
        let said = why("https://portfolio.example:8443", None).unwrap().in_english();
        for part in [
            "\"127.0.0.1:3000\"",
            "\"https://portfolio.example:8443\"",
            "proxy_set_header Host",
            "--allowed-host portfolio.example",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(why("https://portfolio.example", Some("same-origin")).is_some());
        for (origin, site) in [("http://evil.example", Some("cross-site")), ("null", None), ("http://127.0.0.1:3000", None)] {
            assert_eq!(why(origin, site), None, "{origin}");
        }
    }

    #[test]
    fn another_sites_readers_are_told_apart() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        let is_cross_site = |uri: &'static str, pairs: &[_]| is_cross_site(&Uri::from_static(uri), &headers(pairs));
        let own = ("host", "127.0.0.1:3000");
        assert!(is_cross_site("/x", &[("sec-fetch-site", "cross-site")]));
        assert!(is_cross_site("/x", &[own, ("origin", "http://evil.example")]));
        assert!(is_cross_site("/x", &[own, ("origin", "null")]));
        assert!(!is_cross_site("/x", &[own, ("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")]));
        assert!(!is_cross_site("/x", &[own]));
        // Over HTTP/2 the name stands in the address.
        assert!(!is_cross_site("https://folio.example/x", &[("origin", "https://folio.example")]));
        assert!(is_cross_site("https://folio.example/x", &[("origin", "https://evil.example")]));
    }
}
