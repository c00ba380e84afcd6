//! Says what is wrong: on a page to a person, as problem details (RFC 9457) to a program.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::json;

use crate::error::{Error, ErrorKind, Place};
use crate::serve::failure::Failure;
use crate::serve::fault_words::{sentence, stopped, words};
use crate::serve::page_frame::bare_page;

/// An answer that something is wrong, and what to do: sentences on a page.
pub fn refusal(status: StatusCode, what: &str, help: &str, is_page: bool) -> Response {
    if is_page {
        let body = bare_page("Not shown", html! { h1 { "Not shown" } p { (what) } @if !help.is_empty() { p { (help) } } });
        return (status, body).into_response();
    }
    let title = status.canonical_reason().unwrap_or_default();
    let text = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": what, "help": help }).to_string();
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The same to whoever is to try again in so many `seconds`.
pub fn try_later(status: StatusCode, what: &str, seconds: u64, is_page: bool) -> Response {
    let seconds = seconds.max(1);
    let mut response = refusal(status, what, &format!("Try again in {seconds} s."), is_page);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// What keeps a page from being shown.
pub struct PageFault(Error);

impl From<Error> for PageFault {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageFault {
    fn into_response(self) -> Response {
        of_error(&self.0, true)
    }
}

/// The answer to a request that met `error`.
pub fn of_error(error: &Error, is_page: bool) -> Response {
    if !is_page {
        return refusal(status_of(error.kind), &words(error), &error.help, false);
    }
    // What is about a parameter begins with its name, as it is spelled.
    let what = if error.place == Place::Nowhere { sentence(&error.what) } else { stopped(&words(error)) };
    let help = if error.help.is_empty() { String::new() } else { sentence(&error.help) };
    refusal(status_of(error.kind), &what, &help, true)
}

/// The answer to who asks for rows that there are not, since `failure` kept them from being read.
pub fn of_failure(failure: &Failure, is_page: bool) -> Response {
    let [what, help] = failure.sentences();
    let (what, help) = if is_page { (&what, &help) } else { (&failure.what, &failure.help) };
    refusal(status_of(failure.kind), what, help, is_page)
}

/// The status of an answer about an error of this kind.
fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Usage => StatusCode::BAD_REQUEST,
        ErrorKind::Data => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NoInput | ErrorKind::Permission | ErrorKind::Unavailable | ErrorKind::TryLater | ErrorKind::System => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
