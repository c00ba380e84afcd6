//! What pages load beside their text, out of the program itself.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::export::html::style::colours;
use crate::serve::viewer::Viewer;

const SHEET: &str = include_str!("viewer.css");
const SCRIPT: &str = include_str!("viewer.js");

/// The style sheet, with the colours of the report.
pub async fn sheet(State(viewer): State<Arc<Viewer>>) -> Response {
    let mut sheet = SHEET.to_owned();
    colours(&mut sheet, &viewer.palette());
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet).into_response()
}

/// The script.
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}
