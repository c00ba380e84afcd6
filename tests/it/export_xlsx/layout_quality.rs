//! What the workbook looks like, on screen and on paper, read from its XML. Opens no other program.

use calamine::Reader;
use portstatus::domain::columns::ColumnType;
use portstatus::report::Report;

use crate::export_xlsx::{export, member, one_column, open};
use crate::report_fixture::{self, whole};

/// What is printed above and below every page of the numbers, without the escapes of XML.
fn printed(report: &Report) -> (String, String, Vec<String>) {
    let (bytes, written) = export(report);
    let sheet = member(&bytes, "xl/worksheets/sheet1.xml");
    let part =
        |name: &str| sheet.split_once(&format!("<{name}>")).unwrap().1.split_once(&format!("</{name}>")).unwrap().0.replace("&amp;", "&");
    (part("oddHeader"), part("oddFooter"), written.notes.iter().map(ToString::to_string).collect())
}

#[test]
fn the_whole_notice_is_printed_or_a_note_says_where_it_is() {
    let notice = |operator: &str| {
        format!(
            "Confidential: customer information and proprietary information of {operator}. Not for unauthorized contacts, competitors or other carriers; not for contacting carriers. A snapshot only; case replies are not reflected."
        )
    };
    let long = "Société Générale de Téléphonie, Inc. of Nowhere in Particular and its Many Subsidiaries";
    // The operator, what the footer ends with, what the header holds, whether a note is due.
    for (operator, footer, header, shortened) in [
        ("Acme", "replies are not reflected.&R&9Page &P of &N", "&R&9As of 2026-03-04", false),
        ("Intermedia Cloud Communications, Inc.", "replies are not reflected.", "·  Page &P of &N", false),
        (long, "not for contacting carriers.", "\n&\"-,Regular\"&8A snapshot only; case replies are not reflected.&R", false),
        (&long.repeat(2), "About.", "·  Page &P of &N", true),
        (&long.repeat(9), "… The whole notice is on the sheet About.", "·  Page &P of &N", true),
        ("", "replies are not reflected.&R&9Page &P of &N", "&R&9As of", false),
    ] {
        let mut report = report_fixture::report(3);
        (report.cover.operator, report.cover.notice) = (operator.to_owned(), notice(operator));
        let (above, below, notes) = printed(&report);
        assert!(below.ends_with(footer) && above.contains(header), "{above}\n{below}");
        assert_eq!(notes.iter().any(|note| note.contains("the sheet About has all of it")), shortened, "{notes:?}");
        assert!(above.encode_utf16().count() <= 255 && below.encode_utf16().count() <= 255);
        // Whatever the footer says, it is whole words of the notice.
        let said = below.trim_start_matches("&L&8").split("&R").next().unwrap().replace("&&", "&");
        let said = said.trim_end_matches("The whole notice is on the sheet About.").trim_end_matches(['…', ' ']);
        let rest = report.cover.notice.strip_prefix(said).unwrap_or_else(|| panic!("{said}"));
        assert!(rest.is_empty() || rest.starts_with(' '), "{rest}");
    }
    let mut report = report_fixture::report(3);
    report.cover.title = "A title & more ".repeat(30);
    assert!(printed(&report).2.iter().any(|note| note.contains("the title is too long")));
}

/// The rows of a sheet's XML by number, from 1.
fn row_xml(sheet: &str, row: usize) -> &str {
    let from = sheet.find(&format!("<row r=\"{row}\"")).unwrap_or_else(|| panic!("no row {row}"));
    sheet[from..].split("</row>").next().unwrap()
}

#[test]
fn long_text_wraps_in_rows_that_are_high_enough() {
    let step = "Have the current provider complete or cancel the order that is open on the account before the numbers can go on.";
    let cells = ["Send the signed LOA.", step, "one\ntwo\nthree", &step.repeat(40), &"W".repeat(100)];
    let mut draft = report_fixture::draft(0);
    let mut table = whole(&one_column("Next step", ColumnType::Text, &cells).numbers);
    table.columns[0].width_characters = 40.0;
    draft.waiting_for_you = table;
    let bytes = export(&draft.report()).0;
    let sheet = member(&bytes, "xl/worksheets/sheet5.xml");
    let width: f64 = sheet.split_once("width=\"").unwrap().1.split('"').next().unwrap().parse().unwrap();
    assert!((16.0..61.0).contains(&width), "{width}");
    let height = |row: usize| -> Option<f64> { row_xml(&sheet, row).split_once("ht=\"")?.1.split('"').next()?.parse().ok() };
    assert_eq!(height(2), None);
    assert!(
        height(3).is_some_and(|points| points >= 15.0 * (step.len() as f64 * 0.8 / width).ceil() && points <= 150.0),
        "{:?}",
        height(3)
    );
    assert_eq!(height(4), Some(45.0));
    assert_eq!(height(5), Some(405.0));
    assert!(height(6).is_some_and(|points| points >= 30.0));
    let styles = member(&bytes, "xl/styles.xml");
    let formats: Vec<&str> = styles.split_once("<cellXfs").unwrap().1.split("<xf ").skip(1).collect();
    let style = |row: usize| -> usize { row_xml(&sheet, row).split_once(" s=\"").unwrap().1.split('"').next().unwrap().parse().unwrap() };
    assert!((3..=6).all(|row| formats[style(row)].contains("wrapText=\"1\"") && formats[style(row)].contains("vertical=\"top\"")));
}

#[test]
fn cells_sit_at_the_top_and_a_company_stays_on_its_line() {
    let mut draft = report_fixture::draft(30);
    draft.cover.figures.waiting_accounts[0].1 = "Acme\nattn: García".into();
    draft.cover.filters = vec!["find is 'a\nb'".into()];
    let bytes = export(&draft.report()).0;
    let styles = member(&bytes, "xl/styles.xml");
    let fills: Vec<&str> = styles.split_once("<fills").unwrap().1.split("<fill>").skip(1).collect();
    let formats: Vec<&str> = styles.split_once("<cellXfs").unwrap().1.split("</cellXfs>").next().unwrap().split("<xf ").skip(1).collect();
    let fill = |format: &&&str| fills[format.split_once("fillId=\"").unwrap().1.split('"').next().unwrap().parse::<usize>().unwrap()];
    let status: Vec<&&str> = formats.iter().filter(|format| fill(format).contains("FFFDE8D7")).collect();
    assert!(status.len() >= 2 && status.iter().all(|format| format.contains("vertical=\"top\"")), "{status:?}");
    let mut workbook = open(bytes);
    for sheet in ["Summary", "About"] {
        let range = workbook.worksheet_range(sheet).unwrap();
        assert!(range.used_cells().all(|cell| !cell.2.to_string().contains('\n')), "{sheet}");
    }
    let summary = workbook.worksheet_range("Summary").unwrap();
    assert!(summary.used_cells().any(|cell| *cell.2 == "Acme attn: García"));
}

#[test]
fn very_many_columns_are_printed_on_pages_beside_each_other_each_with_the_number() {
    let mut report = report_fixture::report(20);
    assert!(!member(&export(&report).0, "xl/worksheets/sheet1.xml").contains("fitToWidth=\"2\""));
    let mut table = report_fixture::whole(&report.numbers);
    table.columns.extend(table.columns.clone());
    report.numbers = report_fixture::lazy(table);
    let (bytes, _) = export(&report);
    assert!(member(&bytes, "xl/worksheets/sheet1.xml").contains("fitToWidth=\"2\" fitToHeight=\"0\""));
    let titles = "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"0\">Numbers!$A:$A,Numbers!$1:$1<";
    assert!(member(&bytes, "xl/workbook.xml").contains(titles));
}
