//! What starts the runs of a job file: systemd, cron and the schemas of Kubernetes take it as it is printed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cli_job::{JOB, place};
use crate::program::{PROGRAM, err, out, run, said};
use crate::tools::{folder, found, names, skip};

/// A job that runs at several times of working days in London.
fn london() -> String {
    JOB.replace("at = \"06:00\"", "at = [\"06:15\", \"14:15\", \"23:40\"]\nzone = \"Europe/London\"\ndays = \"mon-fri\"")
}

/// `job` in a folder whose name no shell and no unit takes as it is.
fn awkward(job: &str) -> PathBuf {
    let place = folder("schedule").join("our jobs 100% $HOME's");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("job.toml"), job).unwrap();
    place
}

/// What systemd says of `arguments`, with the units of `folder`.
fn systemd(arguments: &[&str], folder: &Path) -> std::process::Output {
    Command::new("systemd-analyze")
        .args(arguments)
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.display()))
        .env("TZ", "UTC")
        .output()
        .unwrap()
}

#[test]
fn systemd_takes_the_units_and_starts_them_when_the_job_is_due() {
    let place = awkward(&london());
    let done = run(&place, &["schedule", "job.toml", "--for", "systemd", "--out", "units"]);
    let told =
        "Wrote PLACE/units: 2 files, portstatus-nightly.service, portstatus-nightly.timer\n".replace("PLACE", place.to_str().unwrap());
    assert_eq!((done.status.code(), out(&done)), (Some(0), told), "{}", said(&done));
    let units = place.join("units");
    assert_eq!(names(&units), ["portstatus-nightly.service", "portstatus-nightly.timer"]);
    assert_eq!(fs::metadata(units.join("portstatus-nightly.timer")).unwrap().permissions().mode() & 0o777, 0o644);
    let timer = fs::read_to_string(units.join("portstatus-nightly.timer")).unwrap();
    let times: Vec<&str> = timer.lines().filter_map(|line| line.strip_prefix("OnCalendar=")).collect();
    let expected = ["06:15", "14:15", "23:40"].map(|time| format!("Mon,Tue,Wed,Thu,Fri *-*-* {time}:00 Europe/London"));
    assert_eq!(times, expected);
    assert!(timer.contains("\nPersistent=yes\n"), "{timer}");
    let service = fs::read_to_string(units.join("portstatus-nightly.service")).unwrap();
    let job = place.join("job.toml").display().to_string().replace('%', "%%");
    assert!(service.contains(&format!("\nExecStart={PROGRAM} run \"{}\"\n", job.replace('$', "$$"))), "{service}");
    assert!(service.contains(&format!("\nConditionPathExists={job}\n")), "{service}");
    // On standard output they are the same, and a job without catching up starts nothing that was missed.
    let printed = out(&run(&place, &["schedule", "job.toml", "--for", "systemd"]));
    assert_eq!(printed, format!("# portstatus-nightly.service\n{service}\n# portstatus-nightly.timer\n{timer}\n"));
    fs::write(place.join("job.toml"), london().replace("days =", "catch-up = \"none\"\ndays =")).unwrap();
    assert!(out(&run(&place, &["schedule", "job.toml", "--for", "systemd"])).contains("\nPersistent=no\n"));
    if !found("systemd-analyze") {
        return;
    }
    let done = systemd(&["verify", "--man=no", "portstatus-nightly.service", "portstatus-nightly.timer"], &units);
    assert_eq!((done.status.code(), said(&done).contains("portstatus-nightly")), (Some(0), false), "{}", said(&done));
    for (day, instant) in [("2026-12-04 10:00", "2026-12-07 06:15:00 UTC"), ("2026-07-03 10:00", "2026-07-06 05:15:00 UTC")] {
        let done = systemd(&["calendar", "--base-time", &format!("{day} UTC"), times[0]], &units);
        assert!(out(&done).contains(instant), "{}", out(&done));
    }
}

#[test]
fn a_time_that_the_clock_skips_is_started_after_the_gap() {
    let place = place(&JOB.replace("at = \"06:00\"", "at = \"02:30\""));
    let printed = out(&run(&place, &["schedule", "job.toml", "--for", "systemd"]));
    let times: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("OnCalendar=")).collect();
    assert_eq!(times[..2], ["*-*-* 02:30:00 America/Los_Angeles", "2027-03-14 03:00:00 America/Los_Angeles"]);
    assert_eq!(times.len(), 11);
    if found("systemd-analyze") {
        let next = |time: &str| out(&systemd(&["calendar", "--base-time", "2027-03-13 12:00 UTC", time], &place));
        assert!(next(times[0]).contains("2027-03-15 09:30:00 UTC") && next(times[1]).contains("2027-03-14 10:00:00 UTC"));
    }
    let manifest = out(&run(&place, &["schedule", "job.toml", "--for", "kubernetes"]));
    let schedules: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("  schedule: ")).collect();
    assert_eq!(schedules, ["\"30 2 * * *\"", "\"0 3 9,10,11,12,13,14 3 *\""]);
}

/// The lines of a crontab that start something.
fn lines(crontab: &str) -> Vec<String> {
    crontab.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn cron_is_told_times_by_its_own_clock_or_nothing() {
    let place = place(&london());
    let cron = |zone: &str| run(&place, &["schedule", "job.toml", "--for", "cron", "--machine-zone", zone]);
    let at =
        |times: &[&str]| times.iter().map(|time| format!("{time} {PROGRAM} run {}", place.join("job.toml").display())).collect::<Vec<_>>();
    let of_london = at(&["15 6,14 * * 1,2,3,4,5", "40 23 * * 1,2,3,4,5"]);
    assert_eq!(lines(&out(&cron("Europe/London"))), of_london);
    // Two zones that change alike differ by the same all year; midnight may lie between.
    let done = cron("Europe/Paris");
    assert_eq!(lines(&out(&done)), at(&["15 7,15 * * 1,2,3,4,5", "40 0 * * 2,3,4,5,6"]));
    assert!(out(&done).contains("those of Europe/London, from which this clock differs by the same hours all year"), "{}", out(&done));
    for zone in ["UTC", "America/New_York"] {
        let done = cron(zone);
        let told = format!("portstatus: cron runs by the clock of the machine ({zone}), by which the times of Europe/London move");
        assert!(done.status.code() == Some(64) && err(&done).starts_with(&told) && done.stdout.is_empty(), "{}", said(&done));
    }
    assert!(err(&cron("Mars")).contains("--machine-zone Mars: is not a zone"));
    let done = run(&place, &["schedule", "job.toml", "--for", "systemd", "--machine-zone", "UTC"]);
    assert!(done.status.code() == Some(64) && err(&done).contains("--machine-zone: is for cron alone"), "{}", said(&done));
    // Without a schedule there is nothing to keep; secrets and orders need not be there.
    fs::write(place.join("none.toml"), JOB.replace("[schedule]\nat = \"06:00\"\n", "")).unwrap();
    let done = run(&place, &["schedule", "none.toml", "--for", "cron"]);
    assert!(done.status.code() == Some(78) && err(&done).contains("none.toml: has no [schedule]"), "{}", said(&done));
    let secret = JOB.to_owned() + "s3 = { access-key-id = { env = \"NOT_SET\" } }\n";
    fs::write(place.join("secret.toml"), secret.replace("orders.csv", "nowhere.csv")).unwrap();
    assert_eq!(run(&place, &["schedule", "secret.toml", "--for", "kubernetes"]).status.code(), Some(0));
}

#[test]
fn cron_starts_the_program_at_its_time() {
    if !found("cron") || !found("unshare") || fs::metadata("/proc/self").unwrap().uid() != 0 {
        return skip("only root starts a cron of its own");
    }
    let place = awkward(&JOB.replace("at = \"06:00\"", "at = \"06:00\"\ndays = \"mon-fri\""));
    let done = run(&place, &["schedule", "job.toml", "--for", "cron", "--machine-zone", "America/Los_Angeles", "--out", "."]);
    let crontab = fs::read_to_string(place.join("portstatus-nightly.cron")).unwrap_or_else(|_| panic!("{}", said(&done)));
    // In place of the program stands one that writes down what it was given.
    let stage = folder("cron");
    let (marker, marked) = (stage.join("program"), stage.join("started"));
    fs::write(&marker, format!("#!/bin/sh\nfor word; do echo \"$word\"; done > {0}.part && mv {0}.part {0}\n", marked.display())).unwrap();
    fs::set_permissions(&marker, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(stage.join("spool/crontabs")).unwrap();
    fs::create_dir(stage.join("cron.d")).unwrap();
    fs::create_dir(stage.join("run")).unwrap();
    let mut own = crontab.replace(PROGRAM, marker.to_str().unwrap());
    own.insert_str(0, "SHELL=/bin/sh\n");
    fs::write(stage.join("spool/crontabs/root"), own).unwrap();
    fs::set_permissions(stage.join("spool/crontabs/root"), fs::Permissions::from_mode(0o600)).unwrap();
    let script = "mount --make-rprivate / && mount --bind spool /var/spool/cron && mount --bind cron.d /etc/cron.d && mount --bind run /run \
        && mount --bind /dev/null /etc/crontab && exec env TZ=America/Los_Angeles faketime -f '@2026-11-27 05:59:57' /usr/sbin/cron -f";
    let mut cron = Command::new("unshare");
    cron.args(["-m", "sh", "-c", script]).current_dir(&stage).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut cron = cron.spawn().unwrap();
    let mut waited = 0;
    while !marked.exists() && waited < 300 {
        std::thread::sleep(Duration::from_millis(100));
        waited += 1;
    }
    // faketime waits for cron, which writes its number down, and ends with it.
    match fs::read_to_string(stage.join("run/crond.pid")) {
        Ok(own) => assert!(Command::new("kill").arg(own.trim()).status().unwrap().success()),
        Err(_) => cron.kill().unwrap(),
    }
    cron.wait().unwrap();
    assert_eq!(fs::read_to_string(&marked).unwrap(), format!("run\n{}\n", place.join("job.toml").display()), "{crontab}");
}

#[test]
fn kubernetes_takes_the_manifest_with_the_job_file_in_it() {
    let job = london().replace("nightly", "Nightly_Run").replace("to = \"", "# {date}: \"quoted\"\n\nto = \"");
    let place = place(&job);
    let done = run(&place, &["schedule", "job.toml", "--for", "kubernetes", "--out", "."]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let path = place.join("portstatus-nightly-run.yaml");
    let manifest = fs::read_to_string(&path).unwrap();
    assert!(
        manifest.contains("\n  timeZone: Europe/London\n") && manifest.contains("\n  schedule: \"15 6,14 * * 1,2,3,4,5\"\n"),
        "{manifest}"
    );
    assert!(
        manifest.contains(&format!("image: portstatus:{}\n", env!("CARGO_PKG_VERSION"))) && !manifest.contains(place.to_str().unwrap())
    );
    // The job file in it is the job file.
    let text: String = manifest
        .lines()
        .skip_while(|line| *line != "  \"job.toml\": |2")
        .skip(1)
        .take_while(|line| *line != "---")
        .fold(String::new(), |text, line| text + line.strip_prefix("    ").unwrap_or(line) + "\n");
    assert_eq!(text.trim_end(), job.trim_end());
    if found("kubernetes-validate") {
        crate::tools::run("kubernetes-validate", &["--strict", path.to_str().unwrap()]);
    }
    fs::write(place.join("our job.toml"), JOB).unwrap();
    let done = run(&place, &["schedule", "our job.toml", "--for", "kubernetes"]);
    assert!(done.status.code() == Some(78) && err(&done).contains("its name cannot be a key of a ConfigMap"), "{}", said(&done));
}
