//! The structure of the rows of a long table: each is written as soon as all its pieces are known, and nothing is held of it then.

use pdf_writer::Ref;

use crate::error::Result;
use crate::export::pdf::file::{PdfFile, after};
use crate::export::pdf::operands::{push_number, push_reference, push_references};

/// A piece of a page, as its element holds it.
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    /// By the number of the page, and of the piece there.
    Marked((Ref, usize)),
    /// By an element of its own, which says what its glyphs do not.
    Span(Ref),
}

/// What a cell of a long table holds that leads elsewhere.
struct LinkedCell {
    id: Ref,
    /// By page, its link there.
    links: Vec<(Ref, Ref)>,
}

/// A long table: its own element, its captions and its rows have numbers that follow each other.
pub struct TaggedTable {
    /// Its own element.
    pub id: Ref,
    columns: usize,
    rows: usize,
    /// The pieces of its captions, by column.
    captions: Vec<Vec<Piece>>,
    /// The next row to be written, and the pieces of its cells by column.
    next: usize,
    cells: Vec<Vec<Piece>>,
    /// Of the next row, the cell that leads elsewhere: its column, and what it holds.
    linked: Option<(usize, LinkedCell)>,
}

impl TaggedTable {
    /// A table of so many columns and rows, none of which has been met yet.
    pub fn new(file: &mut PdfFile<'_>, columns: usize, rows: usize) -> Self {
        let id = file.reserve(2 + columns + rows * (columns + 1));
        let nothing = || vec![Vec::new(); columns];
        Self { id, columns, rows, captions: nothing(), next: 0, cells: nothing(), linked: None }
    }

    /// Takes up a piece of the caption of `column`; the element that it belongs to.
    pub fn add_caption(&mut self, column: usize, piece: Piece) -> Ref {
        self.captions[column].push(piece);
        self.caption(column)
    }

    /// Takes up a piece of a cell, whose link has the page and the number `link`; the element that it belongs to. The rows before are
    /// written.
    ///
    /// # Errors
    /// Those of the file.
    pub fn add_cell(
        &mut self,
        file: &mut PdfFile<'_>,
        (row, column): (usize, usize),
        piece: Piece,
        link: Option<(Ref, Ref)>,
    ) -> Result<Ref> {
        while self.next < row {
            self.write_next(file)?;
        }
        self.cells[column].push(piece);
        let Some(link) = link else { return Ok(self.cell(row, column)) };
        let (_, linked) = self.linked.get_or_insert_with(|| (column, LinkedCell { id: file.reserve(1), links: Vec::new() }));
        if linked.links.last() != Some(&link) {
            linked.links.push(link);
        }
        Ok(linked.id)
    }

    /// Writes the rows that are left, the captions and the table, which is a part of `document`.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(&mut self, file: &mut PdfFile<'_>, document: Ref) -> Result<()> {
        while self.next < self.rows {
            self.write_next(file)?;
        }
        let row = self.caption_row();
        for (column, pieces) in self.captions.iter().enumerate() {
            file.plain_object(self.caption(column), &cell_object("TH", row, pieces, "/A<</O/Table/Scope/Column>>"))?;
        }
        file.plain_object(row, &element("TR", self.id, (0..self.columns).map(|column| self.caption(column))))?;
        let rows = [row].into_iter().chain((0..self.rows).map(|row| self.row(row)));
        file.plain_object(self.id, &element("Table", document, rows))
    }

    /// The element of the captions, which is before the rows.
    fn caption_row(&self) -> Ref {
        after(self.id, 1)
    }

    fn caption(&self, column: usize) -> Ref {
        after(self.id, 2 + column)
    }

    fn row(&self, row: usize) -> Ref {
        after(self.id, 2 + self.columns + row * (self.columns + 1))
    }

    fn cell(&self, row: usize, column: usize) -> Ref {
        after(self.row(row), 1 + column)
    }

    /// Writes the elements of the next row.
    fn write_next(&mut self, file: &mut PdfFile<'_>) -> Result<()> {
        let (row, cells) = (self.row(self.next), (0..self.columns).map(|column| self.cell(self.next, column)));
        file.plain_object(row, &element("TR", self.id, cells))?;
        for column in 0..self.columns {
            let id = self.cell(self.next, column);
            match self.linked.take_if(|linked| linked.0 == column) {
                Some((_, linked)) => {
                    file.plain_object(id, &element("TD", row, [linked.id]))?;
                    file.plain_object(linked.id, &link_object(id, &self.cells[column], &linked.links))?;
                }
                None => file.plain_object(id, &cell_object("TD", row, &self.cells[column], ""))?,
            }
            self.cells[column].clear();
        }
        self.next += 1;
        Ok(())
    }
}

/// An element that holds other elements.
pub fn element(role: &str, parent: Ref, kids: impl IntoIterator<Item = Ref>) -> Vec<u8> {
    let mut bytes = begun(role, parent);
    bytes.extend_from_slice(b"/K");
    push_references(&mut bytes, kids);
    bytes.extend_from_slice(b">>");
    bytes
}

/// A cell of a long table; one without text has no piece.
fn cell_object(role: &str, row: Ref, pieces: &[Piece], attributes: &str) -> Vec<u8> {
    let mut bytes = begun(role, row);
    match pieces {
        [] => {}
        [Piece::Marked((page, piece))] => {
            bytes.extend_from_slice(b"/Pg ");
            push_reference(&mut bytes, *page);
            bytes.extend_from_slice(b"/K ");
            push_number(&mut bytes, *piece);
        }
        pieces => {
            bytes.extend_from_slice(b"/K[");
            pieces.iter().for_each(|piece| push_piece(&mut bytes, *piece));
            bytes.push(b']');
        }
    }
    bytes.extend_from_slice(attributes.as_bytes());
    bytes.extend_from_slice(b">>");
    bytes
}

/// What leads elsewhere in the cell `cell`: its pieces, and its link on each page.
fn link_object(cell: Ref, pieces: &[Piece], links: &[(Ref, Ref)]) -> Vec<u8> {
    let mut bytes = begun("Link", cell);
    bytes.extend_from_slice(b"/K[");
    pieces.iter().for_each(|piece| push_piece(&mut bytes, *piece));
    for (page, link) in links {
        bytes.extend_from_slice(b"<</Type/OBJR/Pg ");
        push_reference(&mut bytes, *page);
        bytes.extend_from_slice(b"/Obj ");
        push_reference(&mut bytes, *link);
        bytes.extend_from_slice(b">>");
    }
    bytes.extend_from_slice(b"]>>");
    bytes
}

fn push_piece(bytes: &mut Vec<u8>, piece: Piece) {
    let (page, piece) = match piece {
        Piece::Marked(marked) => marked,
        Piece::Span(id) => {
            push_reference(bytes, id);
            return bytes.push(b' ');
        }
    };
    bytes.extend_from_slice(b"<</Type/MCR/Pg ");
    push_reference(bytes, page);
    bytes.extend_from_slice(b"/MCID ");
    push_number(bytes, piece);
    bytes.extend_from_slice(b">>");
}

/// An element of `parent` that holds one piece of a page, and says that it is `text`.
pub fn span(parent: Ref, (page, piece): (Ref, usize), text: &str) -> Vec<u8> {
    let mut bytes = begun("Span", parent);
    bytes.extend_from_slice(b"/ActualText<FEFF");
    text.encode_utf16().for_each(|unit| bytes.extend_from_slice(format!("{unit:04X}").as_bytes()));
    bytes.extend_from_slice(b">/Pg ");
    push_reference(&mut bytes, page);
    bytes.extend_from_slice(b"/K ");
    push_number(&mut bytes, piece);
    bytes.extend_from_slice(b">>");
    bytes
}

/// An element up to what it holds.
fn begun(role: &str, parent: Ref) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    bytes.extend_from_slice(b"<</S/");
    bytes.extend_from_slice(role.as_bytes());
    bytes.extend_from_slice(b"/P ");
    push_reference(&mut bytes, parent);
    bytes
}
