//! Rust source as a test needs it: files, code without comments and literals, tokens with their lines.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of the repository.
pub struct SourceFile {
    /// Its path below the repository.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its text with comments, literals and test modules blanked, line by line.
    pub code: String,
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, sorted by name.
pub fn files(folder: &str) -> Vec<SourceFile> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|ending| ending == "rs") => paths.push(path),
                false => {}
            }
        }
    }
    paths.sort();
    assert!(!paths.is_empty(), "{folder} was not found");
    paths.iter().map(|path| file(path)).collect()
}

fn file(path: &Path) -> SourceFile {
    parsed(&path.strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(path).unwrap())
}

/// The file of this name and text.
pub fn parsed(name: &str, text: String) -> SourceFile {
    SourceFile { name: name.to_owned(), code: without_test_modules(&blanked(&text)), text }
}

/// `text` with blanks in the place of comments and of what strings and characters hold; the lines stay.
fn blanked(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let (end, keep) = token_end(&letters, at);
        for (index, letter) in letters[at..end].iter().enumerate() {
            let quote = *letter == '"' && (index == 0 || index + 1 == end - at);
            code.push(if keep || *letter == '\n' || quote { *letter } else { ' ' });
        }
        at = end;
    }
    code
}

/// Where the comment, literal or single letter at `at` ends, and whether it is code.
fn token_end(letters: &[char], at: usize) -> (usize, bool) {
    let starts = |words: &str| words.chars().enumerate().all(|(index, letter)| letters.get(at + index) == Some(&letter));
    let find = |from: usize, words: &str| {
        let words: Vec<char> = words.chars().collect();
        (from..letters.len()).find(|&index| letters[index..].starts_with(&words)).map_or(letters.len(), |index| index + words.len())
    };
    let previous_is_word = at > 0 && (letters[at - 1].is_alphanumeric() || letters[at - 1] == '_');
    if starts("//") {
        return (find(at, "\n").saturating_sub(1).max(at + 2), false);
    }
    if starts("/*") {
        return (find(at + 2, "*/"), false);
    }
    if !previous_is_word && (letters[at] == 'r' || starts("br")) {
        let first = at + if letters[at] == 'b' { 2 } else { 1 };
        let hashes = letters[first..].iter().take_while(|letter| **letter == '#').count();
        if letters.get(first + hashes) == Some(&'"') {
            return (find(first + hashes + 1, &format!("\"{}", "#".repeat(hashes))), false);
        }
    }
    match letters[at] {
        '"' => {
            let mut end = at + 1;
            while end < letters.len() && letters[end] != '"' {
                end += if letters[end] == '\\' { 2 } else { 1 };
            }
            (end + 1, false)
        }
        '\'' if letters.get(at + 1) == Some(&'\\') => (find(at + 3, "'"), false),
        '\'' if letters.get(at + 2) == Some(&'\'') => (at + 3, false),
        _ => (at + 1, true),
    }
}

/// Code without its `#[cfg(test)] mod … { … }`.
fn without_test_modules(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        let opens = line.trim() == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        kept.push_str(if opens { "" } else { line });
        kept.push('\n');
        if opens {
            for line in lines.by_ref() {
                kept.push('\n');
                if line == "}" {
                    break;
                }
            }
        }
    }
    kept
}

/// A word, `::` or another letter of code, and its line from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    /// The text.
    pub text: &'a str,
    /// The line.
    pub line: usize,
}

/// The tokens of code from [`blanked`].
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            let length = match word {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                word => word,
            };
            tokens.push(Token { text: &rest[..length], line: index + 1 });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}
