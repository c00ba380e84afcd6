//! Shares out what is costly: each person has so much of it under way at once, so that nobody keeps all others waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::serve::fault;
use crate::serve::person::Person;

/// Exports that are written at once, of all together; others wait.
const EXPORTS: usize = 2;
/// Requests of a person that are worked on at once; others wait.
const WORK: usize = 4;
/// Requests of a person that are worked on or wait; more are refused.
const REQUESTS: usize = 64;
/// How long an export waits for others to end.
const EXPORT_PATIENCE: Duration = Duration::from_secs(30);
/// How long a request waits for others of the same person: longer than they wait for the first reading.
const WORK_PATIENCE: Duration = Duration::from_secs(45);
/// Seconds after which it is worth to ask for a place again.
const TRY_AGAIN_SECONDS: u64 = 5;

/// The places that there are.
pub struct Places {
    exports: Arc<Semaphore>,
    own: Mutex<HashMap<Arc<str>, Arc<Own>>>,
}

/// The places of a person.
struct Own {
    requests: Arc<Semaphore>,
    work: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

/// A place, which is free again when this is dropped.
pub struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _shared: Option<OwnedSemaphorePermit>,
}

/// Why there is none.
pub enum NoPlace {
    /// The person has all of theirs.
    Own(&'static str),
    /// Others have all.
    Shared,
}

impl NoPlace {
    /// What is answered: a page, or problem details.
    pub fn answer(self, is_page: bool) -> Response {
        let (status, what) = match self {
            Self::Own(what) => (StatusCode::TOO_MANY_REQUESTS, what),
            Self::Shared => (StatusCode::SERVICE_UNAVAILABLE, "Others are exporting just now."),
        };
        fault::try_later(status, what, TRY_AGAIN_SECONDS, is_page)
    }
}

impl Places {
    /// All are free.
    pub fn new() -> Self {
        Self { exports: Arc::new(Semaphore::new(EXPORTS)), own: Mutex::default() }
    }

    /// A place for work on a request of `person`, once there is one; whoever has no name has as many as they ask for.
    ///
    /// # Errors
    /// Too many requests of the person are under way.
    pub async fn work(&self, person: &Person) -> Result<Place, NoPlace> {
        let Some(own) = self.own(person) else { return Ok(Place { _own: None, _shared: None }) };
        let too_many = || NoPlace::Own("Too many of your requests are under way.");
        let request = Arc::clone(&own.requests).try_acquire_owned().map_err(|_| too_many())?;
        let work = tokio::time::timeout(WORK_PATIENCE, Arc::clone(&own.work).acquire_owned()).await;
        let work = work.ok().and_then(Result::ok).ok_or_else(too_many)?;
        Ok(Place { _own: Some(request), _shared: Some(work) })
    }

    /// A place among those who export, once there is one: a person has one at a time.
    ///
    /// # Errors
    /// The person exports already; others do for too long.
    pub async fn export(&self, person: &Person) -> Result<Place, NoPlace> {
        let exporting = |_| NoPlace::Own("Another export of yours is under way.");
        let own = self.own(person).map(|own| Arc::clone(&own.exports).try_acquire_owned()).transpose().map_err(exporting)?;
        let shared = tokio::time::timeout(EXPORT_PATIENCE, Arc::clone(&self.exports).acquire_owned()).await;
        let shared = shared.ok().and_then(Result::ok).ok_or(NoPlace::Shared)?;
        Ok(Place { _own: own, _shared: Some(shared) })
    }

    fn own(&self, person: &Person) -> Option<Arc<Own>> {
        let name = person.name.as_ref()?;
        let made = || {
            let of = |count| Arc::new(Semaphore::new(count));
            Arc::new(Own { requests: of(REQUESTS), work: of(WORK), exports: of(1) })
        };
        let mut all = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(all.entry(Arc::clone(name)).or_insert_with(made)))
    }
}
