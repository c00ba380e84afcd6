//! Engines that run statements: a real one, and one that does to the client what servers and networks do. Built and run by
//! `tests/spark` alone.

mod any_engine;
mod cut_connection;
mod faulty;
mod places;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use portstatus::engine::{AnswerBatch, Engine, EnginePlace, EngineToken, Interruption, Progress};
use portstatus::error::Result;

use crate::servers::TestServer;
use crate::tools::skip;

/// The token of the faulty server: it may be nowhere in what is said.
const TOKEN: &str = "canary-engine-9kX";

/// The Python that has the engines, as `tests/spark` makes it; nothing where nobody did.
fn engines_python() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
    let python = cache.join("portstatus-test-engines/bin/python");
    let found = python.is_file();
    if !found {
        skip("the engines are not installed: tests/spark does it");
    }
    found.then_some(python)
}

/// The address of a real engine, and whether it is Apache Spark: the one at `PORTSTATUS_TEST_ENGINE`, or Sail, started here.
pub fn real_engine() -> Option<(String, bool)> {
    if let Ok(address) = std::env::var("PORTSTATUS_TEST_ENGINE") {
        return Some((address, true));
    }
    static SAIL: OnceLock<Option<TestServer>> = OnceLock::new();
    let start = || {
        let sail = engines_python()?.with_file_name("sail");
        // Its tables are folders below the one where it runs.
        let command =
            |folder: &Path, port| format!("(cd {}; exec {} spark server --ip 127.0.0.1 --port {port})", folder.display(), sail.display());
        let server = TestServer::start("sail", |_, _| {}, command);
        server.wait(|| begin_session(&format!("sc://127.0.0.1:{}", server.port), &Interruption::default()).ok());
        Some(server)
    };
    let server = SAIL.get_or_init(start).as_ref()?;
    Some((format!("sc://127.0.0.1:{}", server.port), false))
}

/// A session with the engine at `address`; the token is the one of the environment, which Sail does not ask for.
pub fn session(address: &str) -> Engine {
    begin_session(address, &Interruption::default()).unwrap()
}

fn begin_session(address: &str, interruption: &Interruption) -> Result<Engine> {
    let token = EngineToken::from_environment().unwrap();
    Engine::connect(&EnginePlace::parse(address).unwrap(), token.as_ref(), interruption.clone())
}

/// A server of which the statement says what it does.
struct FaultyServer {
    server: TestServer,
    ports: Vec<u16>,
}

impl FaultyServer {
    /// Its address without a token and encryption.
    fn place(&self) -> EnginePlace {
        EnginePlace::parse(&format!("sc://127.0.0.1:{}", self.ports[0])).unwrap()
    }

    /// The calls of a session, in their order.
    fn calls(&self, session: &str) -> Vec<String> {
        let log = fs::read_to_string(self.server.folder.join(format!("log-{session}"))).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

fn faulty() -> Option<&'static FaultyServer> {
    static SERVER: OnceLock<Option<FaultyServer>> = OnceLock::new();
    let start = || {
        let python = engines_python()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/engine/faulty_server.py");
        let command = |folder: &Path, _| format!("exec {} {} {}", python.display(), script.display(), folder.display());
        let server = TestServer::start("faulty-engine", |_, _| {}, |folder, port| format!("({})", command(folder, port)));
        let ports = server.wait(|| fs::read_to_string(server.folder.join("ports")).ok());
        Some(FaultyServer { server, ports: ports.split(' ').map(|port| port.parse().unwrap()).collect() })
    };
    SERVER.get_or_init(start).as_ref()
}

/// A new session id.
fn session_id() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("00000000-0000-4000-8000-{:08x}{number:04x}", std::process::id())
}

/// A session with the engine at `address`, of this id.
fn connect(address: &str, session: &str) -> Result<Engine> {
    connect_with(address, session, None, &Interruption::default())
}

fn connect_with(address: &str, session: &str, token: Option<&str>, interruption: &Interruption) -> Result<Engine> {
    let mark = if address.contains("/;") { "" } else { "/" };
    let place = EnginePlace::parse(&format!("{address}{mark};session_id={session}"))?;
    let token = token.map(|token| EngineToken::new(token).unwrap());
    Engine::connect(&place, token.as_ref(), interruption.clone())
}

fn quiet(_: Progress) {}

/// The numbers in the first column of an answer, as they come.
fn numbers(engine: &mut Engine, sql: &str) -> (Vec<i64>, Result<()>) {
    let mut numbers = Vec::new();
    let done = engine.run(sql, &mut quiet, &mut |batch| {
        numbers.extend(first_column(batch));
        Ok(())
    });
    (numbers, done)
}

fn first_column(batch: &AnswerBatch) -> Vec<i64> {
    let column = batch.arrays()[0].as_any().downcast_ref::<polars_arrow::array::PrimitiveArray<i64>>().unwrap();
    column.values_iter().copied().collect()
}
