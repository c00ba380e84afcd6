//! The current view as a file, in every format, by the same call as the command line: streamed while it is written.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::deliver::name;
use crate::error::{Error, Result};
use crate::export::{Exporter, FORMATS};
use crate::report::build;
use crate::serve::asked::{Pairs, busy, view_of};
use crate::serve::audit::Seen;
use crate::serve::fault::{self, PageFault};
use crate::serve::person::Person;
use crate::serve::reading::Reading;
use crate::serve::view::View;
use crate::serve::viewer::{State as Rows, Viewer};

/// Bytes that are sent together, and how many such pieces wait for a slow reader.
const PIECE: usize = 64 * 1024;
const WAITING: usize = 8;

/// How long a reader may take for a piece: whoever takes none keeps others from their exports.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is sent: a piece of the file, or that it ends here unfinished.
type Piece = io::Result<Bytes>;

/// Sends what is written, piece by piece, and waits where the reader is slow.
struct PieceWriter {
    pieces: Sender<Piece>,
    buffer: Vec<u8>,
    runtime: Handle,
}

impl PieceWriter {
    fn send(&mut self, piece: Piece) -> io::Result<()> {
        let sent = self.runtime.block_on(self.pieces.send_timeout(piece, PATIENCE));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE { self.flush() } else { Ok(()) }.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.buffer);
        self.send(Ok(piece.into()))
    }
}

/// The report of what the address asks for, all its pages together, as a file of the format.
pub async fn export(
    State(viewer): State<Arc<Viewer>>,
    person: Person,
    Path(format): Path<String>,
    Query(pairs): Pairs,
) -> std::result::Result<Response, PageFault> {
    let Some(exporter) = FORMATS.iter().copied().find(|known| known.name() == format) else {
        return Ok(fault::refusal(StatusCode::NOT_FOUND, "There is no such format.", "Choose one of the list Export.", true));
    };
    let view = view_of(&pairs)?;
    let reading = match viewer.shown_to(&person).await? {
        Rows::Ready(reading, _) => reading,
        Rows::Failed(failure) => return Ok(fault::of_failure(&failure, true)),
        Rows::Reading => return Ok(fault::refusal(StatusCode::SERVICE_UNAVAILABLE, "The inputs are not read yet.", "Try again.", true)),
    };
    // What is wrong with the filters is said before a file begins.
    let checked = Arc::clone(&reading);
    let asked = view.clone();
    let rows = busy(move || Ok(checked.rows(&asked)?.rows.len() as u64)).await?;
    let Ok(place) = Arc::clone(&viewer.exports).acquire_owned().await else {
        return Ok(fault::refusal(StatusCode::SERVICE_UNAVAILABLE, "The viewer is ending.", "", true));
    };
    let (pieces, receiver) = mpsc::channel(WAITING);
    let file = file_name(&reading, exporter);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut out = PieceWriter { pieces, buffer: Vec::with_capacity(PIECE), runtime };
        let written = write(&viewer, &reading, &view, exporter, &mut out)
            .and_then(|()| out.flush().map_err(|error| Error::unwritten("export", error)));
        if written.is_err() {
            // The reader sees a file that was cut short, not one that seems whole.
            let _ = out.send(Err(io::Error::from(io::ErrorKind::Interrupted)));
        }
        drop(place);
    });
    let mut response = Body::from_stream(stream(receiver)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename=\"{file}\"");
    headers.extend(HeaderValue::from_str(&disposition).ok().map(|value| (header::CONTENT_DISPOSITION, value)));
    response.extensions_mut().insert(Seen { format: Some(exporter.name()), ..Seen::new("export", rows) });
    Ok(response)
}

fn stream(mut receiver: Receiver<Piece>) -> impl futures_util::Stream<Item = Piece> {
    futures_util::stream::poll_fn(move |context| receiver.poll_recv(context))
}

fn write(viewer: &Viewer, reading: &Reading, view: &View, exporter: &dyn Exporter, out: &mut PieceWriter) -> Result<()> {
    let report = build::build(&reading.rows(view)?, &reading.template, &viewer.spec.operator)?;
    exporter.export(&report, &viewer.spec.export, out).map(drop)
}

/// The name that the command line would give the file, but for the ending of plain tables, which browsers would not open.
fn file_name(reading: &Reading, exporter: &dyn Exporter) -> String {
    let ending = if exporter.name() == "table" { "txt" } else { exporter.name() };
    format!("{}.{ending}", name::stem(name::REPORT, reading.classified().as_of()))
}
