//! Text whose rows, header and titles do not fit each other: what is read by a rule is noted, and what no rule tells is refused by line.

use portstatus::source::ReadOptions;
use portstatus::source::csv::ChunkSizes;
use portstatus::source::table::Table;

use crate::source_csv::{all_of, everything, opened, read_in_chunks, shown};

fn table(text: &str) -> Table {
    let read =
        |most| read_in_chunks(&opened(text.as_bytes()), &ReadOptions::default(), &everything, ChunkSizes { most, least_bytes: 1 }).unwrap();
    let one = read(1);
    for most in 2..=8 {
        let many = read(most);
        assert_eq!((shown(&one), &one.found), (shown(&many), &many.found), "{text:?} in {most} chunks");
    }
    one
}

/// What is read of a text: its headers, rows, refused lines and the note that says how.
struct Case {
    text: &'static str,
    headers: &'static str,
    rows: &'static str,
    note: &'static str,
}

const fn case(text: &'static str, headers: &'static str, rows: &'static str, note: &'static str) -> Case {
    Case { text, headers, rows, note }
}

fn check(cases: &[Case]) {
    for case in cases {
        let table = table(case.text);
        let notes = table.found.notes.join("; ");
        assert_eq!((table.headers.join("|").as_str(), shown(&table).as_str()), (case.headers, case.rows), "{:?}: {notes}", case.text);
        assert!(if case.note.is_empty() { notes.is_empty() } else { notes.contains(case.note) }, "{:?}: {notes}", case.text);
    }
}

#[test]
fn a_field_more_or_fewer_refuses_the_row_wherever_it_stands() {
    check(&[
        case("a,b,c\n1,2,3\n4,5,6,\n7,8,9\n", "a|b|c", "2:1|2|3 / 4:7|8|9 / 3!4 fields where the header has 3 [4,5,6,]", "refused 1"),
        case("a,b,c\n1,2,\n4,,5,\n7,8,\n", "a|b|c", "2:1|2|· / 4:7|8|· / 3!4 fields where the header has 3 [4,,5,]", "refused 1"),
        case("a,b,c,\n1,2,3,\n45,6,\n7,8,9,\n", "a|b|c|", "2:1|2|3|· / 4:7|8|9|· / 3!3 fields where the header has 4 [45,6,]", "refused 1"),
        // The last cell is empty, and the company's name is in two: the dates would stand in each other's columns.
        case(
            "number,company,sent,foc\n+15033288041,Acme, Inc,2026-01-02,\n+15033288042,Boss,2026-01-03,2026-02-04\n",
            "number|company|sent|foc",
            "3:+15033288042|Boss|2026-01-03|2026-02-04 / 2!5 fields where the header has 4 [+15033288041,Acme, Inc,2026-01-02,]",
            "refused 1",
        ),
        // A delimiter is missing before a quote, and one inside the quotes makes up for it.
        case("a,b,c\nx,\"y, z\",3\nx\"y, z\",3\n", "a|b|c", "2:x|y, z|3 / 3!quotes in the middle of its fields [x\"y, z\",3]", "refused 1"),
        case("a,b\n1,2\n\"3\" x,4\n", "a|b", "2:1|2 / 3!unclosed quote [\"3\" x,4]", "refused 1"),
        // Two rows that a stray quote would make one of.
        case("a,b,c\n1,\"x,3\n4,\"y, z\",6\n7,\"y, z\",9\n", "a|b|c", "3:4|y, z|6 / 4:7|y, z|9 / 2!unclosed quote [1,\"x,3]", "refused 1"),
        case("a,b,c\n1,\"x, y\"\",3\n4,\"y, z\",6\n", "a|b|c", "3:4|y, z|6 / 2!unclosed quote [1,\"x, y\"\",3]", "refused 1"),
    ]);
}

#[test]
fn rows_of_one_width_that_is_not_the_headers_are_read_by_a_rule() {
    check(&[
        case(
            "a,b\n1,2, \n3,4,\n5,6\n",
            "a|b",
            "4:5|6 / 2!3 fields where the header has 2 [1,2, ] / 3!3 fields where the header has 2 [3,4,]",
            "refused 2",
        ),
        case(
            "a,b\n1,2, \n3,4,\n",
            "a|b",
            "2:1|2 / 3:3|4",
            "the rows have 3 fields and the header 2: what stands beyond the header is blank",
        ),
        case("a,b\n1,x,y\n2,z,u\n3,v,w\n", "|a|b", "2:1|x|y / 3:2|z|u / 4:3|v|w", "the first one numbers the rows"),
        case("a,,b\n1,2\n3,4\n", "a|b", "2:1|2 / 3:3|4", "the rows have 2 fields and the header 3: its empty ones were left out"),
        case("a,b,\n1,2\n", "a|b", "2:1|2", "its empty ones were left out"),
        // Nothing tells which column has no name, or no cell.
        case(
            "a,b\nx,y,z\nu,v,w\n",
            "a|b",
            "2!3 fields where the header has 2 [x,y,z] / 3!3 fields where the header has 2 [u,v,w]",
            "refused 2",
        ),
        case(
            "a,b,c\nx,y\nu,v\n",
            "a|b|c",
            "2!2 fields where the header has 3 [x,y] / 3!2 fields where the header has 3 [u,v]",
            "refused 2",
        ),
    ]);
    let options = ReadOptions { columns_without_header: true, ..ReadOptions::default() };
    let shown_all = read_in_chunks(&opened(b"a,b\nx,y,z\nu,v,w\n"), &options, &everything, ChunkSizes::default()).unwrap();
    assert_eq!((shown_all.headers.join("|").as_str(), shown(&shown_all).as_str()), ("a|b|", "2:x|y|z / 3:u|v|w"));
    assert!(shown_all.found.notes[0].contains("which may be wrong; a report refuses such rows"), "{:?}", shown_all.found.notes);
}

#[test]
fn dialects_of_blanks_backslashes_and_single_quotes() {
    check(&[
        case("a, b, c\n1, \"x, y\", 3\n", "a|b|c", "2:1|x, y|3", "a blank behind a delimiter"),
        case("a,b,c\n1, \"x, y\",3\n4,5,6\n", "a|b|c", "2:1|x, y|3 / 3:4|5|6", "a blank behind a delimiter"),
        case("a,b\n\"x \\\"q, r\\\" y\",2\n\"c:\\\\d\\e\",3\n", "a|b", "2:x \"q, r\" y|2 / 3:c:\\d\\e|3", "a backslash"),
        case("a,b\n\"c:\\\",2\n\"d:\\\",3\n", "a|b", "2:c:\\|2 / 3:d:\\|3", ""),
        case("a,b\n'it's, well',2\n'x, y',3\n", "a|b", "2:it's, well|2 / 3:x, y|3", "fields are quoted with '"),
        case("a,b\n\"x\" ,2\n\"y\",3\n", "a|b", "2:x|2 / 3:y|3", ""),
    ]);
    let wide = table("the port of 650 555 0100 to Acme is done on 2026-01-02\nthe port of 650 555 0101 to Acme is done on 2026-01-03\n");
    assert!(wide.found.notes.iter().any(|note| note.contains("no delimiter was found")), "{:?}", wide.found.notes);
    assert!(table("name\nAcme\nBoss\n").found.notes.is_empty());
}

#[test]
fn titles_filters_comments_and_more_header_lines() {
    check(&[
        case(
            "Port orders\nAccount ID: All\n\nStatus,Open\na,b,c\nx,1,2\ny,3,4\n",
            "a|b|c",
            "6:x|1|2 / 7:y|3|4",
            "skipped 3 lines of text above the header on line 5",
        ),
        case("Port orders,,,,\nAccount,All,,,\n,,,,\na,b,c,d,e\nx,1,2,3,4\n", "a|b|c|d|e", "5:x|1|2|3|4", "above the header on line 4"),
        case("a,b\n# made today\n1,2\n  # by us\n3,4\n", "a|b", "3:1|2 / 5:3|4", "skipped 2 comments, the first on line 2"),
        case("a,b\na,b\n1,2\n3,4\n", "a a|b b", "3:1|2 / 4:3|4", "the header has 2 lines, which were joined"),
        case("n,When,,Who\n,from,to,\nx,1,2,y\nz,3,4,u\n", "n|When from|to|Who", "3:x|1|2|y / 4:z|3|4|u", "the header has 2 lines"),
        case(
            "Order,,Port,\nid,date,no,by\n7,1,2,y\n8,3,4,u\n",
            "Order id|date|Port no|by",
            "3:7|1|2|y / 4:8|3|4|u",
            "the header has 2 lines",
        ),
        case(
            "len,wid,by\ncm,mm,word\n(a),(b),(c)\n1,2,y\n3,4,u\n",
            "len cm (a)|wid mm (b)|by word (c)",
            "4:1|2|y / 5:3|4|u",
            "the header has 3 lines",
        ),
        // A row of words is no header where nothing tells it from the rows below.
        case("a,b\nx,y\nz,u\n", "a|b", "2:x|y / 3:z|u", ""),
        case("a,b,c\nopen,TBD,x\n1,2,y\n", "a|b|c", "2:open|TBD|x / 3:1|2|y", ""),
        case("a,b,c\nx,5,2\n\n,,\n,,\n", "a|b|c", "2:x|5|2", ""),
        case("\"a,b,c\n1,2,3\n4,5,6\n", "\"a|b|c", "2:1|2|3 / 3:4|5|6", "unclosed quote"),
    ]);
    // The caller decides which line of a header it can use.
    let text = "Port,,Dates,\nnumber,state,from,to\n7,x,1,2\n8,y,3,4\n";
    let wanted = |headers: &[String]| all_of(headers, headers.contains(&"number".to_owned()));
    let table = read_in_chunks(&opened(text.as_bytes()), &ReadOptions::default(), &wanted, ChunkSizes::default()).unwrap();
    assert_eq!((table.headers.join("|").as_str(), shown(&table).as_str()), ("number|state|from|to", "3:7|x|1|2 / 4:8|y|3|4"));
    assert_eq!(table.found.notes, ["of the header's 2 lines only the one on line 2 was read"]);
}

#[test]
fn another_table_ends_the_rows_and_the_same_header_does_not() {
    check(&[
        case(
            "a,b,c\n1,x,3\n2,y,4\n\nRejected\nd,e\n5,6\n",
            "a|b|c",
            "2:1|x|3 / 3:2|y|4 / 7!in another table, whose header is on line 6 [5,6]",
            "another table with a header of its own begins on line 6; 1 row below it rejected",
        ),
        case(
            "a,b\n1,x\n2,y\n,\nd,e\n5,6\n\n\"7\n\",8\n",
            "a|b",
            "2:1|x / 3:2|y / 6!in another table, whose header is on line 5 [5,6] / 8!in another table, whose header is on line 5 [\"7\n\",8]",
            "another table with a header of its own begins on line 5; 2 rows below it rejected",
        ),
        // Without a blank line: the same columns in another order.
        case(
            "a,b,c\n1,x,3\n2,y,4\nb,a,c\nx,5,6\n",
            "a|b|c",
            "2:1|x|3 / 3:2|y|4 / 5!in another table, whose header is on line 4 [x,5,6]",
            "another table with a header of its own begins on line 4; 1 row below it rejected",
        ),
        case("a,b,c\n1,x,3\n2,y,4\nA,B,C\n5,6,7\n", "a|b|c", "2:1|x|3 / 3:2|y|4 / 5:5|6|7", "skipped the header again on line 4"),
        // Other names, above a row whose figures stand elsewhere.
        case(
            "a,b,c\n1,x,3\n2,y,4\ng,h,i\n5,6,z\n",
            "a|b|c",
            "2:1|x|3 / 3:2|y|4 / 5!in another table, whose header is on line 4 [5,6,z]",
            "another table with a header of its own begins on line 4; 1 row below it rejected",
        ),
        case("a,b\n1,x\n\n2,y\n", "a|b", "2:1|x / 4:2|y", ""),
        case("a,b\n1,x\n\na,b\n2,y\n", "a|b", "2:1|x / 5:2|y", "skipped the header again on line 4"),
        // What looks like one inside quotes is text.
        case("a,b\n1,\"x\n\nd,e,f\n5,6,7\"\n2,y\n", "a|b", "2:1|x\n\nd,e,f\n5,6,7 / 6:2|y", ""),
        case("a,b,c\n1,2,3\n4,5,6\n\nTotal: 2\n", "a|b|c", "2:1|2|3 / 3:4|5|6 / 5!1 field where the header has 3 [Total: 2]", "refused 1"),
        case("a,b,c\n1,2,3\n\n,,x\n4,5,6\n", "a|b|c", "2:1|2|3 / 4:·|·|x / 5:4|5|6", ""),
    ]);
}

#[test]
fn a_header_that_can_be_used_between_the_rows_begins_another_table() {
    let wanted = |headers: &[String]| match headers.contains(&"number".to_owned()) {
        true => all_of(headers, true),
        false => Err(portstatus::error::Error::data("", "no number", "")),
    };
    let read = |text: &str| {
        let read =
            |most| read_in_chunks(&opened(text.as_bytes()), &ReadOptions::default(), &wanted, ChunkSizes { most, least_bytes: 1 }).unwrap();
        let one = read(1);
        for most in 2..=8 {
            let many = read(most);
            assert_eq!((shown(&one), &one.found), (shown(&many), &many.found), "{text:?} in {most} chunks");
        }
        (shown(&one), one.found.notes.join("; "))
    };
    let first = "number,state,foc\n7,x,2026-01-02\n8,y,2026-01-03\n";
    let (rows, notes) = read(&format!("{first}number,day,word\n9,2026-01-04,x\n10,2026-01-05,y\n"));
    let refused =
        "5!in another table, whose header is on line 4 [9,2026-01-04,x] / 6!in another table, whose header is on line 4 [10,2026-01-05,y]";
    assert_eq!(rows, format!("2:7|x|2026-01-02 / 3:8|y|2026-01-03 / {refused}"), "{notes}");
    assert!(notes.contains("begins on line 4; 2 rows below it rejected"), "{notes}");
    // The number's column need not be the first, and quotes do not hide a header.
    let (rows, _) = read("state,number,foc\nx,7,2026-01-02\ny,8,2026-01-03\n\"day\",\"word\",\"number\"\n2026-01-04,x,9\n");
    assert!(rows.ends_with("5!in another table, whose header is on line 4 [2026-01-04,x,9]"), "{rows}");
    for row in ["none,open,later", "unknown,number of ours,later", "number,state,foc", "number,,later"] {
        let (rows, _) = read(&format!("{first}{row}\n9,z,2026-01-04\n"));
        assert!(rows.ends_with("5:9|z|2026-01-04"), "{row}: {rows}");
    }
    // Where any header can be used, words alone are a row.
    let printed = ReadOptions { columns_without_header: true, ..ReadOptions::default() };
    let text = "a,b,c\n1,x,3\n2,y,4\nnone,open,unknown\n5,6,7\n";
    let table = read_in_chunks(&opened(text.as_bytes()), &printed, &everything, ChunkSizes::default()).unwrap();
    assert_eq!(shown(&table), "2:1|x|3 / 3:2|y|4 / 4:none|open|unknown / 5:5|6|7");
    // The last line is a row, whatever it says.
    let (rows, _) = read(&format!("{first}number,day,word\n"));
    assert!(rows.ends_with("4:number|day|word"), "{rows}");
}
