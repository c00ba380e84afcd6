//! Users who sign in see rows of their own, whatever they ask for and however they ask.

use std::fs;
use std::path::Path;

use crate::job_disclosure::{MARK, orders, said_by};
use crate::program::{AS_OF, run, said};
use crate::tools::{folder, names, saved};
use crate::viewer::{Answer, PUBLIC, Viewer};

/// How the viewers of these tests are reached: by a proxy on this machine.
pub const BY_PROXY: [&str; 8] = ["orders.csv", "--as-of", AS_OF, "--proxy", "127.0.0.1", "--user-header", "X-User", "--users=users.csv"];

/// Orders of North and of another partner, marked wherever a text may stand, and four users.
pub fn orders_and_users(place: &Path) {
    fs::write(place.join("orders.csv"), orders()).unwrap();
    let users = format!(
        "user,column,value\nann@north.example,partner,North\nacc@north.example,account,A\nbob@south.example,partner,{MARK} South\n\
         both@example.com,partner,North\nboth@example.com,partner,{MARK} South\nnone@example.com,partner,West\nops@example.com,all,\n"
    );
    fs::write(place.join("users.csv"), users).unwrap();
}

/// Digits of numbers of the other partner.
const OTHERS: [&str; 5] = ["5551235", "5551237", "5551239", "5551240", "5551250"];

/// All that an answer says, in its head as well.
fn all_of(answer: &Answer, path: &str) -> String {
    let format = path.strip_prefix("/export/").and_then(|rest| rest.split('?').next()).unwrap_or("txt");
    answer.head.clone() + &said_by(&saved(&format!("answer.{format}"), &answer.body))
}

#[test]
fn a_second_user_sees_nothing_of_the_first_whatever_they_ask() {
    let place = folder("serve-users");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let formats: Vec<&str> = portstatus::export::FORMATS.iter().map(|format| format.name()).collect();
    let exports = formats.iter().flat_map(|format| {
        ["", "?where=true", "?sort=partner&columns=partner&columns=phone_number&columns=source_file"]
            .map(|query| format!("/export/{format}{query}"))
    });
    let pages = [
        "/",
        "/?size=500&sort=partner:desc",
        "/?page=2&size=1",
        "/?where=true",
        "/?where=partner+is+not+null+or+account_id+is+not+null",
        "/?columns=phone_number&columns=partner&columns=account_id&columns=reject_reason&columns=quality_flags&columns=source_file",
        "/?seek=Scheduled&hit=2",
        "/?find=650",
        "/?overdue=1",
        "/?waiting=1",
        "/?ready=1",
        "/?closed_since=2020-01-01",
        "/summary",
        "/summary?where=true",
        "/summary?find=650",
        "/number/6505551235",
        "/number/6505551234",
        "/number/6505551236",
        "/api/v1/numbers",
        "/api/v1/numbers?limit=500&where=true",
        "/api/v1/numbers/6505551234",
        "/api/v1/numbers/6505551239",
        "/api/v1/summary",
        "/api/v1/accounts",
        "/api/v1/accounts?q=",
        "/api/v1/accounts?q=q",
        "/api/v1/accounts?q=a",
        "/assets/viewer.css",
        "/assets/viewer.js",
        "/nowhere",
        "/api/v1/nowhere",
    ];
    let mut shown = 0;
    for path in pages.into_iter().map(str::to_owned).chain(exports) {
        for user in ["ann@north.example", "acc@north.example", "none@example.com"] {
            let answer = viewer.get_as(user, &path);
            let text = all_of(&answer, &path).to_lowercase();
            assert!(!text.contains(&MARK.to_lowercase()), "{user} {path}: {text}");
            // What is asked for is repeated by pages.
            let asked = path.rsplit('/').next().unwrap();
            let others = OTHERS.iter().filter(|digits| !asked.contains(*digits) && text.contains(**digits)).count();
            assert_eq!(others, 0, "{user} {path}: {text}");
            shown += usize::from(user.starts_with('a') && text.contains("5551234"));
        }
        let theirs = viewer.get_as("bob@south.example", &path);
        assert!(path.contains("5551236") || !all_of(&theirs, &path).contains("5551236"), "{path}");
    }
    assert!(shown > 60, "{shown}");
    for (user, rows) in [
        ("ann@north.example", 2),
        ("acc@north.example", 2),
        ("none@example.com", 0),
        ("bob@south.example", 4),
        ("both@example.com", 6),
        ("ops@example.com", 6),
    ] {
        let total = |query: &str| viewer.get_as(user, &format!("/api/v1/numbers?{query}")).json()["total"].as_u64().unwrap();
        assert_eq!(total(""), rows, "{user}");
        let of_others = total(&format!("partner={MARK}+South")) + total(&format!("account={MARK}-1")) + total(&format!("find={MARK}"));
        assert_eq!(of_others > 0, rows > 2, "{user}");
        let summary = viewer.get_as(user, "/api/v1/summary").json();
        assert_eq!(summary["numbers"], rows, "{user}");
        let page = viewer.get_as(user, "/").text();
        assert!(page.contains(&format!("data-total=\"{rows}\"")) && page.contains(&format!("Signed in as {user}")), "{page}");
    }
}

#[test]
fn cursors_tags_and_links_of_one_user_show_another_nothing() {
    let place = folder("serve-users-cursor");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let all = viewer.get_as("ops@example.com", "/api/v1/numbers?limit=1");
    let cursor = all.json()["next"].as_str().unwrap().to_owned();
    let own = viewer.get_as("ann@north.example", &format!("/api/v1/numbers?limit=500&cursor={cursor}"));
    assert_eq!((own.status, own.json()["total"].as_u64()), (200, Some(2)));
    assert!(!own.text().contains(MARK));
    let tag = all.header("etag").unwrap().to_owned();
    let with_tag = |user: &str| {
        let head = [format!("Host: {PUBLIC}"), format!("X-User: {user}"), format!("If-None-Match: {tag}")];
        viewer.ask("GET /api/v1/numbers?limit=1", &head.each_ref().map(String::as_str), "").status
    };
    assert_eq!((with_tag("ops@example.com"), with_tag("ann@north.example")), (304, 200));
    // A link to the page of a number, or to a view, shows what is theirs of it.
    assert!(viewer.get_as("ann@north.example", "/number/+16505551235").text().contains("No row has this number"));
    assert_eq!(viewer.get_as("ann@north.example", "/api/v1/numbers/+16505551235").status, 404);
    let both = viewer.get_as("ann@north.example", "/number/+16505551234").text();
    assert!(both.contains("1 row ") && both.contains("Acme"), "{both}");
}

#[test]
fn exports_of_a_user_are_the_files_of_a_report_that_is_split() {
    let place = folder("serve-users-exports");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    for (user, column, value) in [("ann@north.example", "partner", "North"), ("acc@north.example", "account", "A")] {
        let formats = ["csv", "xlsx", "pdf", "html", "json"];
        let list = formats.join(",");
        let done = run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", column, "--split-by", column, "--format", &list]);
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        let out = place.join(column);
        let own = names(&out).into_iter().find(|name| name.starts_with(&format!("{value}-"))).unwrap();
        for format in formats {
            let file = names(&out.join(&own)).into_iter().find(|name| name.ends_with(&format!(".{format}"))).unwrap();
            let made = fs::read(out.join(&own).join(file)).unwrap();
            assert!(viewer.get_as(user, &format!("/export/{format}")).body == made, "{user} {format}");
        }
    }
}

#[test]
fn events_are_shown_of_ones_own_requests() {
    let place = folder("serve-users-events");
    let events = "Phone number,Account ID,Partner,Request ID,Event Type,Occurred At\n\
                  +12125550001,B,South,R-1,Created,2026-10-02T10:00:00Z\n+12125550001,B,South,R-1,Canceled,2026-10-03T10:00:00Z\n\
                  +12125550001,A,North,R-2,Created,2026-11-02T10:00:00Z\n+12125550002,B,South,R-3,Created,2026-11-02T10:00:00Z\n";
    fs::write(place.join("orders.csv"), events).unwrap();
    fs::write(place.join("users.csv"), "user,column,value\nann,partner,North\nops,all,\n").unwrap();
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let page = |user: &str| viewer.get_as(user, "/number/12125550001").text();
    assert!(page("ops").contains("2026-10-03 10:00Z") && page("ops").contains("2026-11-02 10:00Z"), "{}", page("ops"));
    assert!(page("ann").contains("2026-11-02 10:00Z") && !page("ann").contains("2026-10-0"), "{}", page("ann"));
}

#[test]
fn whoever_has_a_number_now_learns_nothing_of_whoever_had_it_before() {
    for (case, north, south) in [("unnamed", ",", "R-9,"), ("same", "1,", "1,"), ("kinds", ",5", "5,")] {
        let place = folder(&format!("serve-users-before-{case}"));
        let lines = [
            format!("B,North,{north},Additional Information Required,2026-10-02T10:00:00Z,Nora,Wrong PIN of old"),
            format!("S,South,{south},Create New Porting Request,2026-11-02T10:00:00Z,Sid,"),
            format!(",,{south},Review Started,2026-11-03T10:00:00Z,Nobody,"),
        ];
        let header = "Phone number,Account ID,Partner,Request ID,Order ID,Event Type,Occurred At,Actor,Reject reason\n";
        let events: String = lines.iter().map(|line| format!("+12125550001,{line}\n")).collect();
        fs::write(place.join("orders.csv"), format!("{header}{events}")).unwrap();
        fs::write(place.join("users.csv"), "user,column,value\nsid,partner,South\nacc,account,S\nops,all,\n").unwrap();
        let viewer = Viewer::start_for_users(&place, &BY_PROXY);
        let all = viewer.get_as("ops", "/number/12125550001").text();
        assert!(["Nora", "Wrong PIN of old", "Sid", "Nobody"].iter().all(|text| all.contains(text)), "{case}: {all}");
        let columns = "columns=phone_number&columns=rejections&columns=reject_reason&columns=moved_by&columns=times_rejected";
        for user in ["sid", "acc"] {
            let page = viewer.get_as(user, "/number/12125550001").text();
            assert!(page.contains("2026-11-02 10:00Z"), "{case}, {user}: {page}");
            let paths = ["/number/12125550001", "/api/v1/numbers", "/api/v1/numbers/12125550001"].map(str::to_owned);
            let exports = ["csv", "xlsx", "json"].map(|format| format!("/export/{format}?{columns}"));
            for path in paths.into_iter().chain(exports) {
                let text = all_of(&viewer.get_as(user, &path), &path);
                let others = ["Nora", "Wrong PIN of old", "2026-10-02", "North"];
                assert!(!others.iter().any(|told| text.contains(told)), "{case}, {user}, {path}: {text}");
            }
        }
    }
}

#[test]
fn a_table_of_users_that_cannot_be_understood_is_refused() {
    let place = folder("serve-users-table");
    orders_and_users(&place);
    for (table, what) in [
        ("", "has another first line"),
        ("name,column,value\n", "has another first line"),
        ("user,column,value\n", "names no user"),
        ("user,column,value\nann,partner\n", "has not three cells"),
        ("user,column,value\n,partner,North\n", "names no user"),
        ("user,column,value\nann,partner,\n", "says nothing of which rows"),
        ("user,column,value\nann,all,North\n", "says nothing of which rows"),
        ("user,column,value\nann,status,Completed\n", "says nothing of which rows"),
        ("user,column,value\nann,partner,North\nann,all,\n", "does not go with an earlier line"),
        ("user,column,value\nann,partner,North\nann,account,A\n", "does not go with an earlier line"),
    ] {
        fs::write(place.join("users.csv"), table).unwrap();
        let done = run(&place, &[&["serve", "--public-url=https://ports.example"], &BY_PROXY[..]].concat());
        assert_eq!(done.status.code(), Some(78), "{table}: {}", said(&done));
        assert!(said(&done).contains(what) && said(&done).contains("users.csv"), "{table}: {}", said(&done));
    }
}

#[test]
fn a_change_of_the_table_holds_from_the_next_request_on() {
    let place = folder("serve-users-change");
    orders_and_users(&place);
    let mut viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let asked = |viewer: &Viewer, user: &str| {
        let answer = viewer.get_as(user, "/api/v1/numbers");
        if answer.status == 200 { answer.json()["total"].as_u64() } else { None }
    };
    assert_eq!((asked(&viewer, "ann@north.example"), asked(&viewer, "new@north.example")), (Some(2), None));
    fs::write(place.join("users.csv"), "user,column,value\nnew@north.example,account,A\n").unwrap();
    assert_eq!((asked(&viewer, "ann@north.example"), asked(&viewer, "new@north.example")), (None, Some(2)));
    // A table that is wrong changes nothing at first, and is told once.
    fs::write(place.join("users.csv"), "user,column,value\neve@north.example,all,\neve@north.example,account\n").unwrap();
    for _ in 0..3 {
        assert_eq!((asked(&viewer, "eve@north.example"), asked(&viewer, "new@north.example")), (None, Some(2)));
    }
    // Nor does it hold for long: somebody may have been taken out of it.
    std::thread::sleep(std::time::Duration::from_secs(6));
    for path in ["/", "/api/v1/numbers", "/export/csv"] {
        let refused = viewer.get_as("new@north.example", path);
        assert!(refused.status == 503 && refused.text().contains("The table of users cannot be read."), "{}", refused.text());
    }
    viewer.child.kill().unwrap();
    let told = viewer.said();
    assert!(told.lines().count() == 1 && told.contains("users.csv") && told.contains("has not three cells"), "{told}");
    fs::set_permissions(place.join("users.csv"), std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let done = run(&place, &[&["serve", "--public-url=https://ports.example"], &BY_PROXY[..]].concat());
    assert!(done.status.code() == Some(77) && said(&done).contains("others may change it"), "{}", said(&done));
}

#[test]
fn a_table_that_is_gone_or_that_others_may_change_lets_nobody_in_until_it_is_right() {
    let place = folder("serve-users-gone");
    orders_and_users(&place);
    let users = place.join("users.csv");
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let asked = || viewer.get_as("ann@north.example", "/").status;
    let grace = std::time::Duration::from_secs(6);
    let mode = |mode: u32| fs::set_permissions(&users, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    assert_eq!(asked(), 200);
    mode(0o664);
    assert_eq!(asked(), 200, "somebody may be about to write it");
    std::thread::sleep(grace);
    assert_eq!(asked(), 503);
    mode(0o644);
    assert_eq!(asked(), 200);
    fs::rename(&users, place.join("away.csv")).unwrap();
    assert_eq!(asked(), 200);
    std::thread::sleep(grace);
    assert_eq!(asked(), 503);
    fs::rename(place.join("away.csv"), &users).unwrap();
    assert_eq!(asked(), 200);
}
