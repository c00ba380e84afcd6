//! JSON: lines, arrays and answers of APIs; what becomes a row and a column, and what is refused with its place.

use std::fs;
use std::path::Path;

use crate::program::{err, out, run, said};
use crate::tools::folder;

/// What `portstatus read` prints of a file with this text.
fn read(name: &str, text: &str) -> String {
    let place = folder("json");
    fs::write(place.join(name), text).unwrap();
    let done = run(&place, &["read", name]);
    assert_eq!(done.status.code(), Some(0), "{text}: {}", said(&done));
    out(&done)
}

#[test]
fn a_table_is_read_from_lines_an_array_and_an_answer() {
    let rows = "phone_number,status,n\n+12125550101,Completed,1\n+12125550102,,2.50\n";
    let first = r#"{"phone_number":"+12125550101","status":"Completed","n":1}"#;
    let second = r#"{"n":2.50, "phone_number":"+12125550102","status":null}"#;
    for (name, text) in [
        ("a.jsonl", format!("{first}\n\n{second}\n")),
        ("a.ndjson", format!("\u{feff}{first}\r\n  {second}")),
        ("a.json", format!("[{first},\n{second}]")),
        ("a.json", format!("[{first},{second}]")),
        ("a.json", format!(r#"{{"data":[{first},{second}],"meta":{{"page":{{}}}}}}"#)),
        ("a.json", format!(r#"{{"Answer":{{"Page":[],"Items":[{first},{second}]}}}}"#)),
        ("no-ending", format!("[{first},{second}]")),
        // One object behind the other, as jq prints them.
        ("a.json", format!("{}\n{second}", first.replace(',', ",\n  ").replace('}', "\n}"))),
        ("a.json", format!(" \n[{first},{second}] \n")),
    ] {
        assert_eq!(read(name, &text), rows, "{name}: {text}");
    }
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(format!("[{first},{second}]").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let place = folder("json");
    fs::write(place.join("wide.json"), wide).unwrap();
    assert_eq!(out(&run(&place, &["read", "wide.json"])), rows);
    fs::write(place.join("a.json.zst"), zstd::encode_all(first.as_bytes(), 1).unwrap()).unwrap();
    assert_eq!(out(&run(&place, &["read", "a.json.zst"])), "phone_number,status,n\n+12125550101,Completed,1\n");
}

#[test]
fn what_lies_deeper_has_a_dotted_path_and_arrays_of_numbers_make_rows() {
    // An order with its numbers; the fields of the order are repeated, those of equal names have longer ones.
    let text = r#"{"data":[
      {"id":"O1","status":{"value":"exception","details":[{"code":"A"},{"code":"B"}]},"phone_numbers":[
        {"id":"N1","phone_number":"+12125550101"},{"id":"N2","phone_number":"+12125550102"}]},
      {"id":"O2","status":{"value":"draft","details":[]},"phone_numbers":[]},
      {"id":"O3","status":{"value":"ported"},"phone_numbers":[{"id":"N3","phone_number":"+12125550103"}],"tags":["x","y"]}]}"#;
    let expected = "data.id,status.value,status.details.code,id,phone_number,tags\n\
        O1,exception,A; B,N1,+12125550101,\nO1,exception,A; B,N2,+12125550102,\nO2,draft,,,,\nO3,ported,,N3,+12125550103,x; y\n";
    assert_eq!(read("orders.json", text), expected);
    // A list of numbers, numbers that are keys, a number or a list of them, and what stands once around the list.
    for (text, expected) in [
        (
            r#"{"Order":{"Status":"FOC","Numbers":{"Number":["3035550101","3035550102"]}}}"#,
            "Status,Number\nFOC,3035550101\nFOC,3035550102\n",
        ),
        (
            r#"[{"id":"K1","numbers":{"+13035550101":{"state":"x"},"+13035550102":{}}},{"id":"K2","numbers":{}}]"#,
            "id,numbers,state\nK1,+13035550101,x\nK1,+13035550102,\nK2,,\n",
        ),
        (
            r#"[{"n":["+13035550101","+13035550102"],"s":1},{"s":2,"n":"+13035550103"}]"#,
            "n,s\n+13035550101,1\n+13035550102,1\n+13035550103,2\n",
        ),
        (
            r#"{"numbers":[{"phone":"+13035550101"},{"phone":"+13035550102"}],"order":"O9"}"#,
            "phone,order\n+13035550101,O9\n+13035550102,O9\n",
        ),
        // Digits as written: no number is made a float.
        (r#"[{"a":12345678901234567890,"b":1e3,"c":-0.10,"d":true}]"#, "a,b,c,d\n12345678901234567890,1e3,-0.10,true\n"),
        (r#"[{"a":"x\"\u00e9\ud83d\ude00\n\/","b":""}]"#, "a,b\n\"x\"\"é😀\n/\",\n"),
        // A single record.
        (r#"{"phone_number":"+12125550101","status":{"value":"draft"}}"#, "phone_number,status.value\n+12125550101,draft\n"),
    ] {
        assert_eq!(read("deep.json", text), expected, "{text}");
    }
}

#[test]
fn a_line_that_is_no_record_is_rejected_by_its_number() {
    let place = folder("json");
    let good = |number: u32| format!("{{\"phone_number\":\"+1212555{number:04}\",\"status\":\"Completed\"}}\n");
    let bad = [
        "{\"phone_number\":",
        "[1]",
        "nonsense",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":01}",
        "{\"a\":1} x",
        "\"+12125550109\"",
    ];
    let text: String = bad.iter().enumerate().map(|(index, line)| format!("{}{line}\n", good(index as u32))).collect();
    // The last line is cut.
    fs::write(place.join("orders.jsonl"), format!("{text}{{\"phone_number\":\"+12125")).unwrap();
    let done = run(&place, &["read", "orders.jsonl"]);
    assert_eq!((done.status.code(), out(&done).lines().count()), (Some(3), 1 + bad.len()), "{}", said(&done));
    let found: serde_json::Value = serde_json::from_str(&err(&done)).unwrap();
    assert_eq!((found["rows"].as_u64(), found["refused"].as_u64()), (Some(17), Some(9)));
    let lines: Vec<u64> = found["refused_rows"].as_array().unwrap().iter().filter_map(|row| row["line"].as_u64()).collect();
    assert_eq!(lines, [2, 4, 6, 8, 10, 12, 14, 16, 17]);
    let done = run(&place, &["check", "orders.jsonl"]);
    assert!(done.status.code() == Some(3) && out(&done).contains("17 rows read: 8 usable, 0 superseded, 9 rejected"), "{}", said(&done));
}

#[test]
fn no_two_rows_have_one_place_so_that_nothing_of_another_account_is_told() {
    let place = folder("json");
    let order = |account: &str, number: u32, date: &str| {
        format!(r#"{{"account_id":"{account}","phone_number":"+1212555{number:04}","status":"Completed","confirmed_date":"{date}"}}"#)
    };
    let pages = format!(
        "{{\"data\":[{},{}]}}\nnonsense\n{{\"data\":[{}]}}\n",
        order("A-1", 1, "2026-11-02"),
        order("B-2", 2, "a secret"),
        order("A-1", 3, "2026-11-03")
    );
    fs::write(place.join("pages.jsonl"), pages).unwrap();
    fs::write(place.join("one-line.json"), format!("[{},{}]", order("A-1", 1, "2026-11-02"), order("B-2", 2, "a secret"))).unwrap();
    for (file, rows) in [("pages.jsonl", vec!["+12125550001,1", "+12125550003,4"]), ("one-line.json", vec!["+12125550001,1"])] {
        let columns = ["--columns", "phone_number,source_row", "--sort", "phone_number", "--account", "A-1", "--rejects-ok"];
        let done = run(&place, &[&["report", file, "--out", "a.csv"][..], &columns].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let text = fs::read_to_string(place.join("a.csv")).unwrap();
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), rows, "{file}");
        let told: String = crate::tools::names(&place)
            .iter()
            .filter(|name| name.starts_with("a."))
            .map(|name| fs::read_to_string(place.join(name)).unwrap())
            .collect();
        assert!(!told.contains("a secret") && !told.contains("B-2"), "{file}: {told}");
    }
    let done = run(&place, &["check", "pages.jsonl", "--show", "5"]);
    assert!(out(&done).contains("pages.jsonl, row 3") && out(&done).contains("on line 2 at character 1"), "{}", out(&done));
}

#[test]
fn a_document_that_is_no_json_is_refused_with_its_place() {
    let place = folder("json");
    let deep = format!("[{{\"a\":{}1{}}}]", "[".repeat(100), "]".repeat(100));
    let cases: [(&str, &str); 9] = [
        ("[{\"phone_number\":\"+12125550101\"},\n {\"phone_number\":\"+1212", "on line 2 at character 18: a text is never closed"),
        ("[{\"a\":1},\n{\"a\":2}", "it ends within an array"),
        ("[{\"a\":1}\n{\"a\":2}]", "on line 2 at character 1: a comma or the end of an array is due here"),
        ("[{\"a\":1}] x", "there is more behind its end"),
        ("[{\"a\":1,\"a\":2}]", "an object has a key twice"),
        ("[{\"a\":NaN}]", "no value begins like this"),
        ("[{\"a\":\"x\ny\"}]", "a line break or another control character"),
        (&deep, "nests deeper than 64 levels"),
        ("[]", "holds no table"),
    ];
    for (text, what) in cases {
        fs::write(place.join("orders.json"), text).unwrap();
        let done = run(&place, &["check", "orders.json"]);
        assert!(done.status.code() == Some(65) && err(&done).contains(what) && err(&done).lines().count() == 1, "{text}: {}", said(&done));
    }
    fs::write(place.join("orders.json"), "phone_number,status\n").unwrap();
    assert!(err(&run(&place, &["check", "orders.json"])).contains("is not JSON although its name ends in .json"));
}

#[test]
fn a_record_that_would_fill_the_memory_is_refused() {
    let place = folder("json");
    let many = format!("[{{\"phone_number\":\"+12125550101\",\"status\":\"Completed\",\"x\":[{}0]}}]", "0,".repeat(1_100_000));
    fs::write(place.join("orders.json"), &many).unwrap();
    fs::write(
        place.join("orders.jsonl"),
        format!("{}\n{{\"phone_number\":\"+12125550102\",\"status\":\"Completed\"}}\n", &many[1..many.len() - 1]),
    )
    .unwrap();
    let done = run(&place, &["check", "orders.json"]);
    assert!(done.status.code() == Some(65) && err(&done).contains("a record has more than 1,000,000 values"), "{}", said(&done));
    let done = run(&place, &["check", "orders.jsonl"]);
    assert!(done.status.code() == Some(3) && out(&done).contains("1 usable, 0 superseded, 1 rejected"), "{}", said(&done));
}

/// The state of each number of an answer, read with the profile of its system.
fn states(place: &Path, file: &str) -> Vec<String> {
    let columns = "phone_number,number_state,request_id,reason_code,confirmed_date";
    let done = run(place, &["report", file, "--out", "-", "--format", "csv", "--columns", columns, "--sort", "phone_number"]);
    assert!(matches!(done.status.code(), Some(0)), "{file}: {}", said(&done));
    out(&done).lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn answers_of_carriers_are_read_by_their_profiles() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/sources");
    assert_eq!(
        states(&samples, "telnyx-orders-api.json")[..4],
        [
            "+12125553001,In Process,sr_6001,,",
            "+12125553002,In Process,sr_6001,,",
            "+12125553003,Action Required,sr_6002,pin_passcode; name_entity,",
            "+12125553004,FOC Date Set,sr_6003,,2026-12-09",
        ]
    );
    assert_eq!(states(&samples, "bandwidth-order-api.json").len(), 3);
    assert_eq!(states(&samples, "kazoo-requests-api.json").len(), 6);
    assert_eq!(states(&samples, "twilio-request-api.json")[3], "+13035553303,Completed,KW00000000000000000000000000000101,,2026-11-18");
}

#[test]
fn what_stands_around_the_numbers_of_one_order_is_of_each_of_them() {
    let place = folder("json_around");
    let order = r#"{"OrderId":"O1","Errors":[{"Code":"7418"},{"Code":"7442"}],"ProcessingStatus":"EXCEPTION","ListOfPhoneNumbers":{"PhoneNumber":["+16505551234","+16505551235"]},"Notes":["late",null,"again"]}"#;
    let expected = "+16505551234,EXCEPTION,7418; 7442,O1\n+16505551235,EXCEPTION,7418; 7442,O1\n";
    for (name, text) in
        [("one", order.to_owned()), ("list", format!("[{order}]")), ("deeper", format!("{{\"Response\":{{\"Order\":{order}}}}}"))]
    {
        std::fs::write(place.join(format!("{name}.json")), text).unwrap();
        let done = run(&place, &["read", &format!("{name}.json")]);
        let told = out(&done);
        let mut rows = csv::Reader::from_reader(told.as_bytes());
        let headers = rows.headers().unwrap().clone();
        let place_of = |key: &str| headers.iter().position(|header| header == key).unwrap_or_else(|| panic!("{key}: {told}"));
        let keys = ["PhoneNumber", "ProcessingStatus", "Errors.Code", "OrderId"].map(place_of);
        let notes = place_of("Notes");
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert!(rows.iter().all(|row| &row[notes] == "late; again"), "{told}");
        let told: String = rows.iter().map(|row| keys.map(|key| row[key].to_owned()).join(",") + "\n").collect();
        assert_eq!(told, expected, "{name}");
    }
    // A carrier's delay is no move of the partner.
    let done = run(&place, &["check", "one.json", "--as-of", "2026-11-21"]);
    assert!(out(&done).contains("  In Progress                2\n"), "{}", said(&done));
}

#[test]
fn lists_of_numbers_that_are_not_read_are_named() {
    let place = folder("json_lists");
    let text = r#"{"orders":[{"phone_number":"+12125550101","status":"Completed","account_id":"A"}],"removed":[{"phone_number":"+12125550102","status":"Canceled"},{"phone_number":"+12125550103"}]}"#;
    std::fs::write(place.join("two.json"), text).unwrap();
    let done = run(&place, &["check", "two.json"]);
    let note = "two.json: the list removed has 2 numbers too and was not read; give it as an input of its own";
    assert!(out(&done).contains(note), "{}", said(&done));
    std::fs::write(
        place.join("one.json"),
        text.replace("\"phone_number\":\"+12125550102\",", "").replace("\"phone_number\":\"+12125550103\"", ""),
    )
    .unwrap();
    assert!(!out(&run(&place, &["check", "one.json"])).contains("was not read"));
}
