//! What is on the screen and what keys do to it. Knows nothing of the terminal.

use std::ops::ControlFlow;

use crate::cli::show::keys::Key;
use crate::cli::show::screen::{LINE_END, Window, fitted};
use crate::cli::show::shown_rows::ShownRows;
use crate::cli::terminal::{Style, plain};
use crate::domain::text::{numbered, thousands};
use crate::error::Result;
use crate::export::text_table::TableLayout;

/// Rows by which the widths of the columns are measured; later cells that are wider are cut.
const MEASURED_ROWS: usize = 2_000;
/// Columns of a terminal up to which a caption widens its column; dates would else be far apart.
const CAPTION_WIDTH: usize = 20;
/// Lines of the screen that are not rows: the captions and the line below.
const OTHER_LINES: usize = 2;
/// What can be pressed.
const HELP: &str = "/ find  n next  N before  f filter  q quit";

/// What is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prompt {
    Find,
    Filter,
}

/// What is on the screen.
pub struct Viewer {
    rows: ShownRows,
    layout: TableLayout,
    style: Style,
    /// The first row on the screen, from 0.
    top: usize,
    /// The first column behind the one that always stands there.
    left: usize,
    /// The rows with the text that was looked for last, and which of them is marked.
    found: Vec<usize>,
    marked: Option<usize>,
    needle: String,
    filter: String,
    typed: Option<(Prompt, String)>,
    /// What came of the last key.
    message: String,
}

impl Viewer {
    /// The first rows of `rows`, and until a key is pressed what was `left_aside`.
    ///
    /// # Errors
    /// Those of the table.
    pub fn new(rows: ShownRows, style: Style, left_aside: Option<String>) -> Result<Self> {
        let layout = layout(&rows)?;
        let (found, needle, filter) = Default::default();
        let message = left_aside.unwrap_or_default();
        Ok(Self { rows, layout, style, top: 0, left: 1, found, marked: None, needle, filter, typed: None, message })
    }

    /// The whole screen in a window of so many columns and lines.
    ///
    /// # Errors
    /// Those of the table.
    pub fn screen(&mut self, (width, height): (usize, usize)) -> Result<String> {
        let body = body(height);
        self.top = self.top.min(self.last_top(body));
        let end = (self.top + body).min(self.count());
        let table = self.rows.table().table(self.top..end)?;
        let window = Window { left: self.left, width };
        let mut screen = format!("\x1b[H\x1b[1m{}{LINE_END}", window.captions(&self.layout));
        for line in 0..body {
            let row = self.top + line;
            if row < end {
                let is_marked = self.marked == Some(row);
                screen += if is_marked { "\x1b[7m" } else { "" };
                screen += &window.row(&self.layout, &table, line, (!is_marked).then_some(&self.style));
            }
            screen += LINE_END;
        }
        screen += &format!("\x1b[7m{}\x1b[0m\x1b[K", fitted(&self.last_line(end), width.saturating_sub(1), false));
        Ok(screen)
    }

    fn last_line(&self, end: usize) -> String {
        match &self.typed {
            Some((Prompt::Find, text)) => return format!("find: {}_", plain(text)),
            Some((Prompt::Filter, text)) => return format!("filter: {}_", plain(text)),
            None => {}
        }
        let rows = match self.count() {
            0 => "no rows".to_owned(),
            count => format!("{} to {} of {}", thousands(self.top as u64 + 1), thousands(end as u64), thousands(count as u64)),
        };
        let filter = if self.filter.is_empty() { String::new() } else { format!("  with '{}'", plain(&self.filter)) };
        let message = if self.message.is_empty() { String::new() } else { format!("  {}", self.message) };
        format!("{rows}{filter}{message}  {HELP}")
    }

    /// Does what `key` says in a window of this size; breaks when it says to quit.
    ///
    /// # Errors
    /// Those of the table.
    pub fn press(&mut self, key: Key, (_, height): (usize, usize)) -> Result<ControlFlow<()>> {
        if key == Key::Interrupt {
            return Ok(ControlFlow::Break(()));
        }
        if let Some((prompt, text)) = self.typed.take() {
            return self.type_on(prompt, text, key).map(ControlFlow::Continue);
        }
        self.message.clear();
        let body = body(height);
        match key {
            Key::Char('q' | 'Q') => return Ok(ControlFlow::Break(())),
            Key::Up | Key::Char('k') => self.top = self.top.saturating_sub(1),
            Key::Down | Key::Char('j') | Key::Enter => self.top += 1,
            Key::PageUp | Key::Char('b') => self.top = self.top.saturating_sub(body),
            Key::PageDown | Key::Char(' ') => self.top += body,
            Key::Home | Key::Char('g') => self.top = 0,
            Key::End | Key::Char('G') => self.top = self.last_top(body),
            Key::Left | Key::Char('h') => self.left = self.left.saturating_sub(1).max(1),
            Key::Right | Key::Char('l') => self.left = (self.left + 1).min(self.layout.columns.len().saturating_sub(1)).max(1),
            Key::Char('/') => self.typed = Some((Prompt::Find, String::new())),
            Key::Char('f') => self.typed = Some((Prompt::Filter, self.filter.clone())),
            Key::Char('n') => self.go_to_found(true, body),
            Key::Char('N') => self.go_to_found(false, body),
            Key::Escape => self.marked = None,
            _ => {}
        }
        self.top = self.top.min(self.last_top(body));
        Ok(ControlFlow::Continue(()))
    }

    fn type_on(&mut self, prompt: Prompt, mut text: String, key: Key) -> Result<()> {
        match key {
            Key::Char(letter) => text.push(letter),
            Key::Backspace => drop(text.pop()),
            Key::Escape => return Ok(()),
            Key::Enter => return self.ask(prompt, text),
            _ => {}
        }
        self.typed = Some((prompt, text));
        Ok(())
    }

    /// Finds or filters by `text`. One that nothing can be found by is said below.
    fn ask(&mut self, prompt: Prompt, text: String) -> Result<()> {
        if prompt == Prompt::Filter {
            match self.rows.filter(&text) {
                Ok(()) => {
                    (self.filter, self.top, self.marked) = (text.trim().to_owned(), 0, None);
                    self.found.clear();
                    self.layout = layout(&self.rows)?;
                }
                Err(error) => self.message = error.to_string(),
            }
            return Ok(());
        }
        let needle = if text.trim().is_empty() { self.needle.clone() } else { text };
        match self.rows.find(&needle) {
            Ok(found) => {
                let next = found.iter().copied().find(|row| *row >= self.top).or_else(|| found.first().copied());
                self.message = match next {
                    Some(_) => numbered(found.len() as u64, "row has it", "rows have it"),
                    None => format!("no row has '{}'", plain(&needle)),
                };
                (self.found, self.needle) = (found, needle);
                self.mark(next, 1);
            }
            Err(error) => self.message = error.to_string(),
        }
        Ok(())
    }

    /// Goes to the next row that was found, or the one before, and around at the end.
    fn go_to_found(&mut self, is_forward: bool, body: usize) {
        let from = self.marked.unwrap_or(self.top);
        let found = &self.found;
        let next = match is_forward {
            true => found.iter().find(|row| **row > from).or_else(|| found.first()),
            false => found.iter().rev().find(|row| **row < from).or_else(|| found.last()),
        };
        let next = next.copied();
        self.message = match next.and_then(|next| found.iter().position(|row| *row == next)) {
            Some(place) => format!("{} of {}", thousands(place as u64 + 1), thousands(found.len() as u64)),
            None => "nothing was found yet".to_owned(),
        };
        self.mark(next, body);
    }

    /// Marks a row and brings it on the screen, if it is not among the first `body` rows there.
    fn mark(&mut self, row: Option<usize>, body: usize) {
        self.marked = row;
        if let Some(row) = row.filter(|row| !(self.top..self.top + body).contains(row)) {
            self.top = row;
        }
    }

    fn count(&self) -> usize {
        self.rows.table().rows
    }

    fn last_top(&self, body: usize) -> usize {
        self.count().saturating_sub(body)
    }
}

/// The rows that a window of so many lines has room for.
fn body(height: usize) -> usize {
    height.saturating_sub(OTHER_LINES).max(1)
}

fn layout(rows: &ShownRows) -> Result<TableLayout> {
    let table = rows.table();
    TableLayout::of(table, rows.dates(), 0..table.rows.min(MEASURED_ROWS), CAPTION_WIDTH)
}
