//! Reads streams out of a compound file, the container of workbooks before 2007; nothing its tables say is believed unchecked.

use crate::source::guarded::protocol::Refusal;

/// Bytes of the header, and of the smallest sectors.
const HEADER_BYTES: usize = 512;
const MINI_SECTOR_BYTES: usize = 64;
const ENTRY_BYTES: usize = 128;
/// Sector numbers from here on are marks.
const FIRST_MARK: u32 = 0xFFFF_FFFA;
/// A name in the directory has at most so many units of UTF-16, the last of which is a NUL.
const NAME_UNITS: usize = 32;

/// A compound file.
pub struct Ole<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    /// For each sector the one after it.
    next: Vec<u32>,
    next_mini: Vec<u32>,
    /// The stream that holds the small ones.
    mini_stream: Vec<u8>,
    /// Streams shorter than this are small.
    mini_cutoff: usize,
    entries: Vec<Entry>,
}

/// An entry of the directory.
struct Entry {
    name: String,
    is_stream: bool,
    siblings: [u32; 2],
    child: u32,
    start: u32,
    size: usize,
}

impl<'a> Ole<'a> {
    /// Opens a compound file.
    ///
    /// # Errors
    /// `Damaged` when its tables lead out of the file or round in circles.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let header = bytes.get(..HEADER_BYTES).ok_or_else(cut_short)?;
        let sector_bytes = match u16_at(header, 30) {
            9 => 512,
            12 => 4096,
            shift => return Err(Refusal::damaged(format!("its compound file has sectors of 2 to the power of {shift} bytes"))),
        };
        let mut ole = Self {
            bytes,
            sector_bytes,
            next: Vec::new(),
            next_mini: Vec::new(),
            mini_stream: Vec::new(),
            mini_cutoff: u32_at(header, 56) as usize,
            entries: Vec::new(),
        };
        ole.next = ole.read_sector_table(header)?;
        let directory = ole.chain(u32_at(header, 48), usize::MAX)?;
        ole.entries = directory.as_chunks::<ENTRY_BYTES>().0.iter().map(|entry| Entry::parse(entry, sector_bytes)).collect();
        let Some(root) = ole.entries.first() else { return Err(Refusal::damaged("its compound file has no directory")) };
        if u32_at(header, 64) > 0 {
            let (start, size) = (root.start, root.size);
            ole.mini_stream = ole.chain(start, size)?;
            ole.next_mini = numbers(&ole.chain(u32_at(header, 60), usize::MAX)?).collect();
        }
        Ok(ole)
    }

    /// Whether the root holds a stream or folder of this name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The stream of this name, in any case; the root's own before any in a folder. `None` when there is none.
    ///
    /// # Errors
    /// `Damaged` when its sectors lead out of the file or round in circles.
    pub fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let anywhere = || self.entries.iter().find(|entry| entry.is_stream && entry.name.eq_ignore_ascii_case(name));
        let Some(entry) = self.find(name).filter(|entry| entry.is_stream).or_else(anywhere) else { return Ok(None) };
        if entry.size >= self.mini_cutoff || self.next_mini.is_empty() {
            return self.chain(entry.start, entry.size).map(Some);
        }
        follow(entry.start, &self.next_mini, entry.size, |sector| {
            let start = sector as usize * MINI_SECTOR_BYTES;
            self.mini_stream.get(start..).map(|rest| &rest[..rest.len().min(MINI_SECTOR_BYTES)])
        })
        .map(Some)
    }

    /// The entry of this name among the root's own.
    fn find(&self, name: &str) -> Option<&Entry> {
        let mut open = vec![self.entries.first()?.child];
        let mut seen = vec![false; self.entries.len()];
        while let Some(index) = open.pop() {
            let Some(entry) = self.entries.get(index as usize) else { continue };
            if std::mem::replace(&mut seen[index as usize], true) {
                continue;
            }
            if entry.name.eq_ignore_ascii_case(name) {
                return Some(entry);
            }
            open.extend(entry.siblings);
        }
        None
    }

    /// For each sector the one after it. The first sectors of this table are named in the header, the others in a chain of
    /// sectors, each of which ends with the number of the next.
    fn read_sector_table(&self, header: &[u8]) -> Result<Vec<u32>, Refusal> {
        let mut places: Vec<u32> = numbers(&header[76..]).collect();
        let mut link = u32_at(header, 68);
        let most = self.bytes.len() / self.sector_bytes + 1;
        let mut links = 0;
        while link < FIRST_MARK && u32_at(header, 72) > 0 {
            links += 1;
            let sector = self.sector(link).filter(|_| links <= most).ok_or_else(cut_short)?;
            places.extend(numbers(sector));
            link = places.pop().unwrap_or(FIRST_MARK);
        }
        places.retain(|place| *place < FIRST_MARK);
        if places.len() > most {
            return Err(in_circles());
        }
        let mut table = Vec::new();
        for place in places {
            table.extend(numbers(self.sector(place).ok_or_else(cut_short)?));
        }
        Ok(table)
    }

    fn chain(&self, start: u32, size: usize) -> Result<Vec<u8>, Refusal> {
        follow(start, &self.next, size, |sector| self.sector(sector))
    }

    /// A sector, the last one perhaps not whole; the header takes the place of one.
    fn sector(&self, index: u32) -> Option<&'a [u8]> {
        let start = (index as usize + 1) * self.sector_bytes;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        Some(&rest[..rest.len().min(self.sector_bytes)])
    }
}

/// The bytes of a chain of sectors, up to `size` of them.
fn follow<'s>(start: u32, next: &[u32], size: usize, sector: impl Fn(u32) -> Option<&'s [u8]>) -> Result<Vec<u8>, Refusal> {
    let (mut at, mut bytes, mut sectors) = (start, Vec::new(), 0);
    while at < FIRST_MARK && bytes.len() < size {
        sectors += 1;
        if sectors > next.len() {
            return Err(in_circles());
        }
        let piece = sector(at).ok_or_else(cut_short)?;
        bytes.extend_from_slice(&piece[..piece.len().min(size - bytes.len())]);
        at = *next.get(at as usize).ok_or_else(cut_short)?;
    }
    Ok(bytes)
}

impl Entry {
    fn parse(entry: &[u8; ENTRY_BYTES], sector_bytes: usize) -> Self {
        let units = (0..NAME_UNITS).map(|index| u16_at(entry, 2 * index)).take_while(|unit| *unit != 0);
        let low = u32_at(entry, 120) as usize;
        // The upper half is only good where sectors are large.
        let high = if sector_bytes == HEADER_BYTES { 0 } else { u32_at(entry, 124) as usize };
        Self {
            name: char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
            is_stream: entry[66] == 2,
            siblings: [u32_at(entry, 68), u32_at(entry, 72)],
            child: u32_at(entry, 76),
            start: u32_at(entry, 116),
            size: low | high << 32,
        }
    }
}

fn cut_short() -> Refusal {
    Refusal::damaged("its compound file is damaged or cut short")
}

fn in_circles() -> Refusal {
    Refusal::damaged("the sectors of its compound file lead round in circles")
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number))
}

/// The number of two bytes at a place; 0 beyond the end.
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u16::from_le_bytes(*number))
}

/// The number of four bytes at a place; 0 beyond the end.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u32::from_le_bytes(*number))
}
