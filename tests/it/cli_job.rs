//! Job files: what is understood of them, and each fault with its line, its column and what to write.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use serde_json::Value;

use crate::program::{PROGRAM, err, out, run, said, starting, write_orders};
use crate::tools::{folder, found};

/// A job file that has no fault.
pub const JOB: &str = r#"name = "nightly"
[report]
inputs = ["orders.csv"]
format = ["csv", "xlsx"]
[schedule]
at = "06:00"
[recipients]
split-by = "account"
[[deliveries]]
to = "delivered/{recipient}"
"#;

/// A folder with orders, accounts, secrets and `job.toml` with `text`.
pub fn place(text: &str) -> PathBuf {
    let place = folder("job");
    write_orders(&place, 10);
    fs::write(place.join("accounts.csv"), "account_id,partner\nA-1,North\nA-2,South\n").unwrap();
    for (name, text, mode) in [("secret", "s3cret\n", 0o600), ("open", "s3cret\n", 0o644), ("nothing", "\n", 0o600)] {
        fs::write(place.join(name), text).unwrap();
        fs::set_permissions(place.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::write(place.join("job.toml"), text).unwrap();
    place
}

/// What is wrong with the job file `text`.
fn fault(text: &str) -> String {
    let done = run(&place(text), &["job", "check"]);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(78), 0), "{text}\n{}", said(&done));
    let line = err(&done);
    assert!(line.lines().count() == 1 && line.starts_with("portstatus: "), "{line}");
    line["portstatus: ".len()..].trim_end().to_owned()
}

/// What is printed of the job file `text`, as JSON.
fn understood(text: &str) -> Value {
    let done = run(&place(text), &["job", "check", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{text}\n{}", said(&done));
    serde_json::from_str(&out(&done)).unwrap()
}

/// What in [`JOB`] is replaced, by what, and what is said of it.
const FAULTS: &[(&str, &str, &str)] = &[
    ("name = \"nightly\"", "nmae = \"x\"", "job.toml, line 1, column 1, nmae: is not a key of a job file; did you mean name?"),
    ("name = \"nightly\"", "name = 5", "job.toml, line 1, column 8, name: is not a text; write a text in quotes"),
    (
        "name = \"nightly\"",
        "name = \"a b\"",
        "job.toml, line 1, column 8, name: 'a b' is not a name; write at most 40 letters, digits, - and _",
    ),
    ("name = \"nightly\"", "name = \"../x\"", "'../x' is not a name"),
    ("name = \"nightly\"", "name = ", "job.toml, line 1, column 8: "),
    ("[schedule]", "[shedule]", "job.toml, line 5, column 2, shedule: is not a key of a job file; did you mean schedule?"),
    ("at = \"06:00\"", "", "job.toml, line 5, column 1, [schedule]: has no at; write a time of day: at = \"06:00\""),
    ("at = \"06:00\"", "at = \"25:00\"", "job.toml, line 6, column 6, at: '25:00' is not a time of day; write hours and minutes: 06:00"),
    ("at = \"06:00\"", "at = [\"06:00\", \"6 am\"]", "job.toml, line 6, column 16, at: '6 am' is not a time of day"),
    ("at = \"06:00\"", "at = [\"06:00\", \"6:00\"]", "line 6, column 6, at: has a time twice; leave one of them out"),
    ("at = \"06:00\"", "at = 6", "at: is not a text or a list of texts"),
    ("at = \"06:00\"", "at = 06:00:00", "at: is not a text or a list of texts"),
    ("at = \"06:00\"", "at = []", "at: is empty, or holds something else than texts"),
    (
        "at = \"06:00\"",
        "at = \"06:00\"\nzone = \"America/Los_Angles\"",
        "line 7, column 8, zone: 'America/Los_Angles' is not a zone; did you mean America/Los_Angeles?",
    ),
    ("at = \"06:00\"", "at = \"06:00\"\nzone = \"PST\"", "zone: 'PST' is not a zone; "),
    ("at = \"06:00\"", "at = \"06:00\"\ndays = \"mon-fir\"", "days: 'fir' is not a day of the week; did you mean fri?"),
    ("at = \"06:00\"", "at = \"06:00\"\ndays = \" \"", "days: is empty"),
    ("at = \"06:00\"", "at = \"06:00\"\ndays = \", ,\"", "days: names no day; write mon-fri, for example"),
    ("at = \"06:00\"", "at = \"06:00\"\nnot-on = \"us-fedral\"", "not-on: there is no calendar 'us-fedral'; did you mean us-federal?"),
    (
        "at = \"06:00\"",
        "at = \"06:00\"\nnot_on = \"us-federal\"",
        "line 7, column 1, not_on: is not a key of [schedule]; did you mean not-on?",
    ),
    ("at = \"06:00\"", "at = \"06:00\"\ncatch-up = \"al\"", "catch-up: 'al' is not known; did you mean all?"),
    ("inputs = [", "input = [", "job.toml, line 3, column 1, input: is not an option of portstatus report; did you mean inputs?"),
    ("inputs = [\"orders.csv\"]", "", "job.toml, line 2, column 1, report: no input was named"),
    ("[\"csv\", \"xlsx\"]", "[\"csv\", \"xslx\"]", "job.toml, line 4, format: there is no format 'xslx'; did you mean xlsx?"),
    ("format =", "strict = \"yes\"\nformat =", "job.toml, line 4, strict: is a switch; write true or false"),
    ("format =", "where = \"overdu\"\nformat =", "job.toml, line 4, where: there is no column 'overdu'; did you mean 'overdue'?"),
    ("format =", "status = \"shceduled\"\nformat =", "job.toml, line 4, status: 'shceduled' is not known; did you mean Scheduled?"),
    (
        "format =",
        "template = \"parner-port-status\"\nformat =",
        "job.toml, line 4, template: there is no template 'parner-port-status'; did you mean partner-port-status?",
    ),
    ("format =", "templates = \"nowhere\"\nformat =", "nowhere: is not a folder"),
    (
        "format =",
        "out = \"x\"\nformat =",
        "job.toml, line 4, column 1, out: out is not for a job file; write where reports go below [[deliveries]]",
    ),
    ("format =", "split-by = \"account\"\nformat =", "split-by is not for a job file; write it below [recipients]"),
    ("format =", "page = 1\nformat =", "page is not for a job file; leave it out: reports are sent whole"),
    ("format =", "quiet = true\nformat =", "quiet is not for a job file; give it to portstatus run"),
    ("split-by = \"account\"", "", "job.toml, line 7, column 1, [recipients]: has no split-by"),
    ("[recipients]\nsplit-by = \"account\"\n", "", "job.toml: has no [recipients]; write [recipients] and split-by ="),
    ("\"account\"", "\"acount_id\"", "job.toml, line 8, column 12, split-by: there is no column 'acount_id'; did you mean 'account_id'?"),
    ("\"account\"", "\"quality_count\"", "split-by: every number would have a report of its own"),
    ("split-by = \"account\"", "split_by = \"account\"", "split_by: is not a key of [recipients]; did you mean split-by?"),
    (
        "split-by = \"account\"",
        "split-by = \"account\"\nwhen = \"sometimes\"",
        "line 9, column 8, when: 'sometimes' is not a condition; write always, not-empty,",
    ),
    ("split-by = \"account\"", "split-by = \"account\"\nwhen = \"flags > many\"", "when: 'flags > many' is not a condition"),
    ("split-by = \"account\"", "split-by = \"account\"\nsheet = \"x\"", "sheet: belongs to a table; add table, or leave it out"),
    ("split-by = \"account\"", "split-by = \"account\"\ntable = \"-\"", "table: standard input is not a table of recipients"),
    (
        "to = \"delivered/{recipient}\"",
        "",
        "job.toml, line 9, column 1, [[deliveries]]: has no to; write a folder, s3://…, sftp://… or mailto:…",
    ),
    ("{recipient}\"", "{recipent}\"", "job.toml, line 10, column 17, to: {recipent} stands for nothing; did you mean {recipient}?"),
    ("{recipient}\"", "{recipient\"", "line 10, column 17, to: has a { without its other half"),
    ("{recipient}\"", "{place}\"", "to: {place} is what a table of recipients says; add the table, or write the place"),
    ("delivered/{recipient}", "ftp://host/x", "job.toml, line 10, column 6, to: ftp:// is not a kind of place; did you mean sftp?"),
    ("delivered/{recipient}", "s3:///x", "to: names no bucket; write s3://BUCKET/PREFIX"),
    ("delivered/{recipient}", "mailto:nobody", "to: 'nobody' is not an address"),
    ("delivered/{recipient}", "mailto:a@b.example", "to: it is not said how mail is sent; add mail = {"),
    ("{recipient}\"", "{recipient}\"\nfile-name = \"../{recipient}.{ext}\"", "file-name: is not a plain name of a file"),
    (
        "{recipient}\"",
        "{recipient}\"\nfile-name = \"{recipient}\"",
        "file-name: is one name for the files of all formats, and for rejected rows; add .{ext} to it",
    ),
    (
        "to = \"delivered/{recipient}\"",
        "to = \"delivered\"\nfile-name = \"{date}.{ext}\"",
        "file-name: is one name for the files of several recipients",
    ),
    ("{recipient}\"", "{recipient}\"\nfile-name = \"{date}.{format}{place}\"", "line 11, column 29, file-name: {place} stands for nothing"),
    ("{recipient}\"", "{recipient}\"\nencrypt = \"zip\"", "encrypt: needs a password; add password-file"),
    ("{recipient}\"", "{recipient}\"\nencrypt = \"aes\"", "encrypt: 'aes' is not known; choose from none, workbook, zip"),
    ("{recipient}\"", "{recipient}\"\npassword-file = \"secret\"", "password-file: is for nothing: files are not encrypted"),
    ("{recipient}\"", "{recipient}\"\nattempts = 0", "attempts: is not a whole number that it may be; write a number from 1"),
    ("{recipient}\"", "{recipient}\"\nattempts = \"3\"", "attempts: is not a whole number"),
    ("{recipient}\"", "{recipient}\"\nannounce-nothing = true", "announce-nothing: only a mail can say that there is nothing"),
    ("{recipient}\"", "{recipient}\"\nsftp = {}", "sftp: is not how delivered/{recipient} is reached"),
    (
        "{recipient}\"",
        "{recipient}\"\n[[deliveries]]\nto = \"delivered/{recipient}\"",
        "to: an earlier delivery goes there under the same names",
    ),
    (
        "{recipient}\"",
        "{recipient}\"\nname = \"a\"\n[[deliveries]]\nto = \"b/{value}\"\nname = \"a\"",
        "line 14, column 8, name: two deliveries are called a",
    ),
    ("{recipient}\"", "{recipient}\"\n[floor]\ndrop = \"half\"", "drop: 'half' is not a share; write one such as 50%"),
    ("{recipient}\"", "{recipient}\"\n[history]\nkeep-runs = -1", "keep-runs: is not a whole number"),
    ("[[deliveries]]", "[deliveries]", "deliveries: is not a list of tables; write each below [[deliveries]]"),
];

#[test]
fn every_fault_of_a_job_file_is_named_with_its_line_and_column() {
    assert_eq!(understood(JOB)["name"], "nightly");
    let (sent, failed) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for part in FAULTS.chunks(FAULTS.len().div_ceil(4)) {
            let sent = sent.clone();
            scope.spawn(move || {
                for (old, new, expected) in part {
                    assert!(JOB.contains(old), "{old}");
                    let found = fault(&JOB.replacen(old, new, 1));
                    if !found.contains(expected) {
                        sent.send(format!("{new}\n  expected {expected}\n  found    {found}")).unwrap();
                    }
                }
            });
        }
    });
    drop(sent);
    let failed: Vec<String> = failed.into_iter().collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A delivery by mail.
const MAIL: &str = "mail = { server = \"smtps://mail.example\", from = \"r@operator.example\", user = \"r\", password = PASSWORD }";

#[test]
fn secrets_stand_in_variables_and_private_files_alone() {
    let job = |password: &str| {
        let mail = format!("to = \"mailto:{{value}}@partner.example\"\nannounce-nothing = true\n{}", MAIL.replace("PASSWORD", password));
        JOB.replace("to = \"delivered/{recipient}\"", &mail)
    };
    for (password, expected) in [
        ("\"s3cret\"", "password: is a secret, which does not belong into the file; write { env = \"NAME\" } or { file = \"PATH\" }"),
        ("5", "password: is not a reference to a secret"),
        ("{ env = \"NO_SUCH_VARIABLE\" }", "env: the variable NO_SUCH_VARIABLE is not set"),
        ("{ env = \"A\", file = \"b\" }", "password: names no place, or two"),
        ("{ fiel = \"b\" }", "fiel: is not a key of a secret; did you mean file?"),
    ] {
        let found = fault(&job(password));
        assert!(found.contains(expected) && !found.contains("s3cret"), "{password}: {found}");
    }
    for (password, code, expected) in [
        ("{ file = \"open\" }", 77, "open: holds a secret and others may read or change it; run chmod 600 open (job.toml, line 12, column"),
        ("{ file = \"nothing\" }", 65, "nothing: is empty; write the secret into it (job.toml, line 12"),
        ("{ file = \"none\" }", 66, "none: cannot be read: no such file or directory"),
    ] {
        let done = run(&place(&job(password)), &["job", "check"]);
        assert!(done.status.code() == Some(code) && err(&done).contains(expected), "{}", said(&done));
    }
    let done = run(&place(&JOB.replace("orders.csv", "nowhere/*.csv")), &["job", "check"]);
    let expected = "nowhere/*.csv: there is no file; check the path, or name the files in job.toml, line 3, inputs";
    assert!(done.status.code() == Some(66) && err(&done).contains(expected), "{}", said(&done));
    let understood = understood(&job("{ file = \"secret\" }"));
    assert_eq!(understood["deliveries"][0]["name"], "mail-1");
    let command = |name: &str, value: &str| {
        starting(PROGRAM)
            .args(["job", "check", "--json"])
            .current_dir(place(&job("{ env = \"SMTP_PASSWORD\" }")))
            .env(name, value)
            .output()
            .unwrap()
    };
    let done = command("SMTP_PASSWORD", "s3cret");
    assert!(done.status.code() == Some(0) && !said(&done).contains("s3cret"), "{}", said(&done));
    // Half of what logs in is not enough.
    let half = JOB.replace(
        "to = \"delivered/{recipient}\"",
        &format!("to = \"mailto:{{value}}@x.example\"\n{}", MAIL.replace(", password = PASSWORD", "")),
    );
    assert!(fault(&half).contains("user: user and password go together"));
    let keys = "to = \"s3://bucket/{recipient}\"\ns3 = { access-key-id = { file = \"secret\" } }";
    assert!(fault(&JOB.replace("to = \"delivered/{recipient}\"", keys)).contains("access-key-id: is given without secret-access-key"));
}

#[test]
fn settings_of_whoever_starts_a_job_do_not_reach_it() {
    let place = place(JOB);
    fs::write(place.join("config.toml"), "status = \"completed\"\n[report]\nformat = \"pdf\"\n").unwrap();
    let done = starting(PROGRAM)
        .args(["job", "check", "--json", "--config", "config.toml"])
        .current_dir(&place)
        .envs([("PORTSTATUS_STATUS", "scheduled"), ("PORTSTATUS_REPORT__FORMAT", "pdf"), ("PORTSTATUS_STRICT", "yes")])
        .output()
        .unwrap();
    let understood: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(understood["report"], serde_json::json!({ "format": ["csv", "xlsx"], "inputs": ["orders.csv"] }));
    // The URL of a database does: it may hold a password.
    let of_database = JOB.replace("inputs = [\"orders.csv\"]\n", "");
    fs::write(place.join("job.toml"), of_database).unwrap();
    let mut command = starting(PROGRAM);
    command.args(["job", "check", "--json"]).current_dir(&place).env("PORTSTATUS_DATABASE_URL", "postgres://u:s3cret@db.example/orders");
    let done = command.output().unwrap();
    assert!(out(&done).contains("postgres://db.example/orders") && !said(&done).contains("s3cret"), "{}", said(&done));
}

#[test]
fn paths_are_below_the_folder_of_the_job_file() {
    let place = place(&JOB.replace("format =", "accounts = \"accounts.csv\"\nformat ="));
    let above = place.parent().unwrap().to_owned();
    let path = place.join("job.toml");
    let relative = path.strip_prefix(&above).unwrap().to_str().unwrap().to_owned();
    for (folder, path) in [(above.as_path(), relative.as_str()), (Path::new("/"), path.to_str().unwrap()), (&place, "./job.toml")] {
        let done = run(folder, &["job", "check", path]);
        assert_eq!(done.status.code(), Some(0), "{path}: {}", said(&done));
    }
    for (path, expected) in [
        ("nowhere/job.toml", "nowhere/job.toml: its folder cannot be entered"),
        (".", ".: is not a file"),
        ("nothing.toml", "nothing.toml: no such file"),
    ] {
        let done = run(&place, &["job", "check", path]);
        assert!(done.status.code() == Some(78) && err(&done).contains(expected), "{}", said(&done));
    }
    // A name is that of the file where none is given.
    fs::write(place.join("every morning.toml"), JOB.replace("name = \"nightly\"\n", "")).unwrap();
    let done = run(&place, &["job", "check", "every morning.toml"]);
    assert!(err(&done).contains("every morning.toml: its name is not one of a job; write name = \"nightly\""), "{}", said(&done));
    fs::write(place.join("every-morning.toml"), JOB.replace("name = \"nightly\"\n", "")).unwrap();
    assert!(
        out(&run(&place, &["job", "check", "every-morning.toml"])).starts_with("Job every-morning (every-morning.toml): no fault found\n")
    );
}

#[test]
fn what_was_understood_is_printed_with_the_next_runs() {
    let text = JOB
        .replace("at = \"06:00\"", "at = [\"14:30\", \"6:00\"]\nzone = \"Europe/London\"\ndays = [\"mon - wed\", \"friday\"]\nnot-on = \"uk-scotland\"\ncatch-up = \"all\"")
        .replace("split-by = \"account\"", "split-by = \"account\"\nwhen = [\"foc\", \"rejected\"]")
        .replace("format =", "sort = \"foc_date:desc\"\nformat =")
        + "encrypt = \"zip\"\npassword-file = \"secret\"\n[history]\nkeep-runs = 30\n[floor]\nrows = 100\ndrop = \"50%\"\n";
    let job = understood(&text);
    let expected = serde_json::json!({ "at": ["06:00", "14:30"], "zone": "Europe/London", "days": ["mon", "tue", "wed", "fri"] });
    for key in ["at", "zone", "days"] {
        assert_eq!(job["schedule"][key], expected[key]);
    }
    assert_eq!(job["schedule"]["next"].as_array().unwrap().len(), 5);
    assert_eq!(job["recipients"], serde_json::json!({ "split_by": "account", "when": "foc, rejected" }));
    assert_eq!(
        job["deliveries"][0],
        serde_json::json!({ "name": "folder-1", "to": "delivered/{recipient}", "file_name": "{recipient}-{date}.{ext}", "encrypted": true })
    );
    assert_eq!(job["history"], serde_json::json!({ "folder": "runs", "keep_runs": 30, "keep_days": null }));
    assert_eq!(job["floor"], serde_json::json!({ "rows": 100, "drop_percent": 50.0 }));

    let place = place(&text);
    let lines = if found("cron") {
        let mut command = Command::new("faketime");
        command.args(["-f", "@2026-12-23 12:00:00", PROGRAM, "job", "check"]).current_dir(&place);
        let done = command.env("TZ", "UTC").env("PORTSTATUS_CONFIG", "/dev/null").output().unwrap();
        out(&done)
    } else {
        return;
    };
    let expected = "Job nightly (job.toml): no fault found
Inputs: orders.csv
Report: partner-port-status as csv, xlsx
  sort = foc_date:desc
Recipients: every account, foc, rejected
Delivery folder-1: delivered/{recipient}, named {recipient}-{date}.{ext}, in an archive with a password
Schedule: 06:00, 14:30 mon, tue, wed, fri in Europe/London, all of what was missed, not on holidays (Bank holidays in Scotland)
  2026-12-23 14:30 GMT Wednesday (2026-12-23T14:30:00Z)
  no run on 2026-12-25, Christmas Day
  no run on 2026-12-28, Boxing Day (observed)
  2026-12-29 06:00 GMT Tuesday (2026-12-29T06:00:00Z)
  2026-12-29 14:30 GMT Tuesday (2026-12-29T14:30:00Z)
  2026-12-30 06:00 GMT Wednesday (2026-12-30T06:00:00Z)
  2026-12-30 14:30 GMT Wednesday (2026-12-30T14:30:00Z)
History: runs, at least 30 runs are kept
Floor: 100 rows at least, at most 50% fewer than usual
";
    assert_eq!(lines, expected);
    // Without deliveries and a schedule the reports stay with the run.
    let alone = JOB.replace("[[deliveries]]\nto = \"delivered/{recipient}\"\n", "").replace("[schedule]\nat = \"06:00\"\n", "");
    fs::write(place.join("job.toml"), alone).unwrap();
    let lines = out(&run(&place, &["job", "check"]));
    assert!(
        lines.contains(
            "\nDeliveries: none, reports stay in runs\nSchedule: none, it runs whenever it is started\nHistory: runs, every run is kept\n"
        ),
        "{lines}"
    );
}

#[test]
fn the_first_job_file_and_the_sample_have_no_fault() {
    let place = folder("job-init");
    let done = run(&place, &["job", "init"]);
    assert_eq!(
        (done.status.code(), out(&done).as_str()),
        (Some(0), "Wrote job.toml: change it, then run portstatus job check job.toml\n"),
        "{}",
        err(&done)
    );
    assert_eq!(fs::metadata(place.join("job.toml")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = run(&place, &["job", "init"]);
    assert_eq!((again.status.code(), err(&again).as_str()), (Some(73), "portstatus: job.toml: is there already; name another file\n"));
    std::os::unix::fs::symlink("nowhere", place.join("link.toml")).unwrap();
    assert_eq!(run(&place, &["job", "init", "link.toml"]).status.code(), Some(73));
    write_orders(&place, 3);
    run(&place, &["job", "init", "deep/evening.toml"]);
    for (file, name) in [("job.toml", "job"), ("deep/evening.toml", "evening")] {
        let done = run(&place, &["job", "check", file]);
        assert!(out(&done).starts_with(&format!("Job {name} (")), "{}", said(&done));
    }
    // What it offers in comments is right, too.
    let text = fs::read_to_string(place.join("job.toml")).unwrap();
    let is_offered = |line: &&str| {
        let key = line.split(" = ").next().unwrap();
        let is_key = key.len() < line.len() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_key && !["table", "sheet", "query", "accounts"].contains(&key) || line.starts_with('[')
    };
    let offered = text.lines().map(|line| line.strip_prefix("# ").filter(is_offered).unwrap_or(line));
    fs::write(place.join("offered.toml"), offered.collect::<Vec<_>>().join("\n")).unwrap();
    for name in ["password", "id_ed25519", "known_hosts", "ca.pem"] {
        fs::write(place.join(name), "s3cret").unwrap();
        fs::set_permissions(place.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut command = starting(PROGRAM);
    command.args(["job", "check", "offered.toml", "--json"]).current_dir(&place);
    let done = command.envs([("SMTP_PASSWORD", "x"), ("S3_ID", "x"), ("S3_KEY", "x"), ("S3_TOKEN", "x")]).output().unwrap();
    let job: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
    let names: Vec<&str> = job["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["folder-1", "mail-2", "s3-3", "sftp-4"]);
    assert_eq!((&job["metrics_file"], &job["floor"]["rows"]), (&"job.prom".into(), &100.into()));
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let done = run(&samples, &["job", "check"]);
    assert!(out(&done).contains("\nRecipients: 4 rows, told apart by partner, and 1 more that are not active\n"), "{}", said(&done));
}

#[test]
fn job_files_are_checked_by_their_json_schema_as_by_the_program() {
    if !found("jsonschema") {
        return;
    }
    let place = place(JOB);
    fs::write(place.join("schema.json"), out(&run(&place, &["job", "schema"]))).unwrap();
    run(&place, &["job", "init", "first.toml"]);
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/job.toml"), place.join("sample.toml")).unwrap();
    // What only the program can know is left out: names of things, what goes with what.
    let known_to_both = |fault: &&(&str, &str, &str)| {
        let what = fault.2;
        [
            "is not a key",
            "is not a text",
            "is empty",
            "has no ",
            "not known; choose",
            "not known; did you mean all",
            "is not a whole number",
            "is a switch",
            "not a list of tables",
            "is not a time",
            "is not a share",
            "not an option",
            "not for a job file",
            "is not a name",
        ]
        .iter()
        .any(|words| what.contains(words))
            && !fault.1.contains("06:00:00")
    };
    let mut broken: Vec<String> = FAULTS.iter().filter(known_to_both).map(|(old, new, _)| JOB.replacen(old, new, 1)).collect();
    assert!(broken.len() > 25, "{}", broken.len());
    broken.push(JOB.replace("to = ", "mail = { server = \"smtps://x\", from = \"a@b\", password = \"x\" }\nto = "));
    for (index, text) in broken.iter().enumerate() {
        fs::write(place.join(format!("broken-{index}.toml")), text).unwrap();
    }
    let script = r#"
import glob, json, tomllib, jsonschema
schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
load = lambda path: tomllib.load(open(path, "rb"))
for path in ["job.toml", "first.toml", "sample.toml"]:
    for error in validator.iter_errors(load(path)): print(path, error.message)
for path in glob.glob("broken-*.toml"):
    if validator.is_valid(load(path)): print(path, open(path).read())
"#;
    fs::write(place.join("check.py"), script).unwrap();
    let done = starting("python3").arg("check.py").current_dir(&place).output().unwrap();
    assert_eq!((done.status.code(), out(&done).as_str()), (Some(0), ""), "{}", said(&done));
    // Every key is told to readers.
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let first = fs::read_to_string(place.join("first.toml")).unwrap();
    let section = readme.split("\n## A job file\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let schema: Value = serde_json::from_slice(&fs::read(place.join("schema.json")).unwrap()).unwrap();
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(
            section.contains(&format!("`{key}`")) || section.contains(&format!("`[{key}]`")) || section.contains(&format!("`[[{key}]]`")),
            "{key}"
        );
        let properties = value["properties"].as_object().or(value["items"]["properties"].as_object());
        for (inner, value) in properties.into_iter().flatten().filter(|_| key != "report") {
            let deepest = value["properties"].as_object().into_iter().flatten().map(|(deepest, _)| deepest);
            for name in std::iter::once(inner).chain(deepest) {
                assert!(section.contains(&format!("`{name}`")), "{key}: {name}");
                assert!(first.contains(&format!("{name} =")), "{key}: {name}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn no_damage_to_a_job_file_is_more_than_a_fault(
        start in 0.0..1.0f64,
        length in 0usize..40,
        put in prop::sample::select(&["", "\"", "[", "]]", "=", "\n", "{", "}", "\u{0}", "é", "#", "1", "true", "[[deliveries]]\n", "'''", "\\"][..]),
    ) {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/job.toml");
        let mut text: Vec<char> = fs::read_to_string(sample).unwrap().chars().collect();
        let at = (start * text.len() as f64) as usize;
        let end = (at + length).min(text.len());
        text.splice(at..end, put.chars());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("damaged-{}.toml", std::process::id()));
        fs::write(&path, text.into_iter().collect::<String>()).unwrap();
        if let Err(error) = portstatus::cli::job_file::read(&path) {
            prop_assert!(matches!(error.code(), 66 | 78), "{}", error);
            prop_assert!(error.code() == 66 || error.to_string().contains(".toml") || error.to_string().contains(".csv"), "{}", error);
        }
        fs::remove_file(&path).unwrap();
    }
}
