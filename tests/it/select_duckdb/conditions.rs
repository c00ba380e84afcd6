//! Conditions made by chance, the same in every run, over the columns of a report.

use portstatus::domain::columns::{COLUMNS, ColumnDef, ColumnType};

use crate::select_duckdb::{TEXTS, shown};

/// Numbers that look chosen at random and are the same in every run.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    pub fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A column of one of these types.
fn column(chance: &mut Chance, fits: impl Fn(&ColumnDef) -> bool) -> &'static str {
    let keys: Vec<&str> = shown().filter(|column| fits(column)).map(|column| column.key).collect();
    chance.of(&keys)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn is_text(column: &ColumnDef) -> bool {
    column.column_type.is_string() && !column.is_closed_list()
}

fn date(chance: &mut Chance) -> String {
    let day = format!("'2026-{:02}-{:02}'", 1 + chance.below(12), 1 + chance.below(28));
    let key = column(chance, |column| column.column_type == ColumnType::Date);
    match chance.below(8) {
        0 => "today".to_owned(),
        1 => format!("today - {}", chance.below(200)),
        2 => format!("{key} + {}", chance.below(90)),
        3 => format!("date_trunc('{}', {key})", chance.of(&["day", "week", "month", "quarter", "year"])),
        4 => format!("DATE {day}"),
        5 => format!("CAST({day} AS DATE)"),
        6 => format!("coalesce({key}, DATE {day})"),
        _ => key.to_owned(),
    }
}

fn number(chance: &mut Chance, depth: usize) -> String {
    let key = column(chance, |column| column.column_type == ColumnType::Count);
    let date_key = column(chance, |column| column.column_type == ColumnType::Date);
    let text = column(chance, is_text);
    let small = chance.below(40);
    match chance.below(if depth == 0 { 7 } else { 11 }) {
        0 => small.to_string(),
        1 => format!("length({text})"),
        2 => format!("{}({date_key})", chance.of(&["year", "month", "day"])),
        3 => format!("extract({} from {date_key})", chance.of(&["year", "month"])),
        4 => format!("({date_key} - {})", column(chance, |column| column.column_type == ColumnType::Date)),
        5 | 6 => key.to_owned(),
        7 => format!("({} {} {})", number(chance, depth - 1), chance.of(&["+", "-", "*"]), number(chance, depth - 1)),
        8 => format!("({} % {})", number(chance, depth - 1), 1 + small),
        9 => format!("-({})", number(chance, depth - 1)),
        _ => format!("abs({})", number(chance, depth - 1)),
    }
}

fn text(chance: &mut Chance) -> String {
    let key = column(chance, |column| column.column_type.is_string());
    match chance.below(9) {
        0 => format!("lower({key})"),
        1 => format!("upper({key})"),
        2 => format!("trim({key})"),
        3 => format!("substring({key}, {}, {})", 1 + chance.below(4), chance.below(5)),
        4 => format!("({key} || '-' || {})", column(chance, is_text)),
        5 => format!("coalesce({key}, 'none')"),
        6 => format!("cast({} as varchar)", column(chance, |column| matches!(column.column_type, ColumnType::Count | ColumnType::Date))),
        7 => format!("case when {} then 'x' else {} end", predicate(chance, 0), column(chance, is_text)),
        _ => column(chance, is_text).to_owned(),
    }
}

fn compared(chance: &mut Chance, left: &str, right: impl Fn(&mut Chance) -> String) -> String {
    match chance.below(7) {
        0 => format!("{left} in ({}, {})", right(chance), right(chance)),
        1 => format!("{left} {} {} and {}", chance.of(&["between", "not between"]), right(chance), right(chance)),
        2 => format!("{left} is {}distinct from {}", chance.of(&["", "not "]), right(chance)),
        3 => format!("{left} not in ({}, {})", right(chance), right(chance)),
        _ => format!("{left} {} {}", chance.of(&["=", "<>", "<", "<=", ">", ">="]), right(chance)),
    }
}

/// A condition of some depth.
pub fn predicate(chance: &mut Chance, depth: usize) -> String {
    let text_literal = |chance: &mut Chance| {
        let known = chance.of(TEXTS);
        quoted(if chance.below(3) == 0 { chance.of(&["100", "R7", "m", "", "Completed"]) } else { known })
    };
    match chance.below(if depth == 0 { 10 } else { 14 }) {
        0 => {
            let left = text(chance);
            compared(chance, &left, text_literal)
        }
        1 => {
            let left = date(chance);
            compared(chance, &left, date)
        }
        2 => {
            let key = column(chance, |column| column.column_type == ColumnType::Date);
            compared(chance, key, |chance| format!("'2026-{:02}-{:02}'", 1 + chance.below(12), 1 + chance.below(28)))
        }
        3 => {
            let left = number(chance, 2);
            compared(chance, &left, |chance| number(chance, 1))
        }
        4 => {
            let left = number(chance, 1);
            let divisor = 1 + chance.below(9);
            format!("{left} / {divisor} {} {}.{}", chance.of(&["<", ">", "="]), chance.below(20), chance.below(10))
        }
        5 => {
            let (left, like) = (text(chance), chance.of(&["like", "ilike", "not like", "not ilike"]));
            format!("{left} {like} {}", quoted(chance.of(&["%a%", "_c%", "ACME%", "%ß%", "i%", "%\\%%", "", "%", "Île%", "%σ"])))
        }
        6 => {
            let key = column(chance, |column| column.is_closed_list());
            let choices = COLUMNS.iter().find(|column| column.key == key).unwrap().choices;
            compared_equal(chance, key, |chance| quoted(choices[chance.below(choices.len())].caption))
        }
        7 => {
            let key = column(chance, |column| column.column_type == ColumnType::Bool);
            let form = chance.of(&[
                "@",
                "not @",
                "@ = 'yes'",
                "@ <> 'no'",
                "@ is true",
                "@ is not false",
                "@ is null",
                "@ = true",
                "cast(@ as integer) = 1",
            ]);
            form.replace('@', key)
        }
        8 => {
            let key = column(chance, |column| matches!(column.column_type, ColumnType::Time | ColumnType::Instant));
            let is_time = key == "confirmed_time";
            compared(chance, key, move |chance| match is_time {
                true => format!("'{:02}:{:02}'", chance.below(24), chance.below(60)),
                false => format!("'2026-{:02}-{:02}T{:02}:00:00'", 1 + chance.below(12), 1 + chance.below(28), chance.below(24)),
            })
        }
        9 => {
            let key = column(chance, |_| true);
            format!("{key} is {}null", chance.of(&["", "not "]))
        }
        10 => format!("not ({})", predicate(chance, depth - 1)),
        11 | 12 => format!("({} and {})", predicate(chance, depth - 1), predicate(chance, depth - 1)),
        _ => format!("({} or {})", predicate(chance, depth - 1), predicate(chance, depth - 1)),
    }
}

fn compared_equal(chance: &mut Chance, key: &str, right: impl Fn(&mut Chance) -> String) -> String {
    match chance.below(3) {
        0 => format!("{key} in ({}, {})", right(chance), right(chance)),
        1 => format!("{key} <> {}", right(chance)),
        _ => format!("{key} = {}", right(chance)),
    }
}
