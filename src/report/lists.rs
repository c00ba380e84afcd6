//! The two lists beside the numbers: what can be assigned now, and what waits for the partner. Both are drawn from every row selected, whatever the page.

use polars::prelude::*;

use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::status::{Detail, NumberType, Status};
use crate::error::Result;
use crate::report::Section;
use crate::report::rows::LazyTable;
use crate::report::template::Template;
use crate::select::Selection;

/// Numbers to assign now: scheduled local ones and accepted toll-free ones without a configuration profile.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn assign_now(selection: &Selection, template: &Template) -> Result<Section> {
    if !selection.classified.orders.present.contains(&Field::ConfigurationProfile) {
        return Ok(Section::Absent(
            "No input has a configuration profile column, so it is not known which numbers still have to be assigned.".to_owned(),
        ));
    }
    let is = |column: &str, code: &str| col(column).eq_missing(lit(code));
    let local = is("status", Status::Scheduled.code()).and(is(NUMBER_TYPE, NumberType::Local.code()));
    let toll_free = is("detail", Detail::Accepted.code()).and(is(NUMBER_TYPE, NumberType::TollFree.code()));
    let unassigned = col("configuration_profile").is_null();
    table(selection, template, &template.assign_now, local.or(toll_free).and(unassigned)).map(Section::Table)
}

/// Numbers that wait for the partner or customer.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn needs_you(selection: &Selection, template: &Template) -> Result<Section> {
    let waits = col("status").eq_missing(lit(Status::WaitingForYou.code()));
    table(selection, template, &template.needs_you, waits).map(Section::Table)
}

fn table(selection: &Selection, template: &Template, keys: &[&'static str], condition: Expr) -> Result<LazyTable> {
    let specs = keys.iter().filter_map(|key| template.column(key)).collect();
    LazyTable::selected(&selection.classified, selection.meeting(condition)?, specs)
}
