//! `portstatus show` and `formats`: through a pipe, and in a terminal that a script makes, types into and reads.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, err, out, run, said};
use crate::tools::{self, folder};

/// Orders of accounts A-0 to A-6, one of them with a text that would take over a terminal.
fn orders(rows: usize) -> PathBuf {
    let place = folder("show");
    let mut text = String::from("Phone number,Account ID,Account Company Name,Status,Request ID\n");
    for row in 0..rows {
        let status = ["In Progress", "Completed", "Waiting for You", "Canceled"][row % 4];
        let company = if row == 1 { "Evil \u{1b}]0;owned\u{7}\u{9b}31m".to_owned() } else { format!("Company {row:04}") };
        text.push_str(&format!("+1212555{row:04},A-{},{company},{status},R-{row}\n", row % 7));
    }
    std::fs::write(place.join("orders.csv"), text).unwrap();
    place
}

#[test]
fn a_pipe_gets_a_plain_table_of_all_rows() {
    let place = orders(300);
    for color in ["auto", "always"] {
        let columns = "phone_number,status,account_company,source_row";
        let done = run(&place, &["show", "orders.csv", "--columns", columns, "--account", "A-1", "--as-of", AS_OF, "--color", color]);
        assert_eq!((done.status.code(), err(&done)), (Some(0), String::new()), "{}", said(&done));
        let text = out(&done);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r']), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2 + 43, "{text}");
        assert!(
            lines[0].starts_with("Phone number  Status           Account Company Name")
                && lines[1].starts_with("------------  ---------------  ")
        );
        assert!(text.contains("Evil \\u{1b}]0;owned\\u{7}\\u{9b}31m"), "{text}");
        // Figures end where their caption does.
        assert!(
            lines[2..].iter().all(|line| line.chars().count() == lines[0].chars().count() && line.ends_with(|c: char| c.is_ascii_digit())),
            "{text}"
        );
    }
}

/// The rows that reading leaves aside are told where nobody takes them for the table, and rejected ones by the exit code.
#[test]
fn rows_left_aside_are_told() {
    let place = orders(3);
    let mut text = std::fs::read_to_string(place.join("orders.csv")).unwrap();
    text.push_str("no number,A-1,Company,Completed,R-9\n+12125550000,A-0,Company 0000,In Progress,R-0\n");
    std::fs::write(place.join("orders.csv"), text).unwrap();
    let told = "5 rows read: 3 reported, 1 superseded by a newer or identical row, 1 rejected\nDone, but 1 of 5 rows was rejected";
    for (option, last, code) in [("--color=never", ": exit code 3, or 0 with --rejects-ok\n", 3), ("--rejects-ok", "\n", 0)] {
        let done = run(&place, &["show", "orders.csv", "--as-of", AS_OF, option]);
        assert_eq!((done.status.code(), err(&done)), (Some(code), format!("{told}{last}")), "{}", said(&done));
        assert_eq!(out(&done).lines().count(), 2 + 3);
    }
    let Some(session) = typed(&place, &COLUMNS, &[" ", "q"]) else { return };
    assert!(
        session.screens[0].lines().last().unwrap().starts_with("1 to 3 of 3  1 rejected, 1 superseded  / find"),
        "{:?}",
        session.screens
    );
    assert!(session.screens[1].lines().last().unwrap().starts_with("1 to 3 of 3  / find"), "{:?}", session.screens);
    assert!(session.code == 3 && session.raw.contains("5 rows read: 3 reported"), "{:?}", session.raw);
}

/// What a terminal showed: a screen after each of the keys, and what was left when the program had ended.
struct Session {
    screens: Vec<String>,
    raw: String,
    code: i64,
    is_restored: bool,
}

/// Runs `show` in a terminal of 70 columns and 12 lines and types `keys`, one after the other. `KILL` is no key but a SIGTERM.
fn typed(place: &Path, arguments: &[&str], keys: &[&str]) -> Option<Session> {
    let script = r#"
import fcntl, json, os, pty, re, select, signal, struct, sys, termios, time
keys, command = json.loads(sys.argv[1]), sys.argv[2:]
own, its = pty.openpty()
fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 70, 0, 0))
before = termios.tcgetattr(its)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(its, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(its, number)
    os.execvpe(command[0], command, {**os.environ, "TERM": "xterm"})
def until(is_done):
    text, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([own], [], [], 0.1)
        if ready:
            text += os.read(own, 1 << 16)
        elif is_done(text):
            break
    return text.decode()
raw = until(lambda text: b"\x1b[H" in text)
def screen(text):
    text = text[text.rindex("\x1b[H") + 3:] if "\x1b[H" in text else text
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
screens = [screen(raw)]
code = None
for key in keys:
    if key == "KILL":
        os.kill(pid, signal.SIGTERM)
        break
    if key == "WIDE":
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 120, 0, 0))
    else:
        os.write(own, key.encode())
    if key in ("q", "\x03"):
        break
    got = until(lambda text: b"\x1b[H" in text)
    raw += got
    screens.append(screen(got))
_, status = os.waitpid(pid, 0)
raw += until(lambda text: True)
restored = termios.tcgetattr(its)[:6] == before[:6]
print(json.dumps({"screens": screens, "raw": raw, "code": os.waitstatus_to_exitcode(status), "restored": restored}))
"#;
    if !tools::found("python3") {
        return None;
    }
    let file = place.join("orders.csv");
    let keys = serde_json::to_string(keys).unwrap();
    let all = ["-c", script, &keys, PROGRAM, "show", file.to_str().unwrap(), "--as-of", AS_OF];
    let told: Value = serde_json::from_str(&tools::run("python3", &[&all, arguments].concat())).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some(Session {
        screens: told["screens"].as_array().unwrap().iter().map(text).collect(),
        raw: text(&told["raw"]),
        code: told["code"].as_i64().unwrap(),
        is_restored: told["restored"].as_bool().unwrap(),
    })
}

const COLUMNS: [&str; 2] = ["--columns", "phone_number,status,account_company,account_id"];

#[test]
fn keys_move_find_and_filter() {
    let place = orders(300);
    let keys = [
        " ",
        "\u{1b}[F",
        "\u{1b}[H",
        "/",
        "Company 0123",
        "\r",
        "n",
        "f",
        "A-3",
        "\r",
        "f",
        "\u{7f}\u{7f}\u{7f}",
        "\r",
        "\u{1b}[C",
        "WIDE",
        "q",
    ];
    let sort = ["--sort", "phone_number"];
    let Some(session) = typed(&place, &[&COLUMNS[..], &sort].concat(), &keys) else { return };
    let last = |screen: &str| screen.lines().last().unwrap().to_owned();
    let screens = &session.screens;
    assert_eq!(screens.len(), keys.len(), "{screens:#?}");
    assert!(screens[0].starts_with("Phone number  Status           Account Company Name"), "{}", screens[0]);
    assert!(last(&screens[0]).starts_with("1 to 10 of 300  / find"), "{}", screens[0]);
    assert_eq!(screens[0].lines().count(), 12);
    assert!(last(&screens[1]).starts_with("11 to 20 of 300"), "{}", screens[1]);
    assert!(last(&screens[2]).starts_with("291 to 300 of 300") && last(&screens[3]).starts_with("1 to 10 of 300"), "{screens:#?}");
    assert!(last(&screens[5]).starts_with("find: Company 0123_"), "{}", screens[5]);
    assert!(last(&screens[6]).starts_with("124 to 133 of 300  1 row has it") && screens[6].contains("+12125550123"), "{}", screens[6]);
    assert!(last(&screens[7]).contains("1 of 1"), "{}", screens[7]);
    assert!(last(&screens[10]).starts_with("1 to 10 of 43  with 'A-3'"), "{}", screens[10]);
    assert!(last(&screens[13]).starts_with("1 to 10 of 300"), "{}", screens[13]);
    // A column to the right: the first one stays.
    assert!(screens[14].starts_with("Phone number  Account Company Name"), "{}", screens[14]);
    assert!(last(&screens[15]).starts_with("1 to 18 of 300") && screens[15].lines().count() == 20, "{}", screens[15]);
    assert!(session.code == 0 && session.is_restored && session.raw.contains("\u{1b}[?1049h"));
    assert!(session.raw.contains("\u{1b}[34mIn Progress"), "statuses in colour");
    assert!(!session.raw.contains("\u{1b}]") && !session.raw.contains('\u{9b}') && !session.raw.contains('\u{7}'), "{:?}", session.raw);
    assert!(session.raw.trim_end().ends_with("\u{1b}[?1049l"), "{:?}", session.raw);
}

#[test]
fn the_terminal_is_given_back_however_the_program_ends() {
    let place = orders(30);
    for (key, code) in [("\u{3}", 0), ("q", 0), ("KILL", 143)] {
        let Some(session) = typed(&place, &COLUMNS, &[key]) else { return };
        assert!(session.code == code && session.is_restored, "{key:?}: {}", session.code);
        assert!(session.raw.contains("\u{1b}[?25h\u{1b}[?1049l"), "{:?}", session.raw);
    }
}

#[test]
fn formats_are_listed_and_described() {
    let place = folder("formats");
    let listed: Value = serde_json::from_str(&out(&run(&place, &["formats", "--json"]))).unwrap();
    let format = |name: &str| listed.as_array().unwrap().iter().find(|format| format["format"] == name).unwrap().clone();
    assert_eq!((&format("csv")["default"], &format("json")["default"]), (&Value::from("yes"), &Value::from("no")));
    for name in ["json", "jsonl", "parquet"] {
        assert_eq!(format(name)["schema"], "yes");
        let schema: Value = serde_json::from_str(&out(&run(&place, &["formats", "schema", name]))).unwrap();
        assert!(schema.is_object());
    }
    assert!(out(&run(&place, &["formats", "schema", "xml"])).contains("<xs:element name=\"phone_number\""));
}

#[test]
fn standard_output_takes_every_format_of_text() {
    let place = orders(5);
    for (format, begin) in
        [("json", "{\n\"format\""), ("jsonl", "{\"phone_number\":\"+1212"), ("xml", "<?xml "), ("table", "Phone number ")]
    {
        let done = run(&place, &["report", "orders.csv", "--out", "-", "--format", format, "--as-of", AS_OF]);
        assert!(done.status.success() && out(&done).starts_with(begin), "{}", said(&done));
    }
    let done = run(&place, &["report", "orders.csv", "--out", "out.parquet", "--as-of", AS_OF]);
    assert!(done.status.success() && std::fs::read(place.join("out.parquet")).unwrap().ends_with(b"PAR1"), "{}", said(&done));
}

#[test]
fn dialects_are_what_they_say() {
    let place = orders(3);
    let written = |arguments: &[&str]| {
        let all = [
            &["report", "orders.csv", "--out", "-", "--format", "csv", "--columns", "phone_number,account_company", "--as-of", AS_OF],
            arguments,
        ]
        .concat();
        let done = run(&place, &all);
        assert!(done.status.success(), "{}", said(&done));
        out(&done)
    };
    assert!(written(&["--csv-dialect", "rfc4180"]).starts_with("Phone number,Account Company Name\r\n+12125550"));
    let excel = written(&["--csv-dialect", "excel"]);
    assert!(excel.starts_with("\u{feff}Phone number,") && excel.contains("\r\n\"=\"\"+12125550000\"\"\",Company 0000\r\n"), "{excel}");
    assert!(written(&["--csv-dialect", "excel", "--csv-delimiter", ";"]).contains("\r\n\"=\"\"+12125550000\"\"\";Company"));
    assert!(written(&["--csv-dialect", "tsv"]).contains("\r\n+12125550000\tCompany 0000\r\n"));
    assert!(written(&["--csv-dialect", "tsv", "--csv-delimiter", "tab", "--csv-bom"]).starts_with('\u{feff}'));
    assert!(written(&["--csv-dialect", "pipe"]).contains("\r\n+12125550000|Company 0000\r\n"));
}

#[test]
fn every_dialect_is_proved_recipient_by_recipient() {
    let place = orders(60);
    for format in ["csv,json,jsonl,xml,parquet", "csv"] {
        for dialect in ["excel", "tsv", "pipe"] {
            let split = ["report", "orders.csv", "--split-by", "account", "--format", format, "--csv-dialect", dialect, "--out", dialect];
            let done = run(&place, &[&split[..], &["--as-of", AS_OF]].concat());
            assert!(done.status.success(), "{}", said(&done));
        }
    }
}
