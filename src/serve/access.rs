//! Who gets an answer: whoever asks by a name of the viewer, from where it may be asked, not too often, and is let in.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::serve::audit::{Logged, Seen};
use crate::serve::connection::Peer;
use crate::serve::fault;
use crate::serve::keys::secret;
use crate::serve::person::Person;
use crate::serve::rate_limit::Asker;
use crate::serve::sign_in::{Entry, Verdict};
use crate::serve::viewer::{Admission, Viewer};

/// What pages may load: their own sheet and script, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// What to do where a request is not let in.
const OPEN_OURS: &str = "Open the address that portstatus serve printed.";
/// Digits of what ties an answer to its line in the audit log.
const ID_DIGITS: usize = 16;

/// Lets a request through, or says why not; every answer forbids what pages have no need of, and is written down before it is given.
pub async fn check(State(viewer): State<Arc<Viewer>>, mut request: Request, next: Next) -> Response {
    let admission = &viewer.admission;
    let wants_page = !request.uri().path().starts_with("/api/");
    let is_asset = request.uri().path().starts_with("/assets/");
    let by_token = admission.entry.is_by_token(&request);
    if let Err(error) = admission.entry.renew() {
        (viewer.spec.told)(&error);
    }
    let logged = Logged {
        request_id: secret()[..ID_DIGITS].to_owned(),
        address: client(admission, &request).or_else(|| peer(&request)),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
    };
    let mut user = None;
    let mut response = match admit(admission, &request, by_token) {
        Err(refused) => refused.answer(wants_page),
        Ok(None) => next.run(request).await,
        Ok(Some(person)) => {
            user.clone_from(&person.name);
            request.extensions_mut().insert(person);
            next.run(request).await
        }
    };
    if !is_asset && admission.audit.is_some() {
        let seen = response.extensions().get::<Seen>().cloned();
        let (status, viewer) = (response.status().as_u16(), Arc::clone(&viewer));
        let id = HeaderValue::from_str(&logged.request_id).ok();
        let write =
            move || viewer.admission.audit.as_ref().map_or(Ok(()), |audit| audit.add(&logged, user.as_deref(), seen.as_ref(), status));
        // What cannot be written down is not shown.
        if !tokio::task::spawn_blocking(write).await.is_ok_and(|written| written.is_ok()) {
            response = fault::refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "The audit log cannot be written.",
                "Tell whoever runs the viewer.",
                wants_page,
            );
        }
        response.headers_mut().extend(id.map(|id| (header::HeaderName::from_static("x-request-id"), id)));
    }
    let headers = response.headers_mut();
    if by_token && response_is_page(headers) {
        let cookie = admission.entry.cookie_to_set();
        headers.extend(cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()).map(|cookie| (header::SET_COOKIE, cookie)));
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without any, a browser would not say of a form that it is of ours.
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not let through.
enum Refused {
    Because(StatusCode, &'static str, &'static str),
    /// So long.
    TooOften(Duration),
    /// To sign in first.
    ToSignIn(String),
}

impl Refused {
    fn answer(self, wants_page: bool) -> Response {
        match self {
            Self::Because(status, what, help) => fault::refusal(status, what, help, wants_page),
            Self::ToSignIn(address) => Redirect::to(&address).into_response(),
            Self::TooOften(wait) => {
                let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
                let help = format!("Try again in {seconds} s.");
                let mut response = fault::refusal(StatusCode::TOO_MANY_REQUESTS, "You ask too often.", &help, wants_page);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
        }
    }
}

/// Who asks; `None` for what anybody may ask.
fn admit(admission: &Admission, request: &Request, by_token: bool) -> Result<Option<Person>, Refused> {
    use Refused::Because;
    let (peer, headers, path) = (peer(request), request.headers(), request.uri().path());
    let is_proxy = peer.is_some_and(|peer| admission.proxies.contains(&peer));
    if !admission.proxies.is_empty() && !is_proxy {
        return Err(Because(StatusCode::FORBIDDEN, "This viewer is asked through its proxy alone.", ""));
    }
    count(admission, client(admission, request).map(Asker::machine))?;
    if !headers.contains_key(header::HOST) {
        return Err(Because(StatusCode::BAD_REQUEST, "The request names no host.", OPEN_OURS));
    }
    if !admission.names.are_meant(headers) || is_from_elsewhere(&admission.entry, request, by_token) {
        return Err(Because(StatusCode::FORBIDDEN, "This address is not the viewer's.", OPEN_OURS));
    }
    let person = match admission.entry.judge(request, by_token) {
        Verdict::Anybody => None,
        Verdict::LetIn(person) => Some(person),
        Verdict::Unknown => return Err(Because(StatusCode::UNAUTHORIZED, "The token is missing or wrong.", OPEN_OURS)),
        Verdict::SignInFirst(Some(address)) => return Err(Refused::ToSignIn(address)),
        Verdict::SignInFirst(None) => return Err(Because(StatusCode::UNAUTHORIZED, "Nobody is signed in.", "Sign in first.")),
        Verdict::NotAUser => {
            let help = "Ask whoever runs it to add you to its users.";
            return Err(Because(StatusCode::FORBIDDEN, "You are not a user of this viewer.", help));
        }
    };
    count(admission, person.as_ref().and_then(|person| person.name.clone()).map(Asker::Person))?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) && !is_act(path, request, by_token) {
        return Err(Because(StatusCode::METHOD_NOT_ALLOWED, "The viewer only reads.", "Ask with GET."));
    }
    Ok(person)
}

/// Counts a request of `asker`.
fn count(admission: &Admission, asker: Option<Asker>) -> Result<(), Refused> {
    let (Some(limit), Some(asker)) = (&admission.limit, asker) else { return Ok(()) };
    limit.count(asker).map_err(Refused::TooOften)
}

/// The machine that asks: the other end of the connection, or whoever the proxy at that end says it asks for.
fn client(admission: &Admission, request: &Request) -> Option<IpAddr> {
    let peer = peer(request)?;
    if !admission.proxies.contains(&peer) {
        return Some(peer);
    }
    // The last one is what the proxy itself saw; those before it are what it was told.
    let told = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    told.rsplit(',').next()?.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0)
}

/// Whether a browser says that a page from elsewhere makes the request, other than by a link that a reader follows: one with the token,
/// or, where people sign in, any. What is followed is shown to its reader alone: no page may hold it in a frame.
fn is_from_elsewhere(entry: &Entry, request: &Request, by_token: bool) -> bool {
    let said = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    let may_follow = by_token || !matches!(entry, Entry::Token(_));
    let is_followed = may_follow && said("sec-fetch-mode") == Some(b"navigate") && request.method() == Method::GET;
    !matches!(said("sec-fetch-site"), None | Some(b"same-origin" | b"none")) && !is_followed
}

/// Whether it is one of the requests that do something: from a page of ours, whose browser says so, or with the token.
fn is_act(path: &str, request: &Request, by_token: bool) -> bool {
    let is_asked = by_token || request.headers().contains_key(header::ORIGIN);
    request.method() == Method::POST && matches!(path, "/refresh" | "/sign-out") && is_asked
}

fn response_is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
