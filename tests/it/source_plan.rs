//! Which column each header means: what is mapped by hand, what is missing, and what is suggested for a header that nobody knows.

use portstatus::domain::record::Field;
use portstatus::error::Error;
use portstatus::source::ReadOptions;
use portstatus::source::plan::plan;

use crate::source_profile::{fields, headers, maps, profiles};

fn refusal(names: &str, options: &ReadOptions) -> (u8, String) {
    let profiles = profiles();
    let error: Error = plan(&headers(names), &profiles, options, "orders.csv").unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn a_missing_column_is_one_error_that_tells_what_to_do() {
    let none = ReadOptions::default();
    for (names, options, code, parts) in [
        (
            "telephon_nr,status,company",
            &none,
            65,
            vec![
                "orders.csv: no column holds the phone number",
                "'telephon_nr', 'status', 'company'",
                "the likeliest are 'telephon_nr'",
                "map \"telephon_nr=phone_number\"",
            ],
        ),
        ("a,b", &none, 65, vec!["no column holds the phone number", "'a', 'b'", "map \"their header=phone_number\""]),
        (
            "tn,company,stat code",
            &none,
            65,
            vec!["no column gives the status of a port", "likeliest are 'stat code'", "map \"stat code=given_status\""],
        ),
        (
            "tn,status,order_status",
            &none,
            65,
            vec!["the headers 'status' and 'order_status' both mean given_status", "map \"order_status=given_status\""],
        ),
        ("tn,tn,status", &none, 65, vec!["the headers 'tn' and 'tn' both mean phone_number"]),
        (
            "tn,status",
            &maps(&[("no such", Field::Location)]),
            64,
            vec!["map \"no such=location\"", "orders.csv has no column 'no such'", "'tn', 'status'"],
        ),
        ("tn,status,a", &maps(&[("a", Field::Location), ("tn", Field::Location)]), 64, vec!["'a' and 'tn' are both mapped to location"]),
        (
            "tn,status",
            &ReadOptions { profile: Some("nobody".to_owned()), ..ReadOptions::default() },
            64,
            vec!["there is no profile 'nobody'", "didww, flowroute, generic"],
        ),
    ] {
        let (found, text) = refusal(names, options);
        assert_eq!(found, code, "{text}");
        for part in parts {
            assert!(text.contains(part), "{names}: {part:?} is not in {text:?}");
        }
    }
}

#[test]
fn maps_win_and_the_rest_follows() {
    let options = maps(&[("Their Number", Field::PhoneNumber), ("status", Field::GivenDetail)]);
    let (_, found) = fields(&headers("tn,their number,status,order_status,junk"), &options);
    assert_eq!(found, [vec![], vec![Field::PhoneNumber], vec![Field::GivenDetail], vec![Field::GivenStatus], vec![]]);
    let (profile, _) = fields(&headers("tn,status"), &ReadOptions { profile: Some("GENERIC".to_owned()), ..ReadOptions::default() });
    assert_eq!(profile, "generic");
    let profiles = profiles();
    let plan = plan(&headers("tn,status,junk"), &profiles, &ReadOptions::default(), "orders.csv").unwrap();
    assert_eq!(plan.wanted(), [true, true, false]);
    assert!(
        plan.notes.iter().any(|note| note.contains("read as generic")) && plan.notes.iter().any(|note| note.contains("ignored: 'junk'")),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_header_that_is_not_known_is_given_the_nearest_caption_and_how_to_map_it() {
    let suggested = |names: &str| -> Vec<String> {
        let (headers, profiles) = (headers(names), profiles());
        let notes = plan(&headers, &profiles, &ReadOptions::default(), "orders.csv").unwrap().notes;
        notes.into_iter().filter(|note| note.contains("is not known")).map(|note| note.to_string()).collect()
    };
    for (header, key) in [
        ("Orig Subm Dte Carrier", "submitted_date"),
        ("Footprnts Case Nbr", "case_number"),
        ("Est Portng Date", "estimated_date"),
        ("Confrmd Porting Date", "confirmed_date"),
        ("Cust Reqd Dt", "requested_date"),
        ("Acct Comp Name", "account_company"),
        ("Coordinatr", "coordinator"),
        ("Cust Acct Nbr", "account_id"),
        ("Rejct Reason Text", "reject_reason"),
        ("Config Profile Name", "configuration_profile"),
    ] {
        let found = suggested(&format!("tn,status,{header}"));
        let map = format!("(map \"{header}={key}\")");
        assert!(found.len() == 1 && found[0].ends_with(&map), "{header}: {found:?}");
    }
    for header in ["junk", "Notes", "Losing Carrier", "Quantity", "Date", "Zip", "Comments", "BTN", "Agent", "Foo"] {
        assert_eq!(suggested(&format!("tn,status,{header}")), [""; 0], "{header}");
    }
    assert_eq!(suggested("tn,status,foc_date,Confrmd Porting Date"), [""; 0], "another header fills the column");
}
