//! A report with a password: nothing of it is readable without, and the password stands nowhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{STEM, report, write_orders};
use crate::tools::{OfficeMacro, folder, found, names, run};

const PASSWORD: &str = "canary-7fq2Zx äß 字";

fn password_file(base: &Path, mode: u32) -> PathBuf {
    let path = base.join("password.txt");
    fs::write(&path, format!("{PASSWORD}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

/// Runs `command`; its exit code and what it said.
fn done(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("canary"), "{said}");
    (output.status.code().unwrap(), said)
}

/// Opens the workbook and the archive in `place` with the password that is the second argument.
const OPEN: &str = r#"
import io, msoffcrypto, openpyxl, pyzipper, sys
place, password, stem = sys.argv[1:]
def workbook(password):
    file, out = msoffcrypto.OfficeFile(open(f"{place}/{stem}.xlsx", "rb")), io.BytesIO()
    file.load_key(password=password, verify_password=True)
    file.decrypt(out, verify_integrity=True)
    return openpyxl.load_workbook(out)
for wrong in ("wrong", password + " "):
    try:
        workbook(wrong)
        assert False, "another password opens it"
    except msoffcrypto.exceptions.InvalidKeyError:
        pass
numbers = [row[0].value for row in workbook(password)["Numbers"].iter_rows(min_row=2)]
archive = pyzipper.AESZipFile(f"{place}/{stem}.zip")
assert archive.namelist() == [f"{stem}.csv", f"{stem}.pdf", f"{stem}.rejects.csv"], archive.namelist()
for entry in archive.infolist():
    assert entry.wz_aes_strength == 3 and entry.wz_aes_version, entry
    try:
        archive.read(entry, pwd=b"wrong")
        assert False, "another password opens it"
    except RuntimeError:
        pass
lines = archive.read(f"{stem}.csv", pwd=password.encode()).decode().splitlines()
assert sorted(numbers) == sorted(line.split(",")[0] for line in lines[1:]) and len(numbers) == 40, numbers
assert archive.read(f"{stem}.pdf", pwd=password.encode()).startswith(b"%PDF-")
assert b"no number" in archive.read(f"{stem}.rejects.csv", pwd=password.encode())
"#;

#[test]
fn a_report_with_a_password_is_readable_with_it_alone() {
    let base = folder("report-password");
    let orders = write_orders(&base, 40);
    let file = password_file(&base, 0o600);
    for (name, by_file) in [("by-file", true), ("by-variable", false)] {
        let place = base.join(name);
        let mut command = report(&orders, &place);
        command.args(["--format", "csv,xlsx,pdf"]);
        if by_file {
            command.arg("--password-file").arg(&file);
        } else {
            command.env("PORTSTATUS_PASSWORD", PASSWORD);
        }
        let (code, said) = done(&mut command);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("listed in the archive"), "{said}");
        let files = ["manifest.json", "xlsx", "zip"].map(|ending| format!("{STEM}.{ending}"));
        assert_eq!(names(&place), files);
        for file in &files {
            let bytes = fs::read(place.join(file)).unwrap();
            for secret in ["canary", "2125550007"] {
                assert!(!bytes.windows(secret.len()).any(|piece| piece == secret.as_bytes()), "{file} holds {secret}");
            }
        }
        assert!(fs::read(place.join(&files[1])).unwrap().starts_with(b"\xd0\xcf\x11\xe0"));
        // What the manifest says of the encrypted files is true.
        let mut verify = crate::program::starting(crate::program::PROGRAM);
        let (code, said) = done(verify.arg("verify").arg(place.join(&files[0])));
        assert_eq!(code, 0, "{said}");
        if found("msoffcrypto") && found("pyzipper") && found("openpyxl") {
            run("python3", &["-c", OPEN, place.to_str().unwrap(), PASSWORD, STEM]);
        }
    }
}

#[test]
fn what_cannot_be_encrypted_is_refused_before_a_row_is_read() {
    let base = folder("report-password-refused");
    let orders = write_orders(&base, 4);
    let (file, out) = (password_file(&base, 0o600), base.join("out"));
    let with = |arguments: &[&str]| {
        let mut command = report(&orders, &out);
        command.arg("--password-file").arg(&file).args(arguments);
        done(&mut command)
    };
    for (arguments, said) in [
        (&["--split-by", "account"][..], "is one password for the reports of several readers"),
        (&["--rejects", "rejects.csv"], "names a file that is not encrypted"),
    ] {
        let (code, text) = with(arguments);
        assert!(code == 64 && text.contains(said), "{text}");
    }
    let mut standard = report(&orders, Path::new("-"));
    let (code, text) = done(standard.args(["--format", "csv", "--password-file"]).arg(&file));
    assert!(code == 64 && text.contains("encrypts files, not standard output"), "{text}");
    let (code, text) = done(report(&orders, &out).env("PORTSTATUS_PASSWORD", "a\nb"));
    assert!(code == 65 && text.contains("PORTSTATUS_PASSWORD") && text.contains("more than one line"), "{text}");
    password_file(&base, 0o640);
    let (code, text) = with(&[]);
    assert!(code == 77 && text.contains("chmod 600"), "{text}");
    assert!(!out.exists(), "{:?}", names(&out));
}

/// A macro that opens a workbook with a password and writes its first sheet as CSV, or that it was refused.
const MACRO: &str = r#"
Sub Convert(source, target, secret)
  On Error Goto Refused
  Dim reading(1) As New com.sun.star.beans.PropertyValue
  reading(0).Name = "Hidden"
  reading(0).Value = True
  reading(1).Name = "Password"
  reading(1).Value = secret
  document = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, reading())
  If IsNull(document) Then Goto Refused
  Dim writing(1) As New com.sun.star.beans.PropertyValue
  writing(0).Name = "FilterName"
  writing(0).Value = "Text - txt - csv (StarCalc)"
  writing(1).Name = "FilterOptions"
  writing(1).Value = "44,34,76"
  document.storeToURL(ConvertToURL(target), writing())
  document.close(True)
  Exit Sub
Refused:
  file = FreeFile
  Open target For Output As #file
  Print #file, "refused"
  Close #file
End Sub
"#;

#[test]
fn libreoffice_opens_the_workbook_with_its_password_alone() {
    if !found("soffice") {
        return;
    }
    let base = folder("office-password");
    let orders = write_orders(&base, 12);
    // What a macro is called with is split at commas and read as Basic: no letter of this password means anything there.
    let (file, secret) = (password_file(&base, 0o600), "canary7fq2Zx");
    fs::write(&file, secret).unwrap();
    let place = base.join("out");
    done(report(&orders, &place).args(["--format", "xlsx", "--password-file"]).arg(&file));
    let office = OfficeMacro::new(&base, MACRO);
    let book = place.join(format!("{STEM}.xlsx"));
    // Another password, one that begins like it, and none: each is refused, within the time that a macro has.
    for (name, given) in [("right", secret), ("wrong", "canary7fq2Zy"), ("short", "canary7fq2Z"), ("none", "")] {
        let target = base.join(format!("{name}.csv"));
        office.call(&format!("Convert({},{},{given})", book.display(), target.display()));
        let text = fs::read_to_string(target).unwrap();
        match name {
            "right" => assert!(text.lines().count() == 13 && text.contains("+12125550007"), "{text}"),
            _ => assert_eq!(text.trim(), "refused", "{name}"),
        }
    }
}
