//! Workbooks made byte by byte, and what the real program reads in them.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use portstatus::error::Error;
use portstatus::source::open::InputBytes;
use portstatus::source::table::{ColumnProjection, Table};
use portstatus::source::{ReadOptions, workbook};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::source_csv::everything;

pub const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm"/><numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;
pub const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
pub const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// A workbook's sheet: its name, its state, and the inside of its `sheetData`.
pub struct Sheet<'a>(pub &'a str, pub &'a str, pub &'a str);

/// The members of a minimal `.xlsx`.
pub fn members(sheets: &[Sheet], properties: &str, strings: &str) -> Vec<(String, Vec<u8>)> {
    let (mut listed, mut relations, mut all) = (String::new(), String::new(), Vec::new());
    for (index, Sheet(name, state, data)) in sheets.iter().enumerate() {
        let number = index + 1;
        listed.push_str(&format!(r#"<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>"#));
        relations
            .push_str(&format!(r#"<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>"#));
        let xml = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>"#);
        all.push((format!("xl/worksheets/sheet{number}.xml"), xml.into_bytes()));
    }
    let mut add = |name: &str, xml: String| all.push((name.to_owned(), xml.into_bytes()));
    add("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_owned());
    add(
        "_rels/.rels",
        format!(
            r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    );
    add("xl/workbook.xml", format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}<sheets>{listed}</sheets></workbook>"#));
    add("xl/_rels/workbook.xml.rels", format!(r#"<Relationships xmlns="{PACKAGE}">{relations}</Relationships>"#));
    add("xl/styles.xml", STYLES.to_owned());
    add("xl/sharedStrings.xml", format!(r#"<sst xmlns="{MAIN}" {strings}</sst>"#));
    all
}

pub fn zipped(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in members {
        writer.start_file(name.clone(), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn book(sheets: &[Sheet]) -> Vec<u8> {
    zipped(&members(sheets, "", "><si><t>shared &amp; <![CDATA[sound]]></t></si>"))
}

/// Rows of text cells, `|` between cells, an empty piece for no cell.
pub fn rows(first: u32, lines: &[&str]) -> String {
    let mut xml = String::new();
    for (row, line) in (first..).zip(lines) {
        xml.push_str(&format!(r#"<row r="{row}">"#));
        for (column, text) in ('A'..).zip(line.split('|')) {
            if !text.is_empty() {
                xml.push_str(&format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#));
            }
        }
        xml.push_str("</row>");
    }
    xml
}

pub fn options() -> ReadOptions {
    ReadOptions { guarded_program: Some(PathBuf::from(crate::program::PROGRAM)), ..ReadOptions::default() }
}

pub fn opened(bytes: &[u8]) -> InputBytes {
    InputBytes { name: "orders.xlsx".to_owned(), bytes: bytes.to_vec(), ..InputBytes::default() }
}

pub fn read(bytes: &[u8]) -> Result<Table, Error> {
    let options = ReadOptions { columns_without_header: true, ..options() };
    read_with(bytes, &options, &everything)
}

pub fn read_with(bytes: &[u8], options: &ReadOptions, projection: ColumnProjection) -> Result<Table, Error> {
    Table::read(Box::new(workbook::open(&opened(bytes), options, projection)?))
}

/// A table as lines: the header's row and headers, then each row's number and cells.
pub fn shown(table: &Table) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", table.found.header_line, table.headers.join("|"))];
    for (row, line) in table.lines.iter().enumerate() {
        let cells: Vec<&str> = table.columns.iter().flatten().map(|column| column.get(row).unwrap_or("")).collect();
        lines.push(format!("{line}: {}", cells.join("|")));
    }
    lines
}

/// The name at its two places in a zip file changed to another of the same length.
pub fn renamed(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from.as_bytes()).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    places.into_iter().for_each(|at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
    bytes
}

pub fn with(mut members: Vec<(String, Vec<u8>)>, name: &str, bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    members.retain(|(member, _)| member != name);
    members.push((name.to_owned(), bytes.into()));
    zipped(&members)
}
