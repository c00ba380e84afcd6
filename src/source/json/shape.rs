//! Which values a JSON input has: its paths, how often each has a value, and whether these look like phone numbers.

use std::borrow::Cow;

use crate::source::json::parse::{Fault, Kind, Parser};

/// Paths that an input may have; one with more has data for keys.
const MAX_PATHS: usize = 1 << 14;
/// Values of a path that are looked at.
const SAMPLE: u64 = 64;

/// A place in the structure of an input, by its index; [`ROOT`] is the input itself.
pub type Path = usize;

/// The path of the whole input.
pub const ROOT: Path = 0;

/// How a path goes on from the one above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The input itself.
    Root,
    /// The value of a key.
    Member(String),
    /// Any element of an array.
    Element,
    /// Any member of an object whose keys are data: phone numbers.
    Entry,
}

/// What is known of a path.
#[derive(Debug)]
pub struct PathInfo {
    /// The path above it.
    pub parent: Path,
    /// How it goes on from there.
    pub step: Step,
    /// Whether it had a value that is no array or object, `null` among them.
    pub is_scalar: bool,
    /// Values, without `null`.
    pub values: u64,
    /// Values among the first that look like phone numbers.
    phones: u64,
    /// The first value.
    pub first: Option<String>,
    members: Vec<Path>,
    element: Option<Path>,
    entry: Option<Path>,
}

/// The paths of an input, in the order in which they came.
#[derive(Debug)]
pub struct Shape {
    /// By their index.
    pub paths: Vec<PathInfo>,
}

impl PathInfo {
    fn new(parent: Path, step: Step) -> Self {
        let (members, element, entry) = (Vec::new(), None, None);
        Self { parent, step, is_scalar: false, values: 0, phones: 0, first: None, members, element, entry }
    }

    /// Whether most of its values look like phone numbers.
    pub fn holds_numbers(&self) -> bool {
        self.phones * 2 > self.values.min(SAMPLE)
    }

    fn add_value(&mut self, value: Option<&str>) {
        self.is_scalar = true;
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        if self.values < SAMPLE && looks_like_number(value) {
            self.phones += 1;
        }
        self.values += 1;
        self.first.get_or_insert_with(|| value.to_owned());
    }
}

impl Shape {
    /// That of an input of which nothing is known yet.
    pub fn new() -> Self {
        Self { paths: vec![PathInfo::new(ROOT, Step::Root)] }
    }

    /// The path of the member `key` of an object at `path`, which comes behind `before` others; that of any entry where the key is
    /// a number.
    pub fn member(&self, path: Path, key: &str, before: usize) -> Option<Path> {
        if looks_like_number(key) {
            return self.paths[path].entry;
        }
        // Most records have their members in one order.
        let members = &self.paths[path].members;
        let (first, rest) = members.split_at(before.min(members.len()));
        let is_it = |member: &Path| matches!(&self.paths[*member].step, Step::Member(name) if name == key);
        rest.iter().chain(first).copied().find(is_it)
    }

    /// The path of the elements of an array at `path`.
    pub fn element(&self, path: Path) -> Option<Path> {
        self.paths[path].element
    }

    /// Takes note of the value that `parser` stands at, which is at `path`.
    ///
    /// # Errors
    /// A value that is not JSON; more paths than a table may have columns.
    pub fn scan(&mut self, parser: &mut Parser<'_>, path: Path) -> Result<(), Fault> {
        match parser.kind()? {
            Kind::Map => parser.members(&mut |parser, key, before| {
                let member = self
                    .add_member(path, &key, before)
                    .ok_or_else(|| parser.fault("it has more different keys than a table has columns"))?;
                self.scan(parser, member)
            }),
            Kind::List => {
                let element = self.add_element(path);
                parser.elements(&mut |parser| self.scan(parser, element))
            }
            Kind::Scalar => {
                let value: Option<Cow<'_, str>> = parser.scalar()?;
                self.paths[path].add_value(value.as_deref());
                Ok(())
            }
        }
    }

    /// The path of the elements of an array at `path`, which is new if there was none.
    pub fn add_element(&mut self, path: Path) -> Path {
        match self.paths[path].element {
            Some(element) => element,
            None => {
                let element = self.add(path, Step::Element);
                self.paths[path].element = Some(element);
                element
            }
        }
    }

    fn add_member(&mut self, path: Path, key: &str, before: usize) -> Option<Path> {
        let known = self.member(path, key, before);
        let is_entry = looks_like_number(key);
        let member = match known {
            Some(known) => known,
            None if self.paths.len() >= MAX_PATHS => return None,
            None if is_entry => {
                let entry = self.add(path, Step::Entry);
                self.paths[path].entry = Some(entry);
                entry
            }
            None => {
                let member = self.add(path, Step::Member(key.to_owned()));
                self.paths[path].members.push(member);
                member
            }
        };
        if is_entry {
            self.paths[member].add_value(Some(key));
        }
        Some(member)
    }

    fn add(&mut self, parent: Path, step: Step) -> Path {
        self.paths.push(PathInfo::new(parent, step));
        self.paths.len() - 1
    }

    /// `path` and the paths above it, from below.
    pub fn ancestors(&self, path: Path) -> impl Iterator<Item = Path> {
        std::iter::successors(Some(path), |path| (*path != ROOT).then(|| self.paths[*path].parent))
    }

    /// The arrays and objects of entries that `path` lies in, from above: where each goes on to its elements.
    pub fn lists_around(&self, path: Path) -> Vec<Path> {
        let mut lists: Vec<Path> =
            self.ancestors(path).filter(|path| matches!(self.paths[*path].step, Step::Element | Step::Entry)).collect();
        lists.reverse();
        lists
    }

    /// The keys on the way to `path`, from above.
    pub fn keys(&self, path: Path) -> Vec<&str> {
        let mut keys: Vec<&str> = self
            .ancestors(path)
            .filter_map(|path| match &self.paths[path].step {
                Step::Member(key) => Some(key.as_str()),
                _ => None,
            })
            .collect();
        keys.reverse();
        keys
    }
}

/// Whether a text is a phone number by the look of it: seven digits or more, and signs that stand between those of numbers. A
/// date is none.
fn looks_like_number(text: &str) -> bool {
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return false;
    }
    let body = text.trim().trim_start_matches('+');
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let is_date = body.len() == 10 && body.as_bytes()[4] == body.as_bytes()[7] && !body.as_bytes()[4].is_ascii_digit();
    (7..=15).contains(&digits) && !is_date && body.bytes().all(|byte| byte.is_ascii_digit() || b" ()-.".contains(&byte))
}
