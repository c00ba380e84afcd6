//! Columns whose text is coded hold the same cells as plain ones, whatever is done to them.

use polars::prelude::*;
use portstatus::source::{CodedText, OrderFrame};
use proptest::prelude::*;

use crate::fixtures::{in_pieces, plain};

/// A column in which much repeats, one in which hardly anything does, one without text, and their counts.
fn frame(cells: &[(Option<u8>, u32)]) -> DataFrame {
    let few: Vec<Option<String>> =
        cells.iter().map(|(few, _)| few.map(|few| format!("a text longer than twelve bytes {}", few % 3))).collect();
    let many: Vec<String> = cells.iter().map(|(_, many)| format!("n{many}")).collect();
    let counts: Vec<u32> = cells.iter().map(|(_, many)| *many).collect();
    let empty = Column::full_null("empty".into(), cells.len(), &DataType::String);
    DataFrame::new(
        cells.len(),
        vec![Column::new("few".into(), few), Column::new("many".into(), many), Column::new("count".into(), counts), empty],
    )
    .unwrap()
}

proptest! {
    #[test]
    fn cells_stay_what_they_are(cells in prop::collection::vec((prop::option::of(0u8..6), any::<u32>()), 1..60), size in 1usize..20) {
        let given = frame(&cells);
        let orders = OrderFrame::try_from(given.clone()).unwrap();
        prop_assert!(plain(&orders).equals_missing(&given));
        prop_assert!(plain(&in_pieces(&orders, size)).equals_missing(&given));
        let rows: IdxCa = (0..cells.len() as u32).rev().step_by(2).map(Some).collect();
        prop_assert!(orders.select(orders.names(), Some(&rows)).unwrap().equals_missing(&given.take(&rows).unwrap()));
        let keep: BooleanChunked = cells.iter().map(|(few, _)| Some(few.is_some())).collect();
        prop_assert!(plain(&orders.clone().filter(&keep).unwrap()).equals_missing(&given.filter(&keep).unwrap()));
        let coded = orders.coded("few").unwrap();
        prop_assert!(coded.texts.len() <= 3 && coded.texts.null_count() == 0);
        prop_assert!(coded.decode().unwrap().equal_missing(given.column("few").unwrap().str().unwrap()).all());
        let bytes: usize = cells.iter().filter(|(few, _)| few.is_some()).count() * 33;
        prop_assert_eq!(orders.text_bytes("few"), Some(bytes));
        prop_assert_eq!(orders.text_bytes("count"), None);
    }
}

#[test]
fn text_is_coded_where_it_repeats() {
    let cells: Vec<(Option<u8>, u32)> = (0..100).map(|row| (Some(row as u8), row)).collect();
    let orders = OrderFrame::try_from(frame(&cells)).unwrap();
    assert_eq!(orders.texts("few").map(|texts| texts.len()), Some(3));
    assert!(orders.texts("many").is_none() && orders.texts("empty").is_none());
    assert!(orders.is_full("few") && orders.has_values("few") && !orders.has_values("empty") && !orders.has_values("other"));
}

#[test]
fn a_column_that_one_frame_lacks_is_null_there() {
    let cells = [(Some(1), 7), (Some(1), 8)];
    let whole = OrderFrame::try_from(frame(&cells)).unwrap();
    let part = OrderFrame::try_from(whole.select(["count"], None).unwrap()).unwrap();
    let stacked = OrderFrame::stack(vec![part.clone(), whole, part]).unwrap();
    assert_eq!(stacked.height(), 6);
    let few = stacked.column("few").unwrap();
    assert_eq!(few.str().unwrap().iter().map(|cell| cell.is_some()).collect::<Vec<_>>(), [false, false, true, true, false, false]);
    assert_eq!(stacked.column("count").unwrap().u32().unwrap().sum(), Some(45));
}

#[test]
fn places_without_a_text_are_empty_cells() {
    let texts = [Some("x"), None, Some("y"), Some("x")];
    let coded = CodedText::new("name", [3, 0, 1, 2, 9].into_iter(), texts.into_iter());
    assert_eq!(coded.decode().unwrap().iter().collect::<Vec<_>>(), [Some("x"), Some("x"), None, Some("y"), None]);
    assert_eq!(coded.texts.len(), 2);
    assert_eq!(CodedText::of(&coded.decode().unwrap()).each(str::len), [1, 1]);
    let empty = CodedText::new("name", [0, 1].into_iter(), std::iter::empty());
    assert_eq!(empty.decode().unwrap().null_count(), 2);
}
