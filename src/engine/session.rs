//! A session with an engine: its connection, what every call carries, and the calls that are answered at once.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use rand::RngCore;
use spark_connect_proto::config_request::operation::OpType;
use spark_connect_proto::config_request::{GetOption, Operation, Set};
use spark_connect_proto::spark_connect_service_client::SparkConnectServiceClient;
use spark_connect_proto::{self as wire, UserContext};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Response, Status};

use crate::engine::backoff::Attempts;
use crate::engine::failure::{broken_connection, broken_promise, explain, interrupted, is_transient};
use crate::engine::interruption::Interruption;
use crate::engine::place::{EnginePlace, EngineToken};
use crate::error::{Error, Place, Result};

/// What this program is called there.
const CLIENT: &str = concat!("portstatus/", env!("CARGO_PKG_VERSION"));
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call that is answered at once may take; the first has the engine make a session.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
/// How long the engine has to hear that something is no longer needed.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(3);
/// How often it is looked whether somebody interrupts.
const POLL: Duration = Duration::from_millis(100);
/// Bytes of a message, at most: a batch of an answer is one, which Spark makes no larger than 128 MiB.
const MAX_MESSAGE_BYTES: usize = 160 << 20;
/// Bytes that the engine may send before they are asked for.
const STREAM_WINDOW_BYTES: u32 = 8 << 20;
/// Seconds of silence after which the system asks whether the other end is still there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// The client of Apache's own types.
pub type Client = SparkConnectServiceClient<Channel>;

/// A session with an engine. It ends when it is dropped, unless it was given.
pub struct Session {
    client: Client,
    headers: MetadataMap,
    /// Where the engine is.
    pub place: EnginePlace,
    /// Who may end what runs.
    pub interruption: Interruption,
    id: String,
    /// What the engine calls the session: another name means that it lost it.
    observed: OnceLock<String>,
    runtime: Runtime,
}

impl Session {
    /// Connects to the engine at `place`.
    ///
    /// # Errors
    /// A token that others could read on its way (64); an engine that cannot be reached or trusted (69); no threads (71).
    pub fn connect(place: &EnginePlace, token: Option<&EngineToken>, interruption: Interruption) -> Result<Self> {
        let headers = headers(place, token)?;
        // One thread keeps connections going while whoever reads the answer is busy with a batch.
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("engine").enable_all().build();
        let runtime =
            runtime.map_err(|error| Error::system("", "no thread can be started", "raise the limit of processes").with_cause(error))?;
        let refused = |error: tonic::transport::Error| {
            let broken = broken_connection(&error, place);
            broken.unwrap_or_else(|| Error::unavailable(place.to_string(), "the engine cannot be reached", "check the host and the port"))
        };
        let endpoint = endpoint(place).map_err(refused)?;
        let connecting = async { timeout(CONNECT_TIMEOUT * 2, endpoint.connect()).await };
        let channel = match wait(&runtime, &interruption, connecting) {
            None => return Err(interrupted(place)),
            Some(Err(_)) => return Err(Error::unavailable(place.to_string(), "the engine does not answer", "check the host and the port")),
            Some(Ok(connected)) => connected.map_err(refused)?,
        };
        let client = Client::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES).max_encoding_message_size(MAX_MESSAGE_BYTES);
        let id = place.session_id.clone().unwrap_or_else(uuid);
        Ok(Self { client, headers, place: place.clone(), interruption, id, observed: OnceLock::new(), runtime })
    }

    /// What `call` gives; nothing when somebody interrupts first.
    pub fn wait<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        wait(&self.runtime, &self.interruption, call)
    }

    /// Waits for a `time`.
    ///
    /// # Errors
    /// An interruption (75).
    pub fn pause(&self, time: Duration) -> Result<()> {
        self.wait(async { tokio::time::sleep(time).await }).ok_or_else(|| interrupted(&self.place))
    }

    /// Tells the engine something that it may miss: a few seconds, interrupted or not.
    pub fn tell<T>(&self, call: impl Future<Output = T>) {
        drop(self.runtime.block_on(async { timeout(FAREWELL_TIMEOUT, call).await }));
    }

    /// Has `call` done beside whatever else is done; whether it is.
    pub fn tell_beside(&self, call: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
        self.runtime.spawn(call)
    }

    /// A client of the connection. Several calls may be under way at once.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// A request with `message`, and what every request carries.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.headers.clone();
        request
    }

    /// The session, as messages name it: its id, whose it is, what the engine calls it, and who asks.
    pub fn names(&self) -> (String, Option<UserContext>, Option<String>, Option<String>) {
        let user = UserContext { user_id: self.place.user_id.clone(), user_name: self.place.user_id.clone(), extensions: Vec::new() };
        (self.id.clone(), Some(user), self.observed.get().cloned(), Some(CLIENT.to_owned()))
    }

    /// Takes note of what the engine calls the session in an answer.
    ///
    /// # Errors
    /// Another session than that of the answers before: the engine was started anew meanwhile (69).
    pub fn observe(&self, session_id: &str, server_side_id: &str) -> Result<()> {
        if session_id != self.id && !session_id.is_empty() {
            return Err(broken_promise(&self.place, "the engine answered for another session"));
        }
        if !server_side_id.is_empty() && self.observed.get_or_init(|| server_side_id.to_owned()) != server_side_id {
            return Err(broken_promise(&self.place, "the engine was started anew in the middle of the session"));
        }
        Ok(())
    }

    /// The version that the engine calls itself.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn version(&self) -> Result<String> {
        use wire::analyze_plan_request::{Analyze, SparkVersion};
        let (session_id, user_context, observed, client_type) = self.names();
        let analyze = Some(Analyze::SparkVersion(SparkVersion {}));
        let asked =
            wire::AnalyzePlanRequest { session_id, client_observed_server_side_session_id: observed, user_context, client_type, analyze };
        let answer = self.call(|| {
            let (mut client, request) = (self.client(), self.request(asked.clone()));
            async move { client.analyze_plan(request).await }
        })?;
        self.observe(&answer.session_id, &answer.server_side_session_id)?;
        match answer.result {
            Some(wire::analyze_plan_response::Result::SparkVersion(answer)) => Ok(answer.version),
            _ => Err(broken_promise(&self.place, "the engine does not say which version it is")),
        }
    }

    /// Asks for a setting that every engine has, so that whatever is wrong with the engine or the token is known before it is needed.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn greet(&self) -> Result<()> {
        self.config(OpType::GetOption(GetOption { keys: vec!["spark.sql.session.timeZone".to_owned()] }))
    }

    /// Sets settings of the session, by the names that Spark gives them.
    ///
    /// # Errors
    /// As [`call`](Self::call); a name or value that the engine refuses.
    pub fn configure(&self, settings: &[(&str, &str)]) -> Result<()> {
        let pair = |(key, value): &(&str, &str)| wire::KeyValue { key: (*key).to_owned(), value: Some((*value).to_owned()) };
        self.config(OpType::Set(Set { pairs: settings.iter().map(pair).collect(), silent: None }))
    }

    fn config(&self, operation: OpType) -> Result<()> {
        let (session_id, user_context, observed, client_type) = self.names();
        let operation = Some(Operation { op_type: Some(operation) });
        let asked =
            wire::ConfigRequest { session_id, client_observed_server_side_session_id: observed, user_context, operation, client_type };
        let answer = self.call(|| {
            let (mut client, request) = (self.client(), self.request(asked.clone()));
            async move { client.config(request).await }
        })?;
        self.observe(&answer.session_id, &answer.server_side_session_id)
    }

    /// The answer to a call that is made again while the engine may not be there yet.
    fn call<T, F: Future<Output = std::result::Result<Response<T>, Status>>>(&self, make: impl Fn() -> F) -> Result<T> {
        let mut attempts = Attempts::default();
        loop {
            let called = self.wait(async { timeout(CALL_TIMEOUT, make()).await }).ok_or_else(|| interrupted(&self.place))?;
            let status = match called {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => status,
                Err(_) => Status::deadline_exceeded(""),
            };
            let pause = attempts.fail().filter(|_| is_transient(&status)).ok_or_else(|| explain(&status, &self.place))?;
            self.pause(pause)?;
        }
    }
}

impl Drop for Session {
    /// Has the engine forget a session that nobody can go on with.
    fn drop(&mut self) {
        if self.place.session_id.is_none() && self.observed.get().is_some() {
            let (session_id, user_context, _, client_type) = self.names();
            let request = self.request(wire::ReleaseSessionRequest { session_id, user_context, client_type, allow_reconnect: false });
            let mut client = self.client();
            self.tell(async move { client.release_session(request).await });
        }
    }
}

/// What `call` gives; nothing when somebody interrupts first. A call that is not waited for any longer ends.
fn wait<T>(runtime: &Runtime, interruption: &Interruption, call: impl Future<Output = T>) -> Option<T> {
    runtime.block_on(async {
        let mut call = pin!(call);
        loop {
            if interruption.is_asked() {
                return None;
            }
            if let Ok(done) = timeout(POLL, call.as_mut()).await {
                return Some(done);
            }
        }
    })
}

/// A new random UUID.
pub fn uuid() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn endpoint(place: &EnginePlace) -> std::result::Result<Endpoint, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(place.url())?.user_agent(CLIENT)?.connect_timeout(CONNECT_TIMEOUT);
    // Spark's servers hang up on clients that ask by HTTP/2 whether they are there more often than every few minutes.
    let endpoint = endpoint.tcp_keepalive(Some(KEEPALIVE)).tcp_keepalive_interval(Some(KEEPALIVE / 4)).tcp_keepalive_retries(Some(4));
    let endpoint = endpoint.initial_stream_window_size(STREAM_WINDOW_BYTES).initial_connection_window_size(2 * STREAM_WINDOW_BYTES);
    match place.is_encrypted {
        true => endpoint.tls_config(ClientTlsConfig::new().with_native_roots()),
        false => Ok(endpoint),
    }
}

/// What every call carries. A token goes only where nobody else can read it.
fn headers(place: &EnginePlace, token: Option<&EngineToken>) -> Result<MetadataMap> {
    let mut headers = MetadataMap::new();
    let internal = |_| Error::internal("engine", "a header that cannot be sent");
    for (name, value) in &place.headers {
        let name = AsciiMetadataKey::from_bytes(name.as_bytes()).map_err(|_| Error::internal("engine", "a header without a name"))?;
        headers.insert(name, value.parse().map_err(internal)?);
    }
    if let Some(token) = token {
        if !place.is_private() {
            let what = format!("the token would be sent to {place} unencrypted");
            return Err(Error::usage(Place::option("engine"), what, "add /;use_ssl=true to the address"));
        }
        let mut value: AsciiMetadataValue = format!("Bearer {}", token.reveal()).parse().map_err(internal)?;
        value.set_sensitive(true);
        headers.insert("authorization", value);
    }
    Ok(headers)
}
