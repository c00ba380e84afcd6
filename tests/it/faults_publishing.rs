//! Publication beside other runs: locks that are shared and waited for, the manifest that is never beside files it does not
//! describe, what is left of earlier runs, and streams that are no place for a report.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::faults::{REFERENCE, assert_old, contents, injected, scene, settled};
use crate::program::{AS_OF, PROGRAM, STEM, err, out, report, run, said, starting, write_orders};
use crate::tools::{folder, found, names};

/// A shell line over the program (`$0`), an input (`$1`) and a folder (`$2`), ended after a minute.
fn shell(line: &str, input: &Path, out: &Path) -> Output {
    let mut command = starting("timeout");
    command.args(["-k", "5", "60", "bash", "-c", line, PROGRAM]).arg(input).arg(out);
    command.stdin(Stdio::null()).output().unwrap()
}

fn manifest(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join(format!("{STEM}.manifest.json"))).unwrap()).unwrap()
}

#[test]
fn a_folder_under_two_names_is_locked_once() {
    for rejects in ["\"$PWD/$2/r.csv\"", "\"./$2/r.csv\"", "\"$2/../$2/r.csv\"", "linked/r.csv", "linked/deep/../r.csv"] {
        let base = folder("two-names");
        let input = write_orders(&base, 8);
        symlink("out", base.join("linked")).unwrap();
        fs::create_dir_all(base.join("out/deep")).unwrap();
        let line = format!("cd \"$(dirname \"$1\")\"; exec \"$0\" report \"$1\" --out \"$2\" --rejects {rejects} --as-of {AS_OF} --quiet");
        let done = shell(&line, &input, Path::new("out"));
        assert_eq!(done.status.code(), Some(3), "{rejects}: {}", said(&done));
        let files = manifest(&base.join("out"))["content"]["outputs"].clone();
        let files: Vec<&str> = files.as_array().unwrap().iter().map(|output| output["file"].as_str().unwrap()).collect();
        assert_eq!(files[3], "r.csv", "{rejects}: the same folder is not elsewhere");
    }
}

#[test]
fn runs_into_two_folders_the_other_way_round_end() {
    let base = folder("crossed");
    let input = write_orders(&base, 8);
    let (one, two) = (base.join("one"), base.join("two"));
    fs::create_dir(&one).unwrap();
    fs::create_dir(&two).unwrap();
    let start = |out: &Path, other: &Path| {
        let mut command = report(&input, &out.join("report.csv"));
        command.arg("--rejects").arg(other.join("rejects.csv")).arg("--quiet").stderr(Stdio::piped()).spawn().unwrap()
    };
    for _ in 0..10 {
        let running = [start(&one, &two), start(&two, &one), start(&one, &two), start(&two, &one)];
        for run in running {
            let done = run.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        }
    }
    let left = [names(&one), names(&two)].concat();
    assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
}

#[test]
fn a_folder_locked_by_the_command_that_started_the_run_is_told_at_once() {
    if !found("flock") {
        return;
    }
    let begun = Instant::now();
    let lines = [
        "exec flock \"$2\" \"$0\" report \"$1\" --out \"$2\" --as-of AS_OF",
        "exec 9<\"$2\"; flock 9; \"$0\" report \"$1\" --out \"$2\" --as-of AS_OF",
        "exec flock -s \"$2\" sh -c '\"$0\" report \"$1\" --out \"$2\" --as-of AS_OF; exit $?' \"$0\" \"$1\" \"$2\"",
    ];
    for line in lines {
        let (input, out) = scene("wrapped");
        let done = shell(&line.replace("AS_OF", AS_OF), &input, &out);
        assert_eq!(done.status.code(), Some(75), "{line}: {}", said(&done));
        let told = err(&done);
        assert!(told.contains("the folder is locked for this run by process ") && told.contains("which started it"), "{told}");
        assert!(told.lines().count() == 1 && told.contains(out.to_str().unwrap()), "{told}");
        assert_old(&out, line);
    }
    assert!(begun.elapsed().as_secs() < 25, "no row is read and no lock is waited for");
    // A lock on another file is what such a wrapper is for.
    let (input, out) = scene("wrapped-beside");
    let line = format!("exec flock \"$2.lock\" \"$0\" report \"$1\" --out \"$2\" --as-of {AS_OF}");
    let done = shell(&line, &input, &out);
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
}

#[test]
fn a_lock_that_is_not_given_back_ends_the_wait_and_its_holder_is_named() {
    let (input, out) = scene("held");
    let lock = fs::File::open(&out).unwrap();
    lock.lock().unwrap();
    let script = "exec \"$0\" report \"$1\" --out \"$2\" --as-of AS_OF --quiet".replace("AS_OF", AS_OF);
    let begun = Instant::now();
    let done = shell(&script, &input, &out);
    let waited = begun.elapsed().as_secs();
    drop(lock);
    assert_eq!(done.status.code(), Some(75), "{}", said(&done));
    assert!((25..50).contains(&waited), "{waited} s");
    let holder = format!("the folder is locked by process {} (", std::process::id());
    assert!(err(&done).contains(&holder), "{}", said(&done));
    assert_old(&out, "after a wait for nothing");
}

#[test]
fn a_manifest_is_never_beside_files_that_it_does_not_describe() {
    if !found("strace") {
        return;
    }
    let digest = |bytes: &[u8]| portstatus::deliver::staged::digest(bytes);
    // Every rename and every unlink of a publication over an earlier one, in turn.
    for call in ["rename,renameat,renameat2", "unlink,unlinkat", "fsync"] {
        for nth in 1..=9 {
            let (input, out) = scene("described");
            let done = injected(&report(&input, &out), &[&format!("{call}:signal=KILL:when={nth}")]).output().unwrap();
            let told = format!("{call} {nth}: {}", said(&done));
            let name = format!("{STEM}.manifest.json");
            let Ok(text) = fs::read(out.join(&name)) else { continue };
            let manifest: Value = serde_json::from_slice(&text).unwrap();
            for output in manifest["content"]["outputs"].as_array().unwrap() {
                let bytes = fs::read(out.join(output["file"].as_str().unwrap())).unwrap();
                assert_eq!(output["sha256"], digest(&bytes), "{output}\n{told}");
            }
        }
    }
}

#[test]
fn what_was_replaced_for_good_is_named() {
    if !found("strace") {
        return;
    }
    // Names cannot be swapped, and the third of them cannot be given: the first is the old manifest's.
    let (input, out) = scene("no-swap");
    let mut command = injected(&report(&input, &out), &["renameat2:error=EINVAL", "renameat,rename:error=EIO:when=4"]);
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(74), "{}", said(&done));
    let told = err(&done);
    assert!(told.contains("these were replaced and cannot be put back: ") && !told.contains("nothing was published"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    let mut replaced = 0;
    for (name, old) in &REFERENCE.old {
        let path = out.join(name);
        let is_old = fs::read(&path).is_ok_and(|bytes| bytes == *old);
        assert_eq!(
            !is_old,
            told.contains(path.to_str().unwrap()) && !told.contains(&format!("{}: the file", path.display())),
            "{name}: {told}"
        );
        replaced += u32::from(!is_old);
    }
    assert!(replaced > 1, "{told}");
    assert!(!out.join(format!("{STEM}.manifest.json")).exists(), "the old manifest describes files that are gone");
}

#[test]
fn files_of_an_earlier_run_that_stay_are_named_and_what_cannot_be_removed_too() {
    let base = folder("left-over");
    let input = write_orders(&base, 8);
    let place = base.join("o");
    let go = |more: &[&str]| {
        let done = report(&input, &place).args(more).output().unwrap();
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        (out(&done), manifest(&place)["run"]["notes"].to_string())
    };
    go(&[]);
    let (told, noted) = go(&["--format", "csv"]);
    for text in [&told, &noted] {
        assert!(
            text.contains("of an earlier run") && text.contains(&format!("{STEM}.pdf")) && text.contains(&format!("{STEM}.xlsx")),
            "{text}"
        );
        assert!(
            !text
                .replace(&format!("Wrote {}", place.display()), "")
                .contains(&format!("earlier run and left as it was, not part of this one: {STEM}.csv")),
            "{text}"
        );
    }
    // What the last manifest did not list is nobody's concern any more.
    let (_, noted) = go(&["--format", "csv"]);
    assert_eq!(noted, "null");
    // Rejects that went elsewhere are of the earlier run too.
    let elsewhere = base.join("elsewhere.csv");
    go(&["--format", "csv", "--rejects", elsewhere.to_str().unwrap()]);
    let listed = manifest(&place)["content"]["outputs"][1]["file"].clone();
    assert_eq!(listed, elsewhere.to_str().unwrap());
    let (_, noted) = go(&["--format", "csv"]);
    assert!(noted.contains(elsewhere.to_str().unwrap()), "{noted}");
    if found("strace") {
        let (input, out_folder) = scene("unremovable");
        let done = injected(&report(&input, &out_folder), &["unlinkat,unlink:error=EACCES"]).output().unwrap();
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        let left: Vec<String> = names(&out_folder).into_iter().filter(|name| name.starts_with('.')).collect();
        assert!(left.len() == 6 && left.iter().all(|name| out(&done).contains(name)), "{left:?}: {}", said(&done));
        let done = injected(&report(&input, &out_folder), &["unlinkat,unlink:error=EACCES", "fsync:error=EIO:when=2"]).output().unwrap();
        assert_eq!(done.status.code(), Some(74), "{}", said(&done));
        assert!(err(&done).contains("could not be removed") && err(&done).lines().count() == 1, "{}", said(&done));
    }
}

#[test]
fn no_two_outputs_of_a_manifest_share_a_name() {
    let base = folder("same-name");
    let input = write_orders(&base, 8);
    let place = base.join("o");
    fs::create_dir(base.join("bad")).unwrap();
    for rejects in [format!("bad/{STEM}.csv"), format!("./bad/../bad/{STEM}.csv")] {
        let arguments = ["report", "orders.csv", "--out", "o", "--format", "csv", "--as-of", AS_OF, "--rejects", &rejects];
        let done = run(&base, &arguments);
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        let outputs = manifest(&place)["content"]["outputs"].clone();
        let files: Vec<&str> = outputs.as_array().unwrap().iter().map(|output| output["file"].as_str().unwrap()).collect();
        assert_eq!(files[0], format!("{STEM}.csv"));
        assert!(Path::new(files[1]).is_absolute() && Path::new(files[1]).is_file() && files[1] != files[0], "{files:?}");
    }
    assert!(input.is_file());
}

#[test]
fn folders_that_the_run_made_are_durable() {
    if !found("strace") {
        return;
    }
    let base = folder("made-durable");
    let (input, place, log) = (write_orders(&base, 8), base.join("new/deep/out"), base.join("log"));
    let mut strace = crate::tools::strace();
    strace.args(["-f", "-qq", "-y", "-o"]).arg(&log).args(["-e", "trace=fsync,rename,renameat,renameat2"]);
    let command = report(&input, &place);
    assert_eq!(strace.arg(command.get_program()).args(command.get_args()).output().unwrap().status.code(), Some(3));
    let log = fs::read_to_string(log).unwrap();
    let manifest = log.lines().position(|line| line.contains("rename") && line.contains("manifest.json")).unwrap();
    for made in [&base, &base.join("new"), &base.join("new/deep"), &place] {
        let sync = format!("{}>", made.display());
        assert!(log.lines().take(manifest).any(|line| line.contains("fsync") && line.contains(&sync)), "{sync}\n{log}");
    }
}

#[test]
fn runs_at_once_lose_no_file_to_one_another() {
    let base = folder("at-once");
    let input = write_orders(&base, 8);
    let place = base.join("o");
    for round in 0..8 {
        let start = || {
            let mut command = report(&input, &place);
            command.args(["--format", "csv", "--quiet"]).stderr(Stdio::piped()).spawn().unwrap()
        };
        let running: Vec<_> = (0..12).map(|_| start()).collect();
        for one in running {
            let done = one.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(3), "round {round}: {}", said(&done));
        }
        assert_eq!(names(&place), [format!("{STEM}.csv"), format!("{STEM}.manifest.json"), format!("{STEM}.rejects.csv")]);
    }
}

#[test]
fn streams_that_are_no_place_for_a_report_are_refused() {
    let base = folder("streams");
    let input = write_orders(&base, 8);
    let closed = shell("exec \"$0\" report \"$1\" --out - --format csv >&-", &input, &base);
    assert_eq!(closed.status.code(), Some(73), "{}", said(&closed));
    assert!(err(&closed).contains("standard output is closed"), "{}", said(&closed));
    let thrown_away = shell("exec \"$0\" report \"$1\" --out - --format csv --quiet >/dev/null", &input, &base);
    assert_eq!(thrown_away.status.code(), Some(3), "{}", said(&thrown_away));
    let text = fs::read(&input).unwrap();
    for line in [
        "exec \"$0\" report - --out \"$2/orders.csv\" <\"$1\"",
        "exec \"$0\" report \"$1\" - --rejects \"$1\" --out \"$2/o\" <\"$1\"",
        "exec \"$0\" report /dev/stdin --out \"$2/orders.csv\" <\"$1\"",
        "exec \"$0\" report \"$1\" --out - --format csv >>\"$1\"",
        "exec \"$0\" report - --out - --format csv <\"$1\" 1<>\"$1\"",
    ] {
        let done = shell(line, &input, &base);
        assert_eq!(done.status.code(), Some(64), "{line}: {}", said(&done));
        assert!(err(&done).contains("is an input of this run"), "{line}: {}", said(&done));
        assert_eq!(fs::read(&input).unwrap(), text, "{line}");
    }
    // A file that the run is made by is no place for its outputs either.
    fs::write(base.join("mine.csv"), "quiet = true\n").unwrap();
    let done = run(&base, &["report", "orders.csv", "--config", "mine.csv", "--out", "mine.csv"]);
    assert_eq!((done.status.code(), fs::read(base.join("mine.csv")).unwrap()), (Some(64), b"quiet = true\n".to_vec()), "{}", said(&done));
}

#[test]
fn a_full_standard_output_after_the_publication_says_that_there_was_one() {
    let (input, out) = scene("full-after");
    let done = shell(&format!("exec \"$0\" report \"$1\" --out \"$2\" --as-of {AS_OF} >/dev/full"), &input, &out);
    assert_eq!(done.status.code(), Some(74), "{}", said(&done));
    assert!(err(&done).contains("everything was published"), "{}", said(&done));
    assert!(settled(&contents(&out)) == settled(&REFERENCE.new));
}

#[test]
fn a_terminal_that_goes_away_ends_the_run_like_a_signal_unless_it_is_to_go_on() {
    let (input, out) = scene("hangup");
    for (prefix, code) in [("", 129), ("trap '' HUP; ", 3)] {
        let lock = fs::File::open(&out).unwrap();
        lock.lock().unwrap();
        let line = format!("{prefix}exec \"$0\" report \"$1\" --out \"$2\" --as-of {AS_OF} --quiet");
        let running = starting("sh").args(["-c", &line, PROGRAM]).arg(&input).arg(&out).stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        while names(&out).iter().filter(|name| name.starts_with('.')).count() < REFERENCE.new.len() && Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(Command::new("kill").args(["-HUP", &running.id().to_string()]).status().unwrap().success());
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(lock);
        let done = running.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{}", said(&done));
        if code == 129 {
            assert_eq!(err(&done), "portstatus: interrupted; nothing was published\n");
            assert_old(&out, "after a hangup");
        }
    }
}
