//! The way to a session and out of it: to the provider, back from it, and signing out.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use maud::html;

use crate::error::ErrorKind;
use crate::serve::asked::{Pairs, own_page};
use crate::serve::audit::Seen;
use crate::serve::fault;
use crate::serve::fault_words::sentence;
use crate::serve::page_frame::{bare_page, onward_page};
use crate::serve::rate_limit::{AskedFrom, Asker};
use crate::serve::sign_in::openid::{DONE, OpenId};
use crate::serve::sign_in::{Entry, SignIn};
use crate::serve::viewer::Viewer;

/// The addresses of signing in and out.
pub fn router() -> Router<Arc<Viewer>> {
    Router::new().route("/sign-in", get(begin)).route(DONE, get(finish)).route("/sign-out", post(sign_out))
}

fn provider(viewer: &Viewer) -> Option<&OpenId> {
    match &viewer.admission.entry {
        Entry::Users(_, SignIn::OpenId(provider)) => Some(provider),
        _ => None,
    }
}

/// The answer where there is no provider.
fn nobody_signs_in() -> Response {
    fault::refusal(StatusCode::NOT_FOUND, "Nobody signs in here.", "Go to /.", true)
}

/// Sends a browser to the provider.
async fn begin(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs, Extension(AskedFrom(from)): Extension<AskedFrom>) -> Response {
    let Some(provider) = provider(&viewer) else { return nobody_signs_in() };
    let back = pairs.iter().find(|(key, _)| key == "back").map(|(_, back)| back.as_str());
    let (address, cookie) = provider.begin(own_page(back).to_owned(), from.map(Asker::machine));
    with_cookie(Redirect::to(&address).into_response(), &cookie)
}

/// Signs in whom the provider sends back. A page leads on, since browsers do not send a strict cookie along where another site sends them.
async fn finish(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs, headers: HeaderMap) -> Response {
    let Some(provider) = provider(&viewer) else { return nobody_signs_in() };
    match provider.finish(&pairs, &headers).await {
        Ok((user, back)) => {
            let mut response = with_cookie(onward_page("Signed in", &back).into_response(), &provider.sessions.sign_in(user.clone()));
            response.extensions_mut().insert(Seen { user: Some(user), ..Seen::new("sign-in", 0) });
            response
        }
        Err(error) => {
            // What the provider says is worth a line in the terminal; what anybody may write into an address is not.
            if error.kind != ErrorKind::Usage && provider.is_news(&error) {
                (viewer.spec.told)(&error);
            }
            let content = html! { h1 { "Not signed in" } p { (sentence(&error.what)) } p { a href="/sign-in" { "Sign in again" } } };
            (StatusCode::FORBIDDEN, bare_page("Not signed in", content)).into_response()
        }
    }
}

/// Signs out whoever asks.
async fn sign_out(State(viewer): State<Arc<Viewer>>, headers: HeaderMap) -> Response {
    let Some(provider) = provider(&viewer) else { return nobody_signs_in() };
    let user = provider.sessions.user(&headers);
    let content = html! { h1 { "Signed out" } p { a href="/sign-in" { "Sign in again" } } };
    let mut response = with_cookie(bare_page("Signed out", content).into_response(), &provider.sessions.sign_out(&headers));
    response.extensions_mut().insert(Seen { user, ..Seen::new("sign-out", 0) });
    response
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    response.headers_mut().extend(HeaderValue::from_str(cookie).ok().map(|cookie| (header::SET_COOKIE, cookie)));
    response
}
