//! One job that delivers to all kinds of places at once, to real servers, and goes on when one of them was away.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::delivery_servers::{MailServer, Sftp, http, object_store};
use crate::program::{PROGRAM, out, run, said, starting};
use crate::servers::{PASSWORD, USER};
use crate::tools::{self, folder, names};

/// Reads a message: its subject, its plain and its HTML body, and writes its attachments.
const READER: &str = r#"
import email, email.policy, sys
message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.SMTP)
print(message["To"], "|", message["Subject"])
for kind in ["plain", "html"]:
    print(message.get_body([kind]).get_content())
for part in message.iter_attachments():
    open(sys.argv[2] + "/" + part.get_filename(), "wb").write(part.get_payload(decode=True))
"#;

fn orders(moved: bool) -> String {
    let mut text = String::from("phone_number,account_id,status,account_company\n");
    for row in 0..30 {
        let status = if moved && row < 3 { "Completed" } else { "In Progress" };
        text += &format!("+1650{:07},A-{},{status},Canary{}\n", 2_000_000 + row, row % 3, row % 3);
    }
    text
}

/// The files in `folder` and its folders, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let inside = |path: &Path| -> Vec<std::path::PathBuf> { fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let all = inside(folder).into_iter().flat_map(|path| if path.is_dir() { inside(&path) } else { vec![path] });
    all.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
}

#[test]
fn one_job_reaches_folders_buckets_servers_and_mailboxes() {
    let (Some(sftp), Some(store), Some(mail)) =
        (Sftp::start("job-sftp", false), object_store("job-s3", false), MailServer::start("starttls", 0))
    else {
        return;
    };
    let place = folder("deliveries");
    fs::write(place.join("orders.csv"), orders(false)).unwrap();
    let (home, keys, ca) = (place.display(), sftp.server.folder.display(), mail.server.folder.join("ca.crt"));
    let text = format!(
        r#"
name = "all-ways"
[report]
inputs = ["orders.csv"]
format = ["csv", "xlsx"]
[recipients]
split-by = "account"
[[deliveries]]
to = "folder/{{recipient}}"
[[deliveries]]
to = "s3://reports/{{date}}/{{recipient}}"
s3 = {{ endpoint = "http://127.0.0.1:{}", region = "us-east-1", access-key-id = {{ env = "S3_ID" }}, secret-access-key = {{ env = "S3_KEY" }} }}
attempts = 1
[[deliveries]]
to = "sftp://{}@127.0.0.1:{}{home}/sftp/{{recipient}}"
sftp = {{ identity-file = "{keys}/user", known-hosts-file = "{keys}/known" }}
attempts = 1
[[deliveries]]
to = "mailto:{{recipient}}@partner.example"
mail = {{ server = "smtp://localhost:{}", user = "{USER}", password = {{ env = "MAIL_PASSWORD" }}, ca-file = "{}", from = "reports@carrier.example" }}
"#,
        store.port,
        sftp.user,
        sftp.server.port,
        mail.server.port,
        ca.display()
    );
    fs::write(place.join("job.toml"), text).unwrap();
    let start = |more: &[&str]| {
        let mut command = starting(PROGRAM);
        command.args(["run", "job.toml"]).args(more).current_dir(&place).stdin(std::process::Stdio::null());
        command.env("S3_ID", "AKIAEXAMPLE").env("S3_KEY", PASSWORD).env("MAIL_PASSWORD", PASSWORD).output().unwrap()
    };
    let done = start(&["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(out(&done).lines().last().unwrap().starts_with("Done: 12 of 12 delivered"), "{}", said(&done));
    let by_folder = files(&place.join("folder"));
    assert_eq!(by_folder.len(), 6);
    assert_eq!(files(&place.join("sftp")), by_folder, "SFTP has other files than the folder");
    let listed = http(store.port, "GET", "/reports?list-type=2&prefix=2026-11-20/");
    for (name, bytes) in &by_folder {
        let recipient = name.split_once("-2026").unwrap().0;
        let entry = listed.split_once(&format!("<Key>2026-11-20/{recipient}/{name}</Key>")).unwrap_or_else(|| panic!("{name}: {listed}")).1;
        let entry = entry.split("</Contents>").next().unwrap();
        assert!(entry.contains(&format!("<Size>{}</Size>", bytes.len())), "{name}: {entry}");
    }
    let parts = folder("deliveries-parts");
    let messages: Vec<String> = (1..=3)
        .map(|number| tools::run("python3", &["-c", READER, mail.message(number).to_str().unwrap(), parts.to_str().unwrap()]))
        .collect();
    assert_eq!(files(&parts), by_folder, "mail has other files than the folder");
    for message in &messages {
        let account = message.split('-').nth(1).unwrap();
        for words in [&format!("A-{account}"), "Rows in the report: 10", "In Progress", "<table>", "As of 2026-11-20 06:00 Pacific"] {
            assert!(message.contains(words), "{words}: {message}");
        }
        let others =
            ["0", "1", "2"].iter().filter(|other| **other != account).filter(|other| message.contains(&format!("A-{other}"))).count();
        assert_eq!(others, 0, "{message}");
    }
    // The next day the bucket's server is away: the others get theirs, with what changed.
    drop(store);
    fs::write(place.join("orders.csv"), orders(true)).unwrap();
    let partial = start(&["--as-of", "2026-11-21T15:00:00Z"]);
    assert_eq!(partial.status.code(), Some(4), "{}", said(&partial));
    assert!(out(&partial).lines().last().unwrap().starts_with("Incomplete: 9 of 12 delivered, 3 failed"), "{}", said(&partial));
    let message = tools::run("python3", &["-c", READER, mail.message(4).to_str().unwrap(), parts.to_str().unwrap()]);
    assert!(message.contains("Changes since 2026-11-20T14:00:00Z: 1 moved"), "{message}");
    for told in [said(&done), said(&partial), fs::read_to_string(place.join("runs/latest/run.json")).unwrap()] {
        assert!(!told.contains(PASSWORD), "a secret is told");
    }
    // Without the bucket in its job, what is missing is said and stays so; the run is found by its folder.
    let resumed = run(&place, &["run", "--resume", "runs/latest"]);
    assert!(matches!(resumed.status.code(), Some(4 | 78)), "{}", said(&resumed));
    assert_eq!(names(&mail.server.folder).iter().filter(|name| name.ends_with(".eml")).count(), 6, "a mail was sent twice");
}

#[test]
fn a_mail_that_was_cut_off_is_unknown_and_not_sent_again_unasked() {
    let Some(mail) = MailServer::start("plain", 0) else { return };
    let place = folder("deliveries-unknown");
    fs::write(place.join("orders.csv"), orders(false)).unwrap();
    let text = |address: &str| {
        format!(
            "name = \"mails\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\"]\n[recipients]\nsplit-by = \"account\"\ntable = \"recipients.csv\"\n\
             [[deliveries]]\nto = \"mailto:{{place}}\"\nattempts = 2\ntimeout = 3\nmail = {{ server = \"smtp+plain://localhost:{}\", from = \"reports@carrier.example\" }}\n# {address}\n",
            mail.server.port
        )
    };
    fs::write(place.join("job.toml"), text("")).unwrap();
    // The server cuts the connection after the end of a message to this name, and takes all others.
    fs::write(place.join("recipients.csv"), "account,place\nA-0,cut@partner.example\nA-1,ada@partner.example\nA-2,bob@partner.example\n")
        .unwrap();
    let start = |more: &[&str]| run(&place, &[&["run", "job.toml", "--as-of", "2026-11-20T14:00:00Z"], more].concat());
    let cut = start(&[]);
    assert_eq!(cut.status.code(), Some(4), "{}", said(&cut));
    assert!(out(&cut).lines().last().unwrap().contains("2 of 3 delivered, 1 unknown"), "{}", said(&cut));
    let mails = || names(&mail.server.folder).iter().filter(|name| name.ends_with(".eml")).count();
    let before = mails();
    let again = start(&[]);
    assert_eq!((again.status.code(), mails()), (Some(4), before), "{}", said(&again));
    let asked = start(&["--resend-unknown"]);
    assert!(out(&asked).lines().last().unwrap().contains("1 unknown"), "{}", said(&asked));
    assert_eq!(mails(), before + 1, "asked for, it is sent again");
}
