//! Sets a section as strips of a given width that are laid below each other: heading, lines of a table, lines of text, a chart.

use std::sync::Arc;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::append;
use crate::domain::text::one_line;
use crate::export::cells::Cell;
use crate::export::layout::cell_text;
use crate::export::layout::fonts::{Face, Faces};
use crate::export::pdf::chart;
use crate::export::pdf::links::Target;
use crate::export::pdf::marks::{Element, Mark, Role};
use crate::export::pdf::paint::Paint;
use crate::export::pdf::static_content::{BODY, CAPTION, MUTED, STRONG, StaticContent, Style, TextLine, broken, leading};
use crate::report::words::Words;
use crate::report::{Column, Content, Point, Report, Section, Shape, Table, Values, style};

const HEADING: Style = Style { face: Face::BOLD, size: 10.5, colour: Paint::Heading };
/// The labels of the cover, and lines that count nothing.
pub const MUTED_BODY: Style = Style { colour: MUTED, ..BODY };
/// From the top of a heading to what follows it.
const HEADING_HEIGHT: f32 = HEADING.size + 10.0;
/// Below a paragraph.
const PARAGRAPH_GAP: f32 = 3.0;
/// Between two columns of a table.
const COLUMN_GAP: f32 = 12.0;
/// From the left edge of a table to its text, where lines have the colour of a status, and to what is set in below it.
const STATUS_INSET: f32 = 7.0;
const DETAIL_INSET: f32 = 16.0;
/// The part of the width that a column of text beside a wider one takes at most.
const NARROWER_TEXT: f32 = 0.4;

/// A part of a section that stays on one page.
pub struct Strip {
    /// In points.
    pub height: f32,
    /// Its upper edge is at 0.
    pub content: StaticContent,
}

/// The height of all strips, in points.
pub fn height(strips: &[Strip]) -> f32 {
    strips.iter().map(|strip| strip.height).sum()
}

/// The strips of `section` between `x` and `x + width`; none for a list of numbers. A heading stays with what follows it.
pub fn strips(section: &Section, report: &Report, faces: &Faces, x: f32, width: f32) -> Vec<Strip> {
    let words = &report.words;
    let mut strips = match &section.content {
        Content::Numbers | Content::Rows(_) => return Vec::new(),
        Content::Text(paragraphs) => {
            let set = |paragraph: &String| text(faces, BODY, x, width, (Role::Paragraph, paragraph), PARAGRAPH_GAP);
            paragraphs.iter().flat_map(set).collect()
        }
        Content::Series(series) => {
            let mut content = StaticContent::default();
            let height = match series.shape {
                Shape::Bars | Shape::Stacked => chart::bars(&mut content, faces, words, &series.points, (x, 2.0), width),
                Shape::Columns => chart::columns(&mut content, faces, words, &series.points, section.accent, (x, 0.0), width),
            };
            content.mark_picture(&Element::figure(in_words(section, &series.points, words)), [x, 0.0, width, height]);
            vec![Strip { height, content }]
        }
        Content::Table { table, .. } => {
            let mut strips = text(faces, MUTED_BODY, x, width, (Role::Paragraph, &section.explanation), 2.0);
            let targets = (0..table.rows).map(|row| Target::of_count(report, section.id, table, row)).collect();
            strips.extend(Lines { targets, ..Lines::of(table, faces, words, x, width) }.strips());
            strips
        }
    };
    let mut heading = heading(section, x, width);
    if let Some(first) = strips.first_mut() {
        heading.append(std::mem::take(&mut first.content), HEADING_HEIGHT);
        *first = Strip { height: first.height + HEADING_HEIGHT, content: heading };
    }
    strips
}

/// What a chart shows, for those who do not see it.
fn in_words(section: &Section, points: &[Point], words: &Words) -> String {
    let point = |point: &Point| format!("{}: {} {}", point.label.caption, words.thousands(point.count), point.note);
    let points = points.iter().map(point).map(|point| point.trim_end().to_owned()).collect::<Vec<_>>();
    format!("{} {}", section.explanation, points.join("; ")).trim_start().to_owned()
}

fn heading(section: &Section, x: f32, width: f32) -> StaticContent {
    let mut heading = StaticContent::default();
    heading.text(HEADING, x, HEADING.size, section.heading.as_str());
    heading.mark_text(&Mark::Element(Element::new(Role::Heading)));
    heading.patch(Paint::Rule, x, HEADING.size + 4.0, width, 0.6);
    heading
}

/// The heading of a list, with `remark` below it.
pub fn list_heading(section: &Section, remark: &str, faces: &Faces, x: f32, width: f32) -> Strip {
    let mut content = heading(section, x, width);
    let mut height = HEADING_HEIGHT;
    for line in text(faces, MUTED_BODY, x, width, (Role::Paragraph, remark), PARAGRAPH_GAP) {
        content.append(line.content, height);
        height += line.height;
    }
    Strip { height, content }
}

/// A paragraph, or what else `role` says, a line a strip, with `gap` below its last.
pub fn text(faces: &Faces, style: Style, x: f32, width: f32, (role, paragraph): (Role, &str), gap: f32) -> Vec<Strip> {
    let mark = Mark::Element(Element::new(role));
    let line = |line: TextLine| {
        let mut content = StaticContent::default();
        content.text(style, x, style.size, line);
        content.mark_text(&mark);
        Strip { height: leading(style), content }
    };
    let mut strips: Vec<Strip> = broken(faces, style, width, paragraph).into_iter().map(line).collect();
    strips.last_mut().into_iter().for_each(|last| last.height += gap);
    strips
}

/// A small table with the places of its columns.
struct Lines<'a> {
    faces: &'a Faces,
    table: &'a Table,
    cells: Vec<Vec<String>>,
    /// The left edge and the width of each column.
    columns: Vec<(f32, f32)>,
    x: f32,
    width: f32,
    has_statuses: bool,
    element: Arc<Element>,
    /// Where each row leads.
    targets: Vec<Option<Target>>,
}

impl<'a> Lines<'a> {
    /// Figures are as wide as they are, and so is text that is not too wide; the widest column of text has the rest.
    fn of(table: &'a Table, faces: &'a Faces, words: &Words, x: f32, width: f32) -> Self {
        let cells: Vec<Vec<String>> = table.columns.iter().map(|column| worded(column, words)).collect();
        let natural = |(column, cells): (&Column, &Vec<String>)| {
            let caption = faces.regular.width(&column.caption) * CAPTION.size;
            cells.iter().map(|cell| faces.bold.width(cell) * BODY.size).fold(caption, f32::max) + 1.0
        };
        let mut widths: Vec<f32> = table.columns.iter().zip(&cells).map(natural).collect();
        let texts = || table.columns.iter().enumerate().filter(|(_, column)| !column.kind.is_figure()).map(|(index, _)| index);
        let widest = texts().max_by(|a, b| widths[*a].total_cmp(&widths[*b])).unwrap_or(0);
        for index in texts().filter(|index| *index != widest).collect::<Vec<_>>() {
            widths[index] = widths[index].min(width * NARROWER_TEXT);
        }
        let gaps = COLUMN_GAP * table.columns.len().saturating_sub(1) as f32;
        let others: f32 = widths.iter().enumerate().filter(|(index, _)| *index != widest).map(|(_, width)| width).sum();
        if let Some(rest) = widths.get_mut(widest) {
            *rest = (width - gaps - others).max(width / 4.0);
        }
        let lefts = widths.iter().scan(x, |next, width| {
            let left = *next;
            *next += width + COLUMN_GAP;
            Some(left)
        });
        let columns = lefts.zip(widths.iter().copied()).collect();
        let has_statuses = matches!(&table.columns.first().map(|column| &column.values), Some(Values::Terms { terms, .. }) if terms.iter().any(|term| style::status_place(term).is_some()));
        Self { faces, table, cells, columns, x, width, has_statuses, element: Element::new(Role::Table), targets: Vec::new() }
    }

    fn strips(&self) -> Vec<Strip> {
        let (mut captions, row) = (StaticContent::default(), Element::within(&self.element, Role::Row));
        for (index, column) in self.table.columns.iter().enumerate() {
            let inset = if self.has_statuses && index == 0 { STATUS_INSET } else { 0.0 };
            self.cell(&mut captions, CAPTION, (index, inset), CAPTION.size, column.caption.as_str());
            captions.mark_text(&Mark::Element(Element::within(&row, Role::HeaderCell)));
        }
        let mut strips = vec![Strip { height: leading(CAPTION) + 2.0, content: captions }];
        strips.extend((0..self.table.rows).map(|row| self.line(row)));
        strips
    }

    fn line(&self, row: usize) -> Strip {
        let mut content = StaticContent::default();
        let term = self.table.columns.first().and_then(|column| column.values.term(row));
        let status = term.and_then(style::status_place).filter(|_| self.has_statuses);
        let counts_nothing = self.table.columns.iter().any(|column| Cell::of(&column.values, row) == Some(Cell::Count(0)));
        let (style, first_inset) = match status {
            Some(place) => (Style { colour: Paint::StatusInk(place), ..STRONG }, STATUS_INSET),
            None => (if counts_nothing { MUTED_BODY } else { BODY }, if self.has_statuses { DETAIL_INSET } else { 0.0 }),
        };
        let share = Style { face: Face::REGULAR, colour: status.map_or(MUTED, Paint::StatusInk), ..style };
        let mut lines = 1;
        let (mut texts, element) = (StaticContent::default(), Element::within(&self.element, Role::Row));
        for (index, (column, (_, width))) in self.table.columns.iter().zip(&self.columns).enumerate() {
            let inset = if index == 0 { first_inset } else { 0.0 };
            let style = if index > 0 && column.kind == ColumnType::Share { share } else { style };
            let text = &self.cells[index][row];
            let shown =
                if column.kind.is_figure() { vec![TextLine::from(text.as_str())] } else { broken(self.faces, style, width - inset, text) };
            lines = lines.max(shown.len());
            let is_empty = shown.is_empty();
            let shown_width = shown.first().map_or(0.0, |line| line.width(self.faces, style));
            for (line, text) in shown.into_iter().enumerate() {
                self.cell(&mut texts, style, (index, inset), BODY.size * 0.95 + line as f32 * leading(BODY), text);
            }
            if is_empty {
                self.cell(&mut texts, style, (index, inset), BODY.size * 0.95, "");
            }
            let cell = Element::within(&element, Role::Cell);
            match self.targets.get(row).and_then(Option::as_ref).filter(|_| index == 0 && !text.is_empty()) {
                Some(target) => {
                    let [left, width] = [self.columns[index].0 + inset, self.columns[index].1 - inset];
                    let widest = shown_width.min(width);
                    // With the text, which comes after the fill of the line.
                    texts.patch(style.colour, left, BODY.size * 0.95 + 1.6, widest, 0.35);
                    texts.mark_link(&cell, [left, 0.0, widest, leading(BODY)], target.clone(), text.clone());
                }
                None => texts.mark_text(&Mark::Element(cell)),
            }
        }
        let mut height = lines as f32 * leading(BODY);
        if let Some(place) = status {
            content.patch(Paint::StatusFill(place), self.x, 0.0, self.width, height);
            content.patch(Paint::StatusBar(place), self.x, 0.0, 2.0, height);
            height += 0.6;
        }
        content.append(texts, 0.0);
        Strip { height, content }
    }

    /// Writes a line of text in column `index`, set in by `inset`; a figure ends where its column does.
    fn cell(&self, content: &mut StaticContent, style: Style, (index, inset): (usize, f32), y: f32, text: impl Into<TextLine>) {
        let (left, width) = self.columns[index];
        if self.table.columns[index].kind.is_figure() {
            // The last column ends a little before the edge of a coloured line.
            let right = (left + width).min(self.x + self.width - if self.has_statuses { 6.0 } else { 0.0 });
            content.text_to(self.faces, style, right, y, text);
        } else {
            content.text(style, left + inset, y, text);
        }
    }
}

/// The cells of a column of a small table as a reader sees them.
fn worded(column: &Column, words: &Words) -> Vec<String> {
    let word = |row: usize| match Cell::of(&column.values, row) {
        Some(Cell::Count(count)) => words.thousands(count.unsigned_abs()),
        Some(Cell::Share(share)) => words.percent(share),
        Some(Cell::Amount(hundredths)) => words.amount(hundredths),
        Some(Cell::Date(days)) => {
            let mut text = String::new();
            append(&mut text, |ascii| words.dates.write_date(ascii, days));
            text
        }
        _ => {
            let mut text = String::new();
            cell_text::write(&column.values, row, &mut text);
            one_line(&text)
        }
    };
    (0..column.values.len()).map(word).collect()
}
