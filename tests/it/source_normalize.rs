//! Conforming tables: what each column becomes, what is rejected, what is flagged, what is set aside, and that the counts add up.

use std::fmt::Write;

use polars::prelude::{NewChunkedArray, StringChunked};
use std::collections::BTreeMap;

use portstatus::domain::columns::history_columns;
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::lifecycle::{Lifecycle, Mode};
use portstatus::domain::record::Field;
use portstatus::domain::replay::StateMachine;
use portstatus::error::Result;
use portstatus::source::merge::merge;
use portstatus::source::normalize::chunk::Recognise;
use portstatus::source::normalize::{NormalizedTable, Normalizer};
use portstatus::source::plan::{ColumnPlan, plan};
use portstatus::source::profile::Profile;
use portstatus::source::table::{Found, Refused, Table, TableChunk};
use portstatus::source::{Orders, Origin, ReadOptions, RejectKind};

use crate::fixtures::{self, plain};
use portstatus::templates::Templates;

pub fn table(text: &str, chunks: usize) -> Table {
    let mut rows = text.trim_matches('\n').lines().map(|line| line.split('|').map(str::to_owned).collect::<Vec<_>>());
    let headers = rows.next().unwrap();
    let rows: Vec<_> = rows.collect();
    let cut = rows.len().div_ceil(chunks).max(1);
    let column = |index: usize| {
        let mut whole: Option<StringChunked> = None;
        for part in rows.chunks(cut) {
            let cells = part.iter().map(|row| Some(row[index].as_str()).filter(|cell| !cell.is_empty()));
            let cells = StringChunked::from_iter_options("".into(), cells.map(|cell| cell.map(str::to_owned)));
            match &mut whole {
                None => whole = Some(cells),
                Some(whole) => whole.append(&cells).unwrap(),
            }
        }
        whole
    };
    Table {
        columns: (0..headers.len()).map(column).collect(),
        lines: (2..rows.len() as u32 + 2).collect(),
        blank: Vec::new(),
        headers,
        refused: Vec::new(),
        found: Found::default(),
    }
}

fn origin(file: &str) -> Origin {
    Origin { file: file.to_owned(), ..Origin::default() }
}

/// A table cut where its columns are and normalized, its chunks in reverse order.
pub fn normalize(table: Table, plan: &ColumnPlan, input: u32, recognise: Recognise) -> Result<NormalizedTable> {
    let Table { headers, columns, lines, blank, mut refused, .. } = table;
    let normalizer = Normalizer::new(&headers, plan, input, "orders.csv", recognise);
    let mut end = lines.len();
    let lengths: Vec<usize> = columns.iter().flatten().next().map_or_else(|| vec![end], |column| column.chunk_lengths().collect());
    for (index, length) in lengths.into_iter().enumerate().rev() {
        let rows = end - length..end;
        end = rows.start;
        let chunk = TableChunk {
            columns: columns.iter().map(|column| Some(column.as_ref()?.slice(rows.start as i64, length))).collect(),
            lines: lines[rows.clone()].to_vec(),
            blank: blank.iter().filter(|row| rows.contains(&(**row as usize))).map(|row| row - rows.start as u32).collect(),
            refused: std::mem::take(&mut refused),
        };
        normalizer.normalize(index, chunk)?;
    }
    normalizer.finish()
}

pub fn read_tables(tables: Vec<Table>, options: &ReadOptions) -> Orders {
    let profiles = Profile::all(&Templates::default()).unwrap();
    let recognise = |text: &str| text.contains("BTN").then(|| "btn".to_owned());
    let conformed = tables.into_iter().enumerate().map(|(index, table)| {
        let plan = plan(&table.headers, &profiles, options, "orders.csv").unwrap();
        let mut normalized = normalize(table, &plan, index as u32, &recognise).unwrap();
        normalized.orders.origins.push(origin(&format!("{index}.csv")));
        normalized
    });
    let file = "rules/lifecycle.toml";
    let lifecycle = Lifecycle::parse(&Templates::default().text(file).unwrap(), file).unwrap();
    merge(conformed.collect(), || Ok(StateMachine::new(lifecycle, Mode::Extended)), &BTreeMap::new(), false).unwrap()
}

pub fn read(text: &str) -> Orders {
    read_tables(vec![table(text, 1)], &ReadOptions::default())
}

pub fn cell(orders: &Orders, column: &str, row: usize) -> String {
    fixtures::cell(&orders.frame, column, row)
}

pub fn column(orders: &Orders, column: &str) -> Vec<String> {
    (0..orders.frame.height()).map(|row| cell(orders, column, row)).collect()
}

pub fn lints(orders: &Orders, row: usize) -> String {
    QualityFlag::codes(orders.frame.column("quality_mask").unwrap().u64().unwrap().get(row).unwrap())
}

pub fn add_up(orders: &Orders) {
    let others = orders.superseded.len() as u64 + orders.replayed + orders.rejected_rows();
    assert_eq!(orders.read + orders.expanded, orders.frame.height() as u64 + others);
    let histories = history_columns().map(|column| column.key);
    let expected: Vec<_> = Field::all()
        .map(|field| field.key())
        .chain(histories)
        .chain(["number_type", "source_words", "input", "line", "quality_mask"])
        .collect();
    assert_eq!(orders.frame.names(), expected);
}

/// Rejects as `line kind column value reason` in lines.
pub fn rejects(orders: &Orders) -> String {
    let mut text = String::new();
    for reject in &orders.rejects {
        let kind = if reject.kind == RejectKind::Row { "row" } else { "cell" };
        writeln!(text, "{} {kind} {}={} {}", reject.line, reject.column, reject.value, reject.reason).unwrap();
    }
    text
}

/// Under +1 the number says its type; elsewhere the source does, and where it does not, the country's numbering plan.
#[test]
fn types_of_foreign_numbers_are_the_source_s_or_their_plan_s() {
    let orders = read(
        "tn|line_type|status
+448001234567||in progress
+442071838750|toll-free|in progress
+448001234567|local|in progress
+442071838750|local|in progress
+18002345678|local|in progress
(650) 555-2345|toll-free|in progress",
    );
    assert_eq!(column(&orders, "number_type"), ["toll_free", "toll_free", "local", "local", "toll_free", "local"]);
    let flagged: Vec<bool> = (0..6).map(|row| lints(&orders, row).contains("class_contradiction")).collect();
    assert_eq!(flagged, [false, false, true, false, true, true]);
}

/// A closing date that is a day is one of the Pacific calendar, whatever its header says; an instant is one.
#[test]
fn closing_dates_given_as_days_are_pacific_days() {
    let orders = read(
        "tn|status|completed_at_utc|canceled_on
6505552345|completed|2026-11-25|
6505552346|completed|2026-11-25T00:00:00Z|
6505552347|completed|2026-11-25T06:00:00Z|
6505552348|canceled||7/4/2026",
    );
    let completed = ["2026-11-25 08:00:00", "2026-11-25 08:00:00", "2026-11-25 06:00:00", "-"];
    assert_eq!(column(&orders, "completed_at"), completed);
    assert_eq!(column(&orders, "canceled_at"), ["-", "-", "-", "2026-07-04 07:00:00"]);
}

/// Every name that the state model prints is read, ours with or without its star.
#[test]
fn names_of_events_are_read_as_the_state_model_prints_them() {
    let name = "rules/lifecycle.toml";
    let model = portstatus::domain::lifecycle::Lifecycle::parse(&Templates::default().text(name).unwrap(), name).unwrap();
    for header in ["tn|last event", "Phone number|Last event|FP Case Number|Status"] {
        let rest = "|".repeat(header.matches('|').count() - 1);
        for event in &model.events {
            for word in [event.caption.clone(), format!("{} *", event.caption), event.code.clone()] {
                // The words of a profile come first: some name another event so.
                let found = column(&read(&format!("{header}\n6505552345|{word}{rest}")), "last_event").remove(0);
                assert_eq!(found, event.code, "{word}");
            }
        }
    }
}

#[test]
fn each_column_becomes_what_it_holds() {
    let orders = read(
        "partner_id|company|tn|request_id|line_type|number_state|detailed_status|foc_date|foc_time|priority|loa|review_outcome|cancel_reason|last_event|previous_state|reject_reason|updated_at
P1| Acme |(650) 555-2345|R1|TF|wip|pend carrier resp|03/14/2026|10:00 AM|Standard|yes|portable|no response|foc|In Process|BTN not on account|2026-03-04T10:00:00Z
P2|Œuvre 東京|800-234-5678|R1|tf|COMPLETE||2026-03-14T10:00:00Z|1000|rush|n|odd||||Something else|2026-03-04",
    );
    add_up(&orders);
    for (name, first, second) in [
        ("phone_number", "+16505552345", "+18002345678"),
        ("number_type", "local", "toll_free"),
        ("given_number_type", "toll_free", "toll_free"),
        ("account_company", "Acme", "Œuvre 東京"),
        ("partner", "P1", "P2"),
        ("given_status", "in_progress", "completed"),
        ("given_detail", "pending_carrier_response", "-"),
        ("number_state", "-", "-"),
        ("confirmed_date", "2026-03-14", "2026-03-14"),
        ("confirmed_time", "36000", "36000"),
        ("priority", "standard", "expedite"),
        ("loa_received", "true", "false"),
        ("review_outcome", "portable", "odd"),
        ("cancel_cause", "incomplete", "-"),
        ("last_event", "porting_date_confirmed", "-"),
        ("prior_state", "in_process", "-"),
        ("reason_code", "btn", "-"),
        ("updated_at", "2026-03-04 10:00:00", "2026-03-04 00:00:00"),
        ("source_words", "wip | pend carrier resp", "COMPLETE"),
        ("location", "-", "-"),
        ("input", "0", "0"),
        ("line", "2", "3"),
    ] {
        assert_eq!(column(&orders, name), [first, second], "{name}");
    }
    assert_eq!((lints(&orders, 0).as_str(), lints(&orders, 1).as_str()), ("class_contradiction", ""));
    assert_eq!(rejects(&orders), "");
    assert!(orders.present.contains(&Field::GivenStatus) && !orders.present.contains(&Field::NumberState), "{:?}", orders.present);
}

#[test]
fn bad_cells_are_blank_flagged_counted_and_listed_as_written() {
    let orders = read(
        "tn|status|line_type|foc_date|foc_time|company|priority
6502345678|???|VOIP|2025-02-30|25:00|#N/A|eager
6502345679|On hold|L|soon||Acme|
6502345680|On hold|L|03/04/2026|10:00|Acme|",
    );
    add_up(&orders);
    assert_eq!(column(&orders, "confirmed_date"), ["-", "-", "2026-03-04"]);
    assert_eq!(column(&orders, "account_company"), ["-", "Acme", "Acme"]);
    assert_eq!(column(&orders, "given_status"), ["-", "-", "-"]);
    assert_eq!(column(&orders, "source_words"), ["???", "On hold", "On hold"]);
    assert_eq!(
        [lints(&orders, 0), lints(&orders, 1), lints(&orders, 2)],
        ["unknown_word; bad_cell", "unknown_word; bad_cell", "unknown_word"]
    );
    assert_eq!(
        rejects(&orders),
        "2 cell company=#N/A a spreadsheet's error value
2 cell foc_date=2025-02-30 no such day in the calendar
2 cell foc_time=25:00 not a Pacific wall time; expected hh:mm
2 cell line_type=VOIP a word that the profile does not know
2 cell priority=eager a word that the profile does not know
2 cell status=??? a word that the profile does not know
3 cell foc_date=soon not a date; expected yyyy-mm-dd
3 cell status=On hold a word that the profile does not know
4 cell status=On hold a word that the profile does not know
"
    );
    let unknown: Vec<_> = orders.unknown_words.iter().map(|((header, word), count)| format!("{header} {word} {count}")).collect();
    assert_eq!(unknown, ["line_type VOIP 1", "priority eager 1", "status ??? 1", "status On hold 2"]);
    assert!(orders.notes.iter().any(|note| note.ends_with("read month first as in profile generic: 1")), "{:?}", orders.notes);
}

#[test]
fn texts_that_no_cell_of_a_workbook_holds_are_kept_whole_and_flagged() {
    let orders = |text: &str| read(&format!("tn|status|company\n6502345678|wip|{text}"));
    // UTF-16 units count: a letter in two bytes is one of them, a sign beyond the basic plane two.
    for (text, is_long) in
        [("x".repeat(32_767), false), ("x".repeat(32_768), true), ("é".repeat(32_767), false), ("𝄞".repeat(16_384), true)]
    {
        let orders = orders(&text);
        assert_eq!(lints(&orders, 0), if is_long { "long_text" } else { "" }, "{} bytes", text.len());
        assert_eq!(column(&orders, "account_company"), [text]);
    }
}

#[test]
fn rows_without_a_usable_number_are_rejected_and_others_go_on() {
    let mut table =
        table("tn|status|epd\n6502345678|wip|\nn/a|wip|TBD\n|wip|\n6.502345679E9|wip|\n+44 20 7946 0958|wip|\n650-555-0100|wip|", 3);
    table.refused.push(Refused { line: 9, text: "a,b,c,d".to_owned(), reason: "4 fields where the header has 3".to_owned() });
    let orders = read_tables(vec![table], &ReadOptions::default());
    add_up(&orders);
    assert_eq!(orders.read, 7);
    assert_eq!(column(&orders, "phone_number"), ["+16502345678", "+16502345679", "+442079460958", "+16505550100"]);
    assert_eq!(column(&orders, "line"), ["2", "5", "6", "7"]);
    assert_eq!([lints(&orders, 1), lints(&orders, 2), lints(&orders, 3)], ["number_repaired", "", "unassignable"]);
    assert_eq!(
        rejects(&orders),
        "3 row tn=n/a no phone number\n4 row tn= no phone number\n9 row =a,b,c,d 4 fields where the header has 3\n"
    );
    assert!(
        orders.notes.iter().all(|note| !note.chars().filter(char::is_ascii_digit).collect::<String>().contains("6502345679")),
        "{:?}",
        orders.notes
    );
}

#[test]
fn a_column_is_typed_by_its_words() {
    for (text, state, status, detail, class, product) in [
        ("tn|number_state\n6502345678|wip\n6502345679|Scheduled", "-", "in_progress", "-", "-", "-"),
        ("tn|number_state\n6502345678|In Process\n6502345679|FOC Date Set", "in_process", "-", "-", "-", "-"),
        ("tn|status\n6502345678|Portable\n6502345679|Not Portable", "portable", "-", "-", "-", "-"),
        ("tn|status\n6502345678|Received LOA\n6502345679|Waiting for LOA", "-", "-", "received_loa", "-", "-"),
        ("tn|status\n6502345678|Completed\n6502345679|Canceled", "-", "completed", "-", "-", "-"),
        ("tn|number_state\n6502345678|Completed\n6502345679|Canceled", "completed", "-", "-", "-", "-"),
        ("tn|status\n6502345678|Confirmed\n6502345679|wip", "-", "scheduled", "firm_order_confirmation", "-", "-"),
        ("tn|status|product_line\n6502345678|wip|L\n6502345679|wip|?", "-", "in_progress", "-", "local", "-"),
        ("tn|status|product_line\n6502345678|wip|Unite\n6502345679|wip|SIP", "-", "in_progress", "-", "-", "Unite"),
        ("tn|status|product_line|line_type\n6502345678|wip|L|TF\n6502345679|wip|L|TF", "-", "in_progress", "-", "toll_free", "L"),
        ("tn|status|state\n6502345678|wip|TX\n6502345679|wip|CA", "-", "in_progress", "-", "-", "-"),
        ("tn|status|state\n6502345678|wip|In Process\n6502345679|wip|Portable", "in_process", "in_progress", "-", "-", "-"),
    ] {
        let orders = read(text);
        add_up(&orders);
        let found =
            ["number_state", "given_status", "given_detail", "given_number_type", "product_line"].map(|name| cell(&orders, name, 0));
        assert_eq!(found, [state, status, detail, class, product], "{text}");
    }
    assert!(read("tn|status|state\n6502345678|wip|TX").notes.iter().any(|note| note.contains("column 'state' ignored")));
    let both = read("tn|status|number_state\n6502345678|Scheduled|Canceled\n6502345679|wip|wip");
    assert_eq!(
        (column(&both, "given_status"), lints(&both, 0)),
        (vec!["scheduled".to_owned(), "in_progress".to_owned()], "status_contradiction".to_owned())
    );
}

#[test]
fn the_result_does_not_depend_on_how_a_table_is_cut() {
    let mut text = String::from("tn|company|status|detailed_status|epd|line_type");
    let words = ["wip", "WAITING", "cxl", "On hold", "", "Confirmed"];
    for row in 0..500 {
        let day = ["2026-03-04", "03/04/2026", "TBD", ""][row % 4];
        write!(
            text,
            "\n{}|Company {}{}|{}|{}|{day}|{}",
            6_502_340_000u64 + row as u64 % 450,
            row % 7,
            if row % 50 == 0 { " " } else { "" },
            words[row % 6],
            ["FOC", "Rejected", "?"][row % 3],
            ["L", "TF", "VOIP"][row % 3]
        )
        .unwrap();
    }
    let whole = read(&text);
    add_up(&whole);
    for chunks in [2, 3, 8] {
        let cut = read_tables(vec![table(&text, chunks)], &ReadOptions::default());
        add_up(&cut);
        assert!(plain(&cut.frame).equals_missing(&plain(&whole.frame)), "{chunks}");
        assert_eq!(
            (cut.rejects, cut.superseded, cut.unknown_words, cut.notes),
            (whole.rejects.clone(), whole.superseded.clone(), whole.unknown_words.clone(), whole.notes.clone())
        );
    }
}

#[test]
fn a_reject_reason_that_says_there_is_none_is_none() {
    let reasons = ["NULL", "-", "None", "n/a", "Number is not active", "Nonexistent account"];
    let rows: String = reasons.iter().enumerate().map(|(row, reason)| format!("+1503222100{row}|Action Required|{reason}\n")).collect();
    let orders = read(&format!("Phone number|Number state|Reject reason\n{rows}"));
    assert_eq!(column(&orders, "reject_reason"), ["-", "-", "-", "-", "Number is not active", "Nonexistent account"]);
    add_up(&orders);
}
