//! Who reaches a viewer over the network: nobody without encryption and signing in, and nobody but the proxy where there is one.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::{AS_OF, err, run, said, write_orders};
use crate::serve_users::{BY_PROXY, orders_and_users};
use crate::servers::{certify, certify_own};
use crate::tools::{self, folder};
use crate::viewer::{PUBLIC, Viewer};

#[test]
fn another_address_without_encryption_or_signing_in_is_refused_with_what_to_add() {
    let place = folder("serve-bind");
    orders_and_users(&place);
    certify(&place);
    let (tls, users) = (["--tls-certificate", "server.crt", "--tls-key", "server.key"], ["--users", "users.csv"]);
    let public = ["--public-url", "https://ports.example"];
    for (options, what) in [
        (vec!["--bind", "0.0.0.0"], "--bind: others would reach the viewer without encryption; add --tls-certificate and --tls-key"),
        (vec!["--bind", "::"], "--bind: others would reach the viewer without encryption"),
        ([&["--bind", "0.0.0.0"], &tls[..]].concat(), "--bind: others would reach the viewer without signing in; add --oidc-issuer"),
        (vec!["--bind", "0.0.0.0", "--proxy", "10.0.0.1"], "--bind: others would reach the viewer without signing in"),
        (vec!["--user-header", "X-User"], "--user-header: is believed of a proxy alone"),
        ([&["--bind", "0.0.0.0", "--user-header", "X-User"], &tls[..]].concat(), "--user-header: is believed of a proxy alone"),
        (users.to_vec(), "--users: goes with signing in"),
        (vec!["--proxy", "10.0.0.1"], "--proxy: goes with signing in"),
        (
            vec!["--proxy", "10.0.0.1", "--user-header", "X-User"],
            "--user-header: goes with the address that people write; add it with --public-url",
        ),
        (
            [&["--proxy", "10.0.0.1", "--user-header", "X-User"], &public[..]].concat(),
            "add the table of who may see which rows with --users",
        ),
        (vec!["--oidc-issuer", "http://login.example"], "--oidc-issuer http://login.example: is not the address of a provider"),
        (vec!["--oidc-issuer", "https://login.example"], "add what it calls the viewer with --oidc-client-id"),
        (
            vec!["--oidc-issuer", "https://login.example", "--oidc-client-id", "us"],
            "--oidc-client-secret-file, or set PORTSTATUS_OIDC_CLIENT_SECRET",
        ),
        (
            [&["--proxy", "10.0.0.1", "--user-header", "X-User", "--public-url", "http://ports.example"], &users[..]].concat(),
            "is not the address of a viewer",
        ),
        (
            [&["--proxy", "10.0.0.1", "--user-header", "X-User", "--public-url", "https://ports.example/path"], &users[..]].concat(),
            "is not the address of a viewer",
        ),
    ] {
        let done = run(&place, &[&["serve", "orders.csv", "--port", "0"], &options[..]].concat());
        assert_eq!(done.status.code(), Some(64), "{options:?}: {}", said(&done));
        assert!(done.stdout.is_empty() && err(&done).contains(what), "{options:?}: {}", said(&done));
    }
    fs::set_permissions(place.join("server.key"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let open = run(&place, &[&["serve", "orders.csv", "--port", "0"], &tls[..]].concat());
    assert_eq!(open.status.code(), Some(77), "{}", said(&open));
}

#[test]
fn only_the_listed_proxy_is_answered_and_believed_and_only_by_our_name() {
    let place = folder("serve-proxy");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let (host, ann) = (format!("Host: {PUBLIC}"), "X-User: ann@north.example");
    let asked = |head: &[&str]| viewer.ask("GET /", head, "").status;
    assert_eq!(asked(&[&host, ann]), 200);
    assert_eq!(asked(&[&host]), 401, "nobody");
    assert_eq!(asked(&[&host, "X-User:"]), 401, "an empty name");
    assert_eq!(asked(&[&host, ann, "X-User: ops@example.com"]), 401, "two names");
    assert_eq!(asked(&[&host, "X-User: eve@example.com"]), 403, "no user");
    assert_eq!(asked(&[&host, "X-User: \u{a0}ann@north.example"]), 401, "a space that is none of HTTP");
    assert_eq!(asked(&[&host, "X-User: ANN@north.example"]), 403, "spelled otherwise");
    assert_eq!(asked(&[&host, "X-Forwarded-User: ops@example.com"]), 401, "another header");
    assert_eq!(asked(&["Host: evil.example", ann]), 403);
    assert_eq!(asked(&[&format!("Host: {}", viewer.address), ann]), 403);
    assert_eq!(asked(&[&host, ann, "Origin: https://evil.example"]), 403);
    assert_eq!(asked(&[&host, ann, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"]), 403);
    assert_eq!(asked(&[&host, ann, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]), 200, "a link in a mail");
    assert_eq!(viewer.ask("POST /refresh", &[&host, ann], "").status, 405, "from nowhere");
    let origin = format!("Origin: https://{PUBLIC}");
    assert_eq!(viewer.ask("POST /refresh", &[&host, ann, &origin], "").status, 303);
    for path in ["/sign-in", "/sign-in/done?code=1&state=2"] {
        assert_eq!(viewer.get_as("ann@north.example", path).status, 404, "{path}");
    }
    // To a viewer whose proxy is elsewhere, this machine is anybody.
    let elsewhere: Vec<&str> = BY_PROXY.iter().map(|word| if *word == "127.0.0.1" { "127.0.0.9" } else { word }).collect();
    let viewer = Viewer::start_for_users(&place, &[&elsewhere[..], &["--audit-log", "audit.jsonl"]].concat());
    for path in ["/", "/api/v1/numbers", "/export/csv", "/assets/viewer.css", "/nowhere"] {
        let mut stream = TcpStream::connect(&viewer.address).unwrap();
        let _ = write!(stream, "GET {path} HTTP/1.1\r\n{host}\r\nX-User: ops@example.com\r\n\r\n");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{path}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(fs::read_to_string(place.join("audit.jsonl")).unwrap(), "", "nor is there a line of it");
}

#[test]
fn what_is_wrong_with_the_inputs_is_told_to_those_who_see_all() {
    let place = folder("serve-users-fault");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let (host, origin) = (format!("Host: {PUBLIC}"), format!("Origin: https://{PUBLIC}"));
    assert_eq!(viewer.get_as("ann@north.example", "/").status, 200);
    fs::remove_file(place.join("orders.csv")).unwrap();
    // Users have inputs read again some seconds after the last time.
    std::thread::sleep(std::time::Duration::from_secs(11));
    assert_eq!(viewer.ask("POST /refresh", &[&host, &origin, "X-User: ann@north.example"], "").status, 303);
    let (own, all) = (viewer.get_as("ann@north.example", "/").text(), viewer.get_as("ops@example.com", "/").text());
    assert!(own.contains("could not be read again") && !own.contains("no such file"), "{own}");
    assert!(all.contains("could not be read again") && all.contains("orders.csv: no such file"), "{all}");
    // Without a partner in any input nobody could be told from another.
    write_orders(&place, 5);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let (own, all) = (viewer.get_as("ann@north.example", "/"), viewer.get_as("ops@example.com", "/").text());
    assert_eq!(own.status, 503, "{}", own.text());
    assert!(all.contains("no input has a column for 'Partner'") && !own.text().contains("column"), "{all}");
}

/// What Python's own TLS makes of a viewer: with the right authority, with another one, by another name, and without encryption.
const CLIENT: &str = r#"
import socket, ssl, sys
port = int(sys.argv[1])
def ask(authority, name):
    context = ssl.create_default_context(cafile=authority)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain, server_hostname=name) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-User: ann@north.example\r\nConnection: close\r\n\r\n")
        answer = b""
        while chunk := stream.recv(65536):
            answer += chunk
        return stream.version(), answer.split(b" ")[1].decode(), b'data-total="2"' in answer
print(ask("ca.crt", "localhost"))
for authority, name in [("other.crt", "localhost"), ("ca.crt", "evil.example")]:
    try:
        print(ask(authority, name))
    except ssl.SSLCertVerificationError:
        print("refused")
with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
    plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-User: ann@north.example\r\n\r\n")
    print(b"HTTP" in plain.recv(100))
old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
old.maximum_version = ssl.TLSVersion.TLSv1_1
try:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, old.wrap_socket(plain) as stream:
        print(stream.version())
except (ssl.SSLError, OSError):
    print("too old")
"#;

#[test]
fn a_viewer_encrypts_with_its_own_certificate() {
    if !tools::found("python3") {
        return;
    }
    let place = folder("serve-tls");
    orders_and_users(&place);
    certify_own(&place);
    let more = ["--tls-certificate", "server.crt", "--tls-key", "server.key", "--public-url", "https://localhost"];
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &more].concat());
    let port = viewer.address.rsplit(':').next().unwrap();
    let answers = std::process::Command::new("python3").args(["-c", CLIENT, port]).current_dir(&place).output().unwrap();
    let answers = said(&answers);
    let expected = "('TLSv1.3', '200', True)\nrefused\nrefused\nFalse\ntoo old\n";
    assert!(answers.contains(expected), "{answers}");
    // On this machine alone it is encrypted, too, where that is asked for.
    let local = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF, "--tls-certificate", "server.crt", "--tls-key", "server.key"]);
    let url = format!("https://{}/?token={}", local.address, local.token);
    let asked = "import ssl, sys, urllib.request\nurl, context = sys.argv[1], ssl.create_default_context(cafile='ca.crt')\n\
                 answer = urllib.request.urlopen(url.replace('127.0.0.1', 'localhost'), context=context)\nprint(answer.status, answer.headers['Set-Cookie'])";
    let answer = std::process::Command::new("python3").args(["-c", asked, &url]).current_dir(&place).output().unwrap();
    assert!(said(&answer).contains("200 portstatus=") && said(&answer).contains("; Secure; HttpOnly"), "{}", said(&answer));
    fs::copy(place.join("other.key"), place.join("server.key")).unwrap();
    let unfit = run(
        &place,
        &["serve", "orders.csv", "--as-of", AS_OF, "--port", "0", "--tls-certificate", "server.crt", "--tls-key", "server.key"],
    );
    assert!(unfit.status.code() == Some(78) && err(&unfit).contains("cannot be used with the key"), "{}", said(&unfit));
}

/// The hash of the certificate that a viewer at this port shows a new connection, trusting the authority of the folder.
const SHOWN: &str = r#"
import hashlib, socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20) as plain, context.wrap_socket(plain, server_hostname="localhost") as stream:
    print(hashlib.sha256(stream.getpeercert(True)).hexdigest())
"#;

#[test]
fn a_certificate_that_is_renewed_is_taken_up_and_a_broken_one_is_not() {
    if !tools::found("python3") {
        return;
    }
    let (place, renewed) = (folder("serve-tls-renewed"), folder("serve-tls-renewed-later"));
    write_orders(&place, 5);
    for folder in [&place, &renewed] {
        certify_own(folder);
    }
    let mut viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF, "--tls-certificate", "server.crt", "--tls-key", "server.key"]);
    let port = viewer.address.rsplit(':').next().unwrap().to_owned();
    let shown = |authority: &std::path::Path| {
        let authority = authority.join("ca.crt");
        let done = std::process::Command::new("python3").args(["-c", SHOWN, &port]).arg(&authority).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    let first = shown(&place);
    assert!(first.trim().len() == 64 && shown(&place) == first && shown(&renewed).is_empty(), "{first}");
    for file in ["server.key", "server.crt"] {
        fs::rename(renewed.join(file), place.join(file)).unwrap();
    }
    let second = shown(&renewed);
    assert!(second.trim().len() == 64 && second != first && shown(&place).is_empty(), "{second}");
    // Half a file, and then none at all: connections go on with what was good.
    fs::write(place.join("server.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
    assert_eq!([shown(&renewed), shown(&renewed), shown(&renewed)], [second.as_str(); 3]);
    tools::run("kill", &["-TERM", &viewer.child.id().to_string()]);
    let said = viewer.said();
    assert_eq!(said.matches("server.crt: ").count(), 1, "{said}");
}
