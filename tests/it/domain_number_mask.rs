//! Masks: of a telephone number, however it is written, at most the last four digits are shown.

use portstatus::domain::number::{mask, mask_sentence, mask_sentence_but};

/// Numbers in the dress of texts that people write.
const NUMBERS: &[&str] = &[
    "5034723378",
    "+15034723378",
    "503472-3378",
    "503 - 472 - 3378",
    "503/472/3378",
    "503.472.33.78",
    "503\u{a0}472\u{a0}3378",
    "503–472–3378",
    "503‑472‑3378",
    "503_472_3378",
    "503,472,3378",
    "503, 472, 3378",
    "503\t472\t3378",
    "５０３４７２３３７８",
    "٥٠٣٤٧٢٣٣٧٨",
    "(503) 472-3378",
    "503: 472: 3378",
    "5 0 3 4 7 2 3 3 7 8",
    "503\u{200b}472\u{200b}3378",
    "472-3378",
    "4723378",
    "503-2026-11-21",
    "2026-11-215034723378",
    "12/31/2026/5034",
    "212x867x5309",
    "212 x 867 x 5309",
    "212*867*5309",
    "212**867**5309",
    "2x1x2x8x6x7x5x3x0x9",
    "2*1*2*8*6*7*5*3*0*9",
    "867x5309",
    "１２３x４５６x７８９０",
];

/// What looks like a number and is none.
const PLAIN: &[&str] = &[
    "",
    "n/a",
    "555-01",
    "2026-11-21",
    "2026-11-21T18:00:00Z",
    "2026-11-21 18:00:00.123456+00:00",
    "31/12/2026",
    "1.2.2026",
    "FOC 2026-11-21, was 2026-11-14",
    "***-3378",
    "***-3378, ***-3379, ***-3380",
    "1-800-FLOWERS",
    "10:00:00",
    "2025-2026",
    "2024, 2025 and 2026",
    "1,234,567",
    "12Jan2026",
    "21 Nov 2026 18:00",
    "Suite 1200 on 45 West 5th",
];

/// Sentences, and what is shown of them.
const SENTENCES: &[(&str, &str)] = &[
    ("orders.csv, line 1048577: 14 fields, 19 wanted", "orders.csv, line 1048577: 14 fields, 19 wanted"),
    ("out/partner-port-status-2026-11-21.csv: 1048576 rows", "out/partner-port-status-2026-11-21.csv: 1048576 rows"),
    ("account 2000007, request 500001", "account 2000007, request 500001"),
    ("'(503) 472-3378' is no status", "'***-3378' is no status"),
    ("exports/20261121/503-472-3378.csv", "exports/***-3378.csv"),
    ("+16505551234", "***-1234"),
    ("650 555-1234 or 2125550100.", "***-1234 or ***-0100."),
    ("'6505551234'", "'***-1234'"),
    ("account 2000007", "account 2000007"),
    ("2026-03-04", "2026-03-04"),
    ("a + b", "a + b"),
    ("+44 20 7183 8750", "***-8750"),
    ("call (650) 555-1234 on 2026-11-21 10:00:00", "call ***-1234 on 2026-11-21 10:00:00"),
    ("650 555 1234 2026-11-21", "***-1234 2026-11-21"),
    ("4294967296 bytes", "4294967296 bytes"),
    ("12345678901 rows read", "12345678901 rows read"),
    ("1,234,567,890 rows", "1,234,567,890 rows"),
    ("sector 4294967293 is out of range", "sector 4294967293 is out of range"),
    ("account 5000000017, request 5000000018", "account 5000000017, request 5000000018"),
    ("the years 2024/2025/2026", "the years 2024/2025/2026"),
    ("account +15034723378", "account ***-3378"),
    ("not a number: 503-472-3378 bytes", "not a number: ***-3378 bytes"),
    ("São 6505551234 é", "São ***-1234 é"),
    ("", ""),
];

#[test]
fn masks_keep_the_last_four_digits() {
    for number in NUMBERS {
        for text in [(*number).to_owned(), format!("call {number}!"), format!("x{number}")] {
            let shown = mask(&text);
            let digits = shown.chars().filter(|letter| letter.is_numeric()).count();
            assert!(digits == 4 && shown.contains("***-"), "{text}: {shown}");
            assert_eq!(mask(&shown), shown, "{text}");
        }
        if number.chars().filter(|letter| letter.is_numeric()).count() >= 10 && !number.contains([',', ':']) && !number.contains(" x ") {
            assert_eq!(mask_sentence(number), mask(number), "{number}");
        }
    }
}

#[test]
fn what_is_not_a_number_stays() {
    for text in PLAIN {
        assert_eq!(mask(text), *text);
        assert_eq!(mask_sentence(text), *text);
    }
}

#[test]
fn numbers_in_sentences_are_masked() {
    for (text, shown) in SENTENCES {
        assert_eq!(mask_sentence(text), *shown);
    }
}

#[test]
fn what_the_user_typed_stays_whole_and_hides_nothing_else() {
    let typed = ["out/2125550100.csv", "2125550100.csv", "5309", ""].map(str::to_owned);
    let rows = [
        ("2125550100.csv, line 3: '2125550199'", "2125550100.csv, line 3: '***-0199'"),
        ("out/2125550100.csv: 2125550100.csv", "out/2125550100.csv: 2125550100.csv"),
        ("212-867-5309", "***-5309"),
        ("+12125550100.csv", "***-0100.csv"),
        ("'2125550100'", "'***-0100'"),
    ];
    for (text, shown) in rows {
        assert_eq!(mask_sentence_but(text, &typed), shown, "{text}");
    }
}
