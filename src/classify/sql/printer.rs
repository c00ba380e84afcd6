//! Prints what a row of a table is asked, by the rules, and what comes of it.

use std::fmt::Write;

use crate::classify::language::{Condition, Test};
use crate::classify::rules::{Case, DerivedFrom, Rule, Rules, SourceStatus};
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::reason_words::ReasonWords;
use crate::classify::sql::tests_of_cells::Tests;
use crate::domain::reason::ActionOwner;
use crate::domain::record::{Field, KNOWN_STATE, NUMBER_TYPE};
use crate::domain::status::Status;

/// Columns of the tables on the way that no record has: the place of the rule that decided and of the action that holds, the reject reason
/// as the source gave it, the code of that which the rule gives.
pub const RULE_PLACE: &str = "rule_place";
pub const ACTION_PLACE: &str = "action_place";
pub const GIVEN_REASON: &str = "given_reason";
const RULE_REASON: &str = "rule_reason";

/// The rows that a SELECT reads are called so.
pub const ROWS: &str = "r";

/// Stands before the name of a derived column as it would be if the source had said neither status nor detail.
const EXPECTED: &str = "expected_";

/// Prints for the rows of one table.
#[derive(Clone)]
pub struct Printer<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// Whose SQL is written.
    pub dialect: Dialect,
    /// Prints conditions.
    pub tests: Tests,
    /// Whether a rule has decided, which may give a reject reason.
    pub is_decided: bool,
    /// The derived columns that are asked by another name, where the status and detail of the source count as empty.
    pub blind: Option<Vec<String>>,
}

impl Printer<'_> {
    /// A column of the inner table: with the name of that before it, since some databases would take one that is being made.
    pub fn column(&self, key: &str) -> String {
        let own = |key: &str| format!("{ROWS}.{}", self.dialect.name(key));
        match key {
            key if self.is_decided && key == Field::ReasonCode.key() => format!("COALESCE({}, {})", own(key), own(RULE_REASON)),
            key if self.is_decided && key == Field::RejectReason.key() => format!("COALESCE({}, {})", own(key), self.caption_of_rule()),
            key => own(key),
        }
    }

    /// What a condition or a derived column sees of a column; `None` where it is to count as empty.
    fn cell(&self, key: &str) -> Option<String> {
        match &self.blind {
            _ if key == KNOWN_STATE && !self.has_known_state() => self.cell(Field::NumberState.key()),
            Some(_) if key == Field::GivenStatus.key() || key == Field::GivenDetail.key() => None,
            Some(renamed) if renamed.iter().any(|known| known == key) => Some(self.column(&format!("{EXPECTED}{key}"))),
            _ => Some(self.column(key)),
        }
    }

    /// Whether the rules have a derived column for the state that is known of a number: without one it is the number's own.
    fn has_known_state(&self) -> bool {
        self.rules.derived.iter().any(|derived| derived.column == KNOWN_STATE)
    }

    /// Whether `cases` see anything else without the status and detail of the source.
    pub fn is_other_when_blind(&self, cases: &[Case]) -> bool {
        let taken = cases.iter().filter_map(|case| if let DerivedFrom::Column(from) = &case.take { Some(from) } else { None });
        let mut asked = cases.iter().flat_map(|case| &case.conditions).map(|condition| &condition.column).chain(taken);
        asked.any(|key| self.cell(key) != Some(self.column(key)))
    }

    /// The name of the derived column `key` here.
    pub fn derived_name(&self, key: &str) -> String {
        if self.blind.is_some() { format!("{EXPECTED}{key}") } else { key.to_owned() }
    }

    /// The cell of a derived column.
    pub fn derived(&self, cases: &[Case]) -> String {
        let case = |case: &'_ Case| match &case.take {
            DerivedFrom::Value(state) => self.dialect.text(state.code()),
            DerivedFrom::Column(from) => self.cell(from).unwrap_or_else(|| "NULL".to_owned()),
        };
        self.first_of(cases.iter().map(|of| (of.conditions.as_slice(), case(of))), "NULL")
    }

    /// The place of the first of `conditions` that all hold.
    pub fn place<'c>(&self, conditions: impl Iterator<Item = &'c [Condition]>) -> String {
        self.first_of(conditions.zip(0..).map(|(conditions, place): (_, usize)| (conditions, place.to_string())), "NULL")
    }

    /// Whether all of `conditions` hold; `None` where they always do.
    pub fn all_hold(&self, conditions: &[Condition]) -> Option<String> {
        let mut asked = Vec::new();
        for condition in conditions {
            match self.cell(&condition.column) {
                Some(cell) => asked.push(self.tests.holds(condition, &cell)),
                None if matches!(condition.test, Test::Null | Test::NotIn(_)) => {}
                None => return Some("1 = 0".to_owned()),
            }
        }
        (!asked.is_empty()).then(|| asked.join(" AND "))
    }

    /// Whether the cell of `column` is one of `codes`.
    pub fn is(&self, column: &str, codes: &[&str]) -> String {
        let cell = self.column(column);
        format!("({cell} IS NOT NULL AND {})", self.dialect.is_one_of(&cell, codes))
    }

    fn caption_of_rule(&self) -> String {
        self.by_rule(|rule| Some(self.dialect.text(&self.rules.reasons.get(rule.reason.as_deref()?)?.caption)))
    }

    /// The columns of the record, and those that are `carried` on. The reject reason goes by another name until it is completed.
    pub fn record(&self, table: &str, carried: &[String]) -> String {
        let name = |key: &str| self.dialect.name(key);
        let column = |key: &str| match key {
            key if key == Field::RejectReason.key() => format!("{} AS {}", self.column(key), name(GIVEN_REASON)),
            key => self.column(key),
        };
        let own = Field::all().map(Field::key).chain([NUMBER_TYPE]).map(column);
        let columns: Vec<String> = own.chain(carried.iter().map(|key| column(key))).collect();
        format!("SELECT {}\nFROM {} AS {ROWS}", columns.join(", "), table)
    }

    /// What the first of `cases` gives whose conditions all hold, else `otherwise`.
    fn first_of<'c>(&self, cases: impl Iterator<Item = (&'c [Condition], String)>, otherwise: &str) -> String {
        let (mut sql, mut is_case, mut last) = (String::from("CASE"), false, otherwise.to_owned());
        for (conditions, cell) in cases {
            let Some(asked) = self.all_hold(conditions) else {
                last = cell;
                break;
            };
            // A String never refuses.
            let _ = write!(sql, "\n    WHEN {asked} THEN {cell}");
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
    pub fn outcome(&self) -> [(String, String); 3] {
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
    pub fn verdicts(&self, reasons: &ReasonWords<'_>) -> Vec<(String, String)> {
        let rules = self.rules;
        let text = |code: &str| self.dialect.text(code);
        let of_rule = self.by_rule(|rule| rule.detail.map(|detail| text(rules.state_of(detail).code())));
        let known_state = self.column(if self.has_known_state() { KNOWN_STATE } else { Field::NumberState.key() });
        let made = |key: &str| match key {
            key if key == Field::NumberState.key() => format!("COALESCE({known_state}, {of_rule})"),
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
        let open = self.places(Rule::awaits_reasons);
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
    pub fn places(&self, is_wanted: impl Fn(&Rule) -> bool) -> Vec<String> {
        (0..).zip(&self.rules.all).filter(|(_, rule)| is_wanted(rule)).map(|(place, _): (usize, _)| place.to_string()).collect()
    }
}
