//! The programs that tests run beside the one under test, and folders of a test's own. What is missing is said and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once};

use crate::program::starting;

/// Every program that a test may ask for, and a harmless run of it. `tests/all` installs them.
const TOOLS: &[(&str, &[&str])] = &[
    ("aiosmtpd", &["sh", "-c", "python3 -c 'import aiosmtpd' && openssl version"]),
    ("axe", &["sh", "-c", "test -f \"$(python3 -c 'import sys; print(sys.prefix)')/node_modules/axe-core/axe.min.js\""]),
    ("chromium", &["sh", "-c", "chromium --version && python3 -c 'import playwright.sync_api'"]),
    ("cron", &["sh", "-c", "test -x /usr/sbin/cron && faketime --version"]),
    ("flock", &["flock", "--version"]),
    ("cryptography", &["python3", "-c", "import cryptography"]),
    ("dpkg", &["sh", "-c", "dpkg --version && dpkg-deb --version"]),
    ("duckdb", &["python3", "-c", "import duckdb"]),
    ("hadolint", &["hadolint", "--version"]),
    (
        "html-validate",
        &["sh", "-c", "node --version && test -x \"$(python3 -c 'import sys; print(sys.prefix)')/node_modules/.bin/html-validate\""],
    ),
    ("initdb", &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb && openssl version"]),
    ("mariadbd", &["sh", "-c", "PATH=$PATH:/usr/sbin mariadbd --version && openssl version"]),
    ("jsonschema", &["python3", "-c", "import jsonschema, tomllib"]),
    ("kubernetes-validate", &["kubernetes-validate", "--version"]),
    ("moto", &["sh", "-c", "moto_server --help && python3 -c 'import moto.s3'"]),
    (
        "odf-schema",
        &["sh", "-c", "test -f \"$(python3 -c 'import sys; print(sys.prefix)')/open-document-schemas/OpenDocument-schema-v1.3.rnc\""],
    ),
    ("odfpy", &["python3", "-c", "import odf"]),
    ("msoffcrypto", &["python3", "-c", "import msoffcrypto"]),
    ("mutool", &["mutool", "-v"]),
    ("openpyxl", &["python3", "-c", "import openpyxl"]),
    ("ooxml-integrity", &["ooxml-integrity", "--help"]),
    ("openxml-audit", &["openxml-audit", "--help"]),
    ("openssl", &["openssl", "version"]),
    ("pdffonts", &["pdffonts", "-v"]),
    ("pdfinfo", &["pdfinfo", "-v"]),
    ("pdftotext", &["pdftotext", "-v"]),
    ("pdfua", &["pdfua", "--version"]),
    ("pikepdf", &["python3", "-c", "import pikepdf"]),
    ("pillow", &["python3", "-c", "import PIL"]),
    ("pyarrow", &["python3", "-c", "import pyarrow"]),
    ("python-docx", &["python3", "-c", "import docx"]),
    ("python3", &["python3", "--version"]),
    ("pyzipper", &["python3", "-c", "import pyzipper"]),
    ("qpdf", &["qpdf", "--version"]),
    ("sail", &["python3", "-c", "import pysail, pyspark.sql.connect"]),
    ("schemathesis", &["schemathesis", "--version"]),
    ("setpriv", &["setpriv", "-V"]),
    ("soffice", &["soffice", "--version"]),
    ("soffice-writer", &["sh", "-c", "soffice --version && ls /usr/lib/libreoffice/program/libswlo.so"]),
    ("sql-engines", &["python3", "-c", "import chdb, datafusion, duckdb, pyarrow, sqlglot"]),
    ("sshd", &["sh", "-c", "test -x /usr/sbin/sshd && ssh -V && command -v ssh-keygen"]),
    // It may be there and yet not be allowed to trace.
    ("strace", &["strace", "-qq", "-o", "/dev/null", "true"]),
    ("systemd-analyze", &["systemd-analyze", "--version"]),
    // It may be there and yet not be allowed to mount.
    ("uharfbuzz", &["python3", "-c", "import fontTools, uharfbuzz"]),
    ("unshare", &["unshare", "-m", "mount", "--make-rprivate", "/"]),
    (
        "vnu",
        &["sh", "-c", "java -version && test -f \"$(python3 -c 'import sys; print(sys.prefix)')/node_modules/vnu-jar/build/dist/vnu.jar\""],
    ),
    ("xmllint", &["xmllint", "--version"]),
];

/// Says, once for each test and reason, that the test leaves something out, and how often that was said.
pub fn skip(why: &str) {
    static SAID: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());
    let test = std::thread::current().name().unwrap_or("a thread of a test").to_owned();
    let mut said = SAID.lock().unwrap();
    if said.insert((test.clone(), why.to_owned())) {
        // Past the capture of the test harness, which hides what a test that passes prints.
        let _ = writeln!(std::io::stderr(), "skipped: {test}: {why} ({} so far)", said.len());
    }
}

/// Whether a tool of [`TOOLS`] runs here. A missing one is said; where `PORTSTATUS_REQUIRE_TOOLS` is set, it fails the test.
pub fn found(tool: &str) -> bool {
    static FOUND: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());
    let (_, probe) = TOOLS.iter().find(|(name, _)| *name == tool).unwrap_or_else(|| panic!("{tool} is not in the list of tools"));
    let runs = || {
        let answers = Command::new(probe[0]).args(&probe[1..]).output().is_ok_and(|output| output.status.success());
        answers && (tool != "soffice" || opens_tables())
    };
    let found = *FOUND.lock().unwrap().entry(tool.to_owned()).or_insert_with(runs);
    if !found {
        skip(&format!("{tool} does not run here"));
        let required = std::env::var_os("PORTSTATUS_REQUIRE_TOOLS").is_some_and(|value| !value.is_empty());
        assert!(!required, "{tool} is required");
    }
    found
}

/// Whether LibreOffice has its part for tables, and may start here.
fn opens_tables() -> bool {
    let place = folder("soffice-probe");
    fs::write(place.join("probe.csv"), "a,b\n1,2\n").unwrap();
    let profile = format!("-env:UserInstallation=file://{}", place.join("profile").display());
    let mut command = Command::new("timeout");
    command.args(["-k", "5", "100", "soffice", "--headless", &profile, "--convert-to", "xlsx", "--outdir"]).arg(&place);
    let _ = command.arg(place.join("probe.csv")).output();
    place.join("probe.xlsx").is_file()
}

/// A macro in Basic that LibreOffice runs, in a profile of its own.
pub struct OfficeMacro {
    home: PathBuf,
}

impl OfficeMacro {
    /// The subroutines `text`, kept in `folder`.
    pub fn new(folder: &Path, text: &str) -> Self {
        let made = Self { home: folder.join("office-home") };
        // A first start makes the library of the user's macros, whatever is there before.
        made.start("--terminate_after_init");
        let head = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">"#;
        let text = format!("{head}{}</script:module>", text.replace('&', "&amp;").replace('<', "&lt;"));
        fs::write(made.home.join("user/basic/Standard/Module1.xba"), text).unwrap();
        made
    }

    /// Calls a subroutine, as in `Convert(a,b)`. One that waits for a person is ended.
    pub fn call(&self, call: &str) {
        self.start(&format!("macro:///Standard.Module1.{call}"));
    }

    fn start(&self, argument: &str) {
        let mut command = Command::new("timeout");
        command.args(["-k", "5", "60", "soffice"]).arg("--headless").arg(format!("-env:UserInstallation=file://{}", self.home.display()));
        command.arg(argument).output().unwrap();
    }
}

/// strace, which ends what it watches after two minutes: a run that waits for what was refused fails its own test alone.
pub fn strace() -> Command {
    let mut command = starting("timeout");
    command.args(["-k", "5", "120", "strace"]);
    command
}

/// Runs `program` and returns what it wrote to standard output.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = starting(program).args(arguments).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {:?}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// What an independent validator says of each TOML file by a JSON Schema: its first fault, if it has one.
pub fn faults_by_schema(schema: &Path, files: &[PathBuf]) -> Vec<Option<String>> {
    let script = r"
import json, sys, tomllib, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, 'rb') as file:
        errors = [error.message for error in validator.iter_errors(tomllib.load(file))]
    print('good' if not errors else errors[0].splitlines()[0])
";
    let arguments = ["-c", script]
        .into_iter()
        .chain(std::iter::once(schema).chain(files.iter().map(PathBuf::as_path)).map(|path| path.to_str().unwrap()));
    let verdicts = run("python3", &arguments.collect::<Vec<_>>());
    assert_eq!(verdicts.lines().count(), files.len(), "{verdicts}");
    verdicts.lines().map(|verdict| (verdict != "good").then(|| verdict.to_owned())).collect()
}

/// A file of the packages for Node.js that stand beside the Python environment of the tests.
pub fn node_module(name: &str) -> PathBuf {
    readers().join("node_modules").join(name)
}

/// The folder of the schemas of OpenDocument, beside it too.
pub fn open_document_schemas() -> PathBuf {
    readers().join("open-document-schemas")
}

fn readers() -> PathBuf {
    PathBuf::from(run("python3", &["-c", "import sys; print(sys.prefix)"]).trim())
}

/// Has LibreOffice convert `file` to `format` and returns the converted file; `None` when it is not installed.
pub fn convert(file: &Path, format: &str, folder: &Path) -> Option<PathBuf> {
    if !found("soffice") {
        return None;
    }
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    run("soffice", &["--headless", &profile, "--convert-to", format, "--outdir", folder.to_str()?, file.to_str()?]);
    let ending = format.split(':').next()?;
    let converted = folder.join(file.file_stem()?).with_extension(ending);
    assert!(converted.is_file(), "LibreOffice wrote no {}", converted.display());
    Some(converted)
}

/// The folder of published files that nobody here wrote, where `PORTSTATUS_CORPUS` names it.
pub fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("PORTSTATUS_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        skip("PORTSTATUS_CORPUS does not name the folder of published files");
    }
    corpus
}

/// An empty folder of this test's own. Folders of test runs that are over are removed.
pub fn folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    static SWEPT: Once = Once::new();
    SWEPT.call_once(sweep);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{count}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn sweep() {
    for entry in fs::read_dir(env!("CARGO_TARGET_TMPDIR")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.rsplit('-').nth(1).filter(|owner| owner.parse::<u32>().is_ok());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The path of a new file `name` with `bytes`, in a folder of its own.
pub fn saved(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder("saved").join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// The names in `folder`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A writer that has room for so many bytes and then says the disk is full.
pub struct FullDisk {
    /// Bytes it still takes.
    pub room: usize,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room < bytes.len() {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.room -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
