//! The records of an `.xls` file and the text in them.

use encoding_rs::Encoding;

use crate::source::guarded::protocol::Refusal;
use crate::source::workbook::child::code_pages;
use crate::source::workbook::child::ole::{u16_at, u32_at};

const CONTINUE: u16 = 0x003C;

/// A record, with what continues it.
pub struct Record<'a> {
    /// Its number, which says what it is.
    pub kind: u16,
    /// Its bytes.
    pub data: &'a [u8],
    /// The bytes of the records that continue it.
    pub rest: Vec<&'a [u8]>,
}

/// The records of a stream from a place on.
pub struct Records<'a> {
    left: &'a [u8],
}

impl<'a> Records<'a> {
    /// Those of a stream.
    pub fn of(stream: &'a [u8]) -> Self {
        Self { left: stream }
    }

    fn take(&mut self) -> Result<(u16, &'a [u8]), Refusal> {
        let cut = || Refusal::damaged("it ends within a record");
        let (head, rest) = self.left.split_at_checked(4).ok_or_else(cut)?;
        let (data, left) = rest.split_at_checked(u16_at(head, 2) as usize).ok_or_else(cut)?;
        self.left = left;
        Ok((u16_at(head, 0), data))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left.is_empty() {
            return None;
        }
        Some(self.take().and_then(|(kind, data)| {
            let mut rest = Vec::new();
            while self.left.len() >= 4 && u16_at(self.left, 0) == CONTINUE {
                rest.push(self.take()?.1);
            }
            Ok(Record { kind, data, rest })
        }))
    }
}

/// How the text of a file is stored.
#[derive(Clone, Copy)]
pub enum TextForm {
    /// In bytes of a code page, by its number; `None` for one that is not known.
    Bytes(Option<&'static Encoding>, u16),
    /// In units of UTF-16, whose upper halves are left out where all are zero.
    Unicode,
}

impl TextForm {
    /// The bytes of a code page.
    pub fn code_page(number: u16) -> Self {
        let number = match number {
            // Without one, and where older files say so in other words.
            0 | 367 | 1200 | 32_769 => 1252,
            32_768 => 10_000,
            other => other,
        };
        Self::Bytes(codepage::to_encoding_no_replacement(number), number)
    }

    /// The text of a record from a place on, where its length stands, in one byte or in two.
    ///
    /// # Errors
    /// `Damaged` when the text is longer than the record, and when its code page is not known.
    pub fn read(self, record: &Record<'_>, at: usize, length_bytes: usize) -> Result<String, Refusal> {
        let start = at + length_bytes;
        if record.data.len() < start {
            return if record.data.len() == at { Ok(String::new()) } else { Err(text_cut()) };
        }
        let length = if length_bytes == 1 { usize::from(record.data[at]) } else { usize::from(u16_at(record.data, at)) };
        let mut pieces = Pieces { left: &record.data[start..], rest: &record.rest };
        match self {
            Self::Unicode if length == 0 => Ok(String::new()),
            Self::Unicode => {
                let is_wide = pieces.byte()? & 1 != 0;
                pieces.unicode(length, is_wide)
            }
            Self::Bytes(encoding, number) => {
                let bytes = pieces.bytes(length)?;
                match encoding {
                    Some(encoding) => Ok(without_nul(encoding.decode_without_bom_handling(&bytes).0.into_owned())),
                    None if bytes.is_ascii() => Ok(without_nul(String::from_utf8_lossy(&bytes).into_owned())),
                    None => match code_pages::decode(number, &bytes) {
                        Some(text) => Ok(without_nul(text)),
                        None => Err(Refusal::damaged(format!("its text is in code page {number}, which is not supported"))),
                    },
                }
            }
        }
    }
}

/// The texts of a shared string table.
///
/// # Errors
/// `Damaged` when one is longer than the table.
pub fn shared_strings(record: &Record<'_>) -> Result<Vec<String>, Refusal> {
    let mut pieces = Pieces { left: record.data.get(8..).unwrap_or_default(), rest: &record.rest };
    let mut strings = Vec::new();
    // The counts in front are wrong in some files; what is there is what counts.
    while pieces.is_more() {
        let length = pieces.bytes(2)?;
        let flags = pieces.byte()?;
        let mut counted = |flag: u8, bytes: usize| if flags & flag == 0 { Ok(Vec::new()) } else { pieces.bytes(bytes) };
        let runs = usize::from(u16_at(&counted(8, 2)?, 0));
        let extension = u32_at(&counted(4, 4)?, 0) as usize;
        strings.push(pieces.unicode(usize::from(u16_at(&length, 0)), flags & 1 != 0)?);
        pieces.skip(runs * 4 + extension)?;
    }
    Ok(strings)
}

/// The bytes of a record and of those that continue it.
struct Pieces<'p, 'a> {
    left: &'a [u8],
    rest: &'p [&'a [u8]],
}

impl<'a> Pieces<'_, 'a> {
    fn is_more(&mut self) -> bool {
        while self.left.is_empty() {
            let Some((first, rest)) = self.rest.split_first() else { return false };
            (self.left, self.rest) = (first, rest);
        }
        true
    }

    /// Up to so many bytes of the piece at hand, or of the next if there is nothing left of it.
    fn take(&mut self, most: usize) -> Result<&'a [u8], Refusal> {
        if !self.is_more() {
            return Err(text_cut());
        }
        let (taken, left) = self.left.split_at(most.min(self.left.len()));
        self.left = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    fn bytes(&mut self, count: usize) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            bytes.extend_from_slice(self.take(count - bytes.len())?);
        }
        Ok(bytes)
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Refusal> {
        while count > 0 {
            count -= self.take(count)?.len();
        }
        Ok(())
    }

    /// So many units of UTF-16. Where a record is continued within a text, a byte says anew how wide they are.
    fn unicode(&mut self, count: usize, mut is_wide: bool) -> Result<String, Refusal> {
        let mut units: Vec<u16> = Vec::new();
        while units.len() < count {
            if self.left.is_empty() {
                is_wide = self.byte()? & 1 != 0;
            }
            let left = count - units.len();
            if is_wide {
                // A piece may end within a unit only where the file is damaged.
                let bytes = self.take(2 * left)?;
                if bytes.len() % 2 == 1 {
                    return Err(text_cut());
                }
                units.extend(bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)));
            } else {
                units.extend(self.take(left)?.iter().map(|byte| u16::from(*byte)));
            }
        }
        Ok(without_nul(String::from_utf16_lossy(&units)))
    }
}

/// NULs come from programs that wrote UTF-16 as bytes; no one sees them.
fn without_nul(mut text: String) -> String {
    if text.contains('\0') {
        text.retain(|letter| letter != '\0');
    }
    text
}

fn text_cut() -> Refusal {
    Refusal::damaged("a text in it is longer than its record")
}
