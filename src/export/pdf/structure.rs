//! Writes the structure of a document: its elements in reading order, with the pieces of pages that belong to each.
//!
//! The rows of long tables are written as soon as all their pieces are known, page by page; nothing is held of them.

use std::collections::HashMap;
use std::sync::Arc;

use pdf_writer::types::StructRole;
use pdf_writer::writers::StructElement;
use pdf_writer::{Chunk, Finish, Name, Rect, Ref, TextStr};

use crate::error::Result;
use crate::export::pdf::content::Figure;
use crate::export::pdf::file::{PdfFile, after};
use crate::export::pdf::marks::{Element, Mark, Role};
use crate::export::pdf::operands::{push_number, push_reference, push_references};

/// A piece of a page: the number of the page, and of the piece there.
type Piece = (Ref, usize);

/// What an element holds, in reading order.
enum Kid {
    Piece(Piece),
    Element(Ref),
}

/// An element that has been met on a page.
struct Node {
    id: Ref,
    parent: Ref,
    element: Arc<Element>,
    kids: Vec<Kid>,
    /// Of a picture, where it is on its page.
    bounds: Option<Rect>,
}

/// A long table: its own element, its captions and its rows have numbers that follow each other.
struct LongTable {
    table: Ref,
    columns: usize,
    rows: usize,
    /// The pieces of its captions, by column.
    captions: Vec<Vec<Piece>>,
    /// The next row to be written, and the pieces of its cells by column.
    next: usize,
    cells: Vec<Vec<Piece>>,
    is_met: bool,
}

impl LongTable {
    /// The element of the captions, which is before the rows.
    fn caption_row(&self) -> Ref {
        after(self.table, 1)
    }

    fn caption(&self, column: usize) -> Ref {
        after(self.table, 2 + column)
    }

    fn row(&self, row: usize) -> Ref {
        after(self.table, 2 + self.columns + row * (self.columns + 1))
    }

    fn cell(&self, row: usize, column: usize) -> Ref {
        after(self.row(row), 1 + column)
    }

    /// Writes the elements of the next row.
    fn write_next(&mut self, file: &mut PdfFile<'_>) -> Result<()> {
        let (row, cells) = (self.row(self.next), (0..self.columns).map(|column| self.cell(self.next, column)));
        file.plain_object(row, &element("TR", self.table, cells))?;
        for column in 0..self.columns {
            let cell = cell_object("TD", row, &self.cells[column], "");
            file.plain_object(self.cell(self.next, column), &cell)?;
            self.cells[column].clear();
        }
        self.next += 1;
        Ok(())
    }
}

/// The elements of a document.
pub struct Structure {
    document: Ref,
    kids: Vec<Ref>,
    nodes: Vec<Node>,
    /// The place of each element among `nodes`, by where it is in memory: `nodes` keeps it there.
    places: HashMap<*const Element, usize>,
    tables: Vec<LongTable>,
    /// By page, the elements of its pieces.
    parents: Vec<Ref>,
}

impl Structure {
    /// No element yet; of each long table the columns and rows are known.
    pub fn new(file: &mut PdfFile<'_>, tables: &[(usize, usize)]) -> Self {
        let table = |(columns, rows): &(usize, usize)| LongTable {
            table: file.reserve(2 + columns + rows * (columns + 1)),
            columns: *columns,
            rows: *rows,
            captions: vec![Vec::new(); *columns],
            next: 0,
            cells: vec![Vec::new(); *columns],
            is_met: false,
        };
        let tables = tables.iter().map(table).collect();
        Self { document: file.reserve(1), kids: Vec::new(), nodes: Vec::new(), places: HashMap::new(), tables, parents: Vec::new() }
    }

    /// Takes up the pieces of the next page, by number; `figures` says where its pictures are.
    ///
    /// # Errors
    /// Those of the file.
    pub fn add_page(&mut self, file: &mut PdfFile<'_>, page: Ref, marks: &[Mark], figures: &[Figure]) -> Result<()> {
        let mut owners = Vec::with_capacity(marks.len());
        for (number, mark) in marks.iter().enumerate() {
            owners.push(self.add(file, mark, (page, number))?);
        }
        for figure in figures {
            let place = self.place(file, &figure.element);
            let [left, bottom, right, top] = figure.bounds;
            self.nodes[place].bounds = Some(Rect::new(left, bottom, right, top));
        }
        let list_of_owners = file.reserve(1);
        let mut bytes = Vec::with_capacity(owners.len() * 12);
        push_references(&mut bytes, owners);
        file.plain_object(list_of_owners, &bytes)?;
        self.parents.push(list_of_owners);
        Ok(())
    }

    /// Takes up a piece; the element that it belongs to.
    fn add(&mut self, file: &mut PdfFile<'_>, mark: &Mark, piece: Piece) -> Result<Ref> {
        match mark {
            Mark::Element(element) => {
                let place = self.place(file, element);
                self.nodes[place].kids.push(Kid::Piece(piece));
                Ok(self.nodes[place].id)
            }
            Mark::Caption { table, column } => {
                let table = self.table(*table);
                table.captions[*column].push(piece);
                Ok(table.caption(*column))
            }
            Mark::Cell { table, row, column } => {
                let table = self.table(*table);
                while table.next < *row {
                    table.write_next(file)?;
                }
                table.cells[*column].push(piece);
                Ok(table.cell(*row, *column))
            }
        }
    }

    /// A long table, which is where it is first met.
    fn table(&mut self, index: usize) -> &mut LongTable {
        let table = &mut self.tables[index];
        if !std::mem::replace(&mut table.is_met, true) {
            self.kids.push(table.table);
        }
        table
    }

    /// The place of an element among the nodes; one that is met the first time is the last of its parent.
    fn place(&mut self, file: &mut PdfFile<'_>, element: &Arc<Element>) -> usize {
        if let Some(place) = self.places.get(&Arc::as_ptr(element)) {
            return *place;
        }
        let id = file.reserve(1);
        let parent = match &element.parent {
            None => {
                self.kids.push(id);
                self.document
            }
            Some(parent) => {
                let parent = self.place(file, parent);
                self.nodes[parent].kids.push(Kid::Element(id));
                self.nodes[parent].id
            }
        };
        let place = self.nodes.len();
        self.places.insert(Arc::as_ptr(element), place);
        self.nodes.push(Node { id, parent, element: Arc::clone(element), kids: Vec::new(), bounds: None });
        place
    }

    /// Writes what has not been written yet; the number of the root.
    ///
    /// # Errors
    /// Those of the file.
    pub fn finish(mut self, file: &mut PdfFile<'_>) -> Result<Ref> {
        let document = self.document;
        let [root, owners] = [0; 2].map(|_| file.reserve(1));
        for table in &mut self.tables {
            finish_table(file, table, document)?;
            if !table.is_met {
                self.kids.push(table.table);
            }
        }
        for node in &self.nodes {
            file.object(node.id, |chunk| write_node(chunk, node))?;
        }
        file.plain_object(document, &element("Document", root, self.kids))?;
        let pairs: String = self.parents.iter().enumerate().map(|(page, list)| format!("{page} {} 0 R ", list.get())).collect();
        file.plain_object(owners, format!("<</Nums[{}]>>", pairs.trim_end()).as_bytes())?;
        let (next, owners, document) = (self.parents.len(), owners.get(), document.get());
        let words = format!("<</Type/StructTreeRoot/K {document} 0 R/ParentTree {owners} 0 R/ParentTreeNextKey {next}>>");
        file.plain_object(root, words.as_bytes())?;
        Ok(root)
    }
}

/// Writes the rows of a long table that are left, its captions and itself.
fn finish_table(file: &mut PdfFile<'_>, table: &mut LongTable, document: Ref) -> Result<()> {
    while table.next < table.rows {
        table.write_next(file)?;
    }
    let row = table.caption_row();
    for (column, pieces) in table.captions.iter().enumerate() {
        file.plain_object(table.caption(column), &cell_object("TH", row, pieces, "/A<</O/Table/Scope/Column>>"))?;
    }
    file.plain_object(row, &element("TR", table.table, (0..table.columns).map(|column| table.caption(column))))?;
    let rows = [row].into_iter().chain((0..table.rows).map(|row| table.row(row)));
    file.plain_object(table.table, &element("Table", document, rows))
}

/// An element that holds other elements.
fn element(role: &str, parent: Ref, kids: impl IntoIterator<Item = Ref>) -> Vec<u8> {
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
        [(page, piece)] => {
            bytes.extend_from_slice(b"/Pg ");
            push_reference(&mut bytes, *page);
            bytes.extend_from_slice(b"/K ");
            push_number(&mut bytes, *piece);
        }
        pieces => {
            bytes.extend_from_slice(b"/K[");
            for (page, piece) in pieces {
                bytes.extend_from_slice(b"<</Type/MCR/Pg ");
                push_reference(&mut bytes, *page);
                bytes.extend_from_slice(b"/MCID ");
                push_number(&mut bytes, *piece);
                bytes.extend_from_slice(b">>");
            }
            bytes.push(b']');
        }
    }
    bytes.extend_from_slice(attributes.as_bytes());
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

fn write_node(chunk: &mut Chunk, node: &Node) {
    let role = match node.element.role {
        Role::Title => StructRole::H1,
        Role::Heading => StructRole::H2,
        Role::Paragraph => StructRole::P,
        Role::Table => StructRole::Table,
        Role::Row => StructRole::TR,
        Role::HeaderCell => StructRole::TH,
        Role::Cell => StructRole::TD,
        Role::Figure => StructRole::Figure,
    };
    let mut element = chunk.struct_element(node.id);
    element.kind(role).parent(node.parent);
    if !node.element.alternative.is_empty() {
        element.alt(TextStr(&node.element.alternative));
    }
    write_attributes(&mut element, node);
    let mut kids = element.children();
    for kid in &node.kids {
        match kid {
            Kid::Element(id) => drop(kids.struct_element(*id)),
            Kid::Piece((page, piece)) => drop(kids.marked_content_ref().page(*page).marked_content_id(*piece as i32)),
        }
    }
}

fn write_attributes(element: &mut StructElement<'_>, node: &Node) {
    match (node.element.role, node.bounds) {
        (Role::HeaderCell, _) => {
            element.insert(Name(b"A")).dict().pair(Name(b"O"), Name(b"Table")).pair(Name(b"Scope"), Name(b"Column"));
        }
        (Role::Figure, Some(bounds)) => {
            let mut layout = element.insert(Name(b"A")).dict();
            layout.pair(Name(b"O"), Name(b"Layout")).pair(Name(b"Placement"), Name(b"Block")).pair(Name(b"BBox"), bounds);
            layout.finish();
        }
        _ => {}
    }
}
