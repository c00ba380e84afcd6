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
        assert_eq!(reasons.recognise(text).as_deref(), expected, "{text}");
    }
    for reason in &reasons.all {
        assert_eq!(reasons.recognise(&reason.code.to_uppercase()).as_deref(), Some(reason.code.as_str()));
        assert_eq!(reasons.recognise(&reason.caption).as_deref(), Some(reason.code.as_str()));
    }
}

#[test]
fn a_text_names_every_part_that_is_at_fault_and_no_part_that_it_only_mentions() {
    let reasons = shipped();
    let cases = [
        ("Incorrect account number and PIN", Some("account_number; pin_passcode")),
        ("PIN and account number incorrect", Some("account_number; pin_passcode")),
        ("Account number, PIN and zip code do not match", Some("account_number; pin_passcode; postal_code")),
        ("Account number mismatch; wrong service address", Some("account_number; address")),
        ("Invalid account #, bad passcode", Some("account_number; pin_passcode")),
        ("Account number and PIN", Some("account_number; pin_passcode")),
        ("Address/ZIP", Some("address; postal_code")),
        ("Name does not match, address doesn't match", Some("address; name_entity")),
        ("LOA not signed and account number missing", Some("account_number; loa_needed")),
        ("account_number; name_entity", Some("account_number; name_entity")),
        // Mentioned only.
        ("Pending order on account number 1234", Some("pending_order")),
        ("PIN mismatch on account number 1234", Some("account_number; pin_passcode")),
        ("Account number is correct, PIN incorrect", Some("pin_passcode")),
        ("PIN verified. Address mismatch", Some("address")),
        ("Address matches, name does not match", Some("name_entity")),
        ("No pending order", None),
        ("Order is not working as expected", None),
        ("Past due balance", Some("money_owed")),
        ("FOC past due date", Some("due_date")),
        ("Account number is correct", None),
        ("Please verify the PIN", Some("pin_passcode")),
        ("address on CSR is 12 Main St", Some("address")),
    ];
    for (text, expected) in cases {
        assert_eq!(reasons.recognise(text).as_deref(), expected, "{text}");
    }
    let both = reasons.combined("account_number; carrier_delay").unwrap();
    assert_eq!((both.caption.as_str(), both.owner.code()), ("Account number; Carrier delay", "partner"));
    assert!(
        both.next_step.starts_with("Send the account number") && both.next_step.contains(". Wait: the losing carrier"),
        "{}",
        both.next_step
    );
    assert_eq!(reasons.combined("account_number; nonsense"), None);
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
