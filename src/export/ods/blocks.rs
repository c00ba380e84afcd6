//! Writes a sheet of several sections below each other: title, facts, tables and paragraphs.

use crate::domain::columns::ColumnType;
use crate::export::cells::Cell;
use crate::export::markup::Markup;
use crate::export::ods::cells::{self, HEADER, REMARK};
use crate::export::ods::charts::Figures;
use crate::export::ods::links;
use crate::export::ods::sheets::Sheet;
use crate::report::{Column, Content, Report, Section, SectionId, Table, style};

/// The styles of a title, a heading, a label, the header of figures, a total's words and a total.
const TITLE: &str = "T";
const HEADING: &str = "H";
const LABEL: &str = "l";
const FIGURE_HEADER: &str = "hr";
const TOTAL_WORDS: &str = "B";
const TOTAL: &str = "b";

/// The rows of a sheet in the making.
pub struct Blocks<'a> {
    /// What was written so far.
    pub markup: Markup,
    /// Where the tables stand, for the charts.
    pub figures: Vec<Figures>,
    /// The rows so far.
    row: usize,
    report: &'a Report,
    /// The sheets, to which figures lead.
    sheets: &'a [Sheet<'a>],
}

impl<'a> Blocks<'a> {
    /// The sections of a sheet, one among `sheets`.
    pub fn of(sections: &[&Section], report: &'a Report, sheets: &'a [Sheet<'a>]) -> Self {
        let mut blocks = Self { markup: Markup::default(), figures: Vec::new(), row: 0, report, sheets };
        if let [Section { heading, content: Content::Text(paragraphs), .. }] = sections {
            blocks.line(&[(TITLE, heading)]);
            blocks.line(&[(REMARK, &report.as_of_line())]);
            blocks.blank();
            paragraphs.iter().for_each(|paragraph| blocks.line(&[("w", paragraph)]));
            return blocks;
        }
        blocks.line(&[(TITLE, &report.cover.title)]);
        blocks.blank();
        for fact in report.facts() {
            for (index, value) in fact.values.iter().enumerate() {
                blocks.line(&[(LABEL, if index == 0 { &fact.label } else { "" }), ("t", value)]);
            }
        }
        blocks.blank();
        sections.iter().for_each(|section| blocks.section(section));
        blocks
    }

    fn section(&mut self, section: &Section) {
        match &section.content {
            Content::Table { table, totals } => {
                self.line(&[(HEADING, &section.heading)]);
                if !section.explanation.is_empty() {
                    self.line(&[(REMARK, &section.explanation)]);
                }
                self.rows(section.id, table, *totals);
                self.blank();
            }
            Content::Text(paragraphs) => {
                for (index, paragraph) in paragraphs.iter().enumerate() {
                    self.line(&[(LABEL, if index == 0 { &section.heading } else { "" }), ("w", paragraph)]);
                }
                self.blank();
            }
            Content::Numbers | Content::Rows(_) | Content::Series(_) => {}
        }
    }

    fn line(&mut self, words: &[(&str, &str)]) {
        self.markup.raw("<table:table-row>");
        words.iter().for_each(|(style, words)| match words.is_empty() {
            true => drop(self.markup.raw("<table:table-cell/>")),
            false => cells::text(&mut self.markup, style, words),
        });
        self.end_row();
    }

    fn blank(&mut self) {
        self.markup.raw("<table:table-row><table:table-cell/>");
        self.end_row();
    }

    fn end_row(&mut self) {
        self.markup.raw("</table:table-row>\n");
        self.row += 1;
    }

    fn rows(&mut self, section: SectionId, table: &Table, totals: usize) {
        let style = |column: &Column| if column.kind.is_figure() { FIGURE_HEADER } else { HEADER };
        let captions: Vec<(&str, &str)> = table.columns.iter().map(|column| (style(column), column.caption.as_str())).collect();
        self.line(&captions);
        self.figures.push(Figures { section, first: self.row + 1, rows: table.rows - totals });
        for row in 0..table.rows {
            let is_total = row + totals >= table.rows;
            let to = links::target(section, table, row, self.report, self.sheets);
            self.markup.raw("<table:table-row>");
            for (place, column) in table.columns.iter().enumerate() {
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
                let to = to.as_deref().filter(|_| place == 0);
                self.markup.changed += u64::from(cells::write(&mut self.markup.bytes, style, cell, to));
            }
            self.end_row();
        }
    }
}
