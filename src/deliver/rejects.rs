//! Writes the rejects file: every row and cell that could not be used, with its original text.

use std::io::Write;

use crate::domain::columns::ColumnType;
use crate::error::{Error, Part, Result};
use crate::export::csv::Guard;
use crate::source::{Origin, Reject};

/// The header of the rejects file.
pub const COLUMNS: [&str; 7] = ["kind", "file", "sheet", "line", "column", "value", "reason"];

/// Writes `rejects` as CSV to `out`, text that a spreadsheet would run guarded by `guard`, and says how many there are.
///
/// # Errors
/// [`Error::input_output`] from the writer.
pub fn write(out: &mut dyn Write, rejects: &[Reject], origins: &[Origin], guard: Guard) -> Result<u64> {
    rows(out, rejects, origins, guard).map_err(|error| Error::input_output("", "the rejects cannot be written", "").with_cause(error))?;
    Ok(rejects.len() as u64)
}

fn rows(out: &mut dyn Write, rejects: &[Reject], origins: &[Origin], guard: Guard) -> csv::Result<()> {
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    lines.write_record(COLUMNS)?;
    for reject in rejects {
        let origin = origins.get(reject.input as usize);
        let file = origin.map_or("", |origin| origin.file.as_str());
        let sheet = origin.and_then(|origin| origin.part.as_ref()).map_or("", Part::name);
        let line = reject.line.to_string();
        for cell in [reject.kind.code(), file, sheet, &line, &reject.column, &reject.value, &reject.reason] {
            lines.write_field(guard.apply(cell, ColumnType::Text).as_ref())?;
        }
        lines.write_record(None::<&[u8]>)?;
    }
    Ok(lines.flush()?)
}
