//! Sets the sections that are read whole: facts, small tables, charts and paragraphs, each under its heading.

use crate::export::html::{chart, table};
use crate::export::markup::Markup;
use crate::report::words::Words;
use crate::report::{Content, Report, Section, Shape};

/// The lines of the cover.
pub fn facts(markup: &mut Markup, report: &Report) {
    markup.raw("<dl class=\"card facts\">\n");
    for fact in report.facts() {
        markup.raw("<div>").element("dt", &fact.label);
        for value in &fact.values {
            markup.element("dd", value);
        }
        markup.raw("</div>\n");
    }
    markup.raw("</dl>\n");
}

/// The sections below each other. One that has the heading of the section before it stands with it.
pub fn sections(markup: &mut Markup, sections: &[&Section], words: &Words) {
    for group in sections.chunk_by(|one, next| one.heading == next.heading) {
        let [first, ..] = group else { continue };
        let label = format!("h-{}", first.id.code());
        markup.raw(&format!("<section class=\"card\" id=\"{}\">\n", first.id.code()));
        markup.element(&format!("h2 id=\"{label}\""), &first.heading).raw("\n");
        for section in group {
            content(markup, section, words, &label);
        }
        markup.raw("</section>\n");
    }
}

fn content(markup: &mut Markup, section: &Section, words: &Words, label: &str) {
    let has_remark = !section.explanation.is_empty() && !matches!(section.content, Content::Text(_));
    if has_remark {
        markup.element("p class=\"remark\"", &section.explanation).raw("\n");
    }
    match &section.content {
        Content::Text(paragraphs) => {
            for paragraph in paragraphs {
                markup.element("p", paragraph).raw("\n");
            }
        }
        Content::Series(series) => match series.shape {
            Shape::Bars | Shape::Stacked => chart::bars(markup, &series.points, words),
            Shape::Columns => chart::columns(markup, &series.points, section.accent, words, label),
        },
        Content::Table { table: rows, totals } => table::small(markup, rows, *totals, words, label),
        Content::Numbers | Content::Rows(_) => {}
    }
}
