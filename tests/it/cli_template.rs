//! `portstatus template`: templates listed, begun, checked to the line and column, and described by a schema.

use std::path::Path;

use crate::program::{AS_OF, err, out, run, said, write_orders};
use crate::tools::{self, folder, found};

#[test]
fn a_template_is_begun_checked_and_used() {
    let place = folder("template");
    let done = run(&place, &["template", "init", "ours/reports/weekly.toml"]);
    let told = "Wrote ours/reports/weekly.toml: change it, then run portstatus template check ours/reports/weekly.toml\n\
                To use it: portstatus report INPUT… --templates ours --template weekly\n";
    assert_eq!((done.status.code(), out(&done)), (Some(0), told.to_owned()), "{}", said(&done));
    let checked = run(&place, &["template", "check", "ours/reports/weekly.toml"]);
    let told = "ours/reports/weekly.toml: a template without a fault (Port status of our numbers): 8 columns and 39 sections\n";
    assert_eq!((checked.status.code(), out(&checked)), (Some(0), told.to_owned()), "{}", said(&checked));
    let again = run(&place, &["template", "init", "ours/reports/weekly.toml"]);
    assert_eq!((again.status.code(), err(&again).contains("weekly.toml: is there already; name another file")), (Some(73), true));

    let listed = out(&run(&place, &["template", "--templates", "ours"]));
    assert!(listed.lines().any(|line| line.starts_with("weekly ") && line.ends_with("Port status of our numbers")), "{listed}");
    write_orders(&place, 3);
    let used = ["report", "orders.csv", "--templates", "ours", "--template", "weekly", "--format", "csv", "--out", "-", "--as-of", AS_OF];
    let used = run(&place, &used);
    let captions = "Phone number,Status,Detailed Status,FOC date,Next step,Account ID,Account Company Name,Request ID";
    assert_eq!(out(&used).lines().next(), Some(captions), "{}", said(&used));

    // What stands behind # is what it says, too: each example can be switched on.
    let text = std::fs::read_to_string(place.join("ours/reports/weekly.toml")).unwrap();
    let (head, examples) = text.split_once("\ntitle = ").unwrap();
    let uncommented: Vec<&str> =
        examples.lines().map(|line| line.strip_prefix("# ").filter(|line| is_setting(line)).unwrap_or(line)).collect();
    let all = format!("{head}\nextends = \"numbers\"\ntitle = {}\n", uncommented.join("\n"));
    std::fs::write(place.join("all.toml"), &all).unwrap();
    std::fs::write(place.join("logo.png"), crate::report_logo::seen_through()).unwrap();
    let checked = run(&place, &["template", "check", "all.toml"]);
    assert!(out(&checked).ends_with("8 columns and 4 sections\n") && all.contains("\nid = \"notice\""), "{}{all}", said(&checked));
}

fn is_setting(line: &str) -> bool {
    line.starts_with('[')
        || line.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()))
}

/// A text, and what is said of it.
const FAULTS: [(&str, &str); 18] = [
    ("title = 7", "line 1, column 9: invalid type: integer `7`"),
    ("title = 'x'\ntitel = 'y'", "line 2, column 1: unknown field `titel`"),
    ("title = 'x'\nshown = ['status',\n  'colour']", "line 3, column 4, shown: there is no column 'colour'"),
    ("shown = ['status', 'detail', 'status']", "line 1, column 11, shown: column 'status' is named twice"),
    ("title = ''", "line 1, column 9, title: is empty"),
    ("extends = 'nothing'", "line 1, column 12, extends: there is no template 'nothing'; choose from"),
    ("[[columns]]\nkey = 'status'\ncaption = ' '\nmeaning = ''", "line 1, column 1, column status: has no caption"),
    ("title = 'x'\n[terms.status]\nplanned = { caption = 'P' }", "line 3, column 1, terms.status: there is no 'planned'"),
    (
        "[limits]\nrows_on_pages = 9\nages = [2, 1]\nsoon = 1\nloa_days = 1\nabandoned_days = 1\ncancel = 1\nwaiting_for_you = 1\nin_progress = 1",
        "line 1, column 1, limits: ages does not ascend",
    ),
    (
        "[[sections]]\nid = 'numbers'\nheading = 'N'\nformats = { xlsx = 'N', html = 'numbers', docx = 'numbers' }\n\n\
         [[sections]]\nid = 'by_status'\nheading = 'S'\nformats = { odt = 'left' }",
        "line 9, column 13, section by_status: 'odt' is not a format",
    ),
    (
        "[[sections]]\nid = 'numbers'\nheading = 'N'\nformats = {}\n[[sections]]\nid = 'numbers'\nheading = 'N'\nformats = {}",
        "line 5, column 1, section numbers: is given twice",
    ),
    ("title = 'x'\n[colours]\nink = 'red'", "line 3, column 7: 'red' is not a colour; write red, green and blue as in \"#1F3A5F\""),
    ("date_order = 'dmy'", "line 1, column 14: unknown variant `dmy`, expected one of `iso`, `day_first`, `month_first`"),
    ("[page]\npaper = 'a5'", "line 2, column 9: unknown variant `a5`, expected one of `letter`"),
    ("[colours.status]\nopen = {}", "line 2, column 1: unknown field `open`, expected one of `waiting_for_you`"),
    (
        "[colours]\nheader_fill = '#777777'\nheader_ink = '#888888'",
        "line 3, column 15, colours.header_ink: '#888888' on '#777777' has a contrast of 1.26 to 1, so it cannot be read; choose colours \
         further apart, at least 4.5 to 1: header_ink stands on header_fill",
    ),
    (
        "[colours.status]\ncompleted = { bar = '#3C9D46', fill = '#2E7D32' }",
        "line 2, column 39, colours.status.completed.fill: '#1B5E20' on '#2E7D32' has a contrast of 1.53",
    ),
    ("[query]\nsort = ['colour']", "line 2, column 10, query: there is no column 'colour'"),
];

#[test]
fn faults_are_named_with_line_and_column() {
    let place = folder("template-faults");
    for (text, told) in FAULTS {
        std::fs::write(place.join("mine.toml"), text).unwrap();
        let checked = run(&place, &["template", "check", "mine.toml"]);
        assert_eq!(checked.status.code(), Some(78), "{}", said(&checked));
        assert!(err(&checked).starts_with(&format!("portstatus: mine.toml, {told}")), "{told}: {}", err(&checked));
    }
    // A report names them as well, in the file by its name among the templates.
    std::fs::create_dir_all(place.join("ours/reports")).unwrap();
    std::fs::write(place.join("ours/reports/mine.toml"), FAULTS[2].0).unwrap();
    write_orders(&place, 1);
    let told = run(&place, &["report", "orders.csv", "--templates", "ours", "--template", "mine", "--out", "o"]);
    assert!(err(&told).contains("reports/mine.toml, line 3, column 4, shown: there is no column 'colour'"), "{}", said(&told));
}

#[test]
fn the_schema_says_of_a_template_what_the_program_says() {
    if !found("jsonschema") {
        return;
    }
    let place = folder("template-schema");
    std::fs::write(place.join("schema.json"), out(&run(&place, &["template", "schema"]))).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let shipped = [
        "reports/partner-port-status",
        "reports/partner-port-status-fr-CA",
        "reports/actions",
        "reports/foc",
        "reports/numbers",
        "reports/requests",
        "starters/report",
    ]
    .map(|name| shipped.join(format!("{name}.toml")));
    // What goes with what, and what templates there are, only the program knows.
    let only_program = ["extends", "twice", "title: is empty", "ascend", "no caption", "query", "contrast"];
    let broken = FAULTS.iter().filter(|(_, told)| !only_program.iter().any(|words| told.contains(words)));
    let broken: Vec<_> = broken
        .enumerate()
        .map(|(index, (text, _))| {
            let file = place.join(format!("broken-{index}.toml"));
            std::fs::write(&file, text).unwrap();
            file
        })
        .collect();
    assert!(broken.len() > 4);
    let files: Vec<_> = shipped.iter().chain(&broken).cloned().collect();
    for (fault, file) in tools::faults_by_schema(&place.join("schema.json"), &files).iter().zip(&files) {
        assert_eq!(fault.is_none(), !broken.contains(file), "{}: {fault:?}", file.display());
        let checked = run(&place, &["template", "check", file.to_str().unwrap()]);
        assert_eq!(fault.is_none(), checked.status.success(), "{}", said(&checked));
    }
}
