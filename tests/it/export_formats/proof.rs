//! A finished file is proved to be its recipient's by its exact texts: nothing that differs by a mark, a blank or a control character
//! passes for it, and a report without rows has none.

use std::fs::File;

use portstatus::domain::columns::ColumnType;
use portstatus::error::Result;
use portstatus::export::read_back::prove;
use portstatus::export::{Options, format};
use portstatus::report::{Report, Table};

use crate::edge_cases::hostile_strings;
use crate::export_formats::samples::SAMPLES;
use crate::report_fixture::{self, column, lazy, texts};
use crate::tools::saved;

/// The formats whose files are read back.
const FORMATS: [&str; 9] = ["csv", "json", "jsonl", "xml", "parquet", "xlsx", "ods", "html", "docx"];

/// A report whose accounts are these.
fn of_accounts(accounts: &[&str]) -> Report {
    let mut report = report_fixture::report(0);
    let phones = texts(accounts.len(), |row| Some(format!("+1555{row:07}")));
    let accounts: Vec<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
    let values = texts(accounts.len(), |row| Some(accounts[row].clone()).filter(|account| !account.is_empty()));
    let columns = vec![
        column("phone_number", "Phone number", ColumnType::Phone, 14.0, phones),
        column("account_id", "Account ID", ColumnType::Id, 11.0, values),
    ];
    report.numbers = lazy(Table { rows: accounts.len(), columns });
    report
}

/// Whether the file that `name` makes of `written` is proved to be that of `report`.
fn proof(name: &str, written: &Report, report: &Report, options: &Options) -> Result<()> {
    let (format, mut out) = (format(name).unwrap(), Vec::new());
    format.export(written, options, &mut out).unwrap();
    prove(format, &mut File::open(saved(&format!("proof.{name}"), &out)).unwrap(), report, options, "account_id")
}

#[test]
fn texts_of_all_kinds_are_proved_as_they_are_written() {
    let mut strings = hostile_strings();
    let more = [
        "_x0041_",
        "_x005F_x0041_",
        "_X0041_",
        "_x+041_",
        "a\tb",
        "one\r\ntwo\rthree\nfour",
        " a  b ",
        "\n",
        "=1+1",
        "'=1+1",
        "\u{1}\u{b}\u{85}\u{ffff}\u{fdd0}",
        "&amp;<b>\"",
    ];
    strings.extend(more.map(str::to_owned));
    strings.push("long ".repeat(8_000));
    let strings: Vec<&str> = strings.iter().map(String::as_str).collect();
    let report = of_accounts(&strings);
    for name in FORMATS {
        let proof = proof(name, &report, &report, &Options::default());
        assert!(proof.is_ok(), "{name}: {proof:?}");
        for (sample, make) in SAMPLES {
            let report = make();
            // More columns than a text document holds.
            if name == "docx" && report.numbers.columns.len() > 63 {
                continue;
            }
            let proof = self::proof(name, &report, &report, &Options::default());
            assert!(proof.is_ok(), "{sample} as {name}: {proof:?}");
        }
    }
}

#[test]
fn a_text_that_differs_by_anything_is_not_proved() {
    let pairs = [
        ("A-1 23", "A-12 3"),
        ("A1", "A-1"),
        ("_x", "North"),
        ("a_x1", "b_x1"),
        ("\u{7}", "North"),
        ("\u{fffd}", "North"),
        ("---", ""),
        ("", "---"),
        ("North", "North "),
        ("a b", "a  b"),
        ("a\nb", "ab"),
        ("a\tb", "ab"),
        ("'A", "A"),
        ("A", "'A"),
    ];
    for name in FORMATS {
        for (written, expected) in pairs {
            let proof = proof(name, &of_accounts(&[written]), &of_accounts(&[expected]), &Options::default());
            assert!(proof.is_err(), "{written:?} passes for {expected:?} as {name}");
        }
    }
}

#[test]
fn a_report_without_rows_is_proved_to_have_none() {
    let none = of_accounts(&[]);
    for name in FORMATS {
        let own = proof(name, &none, &none, &Options::default());
        assert!(own.is_ok(), "{name}: {own:?}");
        for accounts in [&["North"][..], &["North", "South", "West"], &[""]] {
            assert!(proof(name, &of_accounts(accounts), &none, &Options::default()).is_err(), "{accounts:?} as {name}");
        }
    }
}
