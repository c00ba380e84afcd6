//! The exit code for each call that the system refuses: a missing file is not one that fails, and no open files is one code
//! everywhere.

use std::fs;
use std::process::Output;

use crate::faults::{REFERENCE, assert_old, contents, injected, scene, settled};
use crate::program::{report, said};
use crate::tools::{found, strace};

/// A run whose calls on the input alone meet `expression`.
fn on_input(expression: &str) -> Output {
    let (input, out) = scene("exit-code");
    let command = report(&input, &out);
    let calls = expression.split(':').next().unwrap();
    let mut strace = strace();
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&input);
    strace.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={expression}")]);
    let run = strace.arg(command.get_program()).args(command.get_args()).arg("--quiet").output().unwrap();
    if run.status.code() != Some(3) {
        assert_old(&out, &said(&run));
    }
    run
}

#[test]
fn an_input_that_fails_is_not_one_that_is_missing() {
    if !found("strace") {
        return;
    }
    for (expression, code, what) in [
        ("openat:error=EIO", 74, "cannot be opened: input/output error"),
        ("openat:error=ESTALE", 74, "cannot be opened: "),
        ("openat:error=ENXIO", 74, "cannot be opened: "),
        ("openat:error=ENOENT", 66, "no such file; check the path"),
        ("openat:error=EACCES", 77, "permission denied"),
        ("openat:error=EMFILE", 71, "raise the limit of open files"),
        ("openat:error=ENFILE", 71, "raise the limit of open files"),
        ("openat:error=ENOMEM", 71, "free memory"),
        ("openat:error=EINTR:when=1", 3, ""),
        ("read:error=EIO:when=1", 74, "reading failed: input/output error"),
        ("read:error=ENOMEM:when=1", 71, "free memory"),
        ("read:error=EINTR:when=1", 3, ""),
    ] {
        let run = on_input(expression);
        assert_eq!(run.status.code(), Some(code), "{expression}: {}", said(&run));
        assert!(String::from_utf8_lossy(&run.stderr).contains(what), "{expression}: {}", said(&run));
    }
}

#[test]
fn too_many_open_files_are_one_code_wherever_they_are_met() {
    if !found("strace") {
        return;
    }
    let mut refused = 0;
    for nth in (1..60).step_by(3) {
        let (input, out) = scene("open-files");
        let mut command = injected(report(&input, &out).arg("--quiet"), &[&format!("openat:error=EMFILE:when={nth}")]);
        // Without the folders of the build, in which the loader of shared libraries would look first.
        let run = command.env_remove("LD_LIBRARY_PATH").output().unwrap();
        let told = format!("openat {nth}: {}", said(&run));
        match run.status.code() {
            // The loader of shared libraries ends before the program begins.
            Some(127) | Some(3) => continue,
            Some(71) => refused += 1,
            _ => panic!("{told}"),
        }
        assert_eq!(String::from_utf8_lossy(&run.stderr).lines().count(), 1, "{told}");
        assert_old(&out, &told);
    }
    assert!(refused > 2, "{refused}");
}

#[test]
fn what_is_interrupted_is_done_again_and_what_a_folder_cannot_do_is_left() {
    if !found("strace") {
        return;
    }
    for expression in [
        "renameat2,renameat,rename:error=EINTR:when=1+2",
        "fsync:error=EINTR:when=1+2",
        "openat:error=EINTR:when=9+4",
        "mkdirat,mkdir:error=EINTR:when=1",
        "unlinkat,unlink:error=EINTR:when=1+2",
    ] {
        let (input, out) = scene("interrupted");
        let mut command = injected(report(&input, &out).arg("--quiet"), &[expression]);
        let run = command.env_remove("LD_LIBRARY_PATH").output().unwrap();
        assert_eq!(run.status.code(), Some(3), "{expression}: {}", said(&run));
        assert!(settled(&contents(&out)) == settled(&REFERENCE.new), "{expression}");
    }
    // Only syncs of the folder: of a file, the same answer is a failure.
    let (input, out) = scene("folder-sync");
    let command = report(&input, &out);
    let mut strace = strace();
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&out).args(["-e", "trace=fsync", "-e", "inject=fsync:error=EINVAL"]);
    let run = strace.arg(command.get_program()).args(command.get_args()).arg("--quiet").output().unwrap();
    assert_eq!(run.status.code(), Some(3), "{}", said(&run));
    let (input, out) = scene("file-sync");
    let run = injected(report(&input, &out).arg("--quiet"), &["fsync:error=EINVAL:when=1"]).output().unwrap();
    assert_eq!(run.status.code(), Some(74), "{}", said(&run));
    assert_old(&out, &said(&run));
    assert!(fs::metadata(&input).is_ok());
}
