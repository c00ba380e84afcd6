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
use crate::program::{run, said};
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

/// Words that are the same in both languages, and names.
const SAME: [&str; 6] = ["Page", "Action", "Argument", "Verdict", "Local", "{file}, table {table}"];

/// Fails where `ours`, at `place`, has another shape than `theirs`, other places for values, or the same words.
fn assert_translated(theirs: &Value, ours: &Value, place: &str) {
    let named = |value: &Value| ["id", "key"].iter().find_map(|key| Some(value.get(*key)?.as_str()?.to_owned()));
    match (theirs, ours) {
        (Value::Table(theirs), Value::Table(ours)) => {
            let own: Vec<&String> = ours.keys().collect();
            for (key, value) in theirs {
                let place = format!("{place}.{key}");
                let of_ours = ours.get(key).unwrap_or_else(|| panic!("{place} is missing among {own:?}"));
                match key.as_str() {
                    // What is not for readers is the same, but for the names of sheets.
                    "id" | "key" | "accent" | "sort" | "width" | "date_order" => assert_eq!(value, of_ours, "{place}"),
                    "columns" if value.as_array().is_some_and(|columns| columns.iter().all(Value::is_str)) => {
                        assert_eq!(value, of_ours, "{place}")
                    }
                    "formats" => {
                        let places = |value: &Value| {
                            let mut table = value.as_table().unwrap().clone();
                            let sheet = table.remove("xlsx");
                            (table, sheet.map(|sheet| sheet.as_str().unwrap().to_owned()))
                        };
                        let ((theirs, their_sheet), (ours, our_sheet)) = (places(value), places(of_ours));
                        assert!(theirs == ours && their_sheet.is_some() == our_sheet.is_some(), "{place}");
                        assert!(their_sheet.is_none() || their_sheet != our_sheet, "{place}: {our_sheet:?}");
                    }
                    _ => assert_translated(value, of_ours, &place),
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            assert_eq!(theirs.iter().map(named).collect::<Vec<_>>(), ours.iter().map(named).collect::<Vec<_>>(), "{place}");
            theirs
                .iter()
                .zip(ours)
                .for_each(|(one, other)| assert_translated(one, other, &format!("{place}.{}", named(one).unwrap_or_default())));
        }
        (Value::String(theirs), Value::String(ours)) => {
            let holes = |text: &str| {
                text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(holes(theirs), holes(ours), "{place}: {ours}");
            let outside = theirs.split('{').map(|piece| piece.rsplit('}').next().unwrap());
            let is_words = outside.flat_map(str::chars).any(char::is_alphabetic);
            assert!(!is_words || theirs != ours || SAME.contains(&ours.as_str()), "{place} is not translated: {ours}");
        }
        _ => assert_eq!(theirs, ours, "{place}"),
    }
}

#[test]
fn the_report_ships_in_canadian_french_as_well() {
    let file = "reports/partner-port-status-fr-CA.toml";
    let text = portstatus::templates::Templates::default().text(file).unwrap().into_owned();
    let (mut theirs, ours): (Value, Value) = (toml::from_str(&shipped()).unwrap(), toml::from_str(&text).unwrap());
    // How it looks, and which columns it shows, it has from the other.
    let table = theirs.as_table_mut().unwrap();
    ["shown", "limits", "colours", "page", "forecast"].iter().for_each(|key| drop(table.remove(*key)));
    assert_translated(&theirs, &ours, "");
    let place = tools::folder("french");
    let path = place.join("partner-port-status-fr-CA.toml");
    std::fs::write(&path, text).unwrap();
    let checked = run(&place, &["template", "check", path.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

#[test]
fn a_recipient_reads_its_report_in_its_language() {
    let place = tools::folder("french-job");
    let orders =
        "phone_number,account_id,status,confirmed_date\n+16502000001,A-1,Scheduled,2026-12-01\n+16502000002,A-2,Scheduled,2026-12-01\n";
    std::fs::write(place.join("orders.csv"), orders).unwrap();
    std::fs::write(place.join("recipients.csv"), "account,name,place,language\nA-1,Un,un,fr-CA\nA-2,Two,two,\n").unwrap();
    let job = "name = \"langues\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\", \"xlsx\", \"pdf\"]\n[recipients]\nsplit-by = \"account\"\n\
               table = \"recipients.csv\"\n[[deliveries]]\nto = \"out/{place}\"\n";
    std::fs::write(place.join("job.toml"), job).unwrap();
    let done = run(&place, &["run", "job.toml", "--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let file = |of: &str, ending: &str| {
        let folder = place.join("out").join(of);
        folder.join(tools::names(&folder).into_iter().find(|name| name.ends_with(ending)).unwrap())
    };
    let csv = |of: &str| std::fs::read_to_string(file(of, ".csv")).unwrap();
    assert!(csv("un").starts_with("Numéro de téléphone,") && csv("un").contains(",Planifié,"), "{}", csv("un"));
    assert!(csv("two").starts_with("Phone number,") && csv("two").contains(",Scheduled,"), "{}", csv("two"));
    let book: Xlsx<_> = calamine::open_workbook(file("un", ".xlsx")).unwrap();
    assert_eq!(book.sheet_names()[..2], ["Numéros", "Sommaire"]);
    if tools::found("pdftotext") {
        let text = tools::run("pdftotext", &["-layout", file("un", ".pdf").to_str().unwrap(), "-"]);
        assert!(text.contains("État des transferts de numéros du partenaire") && text.contains("Confidentiel"), "{text}");
        assert!(!text.contains("Confidential") && !text.contains("Scheduled"), "{text}");
    }
}
