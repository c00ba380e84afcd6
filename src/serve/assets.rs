//! What pages load beside their text, out of the program itself.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::report::style::{self, StatusColour};

const SHEET: &str = include_str!("viewer.css");
const SCRIPT: &str = include_str!("viewer.js");

/// The style sheet, with the colours of the statuses.
pub fn sheet() -> Response {
    let mut sheet = SHEET.to_owned();
    for (place, status) in style::STATUSES.iter().enumerate() {
        let StatusColour { ink, fill, bar } = style::status_colour(*status);
        sheet += &format!(".s{place}{{--ink:#{ink:06x};--fill:#{fill:06x};--bar:#{bar:06x}}}\n");
    }
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], sheet).into_response()
}

/// The script.
pub fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}
