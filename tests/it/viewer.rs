//! A viewer that a test started, and what it answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::{PROGRAM, starting};

/// The host by which others reach a viewer.
pub const PUBLIC: &str = "ports.example";

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A viewer that ends with the test.
pub struct Viewer {
    /// The program.
    pub child: Child,
    /// Its address and port.
    pub address: String,
    /// The token of its printed address; empty where it has none.
    pub token: String,
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: status, head, body.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head as it came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Viewer {
    pub fn start(place: &Path, arguments: &[&str]) -> Self {
        let mut command = starting(PROGRAM);
        command.arg("serve").args(arguments).args(["--port", "0"]).current_dir(place).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((address, token)) = line.trim().split_once("://").map(|(_, rest)| rest).and_then(|line| line.split_once("/?token="))
        else {
            panic!("{line}{}", std::io::read_to_string(child.stderr.take().unwrap()).unwrap());
        };
        Self { child, address: address.to_owned(), token: token.to_owned() }
    }

    /// A viewer that users sign in to, on a port of its own; `arguments` say how, PORT in them standing for
    /// that port. Its public address is [`PUBLIC`] unless they name another.
    pub fn start_for_users(place: &Path, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut command = starting(PROGRAM);
        let arguments: Vec<String> = arguments.iter().map(|word| word.replace("PORT", &port.to_string())).collect();
        command.arg("serve").args(&arguments).args(["--port", &port.to_string()]).current_dir(place);
        if !arguments.iter().any(|word| word == "--public-url") {
            command.args(["--public-url", &format!("https://{PUBLIC}")]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if !line.starts_with("http") || line.contains("token") {
            panic!("{line}{}", std::io::read_to_string(child.stderr.take().unwrap()).unwrap());
        }
        Self { child, address: format!("127.0.0.1:{port}"), token: String::new() }
    }

    /// Asks by the proxy, which says that it is `user`.
    pub fn get_as(&self, user: &str, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[&format!("Host: {PUBLIC}"), &format!("X-User: {user}")], "")
    }

    /// All that it said on standard error, once it has ended.
    pub fn said(&mut self) -> String {
        self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }

    /// Asks with these lines in the head, the Host among them.
    pub fn ask(&self, request: &str, head: &[&str], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head: String = head.iter().map(|line| format!("{line}\r\n")).collect();
        write!(stream, "{request} HTTP/1.1\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
            unchunked(&bytes[end + 4..])
        } else {
            bytes[end + 4..].to_vec()
        };
        Answer { status: head[9..12].parse().unwrap(), head, body }
    }

    pub fn get(&self, path: &str) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.ask(&format!("GET {path}?token={}&{query}", self.token), &[&format!("Host: {}", self.address)], "")
    }

    pub fn total(&self, query: &str) -> u64 {
        let page = self.get(&format!("/?{query}"));
        assert_eq!(page.status, 200, "{query}: {}", page.text());
        let text = page.text();
        let (_, rest) = text.split_once("data-total=\"").unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    }
}

/// The pieces of a body that is sent while it is made; panics where it ends too soon.
fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return out;
        }
        out.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
}
