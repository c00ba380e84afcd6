//! Reads when a recipient gets a report: `always`, `not-empty`, `changed`, what happened, or how many rows have a fault.

use crate::domain::change::ChangeKind;
use crate::domain::status::fold;
use crate::job::condition::Condition;

/// What a condition may be, for help.
pub const CONDITIONS: &str = "always, not-empty, changed, one or several of foc, completed and rejected, flags > N or overdue > N";

/// What can happen to a number, as conditions name it.
const HAPPENINGS: [(&str, ChangeKind); 3] =
    [("foc", ChangeKind::ConfirmedSet), ("completed", ChangeKind::Completed), ("rejected", ChangeKind::Rejected)];

/// The condition that `text` means; `None` when it means none.
pub fn parse_condition(text: &str) -> Option<Condition> {
    match fold(text).as_str() {
        "always" => return Some(Condition::Always),
        "notempty" => return Some(Condition::NotEmpty),
        "changed" => return Some(Condition::Changed),
        _ => {}
    }
    if let Some((what, count)) = text.split_once('>') {
        let count = count.trim().parse().ok()?;
        return match fold(what).as_str() {
            "flags" => Some(Condition::FlaggedAbove(count)),
            "overdue" => Some(Condition::OverdueAbove(count)),
            _ => None,
        };
    }
    let words = text.split(|letter: char| letter == ',' || letter == ';' || letter.is_whitespace()).filter(|word| !word.is_empty());
    let kind = |word: &str| HAPPENINGS.iter().find(|(known, _)| *known == fold(word)).map(|(_, kind)| *kind);
    let kinds: Vec<ChangeKind> = words.map(kind).collect::<Option<_>>()?;
    (!kinds.is_empty()).then_some(Condition::Happened(kinds))
}

/// `condition` in the words of a job file.
pub fn condition_words(condition: &Condition) -> String {
    match condition {
        Condition::Always => "always".to_owned(),
        Condition::NotEmpty => "not-empty".to_owned(),
        Condition::Changed => "changed".to_owned(),
        Condition::Happened(kinds) => {
            let word = |kind: &ChangeKind| HAPPENINGS.iter().find(|(_, known)| known == kind).map_or("", |(word, _)| *word);
            kinds.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        Condition::FlaggedAbove(count) => format!("flags > {count}"),
        Condition::OverdueAbove(count) => format!("overdue > {count}"),
    }
}
