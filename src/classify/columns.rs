//! Makes the cells of every column that a report may show, as expressions over the classified frame.

use std::collections::HashMap;

use polars::prelude::*;

use crate::classify::Classified;
use crate::domain::columns::{ColumnDef, ColumnType, Computed, column};
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::{INPUT, LINE, NEXT_ACTION, NUMBER_TYPE, QUALITY_MASK, RULE};
use crate::domain::status::{Detail, UNKNOWN};
use crate::error::Result;
use crate::source::merge::dtype;
use crate::source::order_frame::CODES;
use crate::source::{OrderFrame, Origin};

/// The expression over the classified frame that makes the cells of column `key` as a reader sees them,
/// named `key`; `None` for what no report shows.
pub fn expression(key: &str, classified: &Classified) -> Option<Expr> {
    let definition = column(key).filter(|definition| definition.is_in_reports())?;
    Some(cells(definition, classified).alias(definition.key))
}

fn cells(definition: &ColumnDef, classified: &Classified) -> Expr {
    let rules = &classified.rules;
    if let Some(places) = choice_places(definition, classified) {
        let captions = definition.choices.iter().map(|choice| definition.caption_of(choice, rules.spelling));
        let captions = gathered(captions.chain([UNKNOWN]), places);
        // Words beside those that are listed stand as the source wrote them.
        return if definition.column_type == ColumnType::Text { captions.fill_null(col(definition.key)) } else { captions };
    }
    match definition.computed {
        Computed::NextStep => gathered(classified.next_actions().map(|(_, step)| step), col(NEXT_ACTION)),
        Computed::OrderId => order_id(classified),
        Computed::RejectOpen => {
            col("detail").eq(lit(Detail::Rejected.code())).or(col("detail").eq(lit(Detail::AdditionalInfoRequired.code())))
        }
        Computed::Reason => {
            let several = || classified.several_reasons.iter().filter_map(|codes| Some((codes, rules.reasons.combined(codes)?.caption)));
            let single = rules.reasons.all.iter().map(|reason| (reason.code.as_str(), reason.caption.as_str()));
            let several: Vec<(&String, String)> = several().collect();
            let all: Vec<(&str, &str)> = single.chain(several.iter().map(|(codes, caption)| (codes.as_str(), caption.as_str()))).collect();
            gathered(all.iter().map(|(_, caption)| caption), placed(all.iter().map(|(code, _)| *code), "reason_code", classified))
        }
        Computed::QualityFlags => from_masks(DataType::String, |masks| worded(masks, QualityFlag::codes)),
        Computed::QualityCount => from_masks(DataType::Int64, counted),
        Computed::Rule => gathered(rules.all.iter().map(|rule| &rule.id), col(RULE)),
        Computed::SourceFile => gathered(classified.orders.origins.iter().map(Origin::place), col(INPUT)),
        Computed::SourceRow => col(LINE).cast(DataType::Int64),
        Computed::Derived if !classified.frame().has(definition.key) => nothing(&dtype(definition.column_type)),
        computed => classified.timing.expression(computed).unwrap_or_else(|| col(definition.key)),
    }
}

/// The place of each cell of column `key` in its closed list (UInt32, null for an empty cell), named `key`; for the
/// source file, among the origins. A status or detail that is not known has the place after the last. `None` for columns whose cells come from no list.
pub fn places(key: &str, classified: &Classified) -> Option<Expr> {
    let definition = column(key).filter(|definition| definition.is_in_reports())?;
    let places = match (definition.computed, definition.column_type) {
        (Computed::SourceFile, _) => col(INPUT).cast(DataType::UInt32),
        // Words beside those that are listed have no place.
        (_, ColumnType::Text) => return None,
        _ => choice_places(definition, classified)?,
    };
    Some(places.alias(definition.key))
}

/// The place of each cell among the choices of its column.
fn choice_places(definition: &ColumnDef, classified: &Classified) -> Option<Expr> {
    let codes = |column: &str| placed(definition.choices.iter().map(|choice| choice.code), column, classified);
    if definition.choices.is_empty() {
        return None;
    }
    Some(match definition.computed {
        Computed::Status | Computed::Detail => codes(definition.key).fill_null(lit(definition.choices.len() as u32)),
        Computed::Derived if !classified.frame().has(definition.key) => nothing(&DataType::UInt32),
        Computed::Input | Computed::NumberType | Computed::Derived => codes(definition.key),
        Computed::NumberState => codes("state"),
        Computed::ActionOwner => {
            let owners: Vec<u32> = classified.next_actions().map(|(owner, _)| owner as u32).collect();
            lit(Series::new(PlSmallStr::EMPTY, owners)).gather(col(NEXT_ACTION).cast(IDX_DTYPE), true)
        }
        Computed::OrderIdBasis => when(col("order_id").is_not_null()).then(lit(0)).otherwise(lit(1)).cast(DataType::UInt32),
        timed => ranked(definition.choices.iter().map(|choice| choice.caption), classified.timing.expression(timed)?),
    })
}

/// The cells of a column of text in which `captions` stand for the codes of its choices, in their order, and other
/// words as the source wrote them; `None` for other columns.
pub fn worded_text<'a>(key: &str, classified: &Classified, captions: impl IntoIterator<Item = &'a str>) -> Option<Expr> {
    let definition = column(key).filter(|definition| definition.column_type == ColumnType::Text)?;
    Some(gathered(captions, choice_places(definition, classified)?).fill_null(col(definition.key)).alias(definition.key))
}

/// The cells of column `key` as a report shows them that has these words for the values of its list, in order, named `key`;
/// other columns are those of [`expression`].
pub fn shown<'a>(key: &str, classified: &Classified, terms: impl IntoIterator<Item = &'a str> + Clone) -> Option<Expr> {
    match places(key, classified) {
        Some(places) => Some(gathered(terms, places).alias(key)),
        None => worded_text(key, classified, terms).or_else(|| expression(key, classified)),
    }
}

/// Evaluates expressions over rows of the classified frame: all of them in frame order, or those given, in
/// the order given. Only the columns that the expressions name are touched.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn values(frame: &OrderFrame, rows: Option<&IdxCa>, expressions: Vec<Expr>) -> Result<DataFrame> {
    let cells = frame.select(named(&expressions, |name| name), rows)?;
    let asked = if cells.height() < FEW_ROWS { cells.lazy().without_optimizations() } else { cells.lazy() };
    Ok(asked.select(expressions).collect()?)
}

/// Rows for which looking for a better way takes longer than the way.
const FEW_ROWS: usize = 4_096;

/// The frame columns that `expressions` read, each once, in order of first use.
pub fn roots<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<PlSmallStr> {
    named(expressions, |name| name.strip_suffix(CODES).unwrap_or(name))
}

/// What `told` tells of the names that `expressions` ask of a frame, each once: cells of columns, and codes.
fn named<'a>(expressions: impl IntoIterator<Item = &'a Expr>, told: impl Fn(&str) -> &str) -> Vec<PlSmallStr> {
    let mut names: Vec<PlSmallStr> = Vec::new();
    for node in expressions.into_iter().flatten() {
        if let Expr::Column(name) = node
            && !names.iter().any(|known| known == told(name))
        {
            names.push(told(name).into());
        }
    }
    names
}

/// The position of each cell of frame column `name` in `words`, null where it is none of them: looked up once for each
/// different text of a coded column.
fn placed<'a>(words: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator, name: &str, classified: &Classified) -> Expr {
    let Some(texts) = classified.frame().texts(name) else { return ranked(words, col(name)) };
    let words: Vec<&str> = words.collect();
    let place = |text: &str| words.iter().position(|word| *word == text).map(|place| place as u32);
    let places: UInt32Chunked = texts.iter().map(|text| text.and_then(place)).collect();
    lit(places.into_series()).gather(col(format!("{name}{CODES}")), true)
}

/// The position of each cell in `codes`, null where it is none of them.
fn ranked<'a>(codes: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator, cells: Expr) -> Expr {
    let unknown = lit(NULL).cast(DataType::UInt32);
    let place = |rest: Expr, (place, code): (usize, &str)| when(cells.clone().eq(lit(code))).then(lit(place as u32)).otherwise(rest);
    codes.enumerate().rev().fold(unknown, place)
}

/// Cells of a small table by index, null where the index is null or past the end.
fn gathered<S: AsRef<str>>(table: impl IntoIterator<Item = S>, index: Expr) -> Expr {
    let table = StringChunked::from_iter_values(PlSmallStr::EMPTY, table.into_iter());
    lit(table.into_series()).gather(index.cast(IDX_DTYPE), true)
}

/// An empty cell of every row.
fn nothing(dtype: &DataType) -> Expr {
    let empty = || lit(NULL).cast(dtype.clone());
    // A literal alone has one row.
    when(col(INPUT).is_null()).then(empty()).otherwise(empty())
}

/// The order id, or where there is none what tells orders of a request apart, in parentheses.
fn order_id(classified: &Classified) -> Expr {
    if classified.frame().is_full("order_id") {
        return col("order_id");
    }
    let parts = [col("request_id"), col("case_number"), col(NUMBER_TYPE), col("confirmed_date").cast(DataType::String)];
    let parts = parts.map(|part| part.fill_null(lit(""))).into_iter().reduce(|joined, part| joined + lit("/") + part);
    col("order_id").fill_null(lit("(") + parts.unwrap_or_else(|| lit("")) + lit(")"))
}

/// What `make` makes of each row's mask of flags.
fn from_masks(dtype: DataType, make: impl Fn(&UInt64Chunked) -> PolarsResult<Column> + Send + Sync + 'static) -> Expr {
    col(QUALITY_MASK).map(move |masks| make(masks.u64()?), move |_, field| Ok(Field::new(field.name().clone(), dtype.clone())))
}

/// Each row's flags in `words`, one for each flag that there is, in their order; not named yet.
pub fn flags_in_words(words: Vec<String>) -> Expr {
    let joined = move |mask| {
        let words: Vec<&str> = QualityFlag::of(mask).filter_map(|flag| words.get(flag as usize)).map(String::as_str).collect();
        words.join("; ")
    };
    from_masks(DataType::String, move |masks| worded(masks, &joined))
}

/// Each row's flags as `word` says them. Rows share few distinct masks, so each mask is put into words once.
fn worded(masks: &UInt64Chunked, word: impl Fn(u64) -> String) -> PolarsResult<Column> {
    let mut places: HashMap<u64, IdxSize> = HashMap::new();
    let mut words: Vec<Option<String>> = Vec::new();
    let index: IdxCa = masks
        .iter()
        .map(|mask| {
            let mask = mask.unwrap_or(0);
            Some(*places.entry(mask).or_insert_with(|| {
                words.push((mask != 0).then(|| word(mask)));
                (words.len() - 1) as IdxSize
            }))
        })
        .collect();
    Ok(StringChunked::from_iter_options(masks.name().clone(), words.into_iter()).take(&index)?.into_column())
}

fn counted(masks: &UInt64Chunked) -> PolarsResult<Column> {
    let counts: Int64Chunked = masks.iter().map(|mask| mask.map(|mask| i64::from(mask.count_ones()))).collect_ca(masks.name().clone());
    Ok(counts.into_column())
}
