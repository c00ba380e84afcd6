//! Embeds the shipped faces in a document: of each the glyphs that its texts use.
//!
//! The program of a face is there once. Texts name its glyphs in two ways, each a font of its own: characters from 0 to 255, which
//! nearly all are, by a byte each, which is the character; others by the number of their glyph in the shipped file, two bytes.

use std::collections::BTreeSet;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Dict, Filter, Finish, Name, Rect, Ref, Str};
use sha2::{Digest, Sha256};
use subsetter::GlyphRemapper;

use crate::error::{Error, Result};
use crate::export::deflate::deflate;
use crate::export::layout::fonts::{Face, FaceMetrics, Faces};
use crate::export::pdf::file::PdfFile;
use crate::export::pdf::used_glyphs::UsedGlyphs;

/// Every font numbers glyphs as its file does.
const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// The map by which a byte is a code.
const LATIN_MAP: &[u8] = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) \
/Ordering (Identity) /Supplement 0>> def\n/CMapName /Portstatus-Latin def\n/CMapType 1 def\n/WMode 0 def\n1 \
begincodespacerange\n<00> <FF>\nendcodespacerange\n1 begincidrange\n<00> <FF> 0\nendcidrange\nendcmap\nCMapName currentdict \
/CMap defineresource pop\nend\nend\n";
const LATIN_MAP_NAME: Name<'static> = Name(b"Portstatus-Latin");
/// The width, in thousandths of an em, of the stems of upright faces such as these: viewers without the face go by it.
const STEM: f32 = 80.0;

impl Face {
    /// The name, in the resources of a page, of the font whose codes are characters.
    pub const fn latin_name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"R",
            Self::Bold => b"B",
            Self::Fallback => b"F",
        }
    }

    /// The name, in the resources of a page, of the font whose codes are glyphs.
    pub const fn other_name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"R2",
            Self::Bold => b"B2",
            Self::Fallback => b"F2",
        }
    }
}

/// The fonts of a document by their names in the resources of pages.
pub struct FontNames(Vec<(&'static [u8], Ref)>);

impl FontNames {
    /// Lists them as the resources of a page do.
    pub fn list(&self, fonts: &mut Dict<'_>) {
        for (name, font) in &self.0 {
            fonts.pair(Name(name), *font);
        }
    }
}

/// Writes the faces that `used` needs.
///
/// # Errors
/// [`Error::internal`] when a shipped file cannot be cut down; those of the file.
pub fn embed(file: &mut PdfFile<'_>, faces: &Faces, used: &UsedGlyphs) -> Result<FontNames> {
    let mut names = Vec::new();
    for face in Face::ALL {
        let (metrics, latin) = (&faces.metrics[face as usize], used.latin(face).collect::<Vec<u8>>());
        let others: Vec<u16> = used.others(face).collect();
        let of_latin = latin.iter().map(|code| metrics.latin[usize::from(*code)]);
        let glyphs: BTreeSet<u16> = of_latin.chain(others.iter().copied()).collect();
        if glyphs.is_empty() {
            continue;
        }
        let program = program(file, face, metrics, &glyphs)?;
        if !latin.is_empty() {
            let codes: Vec<_> = latin.iter().map(|code| (u16::from(*code), metrics.latin[usize::from(*code)])).collect();
            let mut unicode = UnicodeCmap::<u8>::new(Name(b"Portstatus-Latin-Unicode"), SYSTEM);
            latin.iter().for_each(|code| unicode.pair(*code, char::from(*code)));
            let unicode = write_map(file, &unicode.finish().into_vec(), false)?;
            let encoding = write_map(file, LATIN_MAP, true)?;
            names.push((face.latin_name(), font(file, metrics, &program, &codes, Some(encoding), unicode)?));
        }
        if !others.is_empty() {
            let codes: Vec<_> = others.iter().map(|glyph| (*glyph, *glyph)).collect();
            let mut unicode = UnicodeCmap::<u16>::new(Name(b"Portstatus-Unicode"), SYSTEM);
            let character = |glyph: u16| metrics.characters.get(usize::from(glyph)).copied().flatten();
            others.iter().for_each(|glyph| unicode.pair(*glyph, character(*glyph).unwrap_or('\u{FFFD}')));
            let unicode = write_map(file, &unicode.finish().into_vec(), false)?;
            names.push((face.other_name(), font(file, metrics, &program, &codes, None, unicode)?));
        }
    }
    Ok(FontNames(names))
}

/// The program of a face as it is embedded.
struct Program {
    name: String,
    descriptor: Ref,
    /// Of each glyph of the shipped file, its place in the program.
    places: GlyphRemapper,
}

/// Writes the program of a face with `glyphs` alone, and what a viewer wants to know of it.
fn program(file: &mut PdfFile<'_>, face: Face, metrics: &FaceMetrics, glyphs: &BTreeSet<u16>) -> Result<Program> {
    let [descriptor, program] = [0; 2].map(|_| file.reserve(1));
    let (name, mut places) = (subset_name(metrics, glyphs), GlyphRemapper::new());
    for glyph in glyphs {
        places.remap(*glyph);
    }
    let subset = subsetter::subset(face.file(), 0, &places).map_err(|error| Error::internal("templates/fonts", error.to_string()))?;
    let packed = deflate(&subset)?;
    file.stream(program, |chunk| {
        chunk.stream(program, &packed).filter(Filter::FlateDecode).pair(Name(b"Length1"), subset.len() as i32);
    })?;
    file.object(descriptor, |chunk| {
        let [left, bottom, right, top] = metrics.bounds;
        let mut descriptor = chunk.font_descriptor(descriptor);
        descriptor.name(Name(name.as_bytes())).flags(FontFlags::SYMBOLIC).bbox(Rect::new(left, bottom, right, top)).italic_angle(0.0);
        descriptor.ascent(metrics.ascent).descent(metrics.descent).cap_height(metrics.capitals).stem_v(STEM).font_file2(program);
    })?;
    Ok(Program { name, descriptor, places })
}

/// Writes a font of `program`: `codes` are what texts name, in order, each with its glyph in the shipped file. Texts are bytes that
/// `encoding` maps to codes; without it, two bytes are a code.
fn font(
    file: &mut PdfFile<'_>,
    metrics: &FaceMetrics,
    program: &Program,
    codes: &[(u16, u16)],
    encoding: Option<Ref>,
    unicode: Ref,
) -> Result<Ref> {
    let [font, descendant, map] = [0; 3].map(|_| file.reserve(1));
    let name = Name(program.name.as_bytes());
    let last = codes.last().map_or(0, |code| code.0);
    let mut places = vec![0; 2 * (usize::from(last) + 1)];
    for (code, glyph) in codes {
        let place = program.places.get(*glyph).unwrap_or_default();
        places[2 * usize::from(*code)..][..2].copy_from_slice(&place.to_be_bytes());
    }
    file.deflated(map, &deflate(&places)?)?;
    file.object(descendant, |chunk| {
        let mut descendant = chunk.cid_font(descendant);
        descendant.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM).font_descriptor(program.descriptor);
        descendant.default_width(0.0).cid_to_gid_map_stream(map);
        let mut widths = descendant.widths();
        for run in codes.chunk_by(|one, next| one.0 + 1 == next.0) {
            widths.consecutive(run[0].0, run.iter().map(|code| metrics.advances[usize::from(code.1)]));
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

/// The name of a face of which a part is embedded: six letters that depend on the part, and its own name.
fn subset_name(metrics: &FaceMetrics, glyphs: &BTreeSet<u16>) -> String {
    let hash = Sha256::new().chain_update(glyphs.iter().flat_map(|glyph| glyph.to_be_bytes()).collect::<Vec<u8>>()).finalize();
    let letters = hash.iter().take(6).map(|byte| char::from(b'A' + byte % 26));
    letters.chain(['+']).chain(metrics.name.chars()).collect()
}

/// Writes a map from bytes, that to codes with what describes it.
fn write_map(file: &mut PdfFile<'_>, map: &[u8], is_encoding: bool) -> Result<Ref> {
    let (id, packed) = (file.reserve(1), deflate(map)?);
    file.stream(id, |chunk| {
        let mut map = chunk.cmap(id, &packed);
        map.filter(Filter::FlateDecode);
        if is_encoding {
            map.name(LATIN_MAP_NAME).system_info(SYSTEM).pair(Name(b"WMode"), 0);
        }
        map.finish();
    })?;
    Ok(id)
}
