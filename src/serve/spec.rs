//! What a viewer is asked to show.

use crate::error::Error;
use crate::export;
use crate::job::LoadSpec;
use crate::select::Query;

/// What to show, and where.
pub struct ServeSpec {
    /// What to read.
    pub load: LoadSpec,
    /// Whether the as-of instant was given; else it is that of each reading.
    pub is_as_of_given: bool,
    /// The report's template, by name.
    pub template: String,
    /// Who runs the porting team; empty where nobody is named.
    pub operator: String,
    /// The filters and the order where a page says nothing of them.
    pub query: Query,
    /// The options of exports.
    pub export: export::Options,
    /// Tells whoever started the viewer what kept the inputs from being read, and gives the words for it: where and what it was, and what
    /// to do.
    pub told: fn(&Error) -> (String, String),
    /// Whether the viewer ends when what started it does.
    pub ends_with_parent: bool,
    /// The port; any free one for 0.
    pub port: u16,
}
