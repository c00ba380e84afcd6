//! Shipments into folders: whole or not at all, left where they are already, refused where they do not fit.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use portstatus::deliver::transport::{Receipt, TransportSettings};

use crate::delivery_servers::{shipment, target, told, transports};
use crate::servers::is_root;
use crate::tools::{folder, names};

#[test]
fn a_shipment_arrives_once_with_all_its_files_for_its_owner_alone() {
    let place = folder("ship-folder").join("new/below");
    let ways = transports(TransportSettings::default(), 30);
    let to = target(place.to_str().unwrap());
    let sent = shipment("k1", &[("a.csv", b"a,b\n"), ("b.pdf", b"%PDF")]);
    assert_eq!(ways.deliver(&to, &sent).unwrap(), Receipt::default());
    assert_eq!(names(&place), ["a.csv", "b.pdf"]);
    assert_eq!(fs::read(place.join("a.csv")).unwrap(), b"a,b\n");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&place.join("a.csv")), mode(&place)), (0o600, 0o700));
    // Again: nothing is written.
    let written = fs::metadata(place.join("a.csv")).unwrap().modified().unwrap();
    assert!(ways.deliver(&to, &sent).unwrap().was_there);
    assert_eq!(fs::metadata(place.join("a.csv")).unwrap().modified().unwrap(), written);
    // One file is another: it alone is replaced.
    let newer = shipment("k2", &[("a.csv", b"a,b\n"), ("b.pdf", b"%PDF-2")]);
    assert!(!ways.deliver(&to, &newer).unwrap().was_there);
    assert_eq!(fs::read(place.join("b.pdf")).unwrap(), b"%PDF-2");
    assert_eq!(fs::metadata(place.join("a.csv")).unwrap().modified().unwrap(), written);
    assert_eq!(names(&place), ["a.csv", "b.pdf"]);
}

#[test]
fn nothing_arrives_of_a_shipment_that_does_not_fit() {
    let place = folder("ship-unfit");
    let ways = transports(TransportSettings::default(), 30);
    let to = target(place.to_str().unwrap());
    symlink("/etc/passwd", place.join("b.pdf")).unwrap();
    let linked = ways.deliver(&to, &shipment("k", &[("a.csv", b"a"), ("b.pdf", b"b")]));
    assert!(told(linked).starts_with("lasting: "));
    let mut changed = shipment("k", &[("a.csv", b"a"), ("c.csv", b"c")]);
    changed.files[1].sha256 = "0".repeat(64);
    let told_changed = told(ways.deliver(&to, &changed));
    assert!(told_changed.starts_with("lasting: ") && told_changed.contains("is not the file that was made"), "{told_changed}");
    let mut shorter = shipment("k", &[("a.csv", b"abc")]);
    shorter.files[0].bytes = 4;
    assert!(told(ways.deliver(&to, &shorter)).contains("is not the file that was made"));
    for name in ["../x", "a/b", "", "..", "a\nb"] {
        assert!(told(ways.deliver(&to, &shipment("k", &[(name, b"x")]))).starts_with("lasting: "), "{name}");
    }
    assert!(told(ways.deliver(&to, &shipment("k", &[("a.csv", b"x"), ("A.csv", b"y")]))).contains("two files"));
    assert_eq!(names(&place), ["b.pdf"]);
}

#[test]
fn a_folder_is_tried_without_leaving_anything() {
    let base = folder("ship-check");
    let ways = transports(TransportSettings::default(), 30);
    ways.check(&target(base.join("new/deep").to_str().unwrap())).unwrap();
    assert!(names(&base).is_empty());
    fs::write(base.join("file"), "").unwrap();
    assert!(ways.check(&target(base.join("file/x").to_str().unwrap())).is_err());
    if !is_root() {
        fs::set_permissions(&base, fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(ways.check(&target(base.to_str().unwrap())).unwrap_err().code(), 77);
    }
}

#[test]
fn many_shipments_go_to_one_folder_from_many_threads() {
    let place = folder("ship-many");
    let ways = transports(TransportSettings::default(), 60);
    let to = target(place.to_str().unwrap());
    // What a dead run left is cleared once.
    fs::write(place.join(".portstatus-dead-1.tmp"), "").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (ways, to) = (&ways, &to);
            scope.spawn(move || {
                for number in 0..25 {
                    let name = format!("{thread}-{number}.csv");
                    let sent = shipment(&name, &[(&name, name.as_bytes())]);
                    assert!(!ways.deliver(to, &sent).unwrap().was_there);
                }
            });
        }
    });
    assert_eq!(names(&place).len(), 100);
    assert_eq!(fs::read(place.join("3-24.csv")).unwrap(), b"3-24.csv");
}
