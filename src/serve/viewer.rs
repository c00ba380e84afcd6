//! What all requests of a viewer share: what was read, and who may see it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{AsOf, RunTimer};
use crate::error::Result;
use crate::report::palette::Palette;
use crate::serve::asked::busy;
use crate::serve::audit::Audit;
use crate::serve::failure::Failure;
use crate::serve::own_names::OwnNames;
use crate::serve::person::Person;
use crate::serve::places::Places;
use crate::serve::rate_limit::RateLimit;
use crate::serve::reading::Reading;
use crate::serve::scope::Scope;
use crate::serve::sign_in::Entry;
use crate::serve::spec::ServeSpec;
use crate::serve::whole::Whole;

/// Seconds after a reading within which users who sign in get no other, nor within as long as it took.
const REST_SECONDS: f64 = 10.0;
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

/// A reading that has ended: when, and how many seconds it took.
type LastReading = (RunTimer, f64);

/// What all requests share.
pub struct Viewer {
    /// What to show.
    pub spec: ServeSpec,
    /// Who is let in.
    pub admission: Admission,
    /// What is shared out among those who ask.
    pub places: Places,
    /// Held while events of a number are read.
    events: Mutex<()>,
    /// How often the inputs were begun to be read.
    begun: AtomicU64,
    /// Held while they are.
    reading: Arc<tokio::sync::Mutex<Option<LastReading>>>,
    state: RwLock<State<Whole>>,
    changed: watch::Sender<u64>,
}

impl Viewer {
    /// A viewer of `spec` for those whom `admission` lets in; nothing is read yet.
    pub fn new(spec: ServeSpec, admission: Admission) -> Self {
        Self {
            spec,
            admission,
            places: Places::new(),
            events: Mutex::default(),
            begun: AtomicU64::new(0),
            reading: Arc::default(),
            state: RwLock::new(State::Reading),
            changed: watch::channel(0).0,
        }
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

    /// Keeps all others from reading events until it is dropped: they are in inputs that are read whole for one number.
    pub fn hold_events(&self) -> MutexGuard<'_, ()> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the inputs, once at a time, and where people sign in not again at once; rows that are there stay where that fails. Whoever
    /// waited for a reading that began after they asked has what they asked for.
    ///
    /// # Errors
    /// [`Error::internal`](crate::error::Error::internal) for a reading that broke down.
    pub async fn read(self: &Arc<Self>) -> Result<()> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut last = Arc::clone(&self.reading).lock_owned().await;
        let is_recent = last.is_some_and(|(ended, seconds)| ended.seconds() < REST_SECONDS.max(seconds));
        let has_rest = is_recent && !matches!(self.admission.entry, Entry::Token(_));
        if has_rest || self.begun.load(Ordering::SeqCst) > asked {
            return Ok(());
        }
        let viewer = Arc::clone(self);
        // The lock goes along: whoever asked may be gone before the reading ends.
        let reading = move || {
            let timer = RunTimer::start();
            viewer.read_inputs();
            *last = Some((RunTimer::start(), timer.seconds()));
            Ok(())
        };
        busy(reading).await
    }

    fn read_inputs(&self) {
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
