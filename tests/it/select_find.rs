//! Tests of what `find` takes for the same, and of filters and conditions in the words of a report in another language.

use std::sync::Arc;

use portstatus::report::template::Template;
use portstatus::select::index::Index;
use portstatus::select::{Query, select};

use crate::fixtures::{Row, classified};
use crate::report_fixture::template;

/// Rows by the line they stand on, from 2.
const ROWS: &[Row] = &[
    // 2
    &[("phone_number", "+442071838750"), ("account_company", "Café  Müller\r\nund Söhne"), ("confirmed_date", "2026-12-01")],
    // 3
    &[("phone_number", "+74951234567"), ("account_company", "ＡＣＭＥ\u{a0}Straße Łódź"), ("confirmed_date", "2026-01-12")],
    // 4
    &[("phone_number", "+3612345678"), ("account_company", "plain\twords"), ("given_detail", "completed")],
    // 5
    &[("phone_number", "+34912345678"), ("account_company", "soft\u{ad}hyphen"), ("updated_at", "2026-12-01T23:30:00")],
    // 6
    &[("phone_number", "+16505551234"), ("given_detail", "rejected"), ("priority", "expedite"), ("review_outcome", "portable")],
];

fn found(query: &Query, template: &Template) -> Vec<u32> {
    let query = query.check(&template.names()).unwrap();
    let classified = Arc::new(classified(ROWS));
    let index = Index::build(&classified).unwrap();
    let rows = |index: Option<&Index>| {
        let mut rows: Vec<u32> = select(&classified, index, &query).unwrap().rows.iter().flatten().map(|row| row + 2).collect();
        rows.sort_unstable();
        rows
    };
    let plain = rows(None);
    assert_eq!(plain, rows(Some(&index)), "by an index: {query:?}");
    plain
}

fn find(text: &str) -> Query {
    Query { find: vec![text.to_owned()], ..Query::default() }
}

#[test]
fn accents_width_and_white_space_do_not_count() {
    let cases: &[(&str, &[u32])] = &[
        ("cafe muller und sohne", &[2]),
        ("CAFÉ MÜLLER UND", &[2]),
        ("müller\nund", &[2]),
        ("Ｃａｆｅ", &[2]),
        ("acme strasse lodz", &[3]),
        ("STRASSE", &[3]),
        ("straße", &[3]),
        ("plain words", &[4]),
        ("plain  words", &[4]),
        ("softhyphen", &[5]),
        ("plainwords", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&find(text), &template()), *expected, "{text}");
    }
}

#[test]
fn numbers_of_any_country_are_found_in_any_spelling() {
    let cases: &[(&str, &[u32])] = &[
        ("020 7183 8750", &[2]),
        ("+44 (0)20 7183 8750", &[2]),
        ("0044 20 7183 8750", &[2]),
        ("44 20 7183-8750", &[2]),
        ("8 (495) 123-45-67", &[3]),
        ("06 1 234 5678", &[4]),
        ("912 345 678", &[5]),
        ("６５０ ５５５ １２３４", &[6]),
        ("650–555–1234", &[6]),
        ("tel:+1-650-555-1234", &[6]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&find(text), &template()), *expected, "{text}");
    }
}

#[test]
fn dates_are_found_in_any_order() {
    let cases: &[(&str, &[u32])] = &[
        ("2026-12-01", &[2]),
        // The first of December, or the twelfth of January.
        ("12/01/2026", &[2, 3]),
        ("1.12.2026", &[2]),
        ("Dec 1, 2026", &[2]),
        ("1 December 2026", &[2]),
        ("2026/12/1", &[2]),
        ("13/01/2026", &[]),
        ("2026-12", &[2]),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&find(text), &template()), *expected, "{text}");
    }
    let shown = Query { columns: vec!["updated_at".to_owned()], ..find("12/1/2026") };
    assert_eq!(found(&shown, &template()), [5]);
    let shown = Query { columns: vec!["updated_at".to_owned()], ..find("2026-12-01 23:30") };
    assert_eq!(found(&shown, &template()), [5]);
}

/// A template with other words for what its closed lists hold.
fn german() -> Template {
    let text = r#"
        language = "de"
        [words]
        yes = "ja"
        no = "nein"
        unknown = "(unbekannt)"
        [terms.status]
        completed = { caption = "Portiert" }
        waiting_for_you = { caption = "Wartet auf Sie" }
        [terms.detail]
        rejected = { caption = "Abgelehnt" }
        [terms.priority]
        expedite = { caption = "Eilig" }
        [terms.review_outcome]
        portable = { caption = "Portierbar" }
    "#;
    Template::parse(text, "reports/german.toml").unwrap()
}

#[test]
fn a_report_is_asked_and_searched_in_its_own_words() {
    let template = german();
    let cases: &[(&str, &[u32])] = &[
        ("find = ['portiert']", &[4]),
        ("find = ['waiting for you']", &[]),
        ("find = ['eilig']", &[6]),
        ("find = ['Expedite']", &[]),
        ("find = ['unbekannt']", &[2, 3, 5]),
        ("find = ['portierbar']\ncolumns = ['review_outcome']", &[6]),
        ("find = ['ja']\ncolumns = ['reject_open']", &[6]),
        ("find = ['yes']\ncolumns = ['reject_open']", &[]),
        ("statuses = ['portiert', 'wartet auf sie']", &[4, 6]),
        ("statuses = ['Completed', 'waiting_for_you']", &[4, 6]),
        ("statuses = ['unbekannt']", &[2, 3, 5]),
        ("details = ['ABGELEHNT']", &[6]),
        ("where_sql = [\"status = 'Portiert'\"]", &[4]),
        ("where_sql = [\"status = 'completed'\"]", &[4]),
        ("where_sql = [\"status like 'Port%'\"]", &[4]),
        ("where_sql = [\"status like 'Comp%'\"]", &[]),
        ("where_sql = [\"reject_open = 'ja'\"]", &[6]),
        ("where_sql = [\"review_outcome = 'Portierbar'\"]", &[6]),
        ("where_sql = [\"status = '(unbekannt)'\"]", &[2, 3, 5]),
    ];
    for (toml, expected) in cases {
        assert_eq!(found(&toml::from_str(toml).unwrap(), &template), *expected, "{toml}");
    }
    let refused = Query { statuses: vec!["Verloren".to_owned()], ..Query::default() }.check(&template.names()).unwrap_err().to_string();
    assert!(refused.contains("choose from Wartet auf Sie") && refused.contains("Portiert"), "{refused}");
}
