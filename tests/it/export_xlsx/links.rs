//! The links of the workbook, each followed by a reader that did not write it.

use std::io::Cursor;

use portstatus::export::xlsx::{self, Xlsx};
use portstatus::export::{Exporter, Options};

use crate::export_xlsx::export;
use crate::export_xlsx::readers::validate;
use crate::report::report;
use crate::report_fixture;
use crate::report_sections::rows;
use crate::tools;

/// What openpyxl prints, with `script` after the workbook was loaded as `book`.
fn openpyxl(bytes: &[u8], name: &str, script: &str) -> Option<String> {
    if !tools::found("openpyxl") {
        return None;
    }
    let folder = tools::folder(name);
    let file = folder.join("report.xlsx");
    std::fs::write(&file, bytes).unwrap();
    let script = format!("import openpyxl, sys\nbook = openpyxl.load_workbook(sys.argv[1])\n{script}");
    let printed = tools::run("python3", &["-c", &script, file.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
    Some(printed)
}

/// Follows the links of the counts by status: each leads to a row that has the status, before which none has it.
const FOLLOW: &str = r#"
import re
captions = ["Waiting for You", "Scheduled", "In Progress", "Completed", "Canceled", "(unknown)"]
sheets = [sheet for sheet in book if re.fullmatch(r"Numbers( \d+)?", sheet.title)]
statuses = [(sheet.title, row, sheet.cell(row, column).value) for sheet in sheets
            for column in [[cell.value for cell in sheet[1]].index("Status") + 1] for row in range(2, sheet.max_row + 1)]
followed = []
for row in book["Summary"].iter_rows():
    cell = row[0]
    if cell.hyperlink and cell.value in captions:
        sheet, row = re.fullmatch(r"'(.+)'!A(\d+)", cell.hyperlink.location).groups()
        first = next((title, at) for title, at, status in statuses if status == cell.value)
        assert first == (sheet, int(row)), (cell.value, first, cell.hyperlink.location)
        followed.append(cell.value)
assert set(followed) == {status for _, _, status in statuses}, followed
print(len(followed))
"#;

#[test]
fn a_count_by_status_leads_to_the_first_row_that_has_it() {
    let mut out = Cursor::new(Vec::new());
    xlsx::write(&report_fixture::report(25), 10, &mut out).unwrap();
    for (bytes, name) in [
        (export(&report_fixture::report(300)).0, "links-mixed"),
        (export(&report(&rows(), "")).0, "links-sorted"),
        (export(&report(&rows(), "sort = ['phone_number:desc']")).0, "links-other-order"),
        (export(&report(&rows(), "page_size = 5\npage = 2")).0, "links-page"),
        (out.into_inner(), "links-sheets"),
    ] {
        let followed = openpyxl(&bytes, name, FOLLOW);
        assert!(followed.is_none_or(|followed| followed.trim().parse::<u32>().unwrap() > 1), "{name}");
        validate(&bytes, name);
    }
}

#[test]
fn a_count_of_a_list_leads_to_the_list_and_the_name_of_a_sheet_to_it() {
    let script = r#"
lists = {"At risk": 0, "Data quality": 0, "Waiting for You": 0, "Ready to assign": 0}
for row in book["Summary"].iter_rows():
    location = row[0].hyperlink and row[0].hyperlink.location or ""
    if location.endswith("!A1"):
        lists[location[1:-4]] = lists.get(location[1:-4], 0) + 1
assert all(lists.values()), lists
for row in book["About"].iter_rows():
    if row[0].hyperlink and row[0].hyperlink.location.endswith("!A1"):
        assert row[0].hyperlink.location == "'%s'!A1" % row[0].value
        lists[row[0].value] = True
assert set(lists) >= {"Numbers", "By account", "At risk"}, lists
print(len(lists))
"#;
    openpyxl(&export(&report(&rows(), "")).0, "links-lists", script);
    // A list without rows is led to as well: its sheet says so.
    let script = r#"
to = {row[0].value: row[0].hyperlink.location for row in book["About"].iter_rows() if row[0].hyperlink}
assert to["Waiting for You"] == "'Waiting for You'!A1", to
print(book["Waiting for You"]["A4"].value)
"#;
    let said = openpyxl(&export(&report(&rows(), "accounts = ['9']")).0, "links-empty-list", script);
    assert!(said.is_none_or(|said| said.trim() == "No number is waiting for you."));
}

#[test]
fn rows_that_wait_for_the_partner_lead_to_a_mail_about_them() {
    let options = Options { porting_team_email: Some("porting+us@example.com".into()), ..Options::default() };
    let mut out = Vec::new();
    let case = |row: usize| (!row.is_multiple_of(4)).then(|| if row == 9 { "x".repeat(2_100) } else { format!("Case & {row}/é") });
    let report = report_fixture::waiting(case);
    let written = Xlsx.export(&report, &options, &mut out).unwrap();
    let said = "xlsx, sheet Waiting for You: 1 of its rows have no link to a mail: its address has more than 2,079 characters";
    assert!(written.notes.iter().any(|note| &**note == said), "{:?}", written.notes);
    let script = r#"
import urllib.parse
sheet = book["Waiting for You"]
case = [cell.value for cell in sheet[1]].index("FP Case Number")
mails = 0
for row in sheet.iter_rows(min_row=2):
    linked = [cell for cell in row if cell.hyperlink]
    if row[case].row == 11:
        assert not linked
        continue
    assert len(linked) == 1 and linked[0].column > 1 and not str(linked[0].value).startswith("mailto"), linked
    assert linked[0].column == case + 1 or not row[case].value
    url = urllib.parse.urlparse(linked[0].hyperlink.target)
    assert url.scheme == "mailto" and urllib.parse.unquote(url.path) == "porting+us@example.com", url
    subject = urllib.parse.parse_qs(url.query, strict_parsing=True)["subject"]
    from openpyxl.utils.escape import unescape
    phone = unescape(row[0].value or "")
    assert subject == ["Case %s, number %s" % (row[case].value or "", phone)], (subject, phone, row[case].value)
    mails += 1
assert not any(cell.hyperlink for sheet in book if sheet.title != "Waiting for You" for row in sheet.iter_rows() for cell in row if cell.hyperlink and cell.hyperlink.target)
print(mails)
"#;
    let mails = openpyxl(&out, "mails", script);
    assert!(mails.is_none_or(|mails| mails.trim() == "29"));
    validate(&out, "mails-valid");
}
