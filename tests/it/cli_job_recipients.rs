//! Tables of recipients: who gets a report of which rows, in which form and where. No row is left out in silence.

use std::fs;
use std::path::{Path, PathBuf};

use portstatus::cli::job_file;
use portstatus::domain::change::ChangeKind;
use portstatus::error::Place;
use portstatus::job::condition::Condition;
use portstatus::job::scheduled::{CatchUp, RecipientSource, RecipientSpec};
use serde_json::Value;

use crate::cli_job::{JOB, place};
use crate::program::{err, out, run, said};
use crate::tools::found;

/// A folder with a job that asks for the table `recipients.csv`, which is `table`.
fn with_table(table: &str, change: impl Fn(String) -> String) -> PathBuf {
    let job = JOB.replace("split-by = \"account\"", "split-by = \"account\"\ntable = \"recipients.csv\"");
    let place = place(&change(job));
    fs::write(place.join("recipients.csv"), table).unwrap();
    place
}

/// What is wrong with it.
fn fault(table: &str, change: impl Fn(String) -> String) -> String {
    let done = run(&with_table(table, change), &["job", "check"]);
    assert_eq!((done.status.code(), done.stdout.len(), err(&done).lines().count()), (Some(78), 0, 1), "{table}\n{}", said(&done));
    err(&done)["portstatus: ".len()..].trim_end().to_owned()
}

/// A table, and what is said of it.
const FAULTS: &[(&str, &str)] = &[
    ("account,fromats\nA-1,csv\n", "recipients.csv, column 'fromats': is not a column of a table of recipients; did you mean formats?"),
    ("name,formats\nx,csv\n", "recipients.csv: has no column account; add one with the account whose rows each recipient gets"),
    ("account,value\nA-1,A-1\n", "recipients.csv, column 'value': says the same as another column"),
    ("account,formats\n,csv\n", "recipients.csv, line 2, column account: is empty; write the value whose rows the recipient gets"),
    (
        "account,formats\nA-1,csv\nA-2,rtf\n",
        "recipients.csv, line 3, column formats: 'rtf' is not a format; choose from csv, xlsx, pdf, html, docx, ods",
    ),
    ("account,status\nA-1,shceduled\n", "recipients.csv, line 2, column status: 'shceduled' is not known; did you mean Scheduled?"),
    ("account,where\nA-1,overdu\n", "line 2, column where: there is no column 'overdu'; did you mean 'overdue'?"),
    ("account,columns\nA-1,\"phone_number,statsu\"\n", "line 2, column columns: there is no column 'statsu'"),
    ("account,template\nA-1,fco\n", "line 2, column template: 'fco' is not a template; did you mean foc?"),
    ("account,language\nA-1,de\n", "line 2, column language: there is no template 'partner-port-status-de'; add it to the templates"),
    ("account,when\nA-1,sometimes\n", "line 2, column when: 'sometimes' is not a condition; write always, not-empty, changed"),
    ("account,active\nA-1,maybe\n", "line 2, column active: 'maybe' is neither yes nor no; write yes or no"),
    ("account,password_file\nA-1,open\n", "line 2, column password_file: open: holds a password and others may read"),
    ("account,password_file\nA-1,none\n", "line 2, column password_file: none: cannot be read: no such file"),
    ("account,password_file\nA-1,secret\n", "line 2, column password_file: is for nothing: no delivery to it is encrypted"),
    (
        "account\nA-1\nA-1\n",
        "line 3, column name: 'A-1' is the name of the recipient in line 2, too; give each recipient a name of its own",
    ),
    ("account,name\nA-1,North\nA-2,NORTH\n", "line 3, column name: 'NORTH' is the name of the recipient in line 2, too"),
    ("account,active\nA-1,no\n", "recipients.csv: has no recipient that is active"),
    (
        "account,place\nA-1,s3://bucket/x\n",
        "line 2, column place: is for nothing: no delivery goes there; add [[deliveries]] with to = \"{place}\"",
    ),
    ("account,place\nA-1,delivered/{value}\n", "line 2, column place: has braces, which stand for nothing here; write the place as it is"),
    (
        "account,formats,when\nA-1,rtf,x\nA-2,,\nA-3,,y\n",
        "recipients.csv, line 2, column formats: 'rtf' is not a format; choose from csv, xlsx, pdf, html, docx, ods, json, jsonl, xml, parquet, table; line 2, column when: 'x' is not a condition; write \
         always, not-empty, changed, one or several of foc, completed and rejected, flags > N or overdue > N; line 4, column when: 'y' is not",
    ),
];

#[test]
fn every_fault_of_a_table_of_recipients_is_named_with_its_line_and_column() {
    for (table, expected) in FAULTS {
        let found = fault(table, |job| job);
        assert!(found.contains(expected), "{table}\n  expected {expected}\n  found    {found}");
    }
    // All of them are listed, up to twenty.
    let many: String = (0..30).map(|row| format!("A-{row},x\n")).collect();
    let found = fault(&format!("account,when\n{many}"), |job| job);
    assert!(found.contains("; line 21, column when") && !found.contains("line 22,") && found.ends_with("; and 10 more"), "{found}");
    // A line whose cells cannot be told apart is a fault, too; no number is shown.
    let found = fault("account,when\nA-1,always\nA-2,always,x,y\n", |job| job);
    assert!(found.starts_with("recipients.csv, line 3: 4 fields where the header has 2"), "{found}");
    let found = fault("account,name\nA-1,+12125550123\nA-2,+12125550123\n", |job| job);
    assert!(found.contains("is the name of the recipient in line 2") && !found.contains("5550123"), "{found}");
    // Everybody needs a place, and a password for what is encrypted.
    let of_table = |job: String| job.replace("delivered/{recipient}", "{place}");
    let found = fault("account,place\nA-1,delivered/one\nA-2,\n", of_table);
    assert!(found.contains("line 3, column place: is empty, and no delivery goes anywhere else"), "{found}");
    let found = fault("account,place\nA-1,ftp://x\n", of_table);
    assert!(found.contains("line 2, column place: ftp://x: ftp:// is not a kind of place; did you mean sftp?"), "{found}");
    let found = fault("account,place\nA-1,mailto:a@b.example\n", of_table);
    assert!(found.contains("job.toml, line 11, column 6, to: it is not said how mail is sent"), "{found}");
    let found = fault("account,password_file\nA-1,secret\nA-2,\n", |job| job + "encrypt = \"zip\"\n");
    assert!(found.contains("line 3, column password_file: the delivery folder-1 is encrypted, and there is no password for it"), "{found}");
    // Formats of one recipient alone need names that tell them apart.
    let found = fault("account,formats\nA-1,csv\nA-2,\"csv, pdf\"\n", |job| job + "file-name = \"{recipient}.csv\"\n");
    assert!(found.contains("file-name: is one name for the files of all formats"), "{found}");
    let done = run(&with_table("account\nA-1\n", |job| job.replace("recipients.csv", "nowhere.csv")), &["job", "check"]);
    assert!(
        done.status.code() == Some(66) && err(&done).contains("nowhere.csv") && err(&done).contains("(job.toml, line 9"),
        "{}",
        said(&done)
    );
}

/// Serves one test at a time: the folder is that of the process.
fn read(place: &Path) -> Vec<RecipientSpec> {
    // The paths of these jobs are absolute, or are not followed.
    let text = fs::read_to_string(place.join("job.toml")).unwrap();
    let absolute = |text: String, name: &str| text.replace(&format!("\"{name}\""), &format!("\"{}\"", place.join(name).display()));
    let text = ["orders.csv", "recipients.csv", "recipients.xlsx", "templates"].into_iter().fold(text, absolute);
    let file = place.join("absolute.toml");
    fs::write(&file, text).unwrap();
    let job = job_file::read(&file).unwrap();
    assert_eq!((job.catch_up, job.rejects_ok, job.file), (CatchUp::Latest, false, file));
    match job.recipients {
        RecipientSource::Table { recipients, split_by } if split_by == "account" => recipients,
        _ => panic!("no table"),
    }
}

#[test]
fn a_row_says_what_its_recipient_gets_and_where() {
    let table = "\u{feff}Account ID;NAME;Formats;Status;where;Columns;Template;Place;Password file;When;active
A-1;North;xlsx csv;\"waiting for you, scheduled\";overdue;\"phone_number, status\";foc;s3://b/x sftp://h/y;SECRET;foc, Completed;yes
A-2;;;;;;;;;flags > 10;
;;;;;;;;;;
A-1;North again;PDF;;;;;;;not empty;TRUE
A-3;Gone;rtf;nothing;;;;;;;no
";
    let place =
        with_table("", |job| job + "encrypt = \"zip\"\npassword-file = \"SECRET\"\n[[deliveries]]\nto = \"{place}\"\nencrypt = \"zip\"\n");
    let secret = place.join("secret").display().to_string();
    let job = fs::read_to_string(place.join("job.toml")).unwrap();
    fs::write(place.join("job.toml"), job.replace("SECRET", &secret)).unwrap();
    fs::write(place.join("recipients.csv"), table.replace("SECRET", &secret)).unwrap();
    let recipients = read(&place);
    let [north, second, again] = recipients.as_slice() else { panic!("{}", recipients.len()) };
    let formats = |recipient: &RecipientSpec| recipient.formats.iter().map(|format| format.name()).collect::<Vec<_>>();
    assert_eq!((north.name.as_str(), north.value.as_str(), formats(north)), ("North", "A-1", vec!["csv", "xlsx"]));
    assert_eq!(north.query.statuses, ["waiting for you", "scheduled"]);
    assert_eq!(
        (&north.query.where_sql[..], &north.query.columns[..]),
        (&["overdue".to_owned()][..], &["phone_number, status".to_owned()][..])
    );
    assert_eq!((north.template.as_deref(), &north.places[..]), (Some("foc"), &["s3://b/x".to_owned(), "sftp://h/y".to_owned()][..]));
    assert_eq!(north.password_file, Some(place.join("secret")));
    assert_eq!(north.condition, Condition::Happened(vec![ChangeKind::ConfirmedSet, ChangeKind::Completed]));
    assert!(matches!(&north.place, Place::File { file, row: Some(2), .. } if file == "recipients.csv"));
    assert_eq!((second.name.as_str(), second.condition.clone(), second.formats.len()), ("A-2", Condition::FlaggedAbove(10), 0));
    assert_eq!((again.value.as_str(), again.condition.clone(), formats(again)), ("A-1", Condition::NotEmpty, vec!["pdf"]));
}

#[test]
fn a_language_is_that_of_a_template_which_is_there() {
    let change = |job: String| job.replace("format =", "templates = \"templates\"\nformat =");
    let place = with_table("account,language,template\nA-1,de,\nA-2,DE,\nA-3,,\n", change);
    fs::create_dir_all(place.join("templates/reports")).unwrap();
    fs::write(place.join("templates/reports/partner-port-status-de.toml"), "extends = \"partner-port-status\"\n").unwrap();
    let templates: Vec<Option<String>> = read(&place).into_iter().map(|recipient| recipient.template).collect();
    let german = Some("partner-port-status-de".to_owned());
    assert_eq!(templates, [german.clone(), german, None]);
    fs::write(place.join("recipients.csv"), "account,language,template\nA-1,de,foc\n").unwrap();
    let done = run(&place, &["job", "check"]);
    assert!(err(&done).contains("line 2, column language: there is no template 'foc-de'"), "{}", said(&done));
}

#[test]
fn a_template_of_a_recipient_is_checked_whole_before_a_row_is_read() {
    let change = |job: String| job.replace("format =", "templates = \"templates\"\nformat =");
    let place = with_table("account,template\nA-1,theirs\n", change);
    fs::create_dir_all(place.join("templates/reports")).unwrap();
    let section = "[[sections]]\nid = 'numbers'\nheading = 'N'\nformats = { xlsx = 'N', html = 'numbers', docx = 'numbers' }\n";
    for (more, told) in [
        (
            "[[sections]]\nid = 'by_status'\nheading = 'S'\nformats = { pdf = 'middle' }\n",
            "reports/theirs.toml, line 1, column 1, sections: places in pdf are not usable; 'middle' of the section by_status is none of",
        ),
        ("[colours]\nink = '#EEEEEE'\n", "reports/theirs.toml, line 6, column 8, colours.ink: '#EEEEEE' on '#FFFFFF' has a contrast of"),
    ] {
        fs::write(place.join("templates/reports/theirs.toml"), format!("{section}{more}")).unwrap();
        for command in [&["job", "check"][..], &["run", "job.toml"]] {
            let done = run(&place, command);
            assert_eq!(done.status.code(), Some(78), "{command:?}: {}", said(&done));
            assert!(err(&done).contains(told), "{command:?}: {}", said(&done));
        }
    }
}

#[test]
fn a_table_of_recipients_may_be_a_sheet_or_the_answer_of_a_query() {
    if found("openpyxl") {
        let change = |job: String| job.replace("recipients.csv\"", "recipients.xlsx\"\nsheet = \"Who\"");
        let place = with_table("", change);
        let script = "import openpyxl\nb = openpyxl.Workbook()\nb.active.append(['nothing'])\ns = b.create_sheet('Who')\nfor row in [['Account', 'When'], ['A-1', 'changed'], [None, None], ['A-2', 'x']]: s.append(row)\nb.save('recipients.xlsx')\n";
        fs::write(place.join("make.py"), script).unwrap();
        assert!(std::process::Command::new("python3").arg("make.py").current_dir(&place).status().unwrap().success());
        let done = run(&place, &["job", "check"]);
        assert!(err(&done).contains("recipients.xlsx, sheet Who, line 4, column when: 'x' is not a condition"), "{}", said(&done));
    }
    let change =
        |job: String| job.replace("recipients.csv\"", "sqlite:recipients.db\"\nquery = \"SELECT account, name FROM people WHERE 1\"");
    let place = with_table("", change);
    let database = rusqlite::Connection::open(place.join("recipients.db")).unwrap();
    database
        .execute_batch("CREATE TABLE people (account, name, other); INSERT INTO people VALUES ('A-1', 'North', 5), ('A-2', 'South', 6)")
        .unwrap();
    let done = run(&place, &["job", "check", "--json"]);
    let job: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
    let names: Vec<&str> = job["recipients"]["active"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["North", "South"]);
}
