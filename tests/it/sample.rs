//! The sample: any size, the same bytes for the same seed, and everything that a sample promises to hold. The shipped samples are rows of it, a dozen made odd by hand.

use std::collections::{BTreeMap, BTreeSet};

use portstatus::cli::sample::{Arguments, Format, run};
use portstatus::domain::lifecycle::State;
use portstatus::domain::status::{Detail, Status};

fn sample(rows: u64, seed: u64, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    run(&Arguments { rows, seed, accounts: None, format, out: None }, &mut out).unwrap();
    out
}

fn records(bytes: &[u8]) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(bytes);
    (reader.headers().unwrap().clone(), reader.records().map(Result::unwrap).collect())
}

#[test]
fn has_the_rows_asked_for() {
    for format in [Format::Generic, Format::Intermedia] {
        for rows in [0, 1, 29, 1_000] {
            let (headers, records) = records(&sample(rows, 1, format));
            assert_eq!(records.len() as u64, rows);
            assert_eq!(headers.len(), if format == Format::Generic { 28 } else { 19 });
        }
    }
}

#[test]
fn the_seed_decides() {
    assert_eq!(sample(500, 7, Format::Generic), sample(500, 7, Format::Generic));
    assert_ne!(sample(500, 7, Format::Generic), sample(500, 8, Format::Generic));
    // A longer sample is not a shorter one continued, but both come from the same accounts' streams.
    let (_, short) = records(&sample(26, 7, Format::Generic));
    assert_eq!(short.iter().map(|row| &row[12]).collect::<BTreeSet<_>>().len(), Detail::ALL.len());
}

#[test]
fn holds_what_it_promises() {
    let (headers, rows) = records(&sample(20_000, 7, Format::Generic));
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (phone, account, company, class, detail) =
        (column("phone_number"), column("account_id"), column("company"), column("line_type"), column("detailed_status"));
    let mut pairs = BTreeSet::new();
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &rows {
        pairs.insert((row[detail].to_owned(), row[class].to_lowercase().starts_with('l')));
        *sizes.entry(&row[account]).or_default() += 1;
    }
    for wanted in Detail::ALL {
        let local = *wanted != Detail::Accepted;
        assert!(pairs.contains(&(wanted.caption().to_owned(), local)), "{wanted}");
    }
    let mut sizes: Vec<u64> = sizes.into_values().collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    assert!(sizes[0] > 10 * sizes[sizes.len() / 2], "Zipf: {} against {}", sizes[0], sizes[sizes.len() / 2]);
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let sound = |text: &str| !text.ends_with(".0") && matches!(digits(text).len(), 10 | 11);
    let unsound = rows.iter().filter(|row| !sound(&row[phone])).count();
    let unknown = rows.iter().filter(|row| Detail::ALL.iter().all(|known| known.caption() != &row[detail])).count();
    assert!((30..130).contains(&unsound) && (10..80).contains(&unknown), "{unsound} {unknown}");
    for (what, has) in [("quote", '"'), ("newline", '\n'), ("comma", ','), ("Hangul", '한'), ("Kanji", '青')] {
        assert!(rows.iter().any(|row| row[company].contains(has)), "{what}");
    }
    assert!(rows.iter().any(|row| row[company].starts_with(['=', '+', '-', '@'])));
}

#[test]
fn accounts_cover_the_orders() {
    let (_, accounts) = records(&sample(2_000, 3, Format::Accounts));
    let known: BTreeMap<&str, &str> = accounts.iter().map(|row| (&row[0], &row[1])).collect();
    let (_, rows) = records(&sample(2_000, 3, Format::Generic));
    rows.iter().for_each(|row| assert_eq!(known[&row[1]], &row[0]));
}
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
const DATES: &[&str] = &["submission_date", "epd", "foc_date", "creation_date", "crd", "order_approved_date"];

fn shipped(name: &str) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    records(&std::fs::read(format!("{FOLDER}/{name}")).unwrap())
}

/// The day an ISO date names, as a workbook counts it.
fn serial(text: &str) -> Option<f64> {
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some((day - chrono::NaiveDate::from_ymd_opt(1899, 12, 30)?).num_days() as f64)
}

fn fraction(text: &str) -> Option<f64> {
    let time = chrono::NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    Some(f64::from(chrono::Timelike::num_seconds_from_midnight(&time)) / 86_400.0)
}

/// The shipped orders as a workbook: phone numbers as text, dates and times as cells of their own kind, what is none as text.
fn workbook(headers: &csv::StringRecord, rows: &[csv::StringRecord]) -> Vec<u8> {
    use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
    let (day, time) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("hh:mm"));
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 11, 21).unwrap()));
    let sheet = workbook.add_worksheet().set_name("Orders").unwrap().set_freeze_panes(1, 0).unwrap();
    for (column, header) in (0..).zip(headers) {
        sheet.write_string(0, column, header).unwrap().set_column_width(column, 16).unwrap();
        for (line, row) in (1..).zip(rows) {
            let text = &row[usize::from(column)];
            match serial(text).filter(|_| DATES.contains(&header)) {
                Some(serial) => sheet.write_number_with_format(line, column, serial, &day).unwrap(),
                None => match fraction(text).filter(|_| header == "foc_time") {
                    Some(fraction) => sheet.write_number_with_format(line, column, fraction, &time).unwrap(),
                    None => sheet.write_string(line, column, text).unwrap(),
                },
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn the_shipped_orders_hold_everything_once() {
    let (headers, rows) = shipped("port-orders.csv");
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    assert!((290..=310).contains(&rows.len()), "{}", rows.len());
    let has = |name: &str, wanted: &str| assert!(rows.iter().any(|row| &row[column(name)] == wanted), "{name} {wanted}");
    Detail::ALL.iter().for_each(|detail| has("detailed_status", detail.caption()));
    Status::ALL.iter().for_each(|status| has("status", status.caption()));
    State::ALL.iter().for_each(|state| has("number_state", state.caption()));
    for (name, wanted) in [("phone_number", "n/a"), ("epd", "2026-02-30"), ("status", "Confirmed"), ("detailed_status", "On hold")] {
        has(name, wanted);
    }
    let (_, accounts) = shipped("accounts.csv");
    let known: BTreeSet<&str> = accounts.iter().map(|row| &row[0]).collect();
    rows.iter().for_each(|row| assert!(known.contains(&row[column("account_id")])));
}

#[test]
fn the_shipped_workbook_is_the_shipped_csv() {
    use calamine::{Data, Reader};
    let (headers, rows) = shipped("port-orders.csv");
    let path = format!("{FOLDER}/port-orders.xlsx");
    if std::env::var("BLESS").as_deref() == Ok("1") {
        std::fs::write(&path, workbook(&headers, &rows)).unwrap();
    }
    let range = calamine::open_workbook::<calamine::Xlsx<_>, _>(path).unwrap().worksheet_range("Orders").unwrap();
    assert_eq!(range.height(), rows.len() + 1);
    for (line, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            let place = format!("row {}, {}", line + 2, &headers[column]);
            match (range.get((line + 1, column)).unwrap_or(&Data::Empty), text) {
                (Data::Empty, "") => {}
                (Data::String(read), text) => assert_eq!(read, text, "{place}"),
                (Data::DateTime(read), text) if DATES.contains(&&headers[column]) => {
                    assert_eq!(Some(read.as_f64()), serial(text), "{place}")
                }
                (Data::DateTime(read), text) => assert_eq!(Some(read.as_f64()), fraction(text), "{place}"),
                (cell, text) => panic!("{place}: {cell:?} for {text:?}"),
            }
        }
    }
}
