//! Puts shipments into S3-compatible object stores: each object whole and verified, or not there.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::path::Path as ObjectPath;
use object_store::{
    Attribute, Attributes, ClientOptions, GetOptions, MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions, RetryConfig,
};
use tokio::time::timeout;

use crate::deliver::transport::content::Content;
use crate::deliver::transport::content_type::content_type;
use crate::deliver::transport::s3_fault::{fault_of, without_key};
use crate::deliver::transport::secret::Secret;
use crate::deliver::transport::server::{is_loopback, without_login};
use crate::deliver::transport::shipment::{Delivered, Fault, Receipt, Shipment, ShipmentFile};
use crate::error::{Error, Result};
use crate::source::database::files::variable;

/// Bytes above which an object goes in parts, and of a part at least.
const PART: u64 = 8 << 20;

/// Parts that an object may have; stores take 10,000.
const MAX_PARTS: u64 = 9_000;

/// How long it is tried to take back the parts of an object that failed.
const ABORT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// The metadata of an object that holds the SHA-256 of its bytes, in hex.
const SHA256: Attribute = Attribute::Metadata(std::borrow::Cow::Borrowed("sha256"));

/// The variables from which the key is taken where no setting says it, as all programs for S3 do: a key, or what leads to the one of a
/// role. Where none is set, the machine that this is on is asked for the key of its role.
const VARIABLES: [(&str, AmazonS3ConfigKey); 11] = [
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", AmazonS3ConfigKey::MetadataEndpoint),
];

/// How an object store is reached.
#[derive(Clone, Default)]
pub struct S3Settings {
    /// The URL of the store; the one of the region, if not given.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The id of the key.
    pub access_key_id: Option<Secret>,
    /// The key.
    pub secret_access_key: Option<Secret>,
    /// What goes with a temporary key.
    pub session_token: Option<Secret>,
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endpoint = self.endpoint.as_deref().map(without_login);
        let mut shown = f.debug_struct("S3Settings");
        shown.field("endpoint", &endpoint).field("region", &self.region).field("access_key_id", &self.access_key_id);
        shown.field("secret_access_key", &self.secret_access_key).field("session_token", &self.session_token).finish()
    }
}

/// The buckets that a run delivers to; connections are kept and used again.
pub struct Buckets {
    settings: S3Settings,
    limit: Duration,
    open: Mutex<BTreeMap<String, AmazonS3>>,
}

impl std::fmt::Debug for Buckets {
    /// Without the clients, which would show their keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buckets").field("settings", &self.settings).field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Buckets {
    /// Buckets of the store that `settings` say, of which one attempt may take as long as `limit`.
    pub fn new(settings: S3Settings, limit: Duration) -> Self {
        Self { settings, limit, open: Mutex::default() }
    }

    /// Puts `shipment` into a `bucket`, the names of its objects beginning with `prefix`. There is no transaction over several
    /// objects: they come one after another, in the order of the shipment. `place` is what messages call the target.
    ///
    /// # Errors
    /// Passing when the store was not reached, was busy or broke down, otherwise lasting; an object that failed midway is taken back.
    pub async fn deliver(&self, place: &str, (bucket, prefix): (&str, &str), shipment: &Shipment) -> Delivered {
        let store = self.bucket(place, bucket).map_err(Fault::Lasting)?;
        let mut upload = None;
        let outcome = match timeout(self.limit, put_all(&store, place, prefix, shipment, &mut upload)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let what = format!("the store did not take the shipment within {} seconds", self.limit.as_secs_f64());
                Err(Fault::Passing(Error::unavailable(place, what, "check the network, or allow more time")))
            }
        };
        if let Some(mut upload) = upload.filter(|_| outcome.is_err()) {
            // A store that is gone keeps the parts, which are no object, until its rule for them removes them.
            let _ = timeout(ABORT_TIMEOUT, upload.abort()).await;
        }
        outcome
    }

    /// Finds out whether the settings are complete, without asking the store.
    ///
    /// # Errors
    /// [`Error::usage`] for a URL that is not one or would send orders in the clear, and half a key.
    pub fn check(&self, place: &str, bucket: &str) -> Result<()> {
        self.bucket(place, bucket).map(drop)
    }

    fn bucket(&self, place: &str, bucket: &str) -> Result<AmazonS3> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(bucket) {
            return Ok(store.clone());
        }
        let store = self.connect(place, bucket)?;
        open.insert(bucket.to_owned(), store.clone());
        Ok(store)
    }

    fn connect(&self, place: &str, bucket: &str) -> Result<AmazonS3> {
        let S3Settings { endpoint, region, access_key_id, secret_access_key, session_token } = &self.settings;
        let is_plain = endpoint.as_deref().map(|endpoint| is_plain(place, endpoint)).transpose()?.unwrap_or(false);
        let client =
            ClientOptions::new().with_timeout(self.limit).with_connect_timeout(self.limit.min(CONNECT_TIMEOUT)).with_allow_http(is_plain);
        // How often it is tried is decided elsewhere, once for all ways.
        let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_client_options(client)
            .with_retry(retry)
            .with_checksum_algorithm(Checksum::SHA256);
        let region = region.clone().or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        if region.is_none() && endpoint.is_none() {
            return Err(Error::usage(place, "neither the region nor the URL of the store is known", "set region, or endpoint"));
        }
        builder = region.into_iter().fold(builder, AmazonS3Builder::with_region);
        builder = endpoint.iter().fold(builder, |builder, endpoint| builder.with_endpoint(endpoint.trim_end_matches('/')));
        builder = match (access_key_id, secret_access_key) {
            (Some(id), Some(key)) => builder.with_access_key_id(id.reveal()).with_secret_access_key(key.reveal()),
            (None, None) if session_token.is_none() => {
                let known = VARIABLES.into_iter().filter_map(|(name, key)| Some((key, variable(name)?)));
                known.fold(builder, |builder, (key, value)| builder.with_config(key, value))
            }
            _ => {
                return Err(Error::usage(
                    place,
                    "only a part of the key is given",
                    "set access_key_id and secret_access_key, both or neither",
                ));
            }
        };
        builder = session_token.iter().fold(builder, |builder, token| builder.with_token(token.reveal()));
        builder
            .build()
            .map_err(|_| Error::usage(place, "the store cannot be reached with these settings", "check endpoint, region and key"))
    }
}

/// Whether `endpoint` is reached without encryption, which is for this machine alone.
fn is_plain(place: &str, endpoint: &str) -> Result<bool> {
    let refuse = |what: &str, help: &str| Err(Error::usage(place, what, help));
    let (is_plain, rest) = match (endpoint.strip_prefix("https://"), endpoint.strip_prefix("http://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return refuse("the URL of the store has no scheme", "write endpoint as https://HOST"),
    };
    let server = rest.trim_end_matches('/');
    if server.is_empty() || server.contains(['@', '?', '#']) || server.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return refuse("the URL of the store is not plain", "write endpoint as https://HOST:PORT, without a login");
    }
    let host = server.split('/').next().unwrap_or(server);
    if is_plain && !is_loopback(host) {
        return refuse("the URL of the store would send the orders in the clear", "write https:// in endpoint");
    }
    let set = |names: &[&str]| names.iter().find_map(|name| variable(name));
    let spared = set(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare).trim_matches(['[', ']']);
    if is_plain && set(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]).is_some() && !spared.contains(bare) {
        return refuse("the orders would be sent to a proxy in the clear", "name the host of endpoint in the variable no_proxy");
    }
    Ok(is_plain)
}

async fn put_all(
    store: &AmazonS3,
    place: &str,
    prefix: &str,
    shipment: &Shipment,
    upload: &mut Option<Box<dyn MultipartUpload>>,
) -> Delivered {
    let mut was_there = !shipment.files.is_empty();
    // Whoever gives keys is not the store: what it refuses is said of it.
    store.credentials().get_credential().await.map_err(|error| without_key(place, &error))?;
    for file in &shipment.files {
        let key = if prefix.is_empty() { file.name.clone() } else { format!("{prefix}/{}", file.name) };
        let object = ObjectPath::parse(&key)
            .map_err(|_| Fault::Lasting(Error::usage(place, "cannot be the name of an object", "choose a plain prefix")))?;
        if is_there(store, place, &object, file, true).await? {
            continue;
        }
        was_there = false;
        if file.bytes > PART {
            put_parts(store, place, &object, file, upload).await?
        } else {
            put(store, place, &object, file).await?
        }
        *upload = None;
        if !is_there(store, place, &object, file, false).await? {
            let what = format!("'{}' is not what was sent", file.name);
            return Err(Fault::Passing(Error::unavailable(place, what, "check who else writes there; it is sent again")));
        }
    }
    Ok(Receipt { reference: None, was_there })
}

/// Whether the object is what `file` is, by its size and the hash in its metadata. Before it is sent (`is_asking`) a store that
/// does not say is taken to have none: who may not list a bucket is refused an object that is not there.
async fn is_there(store: &AmazonS3, place: &str, object: &ObjectPath, file: &ShipmentFile, is_asking: bool) -> Delivered<bool> {
    match store.get_opts(object, GetOptions { head: true, ..GetOptions::default() }).await {
        Ok(found) => {
            let is_same = found.attributes.get(&SHA256).is_some_and(|sha256| sha256.eq_ignore_ascii_case(&file.sha256));
            Ok(is_same && found.meta.size == file.bytes)
        }
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(object_store::Error::PermissionDenied { .. }) if is_asking => Ok(false),
        Err(error) => Err(fault_of(place, "the object cannot be looked at", &error)),
    }
}

fn attributes(file: &ShipmentFile) -> Attributes {
    let known = [(SHA256, file.sha256.to_ascii_lowercase()), (Attribute::ContentType, content_type(&file.name).to_owned())];
    known.into_iter().collect()
}

async fn put(store: &AmazonS3, place: &str, object: &ObjectPath, file: &ShipmentFile) -> Delivered<()> {
    let options = PutOptions { attributes: attributes(file), ..PutOptions::default() };
    let sent = store.put_opts(object, Content::whole(file)?.into(), options).await;
    sent.map(drop).map_err(|error| fault_of(place, "the object cannot be put", &error))
}

async fn put_parts(
    store: &AmazonS3,
    place: &str,
    object: &ObjectPath,
    file: &ShipmentFile,
    open: &mut Option<Box<dyn MultipartUpload>>,
) -> Delivered<()> {
    let fault = |error| fault_of(place, "the object cannot be put", &error);
    let mut content = Content::open(file)?;
    let size = usize::try_from(PART.max(file.bytes / MAX_PARTS + 1)).unwrap_or(usize::MAX);
    let options = PutMultipartOptions { attributes: attributes(file), ..PutMultipartOptions::default() };
    let upload = open.insert(store.put_multipart_opts(object, options).await.map_err(fault)?);
    loop {
        let part = content.next(size)?;
        let is_last = part.len() < size;
        if !part.is_empty() {
            upload.put_part(part.into()).await.map_err(fault)?;
        }
        if is_last {
            return upload.complete().await.map(drop).map_err(fault);
        }
    }
}
