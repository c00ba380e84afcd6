//! Checks the row and cell references of a worksheet, as its bytes go by; values are not looked at.

use memchr::memchr;
use quick_xml::events::BytesStart;
use quick_xml::parser::{ElementParser, Parser};

use crate::source::guarded::protocol::{MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, Refusal};

/// The longest tag that is kept from one piece to the next; none of a row or cell comes near.
const MAX_TAG_BYTES: usize = 64 << 10;

/// The references seen so far. A reader of cells counts in 32 bits and knows no rows: a number too large for it comes
/// round to a small one, and two rows with one number become one.
///
/// Tags are found by their `<`, because most need no more than a look at their first bytes: an XML reader over the whole sheet
/// takes seven times as long, and half as long as reading the workbook does. The tags that are looked at are parsed by it.
#[derive(Debug, Default)]
pub struct CellReferences {
    /// The beginning of a tag that the last piece ended in.
    cut: Vec<u8>,
    /// The last row's number, from 1.
    row: u64,
}

impl CellReferences {
    /// Checks the next piece of the worksheet.
    ///
    /// # Errors
    /// A row or cell beyond the last one a sheet can have, and a row that does not come after the one before it.
    pub fn check(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        let mut joined = std::mem::take(&mut self.cut);
        let mut rest = piece;
        if !joined.is_empty() {
            joined.extend_from_slice(piece);
            rest = &joined;
        }
        while let Some(start) = memchr(b'<', rest) {
            let tag = &rest[start + 1..];
            rest = tag;
            if is_irrelevant(tag) || is_plainly_inside(tag) {
                continue;
            }
            match ElementParser::default().feed(tag) {
                Some(end) => {
                    self.check_tag(&tag[..end])?;
                    rest = &tag[end..];
                }
                None if tag.len() > MAX_TAG_BYTES => return Err(Refusal::damaged("a tag of a worksheet does not end")),
                None => {
                    self.cut = [b"<", tag].concat();
                    break;
                }
            }
        }
        Ok(())
    }

    fn check_tag(&mut self, tag: &[u8]) -> Result<(), Refusal> {
        let tag = String::from_utf8_lossy(tag.strip_suffix(b"/").unwrap_or(tag));
        let name_length = tag.find(|letter: char| letter.is_ascii_whitespace()).unwrap_or(tag.len());
        let element = BytesStart::from_content(tag, name_length);
        let reference = || element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == "r");
        match element.local_name().as_ref() {
            "row" => self.check_row(reference().as_ref().map(|attribute| &*attribute.value)),
            "c" => reference().map_or(Ok(()), |attribute| check_reference(attribute.value.as_bytes())),
            _ => Ok(()),
        }
    }

    fn check_row(&mut self, reference: Option<&str>) -> Result<(), Refusal> {
        let next = self.row + 1;
        let row = match reference {
            None => next,
            Some(reference) => {
                check_reference(reference.as_bytes())?;
                // What is not a number is the reader's to refuse.
                reference.parse().unwrap_or(next)
            }
        };
        if row == self.row {
            return Err(Refusal::damaged(format!("row {row} is given twice")));
        }
        if row < self.row {
            return Err(Refusal::damaged(format!("row {row} comes after row {}", self.row)));
        }
        self.row = row;
        Ok(())
    }
}

/// Whether a tag begins like one of the frequent ones that are neither a row's nor a cell's, or is no element.
fn is_irrelevant(tag: &[u8]) -> bool {
    matches!(tag, [b'/' | b'!' | b'?', ..] | [b'v' | b't' | b'f', b'>' | b' ', ..] | [b'i', b's', b'>', ..])
}

/// Whether a tag begins like `c r="AB123456"`, of at most two letters and six digits.
fn is_plainly_inside(tag: &[u8]) -> bool {
    let Some(place) = tag.strip_prefix(b"c r=\"") else { return false };
    let letters = place.iter().take(3).take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = place[letters..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    letters < 3 && digits < 7 && place.get(letters + digits) == Some(&b'"')
}

/// Refuses a reference such as `C17` or `17` with a column or row that no sheet has.
fn check_reference(place: &[u8]) -> Result<(), Refusal> {
    let letters = place.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let value = |digits: &[u8], base: u64, digit: fn(u8) -> u64| {
        digits.iter().fold(0_u64, |value, byte| value.saturating_mul(base).saturating_add(digit(*byte)))
    };
    let column = value(&place[..letters], 26, |byte| u64::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row = value(&place[letters..], 10, |byte| u64::from(byte.wrapping_sub(b'0')));
    if column > u64::from(MAX_SHEET_COLUMNS) || row > u64::from(MAX_SHEET_ROWS) {
        return Err(Refusal::outside_sheet());
    }
    Ok(())
}
