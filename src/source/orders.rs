//! Orders as every source gives them, where they stood, and what could not be used.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::domain::status::closed_lists;
use crate::error::Part;
use crate::source::order_frame::OrderFrame;

/// The size and hash of a file as it lies on disk. A database has neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file's bytes, in lower-case hex.
    pub sha256: String,
}

/// A table that was read: a file, a sheet of one, or a table of a database. Rows of orders name theirs by its index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file's name without its folder, or `standard input`.
    pub file: String,
    /// The part of the file, if it has several.
    pub part: Option<Part>,
    /// The file's size and hash; a database has none.
    pub digest: Option<FileDigest>,
    /// The profile used, by name; empty for a table that no profile reads.
    pub profile: String,
    /// Rows read from it, the refused included.
    pub rows: u64,
    /// The filters by which its database left out rows, in words; none where all of its rows were read.
    pub filtered_at_source: Vec<String>,
}

impl Origin {
    /// The file, and the part of it: `orders.xlsx, sheet Jan`.
    pub fn place(&self) -> String {
        match &self.part {
            None | Some(Part::Records(_)) => self.file.clone(),
            Some(part) => format!("{}, {part}", self.file),
        }
    }
}

closed_lists! {
    /// Whether a reject lists a whole row or one cell.
    RejectKind {
        /// The row is not in the report.
        Row = "row", "row";
        /// The row is in the report, this cell of it blank.
        Cell = "cell", "cell";
    }
}

/// A row or a cell that could not be used, with its original text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reject {
    /// Index into [`Orders::origins`].
    pub input: u32,
    /// Line of a text file or row of a sheet, from 1.
    pub line: u32,
    /// A row or a cell.
    pub kind: RejectKind,
    /// The header of the column; empty when the row as a whole is at fault.
    pub column: String,
    /// The text as it was read.
    pub value: String,
    /// Why, one phrase.
    pub reason: String,
}

/// A row replaced by a newer or an identical one of the same number in the same request of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// Where the older row stood: input and line.
    pub old: (u32, u32),
    /// Where the newer row stands.
    pub new: (u32, u32),
}

/// Whose a rejected row is, as far as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowOwner {
    /// Where it stood: input and line.
    pub place: (u32, u32),
    /// The account.
    pub account: Option<String>,
    /// The partner.
    pub partner: Option<String>,
}

/// A word that no profile knows, and what it may be a misspelling of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearWord {
    /// The header of its column.
    pub column: String,
    /// The word.
    pub word: String,
    /// The code that the nearest known word stands for.
    pub code: String,
}

/// Orders that meet the record schema. Every input row is in the frame, superseded, or rejected:
/// `read + expanded == frame.height() + superseded.len() + replayed + rejected rows`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Orders {
    /// One row a number and request; columns as in [`crate::domain::record`], all of them.
    #[serde(skip)]
    pub frame: OrderFrame,
    /// Where rows came from, by index.
    pub origins: Vec<Origin>,
    /// The file that mapped accounts to partners, if one did.
    pub accounts: Option<Origin>,
    /// The fields for which some input had a column.
    pub present: BTreeSet<Field>,
    /// Rows read.
    pub read: u64,
    /// Rows more than were read, because a range of numbers makes a row for each of them.
    pub expanded: u64,
    /// Events before the last of their number, which tell how it came to its state.
    pub replayed: u64,
    /// Rows and cells that could not be used, in input order.
    pub rejects: Vec<Reject>,
    /// Whose the rejected rows are that name an account or a partner.
    pub owners: Vec<RowOwner>,
    /// Rows replaced by newer ones.
    pub superseded: Vec<Superseded>,
    /// Status words that no profile knows, by column header and word, with counts.
    #[serde(skip)]
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// For the most frequent of those words the code whose word comes nearest.
    pub near_words: Vec<NearWord>,
    /// What a reader should know: profile chosen, ambiguous dates, ignored columns. No whole phone number.
    pub notes: Vec<Note>,
}

impl Orders {
    /// Counts words that no profile knows, by column header and word.
    pub fn add_unknown_words(&mut self, words: BTreeMap<(String, String), u64>) {
        for (word, count) in words {
            *self.unknown_words.entry(word).or_default() += count;
        }
    }

    /// Whether a database left out rows, so that what looks across rows sees only some.
    pub fn is_restricted(&self) -> bool {
        self.origins.iter().any(|origin| !origin.filtered_at_source.is_empty())
    }

    /// The number of rejected rows.
    pub fn rejected_rows(&self) -> u64 {
        self.rejects.iter().filter(|reject| reject.kind == RejectKind::Row).count() as u64
    }
}
