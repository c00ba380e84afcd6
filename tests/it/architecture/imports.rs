//! Which file of the library uses which: paths are read wherever they stand, in lists, with `self`, `super` and names of child modules.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::code::{SourceFile, Token, tokens};

/// A use of one file by another.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
pub struct Use {
    /// The file that uses.
    pub from: String,
    /// The file that is used.
    pub to: String,
    /// The line in `from`.
    pub line: usize,
    /// Whether it only passes a name on.
    pub reexport: bool,
}

/// A path as it stands in a file.
#[derive(Debug)]
struct Path {
    segments: Vec<String>,
    /// The name that it gets here, where it is imported under another.
    name: Option<String>,
    line: usize,
    import: bool,
    reexport: bool,
}

/// A module and what it names.
struct Module {
    file: String,
    path: Vec<String>,
    paths: Vec<Path>,
    /// What stands beside its imports.
    words: BTreeSet<String>,
}

/// The uses among the files of a library whose root is `src/lib.rs`.
pub fn uses(files: &[SourceFile]) -> Vec<Use> {
    let modules: BTreeMap<Vec<String>, Module> = files.iter().map(read).map(|module| (module.path.clone(), module)).collect();
    let mut uses = BTreeSet::new();
    for module in modules.values() {
        let aliases = aliases(&modules, module);
        for path in &module.paths {
            let Some(segments) = absolute(&modules, module, path, &aliases) else { continue };
            let Some(to) = target(&modules, &segments, 0) else { continue };
            let name = path.name.as_ref().or(path.segments.last()).unwrap();
            let reexport = path.reexport && !module.words.contains(name);
            if to != module.file {
                uses.insert(Use { from: module.file.clone(), to, line: path.line, reexport });
            }
        }
    }
    uses.into_iter().collect()
}

fn read(file: &SourceFile) -> Module {
    let path = file.name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("mod").trim_end_matches('/');
    let path = if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() };
    let tokens = tokens(&file.code);
    Module { file: file.name.clone(), path, paths: paths(&tokens), words: words(&tokens) }
}

/// The words beside imports and declarations of modules.
fn words(tokens: &[Token<'_>]) -> BTreeSet<String> {
    let mut statement = "";
    let mut words = BTreeSet::new();
    for Token { text, .. } in tokens {
        match *text {
            "use" | "mod" => statement = text,
            ";" => statement = "",
            "{" if statement == "mod" => statement = "",
            word if statement.is_empty() && is_word(word) => {
                words.insert(word.to_owned());
            }
            _ => {}
        }
    }
    words
}

/// Every path among `tokens`, lists in braces taken apart.
fn paths(tokens: &[Token<'_>]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let text = |index: usize| tokens.get(index).map_or("", |token| token.text);
        let first = if text(at) == "use" { at + 1 } else { at };
        let import = first > at;
        // `pub(in …)` says where an item can be seen from, which is no use.
        let is_visibility = at > 1 && text(at - 1) == "in" && text(at - 2) == "(";
        let starts = is_word(text(first)) && !is_visibility && (at == 0 || !matches!(text(at - 1), "::" | "."));
        if !starts || !(import || text(first + 1) == "::") {
            at += 1;
            continue;
        }
        let reexport = import && at > 0 && matches!(text(at - 1), "pub" | ")");
        at = tree(tokens, first, Vec::new(), &mut |segments, name, line| {
            paths.push(Path { segments, name, line, import, reexport });
        });
    }
    paths
}

/// Reads the path or list that starts at `at`, below `prefix`; returns where it ends.
fn tree(tokens: &[Token<'_>], mut at: usize, prefix: Vec<String>, found: &mut impl FnMut(Vec<String>, Option<String>, usize)) -> usize {
    let mut segments = prefix;
    while at < tokens.len() {
        let Token { text, line } = tokens[at];
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        if text == "{" {
            at += 1;
            while at < tokens.len() && tokens[at].text != "}" {
                at = if tokens[at].text == "," { at + 1 } else { tree(tokens, at, segments.clone(), &mut *found).max(at + 1) };
            }
            return at + 1;
        }
        if !is_word(text) {
            // A star, or the type parameters of a function.
            found(segments, None, line);
            return at + 1;
        }
        // `self` in a list is the module of the list.
        if text != "self" || segments.is_empty() {
            segments.push(text.to_owned());
        }
        if next != "::" {
            let name = (next == "as").then(|| tokens[at + 2].text.to_owned());
            let end = at + if name.is_some() { 3 } else { 1 };
            found(segments, name, line);
            return end;
        }
        at += 2;
    }
    at
}

fn is_word(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// The modules that `module` imports, by their name there.
fn aliases(modules: &BTreeMap<Vec<String>, Module>, module: &Module) -> BTreeMap<String, Vec<String>> {
    let none = BTreeMap::new();
    let imports = module.paths.iter().filter(|path| path.import).filter_map(|path| {
        let segments = absolute(modules, module, path, &none)?;
        let name = path.name.clone().or(segments.last().cloned())?;
        modules.contains_key(&segments).then_some((name, segments))
    });
    imports.collect()
}

/// A path from the root of the library; nothing for a path into another crate.
fn absolute(
    modules: &BTreeMap<Vec<String>, Module>,
    module: &Module,
    path: &Path,
    aliases: &BTreeMap<String, Vec<String>>,
) -> Option<Vec<String>> {
    let (first, rest) = path.segments.split_first()?;
    let child = [module.path.as_slice(), std::slice::from_ref(first)].concat();
    let mut base = match first.as_str() {
        "crate" | "portstatus" => Vec::new(),
        "self" => module.path.clone(),
        "super" => {
            let ups = path.segments.iter().take_while(|segment| *segment == "super").count();
            let base = module.path[..module.path.len().checked_sub(ups)?].to_vec();
            return Some([base, path.segments[ups..].to_vec()].concat());
        }
        name if !path.import && aliases.contains_key(name) => aliases[name].clone(),
        _ if modules.contains_key(&child) => child,
        _ => return None,
    };
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The file that defines what `segments` name, past the modules that only pass the name on.
fn target(modules: &BTreeMap<Vec<String>, Module>, segments: &[String], depth: usize) -> Option<String> {
    let length = (1..=segments.len()).rev().find(|length| modules.contains_key(&segments[..*length]))?;
    let module = &modules[&segments[..length]];
    if let Some(name) = segments.get(length).filter(|_| depth < 8) {
        let passed = module.paths.iter().filter(|path| path.reexport);
        let mut passed = passed.filter(|path| path.name.as_ref().or(path.segments.last()) == Some(name));
        if let Some(path) = passed.next() {
            let origin = absolute(modules, module, path, &BTreeMap::new())?;
            return target(modules, &origin, depth + 1);
        }
    }
    Some(module.file.clone())
}

/// The circles among `uses`: groups of files that reach one another, each sorted.
pub fn circles(uses: &[Use]) -> Vec<Vec<String>> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in uses.iter().filter(|edge| !edge.reexport) {
        reached.entry(&edge.from).or_default().insert(&edge.to);
    }
    let files: Vec<&str> = reached.keys().copied().collect();
    for through in &files {
        let beyond = reached[through].clone();
        reached.values_mut().filter(|reached| reached.contains(through)).for_each(|reached| reached.extend(&beyond));
    }
    let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
    for file in files.iter().filter(|file| reached[**file].contains(**file)) {
        let others = reached[file].iter().filter(|other| reached.get(**other).is_some_and(|back| back.contains(file)));
        circles.insert(others.map(|other| (*other).to_owned()).collect());
    }
    circles.into_iter().collect()
}
