//! `/import`: the pages of imports, which the server draws alone, and the forms on them.

use std::collections::BTreeMap;

use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;

use foliostream::app::{IMPORT_ROWS, ImportPage, import_page};
use foliostream::import::formats;
use foliostream::wire::commands::ImportPatch;
use foliostream::wire::error::{ApiError, ErrorCode};
use foliostream::wire::views::ImportFate;
use foliostream::words::Refusals;

use super::drawn::{draw, page_request, see, status_of};
use super::pages::Renderer;
use crate::actor::actor_of;
use crate::hub::{MOST_MEGABYTES, RowsAsked};
use crate::language::reader_words;

/// The largest body: a file with what stands around it.
const LARGEST: usize = MOST_MEGABYTES * 1_000_000 + 10_000;

/// Where in a page of imports one is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct At {
    portfolio: Option<String>,
    fate: Option<ImportFate>,
    from: usize,
}

/// Returns the routes of the pages.
pub(super) fn routes(renderer: &Renderer) -> Router {
    Router::new()
        .route("/import", get(start).post(send).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/import/{import_id}", get(one).post(act))
        .with_state(renderer.clone())
}

/// Shows where a file is sent to.
async fn start(State(renderer): State<Renderer>, at: Result<Query<At>, QueryRejection>, request: Request) -> Response {
    let At { portfolio, .. } = at.map(|at| at.0).unwrap_or_default();
    starting(renderer, request, portfolio, None).await
}

async fn starting(renderer: Renderer, request: Request, portfolio: Option<String>, refused: Option<ApiError>) -> Response {
    let acting = renderer.hub.acting(actor_of(request.headers()));
    let status = status_of(refused.as_ref());
    let page = async {
        let portfolios = acting.portfolios().await?;
        let is_there = |id: &String| portfolios.iter().any(|one| one.portfolio_id == *id);
        let portfolio = match portfolio.filter(is_there) {
            Some(portfolio) => Some(portfolio),
            None => acting.default_portfolio().await?,
        };
        let programs = formats::PROGRAMS.iter().map(|(_, program)| *program).collect();
        Ok(ImportPage::Start { portfolios, portfolio, imports: acting.imports().await?, programs, refused })
    };
    draw(renderer, request, status, page.await, import_page).await
}

/// Takes a file, or a text that was pasted, and goes to what it says.
async fn send(State(renderer): State<Renderer>, headers: HeaderMap, form: Result<Multipart, MultipartRejection>) -> Response {
    let acting = renderer.hub.acting(actor_of(&headers));
    let sent = match form {
        Ok(form) => read(form).await,
        Err(_) => Err(ApiError::new(ErrorCode::BadRequest, Refusals::form_not_whole())),
    };
    let (portfolio, taken) = match sent {
        Ok(Sent { portfolio, name, file }) => {
            let taken = acting.begin_import(&portfolio, &name, file).await;
            (Some(portfolio), taken)
        }
        Err(refusal) => (None, Err(refusal)),
    };
    match taken {
        Ok(import) => see(&["/import/", &import.import_id].concat()),
        Err(refusal) => starting(renderer, page_request("/import", &headers), portfolio, Some(refusal)).await,
    }
}

/// What a form of a file holds.
struct Sent {
    portfolio: String,
    name: String,
    file: Vec<u8>,
}

async fn read(mut form: Multipart) -> Result<Sent, ApiError> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ErrorCode::TooLarge, Refusals::import_too_large(MOST_MEGABYTES.to_string()))
        }
        _ => ApiError::new(ErrorCode::BadRequest, Refusals::form_not_whole()),
    };
    let mut sent = Sent { portfolio: String::new(), name: String::new(), file: Vec::new() };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("portfolio") => sent.portfolio = field.text().await.map_err(broken)?,
            Some("file") => {
                sent.name = field.file_name().unwrap_or_default().to_owned();
                sent.file = field.bytes().await.map_err(broken)?.into();
            }
            Some("text") => sent.file = field.text().await.map_err(broken)?.into_bytes(),
            _ => {}
        }
    }
    Ok(sent)
}

/// Shows one import.
async fn one(
    State(renderer): State<Renderer>,
    Path(import_id): Path<String>,
    at: Result<Query<At>, QueryRejection>,
    request: Request,
) -> Response {
    showing(renderer, request, &import_id, at.map(|at| at.0).unwrap_or_default(), None).await
}

async fn showing(renderer: Renderer, request: Request, import_id: &str, at: At, refused: Option<ApiError>) -> Response {
    let acting = renderer.hub.acting(actor_of(request.headers()));
    let words = reader_words(request.headers());
    let status = status_of(refused.as_ref());
    let page = async {
        let asked = RowsAsked { fate: at.fate, from: at.from, most: IMPORT_ROWS };
        let job = acting.job_about(import_id).await?.map(Box::new);
        let is_under_way = job.as_ref().is_some_and(|job| !job.state.is_over());
        let known = if is_under_way { acting.imports().await? } else { Vec::new() };
        // What the file says is not worked out again every second.
        let (import, rows) = match known.into_iter().find(|known| known.import_id == import_id) {
            Some(import) => (import, Vec::new()),
            None => acting.import_with_rows(import_id, &asked, words).await?,
        };
        Ok(ImportPage::One { import: Box::new(import), rows, fate: at.fate, from: at.from, job, refused })
    };
    draw(renderer, request, status, page.await, import_page).await
}

/// Does what a button on the page of an import says.
async fn act(
    State(renderer): State<Renderer>,
    Path(import_id): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let acting = renderer.hub.acting(actor_of(&headers));
    let fields = form.map(|form| form.0).unwrap_or_default();
    let action = fields.iter().rev().find(|(name, _)| name == "action").map(|(_, action)| action.as_str());
    let page = ["/import/", &import_id].concat();
    let done = match action {
        Some("commit") => acting.commit_import(&import_id).await.map(drop),
        Some("end") => {
            let job = fields.iter().find(|(name, _)| name == "job").map(|(_, id)| id.as_str()).unwrap_or_default();
            // One that ended meanwhile has nothing left to cancel.
            acting.end_job(job).await.map(drop).or_else(|refusal| match refusal.code {
                ErrorCode::Conflict | ErrorCode::NotFound => Ok(()),
                _ => Err(refusal),
            })
        }
        Some("undo") => acting.undo_import(&import_id).await.map(drop),
        Some("forget") => match acting.forget_import(&import_id).await {
            Ok(()) => return see("/import"),
            Err(refusal) => Err(refusal),
        },
        Some("choose" | "match") => acting.choose_for_import(&import_id, patch(&fields)).await.map(drop),
        _ => Ok(()),
    };
    match done {
        Ok(()) => see(&page),
        Err(refusal) => showing(renderer, page_request(&page, &headers), &import_id, At::default(), Some(refusal)).await,
    }
}

/// Reads what was chosen from the fields of a form.
fn patch(fields: &[(String, String)]) -> ImportPatch {
    let field = |wanted: &str| fields.iter().rev().find(|(name, _)| name == wanted).map(|(_, text)| text.trim().to_owned());
    let columns: BTreeMap<String, String> =
        fields.iter().filter_map(|(name, text)| Some((name.strip_prefix("column.")?.to_owned(), text.clone()))).collect();
    let of = |wanted: &'static str| fields.iter().filter(move |(name, _)| name == wanted).map(|(_, text)| text.clone());
    let instruments: BTreeMap<String, String> = of("instrument").zip(of("ticker")).collect();
    ImportPatch {
        format: None,
        encoding: field("encoding"),
        separator: field("separator"),
        decimal: field("decimal"),
        date: field("date"),
        currency: field("currency").map(|text| text.to_uppercase()),
        columns: Some(columns).filter(|columns| !columns.is_empty()),
        instruments: Some(instruments).filter(|instruments| !instruments.is_empty()),
        rows: None,
    }
}
