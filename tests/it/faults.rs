//! What happens when the system fails or kills a run: each output is absent, the old one or the new one, and the next run mends everything.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::program::{STEM, report, said, write_orders};
use crate::tools::{folder, found, names, strace};

/// The contents of a folder by name.
pub type Contents = BTreeMap<String, Vec<u8>>;

/// A run over the small old input, and one over the small new input, both undisturbed.
pub struct Reference {
    /// The old outputs.
    pub old: Contents,
    /// The new outputs.
    pub new: Contents,
}

pub static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
    let contents = |which: &str, rows: usize| {
        let base = folder(&format!("reference-{which}"));
        let input = write_orders(&base, rows);
        let done = report(&input, &base.join("out")).output().unwrap();
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        contents(&base.join("out"))
    };
    Reference { old: contents("old", 12), new: contents("new", 20) }
});

pub fn contents(out: &Path) -> Contents {
    if !out.exists() {
        return Contents::new();
    }
    names(out).into_iter().map(|name| (name.clone(), fs::read(out.join(name)).unwrap())).collect()
}

/// `command` under strace with the given injections.
pub fn injected(command: &Command, expressions: &[&str]) -> Command {
    let mut strace = strace();
    strace.args(["-f", "-qq", "-o", "/dev/null"]);
    // Of several sets to trace, the last would count alone.
    let calls: Vec<&str> = expressions.iter().map(|expression| expression.split(':').next().unwrap()).collect();
    strace.args(["-e", &format!("trace={}", calls.join(","))]);
    for expression in expressions {
        strace.args(["-e", &format!("inject={expression}")]);
    }
    strace.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    strace
}

/// How often an undisturbed run calls each of `calls`, the busiest thread counted, because injections count by thread.
fn calls(command: &Command, calls: &str) -> usize {
    let log = folder("calls").join("log");
    let mut strace = strace();
    strace.args(["-f", "-qq", "-o"]).arg(&log).args(["-e", &format!("trace={calls}"), "-e", "signal=none"]);
    strace.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null()).output().unwrap();
    let mut by_thread = BTreeMap::<String, usize>::new();
    for line in fs::read_to_string(log).unwrap().lines().filter(|line| line.contains('(')) {
        *by_thread.entry(line.split_whitespace().next().unwrap().to_owned()).or_default() += 1;
    }
    by_thread.into_values().max().unwrap_or(0)
}

/// A folder with the old outputs in it, and the new input beside it.
pub fn scene(name: &str) -> (PathBuf, PathBuf) {
    let base = folder(name);
    let out = base.join("out");
    fs::create_dir(&out).unwrap();
    for (name, bytes) in &REFERENCE.old {
        fs::write(out.join(name), bytes).unwrap();
    }
    (write_orders(&base, 20), out)
}

/// Every file under a final name is the old or the new one, whole; a manifest lists no missing file.
pub fn assert_whole(out: &Path, told: &str) {
    for (name, bytes) in contents(out) {
        if name.starts_with(".portstatus-") {
            continue;
        }
        let whole = is_manifest(&name) || REFERENCE.old.get(&name) == Some(&bytes) || REFERENCE.new.get(&name) == Some(&bytes);
        assert!(whole, "{name} is neither the old nor the new file\n{told}");
        if is_manifest(&name) {
            let manifest: serde_json::Value = serde_json::from_slice(&bytes).expect("a whole manifest");
            for output in manifest["content"]["outputs"].as_array().unwrap() {
                assert!(out.join(output["file"].as_str().unwrap()).is_file(), "{output} is listed and missing\n{told}");
            }
        }
    }
}

fn is_manifest(name: &str) -> bool {
    name.ends_with(".manifest.json")
}

/// The files but for the manifest's part that differs from run to run.
pub fn settled(contents: &Contents) -> Contents {
    let hashed = |name: &String, bytes: &Vec<u8>| match is_manifest(name) {
        false => bytes.clone(),
        true => serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["content"].to_string().into_bytes(),
    };
    contents.iter().map(|(name, bytes)| (name.clone(), hashed(name, bytes))).collect()
}

pub fn assert_old(out: &Path, told: &str) {
    assert!(contents(out) == REFERENCE.old, "the old files are not intact: {:?}\n{told}", names(out));
}

pub fn assert_rerun_mends(input: &Path, out: &Path) {
    let again = report(input, out).output().unwrap();
    assert_eq!(again.status.code(), Some(3), "{}", said(&again));
    assert!(settled(&contents(out)) == settled(&REFERENCE.new), "the rerun differs: {:?}", names(out));
}

/// At most `most` of 1 to `count`, the ends among them.
fn spread(count: usize, most: usize) -> Vec<usize> {
    let mut points: Vec<usize> = (0..most.min(count)).map(|step| 1 + step * (count - 1) / (most.min(count) - 1).max(1)).collect();
    points.dedup();
    points
}

#[test]
fn a_kill_at_any_call_leaves_old_or_new_files_and_the_next_run_mends_it() {
    if !found("strace") {
        return;
    }
    for (calls_named, most) in
        [("write", 8), ("fsync", 6), ("rename,renameat,renameat2", 8), ("openat", 8), ("unlink,unlinkat", 6), ("mkdir,mkdirat", 2)]
    {
        let (input, out) = scene("killed");
        let count = calls(&report(&input, &out), calls_named);
        for nth in spread(count, most) {
            let (input, out) = scene("killed");
            let run = injected(&report(&input, &out), &[&format!("{calls_named}:signal=KILL:when={nth}")]).output().unwrap();
            let told = format!("{calls_named}, call {nth} of {count}: {}", said(&run));
            assert_whole(&out, &told);
            assert_rerun_mends(&input, &out);
        }
    }
}

#[test]
fn a_kill_while_the_folder_is_made_is_mended_too() {
    if !found("strace") {
        return;
    }
    for call in ["mkdir,mkdirat", "openat", "fsync"] {
        let base = folder("killed-new");
        let (input, out) = (write_orders(&base, 20), base.join("a/b"));
        let _ = injected(&report(&input, &out), &[&format!("{call}:signal=KILL:when=1")]).output().unwrap();
        assert_whole(&out, call);
        assert_rerun_mends(&input, &out);
    }
}

#[test]
fn a_refused_call_ends_the_run_with_a_clear_error_and_the_old_files() {
    if !found("strace") {
        return;
    }
    let rename = "rename,renameat,renameat2";
    let rows = [
        ("fsync,fdatasync:error=EIO:when=1".to_owned(), 74, "input/output error"),
        ("fsync,fdatasync:error=ENOSPC:when=1".to_owned(), 74, "no space left on device"),
        (format!("{rename}:error=EXDEV"), 74, "cross-device link"),
        (format!("{rename}:error=EROFS"), 73, "read-only file system"),
        (format!("{rename}:error=EACCES"), 77, "permission denied"),
        (format!("{rename}:error=EDQUOT:when=1"), 74, "quota exceeded"),
        (format!("{rename}:error=EXDEV:when=2"), 74, "cross-device link"),
        (format!("{rename}:error=EIO:when=5"), 74, "input/output error"),
        ("flock:error=EAGAIN:when=1".to_owned(), 3, ""),
        ("flock:error=ENOLCK".to_owned(), 3, ""),
        ("read:error=EINTR:when=1+2".to_owned(), 3, ""),
        ("write:error=EINTR:when=1+3".to_owned(), 3, ""),
    ];
    for (expression, code, what) in rows {
        let (input, out) = scene("refused");
        let mut command = injected(report(&input, &out).arg("--quiet"), &[&expression]);
        if expression.starts_with("read:") {
            // Only reads of the input: the loader of shared libraries does not try again.
            command = strace();
            let inner = report(&input, &out);
            command.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&input).args([
                "-e",
                "trace=read",
                "-e",
                &format!("inject={expression}"),
            ]);
            command.arg(inner.get_program()).args(inner.get_args()).arg("--quiet");
        }
        let run = command.output().unwrap();
        let told = format!("{expression}: {}", said(&run));
        assert_eq!(run.status.code(), Some(code), "{told}");
        let line = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(line.contains(what) && line.lines().count() <= 1, "{told}");
        if code == 3 {
            assert!(settled(&contents(&out)) == settled(&REFERENCE.new), "{told}");
        } else {
            assert!(line.contains(STEM), "the error names no output\n{told}");
            assert_old(&out, &told);
            assert_rerun_mends(&input, &out);
        }
    }
}

#[test]
fn a_refused_or_lost_write_publishes_nothing() {
    if !found("strace") {
        return;
    }
    let (input, out) = scene("write");
    let count = calls(report(&input, &out).arg("--quiet"), "write");
    let errors = [
        ("error=ENOSPC", "no space left on device"),
        ("error=EIO", "input/output error"),
        ("retval=1", "what was read back is not what was written"),
    ];
    for (fault, what) in errors {
        let mut told_why = false;
        for nth in spread(count, 6) {
            let (input, out) = scene("write");
            let run = injected(report(&input, &out).arg("--quiet"), &[&format!("write:{fault}:when={nth}")]).output().unwrap();
            let told = format!("{fault}, write {nth} of {count}: {}", said(&run));
            // Threads other than those that write files write nothing, so a number may hit no call at all.
            if run.status.code() == Some(3) {
                assert!(settled(&contents(&out)) == settled(&REFERENCE.new), "{told}");
                continue;
            }
            assert_eq!(run.status.code(), Some(74), "{told}");
            // Injections count by thread, so the message itself may be what is refused.
            assert!(run.stderr.is_empty() || String::from_utf8_lossy(&run.stderr).contains(what), "{told}");
            told_why |= !run.stderr.is_empty();
            assert_old(&out, &told);
        }
        assert!(told_why, "{fault} was never told");
    }
}

#[test]
fn files_are_made_private_and_durable_before_they_get_their_names() {
    if !found("strace") {
        return;
    }
    let base = folder("trace");
    let (input, out, log) = (write_orders(&base, 20), base.join("out"), base.join("log"));
    let mut strace = strace();
    strace
        .args(["-f", "-qq", "-y", "-o"])
        .arg(&log)
        .args(["-e", "trace=openat,write,fsync,fdatasync,rename,renameat,renameat2,chmod,fchmod,fchmodat"]);
    let command = report(&input, &out);
    assert_eq!(strace.arg(command.get_program()).args(command.get_args()).output().unwrap().status.code(), Some(3));
    let log = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    assert!(!log.contains("chmod"), "a mode is given when a file is made, never after");
    let made: Vec<&&str> = lines.iter().filter(|line| line.contains("O_CREAT")).collect();
    assert!(
        made.len() >= 5 && made.iter().all(|line| line.contains("O_EXCL") && line.contains("O_NOFOLLOW") && line.contains(", 0600")),
        "{made:?}"
    );
    let renames: Vec<usize> = (0..lines.len()).filter(|&index| lines[index].contains("rename")).collect();
    assert_eq!(renames.len(), REFERENCE.new.len());
    for &index in &renames {
        let unfinished = lines[index].split('"').nth(1).unwrap();
        let synced = lines.iter().position(|line| line.contains("fsync") && line.contains(unfinished)).expect("a sync of each file");
        let last_write = lines.iter().rposition(|line| line.contains("write(") && line.contains(unfinished)).expect("a write of each file");
        assert!(last_write < synced && synced < index, "{unfinished} is synced after its last byte and before its name");
    }
    let manifest = *renames.last().unwrap();
    assert!(lines[manifest].contains("manifest.json"), "the manifest is last");
    let folder_synced = |range: &[&str]| range.iter().any(|line| line.contains("fsync") && line.contains("out>"));
    assert!(folder_synced(&lines[renames[renames.len() - 2]..manifest]), "the names are durable before the manifest is published");
    assert!(folder_synced(&lines[manifest..]), "the manifest's name is made durable");
}
