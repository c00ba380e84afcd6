//! Files compared with their manifest again: rot, loss and additions are named, and a forged manifest has nothing else read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use portstatus::deliver::manifest::SCHEMA;
use portstatus::deliver::staged::digest;
use serde_json::{Value, json};

use crate::program::{AS_OF, STEM, err, out, run, said, write_orders};
use crate::tools::{folder, found, run as tool};

/// A folder with `orders.csv` and the report of it in `out`.
fn reported(name: &str) -> PathBuf {
    let place = folder(name);
    write_orders(&place, 20);
    let done = run(&place, &["report", "orders.csv", "--out", "out", "--as-of", AS_OF, "--quiet"]);
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    place
}

/// What `verify` ends with and prints of the folder `out` in `place`.
fn verified(place: &Path, more: &[&str]) -> (Option<i32>, String) {
    let done = run(place, &[&["verify", "out"], more].concat());
    (done.status.code(), out(&done))
}

/// Writes the manifest `text` says, its content hashed as a run would.
fn forge(place: &Path, outputs: Value) {
    let path = place.join("out").join(format!("{STEM}.manifest.json"));
    let content = json!({ "outputs": outputs, "schema": SCHEMA }).to_string();
    fs::write(path, format!("{{\"content\":{content},\"content_sha256\":\"{}\",\"run\":{{}}}}\n", digest(content.as_bytes()))).unwrap();
}

const MANIFEST: &str = "out/partner-port-status-2026-11-21.manifest.json";

#[test]
fn what_a_run_wrote_is_as_listed_and_what_changed_is_named() {
    let place = reported("verify");
    assert_eq!(verified(&place, &[]), (Some(0), format!("{MANIFEST}: 4 files as listed\n")));
    let done = run(&place, &["verify", MANIFEST, "out"]);
    assert_eq!((done.status.code(), out(&done)), (Some(0), format!("{MANIFEST}: 4 files as listed\n").repeat(2)));
    let pdf = place.join("out").join(format!("{STEM}.pdf"));
    let whole = fs::read(&pdf).unwrap();
    // One bit of a file that keeps its size.
    let mut rotten = whole.clone();
    rotten[whole.len() / 2] ^= 1;
    fs::write(&pdf, &rotten).unwrap();
    let expected = format!("{MANIFEST}: {STEM}.pdf has another SHA-256 than is listed\n{MANIFEST}: 3 of 4 files as listed\n");
    assert_eq!(verified(&place, &[]), (Some(65), expected));
    let done = run(&place, &["verify", "out"]);
    assert_eq!(
        err(&done),
        format!(
            "portstatus: {MANIFEST}: 1 file is not as listed; do not use what differs; make the report again, or fetch it from where it was made\n"
        )
    );
    fs::write(&pdf, &whole[1..]).unwrap();
    let expected = format!("{MANIFEST}: {STEM}.pdf has {} bytes, and {} are listed\n", whole.len() - 1, whole.len());
    assert!(verified(&place, &[]).1.starts_with(&expected));
    fs::remove_file(&pdf).unwrap();
    assert!(verified(&place, &[]).1.starts_with(&format!("{MANIFEST}: {STEM}.pdf is missing\n")));
    fs::create_dir(&pdf).unwrap();
    assert!(verified(&place, &[]).1.starts_with(&format!("{MANIFEST}: {STEM}.pdf is not a plain file\n")));
    fs::remove_dir(&pdf).unwrap();
    symlink("/etc/hostname", &pdf).unwrap();
    assert!(verified(&place, &[]).1.starts_with(&format!("{MANIFEST}: {STEM}.pdf is a symbolic link, and was not looked at\n")));
    fs::remove_file(&pdf).unwrap();
    // A pipe is not waited for.
    if found("python3") {
        tool("python3", &["-c", "import os, sys; os.mkfifo(sys.argv[1])", pdf.to_str().unwrap()]);
        assert!(verified(&place, &[]).1.starts_with(&format!("{MANIFEST}: {STEM}.pdf is not a plain file\n")));
        fs::remove_file(&pdf).unwrap();
    }
    fs::write(&pdf, &whole).unwrap();
    // A file that looks like one of the run's is named, and others are not.
    fs::write(place.join("out").join(format!("{STEM}.docx")), "x").unwrap();
    fs::write(place.join("out/notes.txt"), "x").unwrap();
    assert_eq!(verified(&place, &[]), (Some(0), format!("{MANIFEST}: {STEM}.docx is not listed\n{MANIFEST}: 4 files as listed\n")));
    let value: Value = serde_json::from_str(&verified(&place, &["--json"]).1).unwrap();
    assert_eq!(
        (&value["faults"], &value["files"], &value["manifests"][0]["unlisted"]),
        (&json!(0), &json!(4), &json!([format!("{STEM}.docx")]))
    );
}

#[test]
fn a_manifest_that_was_changed_is_not_believed() {
    let place = reported("verify-manifest");
    let path = place.join(MANIFEST);
    let whole = fs::read_to_string(&path).unwrap();
    let changed = |text: &str| {
        fs::write(&path, text).unwrap();
        verified(&place, &[])
    };
    let now = |fault: &str| (Some(65), format!("{MANIFEST}: {fault}\n"));
    assert_eq!(
        changed(&whole.replacen("\"reported\": 20", "\"reported\": 21", 1)),
        now("was changed: its content is not what its own hash says")
    );
    assert_eq!(changed(&whole[..whole.len() / 2]), now("is not a manifest, or is cut off"));
    assert_eq!(changed(""), now("is not a manifest, or is cut off"));
    assert_eq!(changed("[]"), now("is not a manifest, or is cut off"));
    // What differs from run to run is outside of the hash, and so is white space.
    assert_eq!(changed(&whole.replace("\n", "\r\n  ")).0, Some(0));
    fs::write(&path, b"{\"content\":\xff").unwrap();
    assert_eq!(verified(&place, &[]), now("is not a manifest, or is damaged"));
    let content = json!({ "outputs": [], "schema": 99 }).to_string();
    let newer = format!("{{\"content\":{content},\"content_sha256\":\"{}\"}}", digest(content.as_bytes()));
    assert_eq!(changed(&newer), now(&format!("was written by a newer version (layout 99, and this one knows {SCHEMA})")));
    for (arguments, code, expected) in [
        (&["verify", "nowhere"][..], 66, "nowhere: no such file or directory; name the folder of a run, or a manifest\n"),
        (&["verify", "."], 66, ".: has no manifest; name the folder of a run, or a manifest\n"),
        (&["verify"], 64, "PLACE is missing; see portstatus verify --help\n"),
    ] {
        let done = run(&place, arguments);
        assert_eq!((done.status.code(), err(&done)), (Some(code), format!("portstatus: {expected}")));
    }
}

#[test]
fn a_forged_manifest_has_no_file_outside_of_its_folder_read() {
    let place = reported("verify-forged");
    let secret = "not for you";
    fs::write(place.join("secret.txt"), secret).unwrap();
    fs::create_dir(place.join("out/north")).unwrap();
    fs::write(place.join("out/north/a.csv"), secret).unwrap();
    fs::write(place.join("out/north/b.csv"), secret).unwrap();
    symlink("..", place.join("out/up")).unwrap();
    let listed = |file: &str| json!({ "file": file, "bytes": secret.len(), "sha256": digest(secret.as_bytes()) });
    let whole = place.join("secret.txt").display().to_string();
    for (file, fault) in [
        ("../secret.txt", "is no path of a file that a run writes, and was not looked at"),
        ("north/../../secret.txt", "is no path of a file that a run writes, and was not looked at"),
        ("./north/a.csv", "is no path of a file that a run writes, and was not looked at"),
        ("", "is no path of a file that a run writes, and was not looked at"),
        ("up/secret.txt", "is missing"),
        (whole.as_str(), "lies elsewhere, and was not looked at"),
        ("north\u{1b}[2J", "is missing"),
        ("a\u{0}b", "cannot be read: invalid argument"),
    ] {
        forge(&place, json!([listed(file)]));
        let (code, text) = verified(&place, &[]);
        let line = text.lines().next().unwrap_or_default().to_owned();
        assert!(code == Some(65) && line.ends_with(fault) && !line.contains('\u{1b}'), "{file}: {text}");
    }
    forge(&place, json!([listed("north/a.csv"), listed("north/a.csv")]));
    assert!(verified(&place, &[]).1.contains("north/a.csv is listed twice\n"));
    // Folders of a run's own are looked into; what is there beside the files listed is named.
    forge(&place, json!([listed("north/a.csv")]));
    let (code, text) = verified(&place, &[]);
    assert!(code == Some(0) && text.starts_with(&format!("{MANIFEST}: north/b.csv is not listed\n")), "{text}");
    // A file that lies elsewhere is compared when that is asked for.
    forge(&place, json!([listed(&whole)]));
    assert_eq!(verified(&place, &["--elsewhere"]).0, Some(0));
    fs::write(place.join("secret.txt"), "not for youx").unwrap();
    assert_eq!(verified(&place, &["--elsewhere"]).0, Some(65));
}

#[test]
fn a_rejects_file_in_another_folder_is_verified_when_asked_for() {
    let place = folder("verify-rejects");
    write_orders(&place, 5);
    let done = run(
        &place,
        &["report", "orders.csv", "--out", "out", "--as-of", AS_OF, "--quiet", "--format", "csv", "--rejects", "kept/rejects.csv"],
    );
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    let (code, text) = verified(&place, &[]);
    assert!(code == Some(65) && text.contains("kept/rejects.csv lies elsewhere, and was not looked at\n"), "{text}");
    assert_eq!(verified(&place, &["--elsewhere"]), (Some(0), format!("{MANIFEST}: 2 files as listed\n")));
}
