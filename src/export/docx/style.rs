//! The styles of a document: those of its paragraphs, of the cells of tables, and of the statuses.

use crate::export::markup::Markup;
use crate::report::palette::{Palette, StatusColour};

/// Ends a table style: thin rules between rows, a dark head.
const RULES: [&str; 3] = ["top", "bottom", "insideH"];

/// The part with all styles, for a document in `language` and the colours of `palette`, whose tables have letters of so many half
/// points.
pub fn part(language: &str, palette: &Palette, letters: u32) -> Vec<u8> {
    let mut markup = Markup::default();
    markup.raw(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/>"#);
    markup.raw(&format!("<w:color w:val=\"{:06X}\"/><w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/><w:lang w:val=\"", palette.ink));
    markup
        .text(language)
        .raw("\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after=\"60\"/></w:pPr></w:pPrDefault></w:docDefaults>");
    markup.raw("<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>");
    let (head, heading) = (format!("{:06X}", palette.header_fill), format!("{:06X}", palette.heading_ink()));
    paragraph(
        &mut markup,
        "Title",
        "Title",
        "<w:keepNext/><w:spacing w:after=\"120\"/>",
        &format!("<w:b/><w:color w:val=\"{heading}\"/><w:sz w:val=\"44\"/>"),
    );
    for (id, name, before, size, level) in [("Heading1", "heading 1", 320, 28, 0), ("Heading2", "heading 2", 200, 23, 1)] {
        let spaced = format!("<w:keepNext/><w:spacing w:before=\"{before}\" w:after=\"80\"/><w:outlineLvl w:val=\"{level}\"/>");
        paragraph(&mut markup, id, name, &spaced, &format!("<w:b/><w:color w:val=\"{heading}\"/><w:sz w:val=\"{size}\"/>"));
    }
    paragraph(&mut markup, "Remark", "Remark", "<w:keepNext/>", "<w:color w:val=\"55616F\"/><w:sz w:val=\"18\"/>");
    paragraph(&mut markup, "Notice", "Notice", "<w:spacing w:after=\"0\"/>", "<w:color w:val=\"55616F\"/><w:sz w:val=\"14\"/>");
    paragraph(
        &mut markup,
        "Cell",
        "Table cell",
        "<w:spacing w:before=\"14\" w:after=\"14\"/>",
        &format!("<w:sz w:val=\"{letters}\"/><w:szCs w:val=\"{letters}\"/>"),
    );
    derived(&mut markup, "Figure", "Table figure", "<w:jc w:val=\"right\"/>", "");
    derived(&mut markup, "Caption1", "Table caption", "<w:keepNext/>", &format!("<w:b/><w:color w:val=\"{:06X}\"/>", palette.header_ink));
    derived(&mut markup, "Total", "Table total", "", "<w:b/>");
    derived(&mut markup, "TotalFigure", "Table total figure", "<w:jc w:val=\"right\"/>", "<w:b/>");
    for (place, StatusColour { ink, .. }) in palette.statuses.iter().enumerate() {
        let ink = format!("<w:b/><w:color w:val=\"{ink:06X}\"/>");
        derived(&mut markup, &format!("Status{place}"), &format!("Status {place}"), "", &ink);
    }
    table(&mut markup, &head, palette.rule);
    markup.raw("</w:styles>");
    markup.bytes
}

/// A style of a whole paragraph.
fn paragraph(markup: &mut Markup, id: &str, name: &str, of_paragraph: &str, of_text: &str) {
    style_of(markup, id, name, "Normal", of_paragraph, of_text);
}

/// A style of a cell.
fn derived(markup: &mut Markup, id: &str, name: &str, of_paragraph: &str, of_text: &str) {
    style_of(markup, id, name, "Cell", of_paragraph, of_text);
}

fn style_of(markup: &mut Markup, id: &str, name: &str, base: &str, of_paragraph: &str, of_text: &str) {
    markup.raw(&format!(
        "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"{base}\"/><w:qFormat/>"
    ));
    if !of_paragraph.is_empty() {
        markup.raw("<w:pPr>").raw(of_paragraph).raw("</w:pPr>");
    }
    if !of_text.is_empty() {
        markup.raw("<w:rPr>").raw(of_text).raw("</w:rPr>");
    }
    markup.raw("</w:style>");
}

/// The styles of tables: one without lines for the facts, one for all others.
fn table(markup: &mut Markup, head: &str, rule: u32) {
    markup.raw("<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:left w:w=\"50\" w:type=\"dxa\"/><w:right w:w=\"50\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>");
    markup.raw("<w:style w:type=\"table\" w:styleId=\"ReportTable\"><w:name w:val=\"Report table\"/><w:basedOn w:val=\"TableNormal\"/><w:tblPr><w:tblBorders>");
    for side in RULES {
        markup.raw(&format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"{rule:06X}\"/>"));
    }
    markup.raw("</w:tblBorders></w:tblPr><w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/></w:rPr><w:tcPr>");
    markup.raw(&format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{head}\"/></w:tcPr></w:tblStylePr></w:style>"));
}
