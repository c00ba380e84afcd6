//! The proof that the compiled expressions and the plain interpreter give every kind of row the same answer.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use polars::prelude::*;
use portstatus::classify::classify;
use portstatus::classify::compile::{compile, compile_actions, compile_flags};
use portstatus::classify::interpret::{cell, derive, holds};
use portstatus::classify::language::{Condition, RuleCell, Test, Value, record_column};
use portstatus::classify::reachability::{UNNAMED, distinct_cells};
use portstatus::classify::rules::Rules;
use portstatus::clock::AsOf;
use portstatus::domain::columns::ColumnType;
use portstatus::domain::lifecycle::{Lifecycle, State};
use portstatus::domain::status::{Detail, Status};
use portstatus::templates::Templates;
use rayon::prelude::*;

use crate::classify_equivalence::{decide, equivalence_classes, equivalence_classes_given};
use crate::fixtures::{orders, orders_of, rules, timing};

const AS_OF: &str = "2026-03-04T12:00";
const CHUNK: usize = 100_000;

fn as_of_day() -> i32 {
    AsOf::parse(AS_OF).unwrap().days()
}

/// A column of cells of one kind.
pub fn column(key: &str, cells: &[RuleCell]) -> Column {
    let name = PlSmallStr::from_str(key);
    match record_column(key).unwrap().column_type {
        ColumnType::Bool => {
            Column::new(name, cells.iter().map(|cell| if let RuleCell::Bool(flag) = cell { Some(*flag) } else { None }).collect::<Vec<_>>())
        }
        ColumnType::Time => Column::new(
            name,
            cells.iter().map(|cell| if let RuleCell::Number(number) = cell { Some(*number as i32) } else { None }).collect::<Vec<_>>(),
        ),
        ColumnType::Date => {
            let days: Vec<Option<i32>> = cells.iter().map(|cell| if let RuleCell::Day(day) = cell { Some(*day) } else { None }).collect();
            Column::new(name, days).cast(&DataType::Date).unwrap()
        }
        _ => {
            Column::new(name, cells.iter().map(|cell| if let RuleCell::Word(word) = cell { Some(*word) } else { None }).collect::<Vec<_>>())
        }
    }
}

/// Proves rows given as cells in the order of the rules' columns; returns the rules that decided.
fn prove(rules: &Rules, rows: &[Vec<RuleCell>]) -> BTreeSet<usize> {
    let keys = &rules.columns;
    let columns: Vec<Column> =
        keys.iter().enumerate().map(|(index, key)| column(key, &rows.iter().map(|row| row[index]).collect::<Vec<_>>())).collect();
    let frame = DataFrame::new(rows.len(), columns).unwrap();
    let found = compile(rules, as_of_day(), &[]).decide(&frame, "rule").unwrap();
    let found = found.u32().unwrap();
    assert_eq!(found.null_count(), 0);
    let mut decided = BTreeSet::new();
    for (row, found) in rows.iter().zip(found.iter()) {
        let expected = decide(rules, row, as_of_day());
        assert_eq!(found.map(|rule| rule as usize), Some(expected.rule), "{keys:?} {row:?}");
        decided.insert(expected.rule);
    }
    decided
}

/// Whether the last event matters, and how, hangs on these.
const GATES: [&str; 2] = ["given_detail", "number_state"];
/// As many cells of the last event are tried where it should not matter at all.
const IDLE_EVENTS: usize = 3;

/// Proves the whole product of the equivalence classes, in chunks; returns rows and rules seen. The many last events are
/// multiplied out where the rules can tell them apart, which is beside an empty detail and state.
fn prove_product(rules: &Rules) -> (usize, BTreeSet<usize>) {
    let all = |key: &String| equivalence_classes(rules, key, as_of_day());
    let of = |key: &str| rules.columns.iter().find(|known| *known == key).map_or(vec![RuleCell::Null], all);
    let (mut total, mut decided) = (0, BTreeSet::new());
    let gates = GATES.map(of);
    for (detail, state) in gates[0].iter().flat_map(|detail| gates[1].iter().map(move |state| (detail, state))) {
        let beside = [(GATES[0], *detail), (GATES[1], *state)];
        let cells = rules.columns.iter().map(|key| match key.as_str() {
            key if key == GATES[0] => vec![*detail],
            key if key == GATES[1] => vec![*state],
            "last_event" => {
                let mut events = equivalence_classes_given(rules, key, as_of_day(), &beside);
                let more: Vec<_> = all(key).into_iter().filter(|event| !events.contains(event)).collect();
                let wanted = IDLE_EVENTS.saturating_sub(events.len());
                events.extend(more.into_iter().take(wanted));
                events
            }
            // Nor do these matter where the last event does not.
            "prior_state" | "review_outcome" => equivalence_classes_given(rules, key, as_of_day(), &beside),
            _ => all(key),
        });
        let (rows, rules) = prove_cells(rules, &cells.collect::<Vec<_>>());
        total += rows;
        decided.extend(rules);
    }
    (total, decided)
}

fn prove_cells(rules: &Rules, cells: &[Vec<RuleCell>]) -> (usize, BTreeSet<usize>) {
    let total: usize = cells.iter().map(Vec::len).product();
    let chunks: Vec<usize> = (0..total.div_ceil(CHUNK)).collect();
    let row = |mut index: usize| {
        let digit = |column: &Vec<RuleCell>| {
            let digit = index % column.len();
            index /= column.len();
            digit
        };
        cells.iter().map(digit).zip(cells).map(|(digit, column)| column[digit]).collect::<Vec<RuleCell>>()
    };
    let decided = chunks.par_iter().map(|chunk| {
        let rows: Vec<Vec<RuleCell>> = (chunk * CHUNK..((chunk + 1) * CHUNK).min(total)).map(row).collect();
        prove(rules, &rows)
    });
    let decided = decided.reduce(BTreeSet::new, |mut left, right| {
        left.extend(right);
        left
    });
    (total, decided)
}

/// The codes of all events.
fn events() -> Vec<String> {
    let name = "rules/lifecycle.toml";
    let lifecycle = Lifecycle::parse(&Templates::default().text(name).unwrap(), name).unwrap();
    lifecycle.events.iter().map(|event| event.code.clone()).collect()
}

/// Cells that no rule should fall for, and every code the column may hold.
fn odd_cells(key: &str) -> Vec<RuleCell<'static>> {
    let word = |word: &str| RuleCell::Word(word.to_owned().leak());
    let column = record_column(key).unwrap();
    match column.column_type {
        ColumnType::Status | ColumnType::Choice => {
            let events = events();
            let open = events.iter().map(String::as_str).filter(|_| column.choices.is_empty());
            let codes: Vec<&str> = column.choices.iter().map(|choice| choice.code).chain(open).collect();
            let odd_case = codes.iter().map(|code| code.to_uppercase());
            let spaced = codes.iter().flat_map(|code| [format!(" {code}"), format!("{code} "), format!("{code}\0")]);
            let mut cells: Vec<RuleCell> = codes.iter().map(|code| word(code)).collect();
            cells.extend(odd_case.chain(spaced).map(|odd| word(&odd)));
            cells.extend(
                ["", " ", "null", "NULL", "true", "'; drop table orders; --", "a\"b\\c'd", "\u{feff}pending", "é", UNNAMED].map(word),
            );
            cells.push(word(&"long ".repeat(1000)));
            cells
        }
        ColumnType::Bool => [true, false].map(RuleCell::Bool).to_vec(),
        ColumnType::Date => [i32::MIN / 2, as_of_day() - 1, as_of_day(), as_of_day() + 1, i32::MAX / 2].map(RuleCell::Day).to_vec(),
        ColumnType::Time => [i64::from(i32::MIN), -1, 0, 1, i64::from(i32::MAX)].map(RuleCell::Number).to_vec(),
        _ => vec![word(""), word(" "), word("a\"b\\c'd"), word("null")],
    }
}

/// Proves every odd cell and every code of each column, with the other columns at each of a
/// spread of rows; returns the rows proved.
fn prove_odd(rules: &Rules) -> usize {
    let cells: Vec<Vec<RuleCell>> = rules.columns.iter().map(|key| equivalence_classes(rules, key, as_of_day())).collect();
    let mut proved = 0;
    for (index, key) in rules.columns.iter().enumerate() {
        let odd = odd_cells(key);
        let mut rows = Vec::new();
        for background in 0..16 {
            let base: Vec<RuleCell> = cells.iter().map(|column| column[background % column.len()]).collect();
            for cell in odd.iter().copied().chain([RuleCell::Null]) {
                let mut row = base.clone();
                row[index] = cell;
                rows.push(row);
            }
        }
        prove(rules, &rows);
        proved += rows.len();
    }
    proved
}

#[test]
fn shipped_rules_mean_the_same_compiled_and_interpreted() {
    let mut total = 0;
    for setting in ["canceled", "waiting"] {
        let rules = Rules::load(&Templates::default(), &[("not_portable", setting)]).unwrap();
        if setting == "canceled" {
            let (rows, decided) = prove_product(&rules);
            assert_eq!(decided.len(), rules.all.len(), "every rule decides some row of the product");
            total += rows;
        }
        total += prove_odd(&rules);
    }
    writeln!(std::io::stderr(), "proved {total} rows").unwrap();
    assert_eq!(total, 2_336_352);
}

/// Actions, which also ask of the status and detail that a rule gave, mean the same compiled and interpreted.
#[test]
fn actions_mean_the_same_compiled_and_interpreted() {
    let rules = rules();
    let words = |codes: Vec<&'static str>| [RuleCell::Null].into_iter().chain(codes.into_iter().map(RuleCell::Word)).collect::<Vec<_>>();
    let cells = [
        ("status", words(Status::ALL.iter().map(|status| status.code()).collect())),
        ("detail", words(Detail::ALL.iter().map(|detail| detail.code()).collect())),
        ("number_state", words(State::ALL.iter().map(|state| state.code()).collect())),
        ("number_type", words(vec!["local", "toll_free"])),
        ("approved_date", vec![RuleCell::Null, RuleCell::Day(as_of_day())]),
    ];
    let total: usize = cells.iter().map(|(_, cells)| cells.len()).product();
    let of = |key: &str, mut row: usize| {
        for (known, cells) in &cells {
            if *known == key {
                return cells[row % cells.len()];
            }
            row /= cells.len();
        }
        RuleCell::Null
    };
    let decided = ["status", "detail"];
    let made = rules.columns.iter().map(|key| column(key, &(0..total).map(|row| of(key, row)).collect::<Vec<_>>()));
    let text = |key: &str| {
        let cells = (0..total).map(|row| if let RuleCell::Word(word) = of(key, row) { Some(word) } else { None });
        Column::new(key.into(), cells.collect::<Vec<_>>())
    };
    let frame = DataFrame::new(total, made.chain(decided.map(text)).collect()).unwrap();
    let found = compile_actions(&rules, as_of_day(), &[]).decide(&frame, "action").unwrap();
    let mut held = BTreeSet::new();
    for (row, found) in found.u32().unwrap().iter().enumerate() {
        let cells: Vec<RuleCell> = rules.columns.iter().map(|key| of(key, row)).collect();
        let derived = derive(&rules, &cells, as_of_day());
        let holds = |condition: &Condition| {
            let key = condition.column.as_str();
            let cell = if decided.contains(&key) { of(key, row) } else { cell(&rules, &cells, &derived, key) };
            holds(&condition.test, cell, as_of_day())
        };
        let expected = rules.actions.iter().position(|action| action.conditions.iter().all(holds)).unwrap_or(rules.actions.len());
        assert_eq!(found, Some(expected as u32), "{cells:?}");
        held.insert(expected);
    }
    assert_eq!(held.len(), rules.actions.len() + 1, "every action holds in some row, and none in some");
}

/// Flags mean the same compiled and read plainly, whatever the columns that they ask hold: each has some row, and some row none.
#[test]
fn flags_mean_the_same_compiled_and_interpreted() {
    let rules = rules();
    for (place, flag) in rules.flags.iter().enumerate() {
        let mut keys: Vec<&str> = flag.conditions.iter().map(|condition| condition.column.as_str()).collect();
        keys.dedup();
        let tests = |key: &str| {
            let own = flag.conditions.iter().filter(|condition| condition.column == key);
            own.map(|condition| vec![&condition.test]).collect::<Vec<_>>()
        };
        let cells: Vec<Vec<RuleCell>> = keys.iter().map(|key| flag_cells(key, &tests(key))).collect();
        let total: usize = cells.iter().map(Vec::len).product();
        let of = |column: usize, row: usize| {
            let before: usize = cells[..column].iter().map(Vec::len).product();
            cells[column][row / before % cells[column].len()]
        };
        let columns = keys.iter().enumerate().map(|(at, key)| flag_column(key, (0..total).map(|row| of(at, row)).collect()));
        let frame = DataFrame::new(total, columns.collect()).unwrap();
        let (_, expression) = compile_flags(&rules, as_of_day(), &[]).swap_remove(place);
        let found = frame.lazy().select([expression.alias("flag")]).collect().unwrap();
        let found: Vec<bool> = found.column("flag").unwrap().bool().unwrap().iter().map(Option::unwrap).collect();
        for (row, found) in found.iter().enumerate() {
            let cell = |key: &str| of(keys.iter().position(|known| *known == key).unwrap(), row);
            let expected = flag.conditions.iter().all(|condition| holds(&condition.test, cell(&condition.column), as_of_day()));
            assert_eq!(*found, expected, "{:?} {row}", flag.flag);
        }
        assert!(found.contains(&true) && found.contains(&false), "{:?}", flag.flag);
    }
    assert!(rules.flags.len() > 20);
}

/// The cells that `questions` tell apart, and the border of each number.
fn flag_cells<'a>(key: &str, questions: &[Vec<&'a Test>]) -> Vec<RuleCell<'a>> {
    let mut cells = distinct_cells(key, questions, as_of_day());
    for test in questions.iter().flatten() {
        match test {
            Test::Compare(_, number) => cells.extend([-1, 0, 1].map(|offset| RuleCell::Number(number + offset))),
            Test::In(values) if matches!(values[..], [Value::Bool(_)]) => cells.extend([true, false].map(RuleCell::Bool)),
            _ => {}
        }
    }
    cells.dedup();
    cells
}

/// A column by what its cells are, since facts are in no record.
fn flag_column(key: &str, cells: Vec<RuleCell>) -> Column {
    let name = PlSmallStr::from_str(key);
    let number = |cell: &RuleCell| if let RuleCell::Number(number) = cell { Some(*number) } else { None };
    let flag = |cell: &RuleCell| if let RuleCell::Bool(flag) = cell { Some(*flag) } else { None };
    let word = |cell: &RuleCell| if let RuleCell::Word(word) = cell { Some((*word).to_owned()) } else { None };
    match record_column(key) {
        Some(_) => column(key, &cells),
        None if cells.iter().any(|cell| number(cell).is_some()) => Column::new(name, cells.iter().map(number).collect::<Vec<_>>()),
        None if cells.iter().any(|cell| flag(cell).is_some()) => Column::new(name, cells.iter().map(flag).collect::<Vec<_>>()),
        None => Column::new(name, cells.iter().map(word).collect::<Vec<_>>()),
    }
}

/// Rules that use every condition of the language, on every kind of column.
#[test]
fn every_condition_means_the_same_compiled_and_interpreted() {
    let reverse: String =
        portstatus::domain::status::Detail::ALL.iter().map(|detail| format!("{} = \"pending\"\n", detail.code())).collect();
    let conditions = [
        "when.number_state.not_in = [\"pending\", \"portable\"]\nwhen.confirmed_date.before = \"as_of\"",
        "when.confirmed_date.from = \"as_of\"\nwhen.loa_received.not_in = [true]",
        "when.confirmed_time.less_than = 5\nwhen.chosen.in = [\"canceled\"]",
        "when.confirmed_time.at_most = 7\nwhen.chosen.null = true",
        "when.confirmed_time.equals = 9\nwhen.loa_received.null = true",
        "when.confirmed_time.more_than = 12",
        "when.confirmed_time.at_least = 11\nwhen.updated_at.null = true",
        "when.reject_reason.null = false\nwhen.chosen.not_in = [\"portable\"]",
    ];
    let says = "why = \"w\"\nowner = \"nobody\"\nnext_step = \"n\"\n";
    let rule: String = conditions.iter().enumerate().map(|(index, when)| format!("[[rule]]\nid = \"{index}\"\n{when}\n{says}")).collect();
    let derived = "[[derived]]\ncolumn = \"chosen\"\n[[derived.case]]\nwhen.loa_received.in = [false]\nvalue = \"canceled\"\n[[derived.case]]\nwhen.number_state.null = false\ncolumn = \"prior_state\"\n";
    let text = format!("[reverse]\n{reverse}{derived}{rule}[[rule]]\nid = \"last\"\n{says}")
        .replace("when.updated_at.null = true", "when.account_id.null = true");
    let rules = Rules::parse(&text, "r.toml", &[]).unwrap();
    let (rows, decided) = prove_product(&rules);
    assert_eq!(decided.len(), rules.all.len());
    let odd = prove_odd(&rules);
    writeln!(std::io::stderr(), "proved {} rows", rows + odd).unwrap();
    assert!(rows > 1_000 && odd > 100, "{rows} {odd}");
}

/// Columns without a value are decided when the rules are compiled; that must change nothing.
#[test]
fn leaving_out_empty_columns_changes_nothing() {
    let rules = rules();
    let keys = &rules.columns;
    let cells: Vec<Vec<RuleCell>> = keys.iter().map(|key| equivalence_classes(&rules, key, as_of_day())).collect();
    for (index, key) in keys.iter().enumerate() {
        let rows: Vec<Vec<RuleCell>> = (0..400)
            .map(|row: usize| {
                let spread = |place: usize| match place == index {
                    true => RuleCell::Null,
                    false => cells[place][(row * (place * 2 + 1) + row / 7) % cells[place].len()],
                };
                (0..cells.len()).map(spread).collect()
            })
            .collect();
        let columns: Vec<Column> =
            keys.iter().enumerate().map(|(place, key)| column(key, &rows.iter().map(|row| row[place]).collect::<Vec<_>>())).collect();
        let frame = DataFrame::new(rows.len(), columns).unwrap();
        let all = compile(&rules, as_of_day(), &[]).decide(&frame, "rule").unwrap();
        let fewer = compile(&rules, as_of_day(), &[key.as_str()]).decide(&frame, "rule").unwrap();
        assert_eq!(all, fewer, "{key}");
    }
}

/// The whole stage, not only the rule: status, detail and what a source said is kept.
#[test]
fn what_a_source_says_is_kept_and_the_rest_follows_the_rules() {
    let rules = Arc::new(rules());
    let keys = ["given_status", "given_detail", "number_state", "number_type", "reject_reason", "loa_received"];
    let cells: Vec<Vec<RuleCell>> = keys
        .iter()
        .map(|key| [equivalence_classes(&rules, key, as_of_day()), odd_cells(key)].concat())
        .map(|mut cells| {
            cells.truncate(24);
            cells
        })
        .collect();
    let total: usize = cells.iter().map(Vec::len).product();
    let step = (total / 60_000).max(1) | 1;
    let rows: Vec<Vec<RuleCell>> = (0..total)
        .step_by(step)
        .map(|mut index| {
            cells
                .iter()
                .map(|column| {
                    let cell = column[index % column.len()];
                    index /= column.len();
                    cell
                })
                .collect()
        })
        .collect();
    let mut frame = orders(&vec!["number_type=local"; rows.len()]).frame;
    for (index, key) in keys.iter().enumerate() {
        frame.set(column(key, &rows.iter().map(|row| row[index]).collect::<Vec<_>>())).unwrap();
    }
    let classified = classify(orders_of(frame), rules.clone(), timing(AS_OF)).unwrap();
    let said = |key: &str| classified.frame().column(key).unwrap().str().unwrap().clone();
    let (status, detail, given_status, given_detail) = (said("status"), said("detail"), said("given_status"), said("given_detail"));
    for (row, cells) in rows.iter().enumerate() {
        let full: Vec<RuleCell> = rules
            .columns
            .iter()
            .map(|key| keys.iter().position(|known| known == key).map_or(RuleCell::Null, |index| cells[index]))
            .collect();
        let expected = decide(&rules, &full, as_of_day());
        assert_eq!(status.get(row), expected.status.map(|status| status.code()), "{cells:?}");
        assert_eq!(detail.get(row), expected.detail.map(|detail| detail.code()), "{cells:?}");
        if let Some(given) = given_status.get(row).and_then(portstatus::domain::status::Status::from_code) {
            assert_eq!(status.get(row), Some(given.code()), "{cells:?}");
        }
        if let Some(given) = given_detail.get(row).and_then(portstatus::domain::status::Detail::from_code) {
            assert_eq!(detail.get(row), Some(given.code()), "{cells:?}");
        }
    }
    assert!(rows.len() > 30_000, "{}", rows.len());
}
