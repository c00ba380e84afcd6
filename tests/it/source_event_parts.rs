//! Events that are replayed part by part, while their table is read, come to what they come to when they are replayed at once.

use std::collections::BTreeMap;
use std::fmt::Write;

use portstatus::domain::lifecycle::{Lifecycle, Mode};
use portstatus::domain::replay::StateMachine;
use portstatus::source::merge::merge;
use portstatus::source::normalize::{NormalizedTable, Normalizer};
use portstatus::source::open::unwatched;
use portstatus::source::plan::plan;
use portstatus::source::profile::Profile;
use portstatus::source::read::read;
use portstatus::source::table::TableChunk;
use portstatus::source::{Input, Orders, Origin, ReadOptions};
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, table};

/// Draws numbers that are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % most as u64) as usize
    }

    fn of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn is_one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// An event: the number, when it happened, and the line that tells it.
#[derive(Clone)]
struct Told {
    number: usize,
    at: u64,
    line: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    ByNumber,
    /// By number, the events of each in no order.
    ByNumberAlone,
    ByTime,
    NewestFirst,
    Shuffled,
    /// By time, but for a few.
    NearlyByTime,
}

const ORDERS: [Order; 6] = [Order::ByNumber, Order::ByNumberAlone, Order::ByTime, Order::NewestFirst, Order::Shuffled, Order::NearlyByTime];

const EVENTS: [&str; 14] = [
    "Create New Porting Request",
    "Review Started",
    "Review Passed",
    "Start Porting Request",
    "Additional Information Required",
    "Additional Information Required",
    "Resubmit",
    "Porting Date Confirmed FOC",
    "Porting Date Moved",
    "Activated",
    "Cancel",
    "Cancellation Rejected",
    "Teleported",
    "",
];

const HEADER: &str = "number|request id|case number|account|event|time|actor|reason|FOC date|city";

/// Histories with ties, repetitions, missing times and requests, several requests a number, illegal moves, and rows that are
/// rejected.
fn events(draw: &mut Draw, order: Order, dates: &[&str]) -> Vec<String> {
    let mut told: Vec<Told> = Vec::new();
    for number in 0..1 + draw.below(12) {
        // Some need more room than others.
        let phone = if number % 5 == 4 { format!("+4420794609{number:02}") } else { format!("65055501{number:02}") };
        let mut at = 1_000 + draw.below(3_000) as u64;
        for _ in 0..draw.below(14) {
            at += [0, 0, 1, 7, 600][draw.below(5)];
            let (hour, minute) = (at / 60 % 24, at % 60);
            let time =
                if draw.is_one_in(8) { String::new() } else { format!("2026-10-{:02}T{hour:02}:{minute:02}:00Z", 1 + at / 1_440 % 28) };
            let request = draw.of(&["R1", "R1", "R1", "R2", ""]);
            let phone = if draw.is_one_in(25) { "nonsense" } else { &phone };
            let cells = [
                phone,
                request,
                draw.of(&["", "", "C1", "C2"]),
                draw.of(&["", "A1", "A2"]),
                draw.of(&EVENTS),
                &time,
                draw.of(&["", "ann", "carrier"]),
                draw.of(&["", "", "Wrong PIN", "Name mismatch", "a reason that nobody has heard of"]),
                draw.of(dates),
                draw.of(&["", "", "Austin", "Boston"]),
            ];
            let event = Told { number, at, line: cells.join("|") };
            told.extend(vec![event; if draw.is_one_in(6) { 2 } else { 1 }]);
        }
    }
    let mut shuffle = |told: &mut Vec<Told>| (1..told.len()).rev().for_each(|last| told.swap(last, draw.below(last + 1)));
    match order {
        Order::ByNumber => {}
        Order::ByNumberAlone => {
            shuffle(&mut told);
            told.sort_by_key(|event| event.number);
        }
        Order::ByTime => told.sort_by_key(|event| event.at),
        Order::NewestFirst => told.sort_by_key(|event| u64::MAX - event.at),
        Order::Shuffled => shuffle(&mut told),
        Order::NearlyByTime => {
            told.sort_by_key(|event| event.at);
            for _ in 0..2.min(told.len()) {
                let last = told.len() - 1;
                let moved = told.remove(draw.below(told.len()));
                told.insert(draw.below(last + 1), moved);
            }
        }
    }
    told.into_iter().map(|event| event.line).collect()
}

fn machine() -> StateMachine {
    let file = "rules/lifecycle.toml";
    StateMachine::new(Lifecycle::parse(&Templates::default().text(file).unwrap(), file).unwrap(), Mode::Extended)
}

/// The table of these lines, in chunks of so many, replayed while it is read; nothing where its order does not allow that.
fn replayed(profiles: &[Profile], lines: &[String], chunk: usize, at_once: usize) -> Option<NormalizedTable> {
    let chunks: Vec<_> = lines.chunks(chunk).map(|lines| table(&format!("{HEADER}\n{}", lines.join("\n")), 1)).collect();
    let plan = plan(&chunks[0].headers, profiles, &ReadOptions::default(), "orders.csv").unwrap();
    assert!(plan.is_events);
    let normalizer = Normalizer::new(&chunks[0].headers, &plan, 0, "events.csv", &|_| None).replaying(machine(), at_once);
    for (index, table) in chunks.iter().enumerate() {
        let lines = (0..table.lines.len()).map(|line| (2 + index * chunk + line) as u32).collect();
        let columns = table.columns.clone();
        let taken = normalizer.normalize(index, TableChunk { columns, lines, ..TableChunk::default() });
        if normalizer.is_out_of_order() {
            assert!(taken.is_err());
            return None;
        }
        taken.unwrap();
    }
    let table = normalizer.finish();
    if normalizer.is_out_of_order() {
        assert!(table.is_err());
        return None;
    }
    Some(table.unwrap())
}

fn orders(mut table: NormalizedTable) -> Orders {
    table.orders.origins.push(Origin { file: "events.csv".to_owned(), ..Origin::default() });
    let orders = merge(vec![table], || Ok(machine()), &BTreeMap::new(), false).unwrap();
    add_up(&orders);
    orders
}

/// What is told of orders beside their rows.
fn told(orders: &Orders) -> String {
    let Orders { origins, present, read, expanded, replayed, rejects, owners, superseded, unknown_words, near_words, notes, .. } = orders;
    let mut out = format!("{read} {expanded} {replayed}\n{origins:?}\n{present:?}\n{rejects:?}\n{owners:?}\n{superseded:?}\n");
    write!(out, "{unknown_words:?}\n{near_words:?}\n{notes:#?}").unwrap();
    out
}

fn assert_equal(one: &Orders, other: &Orders, what: &str) {
    assert_eq!(told(one), told(other), "{what}");
    for name in one.frame.names() {
        let (one, other) = (one.frame.column(name).unwrap(), other.frame.column(name).unwrap());
        assert!(one.equals_missing(&other), "{what}: column {name}:\n{one:?}\n{other:?}");
    }
}

#[test]
fn parts_of_events_come_to_what_the_whole_comes_to() {
    let profiles = Profile::all(&Templates::default()).unwrap();
    let mut in_parts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for seed in 0..240 {
        let draw = &mut Draw(seed);
        let order = ORDERS[seed as usize % ORDERS.len()];
        let dates: &[&str] =
            draw.of(&[&["", "2026-11-02", "2026-11-20"][..], &["", "11/02/2026", "11/03/2026"], &["", "", "13/02/2027", "11/03/2026"]]);
        let lines = events(draw, order, dates);
        if lines.is_empty() {
            continue;
        }
        let whole = orders(replayed(&profiles, &lines, lines.len(), usize::MAX).unwrap());
        for (chunk, at_once) in [(1, 1), (2, 3), (5, 1), (3, 20)] {
            let count = in_parts.entry(format!("{order:?}")).or_default();
            count.1 += 1;
            let Some(table) = replayed(&profiles, &lines, chunk, at_once) else { continue };
            count.0 += usize::from(table.replay.is_some());
            assert_equal(&orders(table), &whole, &format!("seed {seed}, {order:?}, {chunk} {at_once}\n{}", lines.join("\n")));
        }
    }
    // Nothing would be proved if all had been replayed at once.
    for order in [Order::ByNumber, Order::ByNumberAlone, Order::ByTime] {
        let (parts, all) = in_parts[&format!("{order:?}")];
        assert!(parts * 3 > all, "{in_parts:?}");
    }
    let (parts, all) = in_parts["Shuffled"];
    assert!(parts * 3 < all, "{in_parts:?}");
}

/// What is read of a file of this text, so many rows at once.
fn read_file(name: &str, text: &str, events_at_once: usize) -> Orders {
    let path = crate::tools::folder(name).join("events.csv");
    std::fs::write(&path, text).unwrap();
    let options = ReadOptions { events_at_once: Some(events_at_once), ..ReadOptions::default() };
    read(&[Input::File(path)], &options, &Templates::default(), &unwatched).unwrap()
}

/// A file of some megabytes, so that it is read in several windows of several chunks.
fn large(order: Order) -> String {
    let draw = &mut Draw(7);
    let mut lines = Vec::new();
    for block in 0..700 {
        let of_block = if order == Order::ByTime { Order::ByNumber } else { order };
        for line in events(draw, of_block, &["", "2026-11-02", "11/14/2026"]) {
            let line = line.replace("+442079460", &format!("+4420{:05}", 79_000 + block));
            lines.push(line.replace("650555", &format!("650{:03}", 201 + block)).replace("nonsense", "12"));
        }
    }
    if order == Order::ByTime {
        lines.sort_by_key(|line| line.split('|').nth(5).unwrap().to_owned());
    }
    format!("{HEADER}\n{}\n", lines.join("\n")).replace('|', ",")
}

#[test]
fn a_file_of_events_is_read_in_parts_or_again_at_once() {
    for order in ORDERS {
        let text = large(order);
        let whole = read_file("event-parts-whole", &text, usize::MAX);
        for at_once in [1, 20_000] {
            assert_equal(&read_file("event-parts", &text, at_once), &whole, &format!("{order:?}, {at_once} at once"));
        }
    }
}
