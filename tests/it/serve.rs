//! The viewer as a browser and programs meet it: who gets in, what is shown, and that files are those of the command line.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::edge_cases::hostile_strings;
use crate::program::{AS_OF, run, write_orders};
use crate::tools::{self, folder};
use crate::viewer::Viewer;

#[test]
fn only_who_has_the_token_or_its_cookie_and_asks_by_our_name_gets_in() {
    let place = folder("serve-access");
    write_orders(&place, 60);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let host = format!("Host: {}", viewer.address);
    let page = viewer.get("/");
    assert_eq!((page.status, viewer.total("")), (200, 60));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!((page.header("cache-control"), page.header("x-content-type-options")), (Some("no-store"), Some("nosniff")));
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(&viewer.token), "{cookie}");
    let cookie = format!("Cookie: {}", cookie.split(';').next().unwrap());
    for path in
        ["/", "/summary", "/number/12125550001", "/export/csv", "/api/v1/numbers", "/assets/viewer.css", "/assets/viewer.js", "/nowhere"]
    {
        let asked = |head: &[&str]| viewer.ask(&format!("GET {path}"), head, "").status;
        assert_eq!(asked(&[&host]), 401, "{path} without anything");
        assert_eq!(asked(&[&host, "Cookie: portstatus=0000"]), 401, "{path} with another cookie");
        assert_eq!(asked(&["Host: evil.example", &cookie]), 403, "{path} by another name");
        assert_eq!(asked(&[&host, &cookie, "Origin: http://evil.example"]), 403, "{path} from another page");
        assert_eq!(asked(&[&host, &cookie]), if path == "/nowhere" { 404 } else { 200 }, "{path}");
        assert_eq!(asked(&[&cookie]), 400, "{path} of no host");
        assert_eq!(asked(&[&host, &cookie, "Sec-Fetch-Site: cross-site"]), 403, "{path} loaded by another page");
        let posted = viewer.ask(&format!("POST {path}"), &[&host, &cookie], "").status;
        assert_eq!(posted, 405, "{path} posted to");
    }
    assert_eq!(viewer.ask("POST /refresh", &[&host, &cookie], "").status, 405, "whoever posts says where from");
    let origin = format!("Origin: http://{}", viewer.address);
    let elsewhere = viewer.ask("POST /refresh", &[&host, &cookie, &origin], "back=//evil.example/");
    assert_eq!((elsewhere.status, elsewhere.header("location")), (303, Some("/")));
    // A client that sends its head too slowly keeps nobody waiting.
    let _slow: Vec<TcpStream> = (0..500).map(|_| TcpStream::connect(&viewer.address).unwrap()).collect();
    assert_eq!(viewer.total("status=completed"), 15);
}

#[test]
fn what_is_shown_counted_and_exported_is_what_the_command_line_makes() {
    let place = folder("serve-views");
    write_orders(&place, 230);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    for (query, options) in [
        ("", &[][..]),
        ("status=completed&account=A-1,A-2", &["--status", "completed", "--account", "A-1,A-2"]),
        ("find=Acme%2C+Inc.+12&sort=phone_number:desc", &["--find", "Acme, Inc. 12", "--sort", "phone_number:desc"]),
        ("confirmed_from=2026-12-03&confirmed_to=2026-12-05", &["--confirmed", "2026-12-03..2026-12-05"]),
        ("overdue=1", &["--where", "overdue"]),
        ("columns=status&columns=phone_number&type=local", &["--columns", "status,phone_number", "--number-type", "local"]),
    ] {
        for format in ["csv", "jsonl", "xlsx", "pdf", "html"] {
            let file = format!("cli.{format}");
            let done =
                run(&place, &[&["report", "orders.csv", "--as-of", AS_OF, "--out", &file, "--rejects-ok", "--quiet"], options].concat());
            assert!(done.status.success(), "{options:?}: {done:?}");
            let exported = viewer.get(&format!("/export/{format}?{query}"));
            assert_eq!(exported.status, 200);
            let made = std::fs::read(place.join(&file)).unwrap();
            assert!(exported.body == made, "{format} of {query}: {} bytes, {} by the command line", exported.body.len(), made.len());
            if format == "csv" {
                let rows = made.iter().filter(|byte| **byte == b'\n').count() as u64 - 1;
                assert_eq!(viewer.total(query), rows, "{query}");
            }
        }
    }
    for wrong in ["status=bogus", "nonsense=1", "page=0", "size=100000", "where=1+%2B", "created_from=2026-99-01"] {
        assert_eq!(viewer.get(&format!("/?{wrong}")).status, 400, "{wrong}");
    }
    assert_eq!(viewer.total("find=nowhere+to+be+found&seek=x"), 0);
    // A column moves up without a script, and the first one stays.
    for (up, order) in [("status", ["Status", "Phone"]), ("phone_number", ["Phone", "Status"]), ("nonsense", ["Phone", "Status"])] {
        let page = viewer.get(&format!("/?columns=phone_number&columns=status&up={up}")).text();
        let head = page.split("<thead>").nth(1).unwrap().split("</thead>").next().unwrap();
        let places = order.map(|caption| head.find(caption).unwrap());
        assert!(places[0] < places[1] && !page.contains("up="), "{up}: {head}");
    }
    // The third row that has the text, on its page.
    let page = viewer.get("/?seek=Acme%2C+Inc.+1&hit=3&size=25").text();
    assert!(page.contains("<tr id=\"hit\"") && page.contains("3 of "), "{page}");
    let hostile = viewer.get("/?find=%3Cscript%3Ealert(1)%3C/script%3E").text();
    assert!(!hostile.contains("<script>alert") && hostile.contains("&lt;script&gt;"));
}

#[test]
fn a_number_of_another_country_leads_to_its_own_page() {
    let place = folder("serve-number");
    let mut orders = std::fs::OpenOptions::new().append(true).open(write_orders(&place, 3)).unwrap();
    // Without its + these are the digits of a number under +1.
    writeln!(orders, "+6565551234,A-9,Merlion Pte,Completed,2026-11-02,R-9").unwrap();
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let table = viewer.get("/?account=A-9").text();
    let (_, rest) = table.split_once("<th scope=\"row\"><a href=\"").unwrap();
    let page = viewer.get(rest.split('"').next().unwrap()).text();
    assert!(page.contains("Number +6565551234") && page.contains("Merlion Pte"), "{page}");
    assert!(viewer.get("/number/16565551234").text().contains("No row has this number"));
}

#[test]
fn programs_page_through_all_rows_once_by_a_cursor() {
    let place = folder("serve-api");
    write_orders(&place, 130);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let (mut cursor, mut numbers) = (String::new(), Vec::new());
    loop {
        let answer = viewer.get(&format!("/api/v1/numbers?limit=50{cursor}")).json();
        assert_eq!(answer["total"], 130);
        numbers.extend(answer["numbers"].as_array().unwrap().iter().map(|row| row["phone_number"].as_str().unwrap().to_owned()));
        match answer["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(numbers.len(), 130);
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 130);
    let summary = viewer.get("/api/v1/summary?account=A-1");
    let by_status = summary.json()["by_status"].as_array().unwrap().iter().map(|one| one["numbers"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(by_status, viewer.total("account=A-1"));
    let tag = format!("If-None-Match: {}", summary.header("etag").unwrap());
    let request = format!("GET /api/v1/summary?token={}&account=A-1", viewer.token);
    let again = viewer.ask(&request, &[&format!("Host: {}", viewer.address), &tag], "");
    assert_eq!((again.status, again.body.len()), (304, 0));
    for (path, status) in [
        ("/api/v1/numbers?limit=0", 400),
        ("/api/v1/numbers?cursor=zz", 400),
        ("/api/v1/numbers?status=bogus", 400),
        ("/api/v1/numbers/abc", 400),
        ("/api/v1/numbers/2125559999", 404),
        ("/api/v1/none", 404),
    ] {
        let answer = viewer.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (status, Some("application/problem+json")), "{path}: {}", answer.text());
        assert_eq!(answer.json()["status"], status);
    }
    let one = viewer.get("/api/v1/numbers/2125550005").json();
    assert_eq!((one["rows"].as_array().unwrap().len(), &one["rows"][0]["status"]), (1, &Value::from("Completed")));
    let accounts = viewer.get("/api/v1/accounts?q=a-3").json();
    assert_eq!(accounts["accounts"][0]["id"], "A-3");
    assert_eq!(viewer.get("/api/v1/openapi.json").json()["openapi"], "3.1.0");
}

#[test]
fn a_source_that_changes_is_read_again_when_asked_and_one_that_vanishes_leaves_what_was_read() {
    let place = folder("serve-refresh");
    let file = write_orders(&place, 20);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    assert_eq!(viewer.total(""), 20);
    assert!(!viewer.get("/").text().contains("has changed"));
    write_orders(&place, 33);
    assert!(viewer.get("/").text().contains("The source has changed since it was read"));
    assert_eq!(viewer.total(""), 20);
    let refresh = || {
        viewer.ask(
            &format!("POST /refresh?token={}", viewer.token),
            &[&format!("Host: {}", viewer.address)],
            "back=%2F%3Fstatus%3Dcompleted",
        )
    };
    let done = refresh();
    assert_eq!((done.status, done.header("location")), (303, Some("/?status=completed")));
    assert_eq!(viewer.total(""), 33);
    std::fs::remove_file(file).unwrap();
    assert_eq!(refresh().status, 303);
    let page = viewer.get("/").text();
    assert!(page.contains("could not be read again") && page.contains("data-total=\"33\""), "{page}");
}

#[test]
fn the_report_of_a_job_file_is_shown_with_its_filters() {
    let place = folder("serve-job");
    write_orders(&place, 40);
    let job = "name = \"nightly\"\n[report]\ninputs = [\"orders.csv\"]\nstatus = [\"completed\"]\n[recipients]\nsplit-by = \"account\"\n";
    std::fs::write(place.join("job.toml"), job).unwrap();
    let viewer = Viewer::start(&place, &["job.toml"]);
    assert_eq!((viewer.total(""), viewer.total("status=canceled")), (10, 10));
    let exported = viewer.get("/export/csv").text();
    assert_eq!(exported.lines().skip(1).filter(|row| row.contains(",Completed,")).count(), 10);
}

#[test]
fn a_viewer_ends_at_once_when_it_is_told_to() {
    let place = folder("serve-end");
    write_orders(&place, 20);
    let mut viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    assert_eq!(viewer.total(""), 20);
    let _open = TcpStream::connect(&viewer.address).unwrap();
    let id = viewer.child.id().to_string();
    let began = std::time::Instant::now();
    tools::run("kill", &["-TERM", &id]);
    assert_eq!(viewer.child.wait().unwrap().code(), Some(143));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(viewer.said(), "portstatus: interrupted; the viewer has ended\n");
}

/// What Chromium makes of each page in both themes and on a phone: axe's findings, what overflows the screen, what the console says.
const BROWSER: &str = r##"
import json, sys
from playwright.sync_api import sync_playwright
url, axe = sys.argv[1:3]
base, found, rules = url.split("/?")[0], [], 0
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    for width, scheme in [(1280, "light"), (1280, "dark"), (390, "light")]:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.on("console", lambda message: found.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: (found.append("a dialog"), dialog.dismiss()))
        page.on("request", lambda request: request.url.startswith((base, "data:")) or found.append(f"loads {request.url}"))
        page.on("pageerror", lambda error: found.append(f"error: {error}"))
        page.goto(url)
        assert "token" not in page.url, page.url
        number = page.locator("tbody th a").first.get_attribute("href")
        for path in ["/", "/?size=500", "/?status=completed&seek=acme&size=25&columns=phone_number&columns=status", "/?find=nowhere", "/summary", "/changes?size=25", number]:
            page.goto(base + path)
            if width > 1000 and path == "/":
                for summary in page.locator(".tools summary").all():
                    summary.click()
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{path} {width}: {overflow} pixels wider than the screen"] if overflow > 0 else []
            page.add_script_tag(path=axe)
            result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            rules = max(rules, len(result["passes"]))
            found += [f"{path} {width} {scheme}: {violation['id']}: {violation['nodes'][0]['target']}" for violation in result["violations"]]
        context.close()
    # A reader at work, with the policy of the pages in force.
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="de-DE")
    page.on("console", lambda message: found.append(f"console: {message.text}"))
    page.goto(url)
    assert page.locator(".asof").inner_text().startswith("As of 21/11/2026 "), page.locator(".asof").inner_text()
    page.select_option("select[name=status]", "Completed")
    page.get_by_role("button", name="View Report").click()
    assert page.url.endswith("/?status=Completed"), page.url
    count = int(page.locator("[data-total]").get_attribute("data-total"))
    page.get_by_label("Next page").click()
    assert "page=2" in page.url and "status=Completed" in page.url, page.url
    page.locator("input[name=account]").press_sequentially("A-")
    page.locator("#accounts option").first.wait_for(state="attached")
    page.get_by_role("button", name="Refresh").click()
    assert "page=2" not in page.url and "status=Completed" in page.url and page.locator("[data-total]").get_attribute("data-total") == str(count), page.url
    page.get_by_role("button", name="Larger").click()
    zoom = page.evaluate("document.documentElement.style.getPropertyValue('--zoom')")
    assert zoom == "1.1", zoom
    page.goto(base + "/summary")
    page.get_by_role("link", name="Canceled").first.click()
    assert "status=canceled" in page.url, page.url
    with page.expect_download() as download:
        page.locator(".exports summary").click()
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("partner-port-status-"), download.value.suggested_filename
    print(json.dumps({"found": found, "rules": rules, "completed": count}))
    browser.close()
"##;

#[test]
fn pages_are_accessible_in_both_themes_and_do_what_their_controls_say() {
    if !tools::found("chromium") || !tools::found("axe") {
        return;
    }
    let place = folder("serve-browser");
    let file = write_orders(&place, 260);
    // Text of the data that would run, load or break something where it is taken for markup; it comes first.
    let mut rows = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    for (row, text) in hostile_strings().iter().enumerate().filter(|(_, text)| !text.contains('\0')) {
        let quoted = text.replace('"', "\"\"");
        writeln!(rows, "+1646555{row:04},A-0{row},\"{quoted}\",Waiting for You,2026-12-01,\"{quoted}\"").unwrap();
    }
    let now = std::fs::read_to_string(place.join("orders.csv")).unwrap();
    let then = now.replace("In Progress", "Completed") + "+12125559999,A-1,Acme,In Progress,2026-12-01,R-1\n";
    std::fs::write(place.join("then.csv"), then).unwrap();
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF, "--since", "then.csv"]);
    let url = format!("http://{}/?token={}", viewer.address, viewer.token);
    let axe = tools::node_module("axe-core/axe.min.js");
    if tools::found("vnu") {
        let jar = tools::node_module("vnu-jar/build/dist/vnu.jar");
        for path in ["/?size=500", "/summary", "/changes", "/number/12125550001", "/?status=bogus"] {
            let page = tools::saved("viewer.html", &viewer.get(path).body);
            // Fails for an error, and says it.
            tools::run("java", &["-jar", jar.to_str().unwrap(), "--errors-only", page.to_str().unwrap()]);
        }
    }
    let said: Value =
        serde_json::from_str(&tools::run("timeout", &["-k", "5", "170", "python3", "-c", BROWSER, &url, axe.to_str().unwrap()])).unwrap();
    assert_eq!((&said["found"], &said["completed"]), (&serde_json::json!([]), &Value::from(65)));
    assert!(said["rules"].as_u64().unwrap() > 25, "{said}");
}
