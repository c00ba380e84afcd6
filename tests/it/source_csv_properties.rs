//! Whatever the csv crate writes is read back, no letter of a mess is lost, and no bytes are too odd, at any number of chunks.

use portstatus::source::ReadOptions;
use portstatus::source::csv::ChunkSizes;
use proptest::prelude::*;

use crate::source_csv::{all_of, cells, everything, opened, read_in_chunks, shown};

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c é東]{0,3}",
        3 => "[a\"',;|\r\n\t ]{0,6}",
        1 => "[a-z]{10,20}",
    ]
}

fn grid() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1usize..5).prop_flat_map(|width| prop::collection::vec(prop::collection::vec(cell(), width), 0..12))
}

/// Text made of what separates, quotes and ends, mostly.
fn mess() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("\""),
        Just("\"\""),
        Just(","),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("x"),
        Just("yz"),
        Just("1,2,3\n"),
        Just("\",\""),
        Just(";"),
        Just("é")
    ];
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphanumeric()).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_csv_crate_writes_is_read_back(rows in grid(), most in 1usize..9, crlf: bool, always: bool, delimiter in prop::sample::select(&b",;\t|"[..])) {
        // The headers need quoting, so that the quote is not in question when cells begin with apostrophes.
        let width = rows.first().map_or(1, Vec::len);
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        writer.write_record((0..width).map(|column| format!("column \"{column}\""))).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let options = ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() };
        let wanted = |headers: &[String]| all_of(headers, headers[0] == "column \"0\"");
        let table = read_in_chunks(&opened(&text), &options, &wanted, ChunkSizes { most, least_bytes: 1 }).unwrap();
        let expected: Vec<Vec<Option<String>>> = rows.iter().map(|row| row.iter().map(|cell| Some(cell.clone()).filter(|cell| !cell.is_empty())).collect()).collect();
        // Rows of nothing but delimiters at the end are nothing.
        let filled = |rows: &[Vec<Option<String>>]| rows.iter().rposition(|row| row.iter().flatten().any(|cell| !cell.trim().is_empty())).map_or(0, |last| last + 1);
        let read = cells(&table);
        let last = filled(&expected);
        prop_assert_eq!(&read[..last.min(read.len())], &expected[..last], "{:?}", String::from_utf8_lossy(&text));
        prop_assert!(filled(&read) == last && read.len() <= expected.len());
        prop_assert!(table.refused.is_empty());
        prop_assert_eq!(table.found.rows, read.len() as u64);
    }

    #[test]
    fn no_letter_is_lost_in_a_mess(text in mess(), most in 2usize..9) {
        let text = format!("a,b,c\n{text}");
        let options = ReadOptions { delimiter: Some(b','), ..ReadOptions::default() };
        let wanted = |headers: &[String]| all_of(headers, headers == ["a", "b", "c"]);
        let read = |most| read_in_chunks(&opened(text.as_bytes()), &options, &wanted, ChunkSizes { most, least_bytes: 1 }).unwrap();
        let (one, many) = (read(1), read(most));
        prop_assert_eq!(shown(&one), shown(&many));
        prop_assert_eq!(&one.found, &many.found);
        let kept: usize = cells(&one).iter().flatten().flatten().map(|cell| letters(cell)).sum();
        let refused: usize = one.refused.iter().map(|row| letters(&row.text)).sum();
        // Lines that are no rows of the table are told in a note.
        let told = ["of the header's", "another table"];
        let all = letters(&text[6..]);
        prop_assert!(kept + refused == all || one.found.notes.iter().any(|note| told.iter().any(|part| note.contains(part))), "{:?}: {}", text, shown(&one));
        prop_assert!(kept + refused <= all);
        let mut places: Vec<u32> = one.lines.iter().copied().chain(one.refused.iter().map(|row| row.line)).collect();
        places.sort_unstable();
        prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "two rows on one line: {:?}", places);
        prop_assert_eq!(places.len() as u64, one.found.rows);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\"',;\n\r\0|ab"[..])], 1..200), most in 1usize..9) {
        if let Ok(table) = read_in_chunks(&opened(&bytes), &ReadOptions::default(), &everything, ChunkSizes { most, least_bytes: 1 }) {
            prop_assert_eq!(table.found.rows, (table.lines.len() + table.refused.len()) as u64);
            prop_assert_eq!(cells(&table).len(), table.lines.len());
        }
    }
}
