//! Has a database leave out rows that a report would not show, where that cannot change any other row of it, and says what was left to it.

use chrono::NaiveDate;

use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::domain::text::thousands;
use crate::source::condition::{ColumnCondition, Test};
use crate::source::input::ReadOptions;
use crate::source::plan::ColumnPlan;
use crate::source::redact::brief;
use crate::source::table::OpenTable;

/// What was left to a database.
#[derive(Debug, Clone, Default)]
pub struct PushedDown {
    /// The filters by which it leaves out rows, in words.
    pub filters: Vec<String>,
    /// What to note of these and of the others.
    pub notes: Vec<Note>,
}

/// Has `table` leave out rows by the conditions of `options`, as far as it can.
pub fn restrict(table: &mut dyn OpenTable, plan: &ColumnPlan<'_>, options: &ReadOptions, place: &str) -> PushedDown {
    let of_field = |field: Field| plan.targets.iter().position(|target| target.as_ref().is_some_and(|target| target.fields == [field]));
    let mut filters = Vec::new();
    let mut left = Vec::new();
    for condition in &options.conditions {
        let name = condition.field.key();
        let mut push = || {
            if plan.is_events {
                return Err("its rows are events");
            }
            let column = of_field(condition.field).ok_or("no column of the table is it alone")?;
            let request = match condition.test {
                Test::OneOf(_) => None,
                Test::Days(..) => Some(of_field(Field::RequestId).ok_or("no column tells requests, whose rows belong together")?),
            };
            table.restrict(ColumnCondition { column, test: &condition.test, request })
        };
        match push() {
            Ok(()) => filters.push(words(name, &condition.test)),
            Err(why) => left.push(format!("{name} ({why})")),
        }
    }
    if !options.conditions_here.is_empty() {
        left.push(format!("{} (databases are not asked for it)", options.conditions_here.join(", ")));
    }
    let mut notes = Vec::new();
    if !filters.is_empty() {
        let what = "flags that look across rows are judged within the rows read";
        notes.push(Note::from(format!("{place}: filtered at the source: {}; {what}", filters.join(" and "))));
    }
    if !left.is_empty() {
        notes.push(Note::from(format!("{place}: not filtered at the source, but here: {}", left.join(", "))));
    }
    PushedDown { filters, notes }
}

/// Words of a list that a note repeats.
const MAX_WORDS: usize = 5;

fn words(name: &str, test: &Test) -> String {
    match test {
        Test::OneOf(words) => {
            let listed: Vec<String> = words.iter().take(MAX_WORDS).map(|word| brief(word)).collect();
            let more = words.len().saturating_sub(MAX_WORDS);
            let more = if more > 0 { format!(" or one of {} more", thousands(more as u64)) } else { String::new() };
            format!("{name} is {}{more}", listed.join(" or "))
        }
        Test::Days(from, to) => {
            let side = |day: &Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
            format!("requests with a {name} in {}..{}", side(from), side(to))
        }
    }
}
