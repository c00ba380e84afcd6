//! Tests of stored classifications: a report of a loaded one is that of the original, and nothing foreign or damaged is taken for one.

use std::io::Cursor;
use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::classify::rules::Rules;
use portstatus::domain::calendar::Calendar;
use portstatus::domain::columns::COLUMNS;
use portstatus::domain::note::Note;
use portstatus::export::csv::Csv;
use portstatus::export::{Exporter, Options};
use portstatus::report::build::build;
use portstatus::select::{Query, select};
use portstatus::source::{NearWord, RowOwner};
use portstatus::templates::Templates;

use crate::fixtures::{calendar, classified_at, plain};
use crate::report::template;
use crate::select::ROWS;

const AS_OF: &str = "2026-11-21T18:00:00Z";

fn rules(settings: &[(&str, &str)]) -> Arc<Rules> {
    Arc::new(Rules::load(&Templates::default(), settings).unwrap())
}

fn original() -> Classified {
    let mut classified = classified_at(AS_OF, ROWS);
    classified.rules = rules(&[]);
    classified.orders.notes.push(Note::from("a note").with_remedy("map", "\"X=status\"").quoting());
    classified.orders.unknown_words.insert(("Status".to_owned(), "odd".to_owned()), 3);
    let near = NearWord { column: "Status".to_owned(), word: "odd".to_owned(), code: "completed".to_owned() };
    classified.orders.near_words.push(near);
    classified.orders.owners.push(RowOwner { place: (0, 7), account: Some("A-1".to_owned()), partner: None });
    classified
}

fn stored(classified: &Classified) -> Vec<u8> {
    let mut bytes = Vec::new();
    classified.store(&mut bytes).unwrap();
    bytes
}

/// All columns, so that whatever a later report needs is needed here.
fn csv(classified: Classified) -> Vec<u8> {
    let columns = COLUMNS.iter().filter(|column| column.is_in_reports()).map(|column| column.key.to_owned()).collect();
    let query = Query { columns, ..Query::default() }.check(&template().names()).unwrap();
    let selection = select(&Arc::new(classified), None, &query).unwrap();
    let report = build(&selection, &template(), "").unwrap();
    let mut bytes = Cursor::new(Vec::new());
    Csv.export(&report, &Options::default(), &mut bytes).unwrap();
    bytes.into_inner()
}

#[test]
fn a_loaded_classification_gives_the_same_report() {
    let original = original();
    let bytes = stored(&original);
    assert_eq!(bytes, stored(&original), "the same orders give the same bytes");
    let loaded = Classified::load(Cursor::new(bytes), rules(&[]), Arc::new(calendar())).unwrap();
    assert_eq!(loaded.as_of(), original.as_of());
    assert_eq!(loaded.orders.notes, original.orders.notes);
    assert_eq!(loaded.orders.unknown_words, original.orders.unknown_words);
    assert_eq!((&loaded.orders.near_words, &loaded.orders.owners), (&original.orders.near_words, &original.orders.owners));
    assert_eq!(loaded.orders.present, original.orders.present);
    assert_eq!(loaded.orders.origins, original.orders.origins);
    assert_eq!(loaded.orders.rejects, original.orders.rejects);
    assert!(plain(loaded.frame()).equals_missing(&plain(original.frame())));
    let expected = csv(original);
    assert!(expected.len() > 1_000);
    assert_eq!(csv(loaded), expected);
}

#[test]
fn what_is_not_the_same_classification_is_refused() {
    let bytes = stored(&original());
    let refusal = |bytes: Vec<u8>, rules: Arc<Rules>, calendar: Calendar| {
        Classified::load(Cursor::new(bytes), rules, Arc::new(calendar)).unwrap_err().to_string()
    };
    let weekdays = Calendar::parse("name = 'None'\nweekend = ['saturday', 'sunday']\nholiday = []\n", "none").unwrap();
    let cases = [
        (refusal(b"PAR1 and more that is not Parquet PAR1".to_vec(), rules(&[]), calendar()), "cannot be read"),
        (refusal(Vec::new(), rules(&[]), calendar()), "cannot be read"),
        (refusal(bytes[..bytes.len() / 2].to_vec(), rules(&[]), calendar()), "cannot be read"),
        (refusal(bytes.clone(), rules(&[("not_portable", "waiting")]), calendar()), "was made by other rules"),
        (refusal(bytes.clone(), rules(&[]), weekdays), "was made with another calendar"),
    ];
    for (refusal, expected) in cases {
        assert!(refusal.starts_with(&format!("classification: {expected}")), "{refusal}");
        assert!(refusal.ends_with("; classify the orders again"), "{refusal}");
    }
    let at = bytes.windows(11).position(|window| window == b"\"version\":5").expect("the header is JSON in the file's metadata");
    let mut other = bytes;
    other[at + 10] = b'9';
    assert!(refusal(other, rules(&[]), calendar()).contains("was stored by another version"));
}
