//! Who gets an answer: whoever asks by a name of the viewer, from where it may be asked, not too often, and is let in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

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
use crate::serve::rate_limit::{AskedFrom, Asker, TooOften};
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
    let mut is_told = admission.audit.is_some() && !is_asset(request.uri().path());
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
    request.extensions_mut().insert(AskedFrom(logged.address));
    let mut user = None;
    let mut response = match admit(admission, &request, by_token) {
        Err(refused) => {
            is_told &= refused.is_news();
            refused.answer(wants_page)
        }
        Ok(None) => next.run(request).await,
        Ok(Some(person)) => {
            user.clone_from(&person.name);
            request.extensions_mut().insert(person);
            next.run(request).await
        }
    };
    if is_told {
        response = written_down(&viewer, logged, user, response, wants_page).await;
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

/// `response`, once it is written down who gets it: what cannot be written down is not shown.
async fn written_down(viewer: &Arc<Viewer>, logged: Logged, user: Option<Arc<str>>, mut response: Response, wants_page: bool) -> Response {
    let seen = response.extensions().get::<Seen>().cloned();
    let (status, viewer) = (response.status().as_u16(), Arc::clone(viewer));
    let id = HeaderValue::from_str(&logged.request_id).ok();
    let write = move || viewer.admission.audit.as_ref().map_or(Ok(()), |audit| audit.add(&logged, user.as_deref(), seen.as_ref(), status));
    if !tokio::task::spawn_blocking(write).await.is_ok_and(|written| written.is_ok()) {
        let (what, help) = ("The audit log cannot be written.", "Tell whoever runs the viewer.");
        response = fault::refusal(StatusCode::SERVICE_UNAVAILABLE, what, help, wants_page);
    }
    response.headers_mut().extend(id.map(|id| (header::HeaderName::from_static("x-request-id"), id)));
    response
}

/// Why a request is not let through.
enum Refused {
    Because(StatusCode, &'static str, &'static str),
    TooOften(TooOften),
    /// To sign in first.
    ToSignIn(String),
}

impl Refused {
    /// Whether it is worth a line in the audit log.
    fn is_news(&self) -> bool {
        !matches!(self, Self::TooOften(TooOften { is_news: false, .. }))
    }

    /// What is answered; whoever is refused does not keep the connection.
    fn answer(self, wants_page: bool) -> Response {
        let mut response = match self {
            Self::ToSignIn(address) => return Redirect::to(&address).into_response(),
            Self::Because(status, what, help) => fault::refusal(status, what, help, wants_page),
            Self::TooOften(TooOften { wait, .. }) => {
                fault::try_later(StatusCode::TOO_MANY_REQUESTS, "You ask too often.", wait.as_secs_f64().ceil() as u64, wants_page)
            }
        };
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

/// Who asks; `None` for what anybody may ask.
fn admit(admission: &Admission, request: &Request, by_token: bool) -> Result<Option<Person>, Refused> {
    use Refused::Because;
    let client = client(admission, request);
    count(admission, client.map(Asker::machine))?;
    let found = recognize(admission, request, by_token);
    if let Ok(Some(person)) = &found {
        count(admission, person.name.clone().map(Asker::Person))?;
    } else if client.is_none() && !is_asset(request.uri().path()) {
        // Where the proxy does not tell for whom it asks, whoever is nobody yet is counted as the proxy, and users as themselves.
        count(admission, peer(request).map(Asker::machine))?;
    }
    let found = found?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) && !is_act(request.uri().path(), request, by_token) {
        return Err(Because(StatusCode::METHOD_NOT_ALLOWED, "The viewer only reads.", "Ask with GET."));
    }
    Ok(found)
}

/// Who asks, as far as the request tells; `None` for what anybody may ask.
fn recognize(admission: &Admission, request: &Request, by_token: bool) -> Result<Option<Person>, Refused> {
    use Refused::Because;
    let headers = request.headers();
    // No connection of anybody else is taken up; who a header names rests on it.
    if !admission.proxies.is_empty() && peer(request).is_none_or(|peer| !admission.proxies.contains(&peer)) {
        return Err(Because(StatusCode::FORBIDDEN, "This viewer is asked through its proxy alone.", ""));
    }
    if !headers.contains_key(header::HOST) {
        return Err(Because(StatusCode::BAD_REQUEST, "The request names no host.", OPEN_OURS));
    }
    if !admission.names.are_meant(headers) || is_from_elsewhere(&admission.entry, request, by_token) {
        return Err(Because(StatusCode::FORBIDDEN, "This address is not the viewer's.", OPEN_OURS));
    }
    match admission.entry.judge(request, by_token) {
        Verdict::Anybody => Ok(None),
        Verdict::LetIn(person) => Ok(Some(person)),
        Verdict::Unknown => Err(Because(StatusCode::UNAUTHORIZED, "The token is missing or wrong.", OPEN_OURS)),
        Verdict::SignInFirst(Some(address)) => Err(Refused::ToSignIn(address)),
        Verdict::SignInFirst(None) => Err(Because(StatusCode::UNAUTHORIZED, "Nobody is signed in.", "Sign in first.")),
        Verdict::NotAUser => {
            let help = "Ask whoever runs it to add you to its users.";
            Err(Because(StatusCode::FORBIDDEN, "You are not a user of this viewer.", help))
        }
        Verdict::UsersUnknown => {
            let help = "Tell whoever runs the viewer.";
            Err(Because(StatusCode::SERVICE_UNAVAILABLE, "The table of users cannot be read.", help))
        }
    }
}

fn is_asset(path: &str) -> bool {
    path.starts_with("/assets/")
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
    address_of(told.rsplit(',').next()?.trim()).map(|address| address.to_canonical())
}

/// The address that `text` writes, with or without a port and brackets.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())).or_else(bare)
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
