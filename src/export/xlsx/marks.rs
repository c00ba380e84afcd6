//! Marks the rows of the numbers that are late or rejected: conditional formats of the whole table, by what its columns show.

use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Worksheet};

use crate::domain::status::{Detail, Status};
use crate::domain::text::letters;
use crate::error::Result;
use crate::export::xlsx::days::EPOCH;
use crate::export::xlsx::refusal::refused;
use crate::report::{Column, Report, SectionId, Values};

/// Marks the rows below the header: bold and in another ink where an open number's date has passed, shaded where it is
/// rejected. The range is that of one row, to be set right when the rows are streamed in.
///
/// # Errors
/// Whatever the library refuses.
pub fn add(sheet: &mut Worksheet, columns: &[Column], report: &Report) -> Result<()> {
    let palette = &report.look.palette;
    let late = Format::new().set_bold().set_font_color(Color::RGB(palette.late_ink));
    let rejected_format = Format::new().set_background_color(Color::RGB(palette.rejected_fill));
    let last = columns.len().saturating_sub(1) as u16;
    let (is_late, is_rejected) = (is_late(columns, report), is_rejected(columns));
    // Not every spreadsheet goes on after the first that applies.
    let both = is_late.as_ref().zip(is_rejected.as_ref()).map(|(late, rejected)| format!("=AND({},{})", &late[1..], &rejected[1..]));
    let both_format = late.clone().set_background_color(Color::RGB(palette.rejected_fill));
    let marks = [(both, both_format), (is_late, late), (is_rejected, rejected_format)];
    for (formula, format) in marks {
        if let Some(formula) = formula {
            let mark = ConditionalFormatFormula::new().set_rule(formula.as_str()).set_format(format);
            sheet.add_conditional_format(1, 0, 1, last, &mark).map_err(refused)?;
        }
    }
    Ok(())
}

/// What the note of column `place` says of the marks: the status, or else the detail, tells of them.
pub fn legend<'r>(columns: &[Column], place: u16, section: SectionId, report: &'r Report) -> Option<&'r str> {
    let has_marks = section == SectionId::Numbers && (is_late(columns, report).is_some() || is_rejected(columns).is_some());
    let told =
        columns.iter().position(|column| column.key == "status").or_else(|| columns.iter().position(|column| column.key == "detail"));
    (has_marks && told == Some(usize::from(place))).then_some(report.words.rows_marked.as_str())
}

/// Whether an open number's effective port date is before the day of the report.
fn is_late(columns: &[Column], report: &Report) -> Option<String> {
    let open: Vec<String> = Status::OPEN.iter().filter_map(|status| is_term(columns, "status", status.code())).collect();
    let today = report.cover.as_of.days() + EPOCH;
    let passed = |cell: &str| format!("AND(ISNUMBER({cell}),{cell}<{today})");
    let date = match (cell(columns, "confirmed_date"), cell(columns, "estimated_date")) {
        (Some(confirmed), Some(estimated)) => format!("IF(ISNUMBER({confirmed}),{confirmed}<{today},{})", passed(&estimated)),
        (Some(only), None) | (None, Some(only)) => passed(&only),
        (None, None) => return None,
    };
    (open.len() == Status::OPEN.len()).then(|| format!("=AND(OR({}),{date})", open.join(",")))
}

fn is_rejected(columns: &[Column]) -> Option<String> {
    is_term(columns, "detail", Detail::Rejected.code()).map(|is_rejected| format!("={is_rejected}"))
}

/// The cell of the column `key` in the second row, which a spreadsheet moves with each row.
fn cell(columns: &[Column], key: &str) -> Option<String> {
    columns.iter().position(|column| column.key == key).map(|place| format!("${}2", letters(place)))
}

/// Whether the cell of the column `key` has the words for `code`.
fn is_term(columns: &[Column], key: &str, code: &str) -> Option<String> {
    let Values::Terms { terms, .. } = &columns.iter().find(|column| column.key == key)?.values else { return None };
    let term = terms.iter().find(|term| term.code == code)?;
    Some(format!("{}=\"{}\"", cell(columns, key)?, term.caption.replace('"', "\"\"")))
}
