//! Workbooks through the real program's guarded process: cells, headers, sheets and sizes.

mod bad;
mod direct;
mod hostile_replies;
mod made;
mod parts;
mod xls;

use portstatus::source::ReadOptions;
use portstatus::source::table::ColumnProjection;

use crate::program::{out, run};
use crate::source_csv::{all_of, everything};
use crate::source_workbook::made::{Sheet, book, members, options, read, read_with, rows, shown, with, zipped};
use crate::tools::{corpus, folder};

#[test]
fn cells_become_text() {
    let cases = [
        (r#"<c r="A2" t="s"><v>0</v></c>"#, "shared & sound", "shared & sound"),
        (r#"<c r="A2" t="inlineStr"><is><r><t xml:space="preserve">rich </t></r><r><t>text</t></r></is></c>"#, "rich text", "rich text"),
        (r#"<c r="A2"><v>6505551234</v></c>"#, "6505551234", "6505551234"),
        (r#"<c r="A2"><v>6505551234.0</v></c>"#, "6505551234", "6505551234"),
        (r#"<c r="A2"><v>6.505551234E9</v></c>"#, "6505551234", "6505551234"),
        (r#"<c r="A2"><v>-0</v></c>"#, "0", "0"),
        (r#"<c r="A2"><v>999999999999999</v></c>"#, "999999999999999", "999999999999999"),
        (r#"<c r="A2"><v>1000000000000000</v></c>"#, "1e+15", "1e+15"),
        (r#"<c r="A2"><v>123456789012345680</v></c>"#, "1.23456789012346e+17", "1.23456789012346e+17"),
        (r#"<c r="A2"><v>0.30000000000000004</v></c>"#, "0.3", "0.3"),
        (r#"<c r="A2"><v>-12.5</v></c>"#, "-12.5", "-12.5"),
        (r#"<c r="A2"><v>1E-20</v></c>"#, "1e-20", "1e-20"),
        (r#"<c r="A2" t="b"><v>1</v></c>"#, "true", "true"),
        (r#"<c r="A2" t="e"><v>#N/A</v></c>"#, "#N/A", "#N/A"),
        (r#"<c r="A2" t="e"><f>A9</f><v>#REF!</v></c>"#, "#REF!", "#REF!"),
        (r#"<c r="A2"><f>SUM(1,2)</f><v>3</v></c>"#, "3", "3"),
        (r#"<c r="A2" t="str"><f>A1</f><v>cached</v></c>"#, "cached", "cached"),
        (r#"<c r="A2" s="1"><v>46085</v></c>"#, "2026-03-04", "2030-03-05"),
        (r#"<c r="A2" s="2"><v>46085.41666666667</v></c>"#, "2026-03-04T10:00:00", "2030-03-05T10:00:00"),
        (r#"<c r="A2" s="2"><v>46085.999999</v></c>"#, "2026-03-05", "2030-03-06"),
        (r#"<c r="A2" s="1"><v>1</v></c>"#, "1900-01-01", "1904-01-02"),
        (r#"<c r="A2" s="1"><v>59</v></c>"#, "1900-02-28", "1904-02-29"),
        (r#"<c r="A2" s="1"><v>60</v></c>"#, "1900-02-29", "1904-03-01"),
        (r#"<c r="A2" s="1"><v>61</v></c>"#, "1900-03-01", "1904-03-02"),
        (r#"<c r="A2" s="1"><v>2958465</v></c>"#, "9999-12-31", "2958465"),
        (r#"<c r="A2" s="1"><v>6505551234</v></c>"#, "6505551234", "6505551234"),
        (r#"<c r="A2" s="1"><v>-3</v></c>"#, "-3", "-3"),
        (r#"<c r="A2" s="4"><v>0.4166666667</v></c>"#, "10:00:00", "10:00:00"),
        (r#"<c r="A2" s="3"><v>1.5</v></c>"#, "36:00:00", "36:00:00"),
        (r#"<c r="A2" t="d"><v>2026-03-04T00:00:00.000Z</v></c>"#, "2026-03-04", "2026-03-04"),
        (r#"<c r="A2" t="d"><v>2026-03-04T10:00:00</v></c>"#, "2026-03-04T10:00:00", "2026-03-04T10:00:00"),
    ];
    let data: String = cases
        .iter()
        .enumerate()
        .map(|(index, (cell, ..))| {
            let row = index + 2;
            format!(r#"<row r="{row}">{}</row>"#, cell.replace("A2", &format!("A{row}")))
        })
        .collect();
    let data = rows(1, &["value|other"]) + &data;
    for (properties, from_1904) in [("", false), (r#"<workbookPr date1904="1"/>"#, true)] {
        let bytes = zipped(&members(&[Sheet("S", "visible", &data)], properties, "><si><t>shared &amp; <![CDATA[sound]]></t></si>"));
        let table = read(&bytes).unwrap();
        assert_eq!(table.found.dates_from_1904, Some(from_1904));
        assert_eq!(table.found.format, "xlsx");
        assert_eq!(table.lines.len(), cases.len());
        let column = table.columns[0].as_ref().unwrap();
        for (row, (cell, plain, late)) in cases.iter().enumerate() {
            assert_eq!(column.get(row), Some(if from_1904 { *late } else { *plain }), "{cell}, from 1904: {from_1904}");
        }
        assert!(table.found.notes.iter().any(|note| note.starts_with("2 cells with an error value")), "{:?}", table.found.notes);
    }
}

#[test]
fn headers_and_rows_are_found() {
    let cases: [(&str, String, &[&str]); 9] = [
        ("plain", rows(1, &["a|b", "1|2", "|3"]), &["1: a|b", "2: 1|2", "3: |3"]),
        ("title above", rows(1, &["Report", "", "a|b", "1|2"]), &["3: a|b", "4: 1|2"]),
        ("empty rows between", rows(3, &["a|b", "", "1|2", "", "", "3|4"]), &["3: a|b", "5: 1|2", "8: 3|4"]),
        ("one column", rows(1, &["phone", "1", "2"]), &["1: phone", "2: 1", "3: 2"]),
        ("header only", rows(1, &["a|b"]), &["1: a|b"]),
        ("empty", String::new(), &["0: "]),
        ("unnamed columns", rows(1, &["a||c", "1|2|3|4"]), &["1: a||c|", "2: 1|2|3|4"]),
        ("first column empty", rows(2, &["|b|c", "|1|2"]), &["2: |b|c", "3: |1|2"]),
        (
            "text without a character",
            rows(1, &["a|b", "1|2"]) + r#"<row r="3"><c r="A3" t="str"><f>""</f><v></v></c></row>"#,
            &["1: a|b", "2: 1|2"],
        ),
    ];
    for (name, data, expected) in cases {
        let table = read(&book(&[Sheet("S", "visible", &data)])).unwrap();
        assert_eq!(shown(&table), expected, "{name}");
        assert_eq!(table.found.rows as usize, expected.len() - 1, "{name}");
    }
}

#[test]
fn a_column_that_begins_late_is_there_or_counted() {
    let mut lines = vec!["a|b".to_owned()];
    lines.extend((0..40).map(|row| format!("{row}|x")));
    lines.push("40|x|late|later".to_owned());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let bytes = book(&[Sheet("S", "visible", &rows(1, &lines))]);
    let all = read(&bytes).unwrap();
    assert_eq!(shown(&all).last().unwrap(), "42: 40|x|late|later");
    assert_eq!(all.headers, ["a", "b", "", ""]);
    for (wanted, expected) in [([true, false], "42: 40"), ([true, true], "42: 40|x")] {
        let some = read_with(&bytes, &options(), &|_| Ok(wanted.to_vec())).unwrap();
        assert_eq!(shown(&some).last().unwrap(), expected);
        assert_eq!(some.columns.iter().map(Option::is_some).collect::<Vec<_>>(), wanted);
        let beyond = "2 cells right of the header's columns left out, the first in row 42";
        assert!(some.found.notes.iter().any(|note| note == beyond), "{:?}", some.found.notes);
    }
}

#[test]
fn sheets_are_chosen() {
    let orders = rows(1, &["list of|things", "phone|status", "1|2"]);
    let other = rows(1, &["name|size", "x|y"]);
    let late = rows(1, &["phone|status", "late|z"]);
    let bytes = book(&[
        Sheet("Secret", "hidden", &late),
        Sheet("Notes", "visible", &other),
        Sheet("Void", "visible", ""),
        Sheet("Jan Orders", "visible", &orders),
    ]);
    let wanted = |headers: &[String]| all_of(headers, headers.iter().any(|header| header == "phone"));
    let nothing = |headers: &[String]| all_of(headers, false);
    let check = |sheet: Option<&str>, wanted: ColumnProjection, expected: Result<&str, &str>| {
        let options = ReadOptions { sheet: sheet.map(str::to_owned), ..options() };
        match (read_with(&bytes, &options, wanted), expected) {
            (Ok(table), Ok(expected)) => {
                assert_eq!(shown(&table).join(" / "), expected, "{sheet:?}");
                assert_eq!(table.found.sheets, ["Secret", "Notes", "Void", "Jan Orders"]);
            }
            (Err(error), Err(expected)) => {
                assert_eq!(error.code(), 65);
                assert_eq!(error.to_string(), expected, "{sheet:?}");
            }
            (result, expected) => panic!("{sheet:?}: {result:?} instead of {expected:?}"),
        }
    };
    check(None, &wanted, Ok("2: phone|status / 3: 1|2"));
    check(None, &everything, Ok("1: name|size / 2: x|y"));
    check(Some("jan orders"), &wanted, Ok("2: phone|status / 3: 1|2"));
    check(Some("Secret"), &wanted, Ok("1: phone|status / 2: late|z"));
    check(Some("void"), &everything, Ok("0: "));
    check(Some("void"), &wanted, Err("orders: unfit headers "));
    check(Some("Feb"), &wanted, Err("orders.xlsx: there is no sheet Feb; its sheets are: Secret, Notes, Void, Jan Orders"));
    check(Some("Notes"), &wanted, Err("orders: unfit headers name,size"));
    check(None, &nothing, Err("orders: unfit headers name,size"));
}

#[test]
fn sheets_that_would_have_done_are_named() {
    let fitting = rows(1, &["phone|status", "1|2"]);
    let other = rows(1, &["name|size", "x|y"]);
    let bytes = book(&[
        Sheet("Old", "hidden", &fitting),
        Sheet("Jan", "visible", &fitting),
        Sheet("Notes", "visible", &other),
        Sheet("Feb", "visible", &fitting),
    ]);
    let wanted = |headers: &[String]| all_of(headers, headers.iter().any(|header| header == "phone"));
    let told = |sheet: Option<&str>| {
        let options = ReadOptions { sheet: sheet.map(str::to_owned), encoding: Some("utf-8".to_owned()), ..options() };
        read_with(&bytes, &options, &wanted).unwrap().found.notes
    };
    let idle = "an encoding was specified, but a workbook has none";
    let others = "the sheets Feb, Old (hidden) have fitting headers too and were not read; name a sheet to read it";
    assert_eq!(told(None), ["only sheet Jan was read, one of 4", idle, others]);
    assert_eq!(told(Some("Feb")), [idle]);
}

#[test]
fn formulas_that_were_never_calculated_are_told_and_rejected() {
    let data = rows(1, &["phone_number|status|company|foc_date"])
        + r#"<row r="2"><c r="A2"><v>2125550100</v></c><c r="B2" t="inlineStr"><is><t>Completed</t></is></c><c r="C2"><f>1+1</f><v></v></c><c r="D2"><f>TODAY()</f></c></row>"#
        + r#"<row r="3"><c r="A3"><f t="shared" si="0"/><v/></c><c r="C3" t="str"><f>""</f><v></v></c></row>"#;
    let bytes = book(&[Sheet("S", "visible", &data)]);
    let notes = read(&bytes).unwrap().found.notes;
    assert!(notes[0].starts_with("3 cells with a formula that was never calculated, the first in row 2"), "{notes:?}");
    let place = folder("uncalculated");
    std::fs::write(place.join("made.xlsx"), bytes).unwrap();
    let done = run(&place, &["check", "made.xlsx", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let listed = |key: &str| found["rejects"].as_array().unwrap().iter().map(|reject| reject[key].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(listed("kind"), ["cell", "cell", "row"], "{found}");
    assert_eq!(listed("column"), ["company", "foc_date", "phone_number"], "{found}");
    assert!(listed("reason").iter().all(|reason| *reason == "a formula that was never calculated"), "{found}");
}

#[test]
fn repetitive_workbooks_and_unusual_text_are_read() {
    let repeated: Vec<String> = (0..3000).map(|_| "same|same|same|same".to_owned()).collect();
    let mut lines = vec!["a|b|c|d"];
    lines.extend(repeated.iter().map(String::as_str));
    let data = rows(1, &lines);
    let plain = members(&[Sheet("S", "visible", &data)], "", ">");
    let padded = with(plain.clone(), "xl/media/zeros", vec![0; 40 << 20]);
    assert!(padded.len() * 100 < 40 << 20, "the ratio is above 100:1");
    assert_eq!(read(&padded).unwrap().lines.len(), 3000);
    let bracket = with(plain, "xl/media/picture", b"\x89PNG <!DOCTYPE".to_vec());
    assert_eq!(read(&bracket).unwrap().lines.len(), 3000);
    let text = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t><![CDATA[<!DOCTYPE html>]]></t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>株式会社</t></is></c></row>";
    assert_eq!(read(&book(&[Sheet("S", "visible", text)])).unwrap().headers, ["<!DOCTYPE html>", "株式会社"]);
}

#[test]
fn long_sheets_come_whole_and_in_few_equal_chunks() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["id", "even", "skipped", "text"]).unwrap();
    const ROWS: u32 = 140_000;
    for row in 1..=ROWS {
        sheet.write_number(row, 0, f64::from(row)).unwrap();
        if row % 2 == 0 {
            sheet.write_string(row, 1, format!("a text that is longer than twelve bytes {row}")).unwrap();
        }
        if row > 131_100 {
            sheet.write_string(row, 4, "beyond").unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let table = read(&bytes).unwrap();
    assert_eq!(table.headers, ["id", "even", "skipped", "text", ""]);
    assert_eq!(table.lines, (2..=ROWS + 1).collect::<Vec<_>>());
    let columns: Vec<_> = table.columns.iter().map(|column| column.as_ref().unwrap()).collect();
    let chunks: Vec<usize> = columns[0].chunk_lengths().collect();
    assert!(chunks.len() <= 8 && chunks.iter().sum::<usize>() == ROWS as usize, "{chunks:?}");
    for column in &columns {
        assert_eq!(column.chunk_lengths().collect::<Vec<_>>(), chunks);
    }
    for row in (0..ROWS as usize).step_by(97).chain([8191, 8192, 131_071, 131_072, ROWS as usize - 1]) {
        let number = row + 1;
        assert_eq!(columns[0].get(row), Some(number.to_string().as_str()));
        let text = format!("a text that is longer than twelve bytes {number}");
        assert_eq!(columns[1].get(row), (number % 2 == 0).then_some(text.as_str()));
        assert_eq!(columns[2].get(row), None);
        assert_eq!(columns[4].get(row), (number > 131_100).then_some("beyond"));
    }
}

#[test]
fn open_document_cells_become_text() {
    let content = r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="Orders"><table:table-row><table:table-cell office:value-type="string"><text:p>when</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>what</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type="date" office:date-value="2026-03-04T10:00:00.000000000"><text:p>x</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="6505551234"><text:p>x</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type="date" office:date-value="2026-03-04"><text:p>x</text:p></table:table-cell><table:table-cell office:value-type="time" office:time-value="PT10H30M00S"><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let bytes = zipped(&[
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml".to_owned(), b"<manifest:manifest xmlns:manifest=\"m\"/>".to_vec()),
        ("content.xml".to_owned(), content.as_bytes().to_vec()),
    ]);
    let table = read(&bytes).unwrap();
    assert_eq!(table.found.format, "ods");
    assert_eq!(shown(&table), ["1: when|what", "2: 2026-03-04T10:00:00|6505551234", "3: 2026-03-04|10:30:00"]);
}

/// The same published content in several formats gives the same table.
#[test]
fn published_formats_agree() {
    let Some(corpus) = corpus() else { return };
    let same: [&[&str]; 4] = [
        &["date.xlsx", "date.xls", "date.xlsb"],
        &["date_1904.xlsx", "date_1904.xls", "date_1904.xlsb"],
        &["any_sheets.xlsx", "any_sheets.xls", "any_sheets.xlsb", "any_sheets.ods"],
        &["issues.xlsx", "issues.xls", "issues.xlsb"],
    ];
    for group in same {
        let tables: Vec<Vec<String>> = group
            .iter()
            .map(|file| {
                let bytes = std::fs::read(corpus.join("excel/calamine").join(file)).unwrap();
                shown(&read(&bytes).unwrap())
            })
            .collect();
        for (file, table) in group.iter().zip(&tables) {
            assert_eq!(table, &tables[0], "{file} and {}", group[0]);
        }
    }
}
