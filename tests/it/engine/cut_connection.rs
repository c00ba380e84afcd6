//! Connections that break in the middle of an answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::{connect, faulty, numbers, session_id};

/// Passes connections on to `port`, and cuts the first ones after as many bytes of the answers as `cuts` says; gives its own port and
/// how many there were.
pub fn cutting_proxy(port: u16, cuts: &'static [usize]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (own, made) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&made);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || pass_on(from, to, usize::MAX));
            let most = cuts.get(number).copied().unwrap_or(usize::MAX);
            std::thread::spawn(move || pass_on(server, client, most));
        }
    });
    (own, made)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, mut most: usize) {
    let mut buffer = [0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let count = count.min(most);
        most -= count;
        if to.write_all(&buffer[..count]).is_err() || most == 0 {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[test]
fn an_answer_is_whole_however_often_the_connection_breaks() {
    let Some(server) = faulty() else { return };
    let (port, connections) = cutting_proxy(server.ports[0], &[1_500, 2_200, 2_900, 3_600]);
    let session = session_id();
    let mut engine = connect(&format!("sc://127.0.0.1:{port}"), &session).unwrap();
    let (numbers, done) = numbers(&mut engine, "large");
    done.unwrap();
    assert_eq!(numbers, (0..15).collect::<Vec<_>>());
    let calls = server.calls(&session);
    assert!(connections.load(Ordering::SeqCst) > 1 && calls.iter().any(|call| call.starts_with("reattach")), "{calls:?}");
}
