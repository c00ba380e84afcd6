//! What explain and states print: the row, the facts, the rule, and never a whole phone number.

use std::sync::Arc;

use portstatus::classify::classify;
use portstatus::cli::args::StatesArgs;
use portstatus::cli::terminal::Style;
use portstatus::cli::{explain, options, states};
use portstatus::error::Part;
use portstatus::source::{Origin, Superseded};

use crate::fixtures::{orders, rules, timing};
use crate::program::{out, run, said};
use crate::tools::folder;

fn told(asked: &str, rows: &[&str]) -> Result<String, portstatus::error::Error> {
    told_of("orders.xlsx", asked, rows)
}

fn told_of(file: &str, asked: &str, rows: &[&str]) -> Result<String, portstatus::error::Error> {
    let mut orders = orders(rows);
    orders.origins = vec![Origin { file: file.into(), part: Some(Part::Sheet("Jan".into())), ..Origin::default() }];
    orders.superseded = vec![Superseded { old: (0, 40), new: (0, 2) }];
    let classified = classify(orders, Arc::new(rules()), timing("2026-03-04T12:00")).unwrap();
    explain::explain(asked, &classified, &options::glossary(None)?).map(|explained| explain::text(&explained, &Style::default()))
}

const ROW: &str = "phone_number=+16505551234 number_state=in_process last_event=start_porting_request confirmed_date=2026-03-07 reject_reason=call-650-555-1234";

#[test]
fn a_number_in_any_format_is_explained() {
    for asked in ["+16505551234", "(650) 555-1234", "650.555.1234", "1 650 555 1234"] {
        let text = told(asked, &[ROW, "number_state=pending"]).unwrap();
        let text = text.strip_prefix(asked).expect("the number as it was asked for").to_owned();
        for line in [
            ": 1 row, as of 2026-03-04 12:00 Pacific (2026-03-04T20:00:00Z)\n",
            "\norders.xlsx, sheet Jan, row 2\n  It supersedes  orders.xlsx, sheet Jan, row 40\n",
            "  Status         In Progress\n  Detail         Submitted\n  Number state   in_process\n",
            "  Action owner   Losing carrier\n  Next step      Wait for the losing carrier's response.\n",
            "  Rule           in-process-submitted: The last event is the submission to the carrier, and nothing has come back.\n",
            "    holds: effective_state is in_process (it is in_process)\n    holds: last_event is start_porting_request (it is start_porting_request)\n",
            "    confirmed_date     2026-03-07\n",
            "    reject_reason      call-***-1234\n",
            "    confirmed_not_business_day: the confirmed date is not a business day\n",
            "    given_detail (it is empty): not kept-waiting-for-loa, kept-additional-info-required,",
            "    held_for_sibling (it is empty): not in-process-held\n",
        ] {
            assert!(text.contains(line), "missing {line}in\n{text}");
        }
        assert!(!text.contains("5551234") && !text.contains("555-1234"), "{text}");
    }
}

#[test]
fn words_of_the_data_are_shown_as_they_are_but_for_what_moves_the_cursor() {
    let row = "phone_number=+16505551234 number_state=pending reject_reason=Customer's-\"hold\"\u{1b}[2J";
    let text = told_of("Bolt's\u{202e}.csv", "6505551234", &[row]).unwrap();
    for shown in ["\nBolt's\\u{202e}.csv, sheet Jan, row 2\n", "    reject_reason      Customer's-\"hold\"\\u{1b}[2J\n"] {
        assert!(text.contains(shown), "missing {shown} in\n{text}");
    }
}

#[test]
fn every_row_of_a_number_is_explained() {
    let text = told("6505551234", &[ROW, "phone_number=+16505551234 given_status=completed", "phone_number=+16505550000"]).unwrap();
    assert!(text.starts_with("6505551234: 2 rows"), "{text}");
    assert_eq!(text.matches("\norders.xlsx, sheet Jan, row ").count(), 2, "{text}");
    assert!(text.contains("  Rule           status-completed: The source says Completed.\n"), "{text}");
}

#[test]
fn a_number_that_is_none_or_nowhere_is_an_error_that_shows_it_as_it_was_typed() {
    for (asked, code) in [("+16505551299", 65), ("650555", 64), ("what", 64)] {
        let error = told(asked, &[ROW]).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(asked), "{error}");
    }
}

#[test]
fn states_prints_both_modes_in_both_forms() {
    for (strict, mermaid, start) in [
        (true, false, "Number states, strict mode, 12 edges\n"),
        (false, false, "Number states, extended mode, 26 edges\n"),
        (true, true, "stateDiagram-v2\n"),
        (false, true, "stateDiagram-v2\n"),
    ] {
        let text = states::text(&StatesArgs { strict, mermaid, templates: None }).unwrap();
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn the_command_names_the_rows_that_a_row_supersedes() {
    let place = folder("superseded");
    let rows = "phone_number,request_id,detailed_status,updated_at\n\
                +12125550100,R1,Submitted,2026-01-02\n\
                +12125550100,R1,Completed,2026-01-03\n";
    std::fs::write(place.join("twice.csv"), rows).unwrap();
    let output = run(&place, &["explain", "+12125550100", "twice.csv", "--as-of", "2026-03-04"]);
    assert!(out(&output).contains("\ntwice.csv, line 3\n  It supersedes  twice.csv, line 2\n"), "{}", said(&output));
}
