//! How hashes, sheet columns and near misses are put into words. Knows nothing of what they stand for.

/// `bytes` in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).map(char::from).collect()
}

/// The letters of a sheet's column, counted from 0: A, …, Z, AA, ….
pub fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// `did you mean …?` for the nearest of `known`, else all of them.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    let nearest = known.iter().map(|candidate| (distance(word, candidate), candidate)).min();
    match nearest {
        Some((far, candidate)) if far * 3 <= word.chars().count().max(3) => format!("did you mean {candidate}?"),
        _ => format!("choose from {}", known.join(", ")),
    }
}

/// How many letters have to be changed, added or taken away to make `left` of `right`.
pub fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut corner = line;
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(corner + 1);
        }
    }
    row[right.len()]
}
