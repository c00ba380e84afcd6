//! What all requests of a viewer share: what was read, and who may see it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock::AsOf;
use crate::error::Result;
use crate::report::palette::Palette;
use crate::serve::asked::busy;
use crate::serve::audit::Audit;
use crate::serve::failure::Failure;
use crate::serve::own_names::OwnNames;
use crate::serve::person::Person;
use crate::serve::rate_limit::RateLimit;
use crate::serve::reading::Reading;
use crate::serve::scope::Scope;
use crate::serve::sign_in::Entry;
use crate::serve::spec::ServeSpec;
use crate::serve::whole::Whole;

/// Exports that are written at once; others wait.
const EXPORTS: usize = 2;
/// How long a page waits for the first reading before it says that it is under way.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the last reading came to: all of it, or what somebody may see of it.
pub enum State<T> {
    /// The first one is under way.
    Reading,
    /// The first one failed.
    Failed(Failure),
    /// The rows, and what kept the inputs from being read again since.
    Ready(Arc<T>, Option<Failure>),
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Reading => Self::Reading,
            Self::Failed(failure) => Self::Failed(failure.clone()),
            Self::Ready(rows, failure) => Self::Ready(Arc::clone(rows), failure.clone()),
        }
    }
}

/// Who is let in, by which names and how often, and where that is written down.
pub struct Admission {
    /// Who is let in.
    pub entry: Entry,
    /// The names by which the viewer may be asked.
    pub names: OwnNames,
    /// The addresses of proxies; where there are any, nobody else is answered.
    pub proxies: Vec<std::net::IpAddr>,
    /// How often somebody may ask.
    pub limit: Option<RateLimit>,
    /// Where it is written who saw what.
    pub audit: Option<Audit>,
}

/// A place among those who export, which is free again when this is dropped.
pub struct ExportPlace {
    _own: Option<OwnedSemaphorePermit>,
    _shared: OwnedSemaphorePermit,
}

/// What all requests share.
pub struct Viewer {
    /// What to show.
    pub spec: ServeSpec,
    /// Who is let in.
    pub admission: Admission,
    /// The exports that may still begin.
    exports: Arc<Semaphore>,
    /// Of each person, by name, the one that may still begin.
    exports_of: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
    /// How often the inputs were begun to be read.
    begun: AtomicU64,
    /// Held while they are.
    reading: Mutex<()>,
    state: RwLock<State<Whole>>,
    changed: watch::Sender<u64>,
}

impl Viewer {
    /// A viewer of `spec` for those whom `admission` lets in; nothing is read yet.
    pub fn new(spec: ServeSpec, admission: Admission) -> Self {
        Self {
            spec,
            admission,
            exports: Arc::new(Semaphore::new(EXPORTS)),
            exports_of: Mutex::default(),
            begun: AtomicU64::new(0),
            reading: Mutex::default(),
            state: RwLock::new(State::Reading),
            changed: watch::channel(0).0,
        }
    }

    /// A place among those who export, once there is one: each person has one at a time, so that nobody keeps all others waiting. `None`
    /// when the viewer ends.
    pub async fn export_place(&self, person: &Person) -> Option<ExportPlace> {
        let mut own = None;
        if let Some(name) = &person.name {
            let semaphore = {
                let mut all = self.exports_of.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(all.entry(Arc::clone(name)).or_insert_with(|| Arc::new(Semaphore::new(1))))
            };
            own = Some(semaphore.acquire_owned().await.ok()?);
        }
        let shared = Arc::clone(&self.exports).acquire_owned().await.ok()?;
        Some(ExportPlace { _own: own, _shared: shared })
    }

    /// The colours of the report, once it is known.
    pub fn palette(&self) -> Palette {
        match self.whole() {
            State::Ready(whole, _) => *whole.palette(),
            _ => Palette::default(),
        }
    }

    /// Whether an input file was changed, or is gone, since the last reading.
    pub fn has_changed(&self) -> bool {
        matches!(self.whole(), State::Ready(whole, _) if whole.has_changed())
    }

    /// What `person` may see of the last reading, once there is one. What kept inputs from being read may speak of anybody's rows, and is
    /// told in full to whoever sees all.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub async fn shown_to(&self, person: &Person) -> Result<State<Reading>> {
        let of = |failure: Failure| if person.sees_all() { failure } else { failure.in_general() };
        Ok(match self.settled().await {
            State::Reading => State::Reading,
            State::Failed(failure) => State::Failed(of(failure)),
            State::Ready(whole, failure) => {
                let rows = match whole.made_rows_of(&person.scope) {
                    Some(made) => made?,
                    None => {
                        let scope = Arc::clone(&person.scope);
                        busy(move || whole.rows_of(&scope)).await?
                    }
                };
                State::Ready(rows, failure.map(of))
            }
        })
    }

    fn whole(&self) -> State<Whole> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn settled(&self) -> State<Whole> {
        let mut changes = self.changed.subscribe();
        let wait = async { while matches!(self.whole(), State::Reading) && changes.changed().await.is_ok() {} };
        // Whether it took too long can be seen from the state.
        let _ = tokio::time::timeout(PATIENCE, wait).await;
        self.whole()
    }

    /// Reads the inputs, once at a time; rows that are there stay where that fails. Whoever waited for a reading that began after they
    /// asked has what they asked for.
    pub fn read(&self) {
        let asked = self.begun.load(Ordering::SeqCst);
        let _held = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.begun.load(Ordering::SeqCst) > asked {
            return;
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let mut load = self.spec.load.clone();
        if !self.spec.is_as_of_given {
            load.as_of = AsOf::now();
        }
        let made = Whole::read(&load, &self.spec, &self.admission.entry.keys(), number).and_then(|whole| {
            // Where everybody sees all, nobody waits for the index.
            if matches!(self.admission.entry, Entry::Token(_)) {
                whole.rows_of(&Arc::new(Scope::All))?;
            }
            Ok(whole)
        });
        let made = made.map_err(|error| Failure::new(&error, (self.spec.told)(&error)));
        let next = match (made, self.whole()) {
            (Ok(whole), _) => State::Ready(Arc::new(whole), None),
            (Err(failure), State::Ready(before, _)) => State::Ready(before, Some(failure)),
            (Err(failure), _) => State::Failed(failure),
        };
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = next;
        self.changed.send_replace(number);
    }
}
