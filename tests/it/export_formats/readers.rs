//! Programs that open what was written, one or more a format, and give back its cells as text.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Ods, Reader as _, Xlsx, open_workbook};
use chrono::{Duration, NaiveDate};
use portstatus::domain::columns::ColumnType;
use portstatus::report::Report;

use crate::export_formats::data_readers as data;
use crate::export_formats::samples::shown;
use crate::export_pdf::readers as pdf;
use crate::tools;

/// What was found of the table of numbers.
pub struct Cells {
    /// The captions, where the reader can tell them.
    pub captions: Option<Vec<String>>,
    /// The cells by row.
    pub rows: Vec<Vec<String>>,
}

/// A program that reads a format.
pub struct Reader {
    /// The format, as it is called in the list of formats.
    pub format: &'static str,
    /// The program or library.
    pub program: &'static str,
    /// The cells of a file; nothing where the program is not installed.
    pub read: fn(&Path, &Report) -> Option<Cells>,
    /// Whether what was found is what the reader must give for a cell of this type and text.
    pub is_same: fn(ColumnType, &str, &str) -> bool,
    /// The lines of text of the whole document, where it has more than the table.
    pub words: Option<ReadWords>,
    /// Whether cells of closed lists are their codes, not captions.
    pub has_codes: bool,
}

/// Reads the lines of text of a document; nothing where the program is not installed.
pub type ReadWords = fn(&Path) -> Option<Vec<String>>;

/// Every reader.
pub const READERS: &[Reader] = &[
    of_words("csv", "the csv crate", csv_crate, is_guarded, None),
    of_words("csv", "Python", python_csv, is_guarded, None),
    of_words("xlsx", "calamine", calamine_xlsx, is_unchanged, Some(sheets)),
    of_words("xlsx", "openpyxl", openpyxl, is_unchanged, None),
    of_words("pdf", "pdftotext", pdftotext, is_printed, Some(pages)),
    of_words("docx", "python-docx", python_docx, is_of_document, Some(python_docx_words)),
    of_words("ods", "calamine", calamine_ods, is_of_document, Some(ods_sheets)),
    of_words("ods", "odfpy", odfpy, is_of_document, None),
    of_words("html", "Python", python_html, is_of_document, Some(python_html_words)),
    of_words("table", "text search", data::lines, is_unchanged, None),
    of_codes("json", "Python", data::json_document, data::is_the_same),
    of_codes("jsonl", "Python", data::json_lines, data::is_the_same),
    of_codes("xml", "ElementTree", data::element_tree, data::is_replaced),
    of_codes("parquet", "pyarrow", data::pyarrow, data::is_the_same),
    of_codes("parquet", "DuckDB", data::duckdb, data::is_to_the_second),
];

type Read = fn(&Path, &Report) -> Option<Cells>;
type IsSame = fn(ColumnType, &str, &str) -> bool;

const fn of_words(format: &'static str, program: &'static str, read: Read, is_same: IsSame, words: Option<ReadWords>) -> Reader {
    Reader { format, program, read, is_same, words, has_codes: false }
}

const fn of_codes(format: &'static str, program: &'static str, read: Read, is_same: IsSame) -> Reader {
    Reader { format, program, read, is_same, words: None, has_codes: true }
}

fn captioned(mut rows: Vec<Vec<String>>) -> Option<Cells> {
    let captions = rows.remove(0);
    Some(Cells { captions: Some(captions), rows })
}

fn csv_crate(path: &Path, _: &Report) -> Option<Cells> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    captioned(reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect())
}

/// The rows that a Python script prints as JSON of the file that is its argument.
pub fn python(tool: &str, script: &str, path: &Path) -> Option<Vec<Vec<serde_json::Value>>> {
    tools::found(tool).then(|| serde_json::from_str(&tools::run("python3", &["-c", script, path.to_str().unwrap()])).unwrap())
}

fn python_csv(path: &Path, _: &Report) -> Option<Cells> {
    let script = "import csv, json, sys\nprint(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8')))))";
    let rows = python("python3", script, path)?;
    captioned(rows.iter().map(|row| row.iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()).collect())
}

fn is_guarded(kind: ColumnType, text: &str, found: &str) -> bool {
    found == guarded(kind, text)
}

/// A cell as it stands in CSV: an independent statement of the guard against formulas.
fn guarded(kind: ColumnType, text: &str) -> String {
    let digits = text.strip_prefix('+').unwrap_or("");
    let is_strict = (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    let first = text.chars().find(|c| ![' ', '\0', '\u{feff}'].contains(c));
    let is_risky = kind != ColumnType::Count && first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c));
    if is_risky && !(kind == ColumnType::Phone && is_strict) { format!("'{text}") } else { text.to_owned() }
}

fn is_unchanged(_: ColumnType, text: &str, found: &str) -> bool {
    found == text
}

/// The first sheet, whose cells must have the type of their column.
fn calamine_xlsx(path: &Path, report: &Report) -> Option<Cells> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let table = shown(report);
    let cell = |row: usize, column: usize| range.get((row, column)).unwrap_or(&Data::Empty);
    let captions = (0..table.columns.len()).map(|column| cell(0, column).to_string()).collect();
    // Below a table without rows stands that it is empty.
    let height = if report.numbers.rows == 0 { 1 } else { range.height() };
    let rows = (1..height).map(|row| {
        let cells = table.columns.iter().enumerate();
        cells.map(|(column, shown)| typed(cell(row, column), shown.kind).unwrap_or_else(|| panic!("row {row}, {}", shown.key))).collect()
    });
    Some(Cells { captions: Some(captions), rows: rows.collect() })
}

/// The text of a workbook cell; nothing where its type is not that of its column.
fn typed(cell: &Data, kind: ColumnType) -> Option<String> {
    Some(match (cell, kind) {
        (Data::Empty, _) => String::new(),
        (Data::DateTime(serial), ColumnType::Date | ColumnType::Time | ColumnType::Instant) => serial_text(serial.as_f64(), kind),
        (Data::Float(number), ColumnType::Count) => number.to_string(),
        (Data::Int(number), ColumnType::Count) => number.to_string(),
        (Data::String(text), kind) if kind.is_string() || kind == ColumnType::Bool => text.clone(),
        _ => return None,
    })
}

/// Days since the end of 1899, as a workbook counts them, as text.
fn serial_text(serial: f64, kind: ColumnType) -> String {
    let start = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap().and_time(Default::default());
    let instant = start + Duration::seconds((serial * 86_400.0).round() as i64);
    let seconds = if instant.format("%S").to_string() == "00" { "" } else { ":%S" };
    let format = match kind {
        ColumnType::Date => "%Y-%m-%d".to_owned(),
        ColumnType::Time => format!("%H:%M{seconds}"),
        _ => "%Y-%m-%dT%H:%M:%SZ".to_owned(),
    };
    instant.format(&format).to_string()
}

/// Every sheet, a line a row.
fn sheets(path: &Path) -> Option<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let names = book.sheet_names();
    let ranges: Vec<_> = names[1..].iter().map(|name| book.worksheet_range(name).unwrap()).collect();
    let rows = ranges.iter().flat_map(|range| range.rows());
    Some(rows.map(|row| row.iter().map(Data::to_string).collect::<Vec<_>>().join("|")).collect())
}

/// The sheet of the numbers, whose cells must have the type of their column.
fn calamine_ods(path: &Path, report: &Report) -> Option<Cells> {
    let mut book: Ods<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let table = shown(report);
    let cell = |row: usize, column: usize| range.get((row, column)).unwrap_or(&Data::Empty);
    let captions = (0..table.columns.len()).map(|column| cell(0, column).to_string()).collect();
    // Empty rows at the end are none to it.
    let rows = (1..=table.rows.len()).map(|row| {
        let cells = table.columns.iter().enumerate();
        cells
            .map(|(column, shown)| open_text(cell(row, column), shown.kind).unwrap_or_else(|| panic!("row {row}, {}", shown.key)))
            .collect()
    });
    Some(Cells { captions: Some(captions), rows: rows.collect() })
}

/// The text of a cell of a spreadsheet; nothing where its type is not that of its column.
fn open_text(cell: &Data, kind: ColumnType) -> Option<String> {
    Some(match (cell, kind) {
        (Data::Empty, _) => String::new(),
        (Data::DateTimeIso(day), ColumnType::Date) => day.clone(),
        (Data::DateTimeIso(instant), ColumnType::Instant) => format!("{}Z", instant.split('.').next().unwrap()),
        (Data::DurationIso(time), ColumnType::Time) => {
            let parts: Vec<&str> = time.strip_prefix("PT")?.strip_suffix('S')?.split(['H', 'M']).collect();
            if parts[2] == "00" { parts[..2].join(":") } else { parts.join(":") }
        }
        (Data::Float(number), ColumnType::Count) => number.to_string(),
        (Data::Int(number), ColumnType::Count) => number.to_string(),
        (Data::String(text), kind) if kind.is_string() || kind == ColumnType::Bool => text.clone(),
        _ => return None,
    })
}

/// Every sheet of a spreadsheet but the first, a line a row.
fn ods_sheets(path: &Path) -> Option<Vec<String>> {
    let mut book: Ods<_> = open_workbook(path).unwrap();
    let names = book.sheet_names();
    let ranges: Vec<_> = names[1..].iter().map(|name| book.worksheet_range(name).unwrap()).collect();
    let rows = ranges.iter().flat_map(|range| range.rows());
    Some(rows.map(|row| row.iter().map(Data::to_string).collect::<Vec<_>>().join("|")).collect())
}

fn odfpy(path: &Path, report: &Report) -> Option<Cells> {
    let script = r#"
import json, sys
from odf.opendocument import load
from odf.table import Table, TableRow, TableCell
from odf.text import P
from odf.namespaces import OFFICENS, TEXTNS
def words(node):
    if node.nodeType == node.TEXT_NODE:
        return node.data
    if node.qname == (TEXTNS, "s"):
        return " " * int(node.attributes.get((TEXTNS, "c"), 1))
    return "\t" if node.qname == (TEXTNS, "tab") else "".join(words(child) for child in node.childNodes)
def text(cell):
    kind = cell.attributes.get((OFFICENS, "value-type"))
    assert not any(key[1] == "formula" for key in cell.attributes), "a formula"
    if kind == "date":
        value = cell.attributes[(OFFICENS, "date-value")]
        return value if len(value) == 10 else value.split(".")[0] + "Z"
    if kind == "time":
        parts = cell.attributes[(OFFICENS, "time-value")]
        hours, minutes, seconds = parts[2:4], parts[5:7], parts[8:10]
        return hours + ":" + minutes + (":" + seconds if seconds != "00" else "")
    if kind == "float":
        return str(cell.attributes[(OFFICENS, "value")])
    return "\n".join(words(paragraph) for paragraph in cell.childNodes)
table = load(sys.argv[1]).spreadsheet.getElementsByType(Table)[0]
print(json.dumps([[text(cell) for cell in row.getElementsByType(TableCell)] for row in table.getElementsByType(TableRow)]))
"#;
    let mut rows = strings(python("odfpy", script, path)?);
    if report.numbers.rows == 0 {
        rows.truncate(1);
    }
    captioned(rows)
}

fn openpyxl(path: &Path, report: &Report) -> Option<Cells> {
    let script = r#"
import datetime, json, openpyxl, sys
from openpyxl.utils.escape import unescape
book = openpyxl.load_workbook(sys.argv[1])
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
assert not any(cell.data_type == "f" or cell.hyperlink and cell.hyperlink.target for cell in cells), "a formula or a link"
def text(cell):
    value = cell.value
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d" if cell.number_format == "yyyy-mm-dd" else "%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return "" if value is None else unescape(str(value))
print(json.dumps([[text(cell) for cell in row] for row in book.worksheets[0].iter_rows()]))
"#;
    let mut rows = python("openpyxl", script, path)?;
    if report.numbers.rows == 0 {
        rows.truncate(1);
    }
    captioned(rows.iter().map(|row| row.iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()).collect())
}

/// The words inside the rectangle of each cell.
fn pdftotext(path: &Path, report: &Report) -> Option<Cells> {
    pdf::cells(report, path).map(|rows| Cells { captions: None, rows })
}

/// Pages show instants without the letter between date and time, and no reader finds blanks again. Of a cell with marks,
/// controls, right-to-left text or letters that no font has, the plain letters and signs must be there in whatever order.
fn is_printed(kind: ColumnType, text: &str, found: &str) -> bool {
    let text = if kind == ColumnType::Instant { text.replace('T', " ").replace(":00Z", "Z") } else { text.to_owned() };
    let is_right_to_left = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{feff}');
    let is_plain = |c: char| !c.is_control() && (c.is_ascii() || c.is_alphanumeric() && c <= '\u{ffff}' && !is_right_to_left(c));
    let signs = |text: &str| {
        let mut counts = BTreeMap::<char, usize>::new();
        text.chars().filter(char::is_ascii_graphic).for_each(|c| *counts.entry(c).or_default() += 1);
        counts
    };
    let has_all = || signs(&text).iter().all(|(sign, count)| signs(found).get(sign) >= Some(count));
    pdf::bare(&text) == found || !text.chars().all(is_plain) && has_all()
}

fn pages(path: &Path) -> Option<Vec<String>> {
    tools::found("pdftotext").then(|| {
        let text = tools::run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]);
        text.lines().map(str::to_owned).collect()
    })
}

/// Prints the rows of the table of numbers, captions first, or, with a second argument, the texts of all other lines.
const PYTHON_HTML: &str = r#"
import html.parser, json, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.numbers, self.lines, self.cell, self.is_numbers = [], [], None, False
    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.is_numbers = dict(attributes).get("id") == "t-numbers"
        elif tag in ("tr", "li"):
            (self.numbers if self.is_numbers else self.lines).append([])
        elif tag in ("td", "th"):
            (self.numbers if self.is_numbers else self.lines)[-1].append("")
            self.cell = True
    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None
        elif tag == "table":
            self.is_numbers = False
    def handle_data(self, data):
        if self.cell:
            (self.numbers if self.is_numbers else self.lines)[-1][-1] += data
        elif self.lines and not self.is_numbers:
            self.lines[-1].append(data)
page = Page()
page.feed(open(sys.argv[1], newline="", encoding="utf-8").read())
page.close()
print(json.dumps([["|".join(line)] for line in page.lines] if len(sys.argv) > 2 else page.numbers))
"#;

/// Prints the rows of the table below the mark of the numbers, or, with a second argument, those of all other tables.
const PYTHON_DOCX: &str = r#"
import docx, json, sys
from docx.oxml.ns import qn
document = docx.Document(sys.argv[1])
body = document.element.body
numbers = body.xpath("w:p[w:bookmarkStart/@w:name='numbers']/following-sibling::w:tbl[1]")[0]
def text(cell):
    parts = {qn("w:t"): lambda part: part.text or "", qn("w:br"): lambda part: "\n", qn("w:tab"): lambda part: "\t"}
    return "".join(parts[part.tag](part) for part in cell.iter() if part.tag in parts)
rows = lambda table: [[text(cell) for cell in row.tc_lst] for row in table.tr_lst]
others = [table for table in body.xpath("w:tbl") if table is not numbers]
assert len(document.tables) == len(others) + 1
print(json.dumps(rows(numbers) if len(sys.argv) == 2 else [["|".join(row)] for table in others for row in rows(table)]))
"#;

fn python_docx(path: &Path, _: &Report) -> Option<Cells> {
    captioned(strings(python("python-docx", PYTHON_DOCX, path)?))
}

fn python_docx_words(path: &Path) -> Option<Vec<String>> {
    Some(strings(python("python-docx", &format!("import sys\nsys.argv.append('words')\n{PYTHON_DOCX}"), path)?).concat())
}

fn strings(rows: Vec<Vec<serde_json::Value>>) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()).collect()
}

fn python_html(path: &Path, _: &Report) -> Option<Cells> {
    captioned(strings(python("python3", PYTHON_HTML, path)?))
}

fn python_html_words(path: &Path) -> Option<Vec<String>> {
    Some(strings(python("python3", &format!("import sys\nsys.argv.append('words')\n{PYTHON_HTML}"), path)?).concat())
}

/// Documents have line feeds for all line ends, and signs for characters that no document holds: the pictures of controls, and
/// the replacement character for what has none.
pub fn is_of_document(_: ColumnType, text: &str, found: &str) -> bool {
    let shown = |letter: char| match u32::from(letter) {
        9 | 10 => letter,
        control @ 0..=31 => char::from_u32(control + 0x2400).unwrap(),
        127 => '\u{2421}',
        128..=159 | 0xFDD0..=0xFDEF => '\u{fffd}',
        other if other % 0x1_0000 >= 0xFFFE => '\u{fffd}',
        _ => letter,
    };
    text.replace("\r\n", "\n").replace('\r', "\n").chars().map(shown).eq(found.chars())
}
