//! Ranges of numbers: read in every spelling that people use, or refused as ranges.

use portstatus::domain::number::{DefaultNumbering, InvalidNumber, parse, range};

#[test]
fn ranges_run_upwards_from_a_whole_number() {
    use InvalidNumber::*;
    let international = [
        ("35319609036 - 35319609046", Ok((35_319_609_036, 35_319_609_046))),
        ("35319609036-35319609046", Ok((35_319_609_036, 35_319_609_046))),
        ("35319609036 - 46", Ok((35_319_609_036, 35_319_609_046))),
        ("35319609036 – 46", Ok((35_319_609_036, 35_319_609_046))),
        ("+353 1 960 9036 - 9046", Ok((35_319_609_036, 35_319_609_046))),
        ("35319600000 - 9999", Ok((35_319_600_000, 35_319_609_999))),
        ("35319600000 - 10000", Err(BadRange)),
        ("35319609036 - 36", Err(BadRange)),
        ("35319609036 - 35", Err(BadRange)),
        ("35319609036 - 35319609036", Err(BadRange)),
        ("35319609036 - 46 - 50", Err(BadRange)),
        ("35319609036 - many", Err(BadRange)),
        ("35319600000 - 99999999999", Err(BadRange)),
        ("(650) 253-0001 - 05", Ok((16_502_530_001, 16_502_530_005))),
        ("99919609036 - 46", Err(NoCountry)),
    ];
    for (text, expected) in international {
        let found = range(text, DefaultNumbering::International).unwrap_or_else(|| panic!("{text} is no range"));
        assert_eq!(found.map(|range| (*range.start(), *range.end())), expected, "{text}");
    }
    assert_eq!(range("503-222-1252 - 503-222-1259", DefaultNumbering::Nanp), Some(Ok(15_032_221_252..=15_032_221_259)));
    assert_eq!(range("5032221252 - 5032221259", DefaultNumbering::Nanp), Some(Ok(15_032_221_252..=15_032_221_259)));
    for text in ["650-253-0001", "650 - 253 - 0001", "+353 1 012-3456", "1-650-253-0001", "", "503-222-1252; 503-222-1253"] {
        assert_eq!(range(text, DefaultNumbering::Nanp), None, "{text}");
    }
}

#[test]
fn ranges_in_every_spelling_are_expanded_or_refused_as_ranges() {
    use DefaultNumbering::{International, Nanp};
    use InvalidNumber::*;
    let ten = (14_155_552_000, 14_155_552_009);
    for (text, expected) in [
        ("7775552000 to 2018", (17_775_552_000, 17_775_552_018)),
        ("4155552000-09", ten),
        ("4155552000-9", ten),
        ("415-555-2000–2009", ten),
        ("415-555-2000-2009", ten),
        ("415-555-2000 - 555-2009", ten),
        ("+14155552000-2009", ten),
        ("+1 415-555-2000-2009", ten),
        ("1-415-555-2000-09", ten),
        ("(415) 555-2000 to (415) 555-2009", ten),
        ("(415) 555-2000-(415) 555-2009", ten),
        ("415-555-2000-415-555-2009", ten),
        ("415.555.2000 thru 555.2009", ten),
        ("415-555-2000 THROUGH 2009", ten),
        ("4155552000to4155552009", ten),
        ("4155552000..2009", ten),
        ("4155552000 ... 2009", ten),
        ("415 555 2000 → 2009", ten),
        ("415-555-2000 -> 09", ten),
        ("415-555-2000~2009", ten),
        ("415-555-2000 – +1 415-555-2009", ten),
        ("415‑555‑2000 — 415‑555‑2009", ten),
    ] {
        for bare in [Nanp, International] {
            let found = range(text, bare).unwrap_or_else(|| panic!("{text} is no range"));
            assert_eq!(found.map(|range| (*range.start(), *range.end())), Ok(expected), "{text} {bare:?}");
            assert_eq!(parse(text, bare).map(|number| number.as_str().to_owned()), Err(Several), "{text} {bare:?}");
        }
    }
    assert_eq!(range("35319609036-46", International), Some(Ok(35_319_609_036..=35_319_609_046)));
    for (text, fault) in [
        ("4155552018 to 2000", BadRange),
        ("4155552095-05", BadRange),
        ("4155552000 to 4155572000", BadRange),
        ("4155552000 to 2009 (10 numbers)", BadRange),
        ("4155552000-09-11", BadRange),
    ] {
        assert_eq!(range(text, Nanp), Some(Err(fault)), "{text}");
    }
    for text in ["415-555-20XX", "415-555-2xxx", "415555200*", "415-555-2000 2001", "415-555-2000/2009", "415-555-2000, 2001"] {
        assert_eq!(parse(text, Nanp).map(|number| number.as_str().to_owned()), Err(Several), "{text}");
    }
    // A dash inside a number of another country, and before a German extension that is part of it.
    for text in ["+44 20-7946-0958", "+49 30 123456-78", "011 1 650 555-1234", "+353-1-012-3456"] {
        assert_eq!(range(text, Nanp), None, "{text}");
        assert!(parse(text, Nanp).is_ok(), "{text}");
    }
    assert!(parse("415-555-2000 x2001", Nanp).is_ok() && parse("Toronto 415-555-2000", Nanp).is_err());
}
