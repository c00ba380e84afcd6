//! Replays the corpus of fuzzing: what once broke a parser, or got far into it, is tried again by every run of the tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::fuzz_targets::TARGETS;
use crate::tools::names;

#[test]
fn the_corpus_of_every_target_is_replayed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let folders: BTreeSet<String> = names(&corpus).into_iter().collect();
    assert_eq!(folders, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect(), "folders of the corpus and targets");
    for (target, check) in TARGETS {
        let files = names(&corpus.join(target));
        assert!(files.len() >= 3, "{target} has {} files", files.len());
        for file in files {
            let bytes = fs::read(corpus.join(target).join(&file)).unwrap();
            let checked = std::panic::catch_unwind(|| check(&bytes));
            assert!(checked.is_ok(), "fuzz/corpus/{target}/{file}");
        }
    }
}
