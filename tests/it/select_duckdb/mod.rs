//! Conditions beside DuckDB: of a few hundred generated ones, each that is accepted selects the rows that DuckDB selects from the report's own CSV.

mod conditions;

use std::fs;
use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::domain::columns::{COLUMNS, ColumnDef, ColumnType, Computed};
use portstatus::export::guard::Guard;
use portstatus::export::{Options, format};
use portstatus::report::build::build;
use portstatus::select::{Query, select};
use serde_json::{Value, json};

use crate::fixtures::{AS_OF, Row, classified};
use crate::report_fixture::template;
use crate::select_duckdb::conditions::{Chance, predicate};
use crate::tools;

/// Rows of the table.
const ROWS: usize = 120;

/// Generated conditions.
const CONDITIONS: usize = 450;

/// Texts as exports hold them, with what makes functions differ.
pub const TEXTS: &[&str] = &[
    "Acme, Inc.",
    "acme",
    "Île-de-Nord Café",
    "STRASSE",
    "Straße",
    "ΑΣ",
    "İstanbul",
    " padded ",
    "a%b_c",
    "O'Neil",
    "2\tTabs",
    "Ünïcode",
    "東京",
    "Zeta",
];

fn table() -> Classified {
    let mut chance = Chance(7);
    let details = [
        "firm_order_confirmation",
        "accepted",
        "rejected",
        "completed",
        "cancelled",
        "reviewed",
        "waiting_for_loa",
        "submitted",
        "closed_as_incomplete",
    ];
    let day = |chance: &mut Chance| format!("2026-{:02}-{:02}", 1 + chance.below(12), 1 + chance.below(28));
    let rows: Vec<Vec<(&str, String)>> = (0..ROWS)
        .map(|row| {
            let toll_free = row % 6 == 0;
            let phone = format!("+1{}555{:04}", if toll_free { "800" } else { "212" }, row);
            let mut cells = vec![("phone_number", phone)];
            let mut add = |chance: &mut Chance, key, cell: String| {
                if chance.below(5) > 0 {
                    cells.push((key, cell));
                }
            };
            let detail = chance.of(&details).to_owned();
            add(&mut chance, "given_detail", detail);
            for key in
                ["account_company", "account_username", "location", "coordinator", "configuration_profile", "product_line", "partner"]
            {
                let text = chance.of(TEXTS).to_owned();
                add(&mut chance, key, text);
            }
            for key in ["submitted_date", "estimated_date", "confirmed_date", "created_date", "requested_date", "approved_date"] {
                let date = day(&mut chance);
                add(&mut chance, key, date);
            }
            let time = format!("{:02}:{:02}:{:02}", chance.below(24), chance.below(60), 30 * chance.below(2));
            add(&mut chance, "confirmed_time", time);
            for key in ["completed_at", "updated_at"] {
                let instant = format!(
                    "{}T{:02}:{:02}:{:02}.{}",
                    day(&mut chance),
                    chance.below(24),
                    chance.below(60),
                    chance.below(60),
                    chance.below(2) * 5
                );
                add(&mut chance, key, instant);
            }
            let (account, request) = (["050", "100", "A-1", "9"][chance.below(4)].to_owned(), format!("R{}", chance.below(30)));
            add(&mut chance, "account_id", account);
            add(&mut chance, "request_id", request);
            let case = chance.below(400).to_string();
            add(&mut chance, "case_number", case);
            let priority = chance.of(&["standard", "expedite"]).to_owned();
            add(&mut chance, "priority", priority);
            let outcome = chance.of(&["portable", "not_portable", "Pending"]).to_owned();
            add(&mut chance, "review_outcome", outcome);
            let reason = chance.of(&["PIN \"0000\" invalid", "Wrong name", "Frozen\nline"]).to_owned();
            add(&mut chance, "reject_reason", reason);
            cells
        })
        .collect();
    let rows: Vec<Vec<(&str, &str)>> = rows.iter().map(|row| row.iter().map(|(key, cell)| (*key, cell.as_str())).collect()).collect();
    classified(&rows.iter().map(Vec::as_slice).collect::<Vec<Row>>())
}

pub fn shown() -> impl Iterator<Item = &'static ColumnDef> {
    // A report of numbers is not asked of requests and actions.
    COLUMNS.iter().filter(|column| column.is_in_reports() && column.computed != Computed::Derived)
}

/// Conditions as they are written here, and as DuckDB takes them where that differs.
const PAIRS: &[(&str, &str)] = &[
    ("phone_number = '(212) 555-0007'", "phone_number = '+12125550007'"),
    ("phone_number in ('212.555.0007', 2125550008)", "phone_number in ('+12125550007', '+12125550008')"),
    ("account_id = 100", "account_id = '100'"),
    ("account_id <> 050", "account_id <> '050'"),
    ("account_id in (100, 9)", "account_id in ('100', '9')"),
    ("EPD > today() and FOC <= '2026-12-31'", "estimated_date > today and confirmed_date <= '2026-12-31'"),
    ("\"Customer Requested Date (CRD)\" = CRD", "requested_date = requested_date"),
    ("status = 'confirmed'", "status = 'Scheduled'"),
    ("status = 'unknown'", "status = '(unknown)'"),
    (
        "confirmed_date >= date_trunc('month', today) and month(FOC) = month(today)",
        "confirmed_date >= date_trunc('month', today) and month(confirmed_date) = month(today)",
    ),
    ("7.5 / 2 = 3.75", "7.5 / 2 = 3.75"),
    ("lower('ABC') = 'abc' and days_to_port is not null", "lower('ABC') = 'abc' and days_to_port is not null"),
    ("days_to_port % 7 = 1 or -7 % 3 = -1", "days_to_port % 7 = 1 or -7 % 3 = -1"),
    ("length(phone_number) % length(account_id) = 0", "length(phone_number) % length(account_id) = 0"),
    ("-days_to_port % (quality_count + 2) < 0", "-days_to_port % (quality_count + 2) < 0"),
    ("days_to_port / 0 > 5", "days_to_port / 0 > 5"),
    ("days_to_port / quality_count > 2", "days_to_port / quality_count > 2"),
    ("'a' || 'b' = 'ab'", "'a' || 'b' = 'ab'"),
    ("null = 'x' or status in ('Completed', null)", "null = 'x' or status in ('Completed', null)"),
    ("cast('2026-03-04' as varchar) = '2026-03-04'", "cast('2026-03-04' as varchar) = '2026-03-04'"),
    ("account_company like '%!%%' escape '!'", "account_company like '%!%%' escape '!'"),
];

const SCRIPT: &str = r#"
import csv, json, sys
import duckdb
asked = json.load(open(sys.argv[2], encoding="utf-8"))
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = [[cell or None for cell in row] for row in csv.reader(file)][1:]
keys = [key for key, _ in asked["columns"]]
base = duckdb.connect()
base.execute("create table raw (" + ", ".join(key + " varchar" for key in keys) + ")")
base.executemany("insert into raw values (" + ", ".join("?" for _ in keys) + ")", rows)
cells = ", ".join(f"cast({key} as {kind}) as {key}" for key, kind in asked["columns"])
base.execute(f"create table report as select {cells}, date '{asked['today']}' as today from raw")
answers = []
for condition in asked["conditions"]:
    try:
        found = base.execute("select source_row from report where " + condition + " order by 1").fetchall()
        answers.append([row for (row,) in found])
    except duckdb.Error as error:
        answers.append(str(error))
print(json.dumps(answers))
"#;

#[test]
fn accepted_conditions_give_what_duckdb_gives() {
    if !tools::found("duckdb") {
        return;
    }
    let classified = Arc::new(table());
    let names = template().names();
    let columns: Vec<String> = shown().map(|column| column.key.to_owned()).collect();
    let report =
        build(&select(&classified, None, &Query { columns, ..Query::default() }.check(&names).unwrap()).unwrap(), &template(), "").unwrap();
    let folder = tools::folder("duckdb");
    let mut csv = Vec::new();
    let options = Options { csv_guard: Guard::Raw, ..Options::default() };
    format("csv").unwrap().export(&report, &options, &mut csv).unwrap();
    fs::write(folder.join("report.csv"), csv).unwrap();

    let mut chance = Chance(42);
    let generated: Vec<String> = (0..CONDITIONS).map(|_| predicate(&mut chance, 2)).collect();
    let pairs: Vec<(&str, &str)> =
        PAIRS.iter().copied().chain(generated.iter().map(|condition| (condition.as_str(), condition.as_str()))).collect();
    let kinds: Vec<(&str, &str)> = shown()
        .map(|column| {
            let kind = match column.column_type {
                ColumnType::Date => "date",
                ColumnType::Time => "time",
                ColumnType::Instant => "timestamp",
                ColumnType::Count => "bigint",
                ColumnType::Bool => "boolean",
                _ => "varchar",
            };
            (column.key, kind)
        })
        .collect();
    let conditions: Vec<&str> = pairs.iter().map(|(_, theirs)| *theirs).collect();
    let asked = json!({ "columns": kinds, "today": &AS_OF[..10], "conditions": conditions });
    let asked_path = folder.join("asked.json");
    fs::write(&asked_path, asked.to_string()).unwrap();
    let script = folder.join("ask.py");
    fs::write(&script, SCRIPT).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let answers = tools::run("python3", &[&path("ask.py"), &path("report.csv"), &path("asked.json")]);
    let answers: Vec<Value> = serde_json::from_str(&answers).unwrap();

    let (mut refused, mut selective, mut faults) = (Vec::new(), 0, Vec::new());
    for ((ours, _), theirs) in pairs.iter().zip(&answers) {
        let query = Query { where_sql: vec![(*ours).to_owned()], ..Query::default() };
        let query = match query.check(&names) {
            Ok(query) => query,
            Err(error) => {
                refused.push(format!("{ours}: {error}"));
                continue;
            }
        };
        let selection = select(&classified, None, &query).unwrap();
        let mut rows: Vec<u64> = selection.rows.iter().flatten().map(|row| u64::from(row) + 2).collect();
        rows.sort_unstable();
        selective += usize::from(!rows.is_empty() && rows.len() < ROWS);
        if json!(rows) != *theirs {
            faults.push(format!("{ours}\n  here    {rows:?}\n  duckdb  {theirs}"));
        }
    }
    assert!(faults.is_empty(), "{} of {} differ:\n{}", faults.len(), pairs.len(), faults.join("\n"));
    assert!(refused.len() * 10 < pairs.len(), "{} of {} are refused:\n{}", refused.len(), pairs.len(), refused.join("\n"));
    assert!(selective * 3 > pairs.len(), "only {selective} of {} conditions choose some rows and leave out others", pairs.len());
    let pairs_refused: Vec<&String> =
        refused.iter().filter(|said| PAIRS.iter().any(|(ours, _)| said.starts_with(&format!("{ours}: ")))).collect();
    assert!(pairs_refused.is_empty(), "{pairs_refused:?}");
}
