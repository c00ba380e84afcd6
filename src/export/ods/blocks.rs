//! Writes a sheet of several sections below each other: title, facts, tables and paragraphs.

use crate::domain::columns::ColumnType;
use crate::export::cells::Cell;
use crate::export::markup::Markup;
use crate::export::ods::cells::{self, HEADER, REMARK};
use crate::report::{Content, Report, Section, Table, style};

/// The styles of a title, a heading, a label, a total's words and a total.
const TITLE: &str = "T";
const HEADING: &str = "H";
const LABEL: &str = "l";
const TOTAL_WORDS: &str = "B";
const TOTAL: &str = "b";

/// The sections of a sheet.
pub fn sections(markup: &mut Markup, sections: &[&Section], report: &Report) {
    if let [Section { heading, content: Content::Text(paragraphs), .. }] = sections {
        line(markup, &[(TITLE, heading)]);
        line(markup, &[(REMARK, &report.as_of_line())]);
        blank(markup);
        paragraphs.iter().for_each(|paragraph| line(markup, &[("w", paragraph)]));
        return;
    }
    line(markup, &[(TITLE, &report.cover.title)]);
    blank(markup);
    for fact in report.facts() {
        for (index, value) in fact.values.iter().enumerate() {
            line(markup, &[(LABEL, if index == 0 { &fact.label } else { "" }), ("t", value)]);
        }
    }
    blank(markup);
    for section in sections {
        match &section.content {
            Content::Table { table, totals } => {
                line(markup, &[(HEADING, &section.heading)]);
                if !section.explanation.is_empty() {
                    line(markup, &[(REMARK, &section.explanation)]);
                }
                rows(markup, table, *totals);
                blank(markup);
            }
            Content::Text(paragraphs) => {
                for (index, paragraph) in paragraphs.iter().enumerate() {
                    line(markup, &[(LABEL, if index == 0 { &section.heading } else { "" }), ("w", paragraph)]);
                }
                blank(markup);
            }
            Content::Numbers | Content::Rows(_) | Content::Series(_) => {}
        }
    }
}

fn line(markup: &mut Markup, words: &[(&str, &str)]) {
    markup.raw("<table:table-row>");
    words.iter().for_each(|(style, words)| match words.is_empty() {
        true => drop(markup.raw("<table:table-cell/>")),
        false => cells::text(markup, style, words),
    });
    markup.raw("</table:table-row>\n");
}

fn blank(markup: &mut Markup) {
    markup.raw("<table:table-row><table:table-cell/></table:table-row>\n");
}

fn rows(markup: &mut Markup, table: &Table, totals: usize) {
    let captions: Vec<(&str, &str)> = table.columns.iter().map(|column| (HEADER, column.caption.as_str())).collect();
    line(markup, &captions);
    for row in 0..table.rows {
        let is_total = row + totals >= table.rows;
        markup.raw("<table:table-row>");
        for column in &table.columns {
            let cell = Cell::of(&column.values, row);
            let status = cell.and_then(|cell| match cell {
                Cell::Term(_, term) => style::status_place(term).map(|place| format!("k{place}")),
                _ => None,
            });
            let style = match (&status, column.kind) {
                (_, ColumnType::Count) if is_total => TOTAL,
                (_, kind) if is_total && !kind.is_figure() => TOTAL_WORDS,
                (Some(status), _) => status,
                (None, kind) => cells::style_of(kind),
            };
            markup.changed += u64::from(cells::write(&mut markup.bytes, style, cell));
        }
        markup.raw("</table:table-row>\n");
    }
}
