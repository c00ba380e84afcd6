//! Estimates how wide text is shown and how many lines it takes in a cell.

/// Words are taken to be this much wider than estimated, since faces differ.
const SLACK: f64 = 1.03;

/// The height of a line of the body face, in points.
pub const POINTS_A_LINE: usize = 15;
/// Points in a pixel.
pub const POINTS_A_PIXEL: f64 = 0.75;
/// What a column takes on a screen, in pixels: so many for each digit of the body face, and so many around the cell.
const PIXELS_A_DIGIT: f64 = 7.0;
const CELL_PIXELS: f64 = 5.0;

/// Lines a row grows to, at most: a spreadsheet's rows are no higher than 409 points. The cell holds all of them.
pub const MOST_LINES: usize = 27;

/// Parts of a digit that widths are counted in.
const PARTS: u32 = 20;

/// No byte of text is wider than this many digits.
pub const WIDEST_BYTE: f64 = 1.6;

/// The width of `text` on one line, in digits of the body face, which are the unit of column widths.
pub fn digits(text: &str) -> f64 {
    f64::from(text.bytes().map(|byte| u32::from(WIDTHS[usize::from(byte)])).sum::<u32>()) / f64::from(PARTS)
}

/// The pixels of a column that is `width` digits wide.
pub fn pixels(width: f64) -> f64 {
    width * PIXELS_A_DIGIT + CELL_PIXELS
}

/// Lines that `text` takes in a cell of `width` digits: broken where it breaks, at blanks, and within words that are
/// wider than the cell.
pub fn lines(text: &str, width: f64) -> usize {
    text.lines().map(|line| wrapped(line, width.max(1.0))).sum::<usize>().max(1)
}

fn wrapped(line: &str, width: f64) -> usize {
    let blank = digits(" ");
    let mut lines = 1;
    let mut used = 0.0;
    for word in line.split(' ').map(|word| digits(word) * SLACK) {
        if used > 0.0 && used + blank + word > width {
            lines += 1;
            used = word;
        } else {
            used += word + if used > 0.0 { blank } else { 0.0 };
        }
        let broken = (used / width).ceil().max(1.0) - 1.0;
        lines += broken as usize;
        used -= broken * width;
    }
    lines
}

/// The width of the character that a byte begins, about the same in the faces that spreadsheets use.
const WIDTHS: [u8; 256] = {
    let mut widths = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        widths[byte] = match byte as u8 {
            b' ' | b'i' | b'j' | b'l' | b'I' | b'.' | b',' | b':' | b';' | b'\'' | b'|' | b'!' => 10,
            b'f' | b't' | b'r' | b'(' | b')' | b'[' | b']' | b'-' | b'/' => 14,
            b'm' | b'w' | b'M' | b'W' | b'@' | b'%' => 32,
            b'A'..=b'Z' | b'&' | b'+' | b'=' | b'_' => 24,
            0..0x80 => 20,
            // The other bytes of a character.
            0x80..0xc0 => 0,
            // Latin, Greek, Cyrillic and their neighbours.
            0xc0..0xe0 => 23,
            // Ideographs and syllables, mostly.
            0xe0.. => 42,
        };
        byte += 1;
    }
    widths
};
