//! Finds the programs that some tests need. A missing one is said loudly, and fails the test when `PORTSTATUS_REQUIRE_TOOLS` is `1`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Whether `program` runs with `arguments` (something harmless, like `--version`).
pub fn found(program: &str, arguments: &[&str]) -> bool {
    let found = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !found {
        let _ = writeln!(std::io::stderr(), "SKIPPED: {program} {} does not run here", arguments.join(" "));
        assert!(std::env::var("PORTSTATUS_REQUIRE_TOOLS").as_deref() != Ok("1"), "{program} is required");
    }
    found
}

/// A new folder for one test, below the system's temporary folder.
pub fn folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder =
        std::env::temp_dir().join(format!("portstatus-test-{}-{name}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs `program` and returns what it wrote to standard output.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {:?}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Has LibreOffice convert `file` to `format` and returns the converted file; `None` when it is not installed.
pub fn convert(file: &Path, format: &str, folder: &Path) -> Option<PathBuf> {
    if !found("soffice", &["--version"]) {
        return None;
    }
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    run("soffice", &["--headless", &profile, "--convert-to", format, "--outdir", folder.to_str()?, file.to_str()?]);
    let ending = format.split(':').next()?;
    let converted = folder.join(file.file_stem()?).with_extension(ending);
    assert!(converted.is_file(), "LibreOffice wrote no {}", converted.display());
    Some(converted)
}

/// A writer that has room for so many bytes and then says the disk is full.
pub struct Refusing {
    /// Bytes it still takes.
    pub room: usize,
    /// What it took.
    pub inner: std::io::Cursor<Vec<u8>>,
}

impl std::io::Write for Refusing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room < bytes.len() {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.room -= bytes.len();
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for Refusing {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}
