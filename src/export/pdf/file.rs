//! Writes the objects of a PDF one after the other as they are made: nothing is held but where each of them is.

use std::io::Write;

use pdf_writer::types::Predictor;
use pdf_writer::{Chunk, Filter, Finish, Name, Ref, Settings};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::export::pdf::operands::push_number;
use crate::report::deflate::deflate_quickly;

/// Objects that are compressed together, at most: readers decompress all of them to find one.
const OBJECTS_TOGETHER: usize = 200;
/// The first lines: the version, and bytes that tell programs that the file is not text.
const HEADER: &[u8] = b"%PDF-1.7\n%\x80\x80\x80\x80\n";

/// Where an object is.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Nowhere yet.
    Unknown,
    /// So many bytes into the file.
    At(u64),
    /// In a stream of objects: the number of the stream, and the place there.
    Among(u32, u16),
}

/// A PDF that is being written.
pub struct PdfFile<'a> {
    out: &'a mut dyn Write,
    position: u64,
    /// By number of the object.
    places: Vec<Place>,
    /// Small objects that wait for others: the bytes of all, and the number and first byte of each.
    waiting: Vec<u8>,
    waiting_starts: Vec<(i32, usize)>,
}

impl<'a> PdfFile<'a> {
    /// Begins a file.
    ///
    /// # Errors
    /// [`Error::input_output`] from the writer.
    pub fn begin(out: &'a mut dyn Write) -> Result<Self> {
        let mut file = Self { out, position: 0, places: vec![Place::Unknown], waiting: Vec::new(), waiting_starts: Vec::new() };
        file.write(HEADER)?;
        Ok(file)
    }

    /// Numbers for `count` objects, which follow each other; the first of them.
    pub fn reserve(&mut self, count: usize) -> Ref {
        let first = self.places.len();
        self.places.resize(first + count, Place::Unknown);
        Ref::new(first as i32)
    }

    /// Writes a small object, which `write` makes with its number, to be compressed together with others.
    ///
    /// # Errors
    /// [`Error::input_output`] from the writer.
    pub fn object(&mut self, id: Ref, write: impl FnOnce(&mut Chunk)) -> Result<()> {
        let mut chunk = new_chunk();
        write(&mut chunk);
        let bytes = chunk.as_bytes();
        // "7 0 obj", the object, "endobj".
        let start = bytes.windows(3).position(|word| word == b"obj").map_or(0, |at| at + 3);
        let end = bytes.windows(6).rposition(|word| word == b"endobj").unwrap_or(bytes.len());
        self.plain_object(id, bytes.get(start..end).unwrap_or_default().trim_ascii())
    }

    /// Writes a small object whose bytes are `bytes`, to be compressed together with others.
    ///
    /// # Errors
    /// [`Error::input_output`] from the writer.
    pub fn plain_object(&mut self, id: Ref, bytes: &[u8]) -> Result<()> {
        self.waiting_starts.push((id.get(), self.waiting.len()));
        self.waiting.extend_from_slice(bytes);
        self.waiting.push(b'\n');
        if self.waiting_starts.len() == OBJECTS_TOGETHER { self.write_waiting() } else { Ok(()) }
    }

    /// Writes a stream, which `write` makes with its number.
    ///
    /// # Errors
    /// [`Error::input_output`] from the writer.
    pub fn stream(&mut self, id: Ref, write: impl FnOnce(&mut Chunk)) -> Result<()> {
        let mut chunk = new_chunk();
        write(&mut chunk);
        self.place(id, Place::At(self.position));
        self.write(chunk.as_bytes())
    }

    /// Writes a stream of deflated bytes that needs no description.
    ///
    /// # Errors
    /// [`Error::input_output`] from the writer.
    pub fn deflated(&mut self, id: Ref, bytes: &[u8]) -> Result<()> {
        self.place(id, Place::At(self.position));
        let head = format!("{} 0 obj\n<</Length {}/Filter/FlateDecode>>\nstream\n", id.get(), bytes.len());
        self.write(head.as_bytes())?;
        self.write(bytes)?;
        self.write(b"\nendstream\nendobj\n")
    }

    /// Writes where everything is, and so ends the file. Its identity comes from `about` and from where its objects are: the same
    /// report has the same one.
    ///
    /// # Errors
    /// [`Error::internal`] when a number was reserved for an object that was not written; [`Error::input_output`] from the writer.
    pub fn finish(mut self, catalog: Ref, information: Ref, about: &str) -> Result<()> {
        self.write_waiting()?;
        let own = self.reserve(1);
        let start = self.position;
        self.place(own, Place::At(start));
        let width = (64 - start.leading_zeros()).div_ceil(8).max(4) as usize;
        let mut table = Vec::with_capacity(self.places.len() * (width + 3));
        for (number, place) in self.places.iter().enumerate() {
            let (kind, first, second) = match place {
                Place::Unknown if number == 0 => (0, 0, 0xFFFF),
                Place::Unknown => return Err(Error::internal("pdf", format!("object {number} was not written"))),
                Place::At(position) => (1, *position, 0),
                Place::Among(stream, place) => (2, u64::from(*stream), *place),
            };
            table.push(kind);
            table.extend_from_slice(&first.to_be_bytes()[8 - width..]);
            table.extend_from_slice(&second.to_be_bytes());
        }
        let identity = Sha256::new().chain_update(about).chain_update(&table).finalize();
        let identity = pdf_writer::Str(&identity[..16]);
        let columns = width + 3;
        let (size, packed) = (self.places.len() as i32, deflate_quickly(&differences(&table, columns))?);
        let mut chunk = new_chunk();
        let mut stream = chunk.stream(own, &packed);
        stream.filter(Filter::FlateDecode).pair(Name(b"Type"), Name(b"XRef")).pair(Name(b"Size"), size);
        stream.decode_parms().predictor(Predictor::PngUp).columns(columns as i32);
        stream.insert(Name(b"W")).array().items([1, width as i32, 2]);
        stream.pair(Name(b"Root"), catalog).pair(Name(b"Info"), information);
        stream.insert(Name(b"ID")).array().items([identity, identity]);
        stream.finish();
        self.write(chunk.as_bytes())?;
        self.write(format!("startxref\n{start}\n%%EOF\n").as_bytes())
    }

    /// Writes the small objects that wait.
    fn write_waiting(&mut self) -> Result<()> {
        if self.waiting_starts.is_empty() {
            return Ok(());
        }
        let id = self.reserve(1);
        let mut all = Vec::with_capacity(self.waiting.len() + self.waiting_starts.len() * 16);
        for (index, (number, start)) in self.waiting_starts.iter().enumerate() {
            push_number(&mut all, *number);
            all.push(b' ');
            push_number(&mut all, *start);
            all.push(b' ');
            if let Some(place) = self.places.get_mut(*number as usize) {
                *place = Place::Among(id.get() as u32, index as u16);
            }
        }
        let (count, first) = (self.waiting_starts.len() as i32, all.len() as i32);
        all.append(&mut self.waiting);
        self.waiting_starts.clear();
        let packed = deflate_quickly(&all)?;
        self.stream(id, |chunk| {
            let mut stream = chunk.stream(id, &packed);
            stream.filter(Filter::FlateDecode).pair(Name(b"Type"), Name(b"ObjStm")).pair(Name(b"N"), count).pair(Name(b"First"), first);
        })
    }

    fn place(&mut self, id: Ref, place: Place) {
        if let Some(own) = self.places.get_mut(id.get() as usize) {
            *own = place;
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.position += bytes.len() as u64;
        self.out.write_all(bytes).map_err(|error| Error::unwritten("pdf", error))
    }
}

/// The rows of `table`, of `columns` bytes each, as what they differ by from the row above: objects follow each other, so that most
/// rows differ alike. Before each is the number of the PNG filter that does so.
fn differences(table: &[u8], columns: usize) -> Vec<u8> {
    const UP: u8 = 2;
    let mut filtered = Vec::with_capacity(table.len() / columns * (columns + 1));
    let mut above = vec![0; columns];
    for row in table.chunks_exact(columns) {
        filtered.push(UP);
        filtered.extend(row.iter().zip(&above).map(|(byte, above)| byte.wrapping_sub(*above)));
        above.copy_from_slice(row);
    }
    filtered
}

/// A chunk for one object, without blanks that only people need.
fn new_chunk() -> Chunk {
    Chunk::with_settings(Settings { pretty: false })
}

/// The number that is `offset` after `first`.
pub fn after(first: Ref, offset: usize) -> Ref {
    Ref::new(first.get() + offset as i32)
}
