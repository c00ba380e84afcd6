//! The data-quality flags as SQL: those of the rules, contradictions to what the state says, events that the model does not know, and what several rows tell together.

use std::collections::BTreeMap;

use crate::classify::cross_row_checks::LARGE_ORDER_NUMBERS;
use crate::classify::sql::printer::{Printer, RULE_PLACE};
use crate::classify::timing::STANDARD_TIME_SECONDS;
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::{EventFit, State, Step};
use crate::domain::reason::SEPARATOR;
use crate::domain::record::{Field, NUMBER_TYPE};
use crate::domain::status::{NumberType, Status};

/// The place of the rule that would decide if the source had said neither status nor detail.
pub const EXPECTED_PLACE: &str = "expected_place";
/// The codes of all flags of a row, each with a separator behind it.
pub const FLAGS: &str = "flags";

const LIVE_ROWS: &str = "live_rows";
const REQUEST_TYPES: &str = "request_types";
const CASE_ACCOUNTS: &str = "case_accounts";
const ORDER_ROWS: &str = "order_rows";

/// Columns that look at several rows together.
pub fn windows(printer: &Printer<'_>) -> Vec<(String, String)> {
    let column = |key: &str| printer.column(key);
    let live = is_live(printer);
    let toll_free = printer.is(NUMBER_TYPE, &[NumberType::TollFree.code()]);
    let differ = |cell: &str, by: &str| {
        format!("CASE WHEN MIN({cell}) OVER (PARTITION BY {by}) <> MAX({cell}) OVER (PARTITION BY {by}) THEN 2 ELSE 1 END")
    };
    let type_place = format!("CASE WHEN {toll_free} THEN 1 ELSE 0 END");
    let exact = |key: &str| printer.dialect.exact(&column(key));
    let (request, case, order) = (exact("request_id"), exact("case_number"), exact("order_id"));
    let unless_ordered = |cell: &str| format!("CASE WHEN {} IS NULL THEN {cell} END", column("order_id"));
    let derived = [&request, &case, &type_place, &column("confirmed_date")].map(|cell| unless_ordered(cell));
    let of_order = format!("CASE WHEN {} IS NULL THEN 0 ELSE 1 END, {order}, {}", column("order_id"), derived.join(", "));
    [
        (LIVE_ROWS, format!("SUM(CASE WHEN {live} THEN 1 ELSE 0 END) OVER (PARTITION BY {})", exact("phone_number"))),
        (REQUEST_TYPES, differ(&type_place, &request)),
        (CASE_ACCOUNTS, differ(&exact("account_id"), &case)),
        (ORDER_ROWS, format!("COUNT(*) OVER (PARTITION BY {of_order})")),
    ]
    .map(|(key, cell)| (key.to_owned(), cell))
    .into()
}

/// The codes of the flags of each row.
pub fn flags(printer: &Printer<'_>) -> String {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut add = |flag: QualityFlag, condition: String| found.entry(flag as usize).or_default().push(condition);
    for flag in QualityFlag::ALL {
        let places = printer.places(|rule| rule.flags & flag.bit() != 0);
        if !places.is_empty() {
            add(*flag, format!("{} IN ({})", printer.column(RULE_PLACE), places.join(", ")));
        }
    }
    for flag in &printer.rules.flags {
        add(flag.flag, printer.all_hold(&flag.conditions).unwrap_or_else(|| "1 = 1".to_owned()));
    }
    contradictions(printer).into_iter().for_each(|condition| add(QualityFlag::StatusContradiction, condition));
    for (fit, condition) in events(printer) {
        add(if fit == EventFit::NotAllowed { QualityFlag::EventNotAllowed } else { QualityFlag::EventContradiction }, condition);
    }
    across_rows(printer).into_iter().for_each(|(flag, condition)| add(flag, condition));
    let word = |(flag, conditions): (&usize, &Vec<String>)| {
        let code = printer.dialect.text(&format!("{}{SEPARATOR}", QualityFlag::ALL[*flag].code()));
        format!(
            "CASE WHEN {} THEN {code} ELSE {} END",
            conditions.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join("\n    OR "),
            printer.dialect.text("")
        )
    };
    let words: Vec<String> = found.iter().map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    printer.dialect.joined(&words)
}

/// Whether the order of a row is known and not closed.
pub fn is_live(printer: &Printer<'_>) -> String {
    printer.is("status", &Status::LIVE.map(Status::code))
}

/// Pairs of rules of which the one that decided says what the expected one cannot.
fn contradictions(printer: &Printer<'_>) -> Vec<String> {
    let rules = &printer.rules.all;
    let mut together: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (place, said) in rules.iter().enumerate() {
        let against = printer.places(|expected| said.contradicts(expected));
        if !against.is_empty() {
            together.entry(against).or_default().push(place.to_string());
        }
    }
    let pair = |(against, said): (&Vec<String>, &Vec<String>)| {
        format!(
            "{} IN ({}) AND {} IN ({})",
            printer.column(RULE_PLACE),
            said.join(", "),
            printer.column(EXPECTED_PLACE),
            against.join(", ")
        )
    };
    together.iter().map(pair).collect()
}

/// What a step is known by beside its event: the states before and after, and the type; `None` is not known.
type Known = (Option<State>, Option<NumberType>);

/// The last events that the model of states does not allow, and those that do not lead where the source says the number is.
fn events(printer: &Printer<'_>) -> Vec<(EventFit, String)> {
    let Some((model, mode)) = &printer.rules.state_model else { return Vec::new() };
    let event_of = printer.column(Field::LastEvent.key());
    let codes: Vec<&str> = model.events.iter().map(|event| event.code.as_str()).collect();
    let mut found =
        vec![(EventFit::NotAllowed, format!("{event_of} IS NOT NULL AND NOT {}", printer.dialect.is_one_of(&event_of, &codes)))];
    let states = || [None].into_iter().chain(State::ALL.iter().copied().map(Some));
    let types = || [None].into_iter().chain(NumberType::ALL.iter().copied().map(Some));
    for code in codes {
        // The states and types for which the same states are wrong.
        let mut wrong: BTreeMap<Vec<Option<State>>, Vec<Known>> = BTreeMap::new();
        let mut refused: Vec<Known> = Vec::new();
        for (prior, number_type) in states().flat_map(|prior| types().map(move |number_type| (prior, number_type))) {
            let fit = |state: Option<State>| model.fit(Step { prior, event: code, state, number_type }, *mode);
            match fit(None) {
                EventFit::NotAllowed => refused.push((prior, number_type)),
                _ => {
                    let against: Vec<_> = states().filter(|state| fit(*state) == EventFit::Contradicts).collect();
                    if !against.is_empty() {
                        wrong.entry(against).or_default().push((prior, number_type));
                    }
                }
            }
        }
        let is_event = printer.is(Field::LastEvent.key(), &[code]);
        if !refused.is_empty() {
            found.push((EventFit::NotAllowed, format!("{is_event} AND ({})", any_of(printer, &refused))));
        }
        for (against, known) in &wrong {
            let state = one_of(
                printer,
                Field::NumberState.key(),
                &against.iter().map(|state| state.map(State::code)).collect::<Vec<_>>(),
                &all_states(),
            );
            found.push((EventFit::Contradicts, format!("{is_event} AND {state} AND ({})", any_of(printer, known))));
        }
    }
    found
}

fn all_states() -> Vec<&'static str> {
    State::ALL.iter().map(|state| state.code()).collect()
}

/// Whether the state before and the type are one of `known`: those types that have the same states together.
fn any_of(printer: &Printer<'_>, known: &[Known]) -> String {
    let mut by_states: BTreeMap<Vec<Option<State>>, Vec<Option<NumberType>>> = BTreeMap::new();
    for number_type in [None].into_iter().chain(NumberType::ALL.iter().copied().map(Some)) {
        let states: Vec<Option<State>> = known.iter().filter(|(_, known)| *known == number_type).map(|(state, _)| *state).collect();
        if !states.is_empty() {
            by_states.entry(states).or_default().push(number_type);
        }
    }
    let types: Vec<&str> = NumberType::ALL.iter().map(|number_type| number_type.code()).collect();
    let condition = |(states, of_types): (&Vec<Option<State>>, &Vec<Option<NumberType>>)| {
        let states =
            one_of(printer, Field::PriorState.key(), &states.iter().map(|state| state.map(State::code)).collect::<Vec<_>>(), &all_states());
        let of_types =
            one_of(printer, NUMBER_TYPE, &of_types.iter().map(|number_type| number_type.map(NumberType::code)).collect::<Vec<_>>(), &types);
        format!("{states} AND {of_types}")
    };
    by_states.iter().map(condition).collect::<Vec<_>>().join(" OR ")
}

/// Whether the cell of `column` is one of `codes`; `None` among them is whatever is not one of `all`.
fn one_of(printer: &Printer<'_>, column: &str, codes: &[Option<&str>], all: &[&str]) -> String {
    let named: Vec<&str> = codes.iter().flatten().copied().collect();
    if !codes.contains(&None) {
        return printer.is(column, &named);
    }
    let others: Vec<&str> = all.iter().filter(|code| !named.contains(code)).copied().collect();
    if others.is_empty() { "1 = 1".to_owned() } else { format!("NOT {}", printer.is(column, &others)) }
}

/// Flags of rows taken together, of a table with the columns of [`windows`].
fn across_rows(printer: &Printer<'_>) -> [(QualityFlag, String); 4] {
    let column = |key: &str| printer.column(key);
    let given = |key: &str| format!("{} IS NOT NULL", column(key));
    let time = column("confirmed_time");
    let alone = format!("({} IS NULL AND {} IS NULL AND {} IS NULL)", column("order_id"), column("request_id"), column("case_number"));
    [
        (QualityFlag::NumberInTwoOrders, format!("{} AND {} > 1", is_live(printer), column(LIVE_ROWS))),
        (QualityFlag::MixedNumberTypes, format!("{} AND {} = 2", given("request_id"), column(REQUEST_TYPES))),
        (QualityFlag::CaseSpansAccounts, format!("{} AND {} = 2", given("case_number"), column(CASE_ACCOUNTS))),
        (
            QualityFlag::NonstandardTime,
            format!(
                "{time} IS NOT NULL AND {time} <> {STANDARD_TIME_SECONDS} AND ({alone} OR {} <= {LARGE_ORDER_NUMBERS})",
                column(ORDER_ROWS)
            ),
        ),
    ]
}
