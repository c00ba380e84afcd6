//! Deliveries to places that want more than a key: a store that knows the role of a machine, and a server whose disk is full.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::delivery_servers::{Cutter, Sftp, http, shared_store};
use crate::program::{PROGRAM, out, said, starting};
use crate::servers::{TestServer, certify, is_root};
use crate::tools::{self, folder, found, names};

/// What only the machine knows.
const TOKEN: &str = "canary-token-of-the-machine";
const KEY: &str = "canary-key-of-the-role";

fn start(place: &Path, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = starting(PROGRAM);
    command.args(["run", "job.toml"]).args(more).current_dir(place).stdin(Stdio::null());
    command.envs(variables.iter().copied()).output().unwrap()
}

fn orders(place: &Path, rows: usize) {
    let line = |row: usize| format!("+1650{:07},A-{},In Progress,Company {row}\n", 2_000_000 + row, row % 3);
    let text: String = (0..rows).map(line).collect();
    fs::write(place.join("orders.csv"), format!("phone_number,account_id,status,account_company\n{text}")).unwrap();
}

/// What a machine tells those who run on it: its role by a token, or, as containers have it, to whoever has what is in a file.
fn machine() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || tell(client));
        }
    });
    port
}

fn tell(client: TcpStream) {
    let mut client = BufReader::new(client);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if client.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let has = |name: &str| head.iter().any(|line| line.eq_ignore_ascii_case(&format!("{name}: {TOKEN}")));
        let role = format!(
            r#"{{"Code":"Success","AccessKeyId":"AKIAOFTHEROLE","SecretAccessKey":"{KEY}","Token":"session-of-the-role","Expiration":"2099-01-01T00:00:00Z"}}"#
        );
        let path = head[0].trim_end_matches(" HTTP/1.1");
        let answer = match path {
            "PUT /latest/api/token" => Some(TOKEN.to_owned()),
            "GET /latest/meta-data/iam/security-credentials/" if has("x-aws-ec2-metadata-token") => Some("reports".to_owned()),
            "GET /latest/meta-data/iam/security-credentials/reports" if has("x-aws-ec2-metadata-token") => Some(role),
            "GET /of-the-container" if has("authorization") => Some(role),
            _ => None,
        };
        let (status, body) = answer.map_or(("403 Forbidden", String::new()), |body| ("200 OK", body));
        let text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if client.get_mut().write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_bucket_is_reached_by_the_role_of_the_machine() {
    let Some(store) = shared_store() else { return };
    let port = machine();
    for (name, is_container) in [("role-of-machine", false), ("role-of-container", true)] {
        let place = folder(name);
        orders(&place, 9);
        let recorder = Cutter::start(store.port, u64::MAX);
        let text = format!(
            "name = \"{name}\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\"]\n[recipients]\nsplit-by = \"account\"\n[[deliveries]]\n\
             to = \"s3://reports/{name}/{{recipient}}\"\nattempts = 1\ns3 = {{ endpoint = \"http://127.0.0.1:{}\", region = \"us-east-1\" }}\n",
            recorder.port
        );
        fs::write(place.join("job.toml"), text).unwrap();
        let secret = place.join("token");
        fs::write(&secret, TOKEN).unwrap();
        let (address, secret) = (format!("http://127.0.0.1:{port}"), secret.display().to_string());
        let of_container = format!("{address}/of-the-container");
        let variables = match is_container {
            false => vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", address.as_str())],
            true => vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", of_container.as_str()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", secret.as_str()),
            ],
        };
        let done = start(&place, &["--as-of", "2026-11-20T14:00:00Z"], &variables);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let listed = http(store.port, "GET", &format!("/reports?list-type=2&prefix={name}/"));
        assert_eq!(listed.matches("<Key>").count(), 3, "{listed}");
        // The store is asked as the role that the machine has, for as long as it lasts.
        let heard = String::from_utf8_lossy(&recorder.heard.lock().unwrap()).into_owned();
        assert!(heard.contains("Credential=AKIAOFTHEROLE/") && heard.contains("x-amz-security-token: session-of-the-role"), "{heard}");
        let journal = fs::read_to_string(place.join("runs/latest/deliveries.jsonl")).unwrap();
        for secret in [KEY, TOKEN] {
            assert!(![said(&done), journal.clone(), heard.clone()].iter().any(|told| told.contains(secret)), "{secret} is told");
        }
        // A machine without a role: nothing is delivered, and the line says so.
        let nobody = format!("http://127.0.0.1:{port}/nobody");
        let nobody = if is_container {
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", nobody.as_str())
        } else {
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody.as_str())
        };
        let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", secret.as_str());
        let variables = if is_container { vec![nobody, token] } else { vec![nobody] };
        let refused = start(&place, &["--as-of", "2026-11-21T15:00:00Z"], &variables);
        assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
        assert!(!said(&refused).contains(TOKEN), "{}", said(&refused));
        let journal = fs::read_to_string(place.join("runs/latest/deliveries.jsonl")).unwrap();
        assert!(journal.contains("no key was given, and the role of this machine gives none"), "{journal}");
    }
}

/// A service that gives keys for tokens, as clusters have it: over TLS, for the one token that is its third argument.
const KEYS_FOR_TOKENS: &str = r#"
import http.server, ssl, sys, urllib.parse
folder, port, token = sys.argv[1:]
class Keys(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = {key: value[0] for key, value in urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).items()}
        good = asked["Action"] == "AssumeRoleWithWebIdentity" and asked["WebIdentityToken"] == token and asked["RoleArn"].endswith(":role/reports")
        body = """<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<SessionToken>session-of-the-account</SessionToken><SecretAccessKey>canary-key-of-the-account</SecretAccessKey>
<Expiration>2099-01-01T00:00:00Z</Expiration><AccessKeyId>AKIAOFTHEACCOUNT</AccessKeyId>
</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>""".encode()
        self.send_response(200 if good else 403)
        self.send_header("Content-Length", str(len(body) if good else 0))
        self.end_headers()
        if good:
            self.wfile.write(body)
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Keys)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/server.crt", folder + "/server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"#;

#[test]
fn a_bucket_is_reached_by_the_role_of_a_service_account() {
    let Some(store) = shared_store().filter(|_| found("openssl")) else { return };
    let prepare = |folder: &Path, _: u16| {
        certify(folder);
        fs::write(folder.join("keys.py"), KEYS_FOR_TOKENS).unwrap();
    };
    let command = |folder: &Path, port: u16| format!("exec python3 {0}/keys.py {0} {port} {TOKEN}", folder.display());
    let server = TestServer::start("web-identity-keys", prepare, command);
    server.wait(|| TcpStream::connect(("127.0.0.1", server.port)).ok());
    let place = folder("web-identity");
    orders(&place, 9);
    let recorder = Cutter::start(store.port, u64::MAX);
    let text = format!(
        "name = \"web\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\"]\n[recipients]\nsplit-by = \"account\"\n[[deliveries]]\n\
         to = \"s3://reports/web/{{recipient}}\"\nattempts = 1\ns3 = {{ endpoint = \"http://127.0.0.1:{}\", region = \"us-east-1\" }}\n",
        recorder.port
    );
    fs::write(place.join("job.toml"), text).unwrap();
    let keys = format!("https://localhost:{}", server.port);
    let (ca, token) = (server.folder.join("ca.crt").display().to_string(), place.join("token").display().to_string());
    let variables = [
        ("SSL_CERT_FILE", ca.as_str()),
        ("AWS_ENDPOINT_URL_STS", keys.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reports"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
    ];
    // Another token is worth nothing.
    fs::write(place.join("token"), "another").unwrap();
    let refused = start(&place, &["--as-of", "2026-11-19T14:00:00Z"], &variables);
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    fs::write(place.join("token"), TOKEN).unwrap();
    let done = start(&place, &["--as-of", "2026-11-20T14:00:00Z"], &variables);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(http(store.port, "GET", "/reports?list-type=2&prefix=web/").matches("<Key>").count(), 3);
    let heard = String::from_utf8_lossy(&recorder.heard.lock().unwrap()).into_owned();
    assert!(heard.contains("Credential=AKIAOFTHEACCOUNT/") && heard.contains("x-amz-security-token: session-of-the-account"), "{heard}");
    for told in [said(&done), heard] {
        assert!(!told.contains(TOKEN) && !told.contains("canary-key"), "{told}");
    }
}

/// A small file system at a folder, for as long as it is held.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// One of so many kilobytes; `None` where nothing may be mounted.
    fn at(folder: &Path, kilobytes: u32) -> Option<Self> {
        let size = format!("size={kilobytes}k,mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_path_buf()));
        }
        tools::skip("nothing may be mounted here");
        None
    }

    fn enlarge(&self, kilobytes: u32) {
        let size = format!("remount,size={kilobytes}k");
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_of_a_server_fails_its_own_delivery_until_there_is_room() {
    if !is_root() {
        return tools::skip("only root can mount a small disk");
    }
    let Some(sftp) = Sftp::start("job-full", false) else { return };
    let place = folder("full-disk");
    orders(&place, 60);
    let (home, keys) = (place.display(), sftp.server.folder.display());
    let text = format!(
        "name = \"full\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\", \"xlsx\"]\n[recipients]\nsplit-by = \"account\"\n[[deliveries]]\n\
         to = \"sftp://{}@127.0.0.1:{}{home}/sftp/{{recipient}}\"\nattempts = 1\n\
         sftp = {{ identity-file = \"{keys}/user\", known-hosts-file = \"{keys}/known\" }}\n",
        sftp.user, sftp.server.port
    );
    fs::write(place.join("job.toml"), text).unwrap();
    let first = start(&place, &["--as-of", "2026-11-20T14:00:00Z"], &[]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let folders = names(&place.join("sftp"));
    let full = folders.iter().find(|name| name.starts_with("A-1")).unwrap();
    let Some(disk) = SmallDisk::at(&place.join("sftp").join(full), 12) else { return };
    let partial = start(&place, &["--as-of", "2026-11-21T15:00:00Z"], &[]);
    assert_eq!(partial.status.code(), Some(4), "{}", said(&partial));
    assert!(out(&partial).lines().last().unwrap().starts_with("Incomplete: 2 of 3 delivered, 1 failed"), "{}", said(&partial));
    // Nothing of it stands under its name, the small file neither, and the line says what to look for.
    let left = names(&disk.0);
    assert!(left.iter().all(|name| name.starts_with(".portstatus-")), "{left:?}");
    let journal = fs::read_to_string(place.join("runs/latest/deliveries.jsonl")).unwrap();
    let failed: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line.to_string().contains("\"failed\""))
        .collect();
    assert!(failed.len() == 1 && failed[0].to_string().contains("no space is left there"), "{journal}");
    // Tried again while there is no room, it fails again; with room it is all that is delivered.
    let again = start(&place, &["--resume", "runs/latest"], &[]);
    assert_eq!(again.status.code(), Some(4), "{}", said(&again));
    disk.enlarge(4_096);
    let before: Vec<_> = folders.iter().filter(|name| *name != full).map(|name| written(&place.join("sftp").join(name))).collect();
    let resumed = start(&place, &["--resume", "runs/latest"], &[]);
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    let arrived = names(&disk.0);
    assert!(arrived.len() == 2 && arrived.iter().all(|name| name.contains("2026-11-21")), "{arrived:?}");
    let after: Vec<_> = folders.iter().filter(|name| *name != full).map(|name| written(&place.join("sftp").join(name))).collect();
    assert_eq!(before, after, "what had arrived was sent again");
}

/// When each file of a folder was written.
fn written(folder: &Path) -> Vec<(String, std::time::SystemTime)> {
    let time = |name: &String| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
    names(folder).into_iter().map(|name| (name.clone(), time(&name))).collect()
}
