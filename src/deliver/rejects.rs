//! Writes the rejects file: every row and cell that could not be used, with its original text. Never drops one.

use std::io::Write;

use crate::domain::columns::ColumnType;
use crate::error::{Error, Result};
use crate::export::csv::Guard;
use crate::source::{Origin, Reject, RejectKind};

/// The header of the rejects file.
pub const COLUMNS: [&str; 7] = ["kind", "file", "sheet", "line", "column", "value", "reason"];

/// Writes `rejects` as CSV to `out`, text that a spreadsheet would run guarded by `guard`, and says how many there are.
///
/// # Errors
/// [`Error::input_output`] from the writer.
pub fn write(out: &mut dyn Write, rejects: &[Reject], origins: &[Origin], guard: Guard) -> Result<u64> {
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let failed = |error: csv::Error| Error::input_output("rejects file", error.to_string().to_lowercase(), "");
    lines.write_record(COLUMNS).map_err(failed)?;
    for reject in rejects {
        let kind = match reject.kind {
            RejectKind::Row => "row",
            RejectKind::Cell => "cell",
        };
        let origin = origins.get(reject.input as usize);
        let file = origin.map_or("", |origin| origin.file.as_str());
        let sheet = origin.and_then(|origin| origin.sheet.as_deref()).unwrap_or("");
        let line = reject.line.to_string();
        let cells = [kind, file, sheet, &line, &reject.column, &reject.value, &reject.reason];
        for cell in cells {
            lines.write_field(guard.apply(cell, ColumnType::Text).as_ref()).map_err(failed)?;
        }
        lines.write_record(None::<&[u8]>).map_err(failed)?;
    }
    lines.flush().map_err(|error| Error::input_output("rejects file", error.to_string().to_lowercase(), ""))?;
    Ok(rejects.len() as u64)
}
