//! The rows that the rules as SQL are proved on: for every rule what the columns that it asks can hold, rows for which two rules hold, reject reasons in every form, and rows drawn from all cells.

use std::collections::BTreeSet;
use std::sync::Arc;

use portstatus::classify::classify;
use portstatus::classify::interpret::{cell, derive, holds};
use portstatus::classify::language::{Comparison, Condition, RuleCell, Test, record_column};
use portstatus::classify::reachability::distinct_cells;
use portstatus::classify::rules::{DerivedFrom, Rules};
use portstatus::domain::columns::ColumnType;

use crate::classify_equivalence::{decide, equivalence_classes};
use crate::classify_proof::column;
use crate::fixtures::{orders, orders_of, timing};

/// Rows that are drawn from all cells.
const DRAWN: usize = 20_000;
/// Rows of the product of the columns of one rule, at most: a larger one is walked in steps.
const PRODUCT: usize = 1_000;
/// A text that names no reject reason, and holds what has to be escaped.
const ODD_TEXT: &str = "it's \\ \"odd\" `é`\n--";

/// What is compared, by key.
pub const SAID: [&str; 8] = ["number_state", "status", "detail", "rule", "action_owner", "next_step", "reason_code", "reject_reason"];

/// A cell as text; `None` where it is empty.
pub type Text = Option<String>;

/// The rows, and what is to be said of each.
pub struct Domain {
    /// The columns, by key; those of the record that are not named are empty.
    pub keys: Vec<String>,
    /// Days as 2026-11-21, yes and no as true and false.
    pub rows: Vec<Vec<Text>>,
    /// In the order of [`SAID`].
    pub expected: Vec<Vec<Text>>,
    /// By row, the rule that decides.
    pub decided: Vec<usize>,
    /// By row, the cells that the rules see.
    cells: Vec<Vec<RuleCell<'static>>>,
    today: i32,
}

impl Domain {
    /// That of `rules`, as of an instant: the rule as the plain interpreter decides, the rest as classifying does.
    pub fn of(rules: &Rules, as_of: &str) -> Self {
        let timing = timing(as_of);
        let today = timing.as_of.days();
        let beside = ["reason_code", "reject_reason"].into_iter().filter(|key| !rules.columns.iter().any(|known| known == key));
        let keys: Vec<String> = rules.columns.iter().cloned().chain(beside.map(str::to_owned)).collect();
        let cells = rows(rules, &keys, today);
        let mut frame = orders(&vec!["number_type=local"; cells.len()]).frame;
        for (place, key) in keys.iter().enumerate() {
            frame.set(column(key, &cells.iter().map(|row| row[place]).collect::<Vec<_>>())).unwrap();
        }
        let classified = classify(orders_of(frame), Arc::new(rules.clone()), timing).unwrap();
        let frame = classified.frame();
        let texts = |key: &str| frame.column(key).unwrap().str().unwrap().iter().map(|text| text.map(str::to_owned)).collect::<Vec<Text>>();
        let said = ["state", "status", "detail", "reason_code", "reject_reason"].map(texts);
        let actions: Vec<(String, String)> =
            classified.next_actions().map(|(owner, step)| (owner.code().to_owned(), step.into_owned())).collect();
        let action = frame.column("next_action").unwrap();
        let seen: Vec<Vec<RuleCell>> = cells.iter().map(|row| completed(rules, &keys, row)).collect();
        let decided: Vec<usize> = seen.iter().map(|row| decide(rules, row, today).rule).collect();
        let expected = (0..cells.len()).map(|row| {
            let (owner, step) = actions[action.u32().unwrap().get(row).unwrap() as usize].clone();
            let [state, status, detail, code, reason] = said.each_ref().map(|texts| texts[row].clone());
            vec![state, status, detail, Some(rules.all[decided[row]].id.clone()), Some(owner), Some(step), code, reason]
        });
        Self {
            expected: expected.collect(),
            rows: cells.iter().map(|row| row.iter().map(|cell| text(*cell)).collect()).collect(),
            decided,
            cells: seen,
            today,
            keys,
        }
    }

    /// Whether there is a row that the rule in `place` decides and that the one after it would decide as well.
    pub fn has_overlap(&self, rules: &Rules, place: usize) -> bool {
        let after = &rules.all[place + 1].conditions;
        self.cells.iter().zip(&self.decided).any(|(row, rule)| *rule == place && hold(rules, after, row, self.today))
    }
}

/// The cells of the rules' columns, with a reject reason where the codes are known and there is none.
fn completed<'a>(rules: &Rules, keys: &[String], row: &[RuleCell<'a>]) -> Vec<RuleCell<'a>> {
    let place = |key: &str| keys.iter().position(|known| known == key).unwrap();
    let mut cells = row[..rules.columns.len()].to_vec();
    let reason = place("reject_reason");
    if let (RuleCell::Word(codes), Some(cell @ RuleCell::Null)) = (row[place("reason_code")], cells.get_mut(reason))
        && rules.reasons.combined(codes).is_some()
    {
        *cell = RuleCell::Word(ODD_TEXT);
    }
    cells
}

fn rows(rules: &Rules, keys: &[String], today: i32) -> Vec<Vec<RuleCell<'static>>> {
    let word = |text: &str| RuleCell::Word(text.to_owned().leak());
    let owned = |cell: RuleCell<'_>| match cell {
        RuleCell::Word(text) => word(text),
        RuleCell::Null => RuleCell::Null,
        RuleCell::Bool(flag) => RuleCell::Bool(flag),
        RuleCell::Day(day) => RuleCell::Day(day),
        RuleCell::Number(number) => RuleCell::Number(number),
    };
    let empty = vec![RuleCell::Null; keys.len()];
    let mut rows = BTreeSet::new();
    let mut examples = Vec::new();
    for conditions in all_conditions(rules) {
        let mut cells: Vec<Vec<RuleCell>> = keys.iter().map(|key| distinct_cells(key, &questions(rules, key, conditions), today)).collect();
        // What is not asked is empty.
        cells.iter_mut().zip(keys).filter(|(_, key)| questions(rules, key, conditions).is_empty()).for_each(|(cells, _)| cells.truncate(1));
        let total: usize = cells.iter().map(Vec::len).product();
        let product = (0..total).step_by(total.div_ceil(PRODUCT) | 1);
        let product: Vec<Vec<RuleCell<'static>>> = product.map(|index| mixed(index, &cells).into_iter().map(owned).collect()).collect();
        examples.extend(product.iter().find(|row| hold(rules, conditions, row, today)).cloned());
        rows.extend(product);
    }
    // Where two rules hold, the first decides.
    for (place, one) in examples.iter().enumerate() {
        for other in &examples[place + 1..] {
            let mixed = one.iter().zip(other).map(|(one, other)| if *one == RuleCell::Null { *other } else { *one });
            rows.insert(mixed.collect());
        }
    }
    let all: Vec<Vec<RuleCell>> = keys.iter().map(|key| equivalence_classes(rules, key, today)).collect();
    let mut seed = 7_u64;
    for _ in 0..DRAWN {
        let drawn = all.iter().map(|cells| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            owned(cells[(seed >> 33) as usize % cells.len()])
        });
        rows.insert(drawn.collect());
    }
    let codes: Vec<String> = reason_codes(rules);
    let place = |key: &str| keys.iter().position(|known| known == key).unwrap();
    for (codes, base) in codes.iter().flat_map(|codes| examples.iter().chain([&empty]).map(move |base| (codes, base))) {
        for reason in [RuleCell::Null, RuleCell::Word(ODD_TEXT)] {
            let mut row = base.clone();
            (row[place("reason_code")], row[place("reject_reason")]) = (word(codes), reason);
            rows.insert(row);
        }
    }
    // What the rules never name.
    for (place, key) in keys.iter().enumerate().filter(|(_, key)| record_column(key).unwrap().column_type.is_string()) {
        for odd in [ODD_TEXT, "", " ", "pending ", "PENDING", "pending\0"].iter().filter(|_| key != "reject_reason") {
            let mut row = empty.clone();
            row[place] = RuleCell::Word(odd.trim_end_matches('\0'));
            rows.insert(row);
        }
    }
    rows.into_iter().collect()
}

/// Codes alone and together, of which some are not known, and what only looks like codes.
fn reason_codes(rules: &Rules) -> Vec<String> {
    let known: Vec<&str> = rules.reasons.all.iter().map(|reason| reason.code.as_str()).collect();
    let mut codes: Vec<String> = known.iter().map(|code| (*code).to_owned()).collect();
    codes.extend(known.windows(2).flat_map(|pair| [format!("{}; {}", pair[0], pair[1]), format!("{}; {}", pair[1], pair[0])]));
    codes.extend(known.windows(3).map(|three| three.join("; ")));
    if let [first, second, ..] = known.as_slice() {
        for odd in
            ["{a}; no such code", "{a};{b}", "{a}|{b}", "{a}||{b}", "|{a}|", "{a}; ", "; {a}", "{a}; ; {b}", "{a} ", "{A}", "{a}; {a}"]
        {
            codes.push(odd.replace("{a}", first).replace("{b}", second).replace("{A}", &first.to_uppercase()));
        }
    }
    codes
}

/// The conditions of every rule and action, and of every case of a derived column.
fn all_conditions(rules: &Rules) -> impl Iterator<Item = &[Condition]> {
    let cases = rules.derived.iter().flat_map(|derived| &derived.cases).map(|case| case.conditions.as_slice());
    let actions = rules.actions.iter().map(|action| action.conditions.as_slice());
    rules.all.iter().map(|rule| rule.conditions.as_slice()).chain(cases).chain(actions)
}

fn hold(rules: &Rules, conditions: &[Condition], row: &[RuleCell], today: i32) -> bool {
    let derived = derive(rules, row, today);
    conditions.iter().all(|condition| holds(&condition.test, cell(rules, row, &derived, &condition.column), today))
}

/// What `conditions` ask of the column `key`, be it through derived columns.
fn questions<'a>(rules: &'a Rules, key: &str, conditions: &'a [Condition]) -> Vec<Vec<&'a Test>> {
    let own = conditions.iter().filter(|condition| condition.column == key);
    let mut questions: Vec<Vec<&Test>> = own.clone().map(|condition| vec![&condition.test]).collect();
    // The border itself, which a comparison may have on the wrong side.
    questions.extend(own.filter_map(|condition| match condition.test {
        Test::Compare(_, number) => Some(vec![&*Box::leak(Box::new(Test::Compare(Comparison::Equals, number)))]),
        _ => None,
    }));
    let asked = conditions.iter().map(|condition| condition.column.as_str());
    for derived in asked.filter_map(|column| rules.derived.iter().find(|derived| derived.column == column)) {
        // The tests that are asked of the derived cell are asked of the cells that it may be.
        let own = conditions.iter().filter(|condition| condition.column == derived.column);
        let own: Vec<Vec<&Test>> = own.map(|condition| vec![&condition.test]).collect();
        for case in &derived.cases {
            questions.extend(self::questions(rules, key, &case.conditions));
            match &case.take {
                DerivedFrom::Column(column) if column == key => questions.extend(own.iter().cloned()),
                DerivedFrom::Column(column) => {
                    let of_column = rules.derived.iter().find(|other| other.column == *column);
                    let cases = of_column.into_iter().flat_map(|other| &other.cases);
                    questions.extend(cases.flat_map(|case| self::questions(rules, key, &case.conditions)));
                }
                DerivedFrom::Value(_) => {}
            }
        }
    }
    questions
}

/// The row `index` of the product of `cells`.
fn mixed<'a>(mut index: usize, cells: &[Vec<RuleCell<'a>>]) -> Vec<RuleCell<'a>> {
    let of_column = |cells: &Vec<RuleCell<'a>>| {
        let cell = cells[index % cells.len()];
        index /= cells.len();
        cell
    };
    cells.iter().map(of_column).collect()
}

fn text(cell: RuleCell) -> Text {
    Some(match cell {
        RuleCell::Null => return None,
        RuleCell::Word(text) => text.to_owned(),
        RuleCell::Bool(flag) => flag.to_string(),
        RuleCell::Day(day) => chrono::NaiveDate::from_epoch_days(day).unwrap().to_string(),
        RuleCell::Number(number) => number.to_string(),
    })
}

/// The type that a column of the record has in a table, in words that the engines below share.
pub fn type_of(key: &str) -> &'static str {
    match record_column(key).unwrap().column_type {
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
        ColumnType::Time => "integer",
        ColumnType::Instant => "timestamp",
        _ => "text",
    }
}
