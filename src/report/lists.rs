//! The two lists beside the numbers: what is ready to be assigned, and what waits for the partner. Both are drawn from every row selected, whatever the page.

use polars::prelude::*;

use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::status::{Detail, NumberType, Status};
use crate::error::Result;
use crate::report::rows::{LazyTable, specs};
use crate::report::section_spec::SectionId;
use crate::report::template::Template;
use crate::select::Selection;

/// Numbers that are ready to be assigned: scheduled local ones and accepted toll-free ones without a configuration
/// profile; `None` where no input has profiles, so that nobody knows.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn ready_to_assign(selection: &Selection, template: &Template) -> Result<Option<LazyTable>> {
    if !selection.classified.orders.present.contains(&Field::ConfigurationProfile) {
        return Ok(None);
    }
    let is = |column: &str, code: &str| col(column).eq_missing(lit(code));
    let local = is("status", Status::Scheduled.code()).and(is(NUMBER_TYPE, NumberType::Local.code()));
    let toll_free = is("detail", Detail::Accepted.code()).and(is(NUMBER_TYPE, NumberType::TollFree.code()));
    let unassigned = col("configuration_profile").is_null();
    table(selection, template, SectionId::ReadyToAssign, local.or(toll_free).and(unassigned)).map(Some)
}

/// Numbers that wait for the partner or customer.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn waiting_for_you(selection: &Selection, template: &Template) -> Result<LazyTable> {
    let waits = col("status").eq_missing(lit(Status::WaitingForYou.code()));
    table(selection, template, SectionId::WaitingForYou, waits)
}

/// Without a section of this id in the template there is nobody to look for the rows.
fn table(selection: &Selection, template: &Template, id: SectionId, condition: Expr) -> Result<LazyTable> {
    let section = template.sections.iter().find(|section| section.id == id);
    let rows = section.map(|_| selection.meeting(condition)).transpose()?.unwrap_or_default();
    let keys = section.map(|section| section.columns.as_slice()).unwrap_or_default();
    let classified = &selection.classified;
    LazyTable::selected(classified, rows, specs(keys.iter().map(String::as_str), template, classified))
}
