//! Files are whole under their names or not there: names, folders, staging, publication, rejects and the manifest.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use portstatus::clock::AsOf;
use portstatus::deliver::folder::file_ids;
use portstatus::deliver::manifest::Counts;
use portstatus::deliver::staged::{Finished, digest};
use portstatus::deliver::{Delivery, Folder, RunFiles, Staged, name, rejects};
use portstatus::error::Part;
use portstatus::export::csv::Guard;
use portstatus::source::{Origin, Reject, RejectKind};

use crate::tools::{folder, names};

fn delivery(inputs: &[&Path]) -> Delivery {
    Delivery::new(&RunFiles::new(7), file_ids(inputs.iter().copied()))
}

fn finished(delivery: &mut Delivery, folder: &Path, name: &str, bytes: &[u8]) -> Finished {
    let mut staged = delivery.stage(folder, name).unwrap();
    staged.writer.write_all(bytes).unwrap();
    staged.finish().unwrap()
}

#[test]
fn a_published_file_is_whole_private_and_replaces_the_old_one() {
    let out = folder("published").join("new/deep");
    for bytes in [b"first".as_slice(), &[7; 700_000], b""] {
        let mut delivery = delivery(&[]);
        let file = finished(&mut delivery, &out, "report.csv", bytes);
        let manifest = finished(&mut delivery, &out, "report.manifest.json", b"{}");
        assert_eq!((file.bytes, &file.sha256), (bytes.len() as u64, &digest(bytes)));
        assert_eq!(manifest.target.path(), out.join("report.manifest.json"));
        delivery.publish(vec![file], Some(manifest), None).unwrap();
        assert_eq!(names(&out), ["report.csv", "report.manifest.json"]);
        assert_eq!(fs::read(out.join("report.csv")).unwrap(), bytes);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&out.join("report.csv")), mode(&out), mode(out.parent().unwrap())), (0o600, 0o700, 0o700));
    }
}

#[test]
fn a_file_that_is_not_published_leaves_nothing_behind() {
    let base = folder("unpublished");
    let out = base.join("made/for/it");
    let mut delivery = delivery(&[]);
    let mut staged = delivery.stage(&out, "report.csv").unwrap();
    staged.writer.write_all(b"half a").unwrap();
    assert_eq!(names(&out).len(), 1);
    assert!(names(&out)[0].starts_with(".portstatus-"), "{:?}", names(&out));
    drop(staged);
    assert_eq!(names(&out), [""; 0]);
    drop(delivery);
    assert_eq!(names(&base), [""; 0], "folders made for nothing are removed");
}

#[test]
fn unfit_outputs_are_refused_before_anything_is_written() {
    let out = folder("unfit");
    let input = out.join("input.csv");
    fs::write(&input, "in").unwrap();
    fs::hard_link(&input, out.join("twin.csv")).unwrap();
    fs::create_dir(out.join("folder.csv")).unwrap();
    symlink("/etc/passwd", out.join("link.csv")).unwrap();
    symlink("nowhere", out.join("dangling.csv")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(out.join("pipe.csv")).status().unwrap().success());
    let before = names(&out);
    let rows = [
        ("input.csv", 64, "is an input of this run"),
        ("twin.csv", 64, "is an input of this run"),
        ("folder.csv", 73, "is a folder"),
        ("link.csv", 73, "is a symbolic link"),
        ("dangling.csv", 73, "is a symbolic link"),
        ("pipe.csv", 73, "is a device, a pipe or a socket"),
        ("../out.csv", 64, "is a path"),
        ("..", 64, "is not a file name"),
        ("", 64, "is not a file name"),
        ("a\nb.csv", 64, "holds control characters"),
    ];
    for (name, code, what) in rows {
        let error = delivery(&[&input]).stage(&out, name).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(what), "{name}: {error}");
    }
    assert_eq!(names(&out), before);
    assert_eq!(fs::read(&input).unwrap(), b"in");
}

#[test]
fn a_link_planted_while_a_run_works_is_not_followed() {
    let out = folder("planted");
    let victim = out.join("victim");
    fs::write(&victim, "untouched").unwrap();
    let mut delivery = delivery(&[]);
    let file = finished(&mut delivery, &out, "report.csv", b"new");
    symlink(&victim, out.join("report.csv")).unwrap();
    let error = delivery.publish(vec![file], None, None).unwrap_err();
    assert_eq!(error.code(), 73, "{error}");
    assert_eq!(names(&out), ["report.csv", "victim"]);
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
}

#[test]
fn a_publication_that_fails_halfway_puts_everything_back() {
    let out = folder("halfway");
    fs::write(out.join("a.csv"), "old a").unwrap();
    let mut delivery = delivery(&[]);
    let files = ["a.csv", "b.csv", "c.csv"].map(|name| finished(&mut delivery, &out, name, b"new")).into();
    let manifest = finished(&mut delivery, &out, "m.json", b"{}");
    fs::create_dir(out.join("c.csv")).unwrap();
    let error = delivery.publish(files, Some(manifest), None).unwrap_err();
    assert_eq!(error.code(), 73, "{error}");
    assert_eq!(names(&out), ["a.csv", "c.csv"]);
    assert_eq!(fs::read(out.join("a.csv")).unwrap(), b"old a");
}

#[test]
fn unfinished_files_of_dead_runs_go_and_those_of_live_ones_stay() {
    let out = folder("stale");
    let open = Arc::new(Folder::open(&out).unwrap());
    let live = Staged::create(&open, "report.csv", &RunFiles::new(1)).unwrap();
    let living = names(&out);
    fs::write(out.join(".portstatus-dead-1.tmp"), "half").unwrap();
    fs::write(out.join(".portstatus-notes"), "a user's").unwrap();
    symlink("/etc/passwd", out.join(".portstatus-link-1.tmp")).unwrap();
    let mut delivery = delivery(&[]);
    drop(delivery.stage(&out, "other.csv").unwrap());
    assert_eq!(delivery.cleared, 1);
    let mut expected = living.clone();
    expected.extend([".portstatus-link-1.tmp".to_owned(), ".portstatus-notes".to_owned()]);
    expected.sort();
    assert_eq!(names(&out), expected);
    drop(live);
}

#[test]
fn names_that_would_be_one_file_are_refused_before_anything_is_written() {
    let out = folder("names");
    let mut delivery = delivery(&[]);
    let kept = delivery.stage(&out, "Report.csv").unwrap();
    let error = delivery.stage(&out, "report.CSV").unwrap_err();
    assert_eq!(error.code(), 64, "{error}");
    // Another path to the same folder is the same folder.
    let error = delivery.stage(&out.join("."), "report.csv").unwrap_err();
    assert_eq!(error.code(), 64, "{error}");
    drop(kept);
    assert_eq!(names(&out), [""; 0]);
}

#[test]
fn the_stem_is_the_pacific_day() {
    for (instant, stem) in [
        ("2026-11-21T07:59:59Z", "partner-port-status-2026-11-20"),
        ("2026-11-21T08:00:00Z", "partner-port-status-2026-11-21"),
        ("2026-07-01T06:59:59Z", "partner-port-status-2026-06-30"),
        ("2026-07-01", "partner-port-status-2026-07-01"),
    ] {
        assert_eq!(name::stem(name::REPORT, AsOf::parse(instant).unwrap()), stem, "{instant}");
    }
}

#[test]
fn rejects_keep_their_text_under_the_guard() {
    let origin = |file: &str, sheet: Option<&str>| Origin {
        file: file.into(),
        part: sheet.map(|name| Part::Sheet(name.into())),
        ..Origin::default()
    };
    let origins = [origin("a.csv", None), origin("b.xlsx", Some("Jan"))];
    let reject = |input, kind, column: &str, value: &str| Reject {
        input,
        line: 17,
        kind,
        column: column.into(),
        value: value.into(),
        reason: "why, exactly".into(),
    };
    let listed = [
        reject(0, RejectKind::Row, "", "=1+1,\"x\"\r\n2"),
        reject(1, RejectKind::Cell, "FOC date", "31/02/2026"),
        reject(9, RejectKind::Cell, "Company", "+15551234567"),
    ];
    for (guard, first, last) in [(Guard::Apostrophe, "'=1+1,\"x\"\r\n2", "'+15551234567"), (Guard::Raw, "=1+1,\"x\"\r\n2", "+15551234567")]
    {
        let mut bytes = Vec::new();
        assert_eq!(rejects::write(&mut bytes, &listed, &origins, guard).unwrap(), 3);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        let rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let expected = [
            rejects::COLUMNS.to_vec(),
            vec!["row", "a.csv", "", "17", "", first, "why, exactly"],
            vec!["cell", "b.xlsx", "Jan", "17", "FOC date", "31/02/2026", "why, exactly"],
            vec!["cell", "", "", "17", "Company", last, "why, exactly"],
        ];
        assert_eq!(rows, expected);
    }
}

#[test]
fn counts_that_do_not_add_up_fail_the_run() {
    let right = Counts {
        read: 36,
        expanded: 1,
        reported: 6,
        filtered_out: 5,
        on_other_pages: 4,
        superseded: 3,
        replayed: 2,
        rolled_up: 4,
        unassigned: 2,
        unaddressed: 1,
        not_due: 7,
        rejected: 3,
        rejected_cells: 9,
    };
    assert!(right.check().is_ok());
    let wrong = [
        Counts { read: 35, ..right.clone() },
        Counts { expanded: 0, ..right.clone() },
        Counts { reported: 5, ..right.clone() },
        Counts { filtered_out: 6, ..right.clone() },
        Counts { on_other_pages: 0, ..right.clone() },
        Counts { superseded: 4, ..right.clone() },
        Counts { rolled_up: 0, ..right.clone() },
        Counts { rejected: 2, ..right.clone() },
        Counts { unassigned: 0, ..right.clone() },
        Counts { unaddressed: 0, ..right.clone() },
        Counts { not_due: 0, ..right.clone() },
    ];
    for counts in wrong {
        assert_eq!(counts.check().unwrap_err().code(), 70, "{counts:?}");
    }
}

#[test]
fn a_neighbour_who_swaps_the_output_for_a_link_wins_nothing() {
    let (out, far) = (folder("race"), folder("race-far"));
    let victim = far.join("victim");
    fs::write(&victim, "untouched").unwrap();
    let target = out.join("report.csv");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let order = std::sync::atomic::Ordering::Relaxed;
    let mut published = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(order) {
                let _ = fs::remove_file(&target);
                let _ = symlink(&victim, &target);
                let _ = fs::remove_file(&target);
                let _ = fs::write(&target, "theirs");
                std::thread::yield_now();
            }
        });
        let mut attempts = 0;
        while attempts < 300 || (published == 0 && attempts < 30_000) {
            attempts += 1;
            let mut delivery = delivery(&[]);
            let result = delivery.stage(&out, "report.csv").and_then(|mut staged| {
                staged.writer.write_all(b"ours").unwrap();
                delivery.publish(vec![staged.finish()?], None, None)
            });
            match result {
                Ok(_) => published += 1,
                Err(error) => assert_eq!(error.code(), 73, "{error}"),
            }
        }
        stop.store(true, order);
    });
    assert!(published > 0, "the race was never won");
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    assert_eq!(names(&far), ["victim"]);
    assert!(names(&out).iter().all(|name| name == "report.csv"), "{:?}", names(&out));
}
