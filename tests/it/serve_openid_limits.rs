//! Limits of signing in by OpenID Connect: sessions, ways to them, and connections of whoever has not signed in yet.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::serve_openid::{HOST, Provider, agreed, begin, cookie, provider, signed_in, start_with, viewer_and_provider};
use crate::serve_users::orders_and_users;
use crate::servers::certify_own;
use crate::tools::{self, folder};

#[test]
fn sessions_of_a_user_and_ways_to_them_from_a_machine_are_limited() {
    let Some((_, _provider, viewer)) = viewer_and_provider("serve-openid-many") else { return };
    let sessions: Vec<String> = (0..21).map(|_| cookie(&signed_in(&viewer, "good", "ann@north.example"))).collect();
    let seen = |session: &String| viewer.ask("GET /", &[HOST, session], "").status;
    assert_eq!([&sessions[0], &sessions[1], &sessions[20]].map(seen), [303, 200, 200]);
    let ways: Vec<(String, String)> = (0..401).map(|_| begin(&viewer, "%2F")).collect();
    let finished = |(address, browser): &(String, String)| {
        let back = agreed(address, "good", "ann@north.example");
        viewer.ask(&format!("GET {back}"), &[HOST, browser], "").status
    };
    assert_eq!([&ways[0], &ways[1], &ways[400]].map(finished), [403, 200, 200]);
}

#[test]
fn a_machine_has_so_many_connections_of_a_viewer_that_others_reach() {
    if !tools::found("cryptography") {
        return;
    }
    let place = folder("serve-openid-connections");
    orders_and_users(&place);
    certify_own(&place);
    let provider = provider();
    let more = ["--bind", "0.0.0.0", "--tls-certificate", "server.crt", "--tls-key", "server.key"];
    let viewer = start_with(&place, &provider.1, "https://localhost", &more);
    let streams: Vec<TcpStream> = (0..80).map(|_| TcpStream::connect(&viewer.address).unwrap()).collect();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let is_held = |mut stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        stream.read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    assert_eq!(streams.iter().filter(|stream| is_held(stream)).count(), 64);
    // Once they are gone there is room again.
    drop(streams);
    std::thread::sleep(std::time::Duration::from_secs(1));
    let another = TcpStream::connect(&viewer.address).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(is_held(&another));
}

/// What the provider counted of this.
fn counted(provider: &Provider, what: &str) -> u64 {
    let host = provider.1.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /counts HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let counts: serde_json::Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    counts[what].as_u64().unwrap()
}

#[test]
fn the_provider_is_not_asked_for_its_keys_by_each_token_of_an_unknown_one() {
    let Some((_, provider, viewer)) = viewer_and_provider("serve-openid-keys") else { return };
    for _ in 0..12 {
        let refused = signed_in(&viewer, "stranger", "ann@north.example");
        assert!(refused.status == 403 && refused.text().contains("that it does not publish"), "{}", refused.text());
    }
    assert_eq!(counted(&provider, "keys"), 1, "once, when the viewer began");
}

#[test]
fn the_provider_is_asked_for_so_many_tokens_at_once() {
    let Some((_, provider, viewer)) = viewer_and_provider("serve-openid-tokens") else { return };
    let ways: Vec<(String, String)> = (0..18).map(|_| begin(&viewer, "%2F")).collect();
    let finish = |(address, browser): &(String, String)| {
        let back = agreed(address, "slow", "ann@north.example");
        viewer.ask(&format!("GET {back}"), &[HOST, browser], "").status
    };
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = ways.iter().map(|way| scope.spawn(move || finish(way))).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    // Those that wait are answered in the end.
    assert_eq!(answers, [200; 18]);
    assert_eq!(counted(&provider, "most tokens at once"), 8);
}
