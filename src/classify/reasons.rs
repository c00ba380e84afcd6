//! Completes the reject reasons of a frame: free text gives its canonical codes, a code alone gives its caption. What is there stays.

use polars::prelude::*;

use crate::domain::reason::{Reasons, SEPARATOR};
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::{CodedText, OrderFrame};

/// Fills `reason_code` from `reject_reason` and the other way round, where one is empty. Returns the codes of rows with
/// several reasons, each different one once, in order.
///
/// # Errors
/// When a column is missing or of another type.
pub fn complete(frame: &mut OrderFrame, reasons: &Reasons) -> Result<Vec<String>> {
    let (text, code) = (Field::RejectReason.key(), Field::ReasonCode.key());
    if reasons.all.is_empty() || !frame.has_values(text) && !frame.has_values(code) {
        return Ok(Vec::new());
    }
    let (texts, codes) = (frame.coded(text)?, frame.coded(code)?);
    // Few texts are distinct, so each is recognised once.
    let named = if codes.codes.null_count() > 0 { texts.each(|text| reasons.recognise(text)) } else { Vec::new() };
    let combined = codes.each(|codes| reasons.combined(codes));
    let captions: Vec<Option<&str>> = combined.iter().map(|combined| combined.as_ref().map(|combined| combined.caption.as_str())).collect();
    let named: Vec<Option<&str>> = named.iter().map(Option::as_deref).collect();
    let completed = [completed(&codes, &texts, &named), completed(&texts, &codes, &captions)];
    completed.into_iter().flatten().try_for_each(|column| frame.set_coded(column))?;
    let mut several: Vec<String> = frame.coded(code)?.each(str::to_owned);
    several.retain(|codes| codes.contains(SEPARATOR) && reasons.combined(codes).is_some());
    several.sort_unstable();
    Ok(several)
}

/// `column` with, in its empty cells, what `told` tells of the text of `other` in the same row; `None` when that fills none.
fn completed(column: &CodedText, other: &CodedText, told: &[Option<&str>]) -> Option<CodedText> {
    let own = column.texts.len() as u32;
    let tells = |place: u32| told.get(place as usize).is_some_and(Option::is_some);
    let places: Vec<u32> = column
        .places()
        .zip(other.places())
        .map(|(place, other)| match place {
            NONE if tells(other) => own + other,
            place => place,
        })
        .collect();
    let fills = places.iter().any(|place| *place != NONE && *place >= own);
    fills.then(|| CodedText::new(column.codes.name(), places.into_iter(), column.texts.iter().chain(told.iter().copied())))
}

/// Fills the empty cells of `reason_code` and `reject_reason` with the reasons that `indices` name.
///
/// # Errors
/// When a column is missing or of another length.
pub fn fill(frame: &mut DataFrame, reasons: &Reasons, indices: &UInt32Chunked) -> Result<()> {
    let all = reasons.all.iter();
    let codes: StringChunked = all.clone().map(|reason| Some(reason.code.as_str())).collect_ca(Field::ReasonCode.key().into());
    let captions: StringChunked = all.map(|reason| Some(reason.caption.as_str())).collect_ca(Field::RejectReason.key().into());
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
