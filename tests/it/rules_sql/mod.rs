//! The rules as SQL: every database that runs here says of every row what the rules say, and printers with a fault are found out.

mod dated;
mod domain;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use portstatus::classify::rules::Rules;
use portstatus::classify::sql::dialect::Dialect;
use portstatus::classify::sql::{SqlSpec, days, select};
use portstatus::clock::AsOf;
use portstatus::domain::record::{Field, NUMBER_TYPE};
use portstatus::domain::status::Detail;
use portstatus::templates::Templates;

use crate::fixtures::{calendar, rules};
use crate::program::{PROGRAM, out, said, starting};
use crate::rules_sql::dated::Dated;
use crate::rules_sql::domain::{Domain, Text, type_of};
use crate::servers::postgres_database;
use crate::tools::{folder, found};

const AS_OF: &str = "2026-03-04T12:00";

static DOMAIN: LazyLock<Domain> = LazyLock::new(|| Domain::of(&rules(), AS_OF));
static DATED: LazyLock<Dated> = LazyLock::new(|| Dated::of(&rules(), AS_OF));

/// Rows, and what is to be said of each.
struct Rows<'a> {
    keys: &'a [String],
    rows: &'a [Vec<Text>],
    said: &'a [&'a str],
    expected: &'a [Vec<Text>],
    /// Whether the table of days is asked.
    days: bool,
}

impl<'a> From<&'a Domain> for Rows<'a> {
    fn from(domain: &'a Domain) -> Self {
        Self { keys: &domain.keys, rows: &domain.rows, said: &domain::SAID, expected: &domain.expected, days: false }
    }
}

impl<'a> From<&'a Dated> for Rows<'a> {
    fn from(dated: &'a Dated) -> Self {
        Self { keys: &dated.keys, rows: &dated.rows, said: &dated::SAID, expected: &dated.expected, days: true }
    }
}

/// The place of a row stands here: nothing asks it.
const PLACE: &str = "coordinator";

fn printed(rules: &Rules, dialect: Dialect, table: &str) -> String {
    select(rules, &SqlSpec { dialect, table, as_of: AsOf::parse(AS_OF).unwrap(), days: None })
}

fn printed_for(rows: &Rows, dialect: Dialect, table: &str) -> String {
    let calendar = calendar();
    let days = rows.days.then_some(("port_days", &calendar));
    select(&rules(), &SqlSpec { dialect, table, as_of: AsOf::parse(AS_OF).unwrap(), days })
}

fn days(dialect: Dialect) -> String {
    days::table(dialect, "port_days", &calendar())
}

/// The columns of the record, each with its type.
fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    Field::all().map(Field::key).chain([NUMBER_TYPE]).map(|key| (key, type_of(key)))
}

/// The table in SQLite, and that of days.
fn sqlite(rows: &Rows) -> rusqlite::Connection {
    let mut database = rusqlite::Connection::open_in_memory().unwrap();
    let types =
        columns().map(|(key, kind)| format!("\"{key}\" {}", if kind == "boolean" || kind == "integer" { "INTEGER" } else { "TEXT" }));
    database.execute_batch(&format!("CREATE TABLE port_orders ({})", types.collect::<Vec<_>>().join(", "))).unwrap();
    if rows.days {
        database.execute_batch(&days(Dialect::Sqlite)).unwrap();
    }
    let keys: Vec<String> = rows.keys.iter().map(|key| format!("\"{key}\"")).collect();
    let marks = vec!["?"; keys.len() + 1].join(", ");
    let transaction = database.transaction().unwrap();
    let mut insert = transaction.prepare(&format!("INSERT INTO port_orders (\"{PLACE}\", {}) VALUES ({marks})", keys.join(", "))).unwrap();
    for (place, row) in rows.rows.iter().enumerate() {
        let cell = |(text, key): (&Text, &String)| match (text.as_deref(), type_of(key)) {
            (None, _) => rusqlite::types::Value::Null,
            (Some(text), "boolean") => i64::from(text == "true").into(),
            (Some(text), "integer") => text.parse::<i64>().unwrap().into(),
            (Some(text), _) => text.to_owned().into(),
        };
        let cells = [place.to_string().into()].into_iter().chain(row.iter().zip(rows.keys).map(cell));
        insert.execute(rusqlite::params_from_iter(cells)).unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
    database
}

/// What SQLite says of every row.
fn said_by_sqlite(rows: &Rows, database: &rusqlite::Connection, sql: &str) -> Vec<Vec<Text>> {
    let told = |key: &&str| match *key {
        "overdue" => "CASE WHEN \"overdue\" = 1 THEN 'true' ELSE 'false' END".to_owned(),
        key => format!("CAST(\"{key}\" AS TEXT)"),
    };
    let keys: Vec<String> = rows.said.iter().map(told).collect();
    let mut statement =
        database.prepare(&format!("SELECT {} FROM (\n{sql}\n) ORDER BY CAST(\"{PLACE}\" AS INTEGER)", keys.join(", "))).unwrap();
    let row = |row: &rusqlite::Row<'_>| (0..rows.said.len()).map(|column| row.get::<_, Text>(column)).collect();
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

fn differing(rows: &Rows, said: &[Vec<Text>]) -> usize {
    assert_eq!(said.len(), rows.rows.len());
    said.iter().zip(rows.expected).filter(|(said, expected)| said != expected).count()
}

fn assert_same(rows: &Rows, said: &[Vec<Text>]) {
    assert_eq!(said.len(), rows.rows.len());
    for ((row, said), expected) in rows.rows.iter().zip(said).zip(rows.expected) {
        assert_eq!(said, expected, "{:?} of {:?} {row:?}", rows.said, rows.keys);
    }
}

/// Every rule decides some row, and SQLite says of every row what the rules say.
#[test]
fn sqlite_says_what_the_rules_say() {
    let domain = &*DOMAIN;
    let decided: BTreeSet<usize> = domain.decided.iter().copied().collect();
    assert_eq!(decided.len(), rules().all.len(), "every rule decides some row");
    assert!((40_000..200_000).contains(&domain.rows.len()), "{}", domain.rows.len());
    for rows in [Rows::from(domain), Rows::from(&*DATED)] {
        let said = said_by_sqlite(&rows, &sqlite(&rows), &printed_for(&rows, Dialect::Sqlite, "port_orders"));
        assert_same(&rows, &said);
    }
}

/// Every flag of a single row and of rows together is found in some row that is drawn.
#[test]
fn every_flag_is_found_in_some_row() {
    let found: BTreeSet<&str> = DATED.expected.iter().filter_map(|said| said[0].as_deref()).flat_map(|codes| codes.split("; ")).collect();
    let of_rules = rules().flags.into_iter().map(|flag| flag.flag.code());
    let others = [
        "status_contradiction",
        "event_contradiction",
        "event_not_allowed",
        "number_in_two_orders",
        "mixed_class_request",
        "case_spans_accounts",
        "nonstandard_time",
    ];
    let missing: Vec<&str> = of_rules.chain(others).filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// PostgreSQL compares texts by a collation and knows types: it says the same.
#[test]
fn postgres_says_what_the_rules_say() {
    let types = columns().map(|(key, kind)| format!("\"{key}\" {kind}")).collect::<Vec<_>>().join(", ");
    let Some((mut client, _)) =
        postgres_database("rules_sql", &format!("CREATE TABLE port_orders ({types});\n{}", days(Dialect::Postgres)))
    else {
        return;
    };
    for rows in [Rows::from(&*DOMAIN), Rows::from(&*DATED)] {
        client.batch_execute("DELETE FROM port_orders").unwrap();
        let keys: Vec<String> = rows.keys.iter().map(|key| format!("\"{key}\"")).collect();
        let mut copy =
            client.copy_in(&format!("COPY port_orders (\"{PLACE}\", {}) FROM STDIN (FORMAT csv, NULL '\\N')", keys.join(", "))).unwrap();
        std::io::Write::write_all(&mut copy, csv(&rows, false).as_bytes()).unwrap();
        copy.finish().unwrap();
        let sql = printed_for(&rows, Dialect::Postgres, "port_orders");
        let keys: Vec<String> = rows.said.iter().map(|key| format!("CAST(\"{key}\" AS text)")).collect();
        let found = client
            .query(&format!("SELECT {} FROM (\n{sql}\n) AS said ORDER BY CAST(\"{PLACE}\" AS integer)", keys.join(", ")), &[])
            .unwrap();
        let said: Vec<Vec<Text>> = found.iter().map(|row| (0..rows.said.len()).map(|column| row.get(column)).collect()).collect();
        assert_same(&rows, &said);
    }
}

/// The rows, each with its place before it, and with what is to be said behind it if `with_said`.
fn csv(rows: &Rows, with_said: bool) -> String {
    let mut text = String::new();
    let nothing = Vec::new();
    for (place, (row, said)) in rows.rows.iter().zip(rows.expected).enumerate() {
        write!(text, "{place}").unwrap();
        for cell in row.iter().chain(if with_said { said } else { &nothing }) {
            match cell {
                None => text.push_str(",\\N"),
                Some(cell) => write!(text, ",\"{}\"", cell.replace('"', "\"\"")).unwrap(),
            }
        }
        text.push('\n');
    }
    text
}

/// DuckDB, DataFusion and ClickHouse say the same; sqlglot can read what is printed for those that do not run here.
#[test]
fn engines_that_need_no_server_say_what_the_rules_say() {
    if !found("sql-engines") {
        return;
    }
    for rows in [Rows::from(&*DOMAIN), Rows::from(&*DATED)] {
        let place = folder("rules_sql");
        fs::write(place.join("domain.csv"), csv(&rows, true)).unwrap();
        fs::write(place.join("engines.py"), include_str!("engines.py")).unwrap();
        let columns: Vec<(&str, &str)> = columns().collect();
        let about = serde_json::json!({ "columns": columns, "keys": rows.keys, "said": rows.said, "place": PLACE, "days": rows.days });
        fs::write(place.join("about.json"), about.to_string()).unwrap();
        for dialect in Dialect::ALL {
            let table = if *dialect == Dialect::Clickhouse { "file('domain.parquet', Parquet)" } else { "port_orders" };
            fs::write(place.join(format!("{}.sql", dialect.code())), printed_for(&rows, *dialect, table)).unwrap();
            fs::write(place.join(format!("{}.days.sql", dialect.code())), days(*dialect)).unwrap();
        }
        let done = starting("python3").arg("engines.py").current_dir(&place).output().unwrap();
        let (out, error) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{out}{error}");
        let count = rows.rows.len();
        let expected = ["duckdb", "datafusion", "clickhouse"].map(|engine| format!("{engine}: {count} rows, 0 differ\n")).concat();
        let parsed = ["spark", "snowflake", "bigquery", "trino", "sqlserver"].map(|dialect| format!("{dialect}: parsed\n")).concat();
        assert_eq!(out, expected + &parsed, "{error}");
    }
}

/// The sample and the generated orders as a record, classified by DuckDB: what it says is what the report shows.
#[test]
fn a_record_that_another_engine_classifies_says_what_the_report_says() {
    if !found("duckdb") {
        return;
    }
    let place = folder("rules_sql_record");
    let sample = std::env::current_dir().unwrap().join("samples/port-orders.csv");
    let run = |arguments: &[&str]| starting(PROGRAM).args(arguments).current_dir(&place).output().unwrap();
    let done = run(&["sample", "--rows", "5000", "--seed", "3", "--out", "made.csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    for input in [sample.to_str().unwrap(), "made.csv"] {
        let as_of = ["--as-of", "2026-11-21T18:00:00Z"];
        let done = run(&[&["normalize", input, "--to", "parquet", "--out", "record.parquet"], as_of.as_slice()].concat());
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        let done = run(&[&["rules", "--sql", "duckdb", "--table", "'record.parquet'", "--out", "rules.sql"], as_of.as_slice()].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let columns = "source_row,number_state,status,detail,rule,action_owner,next_step,reason_code,reject_reason";
        let report =
            ["report", input, "--format", "jsonl", "--columns", columns, "--sort", "source_row", "--out", "report.jsonl", "--rejects-ok"];
        let done = run(&[report.as_slice(), &as_of].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let done = starting("python3").args(["-c", SAME_AS_REPORT, columns]).current_dir(&place).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
        let rows: usize = out(&done).trim().parse().unwrap();
        assert!(rows > 250, "{rows}");
    }
}

/// A record never takes the place of what it is made of, and wrong options are refused in one line.
#[test]
fn a_record_is_not_written_over_its_input_and_tables_have_names() {
    let place = folder("rules_sql_refused");
    let orders = "number,request,status\n6505551234,R1,Submitted\n";
    fs::write(place.join("orders.csv"), orders).unwrap();
    fs::write(place.join("accounts.csv"), "account_id,partner\nA-1,North\n").unwrap();
    let cases: [(&[&str], u8, &str); 7] = [
        (&["normalize", "orders.csv", "--out", "orders.csv"], 64, "orders.csv"),
        (&["normalize", "orders.csv", "--accounts", "accounts.csv", "--out", "accounts.csv"], 64, "accounts.csv"),
        (&["normalize", "missing.csv", "--out", "record.parquet"], 66, "missing.csv"),
        (&["rules", "--sql", "duckdb", "--table", " "], 64, "--table: names no table"),
        (&["rules", "--sql", "duckdb", "--days-table", ""], 64, "--days-table: names no table"),
        (&["rules", "--as-of", "2026-11-21"], 64, "--as-of: is for the rules as SQL"),
        (&["rules", "--sql", "duckdb", "--calendar", "nosuch"], 64, "nosuch"),
    ];
    for (arguments, code, says) in cases {
        let done = starting(PROGRAM).args(arguments).current_dir(&place).output().unwrap();
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(error.contains(says) && error.lines().count() == 1, "{arguments:?}: {error}");
        assert_eq!(done.status.code(), Some(i32::from(code)), "{arguments:?}: {error}");
    }
    assert_eq!(fs::read_to_string(place.join("orders.csv")).unwrap(), orders);
    assert!(!place.join("record.parquet").exists());
}

/// Rules without a derived column for the state that is known print SQL that says what they say; those without flags are refused.
#[test]
fn rules_of_ones_own_are_printed_as_they_are() {
    let text = Templates::default().text("rules/classification.toml").unwrap();
    let (before, flags) = text.split_at(text.find("[[flag]]").unwrap());
    let templates = folder("rules_sql_own");
    fs::create_dir(templates.join("rules")).unwrap();
    fs::write(templates.join("rules/classification.toml"), before).unwrap();
    let error = Rules::load(&Templates::new(Some(templates.as_path())).unwrap(), &[]).unwrap_err().to_string();
    assert!(error.contains("has no [[flag]]"), "{error}");
    let reverse: String = Detail::ALL.iter().map(|detail| format!("{} = \"pending\"\n", detail.code())).collect();
    let says = "why = \"w\"\nowner = \"nobody\"\nnext_step = \"n\"\nstatus = \"given\"\ndetail = \"submitted\"\n";
    let own = format!("[reverse]\n{reverse}[[rule]]\nid = \"last\"\n{says}{flags}");
    let rules = Rules::parse(&own, "r.toml", &[]).unwrap();
    let dated = Dated::of(&rules, AS_OF);
    let rows = Rows::from(&dated);
    let calendar = calendar();
    let spec = SqlSpec {
        dialect: Dialect::Sqlite,
        table: "port_orders",
        as_of: AsOf::parse(AS_OF).unwrap(),
        days: Some(("port_days", &calendar)),
    };
    assert_same(&rows, &said_by_sqlite(&rows, &sqlite(&rows), &select(&rules, &spec)));
}

/// Compares what DuckDB says of the record with the report, row by row; prints how many rows there are.
const SAME_AS_REPORT: &str = r#"
import duckdb, json, sys
keys = sys.argv[1].split(',')
sql = open('rules.sql').read()
database = duckdb.connect()
found = database.execute(sql)
names = [column[0] for column in found.description]
lines = [row[0] for row in database.execute('SELECT line FROM read_parquet("record.parquet")').fetchall()]
found = [dict(zip(names, row)) | {'source_row': line} for row, line in zip(database.execute(sql).fetchall(), lines)]
found = sorted(([row[key] for key in keys] for row in found), key=lambda row: row[0])
shown = [json.loads(line) for line in open('report.jsonl')]
shown = sorted(([row.get(key) for key in keys] for row in shown), key=lambda row: row[0])
assert len(found) == len(shown), (len(found), len(shown))
for one, other in zip(found, shown):
    assert one == other, (one, other)
print(len(found))
"#;

/// A fault of the printer shows in some row.
#[test]
fn faults_of_the_printer_are_found() {
    let (domain, rules) = (&*DOMAIN, rules());
    let rows = Rows::from(domain);
    let database = sqlite(&rows);
    let sql = printed(&rules, Dialect::Sqlite, "port_orders");
    let differ = |sql: &str| differing(&rows, &said_by_sqlite(&rows, &database, sql));
    let replaced = |from: &str, to: &str| {
        let faulty = sql.replacen(from, to, 1);
        assert_ne!(faulty, sql, "nothing to replace: {from}");
        differ(&faulty)
    };
    assert!(replaced("r.\"loa_received\" IS NULL OR NOT", "1 = 0 OR NOT") > 0, "a check for null dropped");
    assert!(replaced("\"reject_reason\" IS NOT NULL", "\"reject_reason\" IS NULL") > 0, "a check for null turned round");
    let mut found = 0;
    for place in (0..rules.all.len() - 1).filter(|place| domain.has_overlap(&rules, *place)) {
        let mut swapped = rules.clone();
        swapped.all.swap(place, place + 1);
        assert!(differ(&printed(&swapped, Dialect::Sqlite, "port_orders")) > 0, "{} and the next swapped", rules.all[place].id);
        found += 1;
    }
    assert!(found > 10, "{found}");
}

/// The conditions that the shipped rules have no use for.
#[test]
fn conditions_of_days_and_numbers_mean_the_same_in_sql() {
    let (rules, domain) = &*OTHER;
    let rows = Rows::from(domain);
    let database = sqlite(&rows);
    let sql = printed(rules, Dialect::Sqlite, "port_orders");
    let differ = |sql: &str| differing(&rows, &said_by_sqlite(&rows, &database, sql));
    assert_eq!(differ(&sql), 0);
    for (right, wrong) in [
        (" < '2026", " <= '2026"),
        (" >= '2026", " > '2026"),
        (" < 5", " <= 5"),
        (" <= 7", " < 7"),
        (" >= 11", " > 11"),
        (" > 12", " >= 12"),
    ] {
        let faulty = sql.replacen(right, wrong, 1);
        assert_ne!(faulty, sql, "{right}");
        assert!(differ(&faulty) > 0, "{wrong} for {right}");
    }
}

/// Rules that use every condition, and a reject reason of a rule's own.
static OTHER: LazyLock<(Rules, Domain)> = LazyLock::new(|| {
    let conditions = [
        "when.confirmed_date.before = \"as_of\"\nwhen.number_state.not_in = [\"pending\"]",
        "when.confirmed_date.from = \"as_of\"\nwhen.loa_received.not_in = [true]",
        "when.confirmed_time.less_than = 5\nwhen.chosen.in = [\"canceled\"]",
        "when.confirmed_time.at_most = 7\nwhen.chosen.null = true",
        "when.confirmed_time.equals = 9\nwhen.loa_received.null = true",
        "when.confirmed_time.more_than = 12\nwhen.partner.null = true",
        "when.confirmed_time.at_least = 11",
        "when.reject_reason.null = false\nwhen.chosen.not_in = [\"portable\"]",
    ];
    let says = "why = \"w\"\nowner = \"nobody\"\nnext_step = \"it's \\\\ odd\"\nstatus = \"given\"\ndetail = \"submitted\"\n";
    let rule: String = conditions.iter().enumerate().map(|(index, when)| format!("[[rule]]\nid = \"{index}\"\n{when}\n{says}")).collect();
    let derived = "[[derived]]\ncolumn = \"chosen\"\n[[derived.case]]\nwhen.loa_received.in = [false]\nvalue = \"canceled\"\n[[derived.case]]\nwhen.number_state.null = false\ncolumn = \"prior_state\"\n";
    let reverse: String = Detail::ALL.iter().map(|detail| format!("{} = \"pending\"\n", detail.code())).collect();
    let text = format!("[reverse]\n{reverse}{derived}{rule}[[rule]]\nid = \"last\"\n{says}");
    let rules = Rules::parse(&text, "r.toml", &[]).unwrap();
    let domain = Domain::of(&rules, AS_OF);
    (rules, domain)
});
