//! Embeds faces in a document: of each the glyphs that its texts use.
//!
//! The program of a face is there once. Texts name its glyphs in three ways, each a font of its own: characters from 0 to 255, which
//! nearly all are, by a byte each, which is the character; others by the number of their glyph in the file, two bytes; those of shaped
//! text by codes that were given to glyphs and what they say.

use std::collections::BTreeSet;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Dict, Filter, Finish, Name, Rect, Ref, Str};
use sha2::{Digest, Sha256};
use skrifa::{FontRef, Tag};
use subsetter::GlyphRemapper;

use crate::error::{Error, Result};
use crate::export::layout::fonts::{Face, FaceFile, FaceMetrics, Faces};
use crate::export::pdf::content::{Code, push_font_name};
use crate::export::pdf::file::PdfFile;
use crate::export::pdf::glyph_codes::GlyphCodes;
use crate::export::pdf::used_glyphs::UsedGlyphs;
use crate::report::deflate::deflate;

/// Every font numbers glyphs as its file does.
const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// The map by which a byte is a code.
const LATIN_MAP: &[u8] = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) \
/Ordering (Identity) /Supplement 0>> def\n/CMapName /Portstatus-Latin def\n/CMapType 1 def\n/WMode 0 def\n1 \
begincodespacerange\n<00> <FF>\nendcodespacerange\n1 begincidrange\n<00> <FF> 0\nendcidrange\nendcmap\nCMapName currentdict \
/CMap defineresource pop\nend\nend\n";
const LATIN_MAP_NAME: Name<'static> = Name(b"Portstatus-Latin");
const PLACE_MAP_NAME: Name<'static> = Name(b"Portstatus-Places");
/// The width, in thousandths of an em, of the stems of upright faces such as these: viewers without the face go by it.
const STEM: f32 = 80.0;

/// The fonts of a document by their names in the resources of pages.
pub struct FontNames(Vec<(Vec<u8>, Ref)>);

impl FontNames {
    /// Lists them as the resources of a page do.
    pub fn list(&self, fonts: &mut Dict<'_>) {
        for (name, font) in &self.0 {
            fonts.pair(Name(name), *font);
        }
    }
}

/// Writes the faces that `used` and `shaped` need.
///
/// # Errors
/// [`Error::internal`] when a file cannot be cut down; those of the file.
pub fn embed(file: &mut PdfFile<'_>, faces: &Faces, used: &UsedGlyphs, shaped: &GlyphCodes) -> Result<FontNames> {
    let mut names = Vec::new();
    for (face, font) in faces.files() {
        let metrics = &font.metrics;
        let uses = [(Code::Latin, latin_codes(metrics, used, face)), (Code::Other, other_codes(metrics, used, face))];
        let codes = shaped.of(face).into_iter().map(|code| TextCode { code: code.code, glyph: code.glyph, text: code.text });
        let uses: Vec<_> = uses.into_iter().chain([(Code::Shaped, codes.collect())]).filter(|(_, codes)| !codes.is_empty()).collect();
        let glyphs: BTreeSet<u16> = uses.iter().flat_map(|(_, codes)| codes).map(|code| code.glyph).collect();
        if glyphs.is_empty() {
            continue;
        }
        let program = program(file, font, &glyphs)?;
        for (kind, codes) in uses {
            let mut name = Vec::new();
            push_font_name(&mut name, face, kind);
            names.push((name, write_font(file, metrics, &program, &codes, kind)?));
        }
    }
    Ok(FontNames(names))
}

/// What a text names, the glyph that it is drawn by, in the file of the face, and what it says.
struct TextCode {
    code: u16,
    glyph: u16,
    text: Box<str>,
}

fn latin_codes(metrics: &FaceMetrics, used: &UsedGlyphs, face: Face) -> Vec<TextCode> {
    let code =
        |code: u8| TextCode { code: u16::from(code), glyph: metrics.latin[usize::from(code)], text: char::from(code).to_string().into() };
    used.latin(face).map(code).collect()
}

fn other_codes(metrics: &FaceMetrics, used: &UsedGlyphs, face: Face) -> Vec<TextCode> {
    let character = |glyph: u16| metrics.characters.get(usize::from(glyph)).copied().flatten().unwrap_or('\u{FFFD}');
    used.others(face).map(|glyph| TextCode { code: glyph, glyph, text: character(glyph).to_string().into() }).collect()
}

/// The program of a face as it is embedded.
struct Program {
    name: String,
    descriptor: Ref,
    /// Of each glyph of the file, its place in the program.
    places: GlyphRemapper,
    /// Whether its outlines are those of PostScript.
    is_postscript: bool,
}

/// Writes the program of a face with `glyphs` alone, and what a viewer wants to know of it.
fn program(file: &mut PdfFile<'_>, face: &FaceFile, glyphs: &BTreeSet<u16>) -> Result<Program> {
    let [descriptor, program] = [0; 2].map(|_| file.reserve(1));
    let metrics = &face.metrics;
    let (name, mut places) = (subset_name(metrics, glyphs), GlyphRemapper::new());
    for glyph in glyphs {
        places.remap(*glyph);
    }
    let subset =
        subsetter::subset(&face.bytes, 0, &places).map_err(|error| Error::internal("font", format!("{}: {error}", metrics.name)))?;
    // Of PostScript outlines documents want the table alone.
    let outlines = FontRef::new(&subset).ok().and_then(|font| Some(font.table_data(Tag::new(b"CFF "))?.as_bytes().to_vec()));
    let packed = deflate(outlines.as_deref().unwrap_or(&subset))?;
    file.stream(program, |chunk| {
        let mut stream = chunk.stream(program, &packed);
        stream.filter(Filter::FlateDecode);
        match outlines {
            Some(_) => stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C")),
            None => stream.pair(Name(b"Length1"), subset.len() as i32),
        };
    })?;
    let is_postscript = outlines.is_some();
    file.object(descriptor, |chunk| {
        let [left, bottom, right, top] = metrics.bounds;
        let mut descriptor = chunk.font_descriptor(descriptor);
        descriptor.name(Name(name.as_bytes())).flags(FontFlags::SYMBOLIC).bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0);
        descriptor.ascent(metrics.ascent).descent(metrics.descent).cap_height(metrics.capitals).stem_v(STEM);
        if is_postscript {
            descriptor.font_file3(program)
        } else {
            descriptor.font_file2(program)
        };
    })?;
    Ok(Program { name, descriptor, places, is_postscript })
}

/// Writes a font of `program`: `codes` are what texts name, in order. Those of one byte go through a map to codes, and so do all of
/// PostScript outlines, which have no other way to their glyphs; else two bytes are a code.
fn write_font(file: &mut PdfFile<'_>, metrics: &FaceMetrics, program: &Program, codes: &[TextCode], kind: Code) -> Result<Ref> {
    let [font, descendant] = [0; 2].map(|_| file.reserve(1));
    let name = Name(program.name.as_bytes());
    let unicode = write_map(file, &to_unicode(codes, kind), None)?;
    let place = |code: &TextCode| program.places.get(code.glyph).unwrap_or_default();
    let (encoding, map) = if program.is_postscript {
        (Some(write_map(file, &place_map(codes.iter().map(|code| (code.code, place(code))), kind), Some(PLACE_MAP_NAME))?), None)
    } else {
        let last = codes.last().map_or(0, |code| code.code);
        let mut places = vec![0; 2 * (usize::from(last) + 1)];
        for code in codes {
            places[2 * usize::from(code.code)..][..2].copy_from_slice(&place(code).to_be_bytes());
        }
        let map = file.reserve(1);
        file.deflated(map, &deflate(&places)?)?;
        (if kind == Code::Latin { Some(write_map(file, LATIN_MAP, Some(LATIN_MAP_NAME))?) } else { None }, Some(map))
    };
    // Widths are told by the glyph of the program, or by the code where another map leads from there.
    let number = |code: &TextCode| if program.is_postscript { place(code) } else { code.code };
    let mut widths: Vec<(u16, f32)> =
        codes.iter().map(|code| (number(code), metrics.advances.get(usize::from(code.glyph)).copied().unwrap_or(0.0))).collect();
    widths.sort_by_key(|width| width.0);
    widths.dedup_by_key(|width| width.0);
    file.object(descendant, |chunk| {
        let mut descendant = chunk.cid_font(descendant);
        descendant.subtype(if program.is_postscript { CidFontType::Type0 } else { CidFontType::Type2 });
        descendant.base_font(name).system_info(SYSTEM).font_descriptor(program.descriptor).default_width(0.0);
        if let Some(map) = map {
            descendant.cid_to_gid_map_stream(map);
        }
        let mut list = descendant.widths();
        for run in widths.chunk_by(|one, next| one.0 + 1 == next.0) {
            list.consecutive(run[0].0, run.iter().map(|width| width.1));
        }
    })?;
    file.object(font, |chunk| {
        let mut font = chunk.type0_font(font);
        match encoding {
            Some(encoding) => font.base_font(name).encoding_cmap(encoding),
            None => font.base_font(name).encoding_predefined(Name(b"Identity-H")),
        };
        font.descendant_font(descendant).to_unicode(unicode);
    })?;
    Ok(font)
}

/// The map from what texts name to what it says.
fn to_unicode(codes: &[TextCode], kind: Code) -> Vec<u8> {
    let name = Name(b"Portstatus-Unicode");
    if kind == Code::Latin {
        let mut unicode = UnicodeCmap::<u8>::new(name, SYSTEM);
        codes.iter().for_each(|code| unicode.pair_with_multiple(code.code as u8, code.text.chars()));
        return unicode.finish().into_vec();
    }
    let mut unicode = UnicodeCmap::<u16>::new(name, SYSTEM);
    codes.iter().for_each(|code| unicode.pair_with_multiple(code.code, code.text.chars()));
    unicode.finish().into_vec()
}

/// The map from what texts name to the places of glyphs in the program.
fn place_map(places: impl Iterator<Item = (u16, u16)>, kind: Code) -> Vec<u8> {
    let digits = if kind == Code::Latin { 2 } else { 4 };
    let places: Vec<_> = places.collect();
    let mut map = format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) \
         /Supplement 0>> def\n/CMapName /Portstatus-Places def\n/CMapType 1 def\n/WMode 0 def\n1 begincodespacerange\n<{}> <{}>\n\
         endcodespacerange\n",
        "0".repeat(digits),
        "F".repeat(digits),
    );
    // A list holds a hundred.
    for list in places.chunks(100) {
        map.push_str(&format!("{} begincidchar\n", list.len()));
        list.iter().for_each(|(code, place)| map.push_str(&format!("<{code:0digits$X}> {place}\n")));
        map.push_str("endcidchar\n");
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map.into_bytes()
}

/// The name of a face of which a part is embedded: six letters that depend on the part, and its own name.
fn subset_name(metrics: &FaceMetrics, glyphs: &BTreeSet<u16>) -> String {
    let hash = Sha256::new().chain_update(glyphs.iter().flat_map(|glyph| glyph.to_be_bytes()).collect::<Vec<u8>>()).finalize();
    let letters = hash.iter().take(6).map(|byte| char::from(b'A' + byte % 26));
    letters.chain(['+']).chain(metrics.name.chars()).collect()
}

/// Writes a map from bytes, that to codes with what describes it.
fn write_map(file: &mut PdfFile<'_>, map: &[u8], encoding: Option<Name<'_>>) -> Result<Ref> {
    let (id, packed) = (file.reserve(1), deflate(map)?);
    file.stream(id, |chunk| {
        let mut map = chunk.cmap(id, &packed);
        map.filter(Filter::FlateDecode);
        if let Some(name) = encoding {
            map.name(name).system_info(SYSTEM).pair(Name(b"WMode"), 0);
        }
        map.finish();
    })?;
    Ok(id)
}
