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
use crate::report::words::Words;
use crate::serve::asked::{Pairs, busy, e164, own_page, view_of};
use crate::serve::audit::Seen;
use crate::serve::fault::PageFault;
use crate::serve::page_frame::{Frame, page, waiting_page};
use crate::serve::person::Person;
use crate::serve::reader_style::Reader;
use crate::serve::reading::Reading;
use crate::serve::viewer::{State as Rows, Viewer};
use crate::serve::{access, api, assets, changes_page, download, fault, number_page, sign_in, summary_page, table_page};

/// Bytes of a form.
const FORM_BYTES: usize = 8 * 1024;

/// All pages and answers of `viewer`, for those who may see them.
pub fn router(viewer: Arc<Viewer>) -> Router {
    Router::new()
        .route("/", get(table))
        .route("/summary", get(summary))
        .route("/changes", get(changes))
        .route("/number/{number}", get(number))
        .route("/export/{format}", get(download::export))
        .route("/refresh", post(refresh))
        .route("/assets/viewer.css", get(assets::sheet))
        .route("/assets/viewer.js", get(assets::script))
        .merge(sign_in::pages::router())
        .nest("/api/v1", api::router())
        .fallback(|| async { fault::refusal(axum::http::StatusCode::NOT_FOUND, "There is nothing at this address.", "Go to /.", true) })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&viewer), access::check))
        .with_state(viewer)
}

/// A page, or what keeps it from being shown.
type Page = std::result::Result<Response, PageFault>;

/// What a page is made of: its content and how many rows that shows or counts.
type Content = Result<(Markup, u64)>;

/// Which page it is: what the audit log calls it, its place among the others, what its links carry along, and its title.
struct PageOf {
    what: &'static str,
    here: &'static str,
    address: String,
    title: String,
}

/// Makes a page of the rows that `person` may see, or says why there are none.
async fn shown(
    viewer: Arc<Viewer>,
    (person, reader): (Person, Reader),
    page_of: PageOf,
    make: impl FnOnce(&Reading, &Words) -> Content + Send + 'static,
) -> Page {
    let place = match viewer.places.work(&person).await {
        Ok(place) => place,
        Err(refused) => return Ok(refused.answer(true)),
    };
    let (reading, failed) = match viewer.shown_to(&person).await? {
        Rows::Reading => return Ok(waiting_page().into_response()),
        Rows::Failed(failure) => return Ok(fault::of_failure(&failure, true)),
        Rows::Ready(reading, failed) => (reading, failed),
    };
    let what = page_of.what;
    let made = busy(move || {
        let words = reading.words(reader);
        let (content, rows) = make(&reading, &words)?;
        let PageOf { here, address, title, .. } = &page_of;
        let (failed, has_changed) = (failed.as_ref(), viewer.has_changed());
        let frame = Frame { here, address, title, words: &words, person: &person, failed, has_changed };
        // Whoever asked may be gone before the work is done.
        drop(place);
        Ok((page(&reading, &frame, content), rows))
    });
    let (page, rows) = made.await?;
    let mut response = page.into_response();
    response.extensions_mut().insert(Seen::new(what, rows));
    Ok(response)
}

async fn table(State(viewer): State<Arc<Viewer>>, person: Person, reader: Reader, Query(pairs): Pairs) -> Page {
    let view = view_of(&pairs)?;
    let page_of = PageOf { what: "numbers", here: "/", address: view.address(), title: "Numbers".to_owned() };
    let make = move |reading: &Reading, words: &Words| {
        let all = reading.rows(&view)?;
        let hits = table_page::hits(reading, &view, &all)?;
        let at_hit = hits.as_ref().filter(|hits| hits.count > 0).map(|hits| view.at_page(hits.place / view.size + 1));
        let selection = reading.page(at_hit.as_ref().unwrap_or(&view))?;
        let rows = selection.page.map_or(0, |page| page.range().len()) as u64;
        Ok((table_page::content((reading, words), &view, &selection, hits.as_ref())?, rows))
    };
    shown(viewer, (person, reader), page_of, make).await
}

async fn summary(State(viewer): State<Arc<Viewer>>, person: Person, reader: Reader, Query(pairs): Pairs) -> Page {
    let view = view_of(&pairs)?;
    let page_of = PageOf { what: "summary", here: "/summary", address: view.address(), title: "Summary".to_owned() };
    let make = move |reading: &Reading, _: &Words| {
        let (report, changes) = reading.summary(&view, reader)?;
        Ok((summary_page::content(&view, &report, changes.as_deref()), report.cover.figures.rows))
    };
    shown(viewer, (person, reader), page_of, make).await
}

async fn changes(State(viewer): State<Arc<Viewer>>, person: Person, reader: Reader, Query(pairs): Pairs) -> Page {
    let view = view_of(&pairs)?;
    let page_of = PageOf { what: "changes", here: "/changes", address: view.address(), title: "Changes".to_owned() };
    let make = move |reading: &Reading, _: &Words| {
        let (report, changes) = reading.summary(&view, reader)?;
        changes_page::content(&view, &report, changes.as_deref())
    };
    shown(viewer, (person, reader), page_of, make).await
}

async fn number(State(viewer): State<Arc<Viewer>>, person: Person, reader: Reader, Path(asked): Path<String>) -> Page {
    let wanted = e164(&asked)?;
    let own = Arc::clone(&viewer);
    let sees_all = person.sees_all();
    let page_of = PageOf { what: "number", here: "", address: String::new(), title: wanted.clone() };
    let make = move |reading: &Reading, words: &Words| {
        let explained = number_page::explained(reading, &wanted)?;
        let held = explained.is_of_events().then(|| own.hold_events());
        let timelines = number_page::timelines(&own.spec.load, &explained, reading, sees_all);
        let timelines = timelines.inspect_err(|error| drop((own.spec.told)(error))).ok();
        drop(held);
        let rows = explained.rows.len() as u64;
        let cells = number_page::cells((reading, words), &wanted)?;
        Ok((number_page::content((reading, words), &explained, &cells, timelines.as_deref(), &own.spec.export), rows))
    };
    shown(viewer, (person, reader), page_of, make).await
}

/// Reads the inputs again, and goes back to where the reader was.
async fn refresh(State(viewer): State<Arc<Viewer>>, person: Person, body: Bytes) -> Page {
    let _place = match viewer.places.work(&person).await {
        Ok(place) => place,
        Err(refused) => return Ok(refused.answer(true)),
    };
    let back = form_urlencoded::parse(&body).find(|(key, _)| key == "back").map(|(_, value)| value.into_owned());
    viewer.read().await?;
    let mut response = Redirect::to(own_page(back.as_deref())).into_response();
    response.extensions_mut().insert(Seen::new("refresh", 0));
    Ok(response)
}
