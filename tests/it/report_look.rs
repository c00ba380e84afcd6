//! How a report looks where its template says so: its colours in every format.

use std::io::{Cursor, Read};

use portstatus::export::{Options, format};
use portstatus::report::Report;
use portstatus::report::template::Template;
use zip::ZipArchive;

use crate::report_fixture;
use crate::tools;

/// Colours that nothing else has: header rows, rules, ink, late rows, rejected rows, cut text, and those of a status.
pub const COLOURS: &str = "[colours]\n\
    header_fill = '#5B1A5E'\nheader_ink = '#FFF7E0'\nrule = '#C0B4C2'\nink = '#2A1230'\nlate_ink = '#8A0F3D'\n\
    rejected_fill = '#FFE3EC'\ncut_fill = '#E8FFD9'\n\
    [colours.status]\n\
    waiting_for_you = { ink = '#FFFFFF', fill = '#A63A00', bar = '#D9580A' }\n\
    completed = { ink = '#003B2E', fill = '#CFF5E7', bar = '#0B8A6A' }\n";

/// The report of a hundred numbers and odd cells by a template that says `text` and leaves all else as it is shipped.
pub fn looking(text: &str) -> Report {
    let look = Template::parse(text, "mine.toml").unwrap().look;
    let mut draft = report_fixture::draft(100);
    draft.template.look = look;
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
    let part = |at: usize| (f32::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 2.55).round() / 100.0;
    format!("{} {} {} rg", part(0), part(2), part(4))
}

#[test]
fn every_format_has_the_colours_of_the_template() {
    let (report, shipped) = (looking(COLOURS), looking(""));
    let of_statuses = ["FFFFFF", "A63A00", "003B2E", "CFF5E7"];
    let of_all = ["5B1A5E", "FFF7E0", "C0B4C2", "2A1230"];
    let bars = ["D9580A", "0B8A6A"];
    let marks = ["8A0F3D", "FFE3EC"];
    for (name, expected) in [
        ("xlsx", [&of_statuses[..], &of_all, &bars, &marks].concat()),
        ("docx", [&of_statuses[..], &of_all].concat()),
        ("ods", [&of_statuses[..], &["5B1A5E", "FFF7E0"]].concat()),
    ] {
        let (text, before) = (parts(exported(&report, name)).to_uppercase(), parts(exported(&shipped, name)).to_uppercase());
        for colour in expected {
            assert!(text.contains(colour), "{name}: {colour}");
            assert!(colour == "FFFFFF" || !before.contains(colour), "{name} always has {colour}");
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
    assert!(html.contains(".BARS .LABEL.S0{") && !html.contains(".BARS .LABEL.S3{"));
    if tools::found("qpdf") {
        let pdf = drawn(&exported(&report, "pdf"), "coloured");
        for colour in [&of_statuses[..], &of_all, &bars].concat() {
            assert!(pdf.contains(&in_pdf(colour)), "pdf: {colour}");
        }
        assert!(!pdf.contains(&in_pdf("1F3A5F")) && !pdf.contains(&in_pdf("FDE8D7")));
    }
}
