//! What the bytes of a terminal mean: keys, told by one byte or by a sequence that begins with escape.

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
    /// The end of what is typed.
    Enter,
    /// Takes a character back.
    Backspace,
    /// Nothing of what was typed.
    Escape,
    /// Control and C.
    Interrupt,
}

/// Reads keys from bytes, which may end in the midst of one.
#[derive(Debug, Default)]
pub struct KeyReader {
    rest: Vec<u8>,
}

const ESCAPE: u8 = 0x1b;

impl KeyReader {
    /// The keys that are whole with `bytes`. No bytes at all say that nothing follows for now: an escape is one by itself then.
    pub fn read(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.rest.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut at = 0;
        while let Some((key, length)) = key(&self.rest[at..], bytes.is_empty()) {
            keys.extend(key);
            at += length;
        }
        self.rest.drain(..at);
        keys
    }
}

/// The first key of `bytes` and how many of them it takes; `None` for a key of which there is more to come. Sequences that mean nothing
/// here are no key.
fn key(bytes: &[u8], is_all: bool) -> Option<(Option<Key>, usize)> {
    let first = *bytes.first()?;
    Some(match first {
        ESCAPE => match bytes.get(1) {
            None if is_all => (Some(Key::Escape), 1),
            None => return None,
            Some(b'[') => return sequence(bytes, is_all),
            Some(b'O') => match bytes.get(2) {
                None if !is_all => return None,
                last => (last.and_then(|last| named(*last)), bytes.len().min(3)),
            },
            Some(_) => (Some(Key::Escape), 1),
        },
        b'\r' | b'\n' => (Some(Key::Enter), 1),
        0x7f | 0x08 => (Some(Key::Backspace), 1),
        0x03 => (Some(Key::Interrupt), 1),
        0x02 => (Some(Key::PageUp), 1),
        0x06 => (Some(Key::PageDown), 1),
        0..0x20 => (None, 1),
        _ => {
            let length = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            match bytes.get(..length) {
                Some(letter) => match std::str::from_utf8(letter).ok().and_then(|letter| letter.chars().next()) {
                    Some(letter) => (Some(Key::Char(letter)), length),
                    None => (None, 1),
                },
                None if is_all => (None, 1),
                None => return None,
            }
        }
    })
}

/// A key that is told by escape, a bracket, parameters and a last byte.
fn sequence(bytes: &[u8], is_all: bool) -> Option<(Option<Key>, usize)> {
    let Some(end) = bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return is_all.then_some((None, bytes.len()));
    };
    let (parameters, last) = (&bytes[2..2 + end], bytes[2 + end]);
    let key = match (parameters, last) {
        (b"1" | b"7", b'~') => Some(Key::Home),
        (b"4" | b"8", b'~') => Some(Key::End),
        (b"5", b'~') => Some(Key::PageUp),
        (b"6", b'~') => Some(Key::PageDown),
        (_, last) => named(last),
    };
    Some((key, end + 3))
}

fn named(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}
