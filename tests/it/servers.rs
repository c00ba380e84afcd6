//! Database servers that the tests start themselves, in temporary folders, once for the process, and that end with it.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::tools::{found, run as tool};

/// The user of the servers that must give a password, and the password: it may be nowhere in what the program writes.
pub const USER: &str = "porting_reader";
/// See [`USER`].
pub const PASSWORD: &str = "canary-7fq2Zx";
/// The name that the certificate of the server is for.
pub const CERTIFIED: &str = "db.porting.example";
/// How long a server may take to start.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server that runs.
pub struct TestServer {
    /// Its folder; the socket is in it.
    pub folder: PathBuf,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// While the input of this shell is open the server runs, so that it ends with the process whatever happens.
    shell: Child,
}

impl TestServer {
    /// A folder of `name` for a server, which runs `commands` once `prepare` is done.
    pub fn start(name: &str, prepare: impl FnOnce(&Path, u16), command: impl FnOnce(&Path, u16) -> String) -> Self {
        let folder = std::env::temp_dir().join(format!("portstatus-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        // Servers refuse to run as root.
        if is_root() {
            chown(&folder, Some(65534), Some(65534)).unwrap();
        }
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        prepare(&folder, port);
        // Both mean: at once, whoever is connected.
        let signal = if name.starts_with("pg") { "INT" } else { "TERM" };
        let script = format!(
            "{} >{folder}/log 2>&1 & server=$!; cat >/dev/null; kill -{signal} $server; wait $server; rm -rf {folder}",
            command(&folder, port),
            folder = folder.display()
        );
        let shell =
            Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { folder, port, shell }
    }

    /// Waits until `connect` gives a connection.
    pub fn wait<T>(&self, mut connect: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(connection) = connect() {
                return connection;
            }
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < TIMEOUT, "the server does not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the server now.
    pub fn stop(mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().unwrap();
    }
}

/// Whether the tests are run by root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// What runs a command as the user of the servers.
fn as_server_user() -> &'static str {
    if is_root() { "setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp " } else { "" }
}

fn shell(script: &str) {
    tool("sh", &["-c", script]);
}

/// The folder of PostgreSQL's own programs.
fn postgres_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|folder| folder.join("initdb").is_file()).max().unwrap_or_default()
}

/// A new PostgreSQL server of a test's own; `None` where there is none.
pub fn own_postgres(name: &str) -> Option<TestServer> {
    if !found("initdb") {
        return None;
    }
    let programs = postgres_programs();
    let prepare = |folder: &Path, _| {
        let data = folder.join("data");
        let init = programs.join("initdb").display().to_string();
        shell(&format!("{}{init} --no-sync -U postgres -A trust -E UTF8 --locale=C -D {} >/dev/null", as_server_user(), data.display()));
        certify(folder);
        let rules = format!("local all all trust\nhost all {USER} 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n");
        fs::write(data.join("pg_hba.conf"), rules).unwrap();
        let folder = folder.display();
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\nfsync = off\nssl = on\nssl_cert_file = '{folder}/server.crt'\nssl_key_file = '{folder}/server.key'\n"
        );
        fs::OpenOptions::new().append(true).open(data.join("postgresql.conf")).unwrap().write_all(settings.as_bytes()).unwrap();
    };
    let command = |folder: &Path, port| {
        format!("exec {}{} -D {}/data -p {port}", as_server_user(), programs.join("postgres").display(), folder.display())
    };
    let server = TestServer::start(name, prepare, |folder, port| format!("({})", command(folder, port)));
    let mut client = server.wait(|| postgres_client(&server));
    client.batch_execute(&format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")).unwrap();
    Some(server)
}

/// The PostgreSQL server of all tests; `None` where there is none.
pub fn postgres() -> Option<&'static TestServer> {
    static SERVER: OnceLock<Option<TestServer>> = OnceLock::new();
    SERVER.get_or_init(|| own_postgres("pg")).as_ref()
}

/// A connection as the owner of a PostgreSQL server.
fn postgres_client(server: &TestServer) -> Option<postgres::Client> {
    let mut config = postgres::Config::new();
    config.host_path(&server.folder).port(server.port).user("postgres").dbname("postgres").connect(postgres::NoTls).ok()
}

/// A database of a test's own, on the server of all tests, in which `script` was run, and a connection to it as its owner.
pub fn postgres_database(name: &str, script: &str) -> Option<(postgres::Client, String)> {
    let server = postgres()?;
    let mut owner = postgres_client(server).unwrap();
    owner.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let mut config = postgres::Config::new();
    let mut client = config.host_path(&server.folder).port(server.port).user("postgres").dbname(name).connect(postgres::NoTls).unwrap();
    client.batch_execute(script).unwrap();
    let grants = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {USER}");
    client.batch_execute(&grants).unwrap();
    Some((client, format!("postgres://postgres@127.0.0.1:{}/{name}", server.port)))
}

/// As [`certify`], for a server that runs as whoever runs the tests.
pub fn certify_own(folder: &Path) {
    certify(folder);
    if is_root() {
        tool("chown", &["0:0", folder.join("server.key").to_str().unwrap()]);
    }
}

/// Makes an authority (`ca.crt`), another one (`other.crt`) and a certificate of the first for [`CERTIFIED`] in `folder`.
pub fn certify(folder: &Path) {
    let folder = folder.display();
    let authority = |name: &str| {
        format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {folder}/{name}.key -out {folder}/{name}.crt -days 30 -subj /CN={name} 2>/dev/null\n"
        )
    };
    let request = format!(
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {folder}/server.key -out {folder}/server.csr -subj /CN={CERTIFIED} 2>/dev/null\n"
    );
    let sign = format!(
        "printf 'subjectAltName=DNS:{CERTIFIED},DNS:localhost\\n' > {folder}/server.ext\nopenssl x509 -req -in {folder}/server.csr -CA {folder}/ca.crt -CAkey {folder}/ca.key -CAcreateserial -days 30 -extfile {folder}/server.ext -out {folder}/server.crt 2>/dev/null\n"
    );
    let own = if is_root() { format!("chown 65534:65534 {folder}/server.*\n") } else { String::new() };
    shell(&format!(
        "set -e\n{}{}{request}{sign}{own}chmod 600 {folder}/server.key\nchmod 644 {folder}/*.crt",
        authority("ca"),
        authority("other")
    ));
}

/// The MariaDB server of all tests; `None` where there is none.
pub fn mariadb() -> Option<&'static TestServer> {
    static SERVER: OnceLock<Option<TestServer>> = OnceLock::new();
    SERVER.get_or_init(|| own_mariadb("maria")).as_ref()
}

/// A new MariaDB server of a test's own; `None` where there is none.
pub fn own_mariadb(name: &str) -> Option<TestServer> {
    if !found("mariadbd") {
        return None;
    }
    let prepare = |folder: &Path, _| {
        let options = "--no-defaults --auth-root-authentication-method=normal --skip-test-db";
        shell(&format!("{}mariadb-install-db {options} --datadir={}/data >/dev/null 2>&1", as_server_user(), folder.display()));
        certify(folder);
    };
    let command = |folder: &Path, port| {
        let folder = folder.display();
        format!(
            "({}mariadbd --no-defaults --datadir={folder}/data --socket={folder}/socket --port={port} --bind-address=127.0.0.1 --pid-file={folder}/pid --tmpdir={folder} \
             --innodb-flush-log-at-trx-commit=0 --ssl-cert={folder}/server.crt --ssl-key={folder}/server.key --skip-name-resolve)",
            if is_root() {
                "exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp PATH=$PATH:/usr/sbin "
            } else {
                "exec env PATH=$PATH:/usr/sbin "
            }
        )
    };
    let server = TestServer::start(name, prepare, command);
    let mut client = server.wait(|| mariadb_client(&server, None));
    let user = format!("CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'");
    mysql::prelude::Queryable::query_drop(&mut client, user).unwrap();
    Some(server)
}

/// A connection as the owner of a MariaDB server.
fn mariadb_client(server: &TestServer, database: Option<&str>) -> Option<mysql::Conn> {
    let socket = server.folder.join("socket");
    let options = mysql::OptsBuilder::new().socket(socket.to_str()).user(Some("root")).db_name(database);
    mysql::Conn::new(options).ok()
}

/// A database of a test's own, on the MariaDB server of all tests, in which the statements of `script` were run, and a connection
/// to it as its owner.
pub fn mariadb_database(name: &str, script: &[&str]) -> Option<(mysql::Conn, String)> {
    use mysql::prelude::Queryable;
    let server = mariadb()?;
    let mut owner = mariadb_client(server, None).unwrap();
    owner.query_drop(format!("CREATE DATABASE {name}")).unwrap();
    owner.query_drop(format!("GRANT SELECT ON {name}.* TO {USER}@'%'")).unwrap();
    let mut client = mariadb_client(server, Some(name)).unwrap();
    script.iter().for_each(|statement| client.query_drop(*statement).unwrap());
    Some((client, format!("mysql://{USER}@127.0.0.1:{}/{name}", server.port)))
}
