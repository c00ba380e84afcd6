//! Says what is wrong: on a page to a person, as problem details (RFC 9457) to a program.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::json;

use crate::error::{Error, ErrorKind};
use crate::serve::fault_words::{sentence, words};
use crate::serve::page_frame::bare_page;

/// An answer that something is wrong, and what to do.
pub fn refusal(status: StatusCode, what: &str, help: &str, is_page: bool) -> Response {
    if is_page {
        let body =
            bare_page("Not shown", html! { h1 { "Not shown" } p { (sentence(what)) } @if !help.is_empty() { p { (sentence(help)) } } });
        return (status, body).into_response();
    }
    let title = status.canonical_reason().unwrap_or_default();
    let text = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": what, "help": help }).to_string();
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
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
    let status = match error.kind {
        ErrorKind::Usage => StatusCode::BAD_REQUEST,
        ErrorKind::Data => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unavailable | ErrorKind::TryLater | ErrorKind::System => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    refusal(status, &words(error), &error.help, is_page)
}
