//! Reading files into orders: several inputs and profiles, accounts and partners, and the errors of files without orders.

use std::path::PathBuf;

use portstatus::domain::note::Note;
use portstatus::domain::record::Field;
use portstatus::source::open::unwatched;
use portstatus::source::read::read;
use portstatus::source::{Input, Orders, ReadOptions, SOURCES, input_kinds};
use portstatus::templates::Templates;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(crate::tools::folder(name))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn read_all(files: &[PathBuf], options: &ReadOptions) -> portstatus::error::Result<Orders> {
    let inputs: Vec<Input> = files.iter().cloned().map(Input::File).collect();
    read(&inputs, options, &Templates::default(), &unwatched)
}

fn cells(orders: &Orders, name: &str) -> Vec<String> {
    orders.frame.column(name).unwrap().str().unwrap().iter().map(|cell| cell.unwrap_or("-").to_owned()).collect()
}

#[test]
fn inputs_of_two_systems_become_one_frame() {
    let folder = Folder::new("two");
    let ours = folder.file(
        "ours.csv",
        "tn,status,request_id,foc_date,reject_reason\n650-234-5678,wip,R1,2026-03-04,\nn/a,wip,R1,,\n650-234-5678,cxl,R1,2026-03-05,Account number mismatch\n",
    );
    let didww = folder.file(
        "didww.csv",
        "Reference;Number;Number status;FOC date;Updated At (UTC)\nR9;353 (1) 012-3456;FOC Date Set;04/03/2026;2026-03-01 10:00:00\n",
    );
    let orders = read_all(&[ours, didww], &ReadOptions::default()).unwrap();
    assert_eq!(cells(&orders, "phone_number"), ["+16502345678", "+16502345678", "+35310123456"]);
    assert_eq!(
        (cells(&orders, "given_status"), cells(&orders, "number_state")[2].as_str()),
        (["in_progress", "canceled", "-"].map(str::to_owned).to_vec(), "foc_date_set")
    );
    assert_eq!((orders.read, orders.frame.height(), orders.superseded.len(), orders.rejected_rows()), (4, 3, 0, 1));
    assert_eq!(cells(&orders, "reason_code"), ["-", "account_number", "-"]);
    let origins: Vec<_> = orders.origins.iter().map(|origin| (origin.file.as_str(), origin.profile.as_str(), origin.rows)).collect();
    assert_eq!(origins, [("ours.csv", "generic", 3), ("didww.csv", "didww", 1)]);
    assert!(
        orders
            .notes
            .iter()
            .any(|note| note.starts_with("didww.csv: column 'FOC date': dates that could be read in two orders, read day first")),
        "{:?}",
        orders.notes
    );
    assert!(orders.present.contains(&Field::UpdatedAt) && !orders.present.contains(&Field::Partner));
}

#[test]
fn accounts_bring_partners() {
    let folder = Folder::new("accounts");
    let orders = folder.file("orders.csv", "tn,status,acct\n6502345678,wip,A1\n6502345679,wip,A2\n6502345680,wip,\n");
    let with_partner = folder.file("partners.csv", "tn,status,acct,partner\n6502345681,wip,A1,Own\n6502345682,wip,A1,\n");
    let options = |text: &str| ReadOptions { accounts: Some(folder.file("accounts.csv", text)), ..ReadOptions::default() };
    let read = read_all(&[orders.clone(), with_partner], &options("Account ID,Partner\nA1,North\nA3,South\n")).unwrap();
    assert_eq!(cells(&read, "partner"), ["North", "-", "-", "Own", "North"]);
    assert!(read.present.contains(&Field::Partner));
    assert!(read.notes.iter().any(|note| **note == *"accounts without a partner in the accounts file: 1"), "{:?}", read.notes);
    let unassigned = read_all(std::slice::from_ref(&orders), &options("Account ID,Partner\nA1,North\nA2,Unassigned\nNULL,West\n")).unwrap();
    assert_eq!(cells(&unassigned, "partner"), ["North", "-", "-"]);
    let left_out = "accounts.csv: lines of the accounts file that could not be read and were left out: ";
    for (text, place, notes) in [
        ("account_id,partner\nA1,North\nA2,South\n", None, 0),
        ("account_id,partner\nA1,North\nA2,South,West\n", Some("1, the first line 3"), 3),
        ("account_id,partner\nA1,North,East\nA1,North\nA2,South,West\n", Some("2, the first line 2"), 3),
    ] {
        let read = read_all(std::slice::from_ref(&orders), &options(text)).unwrap();
        let told: Vec<&Note> = read.notes.iter().filter(|note| note.contains("accounts")).collect();
        assert_eq!(told.iter().find_map(|note| note.strip_prefix(left_out)), place, "{told:?}");
        // With it come the reader's own note of the reason and that of accounts without a partner.
        assert_eq!(told.len(), notes, "{told:?}");
    }
    for (text, part) in [
        ("Account ID,Partner\nA1,North\nA1,South\n", "line 3: account 'A1' has two partners, 'North' and 'South'"),
        ("a,b\n1,2\n", "accounts need a column for the account and one for the partner"),
        ("account_id,partner\n", "there is no account with a partner"),
    ] {
        let error = read_all(std::slice::from_ref(&orders), &options(text)).unwrap_err();
        assert!(error.code() == 65 && error.to_string().contains(part), "{error}");
    }
}

#[test]
fn files_without_orders_are_refused_with_a_reason() {
    let folder = Folder::new("none");
    for (text, code, part) in [
        ("tn,status\n", 65, "orders.csv: there is a header but no rows"),
        ("", 65, "orders.csv"),
        (
            "telefone,status\n1,2\n",
            65,
            "orders.csv: no column holds the phone number; the headers are 'telefone', 'status'; the likeliest are 'telefone'; map it (map \"telefone=phone_number\")",
        ),
        ("tn,status,tn\n6502345678,wip,1\n", 65, "both mean phone_number"),
    ] {
        let error = read_all(&[folder.file("orders.csv", text)], &ReadOptions::default()).unwrap_err();
        assert!(error.code() == code && error.to_string().contains(part), "{text:?}: {error}");
    }
    let error =
        read_all(&[folder.file("orders.csv", "6502345678,wip\n6502345679,wip\n")], &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("***-5678") && !error.contains("6502345678"), "{error}");
    assert_eq!(read_all(&[], &ReadOptions::default()).unwrap_err().code(), 64);
    assert_eq!(read_all(&[folder.0.join("missing.csv")], &ReadOptions::default()).unwrap_err().code(), 66);
}

#[test]
fn the_readme_and_the_help_list_the_sources() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let table = readme.split("| source | INPUT |\n|---|---|\n").nth(1).expect("no table of sources").split("\n\n").next().unwrap();
    let listed: Vec<&str> =
        table.lines().filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | ")).map(|(_, inputs)| inputs).collect();
    // ODBC is a feature, which the README tells of elsewhere.
    let sources = SOURCES.iter().map(|source| source.inputs()).filter(|inputs| !inputs.contains("ODBC"));
    assert_eq!(listed, sources.collect::<Vec<_>>());
    assert!(SOURCES.iter().all(|source| input_kinds().contains(source.inputs())));
}
