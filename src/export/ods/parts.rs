//! The parts of the package beside its cells: what it holds, styles, pages, what is frozen, and the widths of columns.

use crate::domain::columns::ColumnType;
use crate::domain::date::text::DateStyle;
use crate::domain::paper::Paper;
use crate::export::Options;
use crate::export::markup::Markup;
use crate::export::ods::charts;
use crate::export::ods::document::{XML, colour, open};
use crate::export::ods::sheets::Sheet;
use crate::report::palette::Palette;
use crate::report::words::fill;
use crate::report::{Content, Report};

/// What the file is, in its first member.
pub const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
/// The 19 columns stay readable on it.
const PAPER: Paper = Paper::Tabloid;
/// Widths of columns, in characters, of a sheet with figures and of one with words.
const FIGURE_WIDTHS: [f32; 6] = [46.0, 12.0, 12.0, 18.0, 12.0, 12.0];
const WORD_WIDTHS: [f32; 2] = [44.0, 110.0];
/// Centimetres of a character.
const CHARACTER: f32 = 0.19;
/// How words look that lead somewhere.
const LINKED: &str = "fo:color=\"#0563c1\" style:text-underline-style=\"solid\" style:text-underline-width=\"auto\" style:text-underline-color=\"font-color\"";
const UNDERLINED: &str =
    "style:text-underline-style=\"solid\" style:text-underline-width=\"auto\" style:text-underline-color=\"font-color\"";
/// The parts but the content, its charts and the manifest, each with its name.
pub fn parts(report: &Report, sheets: &[Sheet<'_>], options: &Options) -> Vec<(&'static str, Vec<u8>)> {
    let parts = [("meta.xml", meta(report)), ("settings.xml", settings(sheets)), ("styles.xml", styles(report, options))];
    parts.map(|(name, markup)| (name, markup.bytes)).to_vec()
}

/// The list of the parts, with so many charts.
pub fn manifest(charts: usize) -> Markup {
    let mut markup = Markup::default();
    markup
        .raw(XML)
        .raw("<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">");
    for (path, kind) in
        [("/", MEDIA_TYPE), ("content.xml", "text/xml"), ("meta.xml", "text/xml"), ("settings.xml", "text/xml"), ("styles.xml", "text/xml")]
    {
        markup.raw(&format!("<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"{kind}\"/>"));
    }
    for name in (0..charts).map(charts::object_name) {
        for (path, kind) in [("", charts::MEDIA_TYPE), ("content.xml", "text/xml")] {
            markup.raw(&format!("<manifest:file-entry manifest:full-path=\"{name}/{path}\" manifest:media-type=\"{kind}\"/>"));
        }
    }
    markup.raw("</manifest:manifest>\n");
    markup
}

fn meta(report: &Report) -> Markup {
    let mut markup = Markup::default();
    let created = report.cover.as_of.utc().format("%Y-%m-%dT%H:%M:%S").to_string();
    open(&mut markup, "document-meta", "");
    markup.raw("<office:meta><meta:generator>").raw(concat!("portstatus/", env!("CARGO_PKG_VERSION"))).raw("</meta:generator>");
    markup.element("dc:title", &report.cover.title).element("dc:subject", &report.subject());
    if !report.cover.operator.is_empty() {
        markup.element("meta:initial-creator", &report.cover.operator);
    }
    markup.element("meta:creation-date", &created).element("dc:date", &created).element("dc:language", &report.language);
    markup.raw("</office:meta></office:document-meta>\n");
    markup
}

/// Of each list the header is frozen, and the first column where it is one of numbers.
fn settings(sheets: &[Sheet<'_>]) -> Markup {
    let mut markup = Markup::default();
    open(
        &mut markup,
        "document-settings",
        " xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\"",
    );
    markup.raw("<office:settings><config:config-item-set config:name=\"ooo:view-settings\">");
    markup.raw("<config:config-item-map-indexed config:name=\"Views\"><config:config-item-map-entry>");
    markup.raw("<config:config-item config:name=\"ViewId\" config:type=\"string\">view1</config:config-item>");
    markup.raw("<config:config-item-map-named config:name=\"Tables\">");
    for sheet in sheets.iter().filter(|sheet| sheet.list.is_some_and(|(_, table)| !table.columns.is_empty())) {
        let item = |name: &str, kind: &str, value: u8| {
            format!("<config:config-item config:name=\"{name}\" config:type=\"{kind}\">{value}</config:config-item>")
        };
        let is_phone = sheet.list.is_some_and(|(_, table)| table.columns[0].kind == ColumnType::Phone);
        markup.raw("<config:config-item-map-entry config:name=\"").text(sheet.name).raw("\">");
        markup.raw(&item("HorizontalSplitMode", "short", if is_phone { 2 } else { 0 })).raw(&item("VerticalSplitMode", "short", 2));
        markup.raw(&item("HorizontalSplitPosition", "int", is_phone.into())).raw(&item("VerticalSplitPosition", "int", 1));
        markup.raw(&item("ActiveSplitRange", "short", 2)).raw(&item("PositionLeft", "int", 0));
        markup.raw(&item("PositionRight", "int", is_phone.into())).raw(&item("PositionTop", "int", 0)).raw(&item(
            "PositionBottom",
            "int",
            1,
        ));
        markup.raw("</config:config-item-map-entry>");
    }
    markup.raw("</config:config-item-map-named>");
    if let Some(sheet) = sheets.iter().find(|sheet| has_figures(sheet)) {
        markup.raw("<config:config-item config:name=\"ActiveTable\" config:type=\"string\">").text(sheet.name).raw("</config:config-item>");
    }
    markup.raw("</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>");
    markup.raw("</office:document-settings>\n");
    markup
}

/// The page: its paper, one page wide, and what is printed around it.
fn styles(report: &Report, options: &Options) -> Markup {
    let mut markup = Markup::default();
    let (paper, orientation) = options.sheet(report, PAPER);
    let (width, height) = paper.size(orientation);
    let side = if width > height { "landscape" } else { "portrait" };
    open(&mut markup, "document-styles", "");
    markup
        .raw("<office:styles><style:default-style style:family=\"table-cell\"><style:text-properties style:font-name=\"Liberation Sans\" ");
    markup.raw("fo:font-family=\"'Liberation Sans'\" fo:font-size=\"10pt\"");
    // Body ink is that of the reader's program, unless a template gives another.
    let ink = report.look.palette.ink;
    if ink != Palette::default().ink {
        markup.raw(&format!(" fo:color=\"{}\"", colour(ink)));
    }
    markup.raw("/></style:default-style>");
    markup.raw("<style:style style:name=\"Default\" style:family=\"table-cell\"/></office:styles><office:automatic-styles>");
    markup.raw(&format!(
        "<style:page-layout style:name=\"pm\"><style:page-layout-properties fo:page-width=\"{width}pt\" fo:page-height=\"{height}pt\" \
         style:print-orientation=\"{side}\" fo:margin=\"1cm\" style:scale-to-X=\"1\" style:table-centering=\"none\"/>\
         <style:header-style><style:header-footer-properties fo:min-height=\"0.8cm\" fo:margin-bottom=\"0.25cm\"/></style:header-style>\
         <style:footer-style><style:header-footer-properties fo:min-height=\"0.8cm\" fo:margin-top=\"0.25cm\"/></style:footer-style>\
         </style:page-layout></office:automatic-styles>"
    ));
    markup.raw("<office:master-styles><style:master-page style:name=\"mp\" style:page-layout-name=\"pm\"><style:header>");
    let region = |markup: &mut Markup, side: &str, words: &str| {
        markup.raw(&format!("<style:region-{side}><text:p>")).text(words).raw(&format!("</text:p></style:region-{side}>"));
    };
    markup
        .raw("<style:region-left><text:p>")
        .text(&report.cover.title)
        .raw(" · <text:sheet-name>?</text:sheet-name></text:p></style:region-left>");
    region(&mut markup, "right", &report.as_of_line());
    markup.raw("</style:header><style:footer>");
    region(&mut markup, "left", &report.cover.notice);
    let mut number = Markup::default();
    number.text(&report.words.page_number);
    let fields = [("page", "<text:page-number>1</text:page-number>"), ("pages", "<text:page-count>1</text:page-count>")];
    let number = fill(&String::from_utf8_lossy(&number.bytes), &fields);
    markup.raw("<style:region-right><text:p>").raw(&number).raw("</text:p></style:region-right></style:footer></style:master-page>");
    markup.raw("</office:master-styles></office:document-styles>\n");
    markup
}

/// Begins the content: the styles of cells and columns.
pub fn open_content(markup: &mut Markup, sheets: &[Sheet<'_>], report: &Report) {
    let palette = &report.look.palette;
    let spaces = " xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
    open(markup, "document-content", spaces);
    markup.raw("<office:automatic-styles>").raw(&date_styles(report.words.dates)).raw(NUMBER_STYLES);
    markup.raw("<style:style style:name=\"ta\" style:family=\"table\" style:master-page-name=\"mp\"><style:table-properties table:display=\"true\"/></style:style>");
    for (index, sheet) in sheets.iter().enumerate() {
        for (column, width) in widths(sheet).iter().enumerate() {
            let width = width * CHARACTER;
            markup.raw(&format!(
                "<style:style style:name=\"co{index}_{column}\" style:family=\"table-column\"><style:table-column-properties style:column-width=\"{width:.2}cm\"/></style:style>"
            ));
        }
    }
    let header = format!("fo:background-color=\"{}\" fo:wrap-option=\"wrap\" style:vertical-align=\"middle\"", colour(palette.header_fill));
    let white = format!("fo:font-weight=\"bold\" fo:color=\"{}\"", colour(palette.header_ink));
    let title = format!("fo:font-weight=\"bold\" fo:font-size=\"18pt\" fo:color=\"{}\"", colour(palette.heading_ink()));
    let heading = format!("fo:font-weight=\"bold\" fo:font-size=\"13pt\" fo:color=\"{}\"", colour(palette.heading_ink()));
    let top = "style:vertical-align=\"top\"";
    let wrapped = "style:vertical-align=\"top\" fo:wrap-option=\"wrap\"";
    // Words beside figures stand apart from them.
    let figure = "style:vertical-align=\"top\" fo:padding-right=\"0.2cm\"";
    let (grey, bold) = ("fo:color=\"#5a6472\"", "fo:font-weight=\"bold\"");
    let line = format!("fo:border-top=\"0.75pt solid {}\"", colour(palette.header_fill));
    let total = format!("{line} fo:padding-right=\"0.2cm\"");
    figure_header(markup, &header, &white);
    for (name, data, cell, letters) in [
        ("t", "", top, ""),
        ("w", "", wrapped, ""),
        ("i", "Nt", top, ""),
        ("d", "Nd", top, ""),
        ("m", "Nm", top, ""),
        ("s", "Ns", top, ""),
        ("z", "Nz", top, ""),
        ("c", "Nc", figure, ""),
        ("p", "Np", figure, ""),
        ("a", "Na", figure, ""),
        ("h", "", header.as_str(), white.as_str()),
        ("T", "", "", title.as_str()),
        ("H", "", "", heading.as_str()),
        ("r", "", "", "fo:font-style=\"italic\" fo:color=\"#5a6472\""),
        ("l", "", top, grey),
        ("b", "Nc", total.as_str(), bold),
        ("B", "", line.as_str(), bold),
        // What leads somewhere.
        ("tu", "", top, LINKED),
        ("wu", "", wrapped, LINKED),
        ("iu", "Nt", top, LINKED),
    ] {
        cell_style(markup, name, data, cell, letters);
    }
    for (place, colours) in palette.statuses.iter().enumerate() {
        let cell = format!("{top} fo:background-color=\"{}\"", colour(colours.fill));
        let ink = format!("fo:color=\"{}\"", colour(colours.ink));
        cell_style(markup, &format!("k{place}"), "", &cell, &ink);
        cell_style(markup, &format!("k{place}u"), "", &cell, &format!("{ink} {UNDERLINED}"));
    }
    markup.raw("</office:automatic-styles><office:body><office:spreadsheet>\n");
}

/// The style of the header of figures, which stand at the right.
fn figure_header(markup: &mut Markup, cell: &str, letters: &str) {
    markup.raw(&format!(
        "<style:style style:name=\"hr\" style:family=\"table-cell\" style:parent-style-name=\"Default\"><style:table-cell-properties {cell} \
         fo:padding-right=\"0.2cm\"/><style:paragraph-properties fo:text-align=\"end\"/><style:text-properties {letters}/></style:style>"
    ));
}

fn cell_style(markup: &mut Markup, name: &str, data: &str, cell: &str, letters: &str) {
    markup.raw(&format!("<style:style style:name=\"{name}\" style:family=\"table-cell\" style:parent-style-name=\"Default\""));
    if !data.is_empty() {
        markup.raw(&format!(" style:data-style-name=\"{data}\""));
    }
    markup.raw(">");
    if !cell.is_empty() {
        markup.raw(&format!("<style:table-cell-properties {cell}/>"));
    }
    if !letters.is_empty() {
        markup.raw(&format!("<style:text-properties {letters}/>"));
    }
    markup.raw("</style:style>");
}

/// How days and instants are shown.
fn date_styles(dates: DateStyle) -> String {
    let part = |name: &str| format!("<number:{name} number:style=\"long\"/>");
    let text = |text: &str| format!("<number:text>{text}</number:text>");
    let (parts, between) = match dates {
        DateStyle::Iso => (["year", "month", "day"], "-"),
        DateStyle::DayFirst => (["day", "month", "year"], "/"),
        DateStyle::MonthFirst => (["month", "day", "year"], "/"),
    };
    let day = parts.map(part).join(&text(between));
    let time = ["hours", "minutes", "seconds"].map(part).join(&text(":"));
    format!(
        "<number:date-style style:name=\"Nd\">{day}</number:date-style><number:date-style style:name=\"Nz\">{day}{}{time}</number:date-style>",
        text(" ")
    )
}

/// How figures and times are shown.
const NUMBER_STYLES: &str = "<number:text-style style:name=\"Nt\"><number:text-content/></number:text-style>\
<number:time-style style:name=\"Nm\"><number:hours number:style=\"long\"/><number:text>:</number:text><number:minutes number:style=\"long\"/></number:time-style>\
<number:time-style style:name=\"Ns\"><number:hours number:style=\"long\"/><number:text>:</number:text><number:minutes number:style=\"long\"/><number:text>:</number:text><number:seconds number:style=\"long\"/></number:time-style>\
<number:number-style style:name=\"Nc\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"1\" number:grouping=\"true\"/></number:number-style>\
<number:percentage-style style:name=\"Np\"><number:number number:decimal-places=\"1\" number:min-integer-digits=\"1\"/><number:text>%</number:text></number:percentage-style>\
<number:number-style style:name=\"Na\"><number:number number:decimal-places=\"2\" number:min-integer-digits=\"1\" number:grouping=\"true\"/></number:number-style>";

/// The columns of the sheet number `index`.
pub fn columns(markup: &mut Markup, index: usize, sheet: &Sheet<'_>) {
    for column in 0..widths(sheet).len() {
        markup.raw(&format!("<table:table-column table:style-name=\"co{index}_{column}\"/>"));
    }
}

/// How far the columns of a sheet with figures reach, in centimetres: charts stand beyond.
pub fn width_of_figures() -> f32 {
    FIGURE_WIDTHS.iter().sum::<f32>() * CHARACTER
}

/// The widths of the columns of a sheet, in characters.
fn widths(sheet: &Sheet<'_>) -> Vec<f32> {
    match sheet.list {
        // Captions have room for their button.
        Some((_, table)) => table.columns.iter().map(|column| column.width_characters.max(10.0) * 1.15).collect(),
        None if has_figures(sheet) => FIGURE_WIDTHS.to_vec(),
        None => WORD_WIDTHS.to_vec(),
    }
}

/// Whether a sheet holds the figures of the summary, and charts of them.
fn has_figures(sheet: &Sheet<'_>) -> bool {
    sheet.sections.iter().any(|section| matches!(section.content, Content::Series(_)))
}
