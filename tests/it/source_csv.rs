//! Reading text: containers, encodings, dialects, records, and above all that no row is lost; property tests against the csv crate.

use portstatus::error::{Error, Result};
use portstatus::source::ReadOptions;
use portstatus::source::csv::{self, ChunkSizes};
use portstatus::source::open::InputBytes;
use portstatus::source::table::{ColumnProjection, Table};

const ONE: ChunkSizes = ChunkSizes { most: 1, least_bytes: 1 };

pub fn opened(bytes: &[u8]) -> InputBytes {
    InputBytes { name: "orders.csv".into(), bytes: bytes.to_vec(), ..InputBytes::default() }
}

pub fn everything(headers: &[String]) -> Result<Vec<bool>> {
    Ok(vec![true; headers.len()])
}

/// Every column of headers that fit.
pub fn all_of(headers: &[String], fit: bool) -> Result<Vec<bool>> {
    if fit { everything(headers) } else { Err(Error::data("orders", format!("unfit headers {}", headers.join(",")), "")) }
}

fn read(opened: &InputBytes, options: &ReadOptions, projection: ColumnProjection) -> Result<Table> {
    read_in_chunks(opened, options, projection, ChunkSizes::default())
}

pub fn read_in_chunks(opened: &InputBytes, options: &ReadOptions, projection: ColumnProjection, sizes: ChunkSizes) -> Result<Table> {
    Table::read(Box::new(csv::open(opened, options, projection, sizes)?))
}

fn table(bytes: &[u8], options: &ReadOptions, chunks: ChunkSizes) -> Table {
    read_in_chunks(&opened(bytes), options, &everything, chunks).unwrap()
}

pub fn cells(table: &Table) -> Vec<Vec<Option<String>>> {
    let columns: Vec<Vec<Option<String>>> =
        table.columns.iter().flatten().map(|column| column.iter().map(|cell| cell.map(str::to_owned)).collect()).collect();
    assert!(columns.iter().all(|column| column.len() == table.lines.len()), "columns of different lengths");
    (0..table.lines.len()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect()
}

/// Rows as `a|b|·`, nulls as a dot, one a line, each with its line number.
pub fn shown(table: &Table) -> String {
    let rows = cells(table).into_iter().zip(&table.lines).map(|(row, line)| {
        let row: Vec<String> = row.into_iter().map(|cell| cell.unwrap_or("·".into())).collect();
        format!("{line}:{}", row.join("|"))
    });
    let refused = table.refused.iter().map(|row| format!("{}!{} [{}]", row.line, row.reason, row.text));
    rows.chain(refused).collect::<Vec<_>>().join(" / ")
}

#[test]
fn dialects_headers_and_bad_rows() {
    let cases: &[(&str, &str, &str)] = &[
        ("a,b\n1,2\n", "a,b", "2:1|2"),
        ("a;b\n1,5;2\n3;4", "a,b", "2:1,5|2 / 3:3|4"),
        ("a\tb\r\n1\t2\r\n", "a,b", "2:1|2"),
        ("a|b\r1|2\r", "a,b", "2:1|2"),
        ("sep=;\r\na;b\r\n1;2\r\n", "a,b", "3:1|2"),
        ("\"sep=|\"\na|b\n1|2\n", "a,b", "3:1|2"),
        ("\n\r\n a , b \n1,2\n", " a , b ", "4:1|2"),
        ("Port orders\nfor Acme\n\na,b,c\nx,2,3\n", "a,b,c", "5:x|2|3"),
        ("# made today\na,b\nx,1\n", "a,b", "3:x|1"),
        ("Port orders,,\na,b,c\nx,2,3\n", "a,b,c", "3:x|2|3"),
        ("a,b,\n1,2\n3,4,\n5,6,7\n", "a,b,", "3:3|4|· / 4:5|6|7 / 2!2 fields where the header has 3 [1,2]"),
        ("a,b\n1,2,,,\n\n3,4\n  \n", "a,b", "4:3|4 / 2!5 fields where the header has 2 [1,2,,,]"),
        ("a,b\n,\n\"\",\"\"\n", "a,b", "2:·|· / 3:·|·"),
        (
            "a,b,c\n1,2\n1,2,3,4\nx\n1,2,3\n",
            "a,b,c",
            "5:1|2|3 / 2!2 fields where the header has 3 [1,2] / 3!4 fields where the header has 3 [1,2,3,4] / 4!1 field where the header has 3 [x]",
        ),
        ("a,b\n\"x\ny\r\nz\",2\n3,4\n", "a,b", "2:x\ny\r\nz|2 / 5:3|4"),
        (
            "a,b\n\"x \"\"q\"\" y\",2\n5\" pipe,6\n\"p\"q,\"r\"s\"\n\"p \"q\" r\",7\n",
            "a,b",
            "2:x \"q\" y|2 / 3:5\" pipe|6 / 5:p \"q\" r|7 / 4!1 field where the header has 2 [\"p\"q,\"r\"s\"]",
        ),
        // An unclosed quote costs its own line and no other.
        ("a,b\n1,\"x\n3,4\n5,6\n", "a,b", "3:3|4 / 4:5|6 / 2!unclosed quote [1,\"x]"),
        ("a,b\n1,\"x\n3,\"y\"\n5,6\n", "a,b", "3:3|y / 4:5|6 / 2!unclosed quote [1,\"x]"),
        (
            "a,b,c\n1,\"x,3\n4,5,6\n7,8\",9,9\n1,2,3\n",
            "a,b,c",
            "3:4|5|6 / 5:1|2|3 / 2!unclosed quote [1,\"x,3] / 4!4 fields where the header has 3 [7,8\",9,9]",
        ),
        ("a,b\n1,\"two\nlines\",3\n4,5\n", "a,b", "4:4|5 / 2!3 fields where the header has 2 [1,\"two\nlines\",3]"),
        ("a,b\n1,\"x", "a,b", "2!unclosed quote [1,\"x]"),
        ("a,b\n1,x\0y\n3,4\n", "a,b", "3:3|4 / 2!it holds a NUL byte [1,x\0y]"),
        ("a,b\n'x,1',2\n'y',3\n", "a,b", "2:x,1|2 / 3:y|3"),
        ("a,b\n'x',2\n'y',3\n", "a,b", "2:'x'|2 / 3:'y'|3"),
        ("a,b\nO'Hara,2\n'til,3\n", "a,b", "2:O'Hara|2 / 3:'til|3"),
        ("name\nAcme, Inc.\nB\n\n", "name", "2:Acme, Inc. / 3:B"),
        ("a,b\n", "a,b", ""),
        ("a,b", "a,b", ""),
        ("\n\n", "", ""),
        ("\u{feff}\u{feff}a,b\n1,2", "a,b", "2:1|2"),
        ("a,b\n1,\n,2\n", "a,b", "2:1|· / 3:·|2"),
    ];
    for (input, headers, rows) in cases {
        for most in 1..=8 {
            let table = table(input.as_bytes(), &ReadOptions::default(), ChunkSizes { most, least_bytes: 1 });
            let shown = shown(&table);
            assert_eq!(table.headers.join(","), *headers, "headers of {input:?}");
            assert_eq!(shown, *rows, "{input:?} in {most} chunks");
            assert_eq!(table.found.rows, (table.lines.len() + table.refused.len()) as u64);
            assert_eq!(table.found.refused, table.refused.len() as u64);
        }
    }
}

#[test]
fn a_header_is_looked_for_where_the_caller_finds_one() {
    let text = b"Report,of,today\nfrom,us,all\nnumber,state,date\n555,x,2026-01-01\n";
    let wanted = |headers: &[String]| {
        all_of(headers, headers.contains(&"state".to_owned())).map(|_| headers.iter().map(|name| name == "state").collect())
    };
    let table = read(&opened(text), &ReadOptions::default(), &wanted).unwrap();
    assert_eq!((table.found.header_line, table.lines.as_slice()), (3, &[4][..]));
    assert_eq!(table.columns.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false]);
    assert!(table.found.notes.iter().any(|note| note == "skipped 2 lines of text above the header on line 3"), "{:?}", table.found.notes);
    let nothing = read(&opened(text), &ReadOptions::default(), &|headers: &[String]| all_of(headers, false)).unwrap_err();
    assert_eq!(nothing.to_string(), "orders: unfit headers Report,of,today");
}

#[test]
fn notes_name_duplicate_headers_and_never_a_phone_number() {
    let table = table(b"tn,state,tn\n1,2,3\n", &ReadOptions::default(), ONE);
    assert_eq!(table.found.notes, ["header 'tn' is used for columns 1, 3"]);
    let headless = self::table(b"+15551234567,+15551234567,x\n1,2,3\n", &ReadOptions::default(), ONE);
    assert_eq!(headless.found.notes, ["header '***-4567' is used for columns 1, 2"]);
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn utf32(text: &str, unit: fn(u32) -> [u8; 4]) -> Vec<u8> {
    text.chars().flat_map(|letter| unit(letter as u32)).collect()
}

#[test]
fn encodings() {
    let text = "name,city\nJosé,Montréal\n";
    let wide = "name,city\nJosé 😀,東京\n";
    let mark = "\u{feff}".to_owned() + wide;
    let western: Vec<u8> = text.chars().map(|letter| letter as u32 as u8).collect();
    let cases: Vec<(Vec<u8>, Option<&str>, &str, &str)> = vec![
        (wide.into(), None, "UTF-8", wide),
        (mark.clone().into(), None, "UTF-8", wide),
        (mark.clone().into(), Some("utf-8"), "UTF-8", wide),
        (utf16(&mark, u16::to_le_bytes), None, "UTF-16LE", wide),
        (utf16(&mark, u16::to_be_bytes), None, "UTF-16BE", wide),
        (utf16(&mark, u16::to_be_bytes), Some("utf-16"), "UTF-16BE", wide),
        (utf16(wide, u16::to_le_bytes), None, "UTF-16LE", wide),
        (utf16(wide, u16::to_be_bytes), None, "UTF-16BE", wide),
        (utf16(wide, u16::to_be_bytes), Some("utf-16be"), "UTF-16BE", wide),
        (utf32(&mark, u32::to_le_bytes), None, "UTF-32LE", wide),
        (utf32(&mark, u32::to_be_bytes), None, "UTF-32BE", wide),
        (utf32(wide, u32::to_le_bytes), None, "UTF-32LE", wide),
        (utf32(wide, u32::to_be_bytes), Some("UTF-32BE"), "UTF-32BE", wide),
        (western.clone(), None, "windows-1252", text),
        (western.clone(), Some("latin1"), "windows-1252", text),
        (western.clone(), Some("cp1252"), "windows-1252", text),
        (b"name,city\n\xba\xeb\xfb,x\n".to_vec(), Some("iso-8859-7"), "ISO-8859-7", "name,city\nΊλϋ,x\n"),
        (b"name,city\n\x93\x8c\x8b\x9e,x\n".to_vec(), Some("shift_jis"), "Shift_JIS", "name,city\n東京,x\n"),
        ("name,city\né,ü\nü,ü\n".bytes().chain(*b"a\xffb,x\n").collect(), None, "UTF-8", "name,city\né,ü\nü,ü\na\u{fffd}b,x\n"),
    ];
    for (bytes, told, encoding, text) in cases {
        let options = ReadOptions { encoding: told.map(str::to_owned), ..ReadOptions::default() };
        let got = table(&bytes, &options, ONE);
        assert_eq!(got.found.encoding.as_deref(), Some(encoding), "{bytes:?} told {told:?}");
        assert_eq!(shown(&got), shown(&table(text.as_bytes(), &ReadOptions::default(), ONE)), "{encoding} told {told:?}");
    }
    let guessed = table(&western, &ReadOptions::default(), ONE);
    assert!(guessed.found.notes[0].contains("byte 14 (0xE9, line 2)") && guessed.found.notes[0].contains("windows-1252"));
}

#[test]
fn encodings_that_do_not_fit() {
    let cases: &[(&[u8], Option<&str>, u8, &str)] = &[
        (b"a,b\n\xe9,1\n", Some("utf-8"), 65, "byte 5 (0xE9, line 2) is not UTF-8"),
        (b"a,b\n1,\x81\x20\n", Some("shift_jis"), 65, "byte 7 (0x81, line 2) is not Shift_JIS"),
        (b"a,b\n\xd2,1\n", Some("iso-8859-7"), 65, "byte 5 (0xD2, line 2) is not ISO-8859-7"),
        (b"a\0b\0\x00\xd8\n\0", Some("utf-16le"), 65, "byte 5 is not UTF-16LE"),
        (b"\0\0\0a\0\x11\0\0", Some("utf-32be"), 65, "byte 5 is not UTF-32BE"),
        (b"a\0b", Some("utf-16le"), 65, "ends in the middle of a character"),
        (b"\xef\xbb\xbfa,b\n", Some("latin1"), 65, "byte order mark of UTF-8"),
        (b"\xff\xfea\0", Some("utf-16be"), 65, "byte order mark of UTF-16LE"),
        (b"a,b\n\xe9\x81,1\n", None, 65, "byte 5 (0xE9, line 2) is not UTF-8, and byte 6 (0x81) is not windows-1252"),
        (b"a,b\n", Some("klingon"), 64, "no encoding is called 'klingon'"),
    ];
    for (bytes, told, code, message) in cases {
        let options = ReadOptions { encoding: told.map(str::to_owned), ..ReadOptions::default() };
        let error = read(&opened(bytes), &options, &everything).unwrap_err();
        assert_eq!(error.code(), *code, "{error}");
        assert!(error.to_string().contains(message), "{error} does not say {message}");
    }
    for delimiter in [b'"', b'\n', b'\r', 0, 200] {
        let options = ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
        assert_eq!(read(&opened(b"a,b\n"), &options, &everything).unwrap_err().code(), 64, "{delimiter}");
    }
    let told = ReadOptions { delimiter: Some(b':'), ..ReadOptions::default() };
    assert_eq!(shown(&table(b"a:b\n1,2:3\n", &told, ONE)), "2:1,2|3");
}

#[test]
fn hostile_texts_take_no_more_than_a_moment() {
    let lines = 200_000;
    let cases: Vec<(Vec<u8>, u64)> = vec![
        ([b"h1,h2,h3\n".to_vec(), b"a\",\",\n".repeat(lines)].concat(), lines as u64),
        ([b"h1,h2,h3\n".to_vec(), b"a\",\",\n".repeat(lines), b"x\"y\n".to_vec()].concat(), lines as u64 + 1),
        ([b"h1,h2,h3\n".to_vec(), b"a\",\",\n".repeat(lines), b"1,2,3\nx\",y\n".to_vec()].concat(), lines as u64 + 2),
        ([b"h1,h2\n".to_vec(), b"\"a,b\n".repeat(lines)].concat(), lines as u64),
        ([b"h1,h2\n".to_vec(), b"\"a\",".repeat(lines)].concat(), 1),
        ([b"h1,h2\n".to_vec(), b"\n".repeat(10 * lines)].concat(), 0),
    ];
    for (text, rows) in cases {
        let table = table(&text, &ReadOptions::default(), ChunkSizes { most: 8, least_bytes: 1 });
        assert_eq!(table.found.rows, rows, "{:?}", String::from_utf8_lossy(&text[..30]));
    }
    let told = ReadOptions { delimiter: Some(b','), ..ReadOptions::default() };
    let wide = read(&opened(&b",".repeat(40_000)), &told, &everything).err().unwrap();
    assert!(wide.code() == 65 && wide.to_string().contains("is not followed by a table"), "{wide}");
}
