//! What the codes of reject reasons say, as SQL: one reason or several, of which each has to be known.

use crate::classify::sql::dialect::Dialect;
use crate::domain::reason::{ActionOwner, Reason, Reasons, SEPARATOR};

/// Stands before and after each code of a cell, so that none is found within another.
const MARK: &str = "|";
/// What takes its place where it stands in a cell: no code has it.
const NO_MARK: &str = "?";

/// Reasons that are looked for in one expression: databases refuse those that are nested too deep.
const TOGETHER: usize = 8;

/// The column of codes between marks.
const CODES: &str = "marked_codes";

/// Columns to be added to a table, by name.
pub type Added = Vec<(String, String)>;

/// Prints what the codes of a cell say.
pub struct ReasonWords<'a> {
    /// Whose SQL is written.
    pub dialect: Dialect,
    /// The reasons.
    pub reasons: &'a Reasons,
    /// How a column of the table before is named.
    pub column: &'a dyn Fn(&str) -> String,
}

impl ReasonWords<'_> {
    /// The columns that say what the codes in `cell` say, in tables that follow each other.
    pub fn tables(&self, cell: &str) -> Vec<Added> {
        if self.reasons.all.is_empty() {
            return Vec::new();
        }
        let mark = self.dialect.text(MARK);
        let codes = self.dialect.replaced(cell, MARK, NO_MARK);
        let codes = self.dialect.replaced(&codes, SEPARATOR, &format!("{MARK}{MARK}"));
        let mut tables = vec![vec![(CODES.to_owned(), self.dialect.joined(&[&mark, &codes, &mark]))]];
        for (place, reasons) in self.reasons.all.chunks(TOGETHER).enumerate() {
            let before = |name: &str| (self.column)(&place.checked_sub(1).map_or_else(|| CODES.to_owned(), |place| numbered(name, place)));
            let word = |name: &str, reason: &Reason| match name {
                CAPTIONS => format!("{}{SEPARATOR}", reason.caption),
                STEPS => format!("{} ", reason.next_step),
                _ => String::new(),
            };
            let added = |name: &str| (numbered(name, place), self.without(before(name), reasons.iter(), |reason| word(name, reason)));
            tables.push([REST, CAPTIONS, STEPS].map(added).into());
        }
        tables
    }

    /// `text`, or where there is none the captions of the codes, if all are known.
    pub fn completed(&self, text: &str) -> String {
        if self.reasons.all.is_empty() {
            return text.to_owned();
        }
        // The last has nothing after it.
        let end = self.dialect.joined(&[&self.last(CAPTIONS), &self.dialect.text(MARK)]);
        let captions = self.dialect.replaced(&format!("({end})"), &format!("{SEPARATOR}{MARK}"), "");
        format!("CASE WHEN {text} IS NULL AND {} THEN {captions} ELSE {text} END", self.are_known())
    }

    /// Whether there are codes and all of them are known.
    pub fn are_known(&self) -> String {
        let rest = self.last(REST);
        format!("({rest} IS NOT NULL AND {rest} = {})", self.dialect.text(""))
    }

    /// The code of who has to act first.
    pub fn owner(&self) -> String {
        let codes = (self.column)(CODES);
        let owns = |owner: &ActionOwner| {
            let own: Vec<&Reason> = self.reasons.all.iter().filter(|reason| reason.owner == *owner).collect();
            let has = |own: &[&Reason]| format!("{} <> {codes}", self.without(codes.clone(), own.iter().copied(), |_| String::new()));
            let any: Vec<String> = own.chunks(TOGETHER).map(has).collect();
            (!any.is_empty()).then(|| format!("WHEN {} THEN {}", any.join(" OR "), self.dialect.text(owner.code())))
        };
        let owners: Vec<String> = ActionOwner::ALL.iter().filter_map(owns).collect();
        format!("CASE {} END", owners.join(" "))
    }

    /// What to do next, a sentence for each.
    pub fn next_step(&self) -> String {
        format!("RTRIM({})", self.last(STEPS))
    }

    /// The column `name` after all reasons were looked for.
    fn last(&self, name: &str) -> String {
        (self.column)(&numbered(name, self.reasons.all.len().div_ceil(TOGETHER) - 1))
    }

    /// `text` with `word` in place of each of `reasons`.
    fn without<'r>(&self, text: String, reasons: impl Iterator<Item = &'r Reason>, word: impl Fn(&Reason) -> String) -> String {
        let replaced = |text: String, reason: &Reason| self.dialect.replaced(&text, &format!("{MARK}{}{MARK}", reason.code), &word(reason));
        reasons.fold(text, replaced)
    }
}

/// Columns of codes that are being replaced: by nothing, by captions, by next steps.
const REST: &str = "codes_not_known";
const CAPTIONS: &str = "captions";
const STEPS: &str = "steps";

fn numbered(name: &str, place: usize) -> String {
    format!("{name}_{place}")
}
