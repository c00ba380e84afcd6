//! The balance of a run: whatever stage loses a row or counts it twice, nothing is published.

use std::sync::Arc;

use portstatus::job::reconciliation::balance;
use portstatus::report::build::build;
use portstatus::select::{Query, Selection, select};

use crate::fixtures::classified;
use crate::report::{ROWS, template};

fn selected(query: &str) -> Selection {
    let query: Query = toml::from_str(query).unwrap();
    select(&Arc::new(classified(ROWS)), None, &query.check(&template().names()).unwrap()).unwrap()
}

/// The counts of a run in which `lose` takes rows between the selection and the report, and the report's table then has
/// `more` rows than were made.
fn balanced(query: &str, lose: impl FnOnce(&mut Selection), more: isize) -> Result<[u64; 3], String> {
    let mut selection = selected(query);
    lose(&mut selection);
    let mut report = build(&selection, &template(), "").map_err(|error| error.to_string())?;
    report.numbers.rows = report.numbers.rows.checked_add_signed(more).unwrap();
    let counts = balance(&report, &selected(query)).map_err(|error| error.to_string())?;
    Ok([counts.reported, counts.on_other_pages, counts.filtered_out])
}

#[test]
fn a_row_that_a_stage_loses_or_doubles_ends_the_run() {
    let all = ROWS.len() as u64;
    let passed = selected("statuses = ['Completed']").rows.len() as u64;
    assert!(all > 3 && passed > 0 && passed < all);
    for (query, expected) in [
        ("", [all, 0, 0]),
        ("page_size = 2", [2, all - 2, 0]),
        ("page_size = 2\npage = 2", [2, all - 2, 0]),
        ("statuses = ['Completed']", [passed, 0, all - passed]),
    ] {
        assert_eq!(balanced(query, |_| {}, 0), Ok(expected), "{query}");
        for more in [-1, 1] {
            let told = balanced(query, |_| {}, more).unwrap_err();
            assert!(told.contains("rows read and 0 more from ranges"), "{query}, {more}: {told}");
        }
        let lost = balanced(query, |selection| selection.rows = selection.rows.slice(0, selection.rows.len() - 1), 0);
        assert!(lost.is_err(), "{query}: {lost:?}");
    }
}
