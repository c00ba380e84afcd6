//! The frames that the reading process and the one that asked exchange through pipes; it never looks into a workbook.

use std::io::{self, Read, Write};

use crate::source::workbook::message::{
    Book, Done, ExtraColumns, PreviewRow, Reading, Refusal, RefusalKind, Reply, Request, Sheet, Task, Visibility,
};

/// A length that stands for an empty cell.
pub const EMPTY: u32 = u32::MAX;

const LARGEST_FRAME: u32 = 1 << 30;

impl Task {
    /// Writes the task; the bytes of the workbook are to follow.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        for number in [self.size, self.inflated_bytes, self.memory_bytes, self.cpu_seconds] {
            output.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    /// Reads what [`Task::write`] wrote.
    pub fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut number = || -> io::Result<u64> {
            let mut bytes = [0; 8];
            input.read_exact(&mut bytes)?;
            Ok(u64::from_le_bytes(bytes))
        };
        Ok(Self { size: number()?, inflated_bytes: number()?, memory_bytes: number()?, cpu_seconds: number()? })
    }
}

impl Request {
    /// Writes the request as one frame.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let mut payload = Vec::new();
        match self {
            Self::Preview(sheet) => {
                put_number(&mut payload, *sheet);
                write_frame(output, 1, &payload)
            }
            Self::Read(reading) => {
                put_number(&mut payload, reading.sheet);
                put_number(&mut payload, reading.header_line);
                payload.push(u8::from(reading.beyond == ExtraColumns::Sent));
                payload.extend(reading.wanted.iter().map(|wanted| u8::from(*wanted)));
                write_frame(output, 2, &payload)
            }
        }
    }

    /// Reads a request; `None` when nothing more is asked.
    pub fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let Some((kind, payload)) = read_frame(input)? else {
            return Ok(None);
        };
        let mut rest = Unpack(&payload);
        let request = match kind {
            1 => Self::Preview(rest.number()?),
            2 => Self::Read(Reading {
                sheet: rest.number()?,
                header_line: rest.number()?,
                beyond: if rest.byte()? == 1 { ExtraColumns::Sent } else { ExtraColumns::Counted },
                wanted: rest.0.iter().map(|byte| *byte == 1).collect(),
            }),
            _ => return Err(garbled()),
        };
        Ok(Some(request))
    }
}

impl Reply {
    /// Writes the reply as one frame.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let mut payload = Vec::new();
        let kind = match self {
            Self::Book(book) => {
                put_text(&mut payload, &book.format);
                for sheet in &book.sheets {
                    payload.push(u8::from(sheet.visibility == Visibility::Hidden));
                    put_text(&mut payload, &sheet.name);
                }
                1
            }
            Self::Preview(rows) => {
                for row in rows {
                    put_number(&mut payload, row.line);
                    put_number(&mut payload, row.cells.len() as u32);
                    row.cells.iter().for_each(|cell| put_text(&mut payload, cell));
                }
                2
            }
            Self::Batch(bytes) => return write_frame(output, 3, bytes),
            Self::Done(done) => {
                let lines = [done.beyond_line, done.uncalculated_line].map(u64::from);
                for number in [done.rows, done.beyond, done.errors, done.uncalculated].into_iter().chain(lines) {
                    payload.extend_from_slice(&number.to_le_bytes());
                }
                payload.push(done.dates_from_1904.map_or(2, u8::from));
                4
            }
            Self::Refused(refusal) => {
                payload.push(refusal.kind as u8);
                put_text(&mut payload, &refusal.text);
                5
            }
        };
        write_frame(output, kind, &payload)
    }

    /// Reads a reply; `None` when the reading process has closed its end.
    pub fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let Some((kind, payload)) = read_frame(input)? else {
            return Ok(None);
        };
        if kind == 3 {
            return Ok(Some(Self::Batch(payload)));
        }
        let mut rest = Unpack(&payload);
        let reply = match kind {
            1 => {
                let mut book = Book { format: rest.text()?, sheets: Vec::new() };
                while !rest.0.is_empty() {
                    let visibility = if rest.byte()? == 1 { Visibility::Hidden } else { Visibility::Shown };
                    book.sheets.push(Sheet { visibility, name: rest.text()? });
                }
                Self::Book(book)
            }
            2 => {
                let mut rows = Vec::new();
                while !rest.0.is_empty() {
                    let (line, width) = (rest.number()?, rest.number()?);
                    rows.push(PreviewRow { line, cells: (0..width).map(|_| rest.text()).collect::<io::Result<_>>()? });
                }
                Self::Preview(rows)
            }
            4 => Self::Done(Done {
                rows: rest.long()?,
                beyond: rest.long()?,
                errors: rest.long()?,
                uncalculated: rest.long()?,
                beyond_line: rest.long()? as u32,
                uncalculated_line: rest.long()? as u32,
                dates_from_1904: [Some(false), Some(true), None].get(usize::from(rest.byte()?)).copied().flatten(),
            }),
            5 => Self::Refused(Refusal {
                kind: match rest.byte()? {
                    0 => RefusalKind::Encrypted,
                    1 => RefusalKind::Damaged,
                    2 => RefusalKind::TooLarge,
                    _ => RefusalKind::NotAWorkbook,
                },
                text: rest.text()?,
            }),
            _ => return Err(garbled()),
        };
        Ok(Some(reply))
    }
}

/// Appends a number to a payload.
pub fn put_number(payload: &mut Vec<u8>, number: u32) {
    payload.extend_from_slice(&number.to_le_bytes());
}

/// A payload that is taken apart from its beginning.
pub struct Unpack<'a>(pub &'a [u8]);

impl<'a> Unpack<'a> {
    /// The next bytes, so many.
    pub fn bytes(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(garbled)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next number.
    pub fn number(&mut self) -> io::Result<u32> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn long(&mut self) -> io::Result<u64> {
        let (low, high) = (self.number()?, self.number()?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    fn text(&mut self) -> io::Result<String> {
        let length = self.number()? as usize;
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }
}

fn put_text(payload: &mut Vec<u8>, text: &str) {
    put_number(payload, text.len() as u32);
    payload.extend_from_slice(text.as_bytes());
}

fn write_frame(output: &mut impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).ok().filter(|length| *length <= LARGEST_FRAME).ok_or_else(garbled)?;
    output.write_all(&[kind])?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(payload)?;
    output.flush()
}

fn read_frame(input: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut kind = [0];
    if input.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LARGEST_FRAME {
        return Err(garbled());
    }
    let mut payload = vec![0; length as usize];
    input.read_exact(&mut payload)?;
    Ok(Some((kind[0], payload)))
}

/// The error of a frame that is not one.
pub fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the workbook reader's answer is garbled")
}
