#![no_main]
#[allow(dead_code, reason = "each target uses one of the checks")]
#[path = "../../tests/it/fuzz_targets.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::check_column_file(bytes));
