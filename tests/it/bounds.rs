//! Whatever grows with what a user or an input asks for has a stated limit, or grows in step with it.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, STEM, err, out, run, said, starting, write_orders};
use crate::tools::folder;

/// What any of these may take, many times what it does.
const TIMEOUT: Duration = Duration::from_secs(20);

fn bounded(place: &Path, arguments: &[&str]) -> Output {
    let begun = Instant::now();
    let done =
        starting("timeout").args(["-k", "5", "60", PROGRAM]).args(arguments).current_dir(place).stdin(Stdio::null()).output().unwrap();
    assert!(begun.elapsed() < TIMEOUT, "{:?}: {}", begun.elapsed(), &said(&done).chars().take(300).collect::<String>());
    done
}

fn report<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv", "--quiet"][..], more].concat()
}

#[test]
fn thousands_of_values_of_a_filter_are_a_set() {
    let place = folder("values");
    write_orders(&place, 40);
    let accounts: Vec<String> = (0..4_000).map(|account| format!("A-{account}")).collect();
    let filters: Vec<&str> = accounts.iter().flat_map(|account| ["--account", account.as_str()]).collect();
    let done = bounded(&place, &report(&filters));
    assert_eq!(done.status.code(), Some(3), "{}", err(&done));
    let rows = fs::read_to_string(place.join(format!("o/{STEM}.csv"))).unwrap().lines().count();
    assert_eq!(rows, 41);
}

#[test]
fn more_columns_than_there_are_are_refused_by_a_stated_limit() {
    let place = folder("columns");
    write_orders(&place, 4);
    let many = vec!["status"; 3_000].join(",");
    let repeated: Vec<&str> = (0..3_000).flat_map(|_| ["--sort", "status"]).collect();
    let rows: [(Vec<&str>, &str); 3] = [
        (vec!["--columns", &many], "--columns: names 3,000 columns; at most 200 are supported"),
        (vec!["--sort", &many], "--sort: names 3,000 columns; at most 200 are supported"),
        (repeated, "--sort: names 3,000 columns; at most 200 are supported"),
    ];
    for (more, what) in rows {
        let done = bounded(&place, &report(&more));
        assert_eq!(done.status.code(), Some(64), "{}", said(&done));
        assert!(err(&done).contains(what) && err(&done).len() < 400, "{}", err(&done));
    }
}

#[test]
fn conditions_are_refused_by_their_depth_before_they_are_parsed() {
    let place = folder("depth");
    write_orders(&place, 4);
    let nested = |open: &str, middle: &str, close: &str, levels: usize| open.repeat(levels) + middle + &close.repeat(levels);
    let deep = [
        nested("cast(", "status", " as text)", 60) + " = 'x'",
        nested("cast(", "status as as", " as text)", 30) + " = 'x'",
        nested("try_cast(", "status", "", 30),
        nested("(", "overdue", ")", 500),
        nested("lower(", "status", ")", 300) + " = 'x'",
        nested("replace(", "status", ",'a','b')", 200) + " = 'x'",
        nested("case when ", "overdue", " then overdue end", 100),
        nested("- ", "days_to_port < 1", "", 900),
        nested("not ", "overdue", "", 900),
        nested("array[", "", "", 60),
        nested("interval ", "", "", 60),
        nested("[", "", "", 60),
    ];
    for condition in deep {
        let done = bounded(&place, &report(&["--where", &condition]));
        assert_eq!(done.status.code(), Some(64), "{condition}: {}", said(&done));
        assert!(err(&done).contains("the condition cannot be used: ") && err(&done).len() < 400, "{}", err(&done));
    }
    let too_deep = bounded(&place, &report(&["--where", &nested("(", "overdue", ")", 60)]));
    assert!(err(&too_deep).contains("it is nested more than 40 levels deep"), "{}", err(&too_deep));
    for condition in
        [nested("(", "overdue", ")", 30), nested("cast(", "status", " as text)", 8) + " = 'x'", vec!["overdue"; 300].join(" or ")]
    {
        let done = bounded(&place, &report(&["--where", &condition]));
        assert_eq!(done.status.code(), Some(3), "{condition}: {}", said(&done));
    }
}

#[test]
fn messages_list_so_many_headers_and_words_and_count_the_others() {
    let place = folder("listed");
    for (count, delimiter) in [(5_000, "\t"), (200_000, ","), (2_000, ";")] {
        let headers: Vec<String> = (0..count).map(|index| format!("Some header {index}")).collect();
        fs::write(place.join("headers.csv"), headers.join(delimiter) + "\n" + &vec!["x"; count].join(delimiter) + "\n").unwrap();
        let done = bounded(&place, &["check", "headers.csv"]);
        assert_eq!(done.status.code(), Some(65));
        assert!(err(&done).contains("the headers are ") && err(&done).len() < 4_000, "{}", err(&done).len());
    }
    let headers: Vec<String> = (0..500).map(|index| format!("Some header {index}")).collect();
    fs::write(place.join("headers.csv"), headers.join("\t") + "\n" + &["x"; 500].join("\t") + "\n").unwrap();
    let done = bounded(&place, &["check", "headers.csv"]);
    assert!(err(&done).contains("'Some header 19' and 480 more"), "{}", err(&done));
    let words: String = (0..5_000).map(|row| format!("+1212555{row:04},odd word {row}\n")).collect();
    fs::write(place.join("orders.csv"), format!("Phone number,Status\n{words}+12125559999,odd word 7\n")).unwrap();
    let done = bounded(&place, &["check", "orders.csv"]);
    let listed: Vec<String> = out(&done).lines().filter(|line| line.starts_with("Unknown word")).map(str::to_owned).collect();
    assert_eq!((listed.len(), listed.last().unwrap().as_str()), (101, "Unknown words: 4,900 more; see them with --json"));
    assert!(listed.iter().any(|line| line.contains("'odd word 7', 2 rows")), "the most frequent is listed");
    let json: Value = serde_json::from_str(&out(&bounded(&place, &["check", "orders.csv", "--json"]))).unwrap();
    assert_eq!((json["unknown_words"].as_array().unwrap().len(), &json["more_unknown_words"]), (1_000, &4_000.into()));
    let done = bounded(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"]);
    assert!(out(&done).contains("Unknown words: 4,990 more, see the manifest\n"), "{}", out(&done));
    let manifest: Value = serde_json::from_slice(&fs::read(place.join(format!("o/{STEM}.manifest.json"))).unwrap()).unwrap();
    let content = &manifest["content"];
    assert_eq!((content["unknown_words"].as_array().unwrap().len(), &content["more_unknown_words"]), (1_000, &4_000.into()));
}

#[test]
fn counts_have_their_thousands_set_apart_in_every_message() {
    let place = folder("grouped");
    let mut text = b"Phone number,Status,Account ID,Confirmed Porting Date,x,x\n".to_vec();
    for row in 0..1_500 {
        let lines = format!(
            "+1212{row:07},Scheduled,NULL,01/02/2026,,\n+1212{row:07},Scheduled,A,01/02/2026,,\n+1212{row:07},Scheduled,A,01/02/2026,,\n\
             no,Scheduled,A,soon,,\ntoo,few\n,,,,,\n# comment\nPhone number,Status,Account ID,Confirmed Porting Date,x,x\n+1213{row:07}.0,Zzz,B,,,\n\
             +1214{row:07} ext 5,Completed,B,,,\n"
        );
        text.extend(lines.bytes());
        text.extend(b"+12155550100,Scheduled,\xff\xff,,,\n");
    }
    fs::write(place.join("orders.csv"), text).unwrap();
    fs::write(place.join("accounts.csv"), format!("account_id,partner\nA,North\n{}", "B,South,x\n".repeat(1_500))).unwrap();
    let check = bounded(&place, &["check", "orders.csv", "--accounts", "accounts.csv", "--show", "0"]);
    let report =
        bounded(&place, &["report", "orders.csv", "--accounts", "accounts.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"]);
    let strict = bounded(&place, &["report", "orders.csv", "--max-rejects", "1200", "--as-of", AS_OF, "--out", "o", "--format", "csv"]);
    assert!(out(&check).matches(",500").count() > 10, "{}", said(&check));
    assert!(
        err(&strict).contains("3,000 of 15,000 rows were rejected") || err(&strict).contains(" rows were rejected"),
        "{}",
        said(&strict)
    );
    for text in [out(&check), out(&report), err(&strict)] {
        for line in text.lines().filter(|line| !line.starts_with("Wrote ") && !line.contains(" as of ")) {
            // Lines and bytes of a file are places, which are looked for as they are written, and 1252 is an encoding.
            let words: Vec<&str> = line.split([' ', ':', ';', '(', ')']).collect();
            let is_count = |place: usize| {
                let digits = words[place].trim_end_matches(',');
                let is_place = place > 0 && matches!(words[place - 1], "line" | "byte" | "--show" | "code");
                digits.len() > 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !is_place
            };
            assert!(!(0..words.len()).any(is_count), "{line}");
        }
    }
}

#[test]
fn a_check_lists_so_many_rejects_and_counts_the_others() {
    let place = folder("rejects-listed");
    let rows: String = (0..3_000).map(|row| format!("no {row},Completed\n")).collect();
    fs::write(place.join("orders.csv"), format!("Phone number,Status\n{rows}")).unwrap();
    for (more, listed) in [(&[][..], 1_000), (&["--show", "5"], 5), (&["--show", "2500"], 2_500)] {
        let json: Value = serde_json::from_str(&out(&bounded(&place, &[&["check", "orders.csv", "--json"], more].concat()))).unwrap();
        let (rejects, rest) = (json["rejects"].as_array().unwrap().len(), json["more_rejects"].as_u64().unwrap() as usize);
        assert_eq!((rejects, rest), (listed, 3_000 - listed), "{more:?}");
    }
    let text = out(&bounded(&place, &["check", "orders.csv"]));
    assert_eq!(text.lines().filter(|line| line.starts_with("Rejected row: ")).count(), 20);
    assert!(text.contains("Rejected: 2,980 more; --show 3000 prints all\n"), "{text}");
}

#[test]
fn a_cell_that_fills_thousands_of_pages_is_cut_and_said_so() {
    let place = folder("long-cell");
    for text in ["word ".repeat(1_000_000), "x".repeat(5_000_000), "é".repeat(2_000_000)] {
        fs::write(place.join("orders.csv"), format!("Phone number,Status,Account Company Name\n+12125550100,Scheduled,\"{text}\"\n"))
            .unwrap();
        let done = bounded(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "pdf,csv"]);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        assert!(out(&done).contains("1 cell longer than 32,767 characters is cut; the CSV has it whole"), "{}", out(&done));
        assert!(fs::read_to_string(place.join(format!("o/{STEM}.csv"))).unwrap().contains(text.trim()));
    }
}

#[test]
fn a_configuration_file_has_a_size() {
    let place = folder("config-size");
    write_orders(&place, 4);
    for file in ["/dev/zero", "large.toml"] {
        fs::write(place.join("large.toml"), "# a comment\n".repeat(400_000)).unwrap();
        let done = bounded(&place, &report(&["--config", file]));
        assert_eq!(done.status.code(), Some(78), "{}", said(&done));
        assert!(err(&done).contains("is larger than the 4 MiB that such a file may have"), "{}", err(&done));
    }
}

/// The program with so many KiB of address space.
fn starved(place: &Path, kibibytes: u64, arguments: &str) -> Output {
    let line = format!("ulimit -v {kibibytes}; exec timeout -k 5 100 \"$0\" {arguments}");
    starting("bash").args(["-c", &line, PROGRAM]).current_dir(place).stdin(Stdio::null()).env_remove("RUST_BACKTRACE").output().unwrap()
}

#[test]
fn what_does_not_fit_into_memory_ends_with_one_line() {
    let place = folder("memory");
    let large = fs::File::create(place.join("large.csv")).unwrap();
    large.set_len(3 << 30).unwrap();
    let endless = fs::File::create(place.join("endless.csv")).unwrap();
    endless.set_len(8 << 40).unwrap();
    for arguments in
        ["check large.csv", "check endless.csv", "check /dev/zero", "read /dev/zero", "check - </dev/zero", "report large.csv --out o"]
    {
        let done = starved(&place, 1_500_000, arguments);
        assert_eq!(done.status.code(), Some(71), "{arguments}: {}", said(&done));
        assert!(out(&done).is_empty() && err(&done).lines().count() == 1 && err(&done).starts_with("portstatus: "), "{}", said(&done));
    }
    // Without a limit of the process, that of an input counts.
    let done = run(&place, &["check", "endless.csv"]);
    assert_eq!(done.status.code(), Some(71), "{}", said(&done));
    assert!(!place.join("o").exists());
    // Where a library takes the memory, the exit code is the same and nothing is published.
    let mut text = String::from("Phone number,Status,Account Company Name\n");
    (0..200_000).for_each(|row| text.push_str(&format!("+1212{row:07},Scheduled,Company {row}\n")));
    fs::write(place.join("orders.csv"), text).unwrap();
    for kibibytes in [250_000, 300_000, 350_000, 400_000] {
        let done = starved(&place, kibibytes, &format!("report orders.csv --out p --quiet --as-of {AS_OF}"));
        let told = format!("{kibibytes} KiB: {}", said(&done));
        match done.status.code() {
            Some(0 | 3) => {}
            Some(71) => assert!(!place.join(format!("p/{STEM}.manifest.json")).exists() && !err(&done).is_empty(), "{told}"),
            _ => panic!("{told}"),
        }
        let _ = fs::remove_dir_all(place.join("p"));
    }
}

#[test]
fn a_cell_of_line_feeds_takes_no_more_memory_than_its_bytes() {
    let place = folder("line-feeds");
    let mut text = b"Phone number,Status,Account Company Name\n+12125550100,Scheduled,\"".to_vec();
    text.resize(text.len() + (100 << 20), b'\n');
    text.extend(b"\"\n");
    fs::write(place.join("orders.csv"), &text).unwrap();
    let done = starved(&place, 1_500_000, "check orders.csv");
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}
