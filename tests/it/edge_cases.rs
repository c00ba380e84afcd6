//! Cells that formats stumble over.

use crate::tools;

/// Text that formats stumble over; every one stands in a report of enough rows.
pub const ODD_TEXT: &[&str] = &[
    "Plain Company Inc.",
    "Smith & Sons <\"Best\">",
    "=1+1",
    "+1-1",
    "-2+3",
    "@SUM(A1)",
    "\tTabbed",
    "\rReturned",
    "line one\nline two",
    "line one\r\nline two",
    "  =HYPERLINK(\"http://example.invalid\")",
    "\u{feff}=1",
    "＝1+1",
    "comma, semicolon; and \"quotes\"",
    "'already marked",
    "Île-de-Nord Žižkov Łódź",
    "東京電話株式会社",
    "서울 물류",
    "عربي مع أرقام 123",
    "emoji 👩‍👩‍👧 joined",
    " leading and trailing ",
    "0012",
    "1e5",
    "TRUE",
    "2026-03-04",
    "https://example.invalid/a?b=c&d",
    "_x0041_ literal",
    "bell \u{7} and vertical \u{b} tab",
    "nul \0 inside",
    "not a character \u{ffff}",
    "]]> end of cdata",
    "{=cmd|'/c calc'!A0}",
    "|pipe",
    "%percent",
];

/// Phone cells: strict E.164 first, then what only looks like it.
pub const ODD_PHONES: &[&str] = &["+15551234567", "+442079460958", "+353101234567", "+1-1", "+0123456789", "+1", "=1+1", "15551234567"];

/// Published strings that break programs, when `PORTSTATUS_CORPUS` names the folder that has them; else our own.
pub fn hostile_strings() -> Vec<String> {
    let mut strings: Vec<String> = ODD_TEXT.iter().map(|text| (*text).to_owned()).collect();
    if let Some(corpus) = tools::corpus() {
        let folder = corpus.join("strings");
        let list: Vec<String> = serde_json::from_str(&std::fs::read_to_string(folder.join("blns.json")).unwrap()).unwrap();
        assert!(list.len() > 400);
        strings.extend(list);
        strings.extend(std::fs::read_to_string(folder.join("csv_injection.txt")).unwrap().lines().map(str::to_owned));
    }
    strings
}
