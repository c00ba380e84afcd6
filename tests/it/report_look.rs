//! How a report looks where its template says so: its colours and the order of its days in every format.

use std::io::{Cursor, Read};

use portstatus::domain::columns::ColumnType;
use portstatus::domain::density::Density;
use portstatus::domain::paper::{PageSetUp, Paper};
use portstatus::export::{Options, format};
use portstatus::report::Report;
use portstatus::report::template::Template;
use zip::ZipArchive;

use crate::program::{AS_OF, out, run, said, write_orders};
use crate::report_fixture;
use crate::tools::{self, folder};

/// Colours that nothing else has: header rows, rules, ink, late rows, rejected rows, cut text, and those of a status.
pub const COLOURS: &str = "[colours]\n\
    header_fill = '#5B1A5E'\nheader_ink = '#FFF7E0'\nrule = '#C0B4C2'\nink = '#2A1230'\nlate_ink = '#8A0F3D'\n\
    rejected_fill = '#FFE3EC'\ncut_fill = '#E8FFD9'\n\
    [colours.status]\n\
    waiting_for_you = { ink = '#6B1700', fill = '#FFD9C7', bar = '#D9580A' }\n\
    completed = { ink = '#003B2E', fill = '#CFF5E7', bar = '#0B8A6A' }\n";

/// The report of a hundred numbers and odd cells by a template that says `text` and leaves all else as it is shipped.
pub fn looking(text: &str) -> Report {
    let Template { look, words, .. } = Template::parse(text, "mine.toml").unwrap();
    let mut draft = report_fixture::draft(100);
    (draft.template.look, draft.template.words) = (look, words);
    draft.report()
}

/// `report` in the format called `name`.
pub fn exported(report: &Report, name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    format(name).unwrap().export(report, &Options::default(), &mut out).unwrap();
    out
}

/// The text of all parts of a package.
pub fn parts(bytes: Vec<u8>) -> String {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut all = String::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        if name.ends_with(".xml") || name.ends_with(".rels") {
            part.read_to_string(&mut all).unwrap();
        }
    }
    all
}

/// The text of a PDF with its streams as they are drawn.
pub fn drawn(bytes: &[u8], name: &str) -> String {
    let path = tools::saved(&format!("{name}.pdf"), bytes);
    let to = path.with_extension("qdf");
    tools::run("qpdf", &["--qdf", "--object-streams=disable", path.to_str().unwrap(), to.to_str().unwrap()]);
    String::from_utf8_lossy(&std::fs::read(to).unwrap()).into_owned()
}

/// A colour as a PDF writes it.
fn in_pdf(colour: &str) -> String {
    let part = |at: usize| {
        let part = (f32::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 2.55).round() / 100.0;
        // A zero before the point is left out.
        if part < 1.0 && part > 0.0 { part.to_string()[1..].to_owned() } else { part.to_string() }
    };
    format!("{} {} {} rg", part(0), part(2), part(4))
}

#[test]
fn every_format_has_the_colours_of_the_template() {
    let (report, shipped) = (looking(COLOURS), looking(""));
    let of_statuses = ["6B1700", "FFD9C7", "003B2E", "CFF5E7"];
    let of_all = ["5B1A5E", "FFF7E0", "C0B4C2", "2A1230"];
    let bars = ["D9580A", "0B8A6A"];
    let marks = ["8A0F3D", "FFE3EC"];
    for (name, expected) in [
        ("xlsx", [&of_statuses[..], &of_all, &bars, &marks].concat()),
        ("docx", [&of_statuses[..], &of_all].concat()),
        ("ods", [&of_statuses[..], &["5B1A5E", "FFF7E0", "2A1230"]].concat()),
    ] {
        let (text, before) = (parts(exported(&report, name)).to_uppercase(), parts(exported(&shipped, name)).to_uppercase());
        for colour in expected {
            assert!(text.contains(colour), "{name}: {colour}");
            assert!(!before.contains(colour), "{name} always has {colour}");
        }
        for gone in ["1F3A5F", "FDE8D7", "7A2E00"] {
            assert!(before.contains(gone) && !text.contains(gone), "{name}: {gone}");
        }
    }
    let html = String::from_utf8(exported(&report, "html")).unwrap().to_uppercase();
    for colour in [&of_statuses[..], &of_all, &bars].concat() {
        assert!(html.contains(&format!("#{colour}")), "html: {colour}");
    }
    // White words beside a bar would stand on a white card.
    let white =
        looking("[colours]\nink = '#000000'\nlate_ink = '#000000'\n[colours.status]\ncanceled = { ink = '#FFFFFF', fill = '#767676' }");
    let white = String::from_utf8(exported(&white, "html")).unwrap();
    assert!(white.contains(".bars .label.s4{") && !white.contains(".bars .label.s3{"));
    if tools::found("qpdf") {
        let pdf = drawn(&exported(&report, "pdf"), "coloured");
        for colour in [&of_statuses[..], &of_all, &bars].concat() {
            assert!(pdf.contains(&in_pdf(colour)), "pdf: {colour}");
        }
        assert!(!pdf.contains(&in_pdf("1F3A5F")) && !pdf.contains(&in_pdf("FDE8D7")));
    }
}

/// Prints, by column of the sheet Numbers, how its days and instants are shown, and the first of each as it is.
const DAYS: &str = "import json, sys, openpyxl, datetime
sheet = openpyxl.load_workbook(sys.argv[1])['Numbers']
found = {}
for column in sheet.iter_cols(min_row=2):
    for cell in column:
        if isinstance(cell.value, datetime.datetime):
            found[sheet.cell(1, cell.column).value] = [cell.number_format.replace(chr(92), ''), cell.value.isoformat()]
            break
print(json.dumps(found))";

#[test]
fn days_are_shown_in_the_order_of_the_template_and_programs_read_iso() {
    let iso = looking("");
    let caption = |kind: ColumnType| iso.numbers.columns.iter().find(|column| column.kind == kind).unwrap().caption.clone();
    for (order, day, short, number_format) in
        [("day_first", "05/03/2026", "04/03/2026 10:00", "dd/mm/yyyy"), ("month_first", "03/05/2026", "03/04/2026 10:00", "mm/dd/yyyy")]
    {
        let report = looking(&format!("date_order = '{order}'"));
        for name in ["csv", "jsonl", "parquet", "json", "xml"] {
            assert_eq!(exported(&report, name), exported(&iso, name), "{name}");
        }
        for name in ["html", "docx", "table"] {
            let text = |report: &Report| match (name, exported(report, name)) {
                ("docx", bytes) => parts(bytes),
                (_, bytes) => String::from_utf8(bytes).unwrap(),
            };
            let (text, before) = (text(&report), text(&iso));
            assert!(text.contains(day) && before.contains("2026-03-05") && !text.contains("2026-03-05"), "{name}: {order}");
            assert!(name == "table" || text.contains(short), "{name}: {order}: the instant of the report");
        }
        let sheet = parts(exported(&report, "ods"));
        let first = if order == "day_first" { "day" } else { "month" };
        assert!(sheet.contains(&format!("<number:date-style style:name=\"Nd\"><number:{first} ")), "{order}");
        assert!(sheet.contains("office:date-value=\"2026-03-05\""), "what is counted with stays as it is");
        if tools::found("pdftotext") {
            let path = tools::saved(&format!("{order}.pdf"), &exported(&report, "pdf"));
            let text = tools::run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]);
            assert!(text.contains(day) && text.contains(short) && !text.contains("2026-03-05"), "pdf: {order}");
        }
        if tools::found("openpyxl") {
            let path = tools::saved(&format!("{order}.xlsx"), &exported(&report, "xlsx"));
            let found: serde_json::Value = serde_json::from_str(&tools::run("python3", &["-c", DAYS, path.to_str().unwrap()])).unwrap();
            let confirmed = &found[caption(ColumnType::Date)];
            assert_eq!(confirmed[0], number_format, "{found}");
            assert!(confirmed[1].as_str().unwrap().starts_with("20"), "{found}");
            assert_eq!(found[caption(ColumnType::Instant)][0], format!("{number_format} hh:mm:ss"), "{found}");
        }
    }
}

#[test]
fn files_of_a_burst_are_proved_whatever_the_order_of_their_days() {
    let place = folder("look-burst");
    write_orders(&place, 40);
    std::fs::create_dir_all(place.join("ours/reports")).unwrap();
    std::fs::write(place.join("ours/reports/ours.toml"), "date_order = 'day_first'").unwrap();
    let formats = "csv,xlsx,pdf,html,docx,ods,json,xml,parquet,jsonl,table";
    let done = run(
        &place,
        &[
            "report",
            "orders.csv",
            "--split-by",
            "account_id",
            "--templates",
            "ours",
            "--template",
            "ours",
            "--format",
            formats,
            "--out",
            "o",
            "--as-of",
            AS_OF,
            "--rejects-ok",
        ],
    );
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let manifest =
        std::fs::read_dir(place.join("o")).unwrap().flatten().find(|entry| entry.file_name().to_string_lossy().ends_with("manifest.json"));
    let manifest = std::fs::read_to_string(manifest.unwrap().path()).unwrap();
    assert!(manifest.contains("read back"), "{manifest}");
    let shown = run(&place, &["show", "orders.csv", "--templates", "ours", "--template", "ours", "--as-of", AS_OF]);
    assert!(out(&shown).contains("01/12/2026"), "{}", said(&shown));
}

/// Prints the page as its style sheet says, for the person who prints it.
const PRINT: &str = "import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path='/usr/bin/chromium', args=['--no-sandbox'])
    page = browser.new_page()
    page.goto('file://' + sys.argv[1])
    page.pdf(path=sys.argv[2], prefer_css_page_size=True)
    browser.close()";

#[test]
fn what_is_printed_has_the_paper_of_the_template_unless_an_option_says_another() {
    let report = looking("[page]\npaper = 'a4'\norientation = 'portrait'");
    let asked = Options { page: PageSetUp { paper: Some(Paper::Legal), ..PageSetUp::default() }, ..Options::default() };
    for (options, width, height, code, twips) in
        [(&Options::default(), "595", "842", 9, "w:w=\"11905\" w:h=\"16837\""), (&asked, "612", "1008", 5, "w:w=\"12240\" w:h=\"20160\"")]
    {
        let made = |name: &str| {
            let mut out = Vec::new();
            format(name).unwrap().export(&report, options, &mut out).unwrap();
            out
        };
        assert!(parts(made("docx")).contains(&format!("<w:pgSz {twips} w:orient=\"portrait\"/>")), "docx {width}");
        let workbook = parts(made("xlsx"));
        assert!(workbook.contains(&format!("paperSize=\"{code}\"")) && workbook.contains("orientation=\"portrait\""), "xlsx {width}");
        assert!(parts(made("ods")).contains("print-orientation=\"portrait\""), "ods {width}");
        if tools::found("pdfinfo") && tools::found("chromium") {
            let size = |path: &std::path::Path| tools::run("pdfinfo", &[path.to_str().unwrap()]);
            let rounded = |text: String| {
                let line = text.lines().find_map(|line| line.strip_prefix("Page size:")).unwrap().trim().to_owned();
                let sides: Vec<String> =
                    line.split(' ').filter_map(|word| word.parse::<f32>().ok()).map(|side| side.round().to_string()).collect();
                sides.join(" x ")
            };
            let expected = format!("{width} x {height}");
            assert_eq!(rounded(size(&tools::saved("paper.pdf", &made("pdf")))), expected);
            let page = tools::saved("paper.html", &made("html"));
            let printed = page.with_extension("pdf");
            tools::run("python3", &["-c", PRINT, page.to_str().unwrap(), printed.to_str().unwrap()]);
            assert_eq!(rounded(size(&printed)), expected, "html");
        }
    }
    // Without either, as ever.
    let usual = looking("");
    let options = Options { page: PageSetUp { density: Some(Density::Readable), ..PageSetUp::default() }, ..Options::default() };
    let mut readable = Vec::new();
    format("pdf").unwrap().export(&usual, &options, &mut readable).unwrap();
    assert!(exported(&looking("[page]\ndensity = 'readable'"), "pdf") == readable && readable != exported(&usual, "pdf"));
    assert!(
        parts(exported(&usual, "docx")).contains("w:orient=\"landscape\"")
            && !String::from_utf8(exported(&usual, "html")).unwrap().contains("@page{size")
    );
}
