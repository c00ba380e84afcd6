//! Encrypted archives and workbooks, opened by other programs.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use portstatus::deliver::encryption::{password_file, workbook, zip};
use portstatus::deliver::transport::Secret;

use crate::delivery_servers::noise;
use crate::tools::{folder, found, run, saved};

/// Letters of several alphabets, since passwords are texts.
const PASSWORD: &str = "canary-7fq2Zx äß€ 字";

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn an_archive_opens_with_its_password_alone_and_keeps_names_and_bytes() {
    let big = noise(300_000);
    let files = [("orders.csv", b"a,b\n1,2\n".to_vec()), ("Ünïted – Böll.pdf", big), ("empty.md", Vec::new())];
    let paths: Vec<_> = files.iter().map(|(_, bytes)| saved("file", bytes)).collect();
    let entries: Vec<(&str, &Path)> = files.iter().zip(&paths).map(|((name, _), path)| (*name, path.as_path())).collect();
    let pack = |password: Option<&Secret>| {
        let mut out = Cursor::new(Vec::new());
        zip::archive(&entries, password, &mut out).unwrap();
        out.into_inner()
    };
    assert_eq!(pack(None), pack(None));
    let encrypted = pack(Some(&secret(PASSWORD)));
    assert!(!encrypted.windows(4).any(|piece| piece == b"1,2\n"));
    assert_ne!(encrypted, pack(Some(&secret(PASSWORD))));
    if !found("pyzipper") {
        return;
    }
    let place = folder("zip");
    fs::write(place.join("plain.zip"), pack(None)).unwrap();
    fs::write(place.join("encrypted.zip"), &encrypted).unwrap();
    for ((_, bytes), number) in files.iter().zip(0..) {
        fs::write(place.join(format!("{number}")), bytes).unwrap();
    }
    let script = r#"
import pyzipper, sys, zipfile
folder, password = sys.argv[1:]
names = ["orders.csv", "Ünïted – Böll.pdf", "empty.md"]
bytes = [open(f"{folder}/{n}", "rb").read() for n in range(3)]
plain = zipfile.ZipFile(folder + "/plain.zip")
assert plain.namelist() == names and [plain.read(name) for name in names] == bytes
archive = pyzipper.AESZipFile(folder + "/encrypted.zip")
assert archive.namelist() == names
for entry in archive.infolist():
    assert entry.wz_aes_strength == 3, entry
    try:
        archive.read(entry, pwd=b"wrong")
        assert False, "a wrong password opens it"
    except RuntimeError:
        pass
assert [archive.read(name, pwd=password.encode()) for name in names] == bytes
"#;
    run("python3", &["-c", script, place.to_str().unwrap(), PASSWORD]);
}

#[test]
fn a_workbook_opens_with_its_password_alone() {
    let place = folder("workbook-password");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..5_000 {
        sheet.write_string(row, 0, format!("row {row} of a secret list")).unwrap();
    }
    let plain = place.join("plain.xlsx");
    book.save(&plain).unwrap();
    let encrypt = || {
        let mut out = Vec::new();
        workbook::encrypt(&plain, &secret(PASSWORD), &mut out).unwrap();
        out
    };
    let encrypted = encrypt();
    assert!(encrypted.starts_with(b"\xd0\xcf\x11\xe0") && encrypted != encrypt());
    let path = place.join("encrypted.xlsx");
    fs::write(&path, &encrypted).unwrap();
    if found("msoffcrypto") {
        let script = r#"
import msoffcrypto, sys
folder, password = sys.argv[1:]
def opened(password):
    file = msoffcrypto.OfficeFile(open(folder + "/encrypted.xlsx", "rb"))
    file.load_key(password=password, verify_password=True)
    with open(folder + "/decrypted.xlsx", "wb") as out:
        file.decrypt(out, verify_integrity=True)
try:
    opened("wrong")
    assert False, "a wrong password opens it"
except msoffcrypto.exceptions.InvalidKeyError:
    pass
opened(password)
assert open(folder + "/decrypted.xlsx", "rb").read() == open(folder + "/plain.xlsx", "rb").read()
"#;
        run("python3", &["-c", script, place.to_str().unwrap(), PASSWORD]);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let path = saved("file", &noise(200_000));
    let full = workbook::encrypt(&path, &secret("x"), crate::tools::FullDisk { room: 1000 }).unwrap_err();
    assert!(full.code() == 74 && full.to_string().contains("cannot be encrypted"), "{full}");
    // Enough for the first header, not for the rest.
    let mut small = Cursor::new([0_u8; 1000]);
    let full = zip::archive(&[("a", path.as_path()), ("b", path.as_path())], Some(&secret("x")), &mut small).unwrap_err();
    assert!(full.code() == 74, "{full}");
    let missing = zip::archive(&[("a", Path::new("/nowhere/a"))], None, Cursor::new(Vec::new())).unwrap_err();
    assert!(missing.to_string().contains("cannot be packed"), "{missing}");
}

#[test]
fn a_password_stands_alone_in_a_file_of_its_own() {
    let file = |text: &[u8], mode: u32| {
        let path = saved("password", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    for text in ["canary-7fq2Zx", "canary-7fq2Zx\n", "canary-7fq2Zx\r\n"] {
        let secret = password_file(&file(text.as_bytes(), 0o600)).unwrap();
        assert_eq!(secret.reveal(), "canary-7fq2Zx");
        assert_eq!(format!("{secret:?}"), "(secret)");
    }
    assert_eq!(password_file(&file(b" two words \n", 0o400)).unwrap().reveal(), " two words ");
    let refused: [(&[u8], u32, u8); 9] = [
        (b"canary", 0o640, 77),
        (b"canary", 0o604, 77),
        (b"", 0o600, 65),
        (b"\n", 0o600, 65),
        (b"  \n", 0o600, 65),
        (b"canary\nmore\n", 0o600, 65),
        (b"can\tary\n", 0o600, 65),
        (b"\xff\xfe", 0o600, 65),
        (&[b'x'; 300], 0o600, 65),
    ];
    for (text, mode, code) in refused {
        let error = password_file(&file(text, mode)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    assert_eq!(password_file(Path::new("/nowhere/password")).unwrap_err().code(), 66);
}
