//! Which address shows what.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header;
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use crate::error::{Error, Result};
use crate::serve::asked::{Pairs, busy, e164, view_of};
use crate::serve::page_frame::{page, waiting_page};
use crate::serve::reading::Reading;
use crate::serve::viewer::{State as Rows, Viewer};
use crate::serve::{access, api, assets, download, fault, number_page, summary_page, table_page};

/// Bytes of a form.
const FORM_BYTES: usize = 8 * 1024;

/// All pages and answers of `viewer`, for those who may see them.
pub fn router(viewer: Arc<Viewer>) -> Router {
    Router::new()
        .route("/", get(table))
        .route("/summary", get(summary))
        .route("/number/{number}", get(number))
        .route("/export/{format}", get(download::export))
        .route("/refresh", post(refresh))
        .route("/assets/viewer.css", get(assets::sheet))
        .route("/assets/viewer.js", get(assets::script))
        .nest("/api/v1", api::router())
        .fallback(|| async { fault::refusal(axum::http::StatusCode::NOT_FOUND, "there is nothing at this address", "go to /", true) })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&viewer), access::check))
        .with_state(viewer)
}

/// Makes a page of the rows that are there, or says why there are none.
async fn shown(viewer: &Viewer, make: impl FnOnce(Arc<Reading>, Option<Error>) -> Result<Markup> + Send + 'static) -> Response {
    match viewer.settled().await {
        Rows::Reading => waiting_page().into_response(),
        Rows::Failed(error) => fault::of_error(&error, true),
        Rows::Ready(reading, failed) => match busy(move || make(reading, failed)).await {
            Ok(page) => page.into_response(),
            Err(error) => fault::of_error(&error, true),
        },
    }
}

async fn table(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs) -> Response {
    let view = match view_of(&pairs) {
        Ok(view) => view,
        Err(error) => return fault::of_error(&error, true),
    };
    let make = move |reading: Arc<Reading>, failed: Option<Error>| {
        let all = reading.rows(&view)?;
        let hits = table_page::hits(&reading, &view, &all)?;
        let at_hit = hits.as_ref().filter(|hits| hits.count > 0).map(|hits| view.at_page(hits.place / view.size + 1));
        let selection = reading.page(at_hit.as_ref().unwrap_or(&view))?;
        let content = table_page::content(&reading, &view, &selection, hits.as_ref())?;
        Ok(page(&reading, ("/", &view.address()), "Numbers", failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

async fn summary(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs) -> Response {
    let view = match view_of(&pairs) {
        Ok(view) => view,
        Err(error) => return fault::of_error(&error, true),
    };
    let operator = viewer.spec.operator.clone();
    let make = move |reading: Arc<Reading>, failed: Option<Error>| {
        let content = summary_page::content(&reading, &view, &reading.rows(&view)?, &operator)?;
        Ok(page(&reading, ("/summary", &view.address()), "Summary", failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

async fn number(State(viewer): State<Arc<Viewer>>, Path(asked): Path<String>) -> Response {
    let wanted = match e164(&asked) {
        Ok(wanted) => wanted,
        Err(error) => return fault::of_error(&error, true),
    };
    let (load, options) = (viewer.spec.load.clone(), viewer.spec.export.clone());
    let make = move |reading: Arc<Reading>, failed: Option<Error>| {
        let explained = number_page::explained(&reading, &wanted)?;
        let timelines = number_page::timelines(&load, &explained, &reading);
        let content = number_page::content(&reading, &explained, &number_page::cells(&reading, &wanted)?, &timelines, &options);
        Ok(page(&reading, ("", ""), &wanted, failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

/// Reads the inputs again, and goes back to where the reader was.
async fn refresh(State(viewer): State<Arc<Viewer>>, body: Bytes) -> Response {
    let back = form_urlencoded::parse(&body).find(|(key, _)| key == "back").map(|(_, value)| value.into_owned());
    // To a page of this server alone.
    let back =
        back.filter(|back| back.starts_with('/') && !back.starts_with("//") && !back.contains('\\')).unwrap_or_else(|| "/".to_owned());
    let done = busy(move || {
        viewer.read();
        Ok(())
    });
    match done.await {
        Ok(()) if back.bytes().all(|byte| byte.is_ascii_graphic()) => Redirect::to(&back).into_response(),
        Ok(()) => ([(header::LOCATION, "/")], axum::http::StatusCode::SEE_OTHER).into_response(),
        Err(error) => fault::of_error(&error, true),
    }
}
