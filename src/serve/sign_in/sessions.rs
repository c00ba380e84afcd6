//! Who is signed in, by the cookie of their browser, and who is on the way to it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::clock::RunTimer;
use crate::serve::keys::{cookies, is_same, secret};

/// Seconds that somebody is signed in for.
const SESSION_SECONDS: f64 = 8.0 * 3600.0;
/// Seconds that somebody has for signing in.
const SIGN_IN_SECONDS: f64 = 600.0;
/// Sessions, and ways to them, that are remembered; where there are more, the oldest go.
const MOST: usize = 20_000;

/// Who is signed in.
pub struct Sessions {
    /// The name of the cookie, and what browsers are to do with it.
    name: &'static str,
    attributes: &'static str,
    clock: RunTimer,
    /// By the hash of the cookie: memory that leaks signs nobody in.
    users: Mutex<HashMap<[u8; 32], (String, f64)>>,
    begun: Mutex<HashMap<String, (Begun, f64)>>,
}

/// A way to a session that was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the provider is to repeat in its token.
    pub nonce: String,
    /// What proves to the provider that who asks for the token is who began.
    pub verifier: String,
    /// Where to go back to.
    pub back: String,
    /// The cookie of the browser that began.
    browser: String,
}

impl Sessions {
    /// Nobody is signed in yet; cookies are for encrypted connections alone if those are.
    pub fn new(is_encrypted: bool) -> Self {
        // The prefix keeps other hosts of the same domain from setting it.
        let (name, attributes) = if is_encrypted {
            ("__Host-portstatus", "; Secure; HttpOnly; Path=/; SameSite=")
        } else {
            ("portstatus", "; HttpOnly; Path=/; SameSite=")
        };
        Self { name, attributes, clock: RunTimer::start(), users: Mutex::default(), begun: Mutex::default() }
    }

    /// The user who is signed in by a cookie of `headers`.
    pub fn user(&self, headers: &HeaderMap) -> Option<String> {
        let users = locked(&self.users);
        let found = cookies(headers, self.name).find_map(|cookie| users.get(&hash(cookie)));
        found.filter(|(_, until)| *until > self.clock.seconds()).map(|(user, _)| user.clone())
    }

    /// Signs `user` in: the cookie that does it.
    pub fn sign_in(&self, user: String) -> String {
        let (cookie, now) = (secret(), self.clock.seconds());
        let mut users = locked(&self.users);
        make_room(&mut users, now);
        users.insert(hash(&cookie), (user, now + SESSION_SECONDS));
        format!("{}={cookie}{}Strict", self.name, self.attributes)
    }

    /// Signs out whoever has a cookie of `headers`: what takes the cookie away.
    pub fn sign_out(&self, headers: &HeaderMap) -> String {
        let mut users = locked(&self.users);
        cookies(headers, self.name).for_each(|cookie| drop(users.remove(&hash(cookie))));
        format!("{}={}Strict; Max-Age=0", self.name, self.attributes)
    }

    /// Begins a way to a session, which leads back to `back`: its state, what is kept of it, and the cookie of the browser. Browsers bring
    /// that cookie along when the provider sends them back, which the cookie of a session they do not.
    pub fn begin(&self, back: String) -> (String, Begun, String) {
        let begun = Begun { nonce: secret(), verifier: secret(), back, browser: secret() };
        let (state, now) = (secret(), self.clock.seconds());
        let mut all = locked(&self.begun);
        make_room(&mut all, now);
        all.insert(state.clone(), (begun.clone(), now + SIGN_IN_SECONDS));
        let cookie = format!("{}-sign-in={}{}Lax; Max-Age={SIGN_IN_SECONDS}", self.name, begun.browser, self.attributes);
        (state, begun, cookie)
    }

    /// What was begun with `state` by the browser of `headers`: once, and not too late.
    pub fn finish(&self, state: &str, headers: &HeaderMap) -> Option<Begun> {
        let (begun, until) = locked(&self.begun).remove(state)?;
        let name = format!("{}-sign-in", self.name);
        let is_same = cookies(headers, &name).any(|cookie| is_same(cookie, &begun.browser));
        (is_same && until > self.clock.seconds()).then_some(begun)
    }
}

/// Forgets what is too old, and where that leaves too many the oldest half of them.
fn make_room<K: Clone + Eq + std::hash::Hash, T>(all: &mut HashMap<K, (T, f64)>, now: f64) {
    if all.len() < MOST {
        return;
    }
    all.retain(|_, (_, until)| *until > now);
    if all.len() >= MOST {
        let mut ends: Vec<f64> = all.values().map(|(_, until)| *until).collect();
        ends.sort_by(f64::total_cmp);
        let middle = ends[ends.len() / 2];
        all.retain(|_, (_, until)| *until > middle);
    }
}

fn hash(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie).into()
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
