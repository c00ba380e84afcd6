//! Who may see the report: whoever has the token of the printed address, or the cookie that it was exchanged for, and asks by the
//! name of this machine.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::serve::fault;
use crate::serve::viewer::Viewer;

/// What pages may load: their own sheet and script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// What to do where a request is not let in.
const OPEN_OURS: &str = "Open the address that portstatus serve printed.";

/// Lets a request through, or says why not; every answer forbids what pages have no need of.
pub async fn check(State(viewer): State<Arc<Viewer>>, request: Request, next: Next) -> Response {
    let wants_page = !request.uri().path().starts_with("/api/");
    let refuse = |status, what: &str, help: &str| fault::refusal(status, what, help, wants_page);
    let keys = &viewer.keys;
    let by_token = keys.has_token(request.uri().query().unwrap_or_default());
    let mut response = if !request.headers().contains_key(header::HOST) {
        refuse(StatusCode::BAD_REQUEST, "The request names no host.", OPEN_OURS)
    } else if !keys.is_for_us(request.headers()) || is_from_elsewhere(&request, by_token) {
        refuse(StatusCode::FORBIDDEN, "This address is not the viewer's.", OPEN_OURS)
    } else if !by_token && !keys.has_cookie(request.headers()) {
        refuse(StatusCode::UNAUTHORIZED, "The token is missing or wrong.", OPEN_OURS)
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) && !is_refresh(&request, by_token) {
        refuse(StatusCode::METHOD_NOT_ALLOWED, "The viewer only reads.", "Ask with GET.")
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if by_token && response_is_page(headers) {
        let cookie = keys.cookie_to_set();
        headers.extend(HeaderValue::from_str(&cookie).ok().map(|cookie| (header::SET_COOKIE, cookie)));
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response.into_response()
}

/// Whether a browser says that a page from elsewhere makes the request, other than by a link with the token that a reader follows.
fn is_from_elsewhere(request: &Request, by_token: bool) -> bool {
    let said = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    let is_followed = by_token && said("sec-fetch-mode") == Some(b"navigate") && request.method() == Method::GET;
    !matches!(said("sec-fetch-site"), None | Some(b"same-origin" | b"none")) && !is_followed
}

/// Whether it is the one request that does something: from a page of ours, whose browser says so, or with the token.
fn is_refresh(request: &Request, by_token: bool) -> bool {
    let is_asked = by_token || request.headers().contains_key(header::ORIGIN);
    request.method() == Method::POST && request.uri().path() == "/refresh" && is_asked
}

fn response_is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
