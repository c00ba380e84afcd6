//! Shipments by mail, to servers that the tests start; messages are read by another program's parser.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portstatus::deliver::transport::TransportSettings;

use crate::delivery_servers::{MailServer, noise, shipment, target, told, transports};
use crate::tools::{folder, run};

/// Reads a message and writes its attachments, and in `parts` what they are and what its headers and bodies say.
const READER: &str = r#"
import email, email.policy, sys
path, out = sys.argv[1:]
message = email.message_from_binary_file(open(path, "rb"), policy=email.policy.SMTP)
assert not message.defects, message.defects
for name in ["From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted", "Cc", "Bcc"]:
    print(name, message[name])
assert message["Date"].datetime.tzinfo is not None
for kind in ["plain", "html"]:
    body = message.get_body([kind])
    print(kind, repr(body.get_content()) if body else None)
for part in message.iter_attachments():
    name = part.get_filename()
    print("attachment", part.get_content_type(), part.get_content_disposition(), name)
    open(out + "/" + name, "wb").write(part.get_payload(decode=True))
"#;

fn read(message: &Path) -> (String, std::path::PathBuf) {
    let out = folder("mail-parts");
    let told = run("python3", &["-c", READER, message.to_str().unwrap(), out.to_str().unwrap()]);
    (told, out)
}

#[test]
fn a_message_has_its_files_its_words_and_no_other_names() {
    let Some(mail) = MailServer::start("starttls", 0) else { return };
    let ways = transports(mail.settings("smtp"), 30);
    let to = target("mailto:ada@partner.example,bob@partner.example");
    ways.check(&to).unwrap();
    let name = "Ünïted \"Böll\" – a very long name of a partner, longer than a line of a header may be 2026-11-27.csv";
    let tricky = b"a,b\n.\n..\r\nFrom here\r\n\0\xff\nlast line without its end".as_slice();
    let big = noise(200_000);
    let mut sent = shipment("run-1-ada", &[(name, tricky), ("report.pdf", &big), ("empty.xlsx", b"")]);
    sent.message.subject = "Ihre Nummern: 2 verändert\r\nBcc: eve@example.com".to_owned();
    sent.message.text = ".\nTwo moved – ünïcode.\n".to_owned();
    let receipt = ways.deliver(&to, &sent).unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("run-1-ada.portstatus@carrier.example"));
    let (told, out) = read(&mail.message(1));
    for line in [
        "From Porting reports <reports@carrier.example>",
        "To ada@partner.example, bob@partner.example",
        "Reply-To desk@carrier.example",
        "Subject Ihre Nummern: 2 verändert  Bcc: eve@example.com",
        "Message-ID <run-1-ada.portstatus@carrier.example>",
        "Auto-Submitted auto-generated",
        "Cc None",
        "Bcc None",
        "plain '.\\nTwo moved – ünïcode.\\n'",
        "html '<p>Two moved.</p>",
        &format!("attachment text/csv attachment {name}"),
        "attachment application/pdf attachment report.pdf",
        "attachment application/vnd.openxmlformats-officedocument.spreadsheetml.sheet attachment empty.xlsx",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert_eq!(fs::read(out.join(name)).unwrap(), tricky);
    assert_eq!(fs::read(out.join("report.pdf")).unwrap(), big);
    let raw = String::from_utf8_lossy(&fs::read(mail.message(1)).unwrap()).into_owned();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    for word in [&format!("@{}", host.trim()), "canary", &sent.files[0].path.display().to_string()] {
        assert!(!raw.contains(word), "{word}");
    }
    // Another shipment, over the same connection.
    ways.deliver(&to, &shipment("a key\r\nof any kind", &[])).unwrap();
    assert!(!format!("{ways:?}").contains(crate::servers::PASSWORD));
    let (told, _) = read(&mail.message(2));
    assert!(!told.contains("attachment") && told.contains("Two moved") && told.contains(".portstatus@carrier.example>"), "{told}");
    let events = mail.events();
    let peers: Vec<&str> = events.lines().filter_map(|line| line.split(" peer ").nth(1)).collect();
    assert!(peers.len() == 2 && peers[0] == peers[1], "{events}");
    assert!(events.contains("from reports@carrier.example to ada@partner.example,bob@partner.example login porting_reader"), "{events}");
}

#[test]
fn what_the_server_answers_decides_what_comes_next() {
    let Some(mail) = MailServer::start("tls", 0) else { return };
    let ways = transports(mail.settings("smtps"), 3);
    let sent = shipment("k", &[("a.csv", b"a")]);
    let deliver = |to: &str| ways.deliver(&target(&format!("mailto:{to}")), &sent);
    let later = told(deliver("later@partner.example"));
    assert!(later.starts_with("passing: mailto:later@partner.example: ") && later.contains("451"), "{later}");
    deliver("later@partner.example").unwrap();
    let never = told(deliver("good@partner.example,never@partner.example"));
    assert!(
        never.starts_with("lasting: ") && never.contains("550 5.1.1 no such mailbox") && never.contains("never@partner.example"),
        "{never}"
    );
    assert!(!never.contains("212-555-0100"), "{never}");
    assert!(told(deliver("spam@partner.example")).starts_with("lasting: "));
    assert!(told(deliver("gone@partner.example")).starts_with("passing: "));
    let cut = told(deliver("cut@partner.example"));
    assert!(cut.starts_with("unknown: mailto:cut@partner.example: ") && cut.contains("ask whether it arrived"), "{cut}");
    let slow = told(deliver("slow@partner.example"));
    assert!(slow.starts_with("unknown: "), "{slow}");
    deliver("fine@partner.example").unwrap();
    // What was refused was given to nobody.
    let events = mail.events();
    assert!(!events.contains("to good@"), "{events}");
    assert_eq!(events.lines().count(), 4, "{events}");
}

#[test]
fn a_server_that_is_not_trusted_or_lets_nobody_in_gets_nothing() {
    let Some(mail) = MailServer::start("starttls", 1000) else { return };
    let sent = shipment("k", &[("a.csv", b"a")]);
    let to = target("mailto:ada@partner.example");
    let with = |scheme: &str, change: &dyn Fn(&mut TransportSettings)| {
        let mut settings = mail.settings(scheme);
        change(&mut settings);
        told(transports(settings, 5).deliver(&to, &sent))
    };
    let untrusted = with("smtp", &|settings| settings.mail.ca_file = Some(mail.server.folder.join("other.crt")));
    assert!(untrusted.starts_with("lasting: ") && untrusted.contains("ca_file"), "{untrusted}");
    let by_address = with("smtp", &|settings| settings.mail.server = format!("smtp://127.0.0.1:{}", mail.server.port));
    assert!(by_address.starts_with("lasting: "), "{by_address}");
    let plain = with("smtps", &|_| {});
    assert!(plain.starts_with("lasting: "), "{plain}");
    let login = with("smtp", &|settings| {
        settings.mail.password = Some(portstatus::deliver::transport::Secret::new("canary-7fq2Zx-wrong".to_owned()));
    });
    assert!(login.starts_with("lasting: ") && login.contains("refused the login: 535") && !login.contains("canary"), "{login}");
    // Base64 of the login that PLAIN sends.
    assert!(!login.contains("AHBvcnRpbmdf"), "{login}");
    let closed = with("smtp", &|settings| {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        settings.mail.server = format!("smtp://localhost:{port}");
    });
    assert!(closed.starts_with("passing: ") && closed.contains("was not reached"), "{closed}");
    // It takes 1,000 bytes, and says so in its greeting.
    let large = with("smtp", &|_| {});
    assert!(large.starts_with("lasting: ") && large.contains("1000"), "{large}");
    assert!(!mail.events().contains("message"));
    let Some(bare) = MailServer::start("plain", 0) else { return };
    let mut settings = bare.settings("smtp");
    settings.mail.user = None;
    settings.mail.password = None;
    let stripped = told(transports(settings, 5).deliver(&to, &sent));
    assert!(stripped.starts_with("lasting: ") && stripped.contains("does not offer STARTTLS"), "{stripped}");
    transports(bare.settings("smtp+plain"), 5).deliver(&to, &sent).unwrap();
}

#[test]
fn files_that_are_too_large_go_packed_or_as_links() {
    let Some(mail) = MailServer::start("plain", 200_000) else { return };
    let to = target("mailto:ada@partner.example");
    let csv = "2125550100,In Progress\n".repeat(20_000).into_bytes();
    let packed = shipment("packed", &[("orders 2026.csv", &csv), ("b.pdf", b"%PDF")]);
    let ways = transports(mail.settings("smtp+plain"), 20);
    ways.deliver(&to, &packed).unwrap();
    let (told_packed, out) = read(&mail.message(1));
    assert!(told_packed.contains("attachment application/zip attachment orders 2026.zip"), "{told_packed}");
    let script = "import sys, zipfile; archive = zipfile.ZipFile(sys.argv[1]); print(archive.namelist()); sys.stdout.write(str(len(archive.read('orders 2026.csv'))))";
    let listed = run("python3", &["-c", script, out.join("orders 2026.zip").to_str().unwrap()]);
    assert_eq!(listed, format!("['orders 2026.csv', 'b.pdf']\n{}", csv.len()));
    let dense = shipment("dense", &[("big & <b>.pdf", &noise(300_000)), ("b.csv", b"b")]);
    let fault = told(ways.deliver(&to, &dense));
    assert!(fault.starts_with("lasting: ") && fault.contains("300001 bytes") && fault.contains("200000"), "{fault}");
    let mut settings = mail.settings("smtp+plain");
    settings.mail.link = Some("https://files.carrier.example/x/{name}?a=1&b=2".to_owned());
    let linking = transports(settings.clone(), 20);
    linking.deliver(&to, &dense).unwrap();
    let (told_linked, _) = read(&mail.message(2));
    assert!(!told_linked.contains("attachment"), "{told_linked}");
    assert!(told_linked.contains("big & <b>.pdf: https://files.carrier.example/x/big%20%26%20%3Cb%3E.pdf?a=1&b=2"), "{told_linked}");
    assert!(
        told_linked.contains("<a href=\"https://files.carrier.example/x/big%20%26%20%3Cb%3E.pdf?a=1&amp;b=2\">big &amp; &lt;b&gt;.pdf</a>"),
        "{told_linked}"
    );
    // Always a link.
    settings.mail.size_limit = Some(0);
    transports(settings, 20).deliver(&to, &shipment("small", &[("a.csv", b"a")])).unwrap();
    assert!(!read(&mail.message(3)).0.contains("attachment"));
}

#[test]
fn settings_of_mail_are_checked_without_asking_the_server() {
    let base = || {
        let mut settings = TransportSettings::default();
        settings.mail.server = "smtps://mail.example".to_owned();
        settings.mail.from = "reports@carrier.example".to_owned();
        settings
    };
    let check = |change: &dyn Fn(&mut TransportSettings)| {
        let mut settings = base();
        change(&mut settings);
        assert!(!format!("{settings:?}").contains("canary-7fq2Zx"));
        transports(settings, 5).check(&target("mailto:a@example.com")).map_err(|error| error.to_string())
    };
    check(&|_| {}).unwrap();
    check(&|settings| settings.mail.server = "smtp://[::1]:587".to_owned()).unwrap();
    check(&|settings| settings.mail.server = "smtp+plain://127.0.0.1".to_owned()).unwrap();
    let server = |text: &'static str| move |settings: &mut TransportSettings| settings.mail.server = text.to_owned();
    type Change = Box<dyn Fn(&mut TransportSettings)>;
    let cases: Vec<(Change, &str)> = vec![
        (Box::new(server("")), "is not known"),
        (Box::new(server("mail.example")), "no scheme"),
        (Box::new(server("http://mail.example")), "not supported"),
        (Box::new(server("smtp+plain://mail.example")), "in the clear"),
        (Box::new(server("smtp+plain://127.0.0.1.example")), "in the clear"),
        (Box::new(server("smtps://u:canary-7fq2Zx@mail.example")), "settings of their own"),
        (Box::new(server("smtps://mail.example:0")), "port"),
        (Box::new(server("smtps://mail.example/x")), "host"),
        (Box::new(|settings| settings.mail.from = "nobody".to_owned()), "from"),
        (Box::new(|settings| settings.mail.from = "A <a@b.example>\r\nBcc: c@d.example".to_owned()), "from"),
        (Box::new(|settings| settings.mail.reply_to = Some("x".to_owned())), "reply_to"),
        (Box::new(|settings| settings.mail.user = Some("u".to_owned())), "both or neither"),
        (Box::new(|settings| settings.mail.size_limit = Some(0)), "set link"),
        (Box::new(|settings| settings.mail.link = Some("ftp://x".to_owned())), "https://"),
        (Box::new(|settings| settings.mail.ca_file = Some("/nowhere/ca".into())), "cannot be read"),
    ];
    for (change, expected) in cases {
        let error = check(&*change).unwrap_err();
        assert!(error.contains(expected) && !error.contains("canary"), "{expected}: {error}");
    }
}

/// What a server does that keeps every single step within its time.
#[derive(Clone, Copy, PartialEq)]
enum Slow {
    /// Goes on greeting.
    Greeting,
    /// Takes the message in small pieces, and stops before its end.
    Message,
    /// Has the message, and goes on saying so.
    Answer,
}

/// A server that never comes to an end, and where it listens; what it read of a message is sent on when its client is gone.
fn endless_server(slow: Slow) -> (u16, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (read, message) = channel();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let (mut answers, mut lines) = (client.try_clone().unwrap(), BufReader::new(client));
        let wait = || std::thread::sleep(Duration::from_millis(200));
        // Longer than an attempt may take, and not for ever: who gave up listens to the end.
        let go_on = |answers: &mut TcpStream| {
            for _ in 0..25 {
                if answers.write_all(b"250-more\r\n").is_err() {
                    break;
                }
                wait();
            }
        };
        answers.write_all(b"220 here\r\n").unwrap();
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|count| count > 0) {
            match line.get(..4).unwrap_or_default() {
                "EHLO" if slow == Slow::Greeting => {
                    go_on(&mut answers);
                    break;
                }
                "DATA" => {
                    answers.write_all(b"354 go on\r\n").unwrap();
                    let mut bytes = Vec::new();
                    let mut piece = [0; 64 << 10];
                    while let Ok(count @ 1..) = lines.read(&mut piece) {
                        bytes.extend_from_slice(&piece[..count]);
                        if slow == Slow::Message {
                            wait();
                        } else if bytes.ends_with(b"\r\n.\r\n") {
                            go_on(&mut answers);
                            break;
                        }
                    }
                    read.send(bytes).unwrap();
                    return;
                }
                _ => answers.write_all(b"250 yes\r\n").unwrap(),
            }
            line.clear();
        }
        let _ = read.send(Vec::new());
    });
    (port, message)
}

#[test]
fn an_attempt_ends_when_its_time_is_up_whatever_the_server_does() {
    for (slow, expected) in [(Slow::Greeting, "passing: "), (Slow::Message, "passing: "), (Slow::Answer, "unknown: ")] {
        let (port, message) = endless_server(slow);
        let mut settings = TransportSettings::default();
        (settings.mail.server, settings.mail.from) = (format!("smtp+plain://localhost:{port}"), "reports@carrier.example".to_owned());
        let ways = transports(settings, 2);
        let sent = shipment("k", &[("a.csv", &noise(if slow == Slow::Message { 12 << 20 } else { 9 }))]);
        let begun = Instant::now();
        let fault = told(ways.deliver(&target("mailto:a@partner.example"), &sent));
        assert!(begun.elapsed() < Duration::from_millis(3_500), "{:?}: {fault}", begun.elapsed());
        assert!(fault.starts_with(expected), "{fault}");
        // What was given up is never ended: no server takes it for a message.
        let bytes = message.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(bytes.ends_with(b"\r\n.\r\n"), slow == Slow::Answer, "{}", bytes.len());
    }
}
