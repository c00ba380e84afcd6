//! What a report leaves behind and says: names of outputs, rejects, manifest, summary, pages, streams.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::cli::place;
use crate::program::{AS_OF, PROGRAM, STEM, err, out, run, said, starting, write_orders};
use crate::tools::{folder, names};

#[test]
fn outputs_are_named_by_place_and_format() {
    let stem = STEM;
    let rows: &[(&[&str], &[&str])] = &[
        (&["--out", "o"], &["o/STEM.csv", "o/STEM.manifest.json", "o/STEM.pdf", "o/STEM.rejects.csv", "o/STEM.xlsx"]),
        (&["--out", "o", "--format", "csv"], &["o/STEM.csv", "o/STEM.manifest.json", "o/STEM.rejects.csv"]),
        (&["--out", "o.csv/", "--format", "CSV"], &["o.csv/STEM.csv", "o.csv/STEM.manifest.json", "o.csv/STEM.rejects.csv"]),
        (&["--out", "o/r.csv"], &["o/r.csv", "o/r.manifest.json", "o/r.rejects.csv"]),
        (&["--out", "o/r.xlsx", "--format", "xlsx,csv"], &["o/r.csv", "o/r.manifest.json", "o/r.rejects.csv", "o/r.xlsx"]),
        (&["--out", "o", "--format", "csv", "--rejects", "bad/rows.txt"], &["bad/rows.txt", "o/STEM.csv", "o/STEM.manifest.json"]),
        (&["--out", "-", "--format", "csv"], &[]),
        (&["--out", "-", "--format", "csv", "--rejects", "bad.csv"], &["bad.csv"]),
    ];
    for (arguments, expected) in rows {
        let place = folder("named");
        write_orders(&place, 4);
        let all: Vec<&str> = ["report", "orders.csv", "--as-of", AS_OF].into_iter().chain(arguments.iter().copied()).collect();
        let done = run(&place, &all);
        assert_eq!(done.status.code(), Some(3), "{arguments:?}: {}", said(&done));
        let mut found = Vec::new();
        for name in names(&place).into_iter().filter(|name| name != "orders.csv") {
            match place.join(&name).is_dir() {
                true => found.extend(names(&place.join(&name)).into_iter().map(|file| format!("{name}/{file}"))),
                false => found.push(name),
            }
        }
        let expected: Vec<String> = expected.iter().map(|name| name.replace("STEM", stem)).collect();
        assert_eq!(found, expected, "{arguments:?}");
    }
}

#[test]
fn a_rejects_file_is_there_only_while_something_is_rejected() {
    let place = place("rejects");
    let files = |input: &str, more: &[&str]| {
        let all: Vec<&str> = ["report", input, "--as-of", AS_OF, "--out", "o", "--format", "csv", "--quiet"]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let done = run(&place, &all);
        assert!(matches!(done.status.code(), Some(0 | 3)), "{}", said(&done));
        names(&place.join("o"))
    };
    let (csv, manifest, rejects) = (format!("{STEM}.csv"), format!("{STEM}.manifest.json"), format!("{STEM}.rejects.csv"));
    assert_eq!(files("orders.csv", &[]), [csv.clone(), manifest.clone(), rejects.clone()]);
    let listed = fs::read_to_string(place.join("o").join(&rejects)).unwrap();
    assert!(listed.starts_with("kind,file,sheet,line,column,value,reason\r\nrow,orders.csv,,12,"), "{listed}");
    assert!(listed.contains("no number"), "{listed}");
    // A file named for rejects is always written; one that nobody named goes when it would be out of date.
    assert_eq!(
        files("good.csv", &["--rejects", "o/named.csv"]),
        [csv.clone(), manifest.clone(), rejects, "o/named.csv".replace("o/", "")]
            .iter()
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(fs::read_to_string(place.join("o/named.csv")).unwrap(), "kind,file,sheet,line,column,value,reason\r\n");
    assert_eq!(files("good.csv", &[]), ["named.csv".to_owned(), csv, manifest]);
}

#[test]
fn the_manifest_lists_what_is_there_and_its_counts_add_up() {
    let place = place("manifest");
    let done = run(
        &place,
        &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--status", "in progress,completed", "--page", "2", "--page-size", "2"],
    );
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    let manifest: Value = serde_json::from_slice(&fs::read(place.join("o").join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
    let content = &manifest["content"];
    let counts = &content["counts"];
    let count = |key: &str| counts[key].as_u64().unwrap();
    assert_eq!((count("read"), count("reported"), count("on_other_pages"), count("rejected")), (11, 2, 4, 1));
    assert_eq!(
        count("read"),
        ["reported", "filtered_out", "on_other_pages", "superseded", "rejected"].iter().map(|key| count(key)).sum::<u64>()
    );
    assert_eq!(content["page"], serde_json::json!({"number": 2, "of": 3, "size": 2}));
    assert_eq!(content["as_of"], AS_OF);
    assert_eq!(content["filters"].as_array().unwrap().len(), 1);
    let digest = |bytes: &[u8]| portstatus::deliver::staged::digest(bytes);
    let input = fs::read(place.join("orders.csv")).unwrap();
    assert_eq!(content["inputs"][0]["sha256"], digest(&input));
    assert_eq!((&content["inputs"][0]["file"], &content["inputs"][0]["rows"]), (&"orders.csv".into(), &11.into()));
    let outputs = content["outputs"].as_array().unwrap();
    assert_eq!(outputs.iter().map(|output| output["format"].as_str().unwrap()).collect::<Vec<_>>(), ["csv", "xlsx", "pdf", "rejects"]);
    for output in outputs {
        let bytes = fs::read(place.join("o").join(output["file"].as_str().unwrap())).unwrap();
        assert_eq!((&output["bytes"], &output["sha256"]), (&bytes.len().into(), &digest(&bytes).into()), "{output}");
        assert_eq!(output["rows"], if output["format"] == "rejects" { 1 } else { 2 });
    }
    // The hash is over the content as it stands in the file, without white space.
    let text = fs::read_to_string(place.join("o").join(format!("{STEM}.manifest.json"))).unwrap();
    let (from, to) = (text.find("\"content\": ").unwrap() + 11, text.find(",\n  \"content_sha256\"").unwrap());
    assert_eq!(manifest["content_sha256"], digest(without_white_space(&text[from..to]).as_bytes()));
}

#[test]
fn every_file_that_changes_the_outputs_is_an_input_in_the_manifest() {
    let place = place("inputs");
    let rules = portstatus::templates::Templates::default().text("rules/reasons.toml").unwrap().into_owned() + "# ours\n";
    fs::create_dir_all(place.join("t/rules")).unwrap();
    fs::write(place.join("t/rules/reasons.toml"), &rules).unwrap();
    fs::write(place.join("t/rules/unused.toml"), "").unwrap();
    let base = ["report", "good.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"];
    let accounts = fs::read(place.join("accounts.csv")).unwrap();
    let beside = [("accounts", "accounts.csv", accounts.as_slice()), ("template", "rules/reasons.toml", rules.as_bytes())];
    let both = ["--accounts", "accounts.csv", "--templates", "t"];
    let rows = [(&both[..0], &beside[..0]), (&both[..2], &beside[..1]), (&both[..], &beside[..])];
    for (more, expected) in rows {
        let done = run(&place, &base.iter().chain(more).copied().collect::<Vec<_>>());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let text = fs::read_to_string(place.join("o").join(format!("{STEM}.manifest.json"))).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        let inputs = manifest["content"]["inputs"].as_array().unwrap();
        assert_eq!((&inputs[0]["role"], &inputs[0]["file"]), (&"orders".into(), &"good.csv".into()));
        let expected: Vec<Value> = expected
            .iter()
            .map(|(role, file, bytes)| {
                let sha256 = portstatus::deliver::staged::digest(bytes);
                serde_json::json!({"role": role, "file": file, "bytes": bytes.len(), "sha256": sha256})
            })
            .collect();
        assert_eq!(inputs[1..], expected, "{more:?}");
        for input in &expected {
            assert!(out(&done).contains(&format!("Read {}: ", input["file"].as_str().unwrap())), "{}", said(&done));
        }
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let place = place("stdin");
    let bytes = fs::read(place.join("good.csv")).unwrap();
    let mut command = starting(PROGRAM);
    command.args(["report", "-", "--out", "-", "--format", "csv", "--quiet", "--as-of", AS_OF]).current_dir(&place);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(&bytes).unwrap();
    let piped = running.wait_with_output().unwrap();
    let named = run(&place, &["report", "good.csv", "--out", "-", "--format", "csv", "--quiet", "--as-of", AS_OF]);
    assert_eq!((piped.status.code(), &piped.stdout), (Some(0), &named.stdout), "{}", said(&piped));
}

#[test]
fn pages_are_counted_and_one_past_the_end_names_the_last() {
    let place = place("pages");
    let page = |number: &str, size: &str| {
        run(&place, &["report", "good.csv", "--out", "o", "--format", "csv", "--as-of", AS_OF, "--page", number, "--page-size", size])
    };
    let rows: &[(&str, &str, &str)] = &[
        ("1", "3", "Page 1 of 4, 10 rows before paging"),
        ("4", "3", "Page 4 of 4, 10 rows before paging"),
        ("2", "5", "Page 2 of 2, 10 rows before paging"),
        ("1", "100", "Page 1 of 1, 10 rows before paging"),
    ];
    for (number, size, line) in rows {
        assert!(
            out(&page(number, size)).contains(&format!("{line}\nAll pages by status:\n")),
            "{number}, {size}: {}",
            said(&page(number, size))
        );
    }
    let past = page("5", "3");
    assert_eq!((past.status.code(), past.stdout.is_empty()), (Some(64), true), "{}", said(&past));
    assert!(err(&past).contains('4') && err(&past).contains("last"), "{}", said(&past));
    // All pages one after the other are the whole.
    let body = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let stream = |more: &[&str]| {
        body(run(&place, &[&["report", "good.csv", "--out", "-", "--format", "csv", "--as-of", AS_OF, "--quiet"], more].concat()).stdout)
    };
    let pages: Vec<String> = ["1", "2", "3", "4"].iter().flat_map(|number| stream(&["--page", number, "--page-size", "3"])).collect();
    assert_eq!(pages, stream(&[]));
}

#[test]
fn canceled_is_spelled_one_way_everywhere_if_asked() {
    let place = place("spelling");
    let report = |setting: &str| {
        let columns = ["--columns", "status,detail", "--status", "canceled", "--setting", setting];
        let done = run(&place, &[&["report", "good.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"], &columns[..]].concat());
        (out(&done), fs::read_to_string(place.join(format!("o/{STEM}.csv"))).unwrap())
    };
    for (setting, status, detail) in
        [("as_defined", "Canceled", "Cancelled"), ("canceled", "Canceled", "Canceled"), ("cancelled", "Cancelled", "Cancelled")]
    {
        let (said, table) = report(&format!("canceled_spelling={setting}"));
        assert!(table.ends_with(&format!("{status},{detail}\r\n")), "{setting}: {table}");
        assert!(
            said.contains(&format!("Filter: Status is {status}\n")) && said.contains(&format!("  {status:<16}           2\n")),
            "{said}"
        );
    }
}

/// JSON without the white space between its words.
fn without_white_space(json: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for letter in json.chars() {
        if inside || !letter.is_whitespace() {
            out.push(letter);
        }
        inside ^= letter == '"' && !escaped;
        escaped = inside && letter == '\\' && !escaped;
    }
    out
}
