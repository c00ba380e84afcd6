//! Reads PNG pictures as far as a logo needs it: whether they are whole, their colours, and what of them can be seen through.

use crate::report::deflate::{checksum, deflate, inflate};

/// What is wrong with a picture, and what to do about it.
pub type Wrong = (String, &'static str);

/// The first bytes of every PNG.
pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What to do about a picture that is not whole.
const SAVE_AGAIN: &str = "save it again, or make a new copy";

/// A PNG, checked, in the form in which a page description holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Its rows as a zlib stream.
    pub rows: Vec<u8>,
    /// Values of a pixel in `rows`: 1 or 3.
    pub channels: u8,
    /// Bits of a value.
    pub depth: u8,
    /// Whether each row in `rows` begins with the number of a filter, as in a PNG.
    pub is_filtered: bool,
    /// The colours, three bytes each, that the values are places in; none where they are colours themselves.
    pub palette: Vec<u8>,
    /// A byte a pixel as a zlib stream, from 0 for what is not seen at all to 255; `None` where nothing can be seen through.
    pub opacity: Option<Vec<u8>>,
}

/// What a PNG says of its pixels.
struct Header {
    width: usize,
    height: usize,
    depth: usize,
    kind: u8,
}

impl Header {
    /// Values of a pixel.
    const fn channels(&self) -> usize {
        match self.kind {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    const fn row_bytes(&self) -> usize {
        (self.width * self.channels() * self.depth).div_ceil(8)
    }
}

impl Png {
    /// Reads the whole of a PNG of at most `most` pixels each way.
    ///
    /// # Errors
    /// What is wrong: bytes that are not a PNG or not all of one, too many pixels, and what page descriptions cannot hold: interlaced
    /// rows and 16 bits a value.
    pub fn read(bytes: &[u8], most: u32) -> Result<Self, Wrong> {
        let (mut header, mut palette, mut transparent, mut data) = (None, &[][..], None, Vec::new());
        for chunk in chunks(bytes)? {
            match chunk {
                (b"IHDR", body) if header.is_none() => header = Some(self::header(body, most)?),
                (b"PLTE", body) => palette = body,
                (b"tRNS", body) => transparent = Some(body),
                (b"IDAT", body) => data.extend_from_slice(body),
                _ => {}
            }
        }
        let header = header.ok_or_else(|| damaged("has no header"))?;
        if header.kind == 3 && (palette.is_empty() || palette.len() % 3 != 0 || palette.len() > 768) {
            return Err(damaged("has no usable palette"));
        }
        let pixels = inflate(&data, (header.row_bytes() + 1) * header.height);
        let pixels = pixels.ok_or_else(|| damaged("does not hold as many pixels as it says"))?;
        let (width, height) = (header.width as u32, header.height as u32);
        if header.kind < 4 && transparent.is_none() {
            let (channels, depth) = (header.channels() as u8, header.depth as u8);
            let palette = if header.kind == 3 { palette.to_vec() } else { Vec::new() };
            return Ok(Self { width, height, rows: data, channels, depth, is_filtered: true, palette, opacity: None });
        }
        let pixels = unfiltered(&pixels, &header)?;
        let (colours, opacity, channels) = split(&pixels, &header, palette, transparent.unwrap_or_default());
        let (rows, opacity) = (deflated(&colours)?, deflated(&opacity)?);
        Ok(Self { width, height, rows, channels, depth: 8, is_filtered: false, palette: Vec::new(), opacity: Some(opacity) })
    }
}

fn damaged(what: &str) -> Wrong {
    (format!("is damaged: it {what}"), SAVE_AGAIN)
}

/// A part of a PNG: kind and body.
type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// The parts of a PNG.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Wrong> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or_else(|| damaged("does not begin as a PNG does"))?;
    let mut chunks = Vec::new();
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("ends too early"))?;
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, body) = after.split_first_chunk::<4>().ok_or_else(|| damaged("ends too early"))?;
        let (body, sum) = body.split_at_checked(length).ok_or_else(|| damaged("ends too early"))?;
        let (sum, after_sum) = sum.split_first_chunk::<4>().ok_or_else(|| damaged("ends too early"))?;
        if checksum(&after[..4 + length]) != u32::from_be_bytes(*sum) {
            return Err(damaged("has a wrong checksum"));
        }
        chunks.push((kind, body));
        if kind == b"IEND" {
            return Ok(chunks);
        }
        rest = after_sum;
    }
}

fn header(body: &[u8], most: u32) -> Result<Header, Wrong> {
    let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, kind, _, _, interlacing] = body else { return Err(damaged("has no usable header")) };
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    check_size(width, height, most)?;
    if depth == 16 {
        return Err(("has 16 bits a colour".to_owned(), "save it with 8 bits a colour"));
    }
    if interlacing != 0 {
        return Err(("is interlaced".to_owned(), "save it without interlacing"));
    }
    let is_known = match kind {
        0 => matches!(depth, 1 | 2 | 4 | 8),
        2 | 4 | 6 => depth == 8,
        3 => matches!(depth, 1 | 2 | 4 | 8),
        _ => false,
    };
    if !is_known {
        return Err(damaged("has colours of no known kind"));
    }
    Ok(Header { width: width as usize, height: height as usize, depth: depth.into(), kind })
}

/// Refuses a picture without pixels or with more than `most` of them each way.
///
/// # Errors
/// What is wrong.
pub fn check_size(width: u32, height: u32, most: u32) -> Result<(), Wrong> {
    match (1..=most).contains(&width) && (1..=most).contains(&height) {
        true => Ok(()),
        false => Err((format!("has {width} by {height} pixels"), "make it at least 1 and at most 4,000 pixels wide and high")),
    }
}

/// The rows without their filters.
fn unfiltered(rows: &[u8], header: &Header) -> Result<Vec<u8>, Wrong> {
    let (length, step) = (header.row_bytes(), (header.channels() * header.depth).div_ceil(8));
    let mut out: Vec<u8> = Vec::with_capacity(length * header.height);
    let mut above = vec![0; length];
    for row in rows.chunks_exact(length + 1) {
        let (filter, mut own) = (row[0], row[1..].to_vec());
        for at in 0..length {
            let left = if at >= step { own[at - step] } else { 0 };
            let (up, corner) = (above[at], if at >= step { above[at - step] } else { 0 });
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => up,
                3 => (u16::from(left) + u16::from(up)).div_euclid(2) as u8,
                4 => nearest(left, up, corner),
                _ => return Err(damaged("has a filter of no known kind")),
            };
            own[at] = own[at].wrapping_add(guess);
        }
        out.extend_from_slice(&own);
        above = own;
    }
    Ok(out)
}

/// Of the neighbours, the one nearest to left plus up less corner (Paeth).
fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let guess = a + b - c;
    let [to_left, to_up, to_corner] = [a, b, c].map(|value| (guess - value).abs());
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}

/// The colours of the pixels, how much of each is seen, and how many values a colour has.
fn split(pixels: &[u8], header: &Header, palette: &[u8], transparent: &[u8]) -> (Vec<u8>, Vec<u8>, u8) {
    let (mut colours, mut opacity) = (Vec::new(), Vec::new());
    // The one colour that is not seen, two bytes a value of which the second counts.
    let is_clear =
        |value: &[u8]| !transparent.is_empty() && value.iter().zip(transparent.chunks(2)).all(|(own, key)| key.last() == Some(own));
    let bits = header.depth;
    let highest = ((1_u16 << bits) - 1) as u8;
    for row in pixels.chunks_exact(header.row_bytes()) {
        for x in 0..header.width {
            let value = |channel: usize| {
                let bit = (x * header.channels() + channel) * bits;
                row[bit / 8] >> (8 - bits - bit % 8) & highest
            };
            match header.kind {
                0 => {
                    colours.push((u16::from(value(0)) * 255 / u16::from(highest)) as u8);
                    opacity.push(if is_clear(&[value(0)]) { 0 } else { 255 });
                }
                2 => {
                    let colour = [value(0), value(1), value(2)];
                    colours.extend_from_slice(&colour);
                    opacity.push(if is_clear(&colour) { 0 } else { 255 });
                }
                3 => {
                    let place = usize::from(value(0));
                    colours.extend_from_slice(palette.get(place * 3..place * 3 + 3).unwrap_or(&[0; 3]));
                    opacity.push(transparent.get(place).copied().unwrap_or(255));
                }
                kind => {
                    let own = if kind == 4 { 1 } else { 3 };
                    colours.extend((0..own).map(value));
                    opacity.push(value(own));
                }
            }
        }
    }
    (colours, opacity, if matches!(header.kind, 0 | 4) { 1 } else { 3 })
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, Wrong> {
    deflate(bytes).map_err(|error| (error.to_string(), SAVE_AGAIN))
}
