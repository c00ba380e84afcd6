//! Parquet and Arrow files, made by other programs and read by the program: every type, every compression, damage and bombs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{PROGRAM, err, out, run, said, starting};
use crate::tools::{folder, found, run as tool};

/// Runs `script` in Python with pyarrow, in `place`; false where there is none.
fn pyarrow(place: &Path, script: &str) -> bool {
    let is_there = found("pyarrow");
    if is_there {
        let script = format!(
            "import os, sys\nos.chdir(sys.argv[1])\nimport pyarrow as pa, pyarrow.parquet as pq, pyarrow.feather as feather\nimport datetime as dt\nfrom decimal import Decimal\n{script}"
        );
        tool("python3", &["-c", &script, place.to_str().unwrap()]);
    }
    is_there
}

const TYPES: &str = r#"
t = pa.table({
    'i8': pa.array([1, -2, None], pa.int8()),
    'u64': pa.array([18446744073709551615, 0, None], pa.uint64()),
    'i64': pa.array([880123456789012, 15551234567, None], pa.int64()),
    'f32': pa.array([0.1, float('nan'), None], pa.float32()),
    'phone32': pa.array([6505551234.0, 16777215.0, None], pa.float32()),
    'f64': pa.array([15551234567.0, 0.1, None], pa.float64()),
    'decimal': pa.array([Decimal('12345678901234567890.12'), Decimal('-0.50'), None], pa.decimal128(22, 2)),
    'truth': pa.array([True, False, None]),
    'text': pa.array(['a', '', None], pa.string()),
    'large': pa.array(['é', 'x,"y"', None], pa.large_string()),
    'view': pa.array(['x' * 20, 'y', None], pa.string_view()),
    'words': pa.array(['x', 'y', None]).dictionary_encode(),
    'codes': pa.array([7, 8, None], pa.int32()).dictionary_encode(),
    'day': pa.array([dt.date(2026, 11, 21), dt.date(1969, 12, 31), None]),
    'wall': pa.array([dt.datetime(2026, 11, 21, 10, 5, 6, 120000), dt.datetime(2026, 11, 21), None], pa.timestamp('us')),
    'instant': pa.array([dt.datetime(2026, 11, 21, 10, 5, 6), dt.datetime(2026, 11, 21), None], pa.timestamp('ms', tz='America/New_York')),
    'clock': pa.array([dt.time(1, 2, 3), dt.time(23, 59, 59, 5000), None], pa.time64('us')),
    'nothing': pa.nulls(3),
})
"#;

const TYPES_READ: &str = "\
i8,u64,i64,f32,phone32,f64,decimal,truth,text,large,view,words,codes,day,wall,instant,clock,nothing
1,18446744073709551615,880123456789012,0.1,6.5056e+9,15551234567,12345678901234567890.12,true,a,é,xxxxxxxxxxxxxxxxxxxx,x,7,2026-11-21,2026-11-21T10:05:06.12,2026-11-21T10:05:06Z,01:02:03,
-2,0,15551234567,,16777215,0.1,-0.5,false,,\"x,\"\"y\"\"\",y,y,8,1969-12-31,2026-11-21,2026-11-21T00:00:00Z,23:59:59.005,
,,,,,,,,,,,,,,,,,
";

#[test]
fn every_type_reads_the_same_in_every_form() {
    let place = folder("columns");
    let script = r"
pq.write_table(t, 'plain.parquet', compression='none', use_dictionary=False)
for compression in ['snappy', 'gzip', 'brotli', 'lz4', 'zstd']:
    pq.write_table(t, compression + '.parquet', compression=compression, row_group_size=2, write_page_checksum=True)
pq.write_table(t, 'second.parquet', data_page_version='2.0', compression='zstd')
feather.write_feather(t, 'plain.feather', compression='uncompressed')
feather.write_feather(t, 'lz4.feather', compression='lz4')
feather.write_feather(t, 'zstd.arrow', compression='zstd', chunksize=2)
with pa.ipc.new_stream('stream.arrows', t.schema) as stream:
    stream.write_table(t)
";
    if !pyarrow(&place, &format!("{TYPES}{script}")) {
        return;
    }
    let files = crate::tools::names(&place);
    assert_eq!(files.len(), 11, "{files:?}");
    for file in files {
        let done = run(&place, &["read", &file]);
        assert_eq!((done.status.code(), out(&done).as_str()), (Some(0), TYPES_READ), "{file}: {}", err(&done));
        let found: Value = serde_json::from_str(&err(&done)).unwrap();
        assert_eq!((&found["format"], &found["rows"]), (&if file.ends_with("parquet") { "parquet" } else { "arrow" }.into(), &3.into()));
    }
}

#[test]
fn a_column_without_text_is_an_error_where_it_is_wanted() {
    let place = folder("columns");
    let script = r"
t = pa.table({'phone_number': ['+12125550101'], 'status': ['Completed'], 'blob': [b'a'], 'parts': [[1]], 'more': [{'a': 1}]})
pq.write_table(t, 'beside.parquet')
feather.write_feather(t, 'beside.feather')
for name, values in [('blob', [b'a']), ('list', [['+12125550101']]), ('struct', [{'a': 1}]), ('decimal', pa.array([Decimal(16505551234)], pa.decimal256(60, 0)))]:
    pq.write_table(pa.table({'phone_number': values, 'status': ['Completed']}), name + '.parquet')
    feather.write_feather(pa.table({'phone_number': values, 'status': ['Completed']}), name + '.feather')
pq.write_table(pa.table([['+12125550101'], ['a'], ['b']], names=['phone_number', 'status', 'status']), 'twice.parquet')
";
    if !pyarrow(&place, script) {
        return;
    }
    for file in ["beside.parquet", "beside.feather"] {
        let done = run(&place, &["check", file]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
    for ending in ["parquet", "feather"] {
        for (name, what) in [
            ("blob", "binary data"),
            ("list", "lists"),
            ("struct", "records with fields of their own"),
            ("decimal", "numbers of more than 38 digits"),
        ] {
            let done = run(&place, &["check", &format!("{name}.{ending}")]);
            let expected = format!("portstatus: {name}.{ending}: column 'phone_number' holds {what}; have whoever wrote the file");
            assert!(done.status.code() == Some(65) && err(&done).starts_with(&expected), "{}", said(&done));
        }
    }
    let done = run(&place, &["check", "twice.parquet"]);
    assert!(done.status.code() == Some(65), "{}", said(&done));
}

#[test]
fn many_rows_keep_their_order_and_their_numbers() {
    let place = folder("columns");
    let script = r"
n = 300_000
t = pa.table({
    'phone_number': pa.array([12120000000 + i for i in range(n)], pa.int64()),
    'status': pa.array(['Completed' if i % 3 else None for i in range(n)]).dictionary_encode(),
    'account_id': ['A-%d' % i for i in range(n)],
})
pq.write_table(t, 'one.parquet')
pq.write_table(t, 'small.parquet', row_group_size=70_001, data_page_size=10_000, compression='zstd')
feather.write_feather(t, 'one.feather', chunksize=n)
";
    if !pyarrow(&place, script) {
        return;
    }
    let expected: String =
        (0..300_000).map(|row| format!("{},{},A-{row}\n", 12_120_000_000_u64 + row, if row % 3 == 0 { "" } else { "Completed" })).collect();
    let expected = format!("phone_number,status,account_id\n{expected}");
    for file in ["one.parquet", "small.parquet", "one.feather"] {
        let done = run(&place, &["read", file]);
        assert!(done.status.success() && out(&done) == expected, "{file}: {}", err(&done));
    }
}

#[test]
fn a_flipped_bit_is_noticed_where_pages_have_checksums() {
    let place = folder("columns");
    let script = r"
t = pa.table({'phone_number': ['+1212555%04d' % i for i in range(200)], 'status': ['Completed'] * 200})
pq.write_table(t, 'orders.parquet', compression='none', write_page_checksum=True, use_dictionary=False)
feather.write_feather(t, 'orders.feather')
";
    if !pyarrow(&place, script) {
        return;
    }
    let whole = fs::read(place.join("orders.parquet")).unwrap();
    let good = out(&run(&place, &["read", "orders.parquet"]));
    let at = memchr::memmem::find(&whole, b"+12125550100").unwrap();
    for (offset, bit) in [(at, 0), (at + 11, 3), (at + 500, 1)] {
        let mut bytes = whole.clone();
        bytes[offset] ^= 1 << bit;
        fs::write(place.join("flipped.parquet"), bytes).unwrap();
        let done = run(&place, &["read", "flipped.parquet"]);
        assert!(done.status.code() == Some(65) && err(&done).contains("the checksum of a page differs"), "{}", said(&done));
    }
    // Anywhere else a change is an error or changes nothing but names; never a panic, a hang or other rows.
    for step in 0..120 {
        let at = step * (whole.len() - 1) / 119;
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (step % 8);
        fs::write(place.join("changed.parquet"), &bytes).unwrap();
        let done = run(&place, &["read", "changed.parquet"]);
        let rows = |text: &str| text.split_once('\n').map(|(_, rows)| rows.to_owned());
        match done.status.code() {
            Some(0) => assert_eq!(rows(&out(&done)), rows(&good), "byte {at}: {}", said(&done)),
            Some(65) => assert!(out(&done).is_empty() && err(&done).lines().count() == 1, "byte {at}: {}", said(&done)),
            _ => panic!("byte {at}: {}", said(&done)),
        }
    }
    for file in ["orders.parquet", "orders.feather"] {
        let whole = fs::read(place.join(file)).unwrap();
        for length in (8..whole.len()).step_by(whole.len() / 40) {
            let cut = if file.ends_with("parquet") { "cut.parquet" } else { "cut.feather" };
            fs::write(place.join(cut), &whole[..length]).unwrap();
            let done = run(&place, &["read", cut]);
            assert!(done.status.code() == Some(65) && err(&done).contains("cut short"), "{length}: {}", said(&done));
        }
    }
}

/// Runs the program on a hostile file: it has to refuse it within five seconds and half a gibibyte.
fn refused(place: &Path, file: &str) -> String {
    let start = Instant::now();
    // The largest of the processes waited for, in KiB.
    let script = "import resource, subprocess, sys\ncode = subprocess.call(sys.argv[1:])\npeak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\nsys.exit(code if peak < 512 << 10 else f'{peak} KiB')";
    let done = starting("python3").args(["-c", script, PROGRAM, "check", file]).current_dir(place).output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{file} took {:?}", start.elapsed());
    assert!(done.status.code() == Some(65) && done.stdout.is_empty() && err(&done).lines().count() == 1, "{file}: {}", said(&done));
    err(&done)
}

#[test]
fn bombs_are_refused() {
    let place = folder("columns");
    let script = r"
pq.write_table(pa.table({'phone_number': ['A' * (40 << 20)], 'status': ['Completed']}), 'page.parquet', compression='zstd', use_dictionary=False)
n = 20_000
words = pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), ['A' * (1 << 20)])
pq.write_table(pa.table({'phone_number': words, 'status': ['Completed'] * n}), 'words.parquet', compression='zstd')
n = 1_000_000
word = pa.DictionaryArray.from_arrays(pa.nulls(n, pa.int32()).fill_null(0), ['A' * 1000])
pq.write_table(pa.table({'phone_number': word, 'status': word, 'account_id': word}), 'same.parquet', compression='zstd')
nothing = pa.nulls(30_000_000, pa.int8())
pq.write_table(pa.table({'phone_number': nothing, 'status': nothing}), 'rows.parquet', compression='zstd')
feather.write_feather(pa.table({'phone_number': ['A' * (64 << 20)], 'status': ['Completed']}), 'cell.feather', compression='zstd')
";
    if !pyarrow(&place, script) {
        return;
    }
    assert!(refused(&place, "page.parquet").contains("as only a decompression bomb does"));
    assert!(refused(&place, "rows.parquet").contains("it declares 30,000,000 rows"));
    assert!(refused(&place, "same.parquet").contains("its cells come to more than 500 times its size"));
    refused(&place, "words.parquet");
    refused(&place, "cell.feather");
}
