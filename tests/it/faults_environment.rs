//! Limits of the process, places it may not write to, streams that close, and surroundings that must not matter.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::faults::{REFERENCE, assert_old, contents, injected, scene, settled};
use crate::program::{AS_OF, PROGRAM, report, said, starting, write_orders};
use crate::tools::{folder, found, names, strace};

#[test]
fn limits_of_the_process_are_told_and_leave_the_old_files() {
    let shell = |limit: &str, input: &Path, out: &Path| {
        let script = format!("{limit}; exec \"$0\" report \"$1\" --out \"$2\" --as-of {AS_OF} --quiet");
        starting("bash").args(["-c", &script, PROGRAM]).arg(input).arg(out).stdin(Stdio::null()).output().unwrap()
    };
    let (input, out) = scene("limits");
    let run = shell("ulimit -f 1", &input, &out);
    assert_eq!(run.status.code(), Some(74), "{}", said(&run));
    assert!(String::from_utf8_lossy(&run.stderr).contains("file too large"), "{}", said(&run));
    assert_old(&out, &said(&run));
    for descriptors in [4, 6, 8, 12, 16, 24, 31, 32, 40] {
        let (input, out) = scene("descriptors");
        let run = shell(&format!("ulimit -n {descriptors}"), &input, &out);
        let told = format!("{descriptors} descriptors: {}", said(&run));
        if descriptors < 32 {
            assert_eq!(run.status.code(), Some(71), "{told}");
            assert!(String::from_utf8_lossy(&run.stderr).contains("open files"), "{told}");
            assert_old(&out, &told);
        } else {
            assert_eq!(run.status.code(), Some(3), "{told}");
        }
    }
}

#[test]
fn a_folder_one_may_not_write_to_is_refused_before_a_row_is_read() {
    let (input, out) = scene("forbidden");
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = report(&input, &out);
    if root {
        if !found("setpriv") {
            return;
        }
        let mut other = starting("setpriv");
        other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(command.get_program()).args(command.get_args());
        command = other;
    }
    let run = command.output().unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run.status.code(), Some(77), "{}", said(&run));
    assert_old(&out, &said(&run));
}

#[test]
fn standard_output_that_refuses_is_an_error_and_one_that_closes_is_not() {
    let base = folder("standard");
    let input = write_orders(&base, 9_000);
    let script = |script: &str| starting("bash").args(["-c", script, PROGRAM]).arg(&input).arg(base.join("out")).output().unwrap();
    let full = [
        "\"$0\" report \"$1\" --out - --format csv >/dev/full",
        "\"$0\" report \"$1\" --out \"$2\" >/dev/full",
        "\"$0\" check \"$1\" >/dev/full",
        "\"$0\" read \"$1\" >/dev/full",
        "\"$0\" completions bash >/dev/full",
        "\"$0\" man >/dev/full",
    ];
    for line in full {
        let run = script(line);
        assert_eq!(run.status.code(), Some(74), "{line}: {}", said(&run));
        assert!(
            String::from_utf8_lossy(&run.stderr).contains("standard output: cannot be written: no space left on device"),
            "{line}: {}",
            said(&run)
        );
    }
    for format in ["csv", "xlsx", "pdf"] {
        let run = script(&format!("\"$0\" report \"$1\" --out - --format {format} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"));
        assert_eq!(run.status.code(), Some(141), "{format}: {}", said(&run));
        assert!(run.stderr.is_empty(), "{format}: {}", said(&run));
    }
}

/// A name, variables of the environment, the umask and the working folder.
type Surroundings = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn the_same_input_gives_the_same_bytes_whatever_the_surroundings() {
    let surroundings: [Surroundings; 8] = [
        ("one thread", &[("RAYON_NUM_THREADS", "1"), ("POLARS_MAX_THREADS", "1")], "000", "."),
        ("two threads", &[("RAYON_NUM_THREADS", "2"), ("POLARS_MAX_THREADS", "2")], "077", "/"),
        ("five threads", &[("RAYON_NUM_THREADS", "5"), ("POLARS_MAX_THREADS", "3")], "022", "/tmp"),
        ("another zone", &[("TZ", "Asia/Kolkata")], "027", "/tmp"),
        ("another language", &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")], "022", "/"),
        ("a mask of one's own rights", &[], "377", "."),
        ("a mask of all rights", &[], "777", "."),
        ("no surroundings", &[("HOME", "/nonexistent"), ("NO_COLOR", "1"), ("SOURCE_DATE_EPOCH", "1")], "002", "/"),
    ];
    for (name, variables, mask, place) in surroundings {
        let base = folder("surroundings");
        let (input, out) = (write_orders(&base, 20), base.join("out"));
        let script = format!("umask {mask}; cd {place}; exec \"$0\" report \"$1\" --out \"$2\" --as-of {AS_OF}");
        let run = starting("sh").args(["-c", &script, PROGRAM]).arg(&input).arg(&out).envs(variables.iter().copied()).output().unwrap();
        assert_eq!(run.status.code(), Some(3), "{name}: {}", said(&run));
        let (got, expected) = (settled(&contents(&out)), settled(&REFERENCE.new));
        for (file, bytes) in &expected {
            assert!(got.get(file) == Some(bytes), "{name}: {file} differs");
        }
        for file in names(&out) {
            assert_eq!(fs::metadata(out.join(&file)).unwrap().permissions().mode() & 0o777, 0o600, "{name}: {file}");
        }
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o700, "{name}");
    }
}

#[test]
fn refused_threads_end_the_run_in_one_line() {
    if !found("strace") {
        return;
    }
    for nth in 1..=6 {
        let (input, out) = scene("threads");
        let run = injected(report(&input, &out).arg("--quiet"), &[&format!("clone,clone3:error=EAGAIN:when={nth}+")]).output().unwrap();
        let told = format!("thread {nth}: {}", said(&run));
        match run.status.code() {
            Some(3) => continue,
            Some(71) => {}
            _ => panic!("{told}"),
        }
        assert_eq!(String::from_utf8_lossy(&run.stderr).lines().count(), 1, "{told}");
        assert!(run.stdout.is_empty(), "{told}");
        assert_old(&out, &told);
    }
}

#[test]
fn an_input_that_grows_while_it_is_read_ends_the_run() {
    if !found("strace") {
        return;
    }
    let (input, out) = scene("growing");
    let inner = report(&input, &out);
    let mut strace = strace();
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&input).args([
        "-e",
        "trace=read",
        "-e",
        "inject=read:delay_exit=600000:when=1",
    ]);
    let running = strace.arg(inner.get_program()).args(inner.get_args()).stdin(Stdio::null());
    let running = running.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Rows are added all the while; the first read takes longer than one of them does.
    let mut run = None;
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| running.wait_with_output().unwrap());
        while !waiting.is_finished() {
            let mut file = fs::OpenOptions::new().append(true).open(&input).unwrap();
            file.write_all(b"+12125550199,A-9,Late,In Progress,,R-9\n").unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        run = Some(waiting.join().unwrap());
    });
    let run = run.unwrap();
    assert_eq!(run.status.code(), Some(75), "{}", said(&run));
    assert!(String::from_utf8_lossy(&run.stderr).contains("the file changed while it was being read"), "{}", said(&run));
    assert_old(&out, &said(&run));
}

#[test]
fn nothing_but_the_named_inputs_is_opened_and_no_one_is_called() {
    if !found("strace") {
        return;
    }
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for sample in ["port-orders.csv", "port-orders.xlsx"] {
        let base = folder("opened");
        let (out, log) = (base.join("out"), base.join("log"));
        let mut strace = strace();
        strace.args(["-f", "-qq", "-o"]).arg(&log).args(["-e", "trace=open,openat,connect,socket"]);
        let command = report(&samples.join(sample), &out);
        assert_eq!(strace.arg(command.get_program()).args(command.get_args()).output().unwrap().status.code(), Some(3));
        let log = fs::read_to_string(&log).unwrap();
        assert!(!log.contains("connect(") && !log.contains("socket("), "{log}");
        let opened: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("open") && !line.contains(" = -1 "))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        let surroundings = ["/lib", "/usr/lib", "/etc/ld.so", "/proc/", "/sys/", "/dev/null"];
        // The way to the output is opened name by name.
        let on_the_way: Vec<&str> = out.to_str().unwrap().split('/').collect();
        let ours = [samples.join(sample).display().to_string(), out.display().to_string(), out.parent().unwrap().display().to_string()];
        let strange: Vec<&&str> = opened
            .iter()
            .filter(|path| !surroundings.iter().any(|prefix| path.starts_with(prefix)))
            .filter(|path| **path != "/" && !on_the_way.contains(path))
            .filter(|path| !ours.iter().any(|own| own == **path) && !path.starts_with(".portstatus-") && **path != ".")
            .collect();
        assert!(strange.is_empty(), "{sample}: {strange:?}");
    }
}
