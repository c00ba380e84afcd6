//! Files of rules: their settings, and the mistakes in them that are refused with file and rule.

use std::sync::Arc;

use portstatus::classify::classify;
use portstatus::classify::columns::{expression, values};
use portstatus::classify::rules::Rules;
use portstatus::domain::status::Detail;
use portstatus::templates::Templates;

use crate::fixtures::{cell, orders, quality_flags, text_of, timing};
use crate::tools::folder;

const AS_OF: &str = "2026-03-04T12:00";

#[test]
fn canceled_orders_are_spelled_as_the_setting_says() {
    for (setting, expected) in
        [("as_defined", ["Canceled", "Cancelled"]), ("canceled", ["Canceled", "Canceled"]), ("cancelled", ["Cancelled", "Cancelled"])]
    {
        let rules = Rules::load(&Templates::default(), &[("canceled_spelling", setting)]).unwrap();
        let found = classify(orders(&["number_state=canceled"]), Arc::new(rules), timing(AS_OF)).unwrap();
        let made = ["status", "detail"].map(|key| expression(key, &found).unwrap());
        let shown = values(found.frame(), None, made.to_vec()).unwrap();
        assert_eq!(["status", "detail"].map(|key| text_of(shown.column(key).unwrap(), 0)), expected, "{setting}");
    }
    assert_eq!(
        Rules::load(&Templates::default(), &[("canceled_spelling", "british")]).unwrap_err().to_string(),
        "setting canceled_spelling=british: 'british' is not a choice of canceled_spelling; choose from as_defined, canceled, cancelled"
    );
}

#[test]
fn not_portable_follows_its_setting() {
    for (setting, expected) in [("canceled", "canceled cancelled"), ("waiting", "waiting_for_you rejected")] {
        let rules = Rules::load(&Templates::default(), &[("not_portable", setting)]).unwrap();
        let found = classify(
            orders(&["number_state=not_portable", "number_state=not_portable reject_reason=own_words"]),
            Arc::new(rules),
            timing(AS_OF),
        )
        .unwrap();
        assert_eq!(["status", "detail"].map(|column| cell(found.frame(), column, 0)).join(" "), expected);
        assert_eq!(quality_flags(&found, 0), "not_portable");
        assert_eq!(["reject_reason", "reason_code"].map(|column| cell(found.frame(), column, 0)), ["Not portable", "not_portable"]);
        assert_eq!(cell(found.frame(), "reject_reason", 1), "own_words");
    }
    let error = Rules::load(&Templates::default(), &[("not_portable", "perhaps")]).unwrap_err();
    assert_eq!(error.to_string(), "setting not_portable=perhaps: 'perhaps' is not a choice of not_portable; choose from canceled, waiting");
    assert_eq!(Rules::load(&Templates::default(), &[("portable", "x")]).unwrap_err().code(), 64);
}

/// A rule with these lines.
fn rule(id: &str, lines: &str) -> String {
    format!("[[rule]]\nid = \"{id}\"\n{lines}why = \"w\"\nowner = \"nobody\"\nnext_step = \"n\"\n")
}

/// A derived column with one case.
fn derived(case: &str) -> String {
    format!("[[derived]]\ncolumn = \"d\"\n[[derived.case]]\n{case}\n")
}

/// What the rules of a file say of every detail, and `text` below it.
fn file(text: &str) -> String {
    let reverse: String = Detail::ALL.iter().map(|detail| format!("{} = \"pending\"\n", detail.code())).collect();
    format!("[reverse]\n{reverse}{text}")
}

/// Compares the errors of files of these rules, each with a rule for every row at its end.
fn check_refused(cases: &[(String, &str)]) {
    for (text, expected) in cases {
        let error = Rules::parse(&file(&(text.clone() + &rule("last", ""))), "r.toml", &[]).unwrap_err();
        assert!(error.to_string().starts_with(expected), "wanted {expected}\nfound  {error}");
        assert_eq!(error.code(), 78);
    }
}

#[test]
fn wrong_rules_are_refused_with_file_and_rule() {
    let sound = rule("a", "when.number_state.in = [\"pending\"]\n") + &rule("last", "");
    assert!(Rules::parse(&file(&sound), "r.toml", &[]).is_ok());
    check_refused(&[
        (rule("a", "when.colour.in = [\"red\"]\n"), "r.toml, rule a: there is no column 'colour'"),
        (rule("a", "when.number_state.in = [\"pendng\"]\n"), "r.toml, rule a, column number_state: 'pendng' is not a code of this column"),
        (rule("a", "when.number_state.in = []\n"), "r.toml, rule a, column number_state: the list is empty"),
        (rule("a", "when.number_state.like = \"p%\"\n"), "r.toml, line "),
        (rule("a", "when.loa_received.in = [\"true\"]\n"), "r.toml, rule a, column loa_received: 'true' is not a code of this column"),
        (rule("a", "when.reject_reason.in = [\"x\"]\n"), "r.toml, rule a, column reject_reason: 'in' cannot be asked of this column"),
        (
            rule("a", "when.number_state.before = \"as_of\"\n"),
            "r.toml, rule a, column number_state: 'before' cannot be asked of this column",
        ),
        (
            rule("a", "when.confirmed_date.before = \"2026-01-01\"\n"),
            "r.toml, rule a, column confirmed_date: 'before' cannot be asked of this column",
        ),
        (
            rule("a", "when.confirmed_date.at_least = 3\n"),
            "r.toml, rule a, column confirmed_date: 'a comparison with a number' cannot be asked",
        ),
        (rule("a", "when.confirmed_time.at_least = 1.5\n"), "r.toml, line "),
        (rule("a", "[rule.when.number_state]\n"), "r.toml, line "),
        (
            rule("a", "when.number_state.in = [\"pending\"]\n") + &rule("a", "when.number_state.in = [\"portable\"]\n"),
            "r.toml, rule a: the id is given twice",
        ),
        (
            rule("a", "when.number_state.in = [\"pending\"]\n")
                + &rule("b", "when.number_state.in = [\"pending\"]\nwhen.loa_received.null = true\n"),
            "r.toml, rule b: the rule is never reached",
        ),
        (
            rule("a", "when.loa_received.in = [true]\n")
                + &rule("b", "when.loa_received.in = [false]\n")
                + &rule("c", "when.loa_received.null = true\n")
                + &rule("d", "when.number_type.in = [\"local\"]\n"),
            "r.toml, rule d: the rule is never reached",
        ),
        (rule("a", "when.number_state.in = [\"pending\"]\nwhen.number_state.null = true\n"), "r.toml, rule a: the rule can never hold"),
        (rule("a", "when.confirmed_time.less_than = 5\nwhen.confirmed_time.more_than = 4\n"), "r.toml, rule a: the rule can never hold"),
        (rule("a", "status = \"completed\"\n"), "r.toml, rule a: status and detail belong together"),
        (rule("a", "status = \"completed\"\ndetail = \"rejected\"\n"), "r.toml, rule a: the detail belongs to another status"),
        (rule("a", "flags = [\"mood\"]\n"), "r.toml, line "),
        (rule("a", "only_if.mood = \"good\"\n"), "r.toml, rule a: there is no setting 'mood'"),
    ]);
}

#[test]
fn wrong_derived_columns_are_refused_with_their_key() {
    check_refused(&[
        (
            derived("column = \"number_state\"") + &rule("a", "when.d.in = [\"pendng\"]\n"),
            "r.toml, rule a, column d: 'pendng' is not a code of this column",
        ),
        (derived("column = \"given_status\""), "r.toml, derived column d: 'given_status' is not a column of states"),
        (derived("value = \"gone\""), "r.toml, line "),
        (derived("value = \"pending\"\ncolumn = \"number_state\""), "r.toml, derived column d: a case gives either a column or a value"),
        (
            derived("when.number_type.in = [\"local\"]\nwhen.number_type.null = true\nvalue = \"pending\""),
            "r.toml, derived column d: a case can never hold",
        ),
        (derived("value = \"pending\"").replace("\"d\"", "\"class\""), "r.toml, derived column class: the column exists already"),
    ]);
}

#[test]
fn a_file_must_decide_every_row_and_every_detail() {
    let open = Rules::parse(&file(&rule("a", "when.number_type.in = [\"local\"]\n")), "r.toml", &[]).unwrap_err();
    assert!(open.to_string().starts_with("r.toml, rule a: the last rule has conditions"), "{open}");
    let reverse = Rules::parse(&format!("[reverse]\nrejected = \"pending\"\n{}", rule("last", "")), "r.toml", &[]).unwrap_err();
    assert!(reverse.to_string().starts_with("r.toml, [reverse]: waiting_for_loa has no state"), "{reverse}");
}

/// Codes whose lists are data themselves are checked when the shipped files are read together.
#[test]
fn events_and_reasons_that_rules_name_must_exist() {
    let folder = folder("rules");
    std::fs::create_dir_all(folder.join("rules")).unwrap();
    let shipped = Templates::default().text("rules/classification.toml").unwrap();
    let cases = [
        (
            "last_event.in = [\"resubmit\"]",
            "last_event.in = [\"resubmitt\"]",
            "rules/classification.toml, rule in-process-resubmit-event: 'resubmitt' is not an event",
        ),
        (
            "reason = \"not_portable\"",
            "reason = \"unportable\"",
            "rules/classification.toml, rule not-portable-canceled: 'unportable' is not a reject reason",
        ),
        (
            "when.reject_reason.null = false",
            "when.reason_code.in = [\"x\"]",
            "rules/classification.toml, rule status-waiting-rejected: 'x' is not a reject reason",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(shipped.contains(from), "{from}");
        std::fs::write(folder.join("rules/classification.toml"), shipped.replace(from, to)).unwrap();
        let error = Rules::load(&Templates::new(Some(&folder)).unwrap(), &[]).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
