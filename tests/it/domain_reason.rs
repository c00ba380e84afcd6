//! The canonical reject reasons: complete, and recognised in free text without guessing.

use portstatus::domain::reason::Reasons;
use portstatus::templates::Templates;

fn shipped() -> Reasons {
    Reasons::parse(&Templates::default().text("rules/reasons.toml").unwrap(), "reasons.toml").unwrap()
}

#[test]
fn the_canonical_codes_are_all_there() {
    let expected = "account_number pin_passcode address postal_code name_entity auth_person btn btn_porting_needs_new port_type \
        number_not_on_account number_inactive not_portable rate_center special_feature freeze_or_lock pending_order due_date carrier_delay \
        loa_needed more_recent_auth split_required all_data money_owed contract npac_conflict support other";
    let codes: Vec<String> = shipped().all.iter().map(|reason| reason.code.clone()).collect();
    assert_eq!(codes, expected.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn free_text_is_recognised_by_its_longest_phrase() {
    let reasons = shipped();
    let cases = [
        ("Account number mismatch", Some("account_number")),
        ("Name on LOA does not match CSR", Some("name_entity")),
        ("BTN not on account", Some("btn")),
        ("Number 3 not on account", Some("number_not_on_account")),
        ("Service address mismatch", Some("address")),
        ("Number is not portable, rate center not covered", Some("rate_center")),
        ("NOT PORTABLE", Some("not_portable")),
        ("Pending order on account", Some("pending_order")),
        ("PIN \"0000\" invalid", Some("pin_passcode")),
        ("Partial port - missing numbers\nSee CSR page 2", Some("btn_porting_needs_new")),
        ("Unauthorized signer", Some("auth_person")),
        ("Number inactive at losing carrier", Some("number_inactive")),
        ("CARRIER_DELAY", Some("carrier_delay")),
        ("More recent LOA on file", Some("more_recent_auth")),
        ("spinning wheel", None),
        ("see ticket", None),
        ("", None),
        ("--", None),
    ];
    for (text, expected) in cases {
        assert_eq!(reasons.recognise(text), expected, "{text}");
    }
    for reason in &reasons.all {
        assert_eq!(reasons.recognise(&reason.code.to_uppercase()), Some(reason.code.as_str()));
        assert_eq!(reasons.recognise(&reason.caption), Some(reason.code.as_str()));
    }
}

#[test]
fn wrong_files_are_refused_by_name() {
    let reason = |code: &str, owner: &str, words: &str| {
        format!("[[reason]]\ncode = \"{code}\"\ncaption = \"C {code}\"\nowner = \"{owner}\"\nnext_step = \"n\"\nwords = {words}\n")
    };
    let cases = [
        (reason("a", "boss", "[]"), "r.toml, line 4: unknown variant `boss`, expected one of `partner`, `porting_team`"),
        (reason("a", "partner", "[]") + &reason("a", "partner", "[]"), "r.toml, reason a: the reason is given twice"),
        (
            reason("a", "partner", "[\"x y\"]") + &reason("b", "partner", "[\"X-Y\"]"),
            "r.toml, reason b: the phrase 'x y' is empty or names another reason too",
        ),
        (reason("", "partner", "[]"), "r.toml, reason : code, caption or next_step is empty"),
        (reason("a", "partner", "[]") + "color = 1\n", "r.toml, line 7: unknown field `color`"),
    ];
    for (text, expected) in cases {
        let error = Reasons::parse(&text, "r.toml").unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
