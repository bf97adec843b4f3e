//! A response's head in the bytes of HTTP/1.1, as hyper writes it for a body of unknown length.

use std::time::SystemTime;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};

/// Writes a head whose body comes in chunks (RFC 9112, 7.1), dated unless it has a date.
pub(crate) fn write(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Bytes {
    let mut head = Vec::with_capacity(512);
    head.extend_from_slice(b"HTTP/1.1 ");
    head.extend_from_slice(status.as_str().as_bytes());
    head.push(b' ');
    head.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    head.extend_from_slice(b"\r\n");
    for (name, value) in headers {
        append(&mut head, name.as_str(), value.as_bytes());
    }
    append(&mut head, header::TRANSFER_ENCODING.as_str(), b"chunked");
    if !headers.contains_key(header::DATE) {
        append(&mut head, header::DATE.as_str(), httpdate::fmt_http_date(now).as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head.into()
}

fn append(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_its_headers_in_order_and_says_that_chunks_follow() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "text/event-stream".parse().unwrap());
        headers.append("x-twice", "one".parse().unwrap());
        headers.append("x-twice", "two".parse().unwrap());
        let head = write(StatusCode::OK, &headers, SystemTime::UNIX_EPOCH);
        let expected = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-twice: one\r\nx-twice: two\r\n\
            transfer-encoding: chunked\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
        assert_eq!(head, expected);
    }
}
