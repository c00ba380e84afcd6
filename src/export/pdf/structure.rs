//! Writes the structure of a document: its elements in reading order, with the pieces of pages that belong to each.

use std::collections::HashMap;
use std::sync::Arc;

use pdf_writer::types::StructRole;
use pdf_writer::writers::StructElement;
use pdf_writer::{Chunk, Finish, Name, Rect, Ref, TextStr};

use crate::error::Result;
use crate::export::pdf::content::PageParts;
use crate::export::pdf::file::{PdfFile, after};
use crate::export::pdf::marks::{Element, Mark, Role};
use crate::export::pdf::operands::push_references;
use crate::export::pdf::tagged_table::{Piece, TaggedTable, element, span};

/// What an element holds, in reading order.
enum Kid {
    Piece(Piece),
    Element(Ref),
    /// A link on a page: the page, and the number of the link.
    Link(Ref, Ref),
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

/// The elements of a document.
pub struct Structure {
    document: Ref,
    kids: Vec<Ref>,
    nodes: Vec<Node>,
    /// The place of each element among `nodes`, by where it is in memory: `nodes` keeps it there.
    places: HashMap<*const Element, usize>,
    /// The long tables, and whether each has been met.
    tables: Vec<(TaggedTable, bool)>,
    /// By page, the elements of its pieces.
    parents: Vec<Ref>,
    /// The elements of all links.
    links: Vec<Ref>,
}

impl Structure {
    /// No element yet; of each long table the columns and rows are known.
    pub fn new(file: &mut PdfFile<'_>, tables: &[(usize, usize)]) -> Self {
        let tables = tables.iter().map(|(columns, rows)| (TaggedTable::new(file, *columns, *rows), false)).collect();
        let document = file.reserve(1);
        Self { document, kids: Vec::new(), nodes: Vec::new(), places: HashMap::new(), tables, parents: Vec::new(), links: Vec::new() }
    }

    /// The links of all pages so far.
    pub fn links(&self) -> usize {
        self.links.len()
    }

    /// Takes up the pieces of the next page, by number, and its pictures and links, which have the numbers from `first_link` on.
    ///
    /// # Errors
    /// Those of the file.
    pub fn add_page(&mut self, file: &mut PdfFile<'_>, page: Ref, parts: &PageParts, first_link: Ref) -> Result<()> {
        let mut owners = Vec::with_capacity(parts.marks.len());
        let mut owners_of_links = vec![self.document; parts.links.len()];
        let said: HashMap<usize, &str> = parts.said.iter().map(|(number, text)| (*number, &**text)).collect();
        for (number, mark) in parts.marks.iter().enumerate() {
            let (holder, element) = self.add(file, mark, (page, number, said.get(&number).copied()), first_link)?;
            if let Mark::Cell { link: Some(link), .. } = mark {
                owners_of_links[*link] = element;
            }
            owners.push(holder);
        }
        for (number, link) in parts.links.iter().enumerate() {
            if let Mark::Element(element) = &link.mark {
                let place = self.place(file, element);
                self.nodes[place].kids.push(Kid::Link(page, after(first_link, number)));
                owners_of_links[number] = self.nodes[place].id;
            }
        }
        self.links.append(&mut owners_of_links);
        for figure in &parts.figures {
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

    /// Takes up a piece of a page whose links have the numbers from `first_link` on, with what it says if its glyphs do not; the element
    /// that holds it, and the one of its mark.
    fn add(
        &mut self,
        file: &mut PdfFile<'_>,
        mark: &Mark,
        (page, number, said): (Ref, usize, Option<&str>),
        first_link: Ref,
    ) -> Result<(Ref, Ref)> {
        let number = (page, number);
        // A part of its own says what its glyphs do not.
        let piece = said.map_or(Piece::Marked(number), |_| Piece::Span(file.reserve(1)));
        let owner = match mark {
            Mark::Element(element) => {
                let place = self.place(file, element);
                self.nodes[place].kids.push(Kid::Piece(piece));
                self.nodes[place].id
            }
            Mark::Caption { table, column } => self.table(*table).add_caption(*column, piece),
            Mark::Cell { table, row, column, link } => {
                let link = link.map(|link| (page, after(first_link, link)));
                self.table(*table).add_cell(file, (*row, *column), piece, link)?
            }
        };
        let (Some(said), Piece::Span(id)) = (said, piece) else { return Ok((owner, owner)) };
        file.plain_object(id, &span(owner, number, said))?;
        Ok((id, owner))
    }

    /// A long table, which is where it is first met.
    fn table(&mut self, index: usize) -> &mut TaggedTable {
        let (table, is_met) = &mut self.tables[index];
        if !std::mem::replace(is_met, true) {
            self.kids.push(table.id);
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
        for (table, is_met) in &mut self.tables {
            table.finish(file, document)?;
            if !*is_met {
                self.kids.push(table.id);
            }
        }
        for node in &self.nodes {
            file.object(node.id, |chunk| write_node(chunk, node))?;
        }
        file.plain_object(document, &element("Document", root, self.kids))?;
        let owned = self.parents.iter().chain(&self.links).enumerate();
        let pairs: String = owned.map(|(key, owner)| format!("{key} {} 0 R ", owner.get())).collect();
        file.plain_object(owners, format!("<</Nums[{}]>>", pairs.trim_end()).as_bytes())?;
        let (next, owners, document) = (self.parents.len() + self.links.len(), owners.get(), document.get());
        let words = format!("<</Type/StructTreeRoot/K {document} 0 R/ParentTree {owners} 0 R/ParentTreeNextKey {next}>>");
        file.plain_object(root, words.as_bytes())?;
        Ok(root)
    }
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
        Role::Link => StructRole::Link,
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
            Kid::Link(page, link) => drop(kids.object_ref().page(*page).object(*link)),
            Kid::Piece(Piece::Span(id)) => drop(kids.struct_element(*id)),
            Kid::Piece(Piece::Marked((page, piece))) => {
                kids.marked_content_ref().page(*page).marked_content_id(*piece as i32);
            }
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
