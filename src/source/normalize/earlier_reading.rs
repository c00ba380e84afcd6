//! What a record tells of the reading that it was made by: in which row of its file each row stood, in which words the source said where the
//! port stands, and which data-quality flags were found.

use polars::prelude::*;

use crate::domain::data_quality::QualityFlag;
use crate::domain::record::SOURCE_WORDS;
use crate::error::Result;
use crate::source::normalize::dictionary::Dictionary;
use crate::source::plan::ColumnPlan;
use crate::source::{CodedText, OrderFrame};

/// Has `lines` be those that a column tells, if there is one and each of its cells tells a line.
pub fn take_lines(plan: &ColumnPlan<'_>, columns: &mut [Option<StringChunked>], lines: &mut Vec<u32>) {
    let cells = plan.lines.and_then(|header| columns[header].take());
    let told = cells.and_then(|cells| cells.iter().map(|cell| cell?.trim().parse().ok()).collect());
    if let Some(told) = told {
        *lines = told;
    }
}

/// Sets the words of the source, and adds to `flags` those that were found, where columns tell of them.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn take_words_and_flags(
    plan: &ColumnPlan<'_>,
    dictionaries: &[Option<Dictionary>],
    frame: &mut OrderFrame,
    flags: &mut [u64],
) -> Result<()> {
    let told = |header: Option<usize>| header.and_then(|header| dictionaries[header].as_ref()).map(|dictionary| &dictionary.cells);
    if let Some(words) = told(plan.words) {
        frame.set_coded(CodedText::new(SOURCE_WORDS, words.places(), words.texts.iter()))?;
    }
    if let Some(found) = told(plan.flags) {
        let masks = found.each(QualityFlag::mask);
        let of_rows = found.places().zip(flags);
        of_rows.for_each(|(place, flags)| *flags |= masks.get(place as usize).copied().unwrap_or_default());
    }
    Ok(())
}
