//! What must hold of any bytes. The fuzz targets include this file and the integration tests replay their corpus through it,
//! so it uses the library and nothing else.

use std::path::PathBuf;

use portstatus::domain::date::{DateOrder, Zone, day, instant, moment, time};
use portstatus::domain::number::{DefaultNumbering, mask, mask_sentence, parse, range};
use portstatus::error::Result;
use portstatus::select::names::Names;
use portstatus::select::where_sql::SqlCondition;
use portstatus::source::csv::{self, ChunkSizes};
use portstatus::source::open::{InputBytes, column_file};
use portstatus::source::table::Table;
use portstatus::source::{ReadOptions, column_file, json, workbook};

/// Panics where bytes break what is promised of them.
pub type Check = fn(&[u8]);

/// Every target by the name of its corpus folder. Each panics where bytes break what it promises.
pub const TARGETS: &[(&str, Check)] = &[
    ("column_file", check_column_file),
    ("condition", check_condition),
    ("csv", check_csv),
    ("date", check_date),
    ("json", check_json),
    ("phone", check_phone),
    ("workbook", check_workbook),
];

/// A condition is one that can be asked, or is refused in one line.
pub fn check_condition(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match SqlCondition::parse(&text, &Names::default()) {
        Ok(condition) => assert_eq!(condition.sql, text.trim()),
        Err(error) => {
            assert_eq!(error.code(), 64, "{error}");
            assert!(!error.to_string().contains('\n'), "{error:?}");
        }
    }
}

/// A date, a wall time and an instant are in their range, and what is read is read again from its ISO form.
pub fn check_date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
        if let Ok(found) = day(&text, order) {
            let iso = (chrono::NaiveDate::default() + chrono::Duration::days(found.days.into())).to_string();
            assert_eq!(day(&iso, order).map(|again| again.days), Ok(found.days), "{text:?} is {iso}");
        }
        for zone in [Zone::UTC, Zone::Pacific, Zone::Other] {
            let _ = moment(&text, order, zone);
        }
        let _ = instant(&text, order, Zone::UTC);
    }
    if let Some(seconds) = time(&text) {
        assert!((0..86_400).contains(&seconds), "{text:?} is {seconds} seconds");
    }
}

/// A number is E.164 and stays itself; a mask shows at most four digits in a row of them.
pub fn check_phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for numbering in [DefaultNumbering::Nanp, DefaultNumbering::International, DefaultNumbering::AlwaysInternational] {
        if let Ok(number) = parse(&text, numbering) {
            let e164 = number.as_str();
            assert!(e164.starts_with('+') && (8..=16).contains(&e164.len()), "{text:?} is {e164}");
            assert!(e164[1..].bytes().all(|byte| byte.is_ascii_digit()), "{text:?} is {e164}");
            assert_eq!(parse(e164, numbering).map(|again| again.as_str().to_owned()), Ok(e164.to_owned()), "{text:?}");
            assert!(!mask(e164).contains(&e164[1..]), "{e164} is shown");
        }
        if let Some(Ok(numbers)) = range(&text, numbering) {
            assert!(numbers.start() < numbers.end(), "{text:?}: {numbers:?}");
        }
    }
    let masked = mask(&text);
    assert_eq!(mask(&masked), masked, "{text:?}");
    let _ = mask_sentence(&text);
}

/// Text is refused, or each of its rows is in the table or among the refused.
pub fn check_csv(bytes: &[u8]) {
    let (file, options) = (opened("orders.csv", bytes), ReadOptions::default());
    match csv::open(&file, &options, &everything, ChunkSizes::default()).and_then(|table| Table::read(Box::new(table))) {
        Ok(table) => check_table(&table),
        Err(error) => assert!(!error.to_string().contains('\n'), "{error:?}"),
    }
}

/// JSON is refused, or each of its rows is in the table or among the refused.
pub fn check_json(bytes: &[u8]) {
    let (file, options) = (opened("orders.json", bytes), ReadOptions::default());
    match json::open(&file, &options, &everything).and_then(|table| Table::read(Box::new(table))) {
        Ok(table) => check_table(&table),
        Err(error) => assert!(error.code() == 65 && !error.to_string().contains('\n'), "{error:?}"),
    }
}

/// With the guarded process. `PORTSTATUS_PROGRAM` names the program that is it where cargo does not.
fn guarded() -> ReadOptions {
    let program = option_env!("CARGO_BIN_EXE_portstatus").map(PathBuf::from);
    let program = program.or_else(|| std::env::var_os("PORTSTATUS_PROGRAM").map(PathBuf::from));
    ReadOptions { guarded_program: program, columns_without_header: true, ..ReadOptions::default() }
}

/// A workbook is refused, or its table is whole.
pub fn check_workbook(bytes: &[u8]) {
    let (file, options) = (opened("orders.xlsx", bytes), guarded());
    match workbook::open(&file, &options, &everything).and_then(|table| Table::read(Box::new(table))) {
        Ok(table) => check_table(&table),
        Err(error) => assert!(error.code() == 65 && !error.to_string().contains('\n'), "{error:?}"),
    }
}

/// A column file is refused, or its table is whole.
pub fn check_column_file(bytes: &[u8]) {
    let (file, options) = (opened("orders.parquet", bytes), guarded());
    let Some(content) = column_file(bytes) else { return };
    match column_file::open(&file, content, &options, &everything).and_then(|table| Table::read(Box::new(table))) {
        Ok(table) => check_table(&table),
        Err(error) => assert!(error.code() == 65 && !error.to_string().contains('\n'), "{error:?}"),
    }
}

fn opened(name: &str, bytes: &[u8]) -> InputBytes {
    InputBytes { name: name.to_owned(), bytes: bytes.to_vec(), ..InputBytes::default() }
}

fn everything(headers: &[String]) -> Result<Vec<bool>> {
    Ok(vec![true; headers.len()])
}

fn check_table(table: &Table) {
    assert!(table.columns.iter().flatten().all(|column| column.len() == table.lines.len()), "columns of different lengths");
    assert!(table.lines.windows(2).all(|pair| pair[0] < pair[1]), "two rows on one line: {:?}", table.lines);
    assert_eq!(table.found.rows, (table.lines.len() + table.refused.len()) as u64, "rows that are nowhere");
}
