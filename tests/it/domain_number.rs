//! Telephone numbers: every input shape, the seven toll-free prefixes, reserved codes, faults, and properties.

use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::number::{DefaultNumbering, InvalidNumber, Repair, parse};
use portstatus::domain::status::NumberType;
use proptest::prelude::*;

const REPAIRED: u64 = QualityFlag::NumberRepaired.bit();
const UNASSIGNABLE: u64 = QualityFlag::Unassignable.bit();

fn check(text: &str, bare: DefaultNumbering, expected: &str, lints: u64) {
    let number = parse(text, bare).unwrap_or_else(|fault| panic!("{text:?}: {fault:?}"));
    assert_eq!((number.as_str(), number.quality_flags()), (expected, lints), "{text:?}");
}

#[test]
fn every_shape_under_plus_one() {
    let shapes = [
        "+16505551234",
        "16505551234",
        "6505551234",
        "(650) 555-1234",
        "650-555-1234",
        "650.555.1234",
        "650 555 1234",
        "1 650.555.1234",
        "1-650-555-1234",
        "+1 (650) 555-1234",
        "(+1) 650-555-1234",
        "650\u{a0}555\u{a0}1234",
        "650–555–1234",
        "650\u{2011}555\u{2011}1234",
        "650/555-1234",
        "tel:+1-650-555-1234",
        "TEL:6505551234",
        "  6505551234\t",
        "'6505551234",
        "=\"6505551234\"",
        "\u{202a}+16505551234\u{202c}",
        "\u{feff}6505551234",
        "６５０５５５１２３４",
        "＋16505551234",
        "0016505551234",
        "011 1 650 555 1234",
        "[650] 555-1234",
        "650 - 555 - 1234",
        "tel:+1-650-555-1234;phone-context=example.com",
        "tel:+1-650-555-1234;npdi;rn=+16502340000",
        "6505551234;",
    ];
    for shape in shapes {
        check(shape, DefaultNumbering::Nanp, "+16505551234", 0);
    }
    for shape in ["+16505551234", "16505551234", "1 (650) 555-1234"] {
        check(shape, DefaultNumbering::International, "+16505551234", 0);
    }
}

#[test]
fn decimals_of_spreadsheets_are_repaired() {
    for shape in [
        "6505551234.0",
        "6505551234.00",
        "16505551234.0",
        "+16505551234.0",
        "6.505551234E9",
        "6.505551234E+09",
        "6.505551234e9",
        "1.6505551234E10",
        "1.6505551234E+10",
        "6,505551234E+9",
        "65055512.34E2",
    ] {
        check(shape, DefaultNumbering::Nanp, "+16505551234", REPAIRED);
    }
    check("6.50555123E9", DefaultNumbering::Nanp, "+16505551230", REPAIRED);
}

#[test]
fn international_shapes() {
    for shape in ["+353 1 012 3456", "+35310123456", "00353 1 0123456", "011 353 1 0123456", "+353 (1) 012-3456"] {
        check(shape, DefaultNumbering::Nanp, "+35310123456", 0);
    }
    for shape in ["35310123456", "353 1 0123456", "353 (1) 0123456", "353 (1) 012-3456", "35310123456.0"] {
        let lints = if shape.ends_with(".0") { REPAIRED } else { 0 };
        check(shape, DefaultNumbering::International, "+35310123456", lints);
    }
    check("+44 20 7946 0958", DefaultNumbering::Nanp, "+442079460958", 0);
    check("+44 (0)20 7946 0958", DefaultNumbering::Nanp, "+442079460958", 0);
    check("+39 06 698 12345", DefaultNumbering::Nanp, "+390669812345", 0);
}

#[test]
fn extensions_are_left_off_and_remarked() {
    for shape in [
        "650-555-1234 x12",
        "6505551234x12",
        "(650) 555-1234 ext. 12",
        "650-555-1234 Extension 1234",
        "6505551234 #12",
        "6505551234,12",
        "tel:+16505551234;ext=12",
        "tel:+16505551234;ext=12;phone-context=example.com",
        "6505551234; ext 12",
    ] {
        let number = parse(shape, DefaultNumbering::Nanp).unwrap_or_else(|fault| panic!("{shape:?}: {fault:?}"));
        assert_eq!((number.as_str(), number.repair), ("+16505551234", Repair::ExtensionRemoved), "{shape:?}");
    }
}

#[test]
fn what_cannot_be_a_number_is_refused_with_its_reason() {
    use InvalidNumber::*;
    let cases = [
        ("", Empty),
        ("   ", Empty),
        ("n/a", NotANumber),
        ("TBD", NotANumber),
        ("#N/A", NotANumber),
        ("-6505551234", NotANumber),
        ("650-555-CALL", NotANumber),
        ("555-01", TooShort),
        ("5551234", TooShort),
        ("650555123", TooShort),
        ("(000) 111-2222", NotNanp),
        ("1505551234", NotNanp),
        ("0505551234", NotNanp),
        ("6501551234", NotNanp),
        ("+16501551234", NotNanp),
        ("+1650555123", NotNanp),
        ("+165055512345", NotNanp),
        ("26505551234", NoCountry),
        ("35310123456", NoCountry),
        ("1650555123.0", NotNanp),
        ("+0123456789", UnknownCountry),
        ("+2101234567", UnknownCountry),
        ("+44207946", ImpossibleLength),
        ("123456789012345678", TooLong),
        ("6.50555E+09", DigitsLost),
        ("4.41E+11", DigitsLost),
        ("6.505551E+09", DigitsLost),
        ("6.505551E9", DigitsLost),
        ("123456789012345.0", DigitsLost),
        ("1.23456789012345E14", DigitsLost),
        ("6.5055512345E9", DigitsLost),
        ("35319609036 - 46", Several),
        ("35319609036 - 35319609046", Several),
        ("6505551234 / 6505551235", Several),
        ("503-222-1252; 503-222-1253", Several),
        ("503-222-1252;503-222-1253", Several),
        ("503-222-1252, 503-222-1253", Several),
        ("503-222-1252 & 503-222-1253", Several),
        ("503-222-1252;1253", Several),
        ("503-222-1252\n503-222-1253", Several),
        ("5032221252-5032221259", Several),
        ("503-555-1265;garbage", NotANumber),
        ("503-555-1265;extra=1", NotANumber),
        (";ext=12", NotANumber),
        ("800-023-4567", NotNanp),
    ];
    for (text, fault) in cases {
        assert_eq!(parse(text, DefaultNumbering::Nanp).map(|number| number.as_str().to_owned()), Err(fault), "{text:?}");
        assert!(
            !fault.caption().chars().any(|c| c.is_ascii_digit()) || fault == NotNanp || text.is_empty() || !fault.caption().contains(text)
        );
    }
    assert_eq!(parse("99912345678", DefaultNumbering::International).map(|number| number.as_str().to_owned()), Err(NoCountry));
}

#[test]
fn ten_digits_under_plus_one_are_read_where_calling_codes_come_first() {
    for (text, expected, lints) in [
        ("(650) 253-0001", "+16502530001", 0),
        ("650-253-0001", "+16502530001", 0),
        ("650.253.0001", "+16502530001", 0),
        ("5035551234", "+15035551234", 0),
        ("503 555 1234", "+15035551234", 0),
        ("6505551234.0", "+16505551234", REPAIRED),
        ("800-123-4567", "+18001234567", UNASSIGNABLE),
        // The dress of +1 says more than that the digits could be Swedish.
        ("4622345678", "+4622345678", 0),
        ("(462) 234-5678", "+14622345678", 0),
    ] {
        check(text, DefaultNumbering::International, expected, lints);
    }
    assert!(parse("5035551234", DefaultNumbering::AlwaysInternational).is_err(), "another country's number lost a digit");
    assert!(parse("5031551234", DefaultNumbering::International).is_err());
    check("35310123456", DefaultNumbering::AlwaysInternational, "+35310123456", 0);
    check("(800) 123-4567", DefaultNumbering::Nanp, "+18001234567", UNASSIGNABLE);
}

#[test]
fn an_extension_behind_a_comma_is_no_further_number() {
    check("6505551234,12", DefaultNumbering::Nanp, "+16505551234", 0);
    check("6505551234,,1200", DefaultNumbering::Nanp, "+16505551234", 0);
}

#[test]
fn numbers_of_other_countries_have_the_type_of_their_plan() {
    for (number, expected) in [
        ("+448001234567", NumberType::TollFree),
        ("+442071838750", NumberType::Local),
        ("+498001234567", NumberType::TollFree),
        ("+4930123456", NumberType::Local),
        ("+80012345678", NumberType::TollFree),
        ("+35312345678", NumberType::Local),
    ] {
        assert_eq!(parse(number, DefaultNumbering::Nanp).unwrap().number_type, expected, "{number}");
    }
}

#[test]
fn seven_prefixes_are_toll_free_and_no_others() {
    for area in 200..1000 {
        let expected = if [800, 833, 844, 855, 866, 877, 888].contains(&area) { NumberType::TollFree } else { NumberType::Local };
        let number = parse(&format!("{area}-234-5678"), DefaultNumbering::Nanp).unwrap();
        assert_eq!(number.number_type, expected, "{area}");
    }
    assert_eq!(parse("+44 800 123 4567", DefaultNumbering::Nanp).unwrap().number_type, NumberType::TollFree);
}

#[test]
fn reserved_and_unassigned_codes_are_flagged() {
    let flagged = [
        "290-234-5678",
        "911-234-5678",
        "211-234-5678",
        "370-234-5678",
        "379-234-5678",
        "960-234-5678",
        "650-411-5678",
        "650-911-5678",
        "650-555-0100",
        "650-555-0199",
        "800-555-0123",
    ];
    let plain =
        ["650-555-1212", "650-555-0200", "800-911-5678", "650-412-5678", "380-234-5678", "950-234-5678", "803-234-5678", "500-411-5678"];
    for text in flagged {
        assert_eq!(parse(text, DefaultNumbering::Nanp).unwrap().quality_flags(), UNASSIGNABLE, "{text}");
    }
    for text in plain {
        assert_eq!(parse(text, DefaultNumbering::Nanp).unwrap().quality_flags(), 0, "{text}");
    }
}

proptest! {
    #[test]
    fn any_formatting_of_a_valid_number_is_that_number(
        area in 200u32..1000, exchange in 200u32..1000, line in 0u32..10_000,
        prefix in prop::sample::select(vec!["", "1", "1 ", "1-", "+1", "+1 ", "+1-", "tel:+1", "001 ", "011 1 "]),
        open in prop::sample::select(vec!["", "(", " ("]), gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", ".", "\u{a0}", "–", ") ", "/"]), 2),
        around in prop::sample::select(vec!["", " ", "\t", "\u{feff}"]),
    ) {
        let text = format!("{around}{prefix}{open}{area}{}{exchange}{}{line:04}{around}", gaps[0], gaps[1]);
        let number = parse(&text, DefaultNumbering::Nanp).map(|number| number.as_str().to_owned());
        prop_assert_eq!(number, Ok(format!("+1{area}{exchange}{line:04}")), "{:?}", text);
    }

    #[test]
    fn decimals_keep_every_digit_or_are_refused(digits in 2_002_000_000u64..9_999_999_999) {
        let float = digits as f64;
        for text in [format!("{float:.1}"), format!("{float:E}"), format!("{float:e}").replace('e', "E+0")] {
            if let Ok(number) = parse(&text, DefaultNumbering::Nanp) {
                prop_assert_eq!(number.as_str(), format!("+1{digits}"));
                prop_assert_eq!(number.repair, Repair::DecimalRestored);
            }
        }
    }

    #[test]
    fn no_text_panics_and_what_is_accepted_is_e164(text in "\\PC{0,40}|[0-9+(). \\-Ee,x#;]{0,40}") {
        for bare in [DefaultNumbering::Nanp, DefaultNumbering::International] {
            if let Ok(number) = parse(&text, bare) {
                let e164 = number.as_str();
                prop_assert!(e164.starts_with('+') && (8..=16).contains(&e164.len()) && e164[1..].bytes().all(|b| b.is_ascii_digit()), "{:?} {}", text, e164);
                prop_assert_eq!(parse(e164, bare).map(|again| again.as_str().to_owned()), Ok(e164.to_owned()));
            }
        }
    }
}
