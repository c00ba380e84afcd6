//! The keys by which a provider signs its tokens: kept for a while, and fetched again where they may be others by now.

use serde_json::{Map, Value};

use crate::clock::RunTimer;
use crate::error::Result;
use crate::serve::sign_in::id_token::{Doubt, Expected, verified};

/// Seconds after which keys are fetched anew for a token that none of them made.
const RENEWED_SECONDS: f64 = 60.0;
/// Seconds after which keys are fetched anew for any token: the provider may have withdrawn one.
const OLDEST_SECONDS: f64 = 3_600.0;

/// Keys, and when they were fetched.
pub struct SigningKeys {
    keys: Value,
    fetched: RunTimer,
    renewed_seconds: f64,
    oldest_seconds: f64,
}

impl SigningKeys {
    /// Those of the JWK set `keys`, which was fetched just now.
    pub fn new(keys: Value) -> Self {
        Self { keys, fetched: RunTimer::start(), renewed_seconds: RENEWED_SECONDS, oldest_seconds: OLDEST_SECONDS }
    }

    /// The claims of `token`, as [`verified`] tells by these keys, or by those that `fetch` gives where these are too old.
    ///
    /// # Errors
    /// Those of `fetch`. Within, why the token is not believed.
    pub async fn claims<F: Future<Output = Result<Value>>>(
        &mut self,
        token: &str,
        expected: &Expected<'_>,
        fetch: impl Fn() -> F,
    ) -> Result<std::result::Result<Map<String, Value>, Doubt>> {
        if self.fetched.seconds() > self.oldest_seconds {
            (self.keys, self.fetched) = (fetch().await?, RunTimer::start());
        }
        let claims = verified(token, &self.keys, expected);
        // Anybody can bring a token of no key at all: that is no reason to ask the provider each time.
        if claims != Err(Doubt::NoSuchKey) || self.fetched.seconds() <= self.renewed_seconds {
            return Ok(claims);
        }
        (self.keys, self.fetched) = (fetch().await?, RunTimer::start());
        Ok(verified(token, &self.keys, expected))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::{Value, json};

    use crate::serve::sign_in::id_token::{Doubt, Expected};
    use crate::serve::sign_in::signing_keys::SigningKeys;

    const EXPECTED: Expected<'_> = Expected { issuer: "https://login.example", client_id: "us", nonce: "once", now: 1_000_000 };

    /// A key of the name `id`, as a provider publishes it, and a token that it signed.
    fn key(id: &str) -> (Value, String) {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref(), &random).unwrap();
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({ "iss": "https://login.example", "aud": "us", "nonce": "once", "iat": 999_999, "exp": 1_000_300 });
        let signed = format!("{}.{}", encoded(&json!({ "alg": "ES256", "kid": id })), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(&random, signed.as_bytes()).unwrap());
        let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&pair.public_key().as_ref()[part]));
        (json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y }), format!("{signed}.{signature}"))
    }

    #[test]
    fn keys_are_fetched_again_for_a_new_one_and_when_they_are_old_and_not_more_often() {
        let ((old, by_old), (new, by_new)) = (key("old"), key("new"));
        let [old, new] = [old, new].map(|key| json!({ "keys": [key] }));
        let mut keys = SigningKeys { renewed_seconds: 0.3, oldest_seconds: 1.0, ..SigningKeys::new(old) };
        let fetched = Cell::new(0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut claims = |token: &str| {
            let fetch = || {
                fetched.set(fetched.get() + 1);
                std::future::ready(Ok(new.clone()))
            };
            runtime.block_on(keys.claims(token, &EXPECTED, fetch)).unwrap().map(|claims| claims.len())
        };
        assert_eq!(claims(&by_old), Ok(5));
        for _ in 0..20 {
            assert_eq!(claims(&by_new), Err(Doubt::NoSuchKey));
        }
        assert_eq!(fetched.get(), 0, "the keys were fetched just now");
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!((claims(&by_old), fetched.get()), (Ok(5), 0), "a known key is not asked for");
        assert_eq!((claims(&by_new), fetched.get()), (Ok(5), 1));
        assert_eq!((claims(&by_old), fetched.get()), (Err(Doubt::NoSuchKey), 1), "it was withdrawn");
        std::thread::sleep(Duration::from_millis(1_100));
        assert_eq!((claims(&by_new), fetched.get()), (Ok(5), 2), "they are old");
        assert_eq!((claims(&by_new), fetched.get()), (Ok(5), 2));
    }

    #[test]
    fn the_usual_limits_are_a_minute_and_an_hour() {
        let keys = SigningKeys::new(Value::Null);
        assert_eq!((keys.renewed_seconds, keys.oldest_seconds), (60.0, 3_600.0));
    }
}
