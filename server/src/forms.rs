//! Forms as a browser without scripts posts them: read within a limit, and answered with a page.
//!
//! A form that is refused is answered by the page it came from, with the refusal and what was typed in it. Neither travels in an
//! address, where anybody could write a text that would then look like ours.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Request as HttpRequest, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;

use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::words::{Refusals, Words};

use super::language::reader_words;

use super::guard::host_of;

/// The largest form a page may post, in bytes.
pub(crate) const FORM_LIMIT: usize = 64 * 1024;

/// The longest address a form is answered under, in bytes.
const ADDRESS_LIMIT: usize = 2_048;

/// A form that was posted without scripts.
#[derive(Debug)]
pub(crate) struct PlainForm {
    /// The server function it was posted to.
    pub path: String,
    /// The form's fields as they were posted, URL-encoded.
    pub fields: String,
    /// The address of the page it came from, or of the page that has such a form.
    pub page: String,
    /// The headers of the request.
    pub headers: HeaderMap,
}

/// The outcome of a form that was posted.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was carried out, or something else has an answer of its own.
    Answered(Response),
    /// The command was refused; the page is shown again with the reason.
    Refused(ApiError),
}

/// Reads what was posted to a server function. A plain form is returned as well; its request then asks for data instead of a
/// page.
pub(crate) async fn read(request: Request) -> Result<(Option<PlainForm>, Request), ApiError> {
    let (mut head, body) = request.into_parts();
    let fields = read_text(body).await?;
    let form = asks_for_a_page(&head.headers).then(|| PlainForm {
        path: head.uri.path().to_owned(),
        page: page_before(&head.uri, &head.headers).unwrap_or_else(|| page_of(head.uri.path(), &fields)),
        fields: fields.clone(),
        headers: head.headers.clone(),
    });
    if form.is_some() {
        head.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    Ok((form, Request::from_parts(head, Body::from(fields))))
}

async fn read_text(body: Body) -> Result<String, ApiError> {
    let bytes = axum::body::to_bytes(body, FORM_LIMIT).await.map_err(|error| {
        if error.into_inner().is::<LengthLimitError>() {
            ApiError::new(ErrorCode::TooLarge, Refusals::form_too_large())
        } else {
            ApiError::new(ErrorCode::BadRequest, Refusals::form_not_whole())
        }
    })?;
    let text = String::from_utf8(bytes.into());
    text.map_err(|_| ApiError::new(ErrorCode::BadRequest, Refusals::form_not_utf8()))
}

/// Returns whether a page is wanted, as browsers say where no script asks.
pub(crate) fn asks_for_a_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Returns the page of this site that a request came from, as far as its sender says so.
fn page_before(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let is_ours = referer.authority()?.as_str().eq_ignore_ascii_case(host_of(uri, headers)?);
    let page = referer.path_and_query()?.as_str();
    (is_ours && page.len() <= ADDRESS_LIMIT && is_page(page)).then(|| page.to_owned())
}

/// Returns whether an address is that of a page: a path of this server's, and no server function's, whose refusal was answered
/// there.
fn is_page(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/api/")
}

/// Returns the page that has the form of a server function, with what the form is about.
fn page_of(path: &str, fields: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (page, kept): (_, &[(&str, &str)]) = match name {
        "update_alert" => ("/alerts", &[("edit", "id")]),
        _ if name.ends_with("_alert") => ("/alerts", &[]),
        "save_activity" => ("/activity", &[("portfolio", "portfolio"), ("edit", "activity")]),
        _ if name.ends_with("_activity") => ("/activity", &[("portfolio", "portfolio")]),
        _ if name.ends_with("_notification") || name.ends_with("_notifications") => ("/inbox", &[]),
        "choose_language" => ("/settings", &[]),
        _ if name.ends_with("_portfolio") => ("/settings", &[]),
        _ => ("/", &[]),
    };
    let kept = kept.iter().filter_map(|(name, field)| Some(format!("{name}={}", encoded(fields, field)?)));
    let query = kept.collect::<Vec<_>>().join("&");
    let address = if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") };
    if address.len() <= ADDRESS_LIMIT && address.parse::<Uri>().is_ok() { address } else { page.to_owned() }
}

/// Returns a field that is not empty, encoded as it came.
fn encoded<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    fields.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).filter(|value| !value.is_empty())
}

impl PlainForm {
    /// Distinguishes a refusal of the command from every other answer; what was carried out leads to a page.
    pub(crate) async fn outcome(&self, response: Response) -> Outcome {
        if response.status().is_success() || response.status().is_redirection() {
            return Outcome::Answered(self.lead_on(response));
        }
        let (head, body) = response.into_parts();
        let Ok(bytes) = axum::body::to_bytes(body, FORM_LIMIT).await else {
            return Outcome::Answered(super::error::internal(&"a refusal could not be read").into_response());
        };
        match serde_json::from_slice(&bytes) {
            Ok(refusal) => Outcome::Refused(refusal),
            Err(_) => Outcome::Answered(Response::from_parts(head, Body::from(bytes))),
        }
    }

    /// Leads to the page that the command names, or back; what else the answer's head says is kept.
    fn lead_on(&self, response: Response) -> Response {
        let (mut head, _) = response.into_parts();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            head.headers.remove(name);
        }
        head.status = StatusCode::SEE_OTHER;
        if let (false, Ok(page)) = (head.headers.contains_key(header::LOCATION), HeaderValue::from_str(&self.page)) {
            head.headers.insert(header::LOCATION, page);
        }
        Response::from_parts(head, Body::empty())
    }

    /// Returns the request for the page it came from.
    pub(crate) fn page_request(&self) -> Request {
        let mut request = HttpRequest::new(Body::empty());
        *request.uri_mut() = self.page.parse().unwrap_or_default();
        *request.headers_mut() = self.headers.clone();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        request
    }
}

/// Writes a refusal as a page where somebody without scripts would otherwise look at a problem document.
pub(crate) async fn tell_as_page(request: Request, next: Next) -> Response {
    let words = reader_words(request.headers());
    let is_plain_form = !request.method().is_safe() && asks_for_a_page(request.headers());
    let response = next.run(request).await;
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if !is_plain_form || !is_problem {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, FORM_LIMIT).await.unwrap_or_default();
    let refusal = ApiError::of_answer(head.status.as_u16(), &String::from_utf8_lossy(&bytes)).in_words(words);
    let page = refusal_page(words, &refusal);
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(head, Body::from(Bytes::from(page)))
}

fn refusal_page(words: Words, refusal: &ApiError) -> String {
    let said = match refusal.reference.as_deref() {
        Some(reference) => escaped(&words.with_reference(&refusal.message, reference)),
        None => escaped(&refusal.message),
    };
    let (code, title) = (words.language().code(), escaped(words.not_saved()));
    let (hint, overview) = (escaped(words.go_back()), escaped(words.to_the_overview()));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · Foliostream</title></head><body><main><h1>{title}</h1><p>{said}</p>\
         <p>{hint}</p><p><a href=\"/\">{overview}</a></p></main></body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use foliostream::words::Language;

    fn headers(referer: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("folio.example:3000"));
        headers.insert(header::REFERER, HeaderValue::from_str(referer).unwrap());
        headers
    }

    #[test]
    fn a_form_comes_back_to_its_own_page_and_to_no_other_sites() {
        let before = |referer: &str| page_before(&Uri::from_static("/api/ui/create_alert"), &headers(referer));
        assert_eq!(before("http://folio.example:3000/alerts?edit=3").as_deref(), Some("/alerts?edit=3"));
        for other in [
            "http://evil.example/alerts",
            "http://folio.example:3000//evil.example",
            "http://folio.example:3000/api/ui/x",
            "x",
            "",
        ] {
            assert_eq!(before(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_form_without_a_page_is_answered_by_the_page_that_has_it() {
        for (path, fields, page) in [
            ("/api/ui/create_alert", "ticker=A", "/alerts"),
            ("/api/ui/update_alert", "id=7&revision=1", "/alerts?edit=7"),
            ("/api/ui/save_activity", "portfolio=ab&activity=&kind=buy", "/activity?portfolio=ab"),
            ("/api/ui/save_activity", "portfolio=ab&activity=9", "/activity?portfolio=ab&edit=9"),
            ("/api/ui/save_activity", "portfolio=<a b>", "/activity"),
            ("/api/ui/read_all_notifications", "", "/inbox"),
            ("/api/ui/create_portfolio", "name=x", "/settings"),
            ("/api/ui/choose_language", "language=de", "/settings"),
            ("/api/ui/something_new", "", "/"),
        ] {
            assert_eq!(page_of(path, fields), page, "{path} {fields}");
        }
    }

    #[test]
    fn a_refusals_page_repeats_no_markup() {
        let page = refusal_page(Words::of(Language::English), &ApiError::new(ErrorCode::Forbidden, "from <script>\"&"));
        assert!(page.contains("from &lt;script&gt;&quot;&amp;") && !page.contains("<script"), "{page}");
    }
}
