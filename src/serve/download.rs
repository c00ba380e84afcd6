//! The current view as a file, in every format, by the same call as the command line: streamed while it is written.

use std::io::{self, Write};
use std::sync::Arc;
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;

use crate::deliver::name;
use crate::error::{Error, Result};
use crate::export::package::{LEVEL, Package};
use crate::export::{Exporter, FORMATS};
use crate::serve::asked::{Pairs, busy, view_of};
use crate::serve::audit::Seen;
use crate::serve::fault::{self, PageFault};
use crate::serve::person::Person;
use crate::serve::piece_writer::{Pace, Piece, PieceWriter};
use crate::serve::reading::Reading;
use crate::serve::view::View;
use crate::serve::viewer::{State as Rows, Viewer};

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
    let work = match viewer.places.work(&person).await {
        Ok(place) => place,
        Err(refused) => return Ok(refused.answer(true)),
    };
    let reading = match viewer.shown_to(&person).await? {
        Rows::Ready(reading, _) => reading,
        Rows::Failed(failure) => return Ok(fault::of_failure(&failure, true)),
        Rows::Reading => return Ok(fault::refusal(StatusCode::SERVICE_UNAVAILABLE, "The inputs are not read yet.", "Try again.", true)),
    };
    // What is wrong with the filters is said before a file begins.
    let checked = Arc::clone(&reading);
    let asked = view.clone();
    let rows = busy(move || {
        let rows = checked.rows(&asked)?.rows.len() as u64;
        drop(work);
        Ok(rows)
    });
    let rows = rows.await?;
    let place = match viewer.places.export(&person).await {
        Ok(place) => place,
        Err(refused) => return Ok(refused.answer(true)),
    };
    let (mut out, mut receiver) = PieceWriter::new(Pace::USUAL, Handle::current());
    let is_several = rows > exporter.rows_of_a_file(&viewer.spec.export) as u64;
    let stem = name::stem(name::REPORT, reading.classified().as_of());
    let file = file_name(&stem, exporter, is_several);
    tokio::task::spawn_blocking(move || {
        let written = write(&viewer, (&reading, &view), exporter, &stem, &mut out)
            .and_then(|()| out.finish().map_err(|error| Error::unwritten("export", error)));
        if let Err(error) = written {
            // The reader sees a file that was cut short, not one that seems whole.
            let _ = out.send(Err(error));
        }
        drop(place);
    });
    // What a format cannot hold is said before a file begins, too.
    let first = receiver.recv().await.unwrap_or_else(|| Err(Error::internal("export", "nothing was written")))?;
    let mut response = Body::from_stream(stream(first, receiver)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename=\"{file}\"");
    headers.extend(HeaderValue::from_str(&disposition).ok().map(|value| (header::CONTENT_DISPOSITION, value)));
    response.extensions_mut().insert(Seen { format: Some(exporter.name()), ..Seen::new("export", rows) });
    Ok(response)
}

fn stream(first: Bytes, mut receiver: Receiver<Piece>) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let mut first = Some(first);
    let cut_short = |_| io::Error::from(io::ErrorKind::Interrupted);
    futures_util::stream::poll_fn(move |context| match first.take() {
        Some(first) => Poll::Ready(Some(Ok(first))),
        None => receiver.poll_recv(context).map(|piece| piece.map(|piece| piece.map_err(cut_short))),
    })
}

/// Writes the report of the rows that the view asks for; several files, where the command line would write several, in an archive.
fn write(viewer: &Viewer, (reading, view): (&Reading, &View), exporter: &dyn Exporter, stem: &str, out: &mut PieceWriter) -> Result<()> {
    let report = reading.report_for(view, exporter)?;
    let options = &viewer.spec.export;
    let volumes = report.volumes(exporter.rows_of_a_file(options), stem, exporter.name());
    if let [(_, report)] = volumes.as_slice() {
        return exporter.export(report, options, out).map(drop);
    }
    let mut package = Package::new("zip", out);
    for (name, report) in &volumes {
        package.start(name, LEVEL)?;
        let mut part = PartWriter { package: &mut package, refused: None };
        let written = exporter.export(report, options, &mut part);
        part.refused.map_or(written.map(drop), Err)?;
    }
    package.finish()
}

/// Writes a file of an archive.
struct PartWriter<'a, 'b> {
    package: &'a mut Package<'b>,
    refused: Option<Error>,
}

impl Write for PartWriter<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.package.write(bytes).map(|()| bytes.len()).map_err(|error| {
            self.refused = Some(error);
            io::Error::from(io::ErrorKind::BrokenPipe)
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The name that the command line would give the file, but for the ending of plain tables, which browsers would not open.
fn file_name(stem: &str, exporter: &dyn Exporter, is_several: bool) -> String {
    let ending = if exporter.name() == "table" { "txt" } else { exporter.name() };
    format!("{stem}.{ending}{}", if is_several { ".zip" } else { "" })
}
