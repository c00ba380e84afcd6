//! Workbooks that must not be read: encrypted, damaged, hostile, none at all.

use std::io::Cursor;
use std::path::PathBuf;

use portstatus::source::plan::plan;
use portstatus::source::profile::Profile;
use portstatus::source::{Limits, ReadOptions};
use portstatus::templates::Templates;

use crate::program::{PROGRAM, err, run, starting};
use crate::source_csv::everything;
use crate::source_workbook::made::{MAIN, Sheet, book, members, options, read, read_with, renamed, rows, shown, with, zipped};
use crate::tools::folder;

/// Why these rows are no orders.
fn plan_error(bytes: &[u8]) -> String {
    let profiles = Profile::all(&Templates::default()).unwrap();
    let projection = |headers: &[String]| plan(headers, &profiles, &options(), "orders.xlsx").map(|plan| plan.wanted());
    read_with(bytes, &options(), &projection).unwrap_err().to_string()
}

#[test]
fn no_message_has_a_whole_phone_number() {
    let bytes = book(&[Sheet("S", "visible", &rows(1, &["(650) 555-1234|6505551235", "+1 650.555.1236|x"]))]);
    let error = plan_error(&bytes);
    assert!(error.contains("'***-1234', '***-1235'"), "{error}");
    let bytes =
        book(&[Sheet("S", "visible", r#"<row r="1"><c r="A1" t="n"><v>6505551234x</v></c><c r="B1" t="b"><v>6505551234</v></c></row>"#)]);
    let error = read(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("orders.xlsx: not a readable workbook (") && !error.contains("6505551234"), "{error}");
}

/// An OpenDocument file whose content is no XML.
fn open_document(manifest: &str) -> Vec<u8> {
    zipped(&[
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml".to_owned(), manifest.as_bytes().to_vec()),
        ("content.xml".to_owned(), b"\x01\x02\x03".to_vec()),
    ])
}

/// A name, the bytes of a file and what is said of it.
fn bad_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let data = rows(1, &["phone|status", "1|2"]);
    let plain = || members(&[Sheet("S", "visible", &data)], "", ">");
    let good = zipped(&plain());
    read(&good).unwrap();
    let mut locked = good;
    let central = locked.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    (locked[6], locked[central + 8]) = (1, 1);
    let mut ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    ole.resize(512, 0);
    let broken_ole = ole.clone();
    ole.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let encrypted = r#"<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let entity = r#"<?xml version="1.0"?><!-- c --> <!DOCTYPE sst [<!ENTITY a "aaaa">]><sst>&a;</sst>"#;
    let wide: Vec<u8> = format!("\u{feff}{entity}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let backwards = rows(5, &["a|b", "1|2"]) + &rows(2, &["x|y"]);
    let places = |data: &str| book(&[Sheet("S", "visible", &(rows(1, &["a|b|c"]) + data))]);
    let huge = format!(r#"<sst xmlns="{MAIN}" uniqueCount="9999999999"><!-- c --></sst>"#);
    vec![
        ("encrypted zip member", locked, "password-protected"),
        ("encrypted package", ole, "password-protected"),
        ("encrypted ods", open_document(encrypted), "password-protected"),
        ("damaged ods", open_document(r#"<manifest:manifest xmlns:manifest="m"/>"#), "not a readable workbook"),
        ("damaged ole", broken_ole, "not a readable workbook"),
        ("nothing", Vec::new(), "not a workbook: it does not begin as a workbook does"),
        ("text", b"phone,status\n1,2\n".to_vec(), "not a workbook: it does not begin as a workbook does"),
        ("page", b"<html><table>".to_vec(), "not a workbook: it does not begin as a workbook does"),
        ("other zip", zipped(&[("a.txt".to_owned(), b"x".to_vec())]), "not a workbook: it is a zip archive"),
        (
            "same name twice",
            renamed(with(plain(), "xl/worksheets/sheet2.xml", "<a/>"), "xl/worksheets/sheet2.xml", "xl/worksheets/sheet1.xml"),
            "two members of the file have the same name",
        ),
        ("same name in capitals", with(plain(), "XL/workbook.xml", "<a/>"), "two members of the file have the same name"),
        ("document type", with(plain(), "xl/sharedStrings.xml", entity), "document type definition"),
        ("document type in UTF-16", with(plain(), "xl/sharedStrings.xml", wide), "document type definition"),
        ("not XML", with(plain(), "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row"), "not a readable workbook"),
        (
            "no sheet member",
            zipped(&plain().into_iter().filter(|(name, _)| !name.contains("sheet1")).collect::<Vec<_>>()),
            "not a readable workbook",
        ),
        ("bomb", with(plain(), "xl/media/zeros", vec![0; 65 << 20]), "decompression bomb"),
        ("memory asked for", with(plain(), "xl/sharedStrings.xml", huge), "not a readable workbook (reading it took more memory"),
        ("rows backwards", book(&[Sheet("S", "visible", &backwards)]), "row 2 comes after row 6"),
        (
            "cell twice",
            places(r#"<row r="2"><c r="C2"><v>1</v></c><c r="A2"><v>2</v></c><c r="C2"><v>3</v></c></row>"#),
            "cell C2 is given twice",
        ),
        ("row twice", places(r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>"#), "row 2 is given twice"),
        ("row far beyond", places(r#"<row r="4294967298"><c r="A4294967298"><v>1</v></c></row>"#), "beyond the last row"),
        ("cell far beyond", places("<row  spans='1:2'\n r = '2'><x:c s=\"1\" r='A4294967298'><v>1</v></x:c></row>"), "beyond the last row"),
        ("column far beyond", places(r#"<row r="2"><c r="XFE2"><v>1</v></c></row>"#), "beyond the last row"),
        ("row beyond", book(&[Sheet("S", "visible", &rows(1_048_577, &["a|b"]))]), "beyond the last row"),
    ]
}

#[test]
fn bad_files_are_refused() {
    for (name, bytes, expected) in bad_files() {
        let error = read(&bytes).map(|table| shown(&table)).expect_err(name);
        let text = error.to_string();
        assert_eq!(error.code(), 65, "{name}: {text}");
        assert!(
            text.starts_with("orders.xlsx: ") && text.contains(expected) && text.contains("; ") && !text.contains('\n'),
            "{name}: {text}"
        );
    }
}

#[test]
fn the_name_of_a_file_is_printed_whole() {
    let place = folder("whole_names");
    let long = format!("{} +1 212-555-0100.xlsx", "long ".repeat(40));
    for name in ["report 2125550100 (1).xlsx", "212-555-0100 2026-03-04.xls", long.as_str()] {
        std::fs::write(place.join(name), b"PK\x03\x04xl/").unwrap();
        for command in ["read", "check"] {
            let told = err(&run(&place, &[command, name]));
            assert!(told.starts_with(&format!("portstatus: {name}: not a readable workbook (its zip container is cut short")), "{told}");
        }
    }
}

#[test]
fn one_flipped_bit_in_a_sheet_is_always_noticed() {
    let lines: Vec<String> = (0..400).map(|row| format!("{}|{}|{}", row * 7919 % 10_007, row * 31 % 97, row)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let good = book(&[Sheet("S", "visible", &rows(1, &lines))]);
    let (start, length) = {
        let mut archive = zip::ZipArchive::new(Cursor::new(&good)).unwrap();
        let member = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
        (member.data_start().unwrap() as usize, member.compressed_size() as usize)
    };
    assert_eq!(read(&good).unwrap().lines.len(), 399);
    for step in 0..40 {
        let mut bytes = good.clone();
        bytes[start + step * length / 40] ^= 1 << (step % 8);
        let error = read(&bytes).map(|table| table.lines.len()).expect_err(&format!("step {step}"));
        assert!(error.to_string().contains("not a readable workbook (its part xl/worksheets/sheet1.xml is"), "{error}");
    }
    for kept in [0, 3, 30, start, start + length / 2, good.len() - 1] {
        read(&good[..kept]).map(|table| table.lines.len()).expect_err(&format!("only {kept} bytes"));
    }
}

#[test]
fn limits_and_a_missing_reader_are_reported() {
    let bytes = book(&[Sheet("S", "visible", &rows(1, &["a|b", "1|2"]))]);
    let limited = |limits: Limits| ReadOptions { limits, ..options() };
    let program = |path: &str| ReadOptions { guarded_program: Some(PathBuf::from(path)), ..options() };
    let cases = [
        (limited(Limits { inflated_bytes: 100, ..Limits::default() }), 65, "more than the 0 MiB allowed"),
        (limited(Limits { memory_bytes: 1 << 20, ..Limits::default() }), 65, "not a readable workbook ("),
        (program("/bin/false"), 65, "the reader failed on it"),
        (program("/nowhere/portstatus"), 71, "cannot be started"),
    ];
    for (options, code, expected) in cases {
        let error = read_with(&bytes, &options, &everything).expect_err(expected);
        assert!(error.code() == code && error.to_string().contains(expected), "{error}");
    }
}

/// The rows below a header, `far` cells in the last of them from the third column on.
fn orders_with_far_cells(count: u32, far: impl Iterator<Item = String>) -> Vec<u8> {
    let mut data = rows(1, &["phone_number|status"]);
    for row in 2..=count {
        data.push_str(&format!(r#"<row r="{row}"><c r="A{row}"><v>{}</v></c></row>"#, 6_502_340_000_u64 + u64::from(row)));
    }
    let last = count + 1;
    let far: String = far.map(|letters| format!(r#"<c r="{letters}{last}"><v>1</v></c>"#)).collect();
    data.push_str(&format!(r#"<row r="{last}">{far}</row>"#));
    book(&[Sheet("S", "visible", &data)])
}

#[test]
fn a_cell_far_right_costs_no_memory_of_the_program_itself() {
    let place = folder("far_right");
    std::fs::write(place.join("orders.xlsx"), orders_with_far_cells(2_000, ["XFD".to_owned()].into_iter())).unwrap();
    for (command, code) in [("check orders.xlsx", 3), ("read orders.xlsx", 0)] {
        let script = format!("ulimit -v 1000000; exec \"$0\" {command}");
        let done = starting("bash").args(["-c", &script, PROGRAM]).current_dir(&place).output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{command}: {told}");
    }
}

#[test]
fn a_table_larger_than_the_memory_allowed_is_refused() {
    let far = || (2..4_000).map(portstatus::domain::text::letters);
    let options =
        |memory_bytes| ReadOptions { limits: Limits { memory_bytes, ..Limits::default() }, columns_without_header: true, ..options() };
    let read = |bytes: &[u8], memory: u64| read_with(bytes, &options(memory), &everything).map(|table| table.columns.len());
    let error = read(&orders_with_far_cells(20_000, far()), 1 << 30).unwrap_err();
    assert_eq!(error.code(), 65);
    assert!(error.to_string().contains("not a readable workbook (its cells take more memory than is allowed)"), "{error}");
    assert_eq!(read(&orders_with_far_cells(200, far()), 1 << 30).unwrap(), 4_000);
}
