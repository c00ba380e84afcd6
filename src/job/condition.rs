//! When a recipient gets a report: always, or only if there is something to tell.

use crate::domain::change::ChangeKind;
use crate::domain::data_quality::QualityFlag;
use crate::history::Changes;
use crate::report::summary::Summary;

/// When a recipient gets a report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Condition {
    /// In every run.
    #[default]
    Always,
    /// When it has a row.
    NotEmpty,
    /// When anything changed since the last one that was delivered; the first one is always sent.
    Changed,
    /// When one of these happened to a number since the last one that was delivered; the first one is always sent.
    Happened(Vec<ChangeKind>),
    /// When there are more data-quality flags than this, those of all rows counted.
    FlaggedAbove(u64),
    /// When more rows than this are overdue.
    OverdueAbove(u64),
}

/// Why a report is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDue {
    /// In words.
    pub why: String,
    /// Whether nothing at all changed since the earlier report, so that a later one may as well be compared with this state.
    pub is_unchanged: bool,
}

impl Condition {
    /// Why no report is made of rows with these `figures` and `changes` since the last one; `None` if it is made.
    pub fn unmet(&self, figures: &Summary, changes: Option<&Changes>) -> Option<NotDue> {
        let not_due = |why: String| Some(NotDue { why, is_unchanged: false });
        match self {
            Self::Always => None,
            Self::NotEmpty if figures.rows == 0 => not_due("it has no row".to_owned()),
            Self::NotEmpty => None,
            Self::Changed => {
                let is_unchanged = changes?.counts.iter().all(|(_, numbers)| *numbers == 0);
                is_unchanged.then(|| NotDue { why: "nothing changed".to_owned(), is_unchanged })
            }
            Self::Happened(kinds) => {
                let happened = changes?.counts.iter().any(|(kind, numbers)| *numbers > 0 && kinds.contains(kind));
                if happened { None } else { not_due(format!("no change of this kind: {}", in_words(kinds))) }
            }
            Self::FlaggedAbove(most) => {
                let flags: u64 = figures.quality_flags.iter().map(|(_, rows)| rows).sum();
                if flags > *most { None } else { not_due(format!("{flags} data-quality flags are not more than {most}")) }
            }
            Self::OverdueAbove(most) => {
                let overdue = figures.quality_flags.iter().find(|(flag, _)| *flag == QualityFlag::Overdue).map_or(0, |(_, rows)| *rows);
                if overdue > *most { None } else { not_due(format!("{overdue} overdue rows are not more than {most}")) }
            }
        }
    }
}

/// `FOC set, completed`.
fn in_words(kinds: &[ChangeKind]) -> String {
    kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
