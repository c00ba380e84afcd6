//! What was read of the inputs, whole: nobody gets at it but by the rows that are theirs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::classify::Classified;
use crate::classify::split::Split;
use crate::clock::AsOf;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::job::recipients::{require_column, values};
use crate::job::{self, LoadSpec, Loaded, Prepared, Progress, Stage, StageTimer, prepare};
use crate::report::build::labels;
use crate::report::palette::Palette;
use crate::serve::file_stamp::{FileStamp, stamp};
use crate::serve::reading::{Origin, Reading};
use crate::serve::scope::Scope;
use crate::serve::spec::ServeSpec;

/// Scopes whose rows are kept apart, each with an index of its own; of more, those seen least of late are made again.
const KEPT_SCOPES: usize = 200;

/// What was read of the inputs. Its rows are private to this file: [`Whole::rows_of`] is the one way to any of them.
pub struct Whole {
    loaded: Loaded,
    prepared: Prepared,
    origin: Arc<Origin>,
    /// The input files, each as it was found.
    stamps: Vec<(PathBuf, FileStamp)>,
    everybody: OnceLock<Result<Arc<Reading>>>,
    /// By column, of the rows and of those of the earlier state.
    parts: BTreeMap<&'static str, [OnceLock<Result<Parts>>; 2]>,
    own: Mutex<VecDeque<(Arc<Scope>, Arc<Own>)>>,
}

/// The rows of a scope, made once.
type Own = OnceLock<Result<Arc<Reading>>>;

/// The rows by the values of a column.
struct Parts {
    split: Split,
    by_value: BTreeMap<String, usize>,
}

/// Tells nobody how far reading is.
struct Silence;

impl Progress for Silence {
    fn stage(&self, _stage: Stage) {}

    fn share(&self, _stage: Stage, _done: f64) {}
}

impl Whole {
    /// Reads the inputs of `load`, for the `number`th time, to be shown as `spec` says to people told apart by the columns with these
    /// `keys`.
    ///
    /// # Errors
    /// Whatever is wrong with the template or keeps the inputs from being read; a column of `keys` that no input has.
    pub fn read(load: &LoadSpec, spec: &ServeSpec, keys: &BTreeSet<&'static str>, number: u64) -> Result<Self> {
        let prepared = prepare(load, &spec.template).or_else(|error| match load.since {
            // There is no run yet, or none before this one.
            Some(_) if !spec.is_since_given => prepare(&LoadSpec { since: None, ..load.clone() }, &spec.template),
            _ => Err(error),
        })?;
        let stamps = load.inputs.iter().filter_map(|input| input.path()).map(|path| (path.to_owned(), stamp(path))).collect();
        let mut loaded = job::load(load, &prepared.context, &mut StageTimer::start(&Silence))?;
        if let Some(previous) = &prepared.previous {
            match previous.load(load, &prepared.context) {
                Ok(earlier) => loaded.previous = Some((earlier, previous.as_of)),
                Err(error) if spec.is_since_given => return Err(error),
                Err(error) => drop((spec.told)(&error)),
            }
        }
        for key in keys {
            let missing = |error: Error| Error::usage(Place::option("users"), error.what.clone(), error.help.clone());
            require_column(key, &loaded.classified.orders, &prepared).map_err(missing)?;
        }
        let template = prepared.template.clone();
        let origin = Origin { number, template, operator: spec.operator.clone(), query: spec.query.clone(), read_at: AsOf::now() };
        Ok(Self {
            loaded,
            prepared,
            origin: Arc::new(origin),
            stamps,
            everybody: OnceLock::new(),
            parts: [Field::Partner, Field::AccountId].map(|field| (field.key(), Default::default())).into(),
            own: Mutex::default(),
        })
    }

    /// The rows of `scope` and nothing else: orders of their own, in which nothing is left of those of others.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn rows_of(&self, scope: &Arc<Scope>) -> Result<Arc<Reading>> {
        let Scope::Of { key, values } = &**scope else {
            let made = || Reading::of(&self.origin, &self.loaded.classified, None, self.loaded.previous.clone()).map(Arc::new);
            return self.everybody.get_or_init(made).clone();
        };
        self.own(scope).get_or_init(|| self.cut_out(key, values)).clone()
    }

    /// The rows of `scope`, if nothing is left to do for them.
    pub fn made_rows_of(&self, scope: &Arc<Scope>) -> Option<Result<Arc<Reading>>> {
        match **scope {
            Scope::All => self.everybody.get().cloned(),
            Scope::Of { .. } => self.own(scope).get().cloned(),
        }
    }

    /// Whether an input file was changed, or is gone, since it was read.
    pub fn has_changed(&self) -> bool {
        self.stamps.iter().any(|(path, found)| stamp(path) != *found)
    }

    /// The colours of the report.
    pub fn palette(&self) -> &Palette {
        &self.origin.template.look.palette
    }

    /// Where the rows of `scope` are kept.
    fn own(&self, scope: &Arc<Scope>) -> Arc<Own> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let known = own.iter().position(|(known, _)| known == scope).and_then(|place| own.remove(place));
        let (scope, made) = known.unwrap_or_else(|| (Arc::clone(scope), Arc::default()));
        own.push_front((scope, Arc::clone(&made)));
        own.truncate(KEPT_SCOPES);
        made
    }

    fn cut_out(&self, key: &'static str, wanted: &BTreeSet<String>) -> Result<Arc<Reading>> {
        let part = (key, wanted.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        let Some([now, then]) = self.parts.get(key) else {
            return Err(Error::internal("serve", "people are told apart by another column"));
        };
        let classified = self.part(&self.loaded.classified, now, key, wanted)?;
        let earlier = |(classified, since): &(Arc<Classified>, AsOf)| Ok::<_, Error>((self.part(classified, then, key, wanted)?, *since));
        let previous = self.loaded.previous.as_ref().map(earlier).transpose()?;
        Reading::of(&self.origin, &classified, Some(part), previous).map(Arc::new)
    }

    /// The rows of `classified`, whose `parts` are made once, that have one of the values `wanted` in the column `key`.
    fn part(
        &self,
        classified: &Arc<Classified>,
        parts: &OnceLock<Result<Parts>>,
        key: &'static str,
        wanted: &BTreeSet<String>,
    ) -> Result<Arc<Classified>> {
        let parts = parts.get_or_init(|| {
            let split = Split::by(classified, key)?;
            let by_value = values(&split, classified, key, &self.prepared)?.into_iter().zip(0..).collect();
            Ok(Parts { split, by_value })
        });
        let parts = parts.as_ref().map_err(Clone::clone)?;
        let found: Vec<usize> = wanted.iter().filter_map(|value| parts.by_value.get(value).copied()).collect();
        let own = Arc::new(parts.split.parts_together(&found)?);
        self.check_owner(&own, key, wanted)?;
        Ok(own)
    }

    /// Checks, on what is handed over, that every row has a value that was asked for.
    fn check_owner(&self, classified: &Arc<Classified>, key: &'static str, wanted: &BTreeSet<String>) -> Result<()> {
        let rows = (0..classified.frame().height() as u32).map(Some).collect();
        let labels = labels(classified, rows, key, &self.prepared.template)?;
        match labels.iter().all(|label| label.as_ref().is_some_and(|label| wanted.contains(label))) {
            true => Ok(()),
            false => Err(Error::internal("serve", "a row is somebody else's")),
        }
    }
}
