//! The parts of a document around its text: what it consists of, its properties, header and footer, and settings.

use crate::domain::status::Status;
use crate::export::docx::sheet::{COLUMN_GAP, MARGIN, Sheet};
use crate::export::docx::style;
use crate::export::markup::Markup;
use crate::report::Report;
use crate::report::logo::{Logo, Picture};
use crate::report::palette::Palette;

/// The name of the format.
pub const FORMAT: &str = "docx";
/// The part that holds the text.
pub const BODY: &str = "word/document.xml";
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// The names of elements and relations.
const WORD: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main""#;
const RELATIONS: &str = r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships""#;
/// The colours and fonts that Word offers beside those of the styles.
const THEME: &str = include_str!("theme.xml");
/// The relation of the text to the picture of a logo.
pub const LOGO: &str = "rId7";
/// Before the kinds of parts and of relations.
const KIND: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/// Every part but the text, by name, the same bytes for the same report.
pub fn around(report: &Report, sheet: &Sheet) -> Vec<(&'static str, Vec<u8>)> {
    let logo = report.look.logo.as_deref();
    let mut parts = vec![
        ("[Content_Types].xml", content_types(logo)),
        (
            "_rels/.rels",
            relations(&[
                ("rId1", &format!("{RELATION}officeDocument"), BODY),
                ("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"),
            ]),
        ),
        ("docProps/core.xml", properties(report)),
        ("word/_rels/document.xml.rels", document_relations(logo)),
        ("word/theme/theme1.xml", theme(&report.look.palette)),
        ("word/fontTable.xml", fonts()),
        ("word/styles.xml", style::part(&report.language, &report.look.palette, sheet.letters)),
        ("word/settings.xml", settings(&report.language)),
        ("word/header1.xml", header(report)),
        ("word/footer1.xml", footer(report)),
    ];
    parts.extend(logo.map(|logo| (picture_of(logo).1, logo.bytes.clone())));
    parts
}

/// Where the picture of a logo is, as the text and as the package name it.
const fn picture_of(logo: &Logo) -> (&'static str, &'static str) {
    match logo.picture {
        Picture::Png(_) => ("media/logo.png", "word/media/logo.png"),
        Picture::Jpeg { .. } => ("media/logo.jpeg", "word/media/logo.jpeg"),
    }
}

/// The theme in the colours of `palette`; its links keep theirs.
fn theme(palette: &Palette) -> Vec<u8> {
    let bar = |status| palette.status(status).bar;
    let colours = [
        ("dk1", palette.ink),
        ("dk2", palette.heading_ink()),
        ("accent1", bar(Some(Status::Scheduled))),
        ("accent2", bar(Some(Status::WaitingForYou))),
        ("accent3", bar(Some(Status::Completed))),
        ("accent4", bar(Some(Status::InProgress))),
        ("accent5", bar(None)),
        ("accent6", bar(Some(Status::Canceled))),
    ];
    let mut theme = THEME.to_owned();
    for (name, colour) in colours {
        let before = format!("<a:{name}><a:srgbClr val=\"");
        if let Some(start) = theme.find(&before).map(|at| at + before.len()) {
            theme.replace_range(start..start + 6, &format!("{colour:06X}"));
        }
    }
    theme.into_bytes()
}

fn content_types(logo: Option<&Logo>) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>"#);
    if let Some(logo) = logo {
        markup.raw(&format!("<Default Extension=\"{}\" ContentType=\"{}\"/>", logo.ending(), logo.media_type()));
    }
    let core = "application/vnd.openxmlformats-package.core-properties+xml".to_owned();
    markup.raw(&format!("<Override PartName=\"/docProps/core.xml\" ContentType=\"{core}\"/>"));
    for (part, kind) in [
        ("document", "document.main"),
        ("styles", "styles"),
        ("settings", "settings"),
        ("header1", "header"),
        ("footer1", "footer"),
        ("fontTable", "fontTable"),
    ] {
        markup.raw(&format!("<Override PartName=\"/word/{part}.xml\" ContentType=\"{KIND}{kind}+xml\"/>"));
    }
    let theme = "application/vnd.openxmlformats-officedocument.theme+xml";
    markup.raw(&format!("<Override PartName=\"/word/theme/theme1.xml\" ContentType=\"{theme}\"/></Types>"));
    markup.bytes
}

fn document_relations(logo: Option<&Logo>) -> Vec<u8> {
    let kinds = ["styles", "settings", "header", "footer", "fontTable", "theme", "image"].map(|kind| format!("{RELATION}{kind}"));
    let targets = ["styles.xml", "settings.xml", "header1.xml", "footer1.xml", "fontTable.xml", "theme/theme1.xml"];
    let ids = ["rId1", "rId2", "rId3", "rId4", "rId5", "rId6", LOGO];
    let targets = targets.into_iter().chain(logo.map(|logo| picture_of(logo).0));
    let all: Vec<(&str, &str, &str)> =
        ids.iter().zip(&kinds).zip(targets).map(|((id, kind), target)| (*id, kind.as_str(), target)).collect();
    relations(&all)
}

fn relations(relations: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#);
    for (id, kind, target) in relations {
        markup.raw(&format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>"));
    }
    markup.raw("</Relationships>");
    markup.bytes
}

/// Title, subject, language and the instant of the report; nothing of who or what made the file.
fn properties(report: &Report) -> Vec<u8> {
    let cover = &report.cover;
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(r#"<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#);
    markup.element("dc:title", &cover.title).element("dc:subject", &report.subject());
    if !cover.operator.is_empty() {
        markup.element("dc:creator", &cover.operator);
    }
    markup.element("dc:description", &cover.notice).element("dc:language", &report.language);
    let instant = cover.as_of.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for name in ["created", "modified"] {
        markup.element(&format!("dcterms:{name} xsi:type=\"dcterms:W3CDTF\""), &instant);
    }
    markup.raw("</cp:coreProperties>");
    markup.bytes
}

/// The one font of the styles.
fn fonts() -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(&format!(
        "<w:fonts {WORD}><w:font w:name=\"Calibri\"><w:family w:val=\"swiss\"/><w:pitch w:val=\"variable\"/></w:font></w:fonts>"
    ));
    markup.bytes
}

fn settings(language: &str) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(&format!("<w:settings {WORD}><w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat><w:themeFontLang w:val=\""));
    markup.text(language).raw("\"/></w:settings>");
    markup.bytes
}

/// What stands above every page: the title, the instant, and the filters.
fn header(report: &Report) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(&format!("<w:hdr {WORD}>"));
    let line = [report.cover.title.as_str(), &report.as_of_line(), &report.filters()].join("  ·  ");
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Notice\"/></w:pPr><w:r><w:t>").text(&line).raw("</w:t></w:r></w:p></w:hdr>");
    markup.bytes
}

/// What stands below every page: the notice, and which page it is of how many.
fn footer(report: &Report) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(DECLARATION).raw(&format!("<w:ftr {WORD}>"));
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Notice\"/></w:pPr><w:r><w:t>").text(&report.cover.notice).raw("</w:t></w:r></w:p>");
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Notice\"/><w:jc w:val=\"right\"/></w:pPr>");
    let mut rest = report.words.page_number.as_str();
    while !rest.is_empty() {
        let next = [("{page}", "PAGE"), ("{pages}", "NUMPAGES")];
        let next = next.iter().filter_map(|(name, field)| Some((rest.find(name)?, *name, *field))).min();
        let (text, after) = next.map_or((rest, ""), |(at, name, _)| (&rest[..at], &rest[at + name.len()..]));
        markup.raw("<w:r><w:t xml:space=\"preserve\">").text(text).raw("</w:t></w:r>");
        if let Some((_, _, field)) = next {
            markup.raw(&format!("<w:fldSimple w:instr=\" {field} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>"));
        }
        rest = after;
    }
    markup.raw("</w:p></w:ftr>");
    markup.bytes
}

/// Begins the part with the text.
pub fn open_body(markup: &mut Markup) {
    markup.raw(DECLARATION).raw(&format!("<w:document {WORD} {RELATIONS}><w:body>"));
}

/// Ends the part with the text: the size of its pages, which have header and footer.
pub fn close_body(markup: &mut Markup, sheet: &Sheet) {
    section(markup, sheet, Columns::One);
    markup.raw("</w:body></w:document>");
}

/// In how many columns text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// All of it below each other.
    One,
    /// Two, of one height.
    Two,
}

/// Ends what runs in `columns`; what follows goes on below it on the same page.
pub fn break_section(markup: &mut Markup, sheet: &Sheet, columns: Columns) {
    markup.raw("<w:p><w:pPr><w:pStyle w:val=\"Notice\"/>");
    section(markup, sheet, columns);
    markup.raw("</w:pPr></w:p>");
}

/// The pages of what stands before, all with header and footer.
fn section(markup: &mut Markup, sheet: &Sheet, columns: Columns) {
    let Sheet { width, height, orientation, .. } = sheet;
    markup.raw("<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId3\"/><w:footerReference w:type=\"default\" r:id=\"rId4\"/>");
    markup.raw("<w:type w:val=\"continuous\"/>");
    markup.raw(&format!("<w:pgSz w:w=\"{width}\" w:h=\"{height}\" w:orient=\"{}\"/>", orientation.name()));
    markup.raw(&format!("<w:pgMar w:top=\"1000\" w:right=\"{MARGIN}\" w:bottom=\"1000\" w:left=\"{MARGIN}\" w:header=\"500\" w:footer=\"400\" w:gutter=\"0\"/>"));
    if columns == Columns::Two {
        markup.raw(&format!("<w:cols w:num=\"2\" w:space=\"{COLUMN_GAP}\"/>"));
    }
    markup.raw("</w:sectPr>");
}
