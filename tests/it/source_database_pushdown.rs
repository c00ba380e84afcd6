//! Filters that databases judge: the rows of the report are those that it has when they are judged here.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, STEM, out, said, starting};
use crate::servers::{PASSWORD, mariadb_database, postgres_database};
use crate::tools::{folder, found, run as tool};

/// Blanks around ids, requests of several days, a newer row of another day, and rows without a request.
const ROWS: &str = "INSERT INTO port_orders VALUES
  ('212-555-0101', 'A-1', 'R-1', 'Completed', '2026-01-05', '2026-01-01 10:00:00', '2026-01-06 10:00:00'),
  ('212-555-0102', '  A-1 ', 'R-1', 'In Progress', '2026-02-05', '2026-01-02 10:00:00', NULL),
  ('212-555-0103', 'A-2', 'R-2', 'In Progress', '2026-01-05', '2026-01-31 23:30:00', '2026-01-06 10:00:00'),
  ('212-555-0103', 'A-2', 'R-2', 'Completed', '2026-03-05', '2026-01-31 23:30:00', '2026-03-06 10:00:00'),
  ('212-555-0104', 'A-10', 'R-3', 'Canceled', NULL, NULL, NULL),
  ('212-555-0105', 'a-1', NULL, 'In Progress', '2026-01-20', '2026-02-01 00:30:00', '2026-01-06 10:00:00'),
  ('212-555-0105', 'a-1', NULL, 'In Progress', '2026-04-20', '2026-02-01 00:30:00', '2026-04-06 10:00:00'),
  ('212-555-0106', 'A''); DROP TABLE port_orders; --', 'R-\"4', 'Completed', '2026-01-31', NULL, NULL),
  ('212-555-0107', NULL, ' R-1', 'Waiting for You', NULL, '2026-02-01 08:30:00', NULL),
  ('212-234-5608', 'A-2', 'R-5', 'In Progress', NULL, NULL, NULL),
  ('212-234-5608', 'A-2', 'R-6', 'In Progress', NULL, NULL, NULL)";

fn run(place: &Path, arguments: &[&str]) -> Output {
    let mut command = starting(PROGRAM);
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").env("MYSQL_PWD", PASSWORD).output().unwrap()
}

/// The rows of a report, what its manifest notes, and how many rows were read.
fn report(place: &Path, input: &str, arguments: &[&str]) -> (String, String, u64) {
    let _ = fs::remove_dir_all(place.join("out"));
    let done = run(
        place,
        &[&["report", input, "--table", "port_orders", "--as-of", AS_OF, "--format", "csv", "--out", "out"], arguments].concat(),
    );
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", said(&done));
    let read = |name: &str| fs::read_to_string(place.join("out").join(format!("{STEM}.{name}"))).unwrap();
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    (read("csv"), manifest["content"]["notes"].to_string(), manifest["content"]["counts"]["read"].as_u64().unwrap())
}

/// Each filter judged here and there: the same rows. `less` says for which the database leaves rows out.
fn compare(input: &str, knows_days: bool) {
    let place = folder("pushdown");
    let cases: [(&[&str], bool); 10] = [
        (&["--account", "A-1"], true),
        (&["--account", "A-2,a-1"], true),
        (&["--account", "A'); DROP TABLE port_orders; --"], true),
        (&["--account", "nobody"], true),
        (&["--request", "R-1"], true),
        (&["--request", "R-\"4", "--account", "A-1,A'); DROP TABLE port_orders; --"], true),
        (&["--confirmed", "2026-01-01..2026-01-31"], knows_days),
        (&["--confirmed", "2026-03-01..", "--account", "A-2"], true),
        (&["--created", "..2026-01-31"], knows_days),
        (&["--created", "2026-02-01"], knows_days),
    ];
    for (filters, is_less) in cases {
        let (expected, notes, all) = report(&place, input, filters);
        assert!(!notes.contains("at the source"), "{notes}");
        let (rows, notes, read) = report(&place, input, &[filters, &["--pushdown"]].concat());
        assert_eq!(rows, expected, "{input} {filters:?}");
        assert_eq!(read < all, is_less, "{input} {filters:?}: {read} of {all}; {notes}");
        assert_eq!(notes.contains("filtered at the source: ") && notes.contains("within the rows read"), is_less, "{notes}");
        let says_here = !knows_days && (filters[0] == "--confirmed" || filters[0] == "--created");
        assert_eq!(notes.contains("not filtered at the source, but here: "), says_here, "{notes}");
        let done = run(
            &place,
            &[&["report", input, "--table", "port_orders", "--explain-query", "--pushdown", "--out", "none"], filters].concat(),
        );
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let (sent, values): (Vec<_>, Vec<_>) = out(&done).lines().map(str::to_owned).partition(|line| line.contains("SELECT"));
        assert!(
            !sent.is_empty() && !sent.iter().any(|line| line.contains("A-1") || line.contains("DROP") || line.contains("2026")),
            "{}",
            out(&done)
        );
        assert!(!is_less || values.iter().any(|line| line.contains(" = \"")), "{}", out(&done));
        assert!(!place.join("none").exists());
    }
    flags_say_what_they_look_at(&place, input);
    // What is asked without filters, or of a query, is what it was.
    let (expected, ..) = report(&place, input, &[]);
    assert_eq!(report(&place, input, &["--pushdown"]).0, expected);
    let done = run(&place, &["report", input, "--query", "select * from port_orders", "--explain-query", "--pushdown", "--account", "A-1"]);
    assert!(out(&done).contains("a query is run as it is given"), "{}", said(&done));
}

/// Where the database left out rows, flags that look across rows say so wherever they stand, and the manifest by which filters.
fn flags_say_what_they_look_at(place: &Path, input: &str) {
    const WITHIN: &str = " (within the rows read)";
    let filters = ["--account", "A-2", "--status", "In Progress", "--format", "csv,xlsx,pdf", "--columns", "phone_number,quality_flags"];
    let made = |more: &[&str]| {
        let (csv, notes, _) = report(place, input, &[&filters, more].concat());
        let out = place.join("out");
        let manifest: Value = serde_json::from_str(&fs::read_to_string(out.join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
        let mut book = zip::ZipArchive::new(fs::File::open(out.join(format!("{STEM}.xlsx"))).unwrap()).unwrap();
        let mut texts = String::new();
        for member in 0..book.len() {
            let _ = book.by_index(member).unwrap().read_to_string(&mut texts);
        }
        let pdf = out.join(format!("{STEM}.pdf"));
        let pages = found("pdftotext").then(|| tool("pdftotext", &["-raw", pdf.to_str().unwrap(), "-"]).replace('\n', " "));
        (csv, notes, manifest["content"]["inputs"][0]["filtered_at_source"].clone(), texts, pages)
    };
    let meaning = "the number is in more than one live order";
    let (csv, notes, filtered, book, pages) = made(&["--pushdown"]);
    assert!(csv.contains(&format!("+12122345608,number_in_two_orders{WITHIN}\r\n")), "{csv}");
    assert!(notes.contains("filtered at the source: account_id is A-2;") && notes.contains("but here: status ("), "{notes}");
    assert_eq!(filtered, serde_json::json!(["account_id is A-2"]));
    assert!(book.contains(&format!("{meaning}{WITHIN}")), "{book}");
    assert!(!book.contains(&format!("{meaning}<")) && book.contains(&format!("number_in_two_orders{WITHIN}")), "{book}");
    assert!(pages.is_none_or(|pages| pages.matches(WITHIN).count() >= 2));
    let (all, notes, filtered, book, pages) = made(&[]);
    assert_eq!(all, csv.replace(WITHIN, ""));
    assert!(
        !notes.contains("source:") && filtered.is_null() && !book.contains(WITHIN) && pages.is_none_or(|pages| !pages.contains(WITHIN))
    );
    let told =
        run(place, &[&["report", input, "--table", "port_orders", "--as-of", AS_OF, "--out", "told", "--pushdown"], &filters[..]].concat());
    assert!(out(&told).contains(&format!("number_in_two_orders 2{WITHIN}")), "{}", said(&told));
}

#[test]
fn filters_give_the_same_rows_there_as_here_in_postgresql() {
    let table = "CREATE TABLE port_orders (phone_number text, account_id text, request_id text, status text, confirmed_date date, created_date timestamptz, updated_at timestamptz);";
    let Some((_owner, url)) = postgres_database("pushdown", &format!("SET TimeZone = 'UTC'; {table}{ROWS}")) else { return };
    compare(&url, true);
}

#[test]
fn filters_give_the_same_rows_there_as_here_in_mariadb() {
    let table = "CREATE TABLE port_orders (phone_number varchar(40), account_id varchar(40), request_id varchar(40), status varchar(40), confirmed_date date, created_date datetime, updated_at timestamp NULL)";
    let Some((_owner, url)) = mariadb_database("pushdown", &[table, "SET time_zone = '+00:00'", ROWS]) else { return };
    compare(&url, true);
}

#[test]
fn filters_give_the_same_rows_there_as_here_in_sqlite() {
    if !found("python3") {
        return;
    }
    let path = folder("pushdown_sqlite").join("orders.db");
    let table = "CREATE TABLE port_orders (phone_number, account_id, request_id, status, confirmed_date, created_date, updated_at);";
    let program = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\nbase.executescript(sys.argv[2])\nbase.commit()\nbase.close()";
    tool("python3", &["-c", program, path.to_str().unwrap(), &format!("{table}{ROWS};")]);
    compare(path.to_str().unwrap(), false);
}
