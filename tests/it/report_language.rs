//! A report in another language: a template whose every word is another leaves no English word in any format.

use std::io::{Cursor, Read};
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use portstatus::error::Part;
use portstatus::export::{Options, check_places, format};
use portstatus::report::build::build;
use portstatus::report::template::Template;
use portstatus::report::{Content, Report, Table, named_figures};
use portstatus::select::{Query, select};
use toml::Value;

use crate::fixtures::{Row, classified};
use crate::report::{shipped, table_cells};
use crate::report_fixture::whole;
use crate::tools;

/// Rows whose own texts have no Latin letter, in every status.
const ROWS: &[Row] = &[
    &[
        ("phone_number", "+16505551234"),
        ("given_detail", "firm_order_confirmation"),
        ("account_id", "200"),
        ("confirmed_date", "2026-12-01"),
    ],
    &[("phone_number", "+18005550199"), ("given_detail", "accepted"), ("account_id", "100"), ("number_state", "in_process")],
    &[
        ("phone_number", "+12125550100"),
        ("given_detail", "rejected"),
        ("account_id", "100"),
        ("account_company", "Синий хребет"),
        ("priority", "expedite"),
    ],
    &[
        ("phone_number", "+12125550101"),
        ("given_detail", "completed"),
        ("confirmed_date", "2026-09-15"),
        ("quality_mask", "bad_cell"),
        ("review_outcome", "portable"),
    ],
    &[("phone_number", "+12125550102")],
];

/// Columns that show words of the report; those of the rules, and codes, are others.
const COLUMNS: &str = "phone_number,status,detail,number_type,number_state,priority,action_owner,order_basis,effective_port_basis,\
    port_time_basis,review_outcome,overdue,reject_open,confirmed_date,confirmed_time,updated_at,age_business_days,source_file";

/// `text` with its Latin letters replaced by Cyrillic ones, names in braces aside.
fn foreign(text: &str) -> String {
    let mut in_name = false;
    let letter = |letter: char| {
        in_name = (in_name || letter == '{') && letter != '}';
        let base = if letter.is_ascii_uppercase() { u32::from('А') - u32::from('A') } else { u32::from('а') - u32::from('a') };
        if in_name || !letter.is_ascii_alphabetic() { letter } else { char::from_u32(u32::from(letter) + base).unwrap() }
    };
    text.chars().map(letter).collect()
}

/// Replaces every word below `value` but those under keys that are no words.
fn translate(value: &mut Value) {
    match value {
        Value::String(text) => *text = foreign(text),
        Value::Array(values) => values.iter_mut().for_each(translate),
        Value::Table(table) => {
            let codes = ["id", "key", "accent", "shown", "sort", "pdf", "html", "docx", "language", "date_order", "width"];
            for (key, value) in table.iter_mut().filter(|(key, _)| !codes.contains(&key.as_str())) {
                // The columns of a section are keys; those of the template are described.
                if key != "columns" || value.as_array().is_some_and(|columns| columns.iter().all(Value::is_table)) {
                    translate(value);
                }
            }
        }
        _ => {}
    }
}

fn report(query: &str) -> Report {
    // What to do next is said by the rules.
    let mut written: Value = toml::from_str(&shipped().replace("\"next_step\", ", "")).unwrap();
    translate(&mut written);
    let template = Template::parse(&toml::to_string(&written).unwrap(), "foreign.toml").unwrap();
    check_places(&template.sections, "foreign.toml").unwrap();
    let query: Query = toml::from_str(query).unwrap();
    let query = query.check(&template.names()).unwrap();
    let mut classified = classified(ROWS);
    for origin in &mut classified.orders.origins {
        origin.file = "заказы.1".to_owned();
        origin.part = Some(Part::Sheet("янв".to_owned()));
    }
    build(&select(&Arc::new(classified), None, &query).unwrap(), &template, "Север").unwrap()
}

fn export(report: &Report, name: &str) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    format(name).unwrap().export(report, &Options::default(), &mut out).unwrap();
    out.into_inner()
}

/// The conditions beside figures, which go by the keys of columns in every language.
fn conditions(report: &Report) -> Vec<String> {
    let lists = report.sections.iter().filter_map(|section| match &section.content {
        Content::Rows(table) if section.id.is_list() && !section.id.has_columns() => Some(whole(table)),
        _ => None,
    });
    let of_table =
        |table: Table| if table.columns.iter().any(|column| column.key == "rows") { table_cells(&table, "rows") } else { Vec::new() };
    lists.flat_map(of_table).filter(|condition| !condition.is_empty()).collect()
}

/// Fails for two Latin letters beside each other.
fn assert_foreign(text: &str, place: &str) {
    let letters: Vec<char> = text.chars().collect();
    let english = letters.windows(2).position(|pair| pair.iter().all(char::is_ascii_alphabetic));
    let around = |at: usize| letters[at.saturating_sub(20)..(at + 40).min(letters.len())].iter().collect::<String>();
    assert!(english.is_none(), "{place}: …{}…", english.map(around).unwrap());
}

/// What stands between `before` and `after` in `xml`, each time.
fn between<'x>(xml: &'x str, before: &str, after: &str) -> Vec<&'x str> {
    xml.split(before).skip(1).map(|rest| rest.split(after).next().unwrap()).collect()
}

fn queries() -> [String; 3] {
    let columns = format!("columns = ['{COLUMNS}']\n");
    [
        columns.clone(),
        format!("{columns}sort = ['status', 'account_id:desc']\npage_size = 3\nfind = ['1', '2']\nwhere_sql = ['1 = 1']\nstatuses = ['scheduled', 'rejected']")
            .replace("'scheduled', 'rejected'", "'scheduled', 'waiting_for_you'"),
        format!("{columns}sort = ['confirmed_date']\ncreated = '..2026-12-01'\nestimated = '2026-01-01..'\nconfirmed = '2026-01-01..2026-02-01'\nclosed_since = '2026-01-01'"),
    ]
}

#[test]
fn no_english_word_is_left_in_text() {
    for query in queries() {
        let text = String::from_utf8(export(&report(&query), "csv")).unwrap();
        assert_foreign(&text, "csv");
    }
}

#[test]
fn no_english_word_is_left_in_a_workbook() {
    for query in queries() {
        let found = report(&query);
        let bytes = export(&found, "xlsx");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
        for name in book.sheet_names() {
            assert_foreign(&name, "sheet");
            let range = book.worksheet_range(&name).unwrap();
            // Data-quality flags go by their codes, and what to do next is said by the rules.
            let flags: Vec<&str> = portstatus::domain::data_quality::QualityFlag::ALL.iter().map(|flag| flag.code()).collect();
            // So do the names in formulas, the same in every language.
            let is_name = |text: &str| {
                text == named_figures::AS_OF || text.starts_with("numbers_") || text.starts_with("Numbers") || text.contains("Numbers[")
            };
            for (row, column, cell) in range.used_cells() {
                let said_by_rules = *cell == Data::String("Correct what the carrier rejected and reply to the porting case.".to_owned());
                let text = cell.to_string();
                if !flags.contains(&text.as_str()) && !is_name(&text) && !said_by_rules && !conditions(&found).contains(&text) {
                    assert_foreign(&text, &format!("{name}, row {row}, column {column}"));
                }
            }
        }
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        for index in 0..parts.len() {
            let mut part = parts.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut xml = String::new();
            part.read_to_string(&mut xml).unwrap();
            let texts = match name.split('/').next_back().unwrap() {
                "core.xml" => {
                    [between(&xml, "<dc:title>", "<"), between(&xml, "<dc:subject>", "<"), between(&xml, "<dc:description>", "<")].concat()
                }
                chart if chart.starts_with("chart") => between(&xml, "<a:t>", "<"),
                drawing if drawing.starts_with("drawing") => between(&xml, "descr=\"", "\""),
                sheet if sheet.starts_with("sheet") => [between(&xml, "<oddHeader>", "<"), between(&xml, "<oddFooter>", "<")].concat(),
                _ => continue,
            };
            for text in texts {
                assert_foreign(&text.replace("&amp;", "&").replace("-,Bold", "").replace("-,Regular", "").replace("&quot;", ""), &name);
            }
        }
    }
}

#[test]
fn no_english_word_is_left_in_pages() {
    for query in queries() {
        let folder = tools::folder("foreign");
        let path = folder.join("report.pdf");
        let found = report(&query);
        std::fs::write(&path, export(&found, "pdf")).unwrap();
        if !tools::found("pdftotext") {
            return;
        }
        let text = tools::run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]);
        let flags = portstatus::domain::data_quality::QualityFlag::ALL.iter().map(|flag| flag.code());
        let conditions = conditions(&found).join(" ");
        // Longer words first, since some stand within others.
        let mut said: Vec<&str> = conditions.split_whitespace().chain(flags).collect();
        said.sort_by_key(|word| std::cmp::Reverse(word.len()));
        assert_foreign(&said.into_iter().fold(text, |text, word| text.replace(word, "")), "pages");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn no_english_word_is_left_in_a_page_for_a_browser() {
    for query in queries() {
        let found = report(&query);
        let page = String::from_utf8(export(&found, "html")).unwrap();
        let script = page.rfind("<script>").unwrap();
        let style = between(&page, "<style>", "</style>")[0];
        let marks = ["aria-label=\"", "title=\"", "data-pattern=\"", "data-none=\"", "name=\"description\" content=\""];
        let attributes = marks.iter().flat_map(|mark| between(&page, mark, "\""));
        let printed = between(style, "content:\"", "\"");
        let body = page[..script].split_once("<body>").unwrap().1;
        let texts = body.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let flags = portstatus::domain::data_quality::QualityFlag::ALL.iter().map(|flag| flag.code());
        let conditions = conditions(&found).join(" ");
        let mut said: Vec<&str> = conditions.split_whitespace().chain(flags).collect();
        said.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for text in attributes.chain(printed).chain(texts) {
            // Names of values stand in braces.
            let words = text.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, rest)| rest)).collect::<String>();
            let words = ["&amp;", "&lt;", "&gt;", "&quot;"].iter().fold(words, |words, entity| words.replace(entity, " "));
            assert_foreign(&said.iter().fold(words, |words, word| words.replace(word, "")), "page");
        }
    }
}

#[test]
fn no_english_word_is_left_in_a_text_document() {
    for query in queries() {
        let found = report(&query);
        let mut parts = zip::ZipArchive::new(Cursor::new(export(&found, "docx"))).unwrap();
        let flags = portstatus::domain::data_quality::QualityFlag::ALL.iter().map(|flag| flag.code());
        let conditions = conditions(&found).join(" ");
        let mut said: Vec<&str> = conditions.split_whitespace().chain(flags).collect();
        said.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for name in ["word/document.xml", "word/header1.xml", "word/footer1.xml", "docProps/core.xml"] {
            let mut xml = String::new();
            parts.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
            let captions = between(&xml, "<w:tblCaption w:val=\"", "\"");
            let properties = ["<dc:title>", "<dc:subject>", "<dc:description>"].iter().flat_map(|tag| between(&xml, tag, "<"));
            let texts = between(&xml, "<w:t xml:space=\"preserve\">", "<").into_iter().chain(between(&xml, "<w:t>", "<"));
            for text in texts.chain(captions).chain(properties) {
                let text = ["&amp;", "&lt;", "&gt;", "&quot;"].iter().fold(text.to_owned(), |text, entity| text.replace(entity, " "));
                assert_foreign(&said.iter().fold(text, |text, word| text.replace(word, "")), name);
            }
        }
    }
}
