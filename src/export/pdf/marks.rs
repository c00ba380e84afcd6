//! What the pieces of a page are for those who do not see it: headings, paragraphs, cells, pictures.

use std::sync::Arc;

/// What an element of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The title of the document.
    Title,
    /// The heading of a part.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A table.
    Table,
    /// A row of it.
    Row,
    /// The caption of its columns.
    HeaderCell,
    /// A cell.
    Cell,
    /// A picture.
    Figure,
    /// What leads elsewhere.
    Link,
}

impl Role {
    /// Its name in the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "H1",
            Self::Heading => "H2",
            Self::Paragraph => "P",
            Self::Table => "Table",
            Self::Row => "TR",
            Self::HeaderCell => "TH",
            Self::Cell => "TD",
            Self::Figure => "Figure",
            Self::Link => "Link",
        }
    }
}

/// An element of a document. Pieces of one element, on one page or several, share it: it is told from others by where it is in
/// memory.
#[derive(Debug)]
pub struct Element {
    /// What it is.
    pub role: Role,
    /// The element that it is a part of; `None` for one that is a part of the document itself.
    pub parent: Option<Arc<Element>>,
    /// What it says to those who do not see it; empty where its text does.
    pub alternative: String,
}

impl Element {
    /// A part of the document.
    pub fn new(role: Role) -> Arc<Self> {
        Arc::new(Self { role, parent: None, alternative: String::new() })
    }

    /// A part of `parent`.
    pub fn within(parent: &Arc<Self>, role: Role) -> Arc<Self> {
        Arc::new(Self { role, parent: Some(Arc::clone(parent)), alternative: String::new() })
    }

    /// A picture that `alternative` describes.
    pub fn figure(alternative: String) -> Arc<Self> {
        Arc::new(Self { role: Role::Figure, parent: None, alternative })
    }
}

/// What a marked piece of a page belongs to.
#[derive(Debug, Clone)]
pub enum Mark {
    /// An element.
    Element(Arc<Element>),
    /// The caption of column `column` of a long table, by its place among those of the document.
    Caption {
        /// Which table.
        table: usize,
        /// Which column.
        column: usize,
    },
    /// A cell of a long table.
    Cell {
        /// Which table.
        table: usize,
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// Where the cell leads elsewhere, the place of its link among those of the page.
        link: Option<usize>,
    },
}

impl Mark {
    /// What it is.
    pub fn role(&self) -> Role {
        match self {
            Self::Element(element) => element.role,
            Self::Caption { .. } => Role::HeaderCell,
            Self::Cell { link: Some(_), .. } => Role::Link,
            Self::Cell { .. } => Role::Cell,
        }
    }

    /// Whether both are the same element.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Element(one), Self::Element(other)) => Arc::ptr_eq(one, other),
            (Self::Caption { table, column }, Self::Caption { table: other, column: another }) => (table, column) == (other, another),
            (Self::Cell { table, row, column, .. }, Self::Cell { table: other, row: other_row, column: another, .. }) => {
                (table, row, column) == (other, other_row, another)
            }
            _ => false,
        }
    }
}
