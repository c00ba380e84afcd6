//! What is `pub` is used by another file of the library: nothing is public only for a test.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::code::{files, tokens};

/// Public names that only tests and benches use, and why each is public all the same.
const ALLOWED: &[(&str, &str)] = &[
    ("src/classify/reachability.rs: UNNAMED", "the proof of the compiled rules walks all classes of cells"),
    ("src/classify/reachability.rs: distinct_cells", "the proof of the compiled rules walks all classes of cells"),
    ("src/select/mod.rs: turn_to", "pages of rows that stay in memory, which no command keeps yet"),
    ("src/source/workbook/child/xlsx.rs: visit_directly", "the two ways of reading a worksheet are held beside each other"),
    ("src/source/workbook/child/xlsx.rs: visit_generally", "the two ways of reading a worksheet are held beside each other"),
];

#[test]
fn nothing_is_public_only_for_a_test() {
    let files = files("src");
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut public: BTreeSet<(&str, &str)> = BTreeSet::new();
    for file in &files {
        let tokens = tokens(&file.code);
        for (index, token) in tokens.iter().enumerate() {
            places.entry(token.text).or_default().insert(&file.name);
            let before = |back: usize| index.checked_sub(back).map_or("", |at| tokens[at].text);
            let item = matches!(before(1), "fn" | "const" | "static");
            let is_public = before(2) == "pub" || matches!(before(2), "const" | "unsafe" | "async") && before(3) == "pub";
            if item && is_public {
                public.insert((token.text, &file.name));
            }
        }
    }
    assert!(public.len() > 200, "only {} public items were found", public.len());
    let alone = public.iter().filter(|(name, _)| places[name].len() == 1).map(|(name, file)| format!("{file}: {name}"));
    let alone: BTreeSet<String> = alone.collect();
    let allowed: BTreeSet<String> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let differing: Vec<&String> = alone.symmetric_difference(&allowed).collect();
    assert!(differing.is_empty(), "public for nobody, or allowed and not so:\n{differing:#?}");
}
