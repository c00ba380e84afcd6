//! Prints the rules as one SELECT, for databases that hold the orders: what `classify` makes of each row, by the same rules in the same order.

pub mod days;
pub mod dialect;
mod flags;
mod printer;
mod reason_words;
pub mod shards;
mod tests_of_cells;

use crate::classify::rules::Rules;
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::printer::{ACTION_PLACE, GIVEN_REASON, Printer, ROWS, RULE_PLACE};
use crate::classify::sql::reason_words::ReasonWords;
use crate::classify::sql::tests_of_cells::Tests;
use crate::clock::AsOf;
use crate::domain::calendar::Calendar;
use crate::domain::reason::SEPARATOR;
use crate::domain::record::Field;

/// What the rules are printed for.
#[derive(Debug, Clone, Copy)]
pub struct SqlSpec<'a> {
    /// Whose SQL is written.
    pub dialect: Dialect,
    /// The table of orders, as it stands after FROM.
    pub table: &'a str,
    /// The instant that the verdicts speak of.
    pub as_of: AsOf,
    /// The table of days that [`days::table`] makes of a calendar, where quality flags and timing are wanted too.
    pub days: Option<(&'a str, &'a Calendar)>,
}

/// The SELECT: over a table of the columns of the record ([`Field::all`]) and the type of the number, one row for each of its
/// rows, with the columns of the record, completed reject reasons among them. By their keys: number state, status and detail as codes
/// (null where nothing is known), the id of the rule, the code of whose move it is, and the next step in words.
///
/// With a table of days also the codes of quality flags, but for those that reading brings, and what depends on time. Free text that names a
/// reject reason is not recognised in SQL.
pub fn select(rules: &Rules, spec: &SqlSpec<'_>) -> String {
    let (tables, columns) = steps(rules, spec, &[]);
    tables.finish(&columns)
}

/// The tables that follow each other until all is known of a row, and the columns that are given then. Columns of the table beside those
/// of the record are `carried` on.
fn steps<'a>(rules: &Rules, spec: &SqlSpec<'a>, carried: &[String]) -> (Tables, Vec<(String, String)>) {
    let dialect = spec.dialect;
    let given = Printer { rules, dialect, tests: Tests { dialect, as_of: spec.as_of.date() }, is_decided: false, blind: None };
    let column = |key: &str| given.column(key);
    let reasons = ReasonWords { dialect, reasons: &rules.reasons, column: &column };
    let mut tables = Tables { dialect, text: head(rules, spec), count: 0 };
    tables.add(&given.record(spec.table, carried));
    reasons.tables(&column(Field::ReasonCode.key())).iter().for_each(|added| tables.add_columns(added));
    tables.add_column(Field::RejectReason.key(), reasons.completed(&column(GIVEN_REASON)));
    for derived in &rules.derived {
        tables.add_column(&derived.column, given.derived(&derived.cases));
    }
    let conditions = || rules.all.iter().map(|rule| rule.conditions.as_slice());
    tables.add_column(RULE_PLACE, given.place(conditions()));
    tables.add_columns(&given.outcome());
    tables.add_column(ACTION_PLACE, given.place(rules.actions.iter().map(|action| action.conditions.as_slice())));
    let decided = Printer { is_decided: true, ..given.clone() };
    let mut columns = decided.verdicts(&reasons);
    if let Some((days, calendar)) = spec.days {
        tables.add(&days::joined(dialect, &tables.last(), ROWS, days));
        tables.add_columns(&days::facts(dialect, spec.as_of, calendar, &column));
        let mut expected = Printer { blind: Some(Vec::new()), ..decided.clone() };
        for derived in rules.derived.iter() {
            if expected.is_other_when_blind(&derived.cases) {
                tables.add_column(&expected.derived_name(&derived.column), expected.derived(&derived.cases));
                expected.blind.as_mut().into_iter().for_each(|blind| blind.push(derived.column.clone()));
            }
        }
        tables.add_column(flags::EXPECTED_PLACE, expected.place(conditions()));
        tables.add_columns(&flags::windows(&decided));
        tables.add_column(flags::FLAGS, flags::flags(&decided));
        columns.push(("quality_flags".to_owned(), without_end(dialect, &column(flags::FLAGS))));
        columns.extend(days::timing(&decided, spec.as_of, calendar));
    }
    (tables, columns)
}

/// Codes with a separator behind each, without the last of these; NULL for none.
fn without_end(dialect: Dialect, codes: &str) -> String {
    let end = dialect.joined(&[codes, &dialect.text("|")]);
    format!(
        "CASE WHEN {codes} = {} THEN NULL ELSE {} END",
        dialect.text(""),
        dialect.replaced(&format!("({end})"), &format!("{SEPARATOR}|"), "")
    )
}

/// What the SELECT is, and what it leaves out, as comments.
fn head(rules: &Rules, spec: &SqlSpec<'_>) -> String {
    let (as_of, rules) = (spec.as_of, &rules.fingerprint);
    let left = match spec.days {
        None => "data-quality flags, port times, ages",
        Some(_) => "flags that reading brings, days in a state, closing days and port instants",
    };
    let zone = match (spec.dialect, spec.days) {
        (Dialect::Spark, Some(_)) => "-- Instants are UTC: run SET TIME ZONE 'UTC' first.\n",
        _ => "",
    };
    format!(
        "-- The status of porting orders as of {as_of}, by the rules {rules}.\n\
         -- Left to the report: {left}, and reject reasons that only free text names.\n{zone}"
    )
}

/// Tables that follow each other, each of all columns of the one before and more.
struct Tables {
    dialect: Dialect,
    text: String,
    count: usize,
}

impl Tables {
    fn add(&mut self, select: &str) {
        self.count += 1;
        self.text += if self.count == 1 { "WITH " } else { ",\n" };
        self.text += &self.dialect.made_once(&self.last(), select);
    }

    fn add_columns(&mut self, more: &[(String, String)]) {
        let more: String = more.iter().map(|(key, cell)| format!(",\n  {cell} AS {}", self.dialect.name(key))).collect();
        self.add(&format!("SELECT {ROWS}.*{more}\nFROM {} AS {ROWS}", self.last()));
    }

    fn add_column(&mut self, key: &str, cell: String) {
        self.add_columns(&[(key.to_owned(), cell)]);
    }

    /// The name of the last one.
    fn last(&self) -> String {
        format!("step_{}", self.count)
    }

    fn finish(self, columns: &[(String, String)]) -> String {
        let columns: Vec<String> = columns.iter().map(|(key, cell)| format!("{cell} AS {}", self.dialect.name(key))).collect();
        format!("{}\nSELECT {}\nFROM step_{} AS {ROWS}\n", self.text, columns.join(",\n  "), self.count)
    }
}
