//! Writes lengths and bytes of texts as content streams want them, as short as they can be.

use pdf_writer::Ref;

/// A length in hundredths of a point, which every page is measured in: a hundredth of what a printer resolves.
pub fn hundredths(points: f32) -> i32 {
    (points * 100.0).round() as i32
}

/// Writes a whole number.
pub fn push_number(bytes: &mut Vec<u8>, value: impl itoa::Integer) {
    bytes.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a reference to an object.
pub fn push_reference(bytes: &mut Vec<u8>, id: Ref) {
    push_number(bytes, id.get());
    bytes.extend_from_slice(b" 0 R");
}

/// Writes references to objects in an array.
pub fn push_references(bytes: &mut Vec<u8>, ids: impl IntoIterator<Item = Ref>) {
    bytes.push(b'[');
    for (index, id) in ids.into_iter().enumerate() {
        if index > 0 {
            bytes.push(b' ');
        }
        push_reference(bytes, id);
    }
    bytes.push(b']');
}

/// Writes hundredths as a decimal number.
pub fn push_hundredths(bytes: &mut Vec<u8>, value: i32) {
    // From the last digit to the first, to be appended at once: every line of text is moved to its place by two of them.
    let (mut text, mut first) = ([0; 12], 12);
    let mut put = |byte: u8| {
        first -= 1;
        text[first] = byte;
    };
    let (mut whole, rest) = (value.unsigned_abs() / 100, (value.unsigned_abs() % 100) as u8);
    if !rest.is_multiple_of(10) {
        put(b'0' + rest % 10);
    }
    if rest > 0 {
        put(b'0' + rest / 10);
        put(b'.');
    }
    while whole > 0 {
        put(b'0' + (whole % 10) as u8);
        whole /= 10;
    }
    if value == 0 {
        put(b'0');
    }
    if value < 0 {
        put(b'-');
    }
    bytes.extend_from_slice(&text[first..]);
}

/// Writes a byte of a text: what has a meaning of its own there is escaped, and so is a carriage return, which readers take for
/// a line feed.
pub fn push_escaped(bytes: &mut Vec<u8>, byte: u8) {
    match byte {
        b'(' | b')' | b'\\' => bytes.extend_from_slice(&[b'\\', byte]),
        b'\r' => bytes.extend_from_slice(b"\\r"),
        _ => bytes.push(byte),
    }
}

#[cfg(test)]
mod tests {
    use crate::export::pdf::operands::push_hundredths;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let written = |value: i32| {
            let mut bytes = Vec::new();
            push_hundredths(&mut bytes, value);
            String::from_utf8(bytes).unwrap()
        };
        let cases = [(0, "0"), (5, ".05"), (50, ".5"), (100, "1"), (-7, "-.07"), (-1230, "-12.3"), (61_200, "612")];
        for (value, expected) in cases {
            assert_eq!(written(value), expected);
        }
    }
}
