//! Profiles: what they may say, which one fits, which header means what, and the words of each error.

use portstatus::domain::columns::column;
use portstatus::domain::record::Field;
use portstatus::source::ReadOptions;
use portstatus::source::plan::plan;
use portstatus::source::profile::{Profile, Vocabulary};
use portstatus::templates::Templates;

const CAPTIONS: [&str; 19] = [
    "Phone number",
    "Original submission date to Carrier",
    "FP Case Number",
    "Request ID",
    "Current Estimated Porting Date (EPD)",
    "Confirmed Porting Date",
    "Confirmed Porting Time, PST",
    "Priority",
    "Status",
    "Detailed Status",
    "Account username",
    "Account Company Name",
    "Account ID",
    "Location",
    "Coordinator (PC or SIS)",
    "Order Creation Date",
    "Customer Requested Date (CRD)",
    "Order Approved Date (Toll-Free numbers only)",
    "Reject reason",
];

pub fn profiles() -> Vec<Profile> {
    Profile::all(&Templates::default()).unwrap()
}

pub fn headers(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

pub fn maps(maps: &[(&str, Field)]) -> ReadOptions {
    ReadOptions { maps: maps.iter().map(|(header, field)| ((*header).to_owned(), *field)).collect(), ..ReadOptions::default() }
}

pub fn fields(names: &[String], options: &ReadOptions) -> (String, Vec<Vec<Field>>) {
    let profiles = profiles();
    let plan = plan(names, &profiles, options, "orders.csv").unwrap();
    (plan.profile.name.clone(), plan.targets.into_iter().map(|target| target.map(|target| target.fields).unwrap_or_default()).collect())
}

#[test]
fn the_nineteen_captions_in_any_dress_are_the_intermedia_profile() {
    let dress: [fn(&str) -> String; 4] = [
        |name| name.to_owned(),
        |name| name.split('(').next().unwrap_or_default().trim().to_owned(),
        |name| name.to_uppercase(),
        |name| format!("  {}  ", name.to_lowercase()),
    ];
    for dress in dress {
        let names: Vec<String> = CAPTIONS.iter().map(|name| dress(name)).collect();
        let (profile, found) = fields(&names, &ReadOptions::default());
        let expected = [
            Field::PhoneNumber,
            Field::SubmittedDate,
            Field::CaseNumber,
            Field::RequestId,
            Field::EstimatedDate,
            Field::ConfirmedDate,
            Field::ConfirmedTime,
            Field::Priority,
            Field::GivenStatus,
            Field::GivenDetail,
            Field::AccountUsername,
            Field::AccountCompany,
            Field::AccountId,
            Field::Location,
            Field::Coordinator,
            Field::CreatedDate,
            Field::RequestedDate,
            Field::ApprovedDate,
            Field::RejectReason,
        ];
        assert_eq!((profile.as_str(), found), ("intermedia", expected.iter().map(|field| vec![*field]).collect()), "{names:?}");
    }
}

#[test]
fn exports_of_other_kinds_find_their_profile() {
    use Field::*;
    let bench = "partner_id,account_id,account_username,company,phone_number,request_id,case_number,order_id,product_line,number_state,detailed_status,submission_date,epd,foc_date,foc_time,priority,location,coordinator,creation_date,crd,order_approved_date,reject_reason,configuration_profile";
    let (profile, found) = fields(&headers(bench), &ReadOptions::default());
    let expected = [
        Partner,
        AccountId,
        AccountUsername,
        AccountCompany,
        PhoneNumber,
        RequestId,
        CaseNumber,
        OrderId,
        GivenNumberType,
        NumberState,
        GivenDetail,
        SubmittedDate,
        EstimatedDate,
        ConfirmedDate,
        ConfirmedTime,
        Priority,
        Location,
        Coordinator,
        CreatedDate,
        RequestedDate,
        ApprovedDate,
        RejectReason,
        ConfigurationProfile,
    ];
    assert_eq!((profile.as_str(), found.iter().map(|fields| fields[0]).collect::<Vec<_>>()), ("generic", expected.to_vec()));
    assert_eq!(found[8], [GivenNumberType, ProductLine], "a product line may hold classes");
    for (names, profile) in [
        ("Reference,Number,Number status,FOC date,Configuration profile,Updated At (UTC)", "didww"),
        ("acct,company,tn,status,foc_date,epd,crd,line type", "generic"),
        ("Acct,Company,TN,Status,FOC Date,EPD,CRD,Line Type", "generic"),
        ("Telephone Number,Order Status,FOC Date (PST)", "generic"),
        ("phone_number,status", "generic"),
        ("Phone number,Status", "generic"),
        ("Phone number,Status,FP Case Number", "intermedia"),
        ("phone_number,status,FOC date,FOC time (UTC)", "generic"),
    ] {
        assert_eq!(fields(&headers(names), &ReadOptions::default()).0, profile, "{names}");
    }
}

#[test]
fn every_column_of_a_report_made_here_is_known_when_it_is_read_again() {
    for (profile, name) in [("intermedia", "caption"), ("generic", "caption"), ("generic", "key")] {
        let columns = crate::report::template().columns.into_iter().filter(|shown| column(shown.key).unwrap().is_in_reports());
        let headers: Vec<String> = columns.map(|shown| if name == "caption" { shown.caption } else { shown.key.to_owned() }).collect();
        let known = profiles().into_iter().find(|known| known.name == profile).unwrap();
        for header in &headers {
            let fields = known.fields(header);
            assert_eq!(fields.is_empty(), known.derived.contains(header), "{profile}: '{header}' {fields:?}");
        }
        let options = ReadOptions { profile: Some(profile.to_owned()), ..ReadOptions::default() };
        let (all, read) = (profiles(), fields(&headers, &options).1);
        let notes = plan(&headers, &all, &options, "report.csv").unwrap().notes;
        assert!(!notes.iter().any(|note| note.contains("columns ignored:")), "{notes:?}");
        assert_eq!(read.iter().filter(|fields| fields.is_empty()).count(), 41, "{profile} {name}");
    }
}

#[test]
fn every_alias_means_its_column() {
    for profile in profiles() {
        let raw: toml::Table = toml::from_str(&Templates::default().text(&format!("sources/{}.toml", profile.name)).unwrap()).unwrap();
        for section in ["headers", "fallback_headers"] {
            for (column, aliases) in raw.get(section).and_then(|section| section.as_table()).into_iter().flatten() {
                for alias in aliases.as_array().unwrap() {
                    let alias = alias.as_str().unwrap();
                    for dress in
                        [alias.to_owned(), alias.to_uppercase(), alias.replace('_', " "), format!(" {}: ", alias.replace('_', "-"))]
                    {
                        assert!(
                            profile.fields_beside_reports(&dress).iter().any(|(_, field)| field.key() == column),
                            "{}: '{dress}' is not {column}",
                            profile.name
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_word_has_its_code() {
    let generic = profiles().into_iter().find(|profile| profile.name == "generic").unwrap();
    for (vocabulary, word, state, status, detail) in [
        (Vocabulary::Status, "CONFIRMED", None, Some("scheduled"), Some("firm_order_confirmation")),
        (Vocabulary::Status, "wip", None, Some("in_progress"), None),
        (Vocabulary::Status, "Cancelled", None, Some("canceled"), None),
        (Vocabulary::Status, "waiting  for-YOU", None, Some("waiting_for_you"), None),
        (Vocabulary::Detail, "pend carrier resp", None, None, Some("pending_carrier_response")),
        (Vocabulary::Detail, "TF_ACCEPTED", None, None, Some("accepted")),
        (Vocabulary::Detail, "cxl", None, None, Some("cancelled")),
        (Vocabulary::Detail, "CANCELED", None, None, Some("cancelled")),
        (Vocabulary::Detail, "TENTATIVE_FOC", None, None, Some("tentative_order_acceptance")),
        (Vocabulary::State, "FOC Date Set", Some("foc_date_set"), None, None),
        (Vocabulary::State, "Cancelled", Some("canceled"), None, None),
    ] {
        let meaning = generic.meaning(vocabulary, word).unwrap_or_else(|| panic!("{word}"));
        let codes = (
            meaning.state.map(|state| state.code()),
            meaning.status.map(|status| status.code()),
            meaning.detail.map(|detail| detail.code()),
        );
        assert_eq!(codes, (state, status, detail), "{word}");
    }
    for (field, word, code) in [
        (Field::GivenNumberType, "L", Some("local")),
        (Field::GivenNumberType, "TF", Some("toll_free")),
        (Field::GivenNumberType, "Toll-Free", Some("toll_free")),
        (Field::GivenNumberType, "VOIP", None),
        (Field::Priority, "Rush", Some("expedite")),
        (Field::LoaReceived, "Y", Some("yes")),
        (Field::LoaReceived, "maybe", None),
        (Field::CancelCause, "No response", Some("incomplete")),
        (Field::LastEvent, "Porting Date Confirmed FOC", Some("porting_date_confirmed")),
        (Field::PriorState, "In Process", Some("in_process")),
    ] {
        assert_eq!(generic.code(field, word), code, "{word}");
    }
}

#[test]
fn a_profile_with_a_mistake_is_refused_with_its_place() {
    for (text, parts) in [
        ("title = 'x'\n[headers]\nphone_number = ['tn']\n[colour]\nred = []", ["sources/mine.toml, line 4", "unknown field `colour`"]),
        ("title = 'x'\n[headers]\nphone = ['tn']", ["[headers]", "'phone' is not an input column"]),
        ("title = 'x'\n[headers]\nphone_number = ['--']", ["[headers]", "'--' of phone_number has no letter or digit"]),
        ("title = 'x'\n[headers]\n[status]\nwaiting = ['w']", ["[status]", "'waiting' is not a code of this column"]),
        ("title = 'x'\n[headers]\n[status]\nscheduled = ['w']\ncompleted = ['W']", ["[status]", "is given two meanings"]),
        ("title = 'x'\n[headers]\n[class]\nmobile = ['m']", ["[given_number_type]", "'mobile' is not a code of this column"]),
        ("title = 'x'\nblanks = ['NULL']", ["line 2", "unknown field `blanks`"]),
        ("title = 'x'\ndate_order = 'ymd'\n[headers]", ["line 2", "unknown variant `ymd`"]),
    ] {
        let error = Profile::parse(text, "mine", "sources/mine.toml").unwrap_err();
        assert_eq!(error.code(), 78);
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} is not in {error}");
        }
    }
}

#[test]
fn a_profile_extends_one_that_stands_by_itself() {
    let folder = crate::tools::folder("extends");
    std::fs::create_dir_all(folder.join("sources")).unwrap();
    let write = |text: &str| std::fs::write(folder.join("sources/mine.toml"), text).unwrap();
    let all = || Profile::all(&Templates::new(Some(&folder)).unwrap());
    write(
        "title = 'x'\nextends = 'generic'\nown_headers = ['Porta No']\n[headers]\nphone_number = ['Porta No']\norder_id = ['case']\n[status]\nscheduled = ['done']",
    );
    let mine = all().unwrap().into_iter().find(|profile| profile.name == "mine").unwrap();
    let field = |header: &str| mine.fields(header).iter().map(|(_, field)| *field).collect::<Vec<_>>();
    assert_eq!((field("tn"), field("Porta No"), field("case")), (vec![Field::PhoneNumber], vec![Field::PhoneNumber], vec![Field::OrderId]));
    assert_eq!((mine.code(Field::GivenStatus, "done"), mine.code(Field::GivenStatus, "wip")), (Some("scheduled"), Some("in_progress")));
    for (text, part) in [
        ("title = 'x'\nextends = 'generick'", "there is no profile 'generick' that stands by itself; did you mean generic?"),
        ("title = 'x'\nextends = 'didww'", "there is no profile 'didww' that stands by itself"),
        ("title = 'x'\nextends = 'mine'", "there is no profile 'mine' that stands by itself"),
    ] {
        write(text);
        let error = all().unwrap_err();
        assert!(error.code() == 78 && error.to_string().contains(part) && error.to_string().contains("sources/mine.toml"), "{error}");
    }
}

#[test]
fn spellings_that_people_use_are_known() {
    for (header, field) in [
        ("Orig. Submission Date", Field::SubmittedDate),
        ("Date Submitted to Carrier", Field::SubmittedDate),
        ("Footprints Case Number", Field::CaseNumber),
        ("Request ID Number", Field::RequestId),
        ("Coordinator PC/SIS", Field::Coordinator),
        ("Cust Req Date", Field::RequestedDate),
        ("Numbers or Ranges", Field::PhoneNumber),
    ] {
        // A record has our own keys, and nobody's captions.
        for profile in profiles().iter().filter(|profile| profile.name != "record") {
            assert_eq!(profile.fields(header).first().map(|(_, field)| *field), Some(field), "{}: {header}", profile.name);
        }
    }
    let intermedia = profiles().into_iter().find(|profile| profile.name == "intermedia").unwrap();
    for (field, word, code) in [
        (Field::Priority, "Normal", "standard"),
        (Field::Priority, "STD", "standard"),
        (Field::Priority, "Rush", "expedite"),
        (Field::GivenDetail, "Additional info provided", "additional_information_provided"),
        (Field::GivenDetail, "Closed - Incomplete", "closed_as_incomplete"),
    ] {
        assert_eq!(intermedia.code(field, word), Some(code), "{word}");
    }
}

#[test]
fn the_schema_says_of_a_profile_what_the_parser_says() {
    use crate::program::{PROGRAM, run, said};
    use crate::tools::{faults_by_schema, folder, found, run as tool};
    if !found("jsonschema") {
        return;
    }
    let place = folder("schema");
    std::fs::write(place.join("schema.json"), tool(PROGRAM, &["sources", "schema"])).unwrap();
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/sources");
    let mut files: Vec<std::path::PathBuf> = std::fs::read_dir(shipped).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 12);
    for (index, text) in [
        "title = 'x'\nextends = 'generic'\n[headers]\nphone_number = ['Line', 'data.phone']\n[null_words]\nany = ['-']\n[flag]\nyes = ['J']",
        "title = 'x'\n[[meaning]]\ncolumn = 'status'\nwords = ['a']\nstate = 'in_process'\nreasons = ['R']\ndetail = 'rejected'",
        "title = ''",
        "date_order = 'month_first'",
        "title = 'x'\ndate_order = 'year_first'",
        "title = 'x'\nepoch = 'noon'",
        "title = 'x'\nextend = 'generic'",
        "title = 'x'\n[headers]\nphone = ['Line']",
        "title = 'x'\n[headers]\nphone_number = 'Line'",
        "title = 'x'\n[state]\nflying = ['up']",
        "title = 'x'\n[flag]\nmaybe = ['?']",
        "title = 'x'\n[country]\nheader = ['c']",
        "title = 'x'\n[[meaning]]\ncolumn = 'reason'\nwords = ['a']",
        "title = 'x'\n[[meaning]]\ncolumn = 'state'\nstate = 'in_process'",
    ]
    .iter()
    .enumerate()
    {
        files.push(place.join(format!("p{index}.toml")));
        std::fs::write(files.last().unwrap(), text).unwrap();
    }
    let schema = place.join("schema.json");
    let faults = faults_by_schema(&schema, &files);
    for (fault, file) in faults.iter().zip(&files) {
        let done = run(&place, &["sources", "check", file.to_str().unwrap()]);
        assert_eq!(fault.is_none(), done.status.success(), "{}: {fault:?}: {}", file.display(), said(&done));
    }
    assert!(faults.iter().filter(|fault| fault.is_none()).count() == files.len() - 12, "{faults:?}");
}
