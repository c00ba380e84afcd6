//! Columns of free text, which pass as they are but for blanks around a cell and for cells that say nothing.

use polars::prelude::{Column, IntoColumn, StringChunked, StringChunkedBuilder};

use crate::domain::data_quality::QualityFlag;
use crate::domain::date;
use crate::domain::record::Field;
use crate::domain::status::NumberType;
use crate::domain::text::CELL_UNITS;
use crate::source::normalize::cells::{ERROR_VALUE, Findings, is_error_value};
use crate::source::normalize::counters::Counted;
use crate::source::profile::Profile;

/// Reads a column of free text; it is built anew only when a cell needs it.
pub fn column(cells: StringChunked, field: Field, header: usize, profile: &Profile, findings: &mut Findings) -> Column {
    let derived = |cell: &str| field == Field::OrderId && is_derived_order(cell);
    let null_words = profile.null_words(Some(field));
    let nothing = |cell: &str| null_words.contains(cell);
    let changes = |cell: &str| needs_care(cell) || cell.len() > CELL_UNITS || derived(cell) || nothing(cell);
    if !cells.downcast_iter().flat_map(|array| array.iter()).flatten().any(changes) {
        return cells.with_name(field.key().into()).into_column();
    }
    let (mut derived_orders, mut null_cells) = (0, 0);
    let mut built = StringChunkedBuilder::new(field.key().into(), cells.len());
    for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
        match cell.map(str::trim) {
            Some(text) if is_error_value(text) => {
                findings.add_bad_cell(row, header, cell.unwrap_or_default(), ERROR_VALUE);
                built.append_null();
            }
            Some(text) if derived(text) => {
                derived_orders += 1;
                built.append_null();
            }
            Some(text) if nothing(text) => {
                null_cells += 1;
                built.append_null();
            }
            Some(text) if !text.is_empty() => {
                if text.len() > CELL_UNITS && text.encode_utf16().count() > CELL_UNITS {
                    findings.flags[row] |= QualityFlag::LongText.bit();
                }
                built.append_value(text);
            }
            _ => built.append_null(),
        }
    }
    findings.counters.add(Counted::DerivedOrders, derived_orders);
    findings.counters.add(Counted::NullWords(header), null_cells);
    built.finish().into_column()
}

/// `(request/case/number type/confirmed date)`: what a report shows where the source has no order id. Read as one
/// that was given, it would split or join orders by an older state of theirs.
fn is_derived_order(cell: &str) -> bool {
    let Some(parts) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return false };
    let mut parts = parts.rsplitn(4, '/');
    let (date, number_type) = (parts.next(), parts.next());
    let dated = date.is_some_and(|date| date.is_empty() || date::day(date, date::DateOrder::MonthFirst).is_ok());
    dated && number_type.is_some_and(|code| NumberType::from_code(code).is_some()) && parts.count() == 2
}

fn needs_care(cell: &str) -> bool {
    let (Some(first), Some(last)) = (cell.as_bytes().first(), cell.as_bytes().last()) else {
        return true;
    };
    *first <= b' '
        || *last <= b' '
        || *first == b'#' && is_error_value(cell)
        || (*first >= 0x80 || *last >= 0x80) && cell.trim().len() != cell.len()
}
