//! Completes the reject reasons of a frame: free text gives its canonical code, a code alone gives its caption. What is there stays.

use polars::prelude::*;

use crate::domain::reason::Reasons;
use crate::error::Result;

/// Fills `reason_code` from `reject_reason` and the other way round, where one is empty, and
/// returns for every row the index of its reason in [`Reasons::all`], if any row has one.
///
/// # Errors
/// When a column is missing or of another type.
pub fn complete(frame: &mut DataFrame, reasons: &Reasons) -> Result<Option<UInt32Chunked>> {
    let (texts, codes) = (frame.column("reject_reason")?.str()?.clone(), frame.column("reason_code")?.str()?.clone());
    let height = frame.height();
    if reasons.all.is_empty() || texts.null_count() == height && codes.null_count() == height {
        return Ok(None);
    }
    // Few texts are distinct, so each is recognised once.
    let mut seen: PlHashMap<(bool, &str), Option<u32>> = PlHashMap::default();
    let cells = texts.iter().zip(codes.iter()).map(|(text, code)| {
        let key = code.map(|code| (true, code)).or(text.map(|text| (false, text)))?;
        *seen.entry(key).or_insert_with(|| {
            let code = if key.0 { key.1 } else { reasons.recognise(key.1)? };
            reasons.all.iter().position(|reason| reason.code == code).map(|index| index as u32)
        })
    });
    let indices: UInt32Chunked = cells.collect_ca("reason".into());
    fill(frame, reasons, &indices)?;
    Ok(Some(indices))
}

/// Fills the empty cells of `reason_code` and `reject_reason` with the reasons that `indices` name.
///
/// # Errors
/// When a column is missing or of another length.
pub fn fill(frame: &mut DataFrame, reasons: &Reasons, indices: &UInt32Chunked) -> Result<()> {
    let all = reasons.all.iter();
    let codes: StringChunked = all.clone().map(|reason| Some(reason.code.as_str())).collect_ca("reason_code".into());
    let captions: StringChunked = all.map(|reason| Some(reason.caption.as_str())).collect_ca("reject_reason".into());
    for table in [codes, captions] {
        let cells = frame.column(table.name())?.str()?;
        let wanted = cells.is_null() & indices.is_not_null();
        if wanted.any() {
            let found = table.take(&indices.cast(&IDX_DTYPE)?.idx()?.clone())?.zip_with(&wanted, cells)?;
            frame.with_column(found.with_name(table.name().clone()).into_column())?;
        }
    }
    Ok(())
}
