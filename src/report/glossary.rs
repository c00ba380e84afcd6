//! The words for the values of closed lists, as a template gives them: captions and meanings, by list and code.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::action::STATE_AFTER;
use crate::domain::change::ChangeKind;
use crate::domain::columns::COLUMNS;
use crate::domain::data_quality::QualityFlag;
use crate::domain::risk::Risk;
use crate::domain::status::{Detail, Spelling, Status};
use crate::domain::text::fill;
use crate::error::{Error, Place, Result};
use crate::report::table::Term;

/// The list of the data-quality flags.
pub const QUALITY_FLAGS: &str = "quality_flags";
/// The list of the reasons why a number is at risk.
pub const RISKS: &str = "risks";
/// The list of what can happen to a number between two reports.
pub const CHANGES: &str = "changes";

/// The terms of a template, as they are written: by list and code.
pub type GivenTerms = BTreeMap<String, BTreeMap<String, GivenTerm>>;

/// The words for one value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenTerm {
    caption: Option<String>,
    meaning: Option<String>,
}

impl GivenTerm {
    /// Takes what `other` gives in place of its own.
    pub fn replace(&mut self, other: Self) {
        self.caption = other.caption.or(self.caption.take());
        self.meaning = other.meaning.or(self.meaning.take());
    }
}

/// Every term of every closed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glossary {
    lists: Vec<(&'static str, Arc<[Term]>)>,
}

impl Glossary {
    /// The terms that `given` words; one without a caption goes by its code.
    ///
    /// # Errors
    /// [`Error::config`] for a list or a code that does not exist.
    pub fn new(given: &GivenTerms, file: &str) -> Result<Self> {
        let lists = lists();
        for (list, terms) in given {
            let Some((_, codes)) = lists.iter().find(|(key, _)| key == list) else {
                let keys: Vec<_> = lists.iter().map(|(key, _)| *key).collect();
                let help = format!("lists are {}", keys.join(", "));
                return Err(Error::config(Place::entry(file, "terms"), format!("there is no list '{list}'"), help));
            };
            if let Some(code) = terms.keys().find(|code| !codes.contains(&code.as_str())) {
                let help = format!("codes are {}", codes.join(", "));
                return Err(Error::config(Place::entry(file, format!("terms.{list}")), format!("there is no '{code}'"), help));
            }
        }
        let term = |list: &'static str, code: &str| {
            let GivenTerm { caption, meaning } = given.get(list).and_then(|terms| terms.get(code)).cloned().unwrap_or_default();
            Term { list, code: code.to_owned(), caption: caption.unwrap_or_else(|| code.to_owned()), meaning: meaning.unwrap_or_default() }
        };
        Ok(Self { lists: lists.iter().map(|(list, codes)| (*list, codes.iter().map(|code| term(list, code)).collect())).collect() })
    }

    /// The terms of `list`, in its order; none for a column that is no closed list.
    pub fn terms(&self, list: &str) -> Arc<[Term]> {
        // The states that numbers go to are those that they are in.
        let list = if list == STATE_AFTER { "number_state" } else { list };
        self.lists.iter().find(|(key, _)| *key == list).map_or_else(Arc::default, |(_, terms)| Arc::clone(terms))
    }

    /// The term of `list` with this code.
    pub fn term(&self, list: &str, code: &str) -> Option<Term> {
        self.terms(list).iter().find(|term| term.code == code).cloned()
    }

    /// What `flag` says of a row.
    pub fn flag_meaning(&self, flag: QualityFlag) -> String {
        self.term(QUALITY_FLAGS, flag.code()).map(|term| term.meaning).unwrap_or_default()
    }

    /// The same terms with those of flags that look across rows as `pattern` says them of rows of which only some were read:
    /// `{flag}` stands for what the flag means, and where that is not said for its caption.
    #[must_use]
    pub fn within_rows_read(mut self, pattern: &str) -> Self {
        let across = |term: &&mut Term| QualityFlag::from_code(&term.code).is_some_and(QualityFlag::is_across_rows);
        for (_, terms) in self.lists.iter_mut().filter(|(list, _)| *list == QUALITY_FLAGS) {
            for term in Arc::make_mut(terms).iter_mut().filter(across) {
                let words = if term.meaning.is_empty() { &mut term.caption } else { &mut term.meaning };
                *words = fill(pattern, &[("flag", words)]);
            }
        }
        self
    }

    /// The same terms with a canceled order spelled so, as a status and as a detail.
    #[must_use]
    pub fn spelled(mut self, spelling: Spelling) -> Self {
        let (status, detail) = (("status", Status::Canceled.code()), ("detail", Detail::Cancelled.code()));
        let (from, to) = match spelling {
            Spelling::AsDefined => return self,
            Spelling::Canceled => (status, detail),
            Spelling::Cancelled => (detail, status),
        };
        let caption = self.term(from.0, from.1).map(|term| term.caption).unwrap_or_default();
        for (_, terms) in self.lists.iter_mut().filter(|(list, _)| *list == to.0) {
            Arc::make_mut(terms).iter_mut().filter(|term| term.code == to.1).for_each(|term| term.caption.clone_from(&caption));
        }
        self
    }
}

/// Every closed list that a report shows: the key of its column and its codes, in order.
pub fn lists() -> Vec<(&'static str, Vec<&'static str>)> {
    let shown = COLUMNS.iter().filter(|column| column.is_in_reports() && !column.choices.is_empty() && column.key != STATE_AFTER);
    let choices = shown.map(|column| (column.key, column.choices.iter().map(|choice| choice.code).collect()));
    let flags = (QUALITY_FLAGS, QualityFlag::ALL.iter().map(|flag| flag.code()).collect());
    let risks = (RISKS, Risk::ALL.iter().map(|risk| risk.code()).collect());
    let changes = (CHANGES, ChangeKind::ALL.iter().map(|kind| kind.code()).collect());
    choices.chain([flags, risks, changes]).collect()
}
