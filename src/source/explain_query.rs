//! Says what would be sent to the databases among some inputs, without reading a row.

use crate::domain::note::Note;
use crate::error::Result;
use crate::source::input::{Input, ReadOptions};
use crate::source::open::{Candidate, unwatched};
use crate::source::open_table;
use crate::source::plan::plan;
use crate::source::profile::Profile;
use crate::source::pushdown::restrict;
use crate::templates::Templates;

/// What would be sent to the database that an input is.
#[derive(Debug, Clone)]
pub struct SentQuery {
    /// The database, and the table or query.
    pub place: String,
    /// The statement and the values that it names; `None` where the input is no database.
    pub statement: Option<String>,
    /// Which filters are the database's, and which are not.
    pub notes: Vec<Note>,
}

/// What would be sent to the databases among `inputs`; nothing of them is read but their columns.
///
/// # Errors
/// As [`crate::source::read::read`], but for those of rows.
pub fn explain_query(inputs: &[Input], options: &ReadOptions, templates: &Templates) -> Result<Vec<SentQuery>> {
    let profiles = Profile::all(templates)?;
    let explain = |input: &Input| {
        let candidate = Candidate::new(input, options, &unwatched);
        let name = input.name();
        if !candidate.is_database() {
            return Ok(SentQuery { place: name, statement: None, notes: Vec::new() });
        }
        let projection = |headers: &[String]| plan(headers, &profiles, options, &name).map(|plan| plan.wanted());
        let mut table = open_table(&candidate, options, &projection)?;
        let headers: Vec<String> = table.headers().iter().map(|header| header.trim().to_owned()).collect();
        let place = table.origin().place();
        let plan = plan(&headers, &profiles, options, &place)?;
        let notes = restrict(&mut *table, &plan, options, &place).notes;
        Ok(SentQuery { place, statement: table.statement(), notes })
    };
    inputs.iter().map(explain).collect()
}
