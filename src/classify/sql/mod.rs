//! Prints the rules as one SELECT, for databases that hold the orders: what `classify` makes of each row, by the same rules in the same order.

pub mod dialect;
mod reason_words;
mod tests_of_cells;

use std::fmt::Write;

use crate::classify::language::Condition;
use crate::classify::rules::{DerivedFrom, Rule, Rules, SourceStatus};
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::reason_words::ReasonWords;
use crate::classify::sql::tests_of_cells::Tests;
use crate::clock::AsOf;
use crate::domain::reason::ActionOwner;
use crate::domain::record::{Field, KNOWN_STATE, NUMBER_TYPE};
use crate::domain::status::{Detail, Status};

/// What the rules are printed for.
#[derive(Debug, Clone, Copy)]
pub struct SqlSpec<'a> {
    /// Whose SQL is written.
    pub dialect: Dialect,
    /// The table of orders, as it stands after FROM.
    pub table: &'a str,
    /// The instant that the verdicts speak of.
    pub as_of: AsOf,
}

/// Columns of the tables on the way that no record has.
const RULE_PLACE: &str = "rule_place";
const ACTION_PLACE: &str = "action_place";
const GIVEN_REASON: &str = "given_reason";
const RULE_REASON: &str = "rule_reason";

/// The SELECT: over a table of the columns of the record ([`Field::all`]) and the type of the number, one row for each of its
/// rows, with the columns of the record, completed reject reasons among them. By their keys: number state, status and detail as codes
/// (null where nothing is known), the id of the rule, the code of whose move it is, and the next step in words.
///
/// Free text that names a reject reason is not recognised in SQL, and quality flags are left out.
pub fn select(rules: &Rules, spec: &SqlSpec<'_>) -> String {
    let dialect = spec.dialect;
    let printer = Printer { rules, dialect, tests: Tests { dialect, as_of: spec.as_of.date() } };
    let column = |key: &str| printer.column(key);
    let reasons = ReasonWords { dialect, reasons: &rules.reasons, column: &column };
    let mut tables = Tables { dialect, text: head(rules, spec), count: 0 };
    tables.add(&printer.record(spec.table));
    reasons.tables(&column(Field::ReasonCode.key())).iter().for_each(|added| tables.add_columns(added));
    tables.add_column(Field::RejectReason.key(), reasons.completed(&column(GIVEN_REASON)));
    for derived in &rules.derived {
        let cases = derived.cases.iter().map(|case| {
            let cell = match &case.take {
                DerivedFrom::Value(state) => dialect.text(state.code()),
                DerivedFrom::Column(from) => column(from),
            };
            (case.conditions.as_slice(), cell)
        });
        tables.add_column(&derived.column, printer.first_of(cases, "NULL"));
    }
    let places = rules.all.iter().enumerate().map(|(place, rule)| (rule.conditions.as_slice(), place.to_string()));
    tables.add_column(RULE_PLACE, printer.first_of(places, "NULL"));
    tables.add_columns(&printer.outcome());
    let places = rules.actions.iter().enumerate().map(|(place, action)| (action.conditions.as_slice(), place.to_string()));
    tables.add_column(ACTION_PLACE, printer.first_of(places, "NULL"));
    tables.finish(&printer.verdicts(&reasons))
}

/// What the SELECT is, and what it leaves out, as comments.
fn head(rules: &Rules, spec: &SqlSpec<'_>) -> String {
    let (as_of, rules) = (spec.as_of, &rules.fingerprint);
    format!(
        "-- The status of porting orders as of {as_of}, by the rules {rules}.\n\
         -- Left to the report: data-quality flags, port times, ages, and reject reasons that only free text names.\n"
    )
}

/// The rows that a SELECT reads are called so.
const ROWS: &str = "r";

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
        self.text += &self.dialect.made_once(&format!("step_{}", self.count), select);
    }

    fn add_columns(&mut self, more: &[(String, String)]) {
        let more: String = more.iter().map(|(key, cell)| format!(",\n  {cell} AS {}", self.dialect.name(key))).collect();
        self.add(&format!("SELECT {ROWS}.*{more}\nFROM step_{} AS {ROWS}", self.count));
    }

    fn add_column(&mut self, key: &str, cell: String) {
        self.add_columns(&[(key.to_owned(), cell)]);
    }

    fn finish(self, columns: &[(String, String)]) -> String {
        let columns: Vec<String> = columns.iter().map(|(key, cell)| format!("{cell} AS {}", self.dialect.name(key))).collect();
        format!("{}\nSELECT {}\nFROM step_{} AS {ROWS}\n", self.text, columns.join(",\n  "), self.count)
    }
}

struct Printer<'a> {
    rules: &'a Rules,
    dialect: Dialect,
    tests: Tests,
}

impl Printer<'_> {
    /// A column of the inner table: with the name of that before it, since some databases would take one that is being made.
    fn column(&self, key: &str) -> String {
        format!("{ROWS}.{}", self.dialect.name(key))
    }

    /// The columns of the record. The reject reason goes by another name until it is completed.
    fn record(&self, table: &str) -> String {
        let name = |key: &str| self.dialect.name(key);
        let column = |key: &str| match key {
            key if key == Field::RejectReason.key() => format!("{} AS {}", self.column(key), name(GIVEN_REASON)),
            key => self.column(key),
        };
        let columns: Vec<String> = Field::all().map(Field::key).chain([NUMBER_TYPE]).map(column).collect();
        format!("SELECT {}\nFROM {} AS {ROWS}", columns.join(", "), table)
    }

    /// What the first of `cases` gives whose conditions all hold, else `otherwise`.
    fn first_of<'c>(&self, cases: impl Iterator<Item = (&'c [Condition], String)>, otherwise: &str) -> String {
        let (mut sql, mut is_case, mut last) = (String::from("CASE"), false, otherwise.to_owned());
        for (conditions, cell) in cases {
            if conditions.is_empty() {
                last = cell;
                break;
            }
            let asked: Vec<String> =
                conditions.iter().map(|condition| self.tests.holds(condition, &self.column(&condition.column))).collect();
            // A String never refuses.
            let _ = write!(sql, "\n    WHEN {} THEN {cell}", asked.join(" AND "));
            is_case = true;
        }
        if is_case { format!("{sql}\n    ELSE {last}\n  END") } else { last }
    }

    /// What `cells` says of each of a list, by the place in `column`; NULL for those of which it says nothing.
    fn by_place(&self, column: &str, cells: impl Iterator<Item = Option<String>>) -> String {
        let mut together: Vec<(String, Vec<String>)> = Vec::new();
        for (place, cell) in cells.enumerate() {
            let Some(cell) = cell else { continue };
            match together.iter_mut().find(|(known, _)| *known == cell) {
                Some((_, places)) => places.push(place.to_string()),
                None => together.push((cell, vec![place.to_string()])),
            }
        }
        let cases =
            together.iter().map(|(cell, places)| format!("\n    WHEN {} IN ({}) THEN {cell}", self.column(column), places.join(", ")));
        let cases: String = cases.collect();
        if cases.is_empty() { "NULL".to_owned() } else { format!("CASE{cases}\n  END") }
    }

    fn by_rule(&self, cell: impl Fn(&Rule) -> Option<String>) -> String {
        self.by_place(RULE_PLACE, self.rules.all.iter().map(cell))
    }

    /// Status and detail, which actions may ask, and the reject reason that a rule gives.
    fn outcome(&self) -> [(String, String); 3] {
        let dialect = self.dialect;
        let text = |code: &str| dialect.text(code);
        let kept = self.places(|rule| rule.given == SourceStatus::Keep);
        let status = self.by_rule(|rule| rule.status.map(|status| text(status.code())));
        let given = self.column(Field::GivenStatus.key());
        let known: Vec<&str> = Status::ALL.iter().map(|status| status.code()).collect();
        let is_kept = format!(
            "{} IN ({}) AND {given} IS NOT NULL AND {}",
            self.column(RULE_PLACE),
            kept.join(", "),
            dialect.is_one_of(&given, &known)
        );
        let status = if kept.is_empty() { status } else { format!("CASE WHEN {is_kept} THEN {given} ELSE {status} END") };
        [
            ("status".to_owned(), status),
            ("detail".to_owned(), self.by_rule(|rule| rule.detail.map(|detail| text(detail.code())))),
            (RULE_REASON.to_owned(), self.by_rule(|rule| rule.reason.as_deref().map(text))),
        ]
    }

    /// The columns that are given in the end.
    fn verdicts(&self, reasons: &ReasonWords<'_>) -> Vec<(String, String)> {
        let rules = self.rules;
        let text = |code: &str| self.dialect.text(code);
        let of_rule = self.by_rule(|rule| rule.detail.map(|detail| text(rules.state_of(detail).code())));
        let has_known = rules.derived.iter().any(|derived| derived.column == KNOWN_STATE);
        let known_state = self.column(if has_known { KNOWN_STATE } else { Field::NumberState.key() });
        let caption_of_rule = self.by_rule(|rule| Some(text(&rules.reasons.get(rule.reason.as_deref()?)?.caption)));
        let made = |key: &str| match key {
            key if key == Field::NumberState.key() => format!("COALESCE({known_state}, {of_rule})"),
            key if key == Field::ReasonCode.key() => format!("COALESCE({}, {})", self.column(key), self.column(RULE_REASON)),
            key if key == Field::RejectReason.key() => format!("COALESCE({}, {caption_of_rule})", self.column(key)),
            key => self.column(key),
        };
        let owner = |owner: ActionOwner| text(owner.code());
        let action_owner = self.next(
            self.by_place(ACTION_PLACE, rules.actions.iter().map(|action| Some(owner(action.owner)))),
            (reasons, reasons.owner()),
            &self.by_rule(|rule| Some(owner(rule.owner))),
        );
        let next_step = self.next(
            self.by_place(ACTION_PLACE, rules.actions.iter().map(|action| Some(text(&action.next_step)))),
            (reasons, reasons.next_step()),
            &self.by_rule(|rule| Some(text(&rule.next_step))),
        );
        let rule = self.by_rule(|rule| Some(text(&rule.id)));
        let record = Field::all().map(Field::key).chain([NUMBER_TYPE, "status", "detail"]).map(|key| (key.to_owned(), made(key)));
        record
            .chain([("rule", rule), ("action_owner", action_owner), ("next_step", next_step)].map(|(key, cell)| (key.to_owned(), cell)))
            .collect()
    }

    /// What the action says that holds, else the open reject reasons where there are any, else the rule.
    fn next(&self, of_action: String, (reasons, of_reasons): (&ReasonWords<'_>, String), of_rule: &str) -> String {
        let is_open = |rule: &Rule| rule.reason.is_none() && matches!(rule.detail, Some(Detail::Rejected | Detail::AdditionalInfoRequired));
        let open = self.places(is_open);
        let mut cases = Vec::new();
        if !self.rules.actions.is_empty() {
            cases.push(format!("\n    WHEN {} IS NOT NULL THEN {of_action}", self.column(ACTION_PLACE)));
        }
        if !open.is_empty() && !self.rules.reasons.all.is_empty() {
            let are_open = format!("{} IN ({}) AND {}", self.column(RULE_PLACE), open.join(", "), reasons.are_known());
            cases.push(format!("\n    WHEN {are_open} THEN {of_reasons}"));
        }
        if cases.is_empty() { of_rule.to_owned() } else { format!("CASE{}\n    ELSE {of_rule}\n  END", cases.concat()) }
    }

    /// The places of the rules that `is_wanted` wants.
    fn places(&self, is_wanted: impl Fn(&Rule) -> bool) -> Vec<String> {
        (0..).zip(&self.rules.all).filter(|(_, rule)| is_wanted(rule)).map(|(place, _): (usize, _)| place.to_string()).collect()
    }
}
