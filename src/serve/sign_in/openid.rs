//! Signs users in by OpenID Connect: the flow of an authorization code, with PKCE, a state and a nonce.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, Semaphore};
use url::Url;

use crate::clock::{AsOf, RunTimer};
use crate::error::{Error, Result};
use crate::serve::rate_limit::Asker;
use crate::serve::sign_in::id_token::{Doubt, Expected};
use crate::serve::sign_in::json_fetch::{client, is_safe, json};
use crate::serve::sign_in::sessions::{Begun, Sessions};
use crate::serve::sign_in::signing_keys::SigningKeys;
use crate::serve::spec::{OpenIdSpec, PublicUrl};

/// Where a provider sends browsers back to.
pub const DONE: &str = "/sign-in/done";
/// Tokens that the provider is asked for at once; others wait, and how long.
const FINISHING: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds until the same trouble is told again, and troubles that are told apart.
const TELL_AGAIN_SECONDS: f64 = 60.0;
const MOST_TOLD: usize = 100;

/// A provider, and who signed in by it.
pub struct OpenId {
    spec: OpenIdSpec,
    issuer: String,
    client: Client,
    redirect: String,
    authorization: Url,
    token: Url,
    /// Whether the provider takes the secret in a form alone.
    is_secret_in_form: bool,
    keys_address: Url,
    keys: Mutex<SigningKeys>,
    finishing: Semaphore,
    /// What went wrong of late, and when it was told.
    told: std::sync::Mutex<HashMap<String, RunTimer>>,
    /// Who is signed in.
    pub sessions: Sessions,
}

impl OpenId {
    /// Asks the provider of `spec` where it signs in users of the viewer at `url`.
    ///
    /// # Errors
    /// [`Error::unavailable`] for one that cannot be reached, or does not say what it should.
    pub async fn discover(spec: OpenIdSpec, url: &PublicUrl) -> Result<Self> {
        let client = client()?;
        let asked = spec.issuer.as_str().trim_end_matches('/').to_owned();
        let address = format!("{asked}/.well-known/openid-configuration");
        let unfit = |what: String| Error::unavailable(address.as_str(), what, "name the issuer as the provider names itself");
        let address_url = Url::parse(&address).map_err(|error| unfit(error.to_string()))?;
        let said = json(client.get(address_url.clone()), &address_url).await?;
        let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
        let endpoint = |name: &str| {
            let found = Url::parse(text(name)).ok().filter(is_safe);
            found.ok_or_else(|| unfit(format!("names no encrypted {name}")))
        };
        let issuer = text("issuer").to_owned();
        if issuer.trim_end_matches('/') != asked {
            return Err(unfit(format!("is of the issuer '{issuer}'")));
        }
        let methods = said.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|methods| methods.iter().any(|own| own == method));
        let keys_address = endpoint("jwks_uri")?;
        let keys = json(client.get(keys_address.clone()), &keys_address).await?;
        Ok(Self {
            redirect: url.of(DONE),
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            is_secret_in_form: !takes("client_secret_basic") && takes("client_secret_post"),
            keys: Mutex::new(SigningKeys::new(keys)),
            finishing: Semaphore::new(FINISHING),
            told: std::sync::Mutex::default(),
            sessions: Sessions::new(url.is_encrypted),
            keys_address,
            issuer,
            client,
            spec,
        })
    }

    /// Begins to sign somebody in at `from`, who then goes back to `back`: where the provider does it, and the cookie that ties it to the browser.
    pub fn begin(&self, back: String, from: Option<Asker>) -> (String, String) {
        let (state, begun, cookie) = self.sessions.begin(back, from);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier));
        let mut address = self.authorization.clone();
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.spec.client_id),
            ("redirect_uri", &self.redirect),
            ("scope", "openid email"),
            ("state", &state),
            ("nonce", &begun.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        (address.to_string(), cookie)
    }

    /// The user whom the provider sent back with these `pairs` to the browser of `headers`, and where they go on.
    ///
    /// # Errors
    /// What is wrong with what was sent, or what the provider then says.
    pub async fn finish(&self, pairs: &[(String, String)], headers: &HeaderMap) -> Result<(String, String)> {
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let begun = value("state")
            .and_then(|state| self.sessions.finish(state, headers))
            .ok_or_else(|| no_answer("it was not begun here, or is over"))?;
        if value("iss").is_some_and(|issuer| issuer != self.issuer) {
            return Err(no_answer("another provider answers"));
        }
        let code = value("code").ok_or_else(|| no_answer("the provider did not agree"))?;
        let place = tokio::time::timeout(PATIENCE, self.finishing.acquire()).await;
        let _place = place.map_err(|_| no_answer("too many sign in just now"))?;
        let claims = self.claims(code, &begun).await?;
        let user = claims.get(&self.spec.claim).and_then(Value::as_str).filter(|user| !user.is_empty());
        let user = user.ok_or_else(|| doubt("the provider does not say who you are"))?;
        // Some providers let their users write any address into their accounts.
        if self.spec.claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(doubt("the provider has not verified your address"));
        }
        Ok((user.to_owned(), begun.back))
    }

    /// Whether `error` is worth a line in the terminal: the same is within a minute once.
    pub fn is_news(&self, error: &Error) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| at.seconds() < TELL_AGAIN_SECONDS);
        let is_new = told.len() < MOST_TOLD && !told.contains_key(&error.what);
        if is_new {
            told.insert(error.what.clone(), RunTimer::start());
        }
        is_new
    }

    /// What the provider says of whom it gave `code` to.
    async fn claims(&self, code: &str, begun: &Begun) -> Result<Map<String, Value>> {
        let answer = json(self.token_request(code, begun), &self.token).await?;
        let token = answer.get("id_token").and_then(Value::as_str).ok_or_else(|| doubt("the provider gave no token"))?;
        let expected =
            Expected { issuer: &self.issuer, client_id: &self.spec.client_id, nonce: &begun.nonce, now: AsOf::now().utc().timestamp() };
        let fetch = || json(self.client.get(self.keys_address.clone()), &self.keys_address);
        let claims = self.keys.lock().await.claims(token, &expected, fetch).await?;
        claims.map_err(|why| match why {
            Doubt::NoSuchKey => doubt("the token of the provider is signed with a key that it does not publish"),
            Doubt::Wrong(why) => doubt(&format!("the token of the provider is not believed: {why}")),
        })
    }

    /// What asks the provider for the token of `code`.
    fn token_request(&self, code: &str, begun: &Begun) -> RequestBuilder {
        let OpenIdSpec { client_id, client_secret, .. } = &self.spec;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", begun.verifier.as_str()),
        ]);
        let mut request = self.client.post(self.token.clone()).header("content-type", "application/x-www-form-urlencoded");
        if self.is_secret_in_form {
            form.extend_pairs([("client_id", client_id), ("client_secret", client_secret)]);
        } else {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(client_id), Some(encoded(client_secret)));
        }
        request.body(form.finish())
    }
}

/// Why nobody is signed in by what the provider answered.
fn doubt(why: &str) -> Error {
    Error::permission("", format!("the sign-in failed: {why}"), "sign in again")
}

/// Why what a browser brings is no answer of the provider; anybody can bring anything.
fn no_answer(why: &str) -> Error {
    Error::usage("", format!("the sign-in failed: {why}"), "sign in again")
}
