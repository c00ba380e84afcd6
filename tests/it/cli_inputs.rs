//! Bad inputs as a user meets them: each is a clear error or counted, and no message shows a whole number or a control character.

use std::fs;

use serde_json::Value;

use crate::program::{AS_OF, err, out, run, said};
use crate::tools::{folder, names};

#[test]
fn no_whole_number_reaches_a_message() {
    let place = folder("canary");
    let (canary, digits) = ("+1 (415) 867-5309", "4158675309");
    let text = format!(
        "Phone number,Account ID,Status,Confirmed Porting Date\n{digits}x99999999,A-1,In Progress,\n{canary},A-1,{digits},{digits}\n{canary},A-1,Completed,2026-01-02\n+1{digits},A-2,{canary},\n"
    );
    fs::write(place.join("canary.csv"), text).unwrap();
    let all = [
        vec!["report", "canary.csv", "--out", "o"],
        vec!["report", "canary.csv", "--out", "o", "--json"],
        vec!["report", "canary.csv", "--out", "o", "--strict"],
        vec!["explain", "+12125550100", "canary.csv"],
        vec!["check", "canary.csv"],
        vec!["check", "canary.csv", "--json"],
    ];
    for arguments in all {
        let done = run(&place, &arguments);
        let plain: String = said(&done).chars().filter(|letter| !"()- .".contains(*letter)).collect();
        assert!(!plain.contains(digits), "{arguments:?}: {}", said(&done));
    }
    // What the user typed is shown as it was typed, and nothing else of the kind.
    let typed = "+1 (415) 867-5308";
    for arguments in [
        vec!["explain", typed, "canary.csv"],
        vec!["report", "canary.csv", "--out", "o", "--find", typed],
        vec!["report", "canary.csv", "--out", "o", "--created", typed],
        vec!["report", "canary.csv", "--out", "o", "--status", typed],
        vec!["report", "canary.csv", "--out", "o", "--where", "account_id = '+1 (415) 867-5308'"],
        vec!["report", "canary.csv", "--out", "o", "--where", "account_id = +1 (415) 867-5308"],
        vec!["report", "+1 (415) 867-5308.csv", "--out", "o"],
        vec!["report", "canary.csv", "--out", "o", "--sheet", typed, "--source", typed],
        vec!["report", "canary.csv", "--out", "canary.csv/+1 (415) 867-5308"],
    ] {
        let done = run(&place, &arguments);
        let plain: String = said(&done).chars().filter(|letter| !"()- .".contains(*letter)).collect();
        let is_shown = said(&done).contains("867-5308") || arguments.contains(&"account_id = +1 (415) 867-5308");
        assert!(!plain.contains(digits) && is_shown, "{arguments:?}: {}", said(&done));
    }
    let rejects = names(&place.join("o")).into_iter().find(|name| name.ends_with("rejects.csv")).unwrap();
    assert!(fs::read_to_string(place.join("o").join(rejects)).unwrap().contains(digits), "the rejects file has the whole text");
}

#[test]
fn no_number_in_an_odd_shape_reaches_a_message() {
    let place = folder("odd-shapes");
    let shapes = [
        "503472-3378",
        "503 - 472 - 3378",
        "503/472/3378",
        "503.472.33.78",
        "503\u{a0}472\u{a0}3378",
        "503–472–3378",
        "503‑472‑3378",
        "503_472_3378",
        "503,472,3378",
        "503\t472\t3378",
        "５０３４７２３３７８",
    ];
    let rows: String =
        shapes.iter().map(|shape| format!("+12125550100,\"{shape}\",\"{shape} x\"\n\"{shape}-1-1\",A-2,\"{shape}\"\n")).collect();
    fs::write(place.join("odd.csv"), format!("Phone number,Status,Confirmed Porting Date\n{rows}")).unwrap();
    for arguments in [
        vec!["check", "odd.csv", "--show", "99"],
        vec!["check", "odd.csv", "--json"],
        vec!["report", "odd.csv", "--out", "o"],
        vec!["report", "odd.csv", "--out", "o", "--json"],
        vec!["explain", "+12125550100", "odd.csv"],
    ] {
        let shown = said(&run(&place, &arguments));
        // Full-width digits count as digits, and nothing that is none parts them.
        let digits: String = shown.chars().filter(|letter| !"-/._,–‑\t \u{a0}\\t".contains(*letter)).collect();
        assert!(!digits.contains("5034723378") && !digits.contains("５０３４７２３３７８"), "{arguments:?}: {shown}");
        assert!(shown.contains("***-3378") || shown.contains("***-３３７８"), "{arguments:?}: {shown}");
    }
}

#[test]
fn options_that_say_nothing_or_name_no_place_are_told() {
    let place = folder("idle");
    fs::write(place.join("good.csv"), "Phone number,Status,,\n+12125550100,Completed,x,\n").unwrap();
    let rows = [
        (vec!["report", "good.csv", "--out", ""], 64, "--out: is empty"),
        (vec!["report", "good.csv", "--out", "o", "--rejects", "-"], 64, "'-': is not a place for this file"),
        (vec!["check", "good.csv", "--sheet", "Jan"], 0, "a sheet was specified, but a text file has none"),
        (vec!["check", "good.csv"], 0, "columns without a header ignored: C, D"),
    ];
    for (arguments, code, what) in rows {
        let done = run(&place, &arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(said(&done).contains(what), "{arguments:?}: {}", said(&done));
    }
    assert_eq!(names(&place), ["good.csv"]);
}

#[test]
fn control_characters_of_the_data_do_not_reach_the_terminal() {
    let place = folder("control");
    let text = "Phone number,Account ID,Status\n+12125550100,A-1,\"wip\u{1b}[2J\u{7}\nforged: line\"\n\u{1b}]0;x\u{7},A-2,Completed\n";
    fs::write(place.join("o\u{1b}[31mrders.csv"), text).unwrap();
    for arguments in
        [vec!["check", "o\u{1b}[31mrders.csv"], vec!["report", "o\u{1b}[31mrders.csv", "--out", "o"], vec!["report", "no\u{1b}[31mne.csv"]]
    {
        let done = run(&place, &arguments);
        let shown = said(&done);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains("\nforged"), "{shown}");
    }
}

/// UTF-16 with a byte order mark, little end first.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Name, bytes, exit code, rows read, rows rejected, cells rejected, and what is said.
type Bad = (&'static str, Vec<u8>, i32, u64, u64, u64, &'static str);

fn bad_inputs() -> Vec<Bad> {
    let head = "Phone number,Account ID,Account Company Name,Status,Confirmed Porting Date\n";
    let good = "+12125550100,A-1,Acme,Scheduled,2026-12-01\n+12125550101,A-2,Bolt,Completed,2026-10-01\n";
    let whole = format!("{head}{good}");
    let with = |row: &str| {
        format!("{head}+12125550100,A-1,Acme,Scheduled,2026-12-01\n{row}\n+12125550101,A-2,Bolt,Completed,2026-10-01\n").into_bytes()
    };
    vec![
        ("whole.csv", whole.clone().into_bytes(), 0, 2, 0, 0, ""),
        ("bom.csv", [b"\xEF\xBB\xBF", whole.as_bytes()].concat(), 0, 2, 0, 0, ""),
        ("utf16.csv", utf16(&whole), 0, 2, 0, 0, ""),
        (
            "cp1252.csv",
            whole
                .replace("Acme", "Caf")
                .into_bytes()
                .into_iter()
                .flat_map(|byte| if byte == b'f' { vec![b'f', 0xE9] } else { vec![byte] })
                .collect(),
            0,
            2,
            0,
            0,
            "",
        ),
        ("tabs.tsv", whole.replace(',', "\t").into_bytes(), 0, 2, 0, 0, ""),
        ("semicolons.csv", whole.replace(',', ";").into_bytes(), 0, 2, 0, 0, ""),
        ("short.csv", with("+12125550102,A-3"), 3, 3, 1, 0, "fields"),
        ("long.csv", with("+12125550102,A-3,x,Scheduled,2026-12-01,extra,more"), 3, 3, 1, 0, "fields"),
        ("quote.csv", with("+12125550102,A-3,\"Never closed,Scheduled,2026-12-01"), 3, 3, 1, 0, "quote"),
        ("nul.csv", with("+12125550102,A-3,x\0y,Scheduled,2026-12-01"), 3, 3, 1, 0, "NUL"),
        ("number.csv", with("555-01,A-3,Cask,Scheduled,2026-12-01"), 3, 3, 1, 0, "phone number"),
        ("nothing.csv", with(",A-3,Cask,Scheduled,2026-12-01"), 3, 3, 1, 0, "phone number"),
        ("float.csv", with("2.125550102E9,A-3,Cask,Scheduled,2026-12-01"), 0, 3, 0, 0, "number_repaired"),
        ("date.csv", with("+12125550102,A-3,Cask,Scheduled,31/02/2026"), 0, 3, 0, 1, "31/02/2026"),
        ("ambiguous.csv", with("+12125550102,A-3,Cask,Scheduled,03/04/2026"), 0, 3, 0, 0, "could be read in two orders"),
        ("word.csv", with("+12125550102,A-3,Cask,Jeopardised,2026-12-01"), 0, 3, 0, 1, "Jeopardised"),
        ("twice.csv", whole.replace("Account Company Name", "Account ID").into_bytes(), 65, 0, 0, 0, "Account ID"),
        ("nophone.csv", whole.replace("Phone number", "Colour").into_bytes(), 65, 0, 0, 0, "Colour"),
        ("header.csv", head.as_bytes().to_vec(), 65, 0, 0, 0, "header.csv"),
        ("empty.csv", Vec::new(), 65, 0, 0, 0, "empty.csv: is empty"),
        ("blank.csv", b"\n\n\n".to_vec(), 65, 0, 0, 0, "blank.csv: holds no table"),
        ("mark.csv", b"\xEF\xBB\xBF".to_vec(), 65, 0, 0, 0, "mark.csv: holds no table"),
        ("zeros.csv", vec![0; 5000], 65, 0, 0, 0, "zeros.csv: holds no table"),
        (
            "endless.csv",
            format!("{head}+12125550102,\"A-3\n{}", "x\n".repeat(900)).into_bytes(),
            65,
            0,
            0,
            0,
            "endless.csv: unclosed quote on line 2",
        ),
        ("corrupt.xlsx", b"PK\x03\x04garbage".to_vec(), 65, 0, 0, 0, "corrupt.xlsx"),
        ("corrupt.csv.gz", b"\x1f\x8b\x08\0garbage".to_vec(), 65, 0, 0, 0, "corrupt.csv.gz"),
        ("old.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 no more of it".to_vec(), 65, 0, 0, 0, "old.xls"),
    ]
}

#[test]
fn every_bad_input_is_an_error_or_counted_rejects() {
    let place = folder("bad");
    for (name, bytes, code, read, rejected, cells, what) in bad_inputs() {
        fs::write(place.join(name), bytes).unwrap();
        let arguments = ["check", name, "--as-of", AS_OF, "--json"];
        let done = run(&place, if code == 65 { &arguments[..4] } else { &arguments });
        assert_eq!(done.status.code(), Some(code), "{name}: {}", said(&done));
        let shown = if code == 65 { err(&done) } else { out(&done) };
        assert!(shown.contains(what), "{name}: {}", said(&done));
        if code == 65 {
            assert!(shown.starts_with("portstatus: ") && shown.lines().count() == 1, "{name}: {shown}");
            let error: Value = serde_json::from_str(&err(&run(&place, &arguments))).unwrap();
            assert_eq!((&error["error"]["kind"], &error["error"]["exit_code"]), (&"data".into(), &65.into()), "{name}: {error}");
            continue;
        }
        let counts = serde_json::from_str::<Value>(&shown).unwrap()["counts"].clone();
        assert_eq!(
            (&counts["read"], &counts["rejected"], &counts["rejected_cells"]),
            (&read.into(), &rejected.into(), &cells.into()),
            "{name}: {shown}"
        );
    }
}

#[test]
fn a_report_with_every_column_is_read_again() {
    let place = folder("again");
    let text = "tn,status,detailed_status,request_id,foc_date,foc_time,review_outcome,reject_reason,epd,updated_at
650-234-5678,Scheduled,foc,1,2026-12-04,10:00,not recognised,,2026-12-04,2026-11-01T10:00:00Z
800-234-5678,wip,,2,,,portable,Wrong name,2026-12-05,
650-234-5679,done,,3,2026-11-04,11:00,odd,,,2026-11-05
";
    fs::write(place.join("orders.csv"), text).unwrap();
    let keys: Vec<&str> =
        portstatus::domain::columns::COLUMNS.iter().filter(|known| known.is_in_reports()).map(|known| known.key).collect();
    let keys = keys.join(",");
    let report = |input: &str, out: &str| {
        let done = run(&place, &["report", input, "--as-of", AS_OF, "--columns", &keys, "--out", out, "--quiet"]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let mut rows = csv::Reader::from_path(place.join(out)).unwrap();
        let headers = rows.headers().unwrap().clone();
        // What says where a row came from, how its words were and which rule spoke is of each reading.
        let own = ["Rule", "Source words", "Source file", "Source row", "Next step", "Row age in days"];
        let kept = |row: csv::StringRecord| {
            let cells = headers.iter().zip(&row).filter(|(header, _)| !own.contains(header));
            cells.map(|(header, cell)| format!("{header}={cell}")).collect::<Vec<_>>()
        };
        rows.records().map(|row| kept(row.unwrap())).collect::<Vec<_>>()
    };
    let first = report("orders.csv", "first.csv");
    assert_eq!(first.len(), 3);
    assert!(first[0].iter().any(|cell| cell == "Review outcome=Not Recognized"), "{first:?}");
    assert!(first.iter().all(|row| row.iter().any(|cell| cell == "Order ID basis=derived")), "{first:?}");
    assert_eq!(report("first.csv", "second.csv"), first);
}

#[test]
fn notes_name_the_option_that_settles_them() {
    let place = folder("settles");
    fs::write(place.join("a.csv"), "tn,status,Orig Subm Dte\n6502345678,wip,2026-11-01\n").unwrap();
    let done = run(&place, &["check", "a.csv", "--as-of", AS_OF]);
    let note = "Note: a.csv: column 'Orig Subm Dte' is not known; the nearest is '";
    assert!(out(&done).contains(note) && out(&done).contains(": --map \"Orig Subm Dte=submitted_date\"\n"), "{}", said(&done));
    fs::write(place.join("b.csv"), "Phone number,Status,FOC date\n+16502345678,Completed,12/05/2026\n").unwrap();
    let done = run(&place, &["check", "b.csv", "--as-of", AS_OF]);
    assert!(out(&done).contains("profiles generic and didww both fit it") && out(&done).contains("--source didww\n"), "{}", said(&done));
    let strict = run(&place, &["report", "b.csv", "--as-of", AS_OF, "--strict", "--out", "out"]);
    assert_eq!((strict.status.code(), place.join("out/manifest.json").exists()), (Some(65), false), "{}", said(&strict));
    assert!(err(&strict).contains("specify the one that it is an export of with --source"), "{}", said(&strict));
    let named = run(&place, &["report", "b.csv", "--as-of", AS_OF, "--strict", "--source", "generic", "--out", "out"]);
    assert_eq!(named.status.code(), Some(0), "{}", said(&named));
}
