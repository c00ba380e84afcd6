//! A font file: its glyphs by character, what documents have to say of it, and how its glyphs are put together.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use harfrust::{Direction, GlyphBuffer, Script, ShapeOptions, ShapePlan, ShapePlanKey, ShaperData, UnicodeBuffer};
use skrifa::instance::{LocationRef, Size};
use skrifa::string::StringId;
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::export::layout::glyph_info::{BreakClass, Face, GlyphInfo};

/// What a document has to say of a face: lengths in thousandths of an em.
pub struct FaceMetrics {
    /// The name in the file.
    pub name: String,
    /// By glyph, its width.
    pub advances: Vec<f32>,
    /// By glyph, the character that it alone tells of.
    pub characters: Vec<Option<char>>,
    /// The glyphs of the characters from 0 to 255.
    pub latin: [u16; 256],
    /// How far the tallest glyphs reach above the line.
    pub ascent: f32,
    /// How far the deepest reach below it, negative.
    pub descent: f32,
    /// The height of capitals.
    pub capitals: f32,
    /// Left, bottom, right and top of all glyphs together.
    pub bounds: [f32; 4],
    /// Thousandths of an em in a unit of the file.
    pub unit: f32,
}

/// A font file.
pub struct FaceFile {
    /// What is in it.
    pub bytes: Cow<'static, [u8]>,
    /// Its glyphs by character, in order.
    pub glyphs: Vec<(char, GlyphInfo)>,
    /// What documents say of it.
    pub metrics: FaceMetrics,
    shaper: OnceLock<ShaperData>,
    /// What was worked out for a script and direction: the same for all texts.
    plans: Mutex<Vec<Arc<ShapePlan>>>,
}

impl FaceFile {
    /// Reads the file whose bytes are `bytes`, which is `face`; `None` for one that is no font.
    pub fn read(face: Face, bytes: Cow<'static, [u8]>) -> Option<Self> {
        let font = FontRef::new(&bytes).ok()?;
        let glyphs = glyphs(&font, face);
        let metrics = metrics(&font, &glyphs);
        Some(Self { bytes, glyphs, metrics, shaper: OnceLock::new(), plans: Mutex::default() })
    }

    /// Whether it has a glyph for `character`.
    pub fn has(&self, character: char) -> bool {
        self.glyphs.binary_search_by_key(&character, |entry| entry.0).is_ok()
    }

    /// The glyphs for what is in `buffer`, whose script and direction are known, from left to right; positions are in units of the
    /// file. Nothing for a file that is no font.
    pub fn shape(&self, buffer: UnicodeBuffer) -> Option<GlyphBuffer> {
        let font = harfrust::FontRef::new(&self.bytes).ok()?;
        let data = self.shaper.get_or_init(|| ShaperData::new(&font));
        let shaper = data.shaper(&font).build();
        let plan =
            self.plan(buffer.direction(), buffer.script(), |script, direction| ShapePlan::new(&shaper, direction, Some(script), None, &[]));
        Some(shaper.shape(buffer, ShapeOptions::new().plan(Some(&plan))))
    }

    fn plan(&self, direction: Direction, script: Script, make: impl FnOnce(Script, Direction) -> ShapePlan) -> Arc<ShapePlan> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.iter().find(|plan| ShapePlanKey::new(Some(script), direction).matches(plan)) {
            return Arc::clone(plan);
        }
        let plan = Arc::new(make(script, direction));
        plans.push(Arc::clone(&plan));
        plan
    }
}

/// The glyphs of a face by character, in order.
fn glyphs(font: &FontRef<'_>, face: Face) -> Vec<(char, GlyphInfo)> {
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em.max(1));
    let mut glyphs: Vec<(char, GlyphInfo)> = font
        .charmap()
        .mappings()
        .filter_map(|(code, id)| {
            let character = char::from_u32(code)?;
            let glyph = GlyphInfo {
                advance: metrics.advance_width(id).unwrap_or(0.0) / em,
                glyph: u16::try_from(id.to_u32()).ok().filter(|glyph| *glyph > 0)?,
                face,
                class: BreakClass::of(character, face),
                is_own: false,
            };
            Some((character, glyph))
        })
        .collect();
    glyphs.sort_by_key(|entry| entry.0);
    glyphs.dedup_by_key(|entry| entry.0);
    mark_own(&mut glyphs);
    glyphs
}

/// Marks, of the characters that share a glyph, the first; those from 0 to 255 only where there is no other, since texts name
/// these by themselves.
fn mark_own(glyphs: &mut [(char, GlyphInfo)]) {
    let mut seen = HashSet::new();
    let (latin, others): (Vec<_>, Vec<_>) = glyphs.iter_mut().partition(|entry| u32::from(entry.0) <= 0xFF);
    for (_, glyph) in others.into_iter().chain(latin) {
        glyph.is_own = seen.insert(glyph.glyph);
    }
}

/// What documents have to say of a face whose characters are `glyphs`.
fn metrics(font: &FontRef<'_>, glyphs: &[(char, GlyphInfo)]) -> FaceMetrics {
    let (size, location) = (Size::new(1000.0), LocationRef::default());
    let (whole, of_glyphs) = (font.metrics(size, location), font.glyph_metrics(size, location));
    let count = of_glyphs.glyph_count();
    let mut characters = vec![None; count as usize];
    let mut latin = [0; 256];
    for (character, glyph) in glyphs {
        if let Some(place) = characters.get_mut(usize::from(glyph.glyph)).filter(|_| glyph.is_own) {
            *place = Some(*character);
        }
        if let Some(place) = latin.get_mut(*character as usize) {
            *place = glyph.glyph;
        }
    }
    let bounds = whole.bounds.map_or([0.0, whole.descent, 1000.0, whole.ascent], |all| [all.x_min, all.y_min, all.x_max, all.y_max]);
    let name = font.localized_strings(StringId::POSTSCRIPT_NAME).english_or_first().map(|name| name.to_string());
    FaceMetrics {
        name: name.filter(|name| is_name(name)).unwrap_or_else(|| "Face".to_owned()),
        advances: (0..count).map(|glyph| of_glyphs.advance_width(GlyphId::new(glyph)).unwrap_or(0.0)).collect(),
        characters,
        latin,
        ascent: whole.ascent,
        descent: whole.descent,
        capitals: whole.cap_height.unwrap_or(whole.ascent),
        bounds,
        unit: 1000.0 / f32::from(whole.units_per_em.max(1)),
    }
}

/// Whether documents can call a font so: what anybody can name a file need not be.
fn is_name(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'.'))
}
