//! Completes the reject reasons of a frame: free text gives its canonical code, a code alone gives its caption. Never changes what is there.

use polars::prelude::*;

use crate::domain::reason::Reasons;
use crate::error::Result;

/// Fills `reason_code` from `reject_reason` and the other way round, where one is empty, and
/// returns for every row the index of its reason in [`Reasons::all`], if any row has one.
///
/// # Errors
/// When a column is missing or of another type.
pub fn complete(frame: &mut DataFrame, reasons: &Reasons) -> Result<Option<UInt32Chunked>> {
    let texts = frame.column("reject_reason")?.str()?.clone();
    let codes = frame.column("reason_code")?.str()?.clone();
    let height = frame.height();
    if reasons.all().is_empty() || texts.null_count() == height && codes.null_count() == height {
        return Ok(None);
    }
    // Few texts are distinct, so each is recognised once.
    let mut seen: PlHashMap<(bool, &str), Option<u32>> = PlHashMap::default();
    let mut indices: Vec<Option<u32>> = Vec::with_capacity(height);
    for (text, code) in texts.iter().zip(codes.iter()) {
        let key = match (code, text) {
            (Some(code), _) => (true, code),
            (None, Some(text)) => (false, text),
            (None, None) => {
                indices.push(None);
                continue;
            }
        };
        indices.push(*seen.entry(key).or_insert_with(|| {
            let code = if key.0 { Some(key.1) } else { reasons.recognise(key.1) };
            code.and_then(|code| reasons.all().iter().position(|reason| reason.code == code)).map(|index| index as u32)
        }));
    }
    let indices = UInt32Chunked::from_iter_options("reason".into(), indices.into_iter());
    fill(frame, "reason_code", &codes, reasons.all().iter().map(|reason| reason.code.as_str()), &indices)?;
    fill(frame, "reject_reason", &texts, reasons.all().iter().map(|reason| reason.caption.as_str()), &indices)?;
    Ok(Some(indices))
}

/// Fills the empty cells of a text column from a small table, by index.
///
/// # Errors
/// When the lengths differ.
pub fn fill<'a>(
    frame: &mut DataFrame,
    key: &str,
    cells: &StringChunked,
    table: impl Iterator<Item = &'a str>,
    indices: &UInt32Chunked,
) -> Result<()> {
    let wanted = cells.is_null() & indices.is_not_null();
    if !wanted.any() {
        return Ok(());
    }
    let table: StringChunked = table.map(Some).collect_ca(key.into());
    let found = table.take(&indices.cast(&IDX_DTYPE)?.idx()?.clone())?;
    frame.replace(key, found.zip_with(&wanted, cells)?.with_name(key.into()).into_column())?;
    Ok(())
}
