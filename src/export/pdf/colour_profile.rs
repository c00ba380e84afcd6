//! Describes the colours of documents, which are those of screens (sRGB, IEC 61966-2-1), as a profile of the International Color Consortium.

/// Points of a device-independent colour, and of the white that it is seen against, in 65,536ths: the figures of the standard,
/// adapted to the white that profiles are seen against.
const WHITE: [i32; 3] = [0xF6D6, 0x1_0000, 0xD32D];
const RED: [i32; 3] = [0x6FA2, 0x38F5, 0x0390];
const GREEN: [i32; 3] = [0x6299, 0xB785, 0x18DA];
const BLUE: [i32; 3] = [0x24A0, 0x0F84, 0xB6CF];
/// What adapts a colour seen against the white of screens.
const ADAPTATION: [i32; 9] = [0x1_0C42, 0x05DE, -0x0CD3, 0x0793, 0xFD90, -0x045E, -0x025F, 0x03DC, 0xC06E];
/// The curve of every primary: a power of 2.4, straight near black.
const CURVE: [i32; 5] = [0x2_6666, 0xF2A7, 0x0D59, 0x13D0, 0x0A5B];

/// The profile.
pub fn srgb() -> Vec<u8> {
    let parts: [(&[u8; 4], Vec<u8>); 10] = [
        (b"desc", text("sRGB")),
        (b"cprt", text("No copyright: figures of a standard")),
        (b"wtpt", numbers(b"XYZ ", &WHITE)),
        (b"chad", numbers(b"sf32", &ADAPTATION)),
        (b"rXYZ", numbers(b"XYZ ", &RED)),
        (b"gXYZ", numbers(b"XYZ ", &GREEN)),
        (b"bXYZ", numbers(b"XYZ ", &BLUE)),
        (b"rTRC", curve()),
        (b"gTRC", curve()),
        (b"bTRC", curve()),
    ];
    let start = 128 + 4 + 12 * parts.len();
    let (mut table, mut body) = ((parts.len() as u32).to_be_bytes().to_vec(), Vec::new());
    for (name, part) in &parts {
        table.extend_from_slice(*name);
        table.extend_from_slice(&((start + body.len()) as u32).to_be_bytes());
        table.extend_from_slice(&(part.len() as u32).to_be_bytes());
        body.extend_from_slice(part);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut profile = header(start + body.len());
    profile.append(&mut table);
    profile.append(&mut body);
    profile
}

/// What every profile begins with.
fn header(length: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(length);
    header.extend_from_slice(&(length as u32).to_be_bytes());
    header.extend_from_slice(&[0; 4]);
    // Version 4.2, of a monitor, from red, green and blue to XYZ.
    header.extend_from_slice(b"\x04\x20\0\0mntrRGB XYZ ");
    // The date of the standard: 1999-10-18.
    [1999_u16, 10, 18, 0, 0, 0].iter().for_each(|part| header.extend_from_slice(&part.to_be_bytes()));
    header.extend_from_slice(b"acsp");
    header.resize(68, 0);
    WHITE.iter().for_each(|part| header.extend_from_slice(&part.to_be_bytes()));
    header.resize(128, 0);
    header
}

/// A text in English.
fn text(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut part = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0CenUS".to_vec();
    part.extend_from_slice(&(units.len() as u32).to_be_bytes());
    part.extend_from_slice(&28_u32.to_be_bytes());
    part.extend_from_slice(&units);
    part
}

fn numbers(kind: &[u8; 4], numbers: &[i32]) -> Vec<u8> {
    let mut part = kind.to_vec();
    part.extend_from_slice(&[0; 4]);
    numbers.iter().for_each(|number| part.extend_from_slice(&number.to_be_bytes()));
    part
}

fn curve() -> Vec<u8> {
    let mut part = b"para\0\0\0\0\0\x03\0\0".to_vec();
    CURVE.iter().for_each(|number| part.extend_from_slice(&number.to_be_bytes()));
    part
}
