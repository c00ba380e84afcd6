//! Who is signed in, by the cookie of their browser, and who is on the way to it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::clock::RunTimer;
use crate::serve::keys::{cookies, is_same, secret};
use crate::serve::rate_limit::Asker;

/// Seconds that somebody is signed in for.
const SESSION_SECONDS: f64 = 8.0 * 3600.0;
/// Seconds that somebody has for signing in.
const SIGN_IN_SECONDS: f64 = 600.0;
/// Sessions that are remembered; where there are more, the oldest go.
const MOST_SESSIONS: usize = 20_000;
/// Sessions of a user that are; where there are more, the oldest goes.
const MOST_OF_A_USER: usize = 20;
/// Ways to sessions that are; where there are more, the oldest goes of the machine that began most.
const MOST_BEGUN: usize = 4_000;
/// Ways that a machine, or all behind it, have begun; where there are more, its oldest goes.
const MOST_OF_A_MACHINE: usize = 400;

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
    /// Where that is, if it is known.
    from: Option<Asker>,
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
        make_room_for(&mut users, &user, now);
        users.insert(hash(&cookie), (user, now + SESSION_SECONDS));
        format!("{}={cookie}{}Strict", self.name, self.attributes)
    }

    /// Signs out whoever has a cookie of `headers`: what takes the cookie away.
    pub fn sign_out(&self, headers: &HeaderMap) -> String {
        let mut users = locked(&self.users);
        cookies(headers, self.name).for_each(|cookie| drop(users.remove(&hash(cookie))));
        format!("{}={}Strict; Max-Age=0", self.name, self.attributes)
    }

    /// Begins a way to a session for a browser at `from`, which leads back to `back`: its state, what is kept of it, and the cookie of the browser. Browsers bring
    /// that cookie along when the provider sends them back, which the cookie of a session they do not.
    pub fn begin(&self, back: String, from: Option<Asker>) -> (String, Begun, String) {
        let begun = Begun { nonce: secret(), verifier: secret(), back, browser: secret(), from };
        let (state, now) = (secret(), self.clock.seconds());
        let mut all = locked(&self.begun);
        make_room_from(&mut all, begun.from.as_ref(), now);
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

/// Forgets what is too old, and where that leaves too many sessions, of `user` or of all, the oldest.
fn make_room_for(users: &mut HashMap<[u8; 32], (String, f64)>, user: &str, now: f64) {
    users.retain(|_, (_, until)| *until > now);
    if users.values().filter(|(own, _)| own == user).count() >= MOST_OF_A_USER {
        remove_oldest(users, |own| own == user);
    } else if users.len() >= MOST_SESSIONS {
        remove_oldest(users, |_| true);
    }
}

/// Forgets what is too old, and where that leaves too many ways, `from` this machine or in all, the oldest of the machine with most.
fn make_room_from(begun: &mut HashMap<String, (Begun, f64)>, from: Option<&Asker>, now: f64) {
    begun.retain(|_, (_, until)| *until > now);
    if begun.values().filter(|(own, _)| own.from.as_ref() == from).count() >= MOST_OF_A_MACHINE {
        remove_oldest(begun, |own| own.from.as_ref() == from);
    } else if begun.len() >= MOST_BEGUN {
        let mut counts: HashMap<Option<Asker>, usize> = HashMap::new();
        begun.values().for_each(|(own, _)| *counts.entry(own.from.clone()).or_default() += 1);
        let busiest = counts.into_iter().max_by_key(|(_, count)| *count).and_then(|(machine, _)| machine);
        remove_oldest(begun, |own| own.from == busiest);
    }
}

fn remove_oldest<K: Clone + Eq + std::hash::Hash, T>(all: &mut HashMap<K, (T, f64)>, is_meant: impl Fn(&T) -> bool) {
    let meant = all.iter().filter(|(_, (own, _))| is_meant(own));
    let oldest = meant.min_by(|(_, (_, one)), (_, (_, other))| one.total_cmp(other)).map(|(key, _)| key.clone());
    oldest.map(|key| all.remove(&key));
}

fn hash(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie).into()
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
