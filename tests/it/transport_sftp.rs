//! Shipments to an OpenSSH server, which the tests start.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use portstatus::deliver::transport::{Receipt, TransportSettings};

use crate::delivery_servers::{Cutter, Sftp, noise, shipment, target, told, transports};
use crate::servers::is_root;
use crate::tools::{folder, names};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn files_arrive_whole_private_and_once_over_one_connection() {
    let Some(sftp) = Sftp::start("sftp-once", false) else { return };
    let ways = transports(sftp.settings(), 60);
    let base = folder("sftp-once");
    let place = base.join("new/in box");
    let to = sftp.at(&place);
    ways.check(&to).unwrap();
    let big = noise((3 << 20) + 17);
    let sent = shipment("k1", &[("a'b \"c.csv", b"a,b\n"), ("big.xlsx", &big), ("empty.md", b"")]);
    assert_eq!(ways.deliver(&to, &sent).unwrap(), Receipt::default());
    assert_eq!(names(&place), ["a'b \"c.csv", "big.xlsx", "empty.md"]);
    assert_eq!(fs::read(place.join("big.xlsx")).unwrap(), big);
    assert_eq!((mode(&place.join("big.xlsx")), mode(&place), mode(&base.join("new"))), (0o600, 0o700, 0o700));
    let written = fs::metadata(place.join("big.xlsx")).unwrap().modified().unwrap();
    assert!(ways.deliver(&to, &sent).unwrap().was_there);
    // One is another: it replaces the file that has its name, and the others stay.
    let newer = shipment("k1", &[("a'b \"c.csv", b"c,d\n"), ("big.xlsx", &big)]);
    assert!(!ways.deliver(&to, &newer).unwrap().was_there);
    assert_eq!(fs::read(place.join("a'b \"c.csv")).unwrap(), b"c,d\n");
    assert_eq!(fs::metadata(place.join("big.xlsx")).unwrap().modified().unwrap(), written);
    // A megabyte takes many requests; sizes around the borders of the pieces arrive, too.
    for size in [1, 32 << 10, (32 << 10) + 1, 1 << 20, (1 << 20) + 1] {
        let bytes = noise(size);
        ways.deliver(&to, &shipment(&size.to_string(), &[("sized.bin", &bytes)])).unwrap();
        assert_eq!(fs::read(place.join("sized.bin")).unwrap(), bytes);
    }
    assert_eq!(sftp.logins(), 1);
    // From several threads at once: as many connections as threads.
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (ways, to) = (&ways, &to);
            scope.spawn(move || {
                for number in 0..5 {
                    let name = format!("{thread}-{number}.csv");
                    ways.deliver(to, &shipment(&name, &[(&name, name.as_bytes())])).unwrap();
                }
            });
        }
    });
    assert!(names(&place).len() == 24 && sftp.logins() <= 4, "{}", sftp.logins());
}

#[test]
fn a_connection_that_broke_is_made_anew_and_what_a_broken_one_left_is_replaced() {
    let Some(sftp) = Sftp::shared() else { return };
    let place = folder("sftp-broken");
    let cutter = Cutter::start(sftp.server.port, u64::MAX);
    let mut settings = sftp.settings();
    // The same host behind another port.
    let known = fs::read_to_string(sftp.server.folder.join("known")).unwrap();
    let known_here = place.join("known");
    fs::write(&known_here, known.replace(&sftp.server.port.to_string(), &cutter.port.to_string())).unwrap();
    settings.sftp.known_hosts_file = Some(known_here);
    let ways = transports(settings, 60);
    let to = target(&format!("sftp://{}@127.0.0.1:{}{}/in", sftp.user, cutter.port, place.display()));
    ways.deliver(&to, &shipment("first", &[("first.csv", b"a")])).unwrap();
    // The network is cut while the second file is on its way.
    cutter.left.store(4 << 20, std::sync::atomic::Ordering::SeqCst);
    let big = noise(16 << 20);
    let sent = shipment("second", &[("small.csv", b"b"), ("big.csv", &big)]);
    let fault = told(ways.deliver(&to, &sent));
    assert!(fault.starts_with("passing: sftp://") && fault.contains("connection broke"), "{fault}");
    let left = names(&place.join("in"));
    assert!(left.iter().all(|name| name == "first.csv" || name.starts_with(".portstatus-")), "{left:?}");
    let fault = told(ways.deliver(&to, &sent));
    assert!(fault.starts_with("passing: ") && fault.contains("was not reached"), "{fault}");
    cutter.left.store(u64::MAX, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(ways.deliver(&to, &sent).unwrap(), Receipt::default());
    assert_eq!(names(&place.join("in")), ["big.csv", "first.csv", "small.csv"]);
    assert_eq!(fs::read(place.join("in/big.csv")).unwrap(), big);
}

#[test]
fn the_servers_process_may_die_midway() {
    let Some(sftp) = Sftp::start("sftp-killed", false) else { return };
    let place = folder("sftp-killed");
    let ways = transports(sftp.settings(), 60);
    let to = sftp.at(&place);
    let big = noise(64 << 20);
    let sent = shipment("killed", &[("big.csv", &big)]);
    let outcome = std::thread::scope(|scope| {
        let sending = scope.spawn(|| ways.deliver(&to, &sent));
        let arrives = || names(&place).iter().any(|name| fs::metadata(place.join(name)).is_ok_and(|data| data.len() > 1 << 20));
        while !arrives() && !sending.is_finished() {
            std::thread::yield_now();
        }
        let listener = fs::read_to_string(sftp.server.folder.join("pid")).unwrap();
        kill_below(listener.trim().parse().unwrap());
        sending.join().unwrap()
    });
    let fault = told(outcome);
    assert!(fault.starts_with("passing: "), "{fault}");
    assert!(names(&place).iter().all(|name| name.starts_with(".portstatus-")));
    ways.deliver(&to, &sent).unwrap();
    assert_eq!(names(&place), ["big.csv"]);
}

/// Kills the processes that `parent` started, and those that they started.
fn kill_below(parent: u32) {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    for child in children.split_whitespace() {
        kill_below(child.parse().unwrap());
        let _ = Command::new("kill").args(["-KILL", child]).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_server_that_is_not_known_or_does_not_know_us_gets_nothing() {
    let Some(sftp) = Sftp::shared() else { return };
    let place = folder("sftp-refused");
    let to = sftp.at(&place);
    let sent = shipment("k", &[("a.csv", b"a")]);
    let with = |change: &dyn Fn(&mut TransportSettings)| {
        let mut settings = sftp.settings();
        change(&mut settings);
        told(transports(settings, 20).deliver(&to, &sent))
    };
    let file = |name: &str| Some(sftp.server.folder.join(name));
    let nobody = place.join("nobody");
    fs::write(&nobody, "").unwrap();
    let unknown = with(&|settings| settings.sftp.known_hosts_file = Some(nobody.clone()));
    assert!(unknown.starts_with("lasting: ") && unknown.to_lowercase().contains("host key verification failed"), "{unknown}");
    let changed = with(&|settings| settings.sftp.known_hosts_file = file("wrong"));
    assert!(changed.starts_with("lasting: ") && changed.contains("known_hosts_file"), "{changed}");
    let stranger = with(&|settings| settings.sftp.identity_file = file("stranger"));
    assert!(stranger.starts_with("lasting: ") && stranger.to_lowercase().contains("permission denied"), "{stranger}");
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let ways = transports(sftp.settings(), 20);
    let nobody = told(ways.deliver(&target(&format!("sftp://127.0.0.1:{closed}/x")), &sent));
    assert!(nobody.starts_with("passing: ") && nobody.contains("onnection refused"), "{nobody}");
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let ways = transports(sftp.settings(), 1);
    assert!(told(ways.deliver(&target(&format!("sftp://127.0.0.1:{port}/x")), &sent)).starts_with("passing: "));
    assert_eq!(names(&place), ["nobody"]);
}

#[test]
fn what_stands_in_the_way_is_not_replaced() {
    let Some(sftp) = Sftp::shared() else { return };
    let place = folder("sftp-unfit");
    let ways = transports(sftp.settings(), 20);
    symlink("/etc/passwd", place.join("link.csv")).unwrap();
    fs::create_dir(place.join("dir.csv")).unwrap();
    fs::write(place.join("file"), "").unwrap();
    for name in ["link.csv", "dir.csv"] {
        let fault = told(ways.deliver(&sftp.at(&place), &shipment("k", &[("a.csv", b"a"), (name, b"b")])));
        assert!(fault.starts_with("lasting: ") && fault.contains("is a folder, a link or a device"), "{fault}");
    }
    let fault = told(ways.deliver(&sftp.at(&place.join("file/x")), &shipment("k", &[("a.csv", b"a")])));
    assert!(!fault.starts_with("unknown"), "{fault}");
    // A trap under the name of the unfinished file is removed, not followed.
    let sent = shipment("k", &[("a.csv", b"a")]);
    let key = &portstatus::deliver::staged::digest(b"k")[..16];
    fs::write(place.join("victim"), "untouched").unwrap();
    symlink(place.join("victim"), place.join(format!(".portstatus-{key}-0.tmp"))).unwrap();
    ways.deliver(&sftp.at(&place), &sent).unwrap();
    assert_eq!(fs::read_to_string(place.join("victim")).unwrap(), "untouched");
    assert_eq!(names(&place), ["a.csv", "dir.csv", "file", "link.csv", "victim"]);
    let fault = told(ways.deliver(&target(&format!("sftp://{}@127.0.0.1:{}/proc/nowhere", sftp.user, sftp.server.port)), &sent));
    assert!(fault.starts_with("lasting: "), "{fault}");
    if !is_root() {
        fs::set_permissions(&place, fs::Permissions::from_mode(0o500)).unwrap();
        let fault = told(ways.deliver(&sftp.at(&place), &shipment("k", &[("b.csv", b"a")])));
        assert!(fault.starts_with("lasting: ") && fault.contains("permission denied"), "{fault}");
    }
}

#[test]
fn a_server_without_extensions_takes_files_in_place_of_others() {
    let Some(sftp) = Sftp::start("sftp-bare", true) else { return };
    let place = folder("sftp-bare");
    let ways = transports(sftp.settings(), 20);
    let send = |bytes: &[u8]| ways.deliver(&sftp.at(&place), &shipment("k", &[("a.csv", bytes), ("b.csv", b"b")])).unwrap();
    for bytes in [b"old".as_slice(), b"new", b"longer"] {
        assert!(!send(bytes).was_there);
        assert_eq!(fs::read(place.join("a.csv")).unwrap(), bytes);
    }
    assert!(send(b"longer").was_there);
    assert_eq!(names(&place), ["a.csv", "b.csv"]);
}

#[test]
fn keys_are_checked_without_asking_the_server() {
    let place = folder("sftp-keys");
    let file = |name: &str, mode: u32| {
        let path = place.join(name);
        fs::write(&path, "key").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let check = |identity: &Path, known: &Path| {
        let mut settings = TransportSettings::default();
        settings.sftp.identity_file = Some(identity.to_owned());
        settings.sftp.known_hosts_file = Some(known.to_owned());
        transports(settings, 5).check(&target("sftp://host/x"))
    };
    let (key, known) = (file("key", 0o600), file("known", 0o644));
    check(&key, &known).unwrap();
    let open = check(&file("open", 0o644), &known).unwrap_err();
    assert!(open.code() == 77 && open.to_string().contains("chmod 600"), "{open}");
    assert_eq!(check(&place.join("missing"), &known).unwrap_err().code(), 66);
    assert_eq!(check(&key, &place.join("missing")).unwrap_err().code(), 66);
    assert_eq!(check(&key, &place).unwrap_err().code(), 66);
    assert_eq!(check(&key, &file("a b", 0o644)).unwrap_err().code(), 64);
    assert_eq!(check(&file("%h", 0o600), &known).unwrap_err().code(), 64);
}
