//! Checks the places that the rows and cells of a worksheet claim, tag by tag as its bytes go by. Never reads a value.

use memchr::{memchr, memchr_iter};

use crate::source::workbook::child::{MOST_COLUMNS, MOST_ROWS};
use crate::source::workbook::guard::damaged;
use crate::source::workbook::message::Refusal;

/// The longest tag that is kept from one piece to the next; none of a row or cell comes near.
const LONGEST_TAG: usize = 64 << 10;

/// The places seen so far. A reader of cells counts in 32 bits and knows no rows: a number too large for it comes
/// round to a small one, and two rows with one number become one.
#[derive(Debug, Default)]
pub struct CellReferences {
    /// The beginning of a tag that the last piece ended in.
    cut: Vec<u8>,
    /// The last row's number, from 1.
    row: u64,
}

impl CellReferences {
    /// Takes the next piece of the worksheet.
    ///
    /// # Errors
    /// A row or cell beyond the last one a sheet can have, and a row that does not come after the one before it.
    pub fn take(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        let mut rest = piece;
        if !self.cut.is_empty() {
            let end = memchr(b'>', piece).map_or(piece.len(), |end| end + 1);
            self.cut.extend_from_slice(&piece[..end]);
            if !piece[..end].ends_with(b">") && self.cut.len() < LONGEST_TAG {
                return Ok(());
            }
            let tag = std::mem::take(&mut self.cut);
            self.tag(&tag[1..])?;
            rest = &piece[end..];
        }
        for start in memchr_iter(b'<', rest) {
            let tag = &rest[start + 1..];
            // Most tags are neither a row's nor a cell's, and most cells are plainly inside; a prefix is rare, but legal.
            if matches!(tag.first(), Some(b'/' | b'v' | b't' | b'i' | b'f')) || is_plainly_inside(tag) {
                continue;
            }
            match memchr(b'>', tag) {
                Some(end) => self.tag(&tag[..end])?,
                None => self.cut = rest[start..].to_vec(),
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), Refusal> {
        let name = &tag[..tag.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')).unwrap_or(tag.len())];
        match name.rsplit(|byte| *byte == b':').next() {
            Some(b"row") => self.row(reference(&tag[name.len()..])),
            Some(b"c") => match reference(&tag[name.len()..]) {
                Some(place) => inside(place),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn row(&mut self, place: Option<&[u8]>) -> Result<(), Refusal> {
        let row = match place {
            None => self.row + 1,
            Some(place) => {
                inside(place)?;
                // What is no number is the reader's to refuse.
                std::str::from_utf8(place).ok().and_then(|text| text.parse().ok()).unwrap_or(self.row + 1)
            }
        };
        if row == self.row {
            return Err(damaged(format!("row {row} is given twice")));
        }
        if row < self.row {
            return Err(damaged(format!("row {row} comes after row {}", self.row)));
        }
        self.row = row;
        Ok(())
    }
}

/// Whether a tag begins like `c r="AB123456"`, of at most two letters and six digits.
fn is_plainly_inside(tag: &[u8]) -> bool {
    let Some(place) = tag.strip_prefix(b"c r=\"") else { return false };
    let letters = place.iter().take(3).take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = place[letters..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    letters < 3 && digits < 7 && place.get(letters + digits) == Some(&b'"')
}

/// Refuses a reference such as `C17` or `17` with a column or row that no sheet has.
fn inside(place: &[u8]) -> Result<(), Refusal> {
    let letters = place.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let value = |digits: &[u8], base: u64, digit: fn(u8) -> u64| {
        digits.iter().fold(0_u64, |value, byte| value.saturating_mul(base).saturating_add(digit(*byte)))
    };
    let column = value(&place[..letters], 26, |byte| u64::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row = value(&place[letters..], 10, |byte| u64::from(byte.wrapping_sub(b'0')));
    if column > u64::from(MOST_COLUMNS) || row > u64::from(MOST_ROWS) {
        return Err(beyond());
    }
    Ok(())
}

/// The refusal of a place that no sheet has.
pub fn beyond() -> Refusal {
    damaged("a cell lies beyond the last row or column a sheet can have")
}

/// The value of the attribute `r`, in whatever quotes and whitespace.
fn reference(attributes: &[u8]) -> Option<&[u8]> {
    let mut rest = attributes.trim_ascii_start();
    while let Some(equals) = memchr(b'=', rest) {
        let name = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let (quote, value) = value.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
        let end = memchr(*quote, value)?;
        if name == b"r" {
            return Some(&value[..end]);
        }
        rest = value[end + 1..].trim_ascii_start();
    }
    None
}
