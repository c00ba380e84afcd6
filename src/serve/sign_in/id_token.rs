//! Verifies the token in which a provider of OpenID Connect says who somebody is: its signature first, then every claim that ties it to
//! this viewer, this provider and this sign-in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

/// Seconds by which the clocks of provider and viewer may differ.
const LEEWAY_SECONDS: i64 = 60;

/// What a token has to say.
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// What this sign-in asked it to repeat.
    pub nonce: &'a str,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// None of the keys made its signature, though another reading of the keys may have one that did.
    NoSuchKey,
    /// What is wrong with it.
    Wrong(&'static str),
}

/// The claims of `token`, whose signature one of `keys` (a JWK set) made.
///
/// # Errors
/// Why it is not believed.
pub fn verified(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<Map<String, Value>, Doubt> {
    let wrong = Doubt::Wrong("it is not a signed token");
    let (signed, signature) = token.rsplit_once('.').ok_or(wrong)?;
    let (header, claims) = signed.split_once('.').ok_or(wrong)?;
    let header = object(header).ok_or(wrong)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| wrong)?;
    if header.contains_key("crit") {
        return Err(Doubt::Wrong("it asks for what nobody here knows"));
    }
    let algorithm = Algorithm::of(header.get("alg").and_then(Value::as_str).unwrap_or_default())
        .ok_or(Doubt::Wrong("it is signed in a way that is not accepted"))?;
    let id = header.get("kid").and_then(Value::as_str);
    let keys = keys.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut fitting = keys.iter().filter(|key| algorithm.takes(key, id)).peekable();
    if fitting.peek().is_none() {
        return Err(Doubt::NoSuchKey);
    }
    if !fitting.any(|key| algorithm.verifies(key, signed.as_bytes(), &signature)) {
        // One that names no key may be signed with a new one.
        return Err(if id.is_none() { Doubt::NoSuchKey } else { Doubt::Wrong("its signature is wrong") });
    }
    let claims = object(claims).ok_or(wrong)?;
    check(&claims, expected).map_err(Doubt::Wrong)?;
    Ok(claims)
}

/// Checks the claims of a token whose signature is right.
fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // A time that is no number is none.
    let time = |name: &str| claims.get(name).and_then(|time| time.as_i64().or_else(|| time.as_f64().map(|time| time as i64)));
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_ours = audience.contains(&expected.client_id);
    let is_for_us = match text("azp") {
        Some(party) => party == expected.client_id,
        None => audience.len() == 1 && !claims.contains_key("azp"),
    };
    let tests = [
        (text("iss") == Some(expected.issuer), "it was made by another provider"),
        (is_ours && is_for_us, "it was made for another viewer"),
        (text("nonce") == Some(expected.nonce), "it was made for another sign-in"),
        (time("exp").is_some_and(|until| until > expected.now - LEEWAY_SECONDS), "it has expired"),
        (time("iat").is_some_and(|made| made <= expected.now + LEEWAY_SECONDS), "it was made in the future"),
        (!claims.contains_key("nbf") || time("nbf").is_some_and(|from| from <= expected.now + LEEWAY_SECONDS), "it is not valid yet"),
    ];
    tests.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, why)| Err(*why))
}

/// How a token may be signed: with the private half of a pair of keys. What is signed with a shared secret, or not at all, is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rs256,
    Ps256,
    Es256,
}

impl Algorithm {
    fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }

    /// Whether `key` is for signatures of this kind, and the one with this `id`, where a token names one.
    fn takes(self, key: &Value, id: Option<&str>) -> bool {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let kind = if self == Self::Es256 { "EC" } else { "RSA" };
        let is_free = |name: &str, own: &str| text(name).is_none_or(|said| said == own);
        text("kty") == Some(kind) && is_free("use", "sig") && is_free("alg", self.name()) && id.is_none_or(|id| text("kid") == Some(id))
    }

    fn verifies(self, key: &Value, signed: &[u8], signature: &[u8]) -> bool {
        let bytes = |name: &str| key.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        match self {
            Self::Rs256 | Self::Ps256 => {
                let (Some(n), Some(e)) = (bytes("n"), bytes("e")) else { return false };
                let significant =
                    |number: &[u8]| number.iter().position(|byte| *byte != 0).map_or(Vec::new(), |start| number[start..].to_vec());
                let components = RsaPublicKeyComponents { n: significant(&n), e: significant(&e) };
                let parameters =
                    if self == Self::Rs256 { &signature::RSA_PKCS1_2048_8192_SHA256 } else { &signature::RSA_PSS_2048_8192_SHA256 };
                components.verify(parameters, signed, signature).is_ok()
            }
            Self::Es256 => {
                let (Some(x), Some(y)) = (bytes("x"), bytes("y")) else { return false };
                let is_known = key.get("crv").and_then(Value::as_str) == Some("P-256") && (x.len(), y.len()) == (32, 32);
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                is_known && UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
        }
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
