//! The servers that shipments are delivered to in tests: OpenSSH, an object store, a mail server; and what tests have in common.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use portstatus::clock::RunTimer;
use portstatus::deliver::RunFiles;
use portstatus::deliver::staged::digest;
use portstatus::deliver::transport::{
    Delivered, Fault, MailSettings, Message, Patience, S3Settings, Secret, SftpSettings, Shipment, ShipmentFile, Target, TransportSettings,
    Transports,
};

use crate::servers::{PASSWORD, TestServer, USER, certify};
use crate::tools::{folder, found, run};

/// A shipment `key` of files with these names and contents, which stand in a folder of their own.
pub fn shipment(key: &str, files: &[(&str, &[u8])]) -> Shipment {
    let place = folder("shipment");
    let made = files.iter().enumerate().map(|(number, (name, bytes))| {
        let path = place.join(number.to_string());
        fs::write(&path, bytes).unwrap();
        ShipmentFile { path, name: (*name).to_owned(), bytes: bytes.len() as u64, sha256: digest(bytes) }
    });
    let files = made.collect();
    let message = Message { subject: "Your numbers".to_owned(), text: "Two moved.\n".to_owned(), html: "<p>Two moved.</p>".to_owned() };
    Shipment { key: key.to_owned(), files, message }
}

/// Bytes that do not compress and do not repeat, always the same.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Ways with these settings, of which one attempt may take so many seconds.
pub fn transports(mut settings: TransportSettings, seconds: u64) -> Transports {
    settings.patience = Patience { timeout: Duration::from_secs(seconds), ..Patience::default() };
    Transports::new(settings, &RunFiles::new(RunTimer::start().began().timestamp_micros())).unwrap()
}

/// What was written.
pub fn target(text: &str) -> Target {
    Target::parse(text).unwrap()
}

/// The kind of fault and what it says, in which no password stands.
pub fn told(outcome: Delivered) -> String {
    let fault = outcome.unwrap_err();
    let shown = format!("{fault:?} {}", fault.error());
    assert!(!shown.contains(PASSWORD), "{shown}");
    match fault {
        Fault::Passing(error) => format!("passing: {error}"),
        Fault::Lasting(error) => format!("lasting: {error}"),
        Fault::Unknown(error) => format!("unknown: {error}"),
    }
}

/// Passes bytes on to a server, and cuts all connections once so many bytes went there.
pub struct Cutter {
    /// Its port.
    pub port: u16,
    /// Bytes that may still go to the server.
    pub left: Arc<AtomicU64>,
    /// What went there, of each connection its pieces as they came.
    pub heard: Arc<Mutex<Vec<u8>>>,
}

impl Cutter {
    /// A cutter before the server at `port`, for `bytes` bytes.
    pub fn start(port: u16, bytes: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        let left = Arc::new(AtomicU64::new(bytes));
        let room = Arc::clone(&left);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&heard);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if room.load(Ordering::SeqCst) == 0 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || pass(from, to, None));
                let (room, heard) = (Arc::clone(&room), Arc::clone(&all));
                std::thread::spawn(move || pass(client, server, Some((&room, &heard))));
            }
        });
        Self { port: own, left, heard }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, counted: Option<(&AtomicU64, &Mutex<Vec<u8>>)>) {
    let mut piece = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        let taken = |left: u64| Some(left.saturating_sub(count as u64));
        let left = counted.map(|(room, heard)| {
            heard.lock().unwrap().extend_from_slice(&piece[..count]);
            room.fetch_update(Ordering::SeqCst, Ordering::SeqCst, taken).unwrap()
        });
        if left.is_some_and(|left| left < count as u64) || to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// OpenSSH's server, which here says that it has no extensions.
const BARE_SERVER: &str = r#"
import os, struct, subprocess, sys
server = subprocess.Popen(["/usr/lib/openssh/sftp-server"], stdout=subprocess.PIPE)
answers = server.stdout
answers.read(struct.unpack(">I", answers.read(4))[0])
os.write(1, struct.pack(">IBI", 5, 2, 3))
while piece := answers.read1(65536):
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
"#;

/// An SFTP server, and what a client needs.
pub struct Sftp {
    /// The server.
    pub server: TestServer,
    /// Its user, which is the user of the tests.
    pub user: String,
}

impl Sftp {
    /// The server of all tests; `None` where there is none.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Sftp>> = OnceLock::new();
        SERVER.get_or_init(|| Self::start("sftp", false)).as_ref()
    }

    /// A server of a test's own, perhaps a `bare` one without the extensions of OpenSSH; `None` where there is none.
    pub fn start(name: &str, bare: bool) -> Option<Self> {
        if !found("sshd") || (bare && !found("python3")) {
            return None;
        }
        let prepare = |folder: &Path, port: u16| {
            for key in ["host", "user", "stranger"] {
                let path = folder.join(key).display().to_string();
                run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", &path]);
            }
            fs::copy(folder.join("user.pub"), folder.join("authorized")).unwrap();
            let host = fs::read_to_string(folder.join("host.pub")).unwrap();
            fs::write(folder.join("known"), format!("[127.0.0.1]:{port} {host}")).unwrap();
            let other = fs::read_to_string(folder.join("stranger.pub")).unwrap();
            fs::write(folder.join("wrong"), format!("[127.0.0.1]:{port} {other}")).unwrap();
            fs::write(folder.join("bare.py"), BARE_SERVER).unwrap();
            let folder = folder.display();
            let path = std::env::var("PATH").unwrap();
            let subsystem = if bare { format!("python3 {folder}/bare.py") } else { "internal-sftp".to_owned() };
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile {folder}/pid\nAuthorizedKeysFile {folder}/authorized\n\
                 StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nSubsystem sftp {subsystem}\n\
                 PermitRootLogin yes\nSetEnv PATH={path}\nLogLevel VERBOSE\nMaxStartups 100\n"
            );
            fs::write(format!("{folder}/config"), config).unwrap();
            // As root it leaves its rights behind in this folder, which its start script makes.
            let _ = fs::create_dir_all("/run/sshd");
        };
        let server = TestServer::start(name, prepare, |folder, _| format!("/usr/sbin/sshd -D -e -f {}/config", folder.display()));
        server.wait(|| TcpStream::connect(("127.0.0.1", server.port)).ok());
        Some(Self { server, user: run("id", &["-un"]).trim().to_owned() })
    }

    /// How the server is reached.
    pub fn settings(&self) -> TransportSettings {
        let file = |name: &str| Some(self.server.folder.join(name));
        let sftp = SftpSettings { identity_file: file("user"), known_hosts_file: file("known") };
        TransportSettings { sftp, ..TransportSettings::default() }
    }

    /// A folder there, as a target.
    pub fn at(&self, folder: &Path) -> Target {
        target(&format!("sftp://{}@127.0.0.1:{}{}", self.user, self.server.port, folder.display()))
    }

    /// How many have logged in.
    pub fn logins(&self) -> usize {
        fs::read_to_string(self.server.folder.join("log")).unwrap().matches("Accepted publickey").count()
    }
}

/// An object store with the bucket `reports`; `None` where there is none. With `checks` it lets in only who has a key, and nobody
/// has one.
pub fn object_store(name: &str, checks: bool) -> Option<TestServer> {
    if !found("moto") {
        return None;
    }
    let free = if checks { "INITIAL_NO_AUTH_ACTION_COUNT=1 " } else { "" };
    let server = TestServer::start(name, |_, _| {}, |_, port| format!("{free}exec moto_server -H 127.0.0.1 -p {port}"));
    server.wait(|| TcpStream::connect(("127.0.0.1", server.port)).ok());
    assert!(http(server.port, "PUT", "/reports").starts_with("HTTP/1.1 200"));
    Some(server)
}

/// The object store of all tests; `None` where there is none.
pub fn shared_store() -> Option<&'static TestServer> {
    static SERVER: OnceLock<Option<TestServer>> = OnceLock::new();
    SERVER.get_or_init(|| object_store("s3", false)).as_ref()
}

/// How an object store at `port` is reached.
pub fn s3_settings(port: u16) -> TransportSettings {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let s3 = S3Settings {
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        region: Some("us-east-1".to_owned()),
        access_key_id: secret("AKIAEXAMPLE"),
        secret_access_key: secret(PASSWORD),
        session_token: None,
    };
    TransportSettings { s3, ..TransportSettings::default() }
}

/// What the server at `port` answers to a request, as text.
pub fn http(port: u16, method: &str, path: &str) -> String {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // The store asks who reads an object, and does not look whether it is true.
    let login = "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    write!(server, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{login}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A mail server that keeps what it gets, and behaves as the names before the @ of its recipients say.
const MAIL_SERVER: &str = r#"
import asyncio, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
folder, port, mode, size, user, password = sys.argv[1:7]
log = open(folder + "/events", "a", buffering=1)
later = set()
class Handler:
    count = 0
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "never":
            return "550 5.1.1 no such mailbox, said to 212-555-0100"
        if name.startswith("later") and name not in later:
            later.add(name)
            return "451 4.7.1 try again later"
        if name == "gone":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        names = [address.split("@")[0] for address in envelope.rcpt_tos]
        if "spam" in names:
            return "554 5.7.1 refused"
        Handler.count += 1
        with open(f"{folder}/{Handler.count}.eml", "wb") as out:
            out.write(envelope.original_content)
        login = session.auth_data.login.decode() if session.authenticated else None
        log.write("message %d from %s to %s login %s peer %d\n" % (Handler.count, envelope.mail_from, ",".join(envelope.rcpt_tos), login, session.peer[1]))
        if "cut" in names:
            server.transport.abort()
        if "slow" in names:
            await asyncio.sleep(30)
        return "250 OK"
def check(server, session, envelope, mechanism, data):
    good = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=False, auth_data=data)
async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/server.crt", folder + "/server.key")
    def make():
        return SMTP(Handler(), hostname="localhost", data_size_limit=int(size), authenticator=check, auth_require_tls=False,
            auth_required=mode != "plain", require_starttls=mode == "starttls", tls_context=context if mode == "starttls" else None)
    loop = asyncio.get_running_loop()
    await loop.create_server(make, "127.0.0.1", int(port), ssl=context if mode == "tls" else None)
    await asyncio.Event().wait()
asyncio.run(main())
"#;

/// A mail server.
pub struct MailServer {
    /// The server.
    pub server: TestServer,
}

impl MailServer {
    /// A server with TLS from the start (`tls`), after STARTTLS (`starttls`) or without (`plain`), that takes messages of `size`
    /// bytes; `None` where there is none.
    pub fn start(mode: &str, size: u64) -> Option<Self> {
        if !found("aiosmtpd") {
            return None;
        }
        let prepare = |folder: &Path, _| {
            certify(folder);
            fs::write(folder.join("server.py"), MAIL_SERVER).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        };
        let command = |folder: &Path, port| {
            let folder = folder.display();
            format!("exec python3 {folder}/server.py {folder} {port} {mode} {size} {USER} {PASSWORD}")
        };
        let server = TestServer::start(&format!("mail-{mode}-{size}"), prepare, command);
        server.wait(|| TcpStream::connect(("127.0.0.1", server.port)).ok());
        Some(Self { server })
    }

    /// How it is reached by `scheme`, with a login if there is TLS.
    pub fn settings(&self, scheme: &str) -> TransportSettings {
        let is_plain = scheme == "smtp+plain";
        let mail = MailSettings {
            server: format!("{scheme}://localhost:{}", self.server.port),
            user: (!is_plain).then(|| USER.to_owned()),
            password: (!is_plain).then(|| Secret::new(PASSWORD.to_owned())),
            ca_file: Some(self.server.folder.join("ca.crt")),
            from: "Porting reports <reports@carrier.example>".to_owned(),
            reply_to: Some("desk@carrier.example".to_owned()),
            ..MailSettings::default()
        };
        TransportSettings { mail, ..TransportSettings::default() }
    }

    /// What happened there.
    pub fn events(&self) -> String {
        fs::read_to_string(self.server.folder.join("events")).unwrap_or_default()
    }

    /// Message `number`.
    pub fn message(&self, number: u32) -> PathBuf {
        self.server.folder.join(format!("{number}.eml"))
    }
}
