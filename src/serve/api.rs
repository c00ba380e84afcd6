//! The same for programs: rows, counts, one number and accounts as JSON, described by an OpenAPI document.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clock::AsOf;
use crate::domain::status::Status;
use crate::error::{Error, Place, Result};
use crate::export::json_rows::ObjectWriter;
use crate::job::render::changed;
use crate::report::build;
use crate::select::Selection;
use crate::serve::asked::{Pairs, busy, e164, view_of};
use crate::serve::audit::Seen;
use crate::serve::fault;
use crate::serve::number_page;
use crate::serve::openapi;
use crate::serve::person::Person;
use crate::serve::reading::Reading;
use crate::serve::view::{self, MOST_ROWS};
use crate::serve::viewer::{State as Rows, Viewer};

/// Accounts that are offered while one is typed.
const OFFERED: usize = 20;

/// What is asked under `/api/v1`.
pub fn router() -> Router<Arc<Viewer>> {
    Router::new()
        .route("/numbers", get(numbers))
        .route("/numbers/{number}", get(number))
        .route("/summary", get(summary))
        .route("/accounts", get(accounts))
        .route("/openapi.json", get(|| async { json_response(&HeaderMap::new(), openapi::document().to_string().into_bytes()) }))
        .fallback(|| async {
            fault::refusal(StatusCode::NOT_FOUND, "There is nothing at this address.", "See /api/v1/openapi.json.", false)
        })
}

/// What an answer is made of: its body and how many rows that shows or counts; nothing, where there is no such thing.
type Made = Result<Option<(Vec<u8>, u64)>>;

/// Answers with what `make` makes of the rows that `person` may see, as `what` in the audit log.
async fn answer(
    viewer: &Viewer,
    (person, what): (&Person, &'static str),
    headers: &HeaderMap,
    make: impl FnOnce(&Reading) -> Made + Send + 'static,
) -> Response {
    let place = match viewer.places.work(person).await {
        Ok(place) => place,
        Err(refused) => return refused.answer(false),
    };
    let make = move |reading: &Reading| {
        let made = make(reading);
        // Whoever asked may be gone before the work is done.
        drop(place);
        made
    };
    let shown = match viewer.shown_to(person).await {
        Ok(shown) => shown,
        Err(error) => return fault::of_error(&error, false),
    };
    match shown {
        Rows::Reading => {
            let mut response = fault::refusal(StatusCode::SERVICE_UNAVAILABLE, "The inputs are being read.", "Try again.", false);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            response
        }
        Rows::Failed(failure) => fault::of_failure(&failure, false),
        Rows::Ready(reading, _) => match busy(move || make(&reading)).await {
            Ok(None) => fault::refusal(StatusCode::NOT_FOUND, "No row has this number.", "", false),
            Ok(Some((body, rows))) => {
                let mut response = json_response(headers, body);
                response.extensions_mut().insert(Seen::new(what, rows));
                response
            }
            Err(error) => fault::of_error(&error, false),
        },
    }
}

/// `body` with its tag, or that nothing has changed for who has it.
fn json_response(headers: &HeaderMap, body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let is_known = known.flat_map(|tags| tags.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*");
    let tag: [(HeaderName, String); 1] = [(header::ETAG, tag)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    (tag, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The rows that a view asks for, from a cursor on.
async fn numbers(State(viewer): State<Arc<Viewer>>, person: Person, Query(pairs): Pairs, request: Request) -> Response {
    let make = move |reading: &Reading| {
        let (own, pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| matches!(key.as_str(), "cursor" | "limit"));
        let value = |key: &str| own.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str());
        let mut view = view_of(&pairs)?;
        if let Some(limit) = value("limit").filter(|limit| !limit.trim().is_empty()) {
            view.size = view::number("limit", limit, MOST_ROWS)?;
        }
        let start = value("cursor").filter(|cursor| !cursor.is_empty()).map_or(Ok(0), |cursor| place_of(cursor, reading))?;
        let all = reading.rows(&view)?;
        let total = all.rows.len();
        let (start, end) = (start.min(total), start.saturating_add(view.size as usize).min(total));
        // Of a table of all rows, much would be made ready that these do not need.
        let shown = Selection { rows: all.rows.slice(start as i64, end - start), page: None, ..all };
        let table = build::numbers(&shown, &reading.template)?.table(0..end - start)?;
        let writer = ObjectWriter::new(&table.columns);
        let next = (end < total).then(|| cursor_of(end, reading));
        let mut out = head(reading);
        out.extend_from_slice(format!(",\"total\":{total},\"next\":{},\"numbers\":[", json!(next)).as_bytes());
        for row in 0..table.rows {
            out.extend_from_slice(if row > 0 { b"," } else { b"" });
            writer.row(&table.columns, row, &mut out);
        }
        out.extend_from_slice(b"]}\n");
        Ok(Some((out, table.rows as u64)))
    };
    answer(&viewer, (&person, "numbers"), request.headers(), make).await
}

/// `{"as_of":…,"read_at":…`
fn head(reading: &Reading) -> Vec<u8> {
    let instant = |as_of: AsOf| as_of.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("{{\"as_of\":\"{}\",\"read_at\":\"{}\"", instant(reading.classified().as_of()), instant(reading.read_at)).into_bytes()
}

/// A place among rows as it stands in an answer: it is that of one reading alone.
fn cursor_of(place: usize, reading: &Reading) -> String {
    format!("{:x}-{place:x}", reading.number)
}

fn place_of(cursor: &str, reading: &Reading) -> Result<usize> {
    let parts = cursor
        .split_once('-')
        .and_then(|(number, place)| Some((u64::from_str_radix(number, 16).ok()?, usize::from_str_radix(place, 16).ok()?)));
    match parts {
        Some((number, place)) if number == reading.number => Ok(place),
        Some(_) => Err(Error::usage(Place::Nowhere, "the cursor is of an earlier reading of the inputs", "begin again without it")),
        None => Err(Error::usage(Place::Nowhere, "that is not a cursor", "write what next says, as it is")),
    }
}

/// One number: its rows, and why each has its status.
async fn number(State(viewer): State<Arc<Viewer>>, person: Person, Path(asked): Path<String>, request: Request) -> Response {
    let make = move |reading: &Reading| {
        let explained = number_page::explained(reading, &e164(&asked)?)?;
        if explained.rows.is_empty() {
            return Ok(None);
        }
        let body = serde_json::to_vec(&explained).map_err(|error| Error::internal("serve", error))?;
        Ok(Some((body, explained.rows.len() as u64)))
    };
    answer(&viewer, (&person, "number"), request.headers(), make).await
}

/// The counts of the rows that a view asks for.
async fn summary(State(viewer): State<Arc<Viewer>>, person: Person, Query(pairs): Pairs, request: Request) -> Response {
    let make = move |reading: &Reading| {
        let (figures, changes) = reading.figures(&view_of(&pairs)?)?;
        let changes = changes.map(|changes| changed(&changes.counts, changes.since));
        let by_status: Vec<Value> =
            figures.by_status.iter().map(|(status, count)| json!({ "status": status.map(Status::code), "numbers": count })).collect();
        let flags: Vec<Value> =
            figures.quality_flags.iter().map(|(flag, count)| json!({ "flag": flag.code(), "numbers": count })).collect();
        let mut out = head(reading);
        let counted = [json!(figures.rows), json!(by_status), json!(flags), json!(changes)];
        let keys = ["numbers", "by_status", "quality_flags", "changes"];
        let written: String = keys.iter().zip(&counted).map(|(key, value)| format!(",\"{key}\":{value}")).collect();
        out.extend_from_slice(format!("{written}}}\n").as_bytes());
        Ok(Some((out, figures.rows)))
    };
    answer(&viewer, (&person, "summary"), request.headers(), make).await
}

/// The accounts whose id or company begins with, or holds, what was typed.
async fn accounts(State(viewer): State<Arc<Viewer>>, person: Person, Query(pairs): Pairs, request: Request) -> Response {
    let typed = pairs.iter().find(|(key, _)| key == "q").map(|(_, typed)| typed.to_lowercase()).unwrap_or_default();
    let make = move |reading: &Reading| {
        let found =
            reading.accounts().iter().filter(|(id, company)| id.to_lowercase().contains(&typed) || company.to_lowercase().contains(&typed));
        let found: Vec<Value> = found.take(OFFERED).map(|(id, company)| json!({ "id": id, "company": company })).collect();
        let rows = found.len() as u64;
        Ok(Some((format!("{}\n", json!({ "accounts": found })).into_bytes(), rows)))
    };
    answer(&viewer, (&person, "accounts"), request.headers(), make).await
}
