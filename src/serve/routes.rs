//! Which address shows what.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use crate::error::Result;
use crate::serve::asked::{Pairs, busy, e164, view_of};
use crate::serve::failure::Failure;
use crate::serve::fault::PageFault;
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
        .fallback(|| async { fault::refusal(axum::http::StatusCode::NOT_FOUND, "There is nothing at this address.", "Go to /.", true) })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&viewer), access::check))
        .with_state(viewer)
}

/// A page, or what keeps it from being shown.
type Page = std::result::Result<Response, PageFault>;

/// Makes a page of the rows that are there, or says why there are none.
async fn shown(viewer: &Viewer, make: impl FnOnce(Arc<Reading>, Option<Failure>) -> Result<Markup> + Send + 'static) -> Page {
    Ok(match viewer.settled().await {
        Rows::Reading => waiting_page().into_response(),
        Rows::Failed(failure) => fault::of_failure(&failure, true),
        Rows::Ready(reading, failed) => busy(move || make(reading, failed)).await?.into_response(),
    })
}

async fn table(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs) -> Page {
    let view = view_of(&pairs)?;
    let make = move |reading: Arc<Reading>, failed: Option<Failure>| {
        let all = reading.rows(&view)?;
        let hits = table_page::hits(&reading, &view, &all)?;
        let at_hit = hits.as_ref().filter(|hits| hits.count > 0).map(|hits| view.at_page(hits.place / view.size + 1));
        let selection = reading.page(at_hit.as_ref().unwrap_or(&view))?;
        let content = table_page::content(&reading, &view, &selection, hits.as_ref())?;
        Ok(page(&reading, ("/", &view.address()), "Numbers", failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

async fn summary(State(viewer): State<Arc<Viewer>>, Query(pairs): Pairs) -> Page {
    let view = view_of(&pairs)?;
    let make = move |reading: Arc<Reading>, failed: Option<Failure>| {
        let content = summary_page::content(&view, &*reading.report(&view)?);
        Ok(page(&reading, ("/summary", &view.address()), "Summary", failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

async fn number(State(viewer): State<Arc<Viewer>>, Path(asked): Path<String>) -> Page {
    let wanted = e164(&asked)?;
    let own = Arc::clone(&viewer);
    let make = move |reading: Arc<Reading>, failed: Option<Failure>| {
        let explained = number_page::explained(&reading, &wanted)?;
        let timelines = number_page::timelines(&own.spec.load, &explained, &reading).inspect_err(|error| drop((own.spec.told)(error))).ok();
        let content =
            number_page::content(&reading, &explained, &number_page::cells(&reading, &wanted)?, timelines.as_deref(), &own.spec.export);
        Ok(page(&reading, ("", ""), &wanted, failed.as_ref(), content))
    };
    shown(&viewer, make).await
}

/// Reads the inputs again, and goes back to where the reader was.
async fn refresh(State(viewer): State<Arc<Viewer>>, body: Bytes) -> std::result::Result<Redirect, PageFault> {
    let back = form_urlencoded::parse(&body).find(|(key, _)| key == "back").map(|(_, value)| value.into_owned());
    // To a page of this server alone.
    let is_own = |back: &String| back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    let back = back.filter(|back| is_own(back) && back.bytes().all(|byte| byte.is_ascii_graphic()));
    busy(move || {
        viewer.read();
        Ok(())
    })
    .await?;
    Ok(Redirect::to(back.as_deref().unwrap_or("/")))
}
