//! Signing in by OpenID Connect, with a provider in Python that also gives tokens nobody should believe.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::job_disclosure::MARK;
use crate::program::{AS_OF, run, said};
use crate::serve_users::orders_and_users;
use crate::tools::{self, folder};
use crate::viewer::{Answer, Viewer};

/// The provider: `/authorize` sends back a code that says which token is to be made of it.
const PROVIDER: &str = include_str!("serve_openid_provider.py");

/// The provider, which ends with the test, and its address.
pub struct Provider(Child, pub String);

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn provider() -> Provider {
    let mut child = Command::new("python3").args(["-c", PROVIDER]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Provider(child, line.trim().to_owned())
}

pub const HOST: &str = "Host: localhost";

pub fn start(place: &Path, issuer: &str, public: &str) -> Viewer {
    start_with(place, issuer, public, &[])
}

pub fn start_with(place: &Path, issuer: &str, public: &str, more: &[&str]) -> Viewer {
    std::fs::write(place.join("secret"), "s&cret\n").unwrap();
    std::fs::set_permissions(place.join("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let options = ["orders.csv", "--as-of", AS_OF, "--users", "users.csv", "--oidc-issuer", issuer, "--oidc-client-id", "portstatus"];
    Viewer::start_for_users(
        place,
        &[&options[..], &["--oidc-client-secret-file", "secret", "--public-url", public, "--audit-log", "audit.jsonl"], more].concat(),
    )
}

/// The cookie that an answer sets, as a browser sends it back.
pub fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap_or_else(|| panic!("{} {}", answer.head, answer.text()));
    format!("Cookie: {}", set.split(';').next().unwrap())
}

/// Begins to sign in: where the provider is, and the cookie.
pub fn begin(viewer: &Viewer, back: &str) -> (String, String) {
    let begun = viewer.ask(&format!("GET /sign-in?back={back}"), &[HOST], "");
    assert_eq!(begun.status, 303, "{}", begun.text());
    let set = begun.header("set-cookie").unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Max-Age=600"), "{set}");
    (begun.header("location").unwrap().to_owned(), cookie(&begun))
}

/// Where the provider sends back whoever comes from `address`, with a code for the token `how` of the user `mail`.
pub fn agreed(address: &str, how: &str, mail: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path}&how={how}&mail={mail} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let sent = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_else(|| panic!("{answer}"));
    sent.strip_prefix("http://localhost").unwrap().to_owned()
}

/// What comes of signing in `mail` by a token that is made so.
pub fn signed_in(viewer: &Viewer, how: &str, mail: &str) -> Answer {
    let (address, browser) = begin(viewer, "%2F");
    viewer.ask(&format!("GET {}", agreed(&address, how, mail)), &[HOST, &browser], "")
}

/// A place with orders and users, a provider, and a viewer that signs in by it; nothing where the tools of the provider are not here.
pub fn viewer_and_provider(name: &str) -> Option<(PathBuf, Provider, Viewer)> {
    if !tools::found("cryptography") {
        return None;
    }
    let place = folder(name);
    orders_and_users(&place);
    let provider = provider();
    let viewer = start(&place, &provider.1, "http://localhost");
    Some((place, provider, viewer))
}

#[test]
fn users_sign_in_by_a_provider_and_see_their_rows() {
    let Some((place, _provider, viewer)) = viewer_and_provider("serve-openid") else { return };
    let sent = viewer.ask("GET /?status=scheduled", &[HOST], "");
    assert_eq!((sent.status, sent.header("location")), (303, Some("/sign-in?back=%2F%3Fstatus%3Dscheduled")));
    for path in ["/api/v1/numbers", "/api/v1/nowhere"] {
        assert_eq!(viewer.ask(&format!("GET {path}"), &[HOST], "").status, 401, "{path}");
    }
    assert_eq!(viewer.ask("GET /", &[HOST, "X-User: ops@example.com", "Cookie: portstatus=00"], "").status, 303);
    for how in ["good", "es256", "ps256"] {
        let (address, browser) = begin(&viewer, "%2F%3Fstatus%3Dscheduled");
        let back = agreed(&address, how, "ann@north.example");
        let done = viewer.ask(&format!("GET {back}"), &[HOST, &browser, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], "");
        assert_eq!(done.status, 200, "{how}: {}", done.text());
        assert!(done.text().contains("content=\"0;url=/?status=scheduled\""), "{}", done.text());
        let set = done.header("set-cookie").unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        let session = cookie(&done);
        let page = viewer.ask("GET /", &[HOST, &session], "").text();
        assert!(page.contains("data-total=\"2\"") && page.contains("Signed in as ann@north.example") && !page.contains(MARK), "{page}");
        // The same way a second time leads nowhere, nor does the cookie of the way itself.
        assert_eq!(viewer.ask(&format!("GET {back}"), &[HOST, &browser], "").status, 403, "replayed");
        assert_eq!(viewer.ask("GET /", &[HOST, &browser.replace("portstatus-sign-in", "portstatus")], "").status, 303);
        // Signing out takes an Origin of ours, and ends the session for good.
        assert_eq!(viewer.ask("POST /sign-out", &[HOST, &session], "").status, 405);
        assert_eq!(viewer.ask("POST /sign-out", &[HOST, &session, "Origin: http://evil.example"], "").status, 403);
        assert_eq!(viewer.ask("POST /sign-out", &[HOST, &session, "Origin: http://localhost"], "").status, 200);
        assert_eq!(viewer.ask("GET /", &[HOST, &session], "").status, 303);
    }
    let audit = std::fs::read_to_string(place.join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let signed = lines.iter().filter(|line| line["what"] == "sign-in").map(|line| line["user"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(signed, ["ann@north.example"; 3], "{audit}");
    let out = lines.iter().filter(|line| line["what"] == "sign-out").map(|line| line["user"].as_str()).collect::<Vec<_>>();
    assert_eq!(out, [Some("ann@north.example"); 3], "{audit}");
    assert!(!audit.contains("state") && !audit.contains("code"), "{audit}");
    let stranger = cookie(&signed_in(&viewer, "good", "eve@example.com"));
    let refused = viewer.ask("GET /", &[HOST, &stranger], "");
    assert!(refused.status == 403 && refused.text().contains("You are not a user of this viewer."), "{}", refused.text());
}

#[test]
fn tokens_that_are_not_for_this_sign_in_sign_nobody_in() {
    let Some((place, provider, mut viewer)) = viewer_and_provider("serve-openid-doubt") else { return };
    for (how, why) in [
        ("signature", "signature is wrong"),
        ("changed", "signature is wrong"),
        ("embedded", "signature is wrong"),
        ("none", "a way that is not accepted"),
        ("hmac", "a way that is not accepted"),
        ("critical", "what nobody here knows"),
        ("stranger", "a key that it does not publish"),
        ("encryption", "a key that it does not publish"),
        ("crossed", "a key that it does not publish"),
        ("nameless", "a key that it does not publish"),
        ("audience", "for another viewer"),
        ("audiences", "for another viewer"),
        ("party", "for another viewer"),
        ("issuer", "by another provider"),
        ("expired", "has expired"),
        ("text", "has expired"),
        ("no-expiry", "has expired"),
        ("future", "made in the future"),
        ("early", "not valid yet"),
        ("early-text", "not valid yet"),
        ("nonce", "for another sign-in"),
        ("no-nonce", "for another sign-in"),
        ("unverified", "has not verified your address"),
        ("word", "has not verified your address"),
        ("not-said", "has not verified your address"),
        ("nobody", "does not say who you are"),
    ] {
        let refused = signed_in(&viewer, how, "ops@example.com");
        assert!(refused.status == 403 && refused.text().contains(why), "{how}: {}", refused.text());
        assert_eq!(refused.header("set-cookie"), None, "{how}");
    }
    viewer.child.kill().unwrap();
    let told = viewer.said();
    // The same is told once a minute.
    assert!(told.lines().count() == 12 && !told.contains("ops@example.com"), "{told}");
    // What anybody may write into an address is not worth a line: states of nobody, of another browser and of another code.
    let mut viewer = start(&place, &provider.1, "http://localhost");
    let (address, browser) = begin(&viewer, "%2F");
    let (_, another) = begin(&viewer, "%2F");
    let back = agreed(&address, "good", "ops@example.com");
    let asked = |path: &str, head: &[&str]| viewer.ask(&format!("GET {path}"), head, "").status;
    assert_eq!(asked("/sign-in/done", &[HOST, &browser]), 403);
    assert_eq!(asked("/sign-in/done?code=1&state=2", &[HOST, &browser]), 403);
    assert_eq!(asked(&back, &[HOST, &another]), 403, "begun by another browser");
    assert_eq!(asked(&back, &[HOST, &browser]), 403, "which ends it");
    let (address, browser) = begin(&viewer, "%2F");
    let state = agreed(&address, "good", "ops@example.com").rsplit("state=").next().unwrap().to_owned();
    assert_eq!(asked(&format!("/sign-in/done?error=access_denied&state={state}"), &[HOST, &browser]), 403);
    let (address, browser) = begin(&viewer, "%2F");
    let state = agreed(&address, "good", "ops@example.com").rsplit("state=").next().unwrap().to_owned();
    assert_eq!(asked(&format!("/sign-in/done?code=made-up&state={state}"), &[HOST, &browser]), 403);
    // It leads back to pages of its own alone.
    for back in ["https://evil.example/", "//evil.example", "/\\evil.example", &format!("/?find={}evil", "a".repeat(2_000))] {
        let (address, browser) = begin(&viewer, &form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>());
        let done = viewer.ask(&format!("GET {}", agreed(&address, "good", "ops@example.com")), &[HOST, &browser], "");
        assert!(done.text().contains("content=\"0;url=/\"") && !done.text().contains("evil"), "{back}: {}", done.text());
    }
    viewer.child.kill().unwrap();
    let told = viewer.said();
    assert!(told.lines().count() == 1 && told.contains("answers with status 400"), "{told}");
}

#[test]
fn a_provider_that_is_not_there_or_is_another_is_told_before_an_address_is_printed() {
    if !tools::found("cryptography") {
        return;
    }
    let place = folder("serve-openid-gone");
    orders_and_users(&place);
    let provider = provider();
    let port: u16 = provider.1.rsplit(':').next().unwrap().parse().unwrap();
    std::fs::write(place.join("secret"), "s\n").unwrap();
    std::fs::set_permissions(place.join("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let closed = format!("http://127.0.0.1:{}", crate::viewer::free_port());
    for (issuer, what) in [(closed, "does not answer"), (format!("http://localhost:{port}"), "is of the issuer")] {
        let options =
            ["serve", "orders.csv", "--port=0", "--users=users.csv", "--public-url=http://localhost", "--oidc-client-id=portstatus"];
        let done = run(&place, &[&options[..], &["--oidc-client-secret-file=secret", "--oidc-issuer", &issuer]].concat());
        assert!(done.status.code() == Some(69) && done.stdout.is_empty() && said(&done).contains(what), "{}", said(&done));
    }
}

/// A browser that has never been here, which asks for a view, signs in on the way, looks about and signs out.
const BROWSER: &str = r#"
import sys
from playwright.sync_api import sync_playwright
base, said = sys.argv[1], []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(base + "/?status=Scheduled")
    page.locator("[data-total]").wait_for()
    assert page.url == base + "/?status=Scheduled", page.url
    assert page.get_by_text("Signed in as ann@north.example").is_visible()
    page.get_by_role("link", name="Summary").click()
    assert page.locator(".count strong").inner_text() == "1", page.content()
    page.get_by_role("button", name="Refresh").click()
    assert page.url == base + "/summary?status=Scheduled", page.url
    [cookie] = [cookie for cookie in page.context.cookies() if cookie["name"] == "portstatus"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Signed out").wait_for()
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "portstatus"]
    # A link on another site leads to the view, too, without a second sign-in.
    page.get_by_role("link", name="Sign in again").click()
    page.locator("[data-total]").wait_for()
    page.goto("data:text/html,<a href='" + base + "/?account=A'>a mail</a>")
    page.get_by_role("link", name="a mail").click()
    page.locator("[data-total]").wait_for()
    assert page.url == base + "/?account=A", page.url
    browser.close()
print(said)
"#;

#[test]
fn a_browser_signs_in_on_its_way_to_a_view() {
    if !tools::found("chromium") || !tools::found("cryptography") {
        return;
    }
    let place = folder("serve-openid-browser");
    orders_and_users(&place);
    let provider = provider();
    let viewer = start(&place, &provider.1, "http://localhost:PORT");
    let base = format!("http://{}", viewer.address.replace("127.0.0.1", "localhost"));
    assert_eq!(tools::run("timeout", &["-k", "5", "90", "python3", "-c", BROWSER, &base]), "[]\n");
}
