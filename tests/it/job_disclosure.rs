//! A report for one account or partner, of a file in which everything else is another's: nothing of that is in any file of the run.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::program::{AS_OF, err, out, run, said};
use crate::tools::{folder, names};

/// Stands in every text of the other account, in letters that no other text has.
pub const MARK: &str = "Qzxvj";

/// Orders of accounts A and B, B's marked wherever a text may stand: above the header, in headers that nobody knows, in every
/// cell, in words, dates and numbers that cannot be read, in comments, and in another table below.
pub fn orders() -> String {
    let mut text = format!("Report for {MARK} Corp\nAccount ID: {MARK}\n\n");
    text += &format!(
        "Phone number,Account ID,Partner,Request ID,Status,Priority,Confirmed Porting Date,Account Company Name,Reject reason,{MARK} notes,Notes of {MARK},Updated at,Numbr Stat,{MARK} FOC time (UTC)\n"
    );
    text += "6505551234,A,North,R1,Scheduled,,2026-12-01,Acme,,,,,,\n";
    text += "6505551236,A,North,R6,Zzz,,soon,Acme,,,,,,\n";
    let other = |number: &str, status: &str, date: &str| {
        format!(
            "{number},{MARK}-1,{MARK} South,{MARK}-R,{status},{MARK},{date},{MARK} Inc,{MARK} reason,{MARK},{MARK},{MARK},{MARK},{MARK}\n"
        )
    };
    text += &other("6505551235", MARK, "2026-12-01");
    text += &other("6505551237", "Scheduled", &format!("{MARK} day"));
    text += &other(MARK, "Scheduled", "2026-12-01");
    text += &other("6505551239", "Scheduled", "2026-12-01");
    text += &other("6505551239", "Scheduled", "2026-12-01");
    text += &other("6505551234", "Completed", "2026-12-01");
    text += &format!("6505551240,{MARK}-1,too,few {MARK}\n");
    text += &format!("# {MARK} comment\n");
    text += &format!("6505551241,\"{MARK} unclosed,x\n");
    text += &format!(",,,,,,,,,,,,,\nNumber,{MARK} account,Status\n6505551250,{MARK},Scheduled\n");
    text
}

/// All that a file says: of an archive its members, of a PDF its text.
pub fn said_by(path: &Path) -> String {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx" | "docx" | "ods") => {
            let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
            let mut text = String::new();
            for member in 0..archive.len() {
                let mut bytes = Vec::new();
                archive.by_index(member).unwrap().read_to_end(&mut bytes).unwrap();
                text += &String::from_utf8_lossy(&bytes);
            }
            text
        }
        Some("pdf") if crate::tools::found("pdftotext") => crate::tools::run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]),
        _ => String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned(),
    }
}

#[test]
fn nothing_of_others_is_in_any_file_of_a_report_for_one_account() {
    for filter in [["--account", "A"], ["--partner", "north"]] {
        let place = folder("disclosure");
        fs::write(place.join("orders.csv"), orders()).unwrap();
        fs::write(place.join("accounts.csv"), format!("account_id,partner\nA,North\n{MARK}-1,{MARK} South\n{MARK}-2\n")).unwrap();
        let accounts = ["--accounts", "accounts.csv"];
        for more in [&[][..], &accounts] {
            let base = ["report", "orders.csv", "--as-of", AS_OF, "--out", "o"];
            let done = run(&place, &[&base[..], &filter, more].concat());
            assert_eq!(done.status.code(), Some(3), "{}", said(&done));
            assert!(out(&done).contains("2 reported"), "{}", said(&done));
            let files = names(&place.join("o"));
            assert_eq!(files.len(), 5, "{files:?}");
            for file in files {
                let text = said_by(&place.join("o").join(&file)).to_lowercase();
                assert!(text.len() > 100 && !text.contains(&MARK.to_lowercase()), "{filter:?}, {file}: {text}");
            }
            assert!(!out(&done).contains(MARK) && !err(&done).contains(MARK), "{}", said(&done));
            assert!(out(&done).contains("notes left out, since they quote text of the inputs that may be of others: "), "{}", said(&done));
        }
        // For everybody all of it is told.
        let all = run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "all"]);
        assert!(out(&all).contains(MARK) && !out(&all).contains("notes left out"), "{}", said(&all));
        assert!(names(&place.join("all")).iter().filter(|file| said_by(&place.join("all").join(file)).contains(MARK)).count() >= 4);
    }
}

#[test]
fn nothing_of_others_is_in_the_folder_of_an_account_or_partner_when_reports_are_split() {
    for (column, value) in [("account", "A"), ("partner", "North")] {
        let place = folder("disclosure-split");
        fs::write(place.join("orders.csv"), orders()).unwrap();
        let done = run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--split-by", column]);
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        let folders: Vec<String> = names(&place.join("o")).into_iter().filter(|name| !name.ends_with(".json")).collect();
        let (theirs, others): (Vec<String>, Vec<String>) = folders.into_iter().partition(|name| name.starts_with(&format!("{value}-")));
        assert_eq!((theirs.len(), others.len()), (1, 1), "{theirs:?} {others:?}");
        let theirs = place.join("o").join(&theirs[0]);
        assert_eq!(names(&theirs).len(), 4, "{:?}", names(&theirs));
        for file in names(&theirs) {
            let text = said_by(&theirs.join(&file)).to_lowercase();
            assert!(text.len() > 100 && !text.contains(&MARK.to_lowercase()), "{column}, {file}: {text}");
        }
        let others = place.join("o").join(&others[0]);
        assert!(names(&others).iter().all(|file| said_by(&others.join(file)).contains(MARK)), "{:?}", names(&others));
    }
}
