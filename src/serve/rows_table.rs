//! A table of rows, whose numbers lead to their pages.

use maud::{Markup, PreEscaped, html};

use crate::domain::columns::ColumnType;
use crate::export::cell_words;
use crate::export::cells::Cell;
use crate::report::words::Words;
use crate::report::{Column, Table, style};

/// Text of columns that ask for more characters is broken into lines.
const WIDE: f32 = 18.0;

/// `rows` in these words, each column with the head that `head` gives it; the row at the place `hit` is one that was sought.
pub fn rows_table(words: &Words, rows: &Table, head: impl Fn(&Column) -> Markup, hit: Option<usize>) -> Markup {
    let mut text = String::new();
    let mut cell = |column: &Column, row: usize| match Cell::of(&column.values, row) {
        None => html! {},
        Some(Cell::Term(_, term)) => match style::status_place(term) {
            Some(place) => html! { b class=(format!("s{place}")) { (term.caption) } },
            None => html! { (term.caption) },
        },
        Some(cell) => {
            text.clear();
            cell_words::write(cell, words, &mut text);
            html! { (text) }
        }
    };
    html! {
        div.wide role="group" aria-label="Numbers" tabindex="0" {
            table {
                thead { tr { @for column in &rows.columns { (head(column)) } } }
                tbody {
                    @for row in 0..rows.rows {
                        @let is_hit = hit == Some(row);
                        tr id=[is_hit.then_some("hit")] class=[is_hit.then_some("hit")] {
                            @for (index, column) in rows.columns.iter().enumerate() {
                                @if index == 0 && column.key == "phone_number" {
                                    @let shown = cell(column, row);
                                    th scope="row" { a href=(format!("/number/{}", in_address(&shown.0))) { (PreEscaped(shown.0)) } }
                                } @else {
                                    td class=[class_of(column)] { (cell(column, row)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How the cells of a column are set: figures at the right, text in several lines.
fn class_of(column: &Column) -> Option<&'static str> {
    match column.kind {
        kind if kind.is_figure() => Some("n"),
        ColumnType::Text if column.width_characters > WIDE => Some("t"),
        _ => None,
    }
}

/// A number as it stands in an address: + and its digits, so that none is taken for one of another country.
fn in_address(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
}
