//! The Debian package of the program under test: built, installed into a root of its own, used, upgraded and removed. The files
//! for containers and clusters, which nobody runs here, are linted, and what they ask of the program is tried.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cli::COMMANDS;
use crate::program::{PROGRAM, out, run, said, starting, write_orders};
use crate::tools::{folder, found, names, skip};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Builds the package into `folder`.
fn built(folder: &Path) -> PathBuf {
    let script = root().join("packages/debian/build");
    let mut command = starting(script.to_str().unwrap());
    command.args(["--program", PROGRAM, "--compression", "none", "--out"]).arg(folder).env("SOURCE_DATE_EPOCH", "1700000000");
    let done = command.output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    PathBuf::from(out(&done).trim())
}

/// A root that nothing is installed in.
struct Root(PathBuf);

impl Root {
    fn new(place: &Path) -> Self {
        let root = place.join("root");
        for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["var/lib/dpkg/status", "etc/passwd", "etc/group"] {
            fs::write(root.join(file), "").unwrap();
        }
        Self(root)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Runs dpkg on this root, whose scripts run outside of it. Nothing that the package depends on is there.
    fn dpkg(&self, arguments: &[&str]) -> Output {
        let path = format!("/usr/sbin:/sbin:{}", std::env::var("PATH").unwrap());
        let mut command = Command::new("dpkg");
        command.arg(format!("--root={}", self.0.display())).args(["--force-script-chrootless", "--force-depends", "--log=/dev/null"]);
        let done = command.args(arguments).env("PATH", path).env("DEBIAN_FRONTEND", "noninteractive").output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", said(&done));
        done
    }

    /// Runs the installed program in the folder of its user.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = starting(self.path("usr/bin/portstatus").to_str().unwrap());
        command.args(arguments).current_dir(self.path("var/lib/portstatus")).env("NO_COLOR", "1").output().unwrap()
    }
}

#[test]
fn the_debian_package_holds_what_it_should_and_is_the_same_each_time() {
    if !found("dpkg") {
        return;
    }
    let place = folder("debian-built");
    let package = built(&place.join("one"));
    assert_eq!(fs::read(&package).unwrap(), fs::read(built(&place.join("two"))).unwrap());
    let field = |name: &str| crate::tools::run("dpkg-deb", &["--field", package.to_str().unwrap(), name]).trim().to_owned();
    assert_eq!((field("Package"), field("Version")), ("portstatus".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    assert!(field("Depends").starts_with("libc6 (>= 2."), "{}", field("Depends"));
    let contents = crate::tools::run("dpkg-deb", &["--contents", package.to_str().unwrap()]);
    let manuals = COMMANDS.iter().map(|command| format!("./usr/share/man/man1/portstatus-{command}.1.gz"));
    let others = [
        "./usr/bin/portstatus",
        "./usr/share/man/man1/portstatus.1.gz",
        "./usr/share/bash-completion/completions/portstatus",
        "./usr/share/zsh/vendor-completions/_portstatus",
        "./usr/share/fish/vendor_completions.d/portstatus.fish",
        "./usr/share/doc/portstatus/copyright",
        "./etc/portstatus/config.toml",
    ];
    for file in manuals.chain(others.map(str::to_owned)) {
        assert!(contents.lines().any(|line| line.ends_with(&format!(" {file}"))), "{file}: {contents}");
    }
    for line in contents.lines() {
        let mode = &line[..10];
        assert!(line.contains(" root/root ") && matches!(mode, "drwxr-xr-x" | "-rw-r--r--" | "-rwxr-xr-x"), "{line}");
        assert!(!line.contains(" 0 2023-11-14") || mode.starts_with('d'), "is empty: {line}");
    }
}

#[test]
fn the_debian_package_is_installed_upgraded_and_removed() {
    if !found("dpkg") || !found("systemd-analyze") {
        return;
    }
    if !is_root() {
        return skip("only root installs packages");
    }
    let place = folder("debian-installed");
    let package = built(&place);
    let package = package.to_str().unwrap();
    let root = Root::new(&place);
    root.dpkg(&["--install", package]);
    assert_eq!(out(&root.dpkg(&["--verify", "portstatus"])), "", "files differ from what the package says");
    assert_eq!(out(&root.run(&["--version"])), format!("portstatus {}\n", env!("CARGO_PKG_VERSION")));
    // Its user cannot log in, and owns its folder alone.
    let users = fs::read_to_string(root.path("etc/passwd")).unwrap();
    let user: Vec<&str> = users.lines().find(|line| line.starts_with("portstatus:")).unwrap().split(':').collect();
    assert_eq!((user[5], user[6]), ("/var/lib/portstatus", "/usr/sbin/nologin"));
    let home = fs::metadata(root.path("var/lib/portstatus")).unwrap();
    assert_eq!((home.mode() & 0o777, home.uid().to_string().as_str()), (0o750, user[2]));
    // Its configuration sets nothing, and what it offers in comments is right.
    let config = root.path("etc/portstatus/config.toml");
    let shipped = fs::read_to_string(&config).unwrap();
    let offered: Vec<&str> =
        shipped.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.contains(" = ") || line.starts_with('[')).collect();
    fs::write(place.join("offered.toml"), offered.join("\n")).unwrap();
    let show = |file: &Path| out(&root.run(&["config", "show", "report", "--origin", "--config", file.to_str().unwrap()]));
    assert!(!show(&config).contains("config.toml, line") && show(&place.join("offered.toml")).matches("offered.toml, line").count() == 4);

    // What the units run is a job file, and systemd has nothing to say of them.
    fs::create_dir(place.join("units")).unwrap();
    for kind in ["service", "timer"] {
        let unit = fs::read_to_string(root.path(&format!("usr/lib/systemd/system/portstatus@.{kind}"))).unwrap();
        let unit = unit.replace("/usr/bin/portstatus", root.path("usr/bin/portstatus").to_str().unwrap());
        fs::write(place.join(format!("units/portstatus@.{kind}")), unit).unwrap();
    }
    let mut command = Command::new("systemd-analyze");
    command.args(["verify", "--man=no", "portstatus@nightly.service", "portstatus@nightly.timer"]);
    let done = command.env("SYSTEMD_UNIT_PATH", format!("{}:", place.join("units").display())).output().unwrap();
    assert_eq!((done.status.code(), said(&done).contains("portstatus@")), (Some(0), false), "{}", said(&done));
    let unit = fs::read_to_string(root.path("usr/lib/systemd/system/portstatus@.service")).unwrap();
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/portstatus ")).unwrap();
    let (home, nightly) = (root.path("var/lib/portstatus"), root.path("etc/portstatus/nightly.toml"));
    write_orders(&home, 5);
    let inside = |name: &str| format!("\"{}\"", home.join(name).display());
    let (orders, runs) = (inside("orders.csv"), inside("runs"));
    fs::write(&nightly, format!("[report]\ninputs = [{orders}]\n[recipients]\nsplit-by = \"account\"\n[history]\nfolder = {runs}\n"))
        .unwrap();
    assert!(unit.contains("\nSuccessExitStatus=3\n") && line.starts_with("run /etc/portstatus/%i.toml"), "{unit}");
    let line = line.replace("/etc/portstatus/%i.toml", nightly.to_str().unwrap()).replacen("run ", "job check ", 1);
    let done = root.run(&line.split(' ').collect::<Vec<_>>());
    assert!(out(&done).starts_with("Job nightly (nightly.toml): no fault found\n"), "{}", said(&done));

    // What somebody wrote to the configuration stays through an upgrade, and goes with a purge; reports stay.
    fs::write(&config, "operator = \"Northwind\"\n").unwrap();
    root.dpkg(&["--install", package]);
    assert_eq!(fs::read_to_string(&config).unwrap(), "operator = \"Northwind\"\n");
    root.dpkg(&["--remove", "portstatus"]);
    assert!(config.exists() && !root.path("usr").exists());
    root.dpkg(&["--purge", "portstatus"]);
    assert!(!config.exists() && home.join("orders.csv").exists() && nightly.exists());
}

#[test]
fn the_files_for_containers_and_clusters_are_what_their_schemas_ask() {
    let file = |name: &str| root().join("packages").join(name).display().to_string();
    if found("hadolint") {
        crate::tools::run("hadolint", &[&file("container/Containerfile")]);
    }
    if found("kubernetes-validate") {
        crate::tools::run("kubernetes-validate", &["--strict", &file("kubernetes/cronjob.yaml")]);
    }
    // The manifest is what the program makes of the job file beside it.
    let done = run(&root().join("packages/kubernetes"), &["schedule", "nightly.toml", "--for", "kubernetes"]);
    assert_eq!(out(&done), fs::read_to_string(file("kubernetes/cronjob.yaml")).unwrap(), "{}", said(&done));
    let mut command = starting(PROGRAM);
    command.args(["job", "check", &file("kubernetes/nightly.toml")]).env("PORTSTATUS_DATABASE_URL", "postgres://u@db.example/orders");
    let done = command.output().unwrap();
    assert!(out(&done).contains("Inputs: postgres://db.example/orders\n"), "{}", said(&done));
}

#[test]
fn a_user_without_rights_reports_with_a_root_that_cannot_be_written_to() {
    if !is_root() || !found("unshare") || !found("setpriv") {
        return skip("only root makes its root read-only");
    }
    // Not below the target folder, which may be closed to others.
    let place = std::env::temp_dir().join(format!("portstatus-read-only-{}", std::process::id()));
    fs::create_dir(&place).unwrap();
    fs::create_dir(place.join("out")).unwrap();
    fs::copy(PROGRAM, place.join("portstatus")).unwrap();
    for sample in ["port-orders.xlsx", "accounts.csv"] {
        fs::copy(root().join("samples").join(sample), place.join(sample)).unwrap();
    }
    let script = "chmod -R a+rX . && chown 65532 out && mount --make-rprivate / && mount --bind out out && mount -o remount,ro,bind / \
        && mount -o remount,rw,bind out && ! touch x 2>/dev/null \
        && exec setpriv --reuid=65532 --regid=65532 --clear-groups env -i ./portstatus report port-orders.xlsx --accounts accounts.csv --out out --quiet";
    let done = Command::new("unshare").args(["-m", "sh", "-c", script]).current_dir(&place).output().unwrap();
    let made = names(&place.join("out"));
    fs::remove_dir_all(&place).unwrap();
    assert_eq!((done.status.code(), made.len()), (Some(3), 5), "{made:?} {}", said(&done));
}
