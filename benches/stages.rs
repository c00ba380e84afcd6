//! Each stage of the sentence by itself, on sample orders of 10,000 and 100,000 rows, and queries of 1,000,000 rows that
//! stay in memory: `cargo bench`, or `cargo bench -- queries` for a part. Besides times it says what was allocated.
//! Whole processes beside other tools are measured by `benches/compare.py`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench that cannot go on fails by panicking")]

use std::collections::HashMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use divan::Bencher;
use portstatus::classify::rules::Rules;
use portstatus::classify::timing::Timing;
use portstatus::classify::{Classified, classify};
use portstatus::cli::sample;
use portstatus::clock::AsOf;
use portstatus::domain::calendar::Calendar;
use portstatus::export;
use portstatus::report::Report;
use portstatus::report::build::build;
use portstatus::report::template::Template;
use portstatus::select::{Query, Selection, select};
use portstatus::source::csv::{self, ChunkSizes};
use portstatus::source::open::{self, InputBytes};
use portstatus::source::table::Table;
use portstatus::source::{Input, Orders, ReadOptions, read};
use portstatus::templates::Templates;

const ROWS: [u64; 2] = [10_000, 100_000];

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A sample file of `rows` rows, written once.
fn file(rows: u64) -> PathBuf {
    static FILES: LazyLock<Mutex<HashMap<u64, PathBuf>>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap();
    files
        .entry(rows)
        .or_insert_with(|| {
            let path = std::env::temp_dir().join(format!("portstatus-bench-{}-{rows}.csv", std::process::id()));
            let arguments = sample::Arguments { rows, seed: 7, accounts: None, format: sample::Format::Generic, out: None };
            let mut text = Vec::new();
            sample::run(&arguments, &mut text).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        })
        .clone()
}

fn opened(rows: u64) -> InputBytes {
    open::bytes(&Input::File(file(rows)), &ReadOptions::default(), &open::unwatched).unwrap()
}

fn orders(rows: u64) -> Orders {
    read::read(&[Input::File(file(rows))], &ReadOptions::default(), &Templates::default(), &open::unwatched).unwrap()
}

fn judge(orders: Orders) -> Classified {
    let templates = Templates::default();
    let rules = Rules::load(&templates, &[]).unwrap();
    let calendar = Calendar::parse(&templates.text("calendars/us-federal.toml").unwrap(), "us-federal").unwrap();
    classify(orders, Arc::new(rules), Timing::new(AsOf::parse("2026-11-01T12:00:00Z").unwrap(), Arc::new(calendar))).unwrap()
}

fn template() -> Template {
    Template::parse(&Templates::default().text("reports/partner-port-status.toml").unwrap(), "partner-port-status").unwrap()
}

fn choose(classified: &Arc<Classified>) -> Selection {
    select(classified, None, &Query::default().check(&template().names()).unwrap()).unwrap()
}

fn report(rows: u64) -> Report {
    build(&choose(&Arc::new(judge(orders(rows)))), &template(), "").unwrap()
}

#[divan::bench(args = ROWS)]
fn open_and_hash(bencher: Bencher, rows: u64) {
    file(rows);
    bencher.bench(|| opened(rows));
}

#[divan::bench(args = ROWS)]
fn read_text(bencher: Bencher, rows: u64) {
    let opened = opened(rows);
    bencher.bench(|| {
        let every_column = |headers: &[String]| Ok(vec![true; headers.len()]);
        Table::read(Box::new(csv::open(&opened, &ReadOptions::default(), &every_column, ChunkSizes::default()).unwrap())).unwrap()
    });
}

#[divan::bench(args = ROWS)]
fn read_and_normalize(bencher: Bencher, rows: u64) {
    file(rows);
    bencher.bench(|| orders(rows));
}

#[divan::bench(args = ROWS)]
fn classify_numbers(bencher: Bencher, rows: u64) {
    let orders = orders(rows);
    bencher.with_inputs(|| orders.clone()).bench_values(judge);
}

#[divan::bench(args = ROWS)]
fn select_rows(bencher: Bencher, rows: u64) {
    let classified = Arc::new(judge(orders(rows)));
    bencher.bench(|| choose(&classified));
}

#[divan::bench(args = ROWS)]
fn build_report(bencher: Bencher, rows: u64) {
    let (selection, template) = (choose(&Arc::new(judge(orders(rows)))), template());
    bencher.bench(|| build(&selection, &template, "").unwrap());
}

#[divan::bench(args = ["csv", "xlsx", "pdf"], consts = [10_000, 100_000])]
fn export_report<const ROWS: u64>(bencher: Bencher, format: &str) {
    let (report, exporter) = (report(ROWS), export::format(format).unwrap());
    bencher.bench(|| {
        let mut out = Cursor::new(Vec::new());
        exporter.export(&report, &export::Options::default(), &mut out).unwrap();
        out.into_inner().len()
    });
}

/// Queries of 1,000,000 rows that stay in memory, by an index that is built once.
mod queries {
    use super::*;
    use portstatus::report::Table;
    use portstatus::report::build::numbers;
    use portstatus::select::CheckedQuery;
    use portstatus::select::index::Index;

    const ROWS: u64 = 1_000_000;
    const PAGE_ROWS: u64 = 50;

    /// What a first page is asked for. `ACCOUNT` and `NUMBER` stand for those of a row in the middle.
    const QUERIES: [&str; 7] = [
        "",
        "accounts = ['ACCOUNT']",
        "statuses = ['completed']",
        "find = ['NUMBER']",
        "find = ['telecom']",
        "find = ['ACCOUNT']\nstatuses = ['completed']",
        "closed_since = '2026-06-01'",
    ];

    struct Loaded {
        classified: Arc<Classified>,
        index: Index,
        template: Template,
        account: String,
        number: String,
    }

    /// The rows and their index, made once.
    fn loaded() -> &'static Loaded {
        static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
            let classified = Arc::new(judge(orders(ROWS)));
            let cell = |key: &str| classified.frame().column(key).unwrap().str().unwrap().get(ROWS as usize / 2).unwrap().to_owned();
            let (account, number) = (cell("account_id"), cell("phone_number"));
            Loaded { index: Index::build(&classified).unwrap(), template: template(), account, number, classified }
        });
        &LOADED
    }

    fn checked(query: &str) -> CheckedQuery {
        let query = query.replace("ACCOUNT", &loaded().account).replace("NUMBER", &loaded().number);
        let query: Query = toml::from_str(&query).unwrap();
        Query { page_size: Some(PAGE_ROWS), ..query }.check(&loaded().template.names()).unwrap()
    }

    /// The page of a selection, whose count of pages comes with it.
    fn page(selection: &Selection) -> Table {
        let numbers = numbers(selection, &loaded().template).unwrap();
        numbers.table(0..numbers.rows).unwrap()
    }

    #[divan::bench(sample_count = 3)]
    fn build_index(bencher: Bencher) {
        let classified = &loaded().classified;
        bencher.bench(|| Index::build(classified).unwrap());
    }

    #[divan::bench(args = QUERIES, sample_count = 20)]
    fn first_page(bencher: Bencher, query: &str) {
        let query = checked(query);
        bencher.bench(|| page(&select(&loaded().classified, Some(&loaded().index), &query).unwrap()));
    }

    #[divan::bench(args = QUERIES, sample_count = 3)]
    fn first_page_without_index(bencher: Bencher, query: &str) {
        let query = checked(query);
        bencher.bench(|| page(&select(&loaded().classified, None, &query).unwrap()));
    }

    #[divan::bench(args = QUERIES, sample_count = 20)]
    fn further_page(bencher: Bencher, query: &str) {
        let selection = select(&loaded().classified, Some(&loaded().index), &checked(query)).unwrap();
        let last = selection.rows.len() as u64 / PAGE_ROWS;
        bencher.bench(|| page(&selection.turn_to(last.clamp(1, 7)).unwrap()));
    }

    #[divan::bench(args = QUERIES, sample_count = 20)]
    fn counts(bencher: Bencher, query: &str) {
        let selection = select(&loaded().classified, Some(&loaded().index), &checked(query)).unwrap();
        bencher.bench(|| build(&selection, &loaded().template, "").unwrap());
    }
}
