//! Writes lines of text: in the code that is shortest where each character has its glyph, by the glyphs of its clusters where it was shaped.

use crate::export::layout::fonts::{BreakClass, Face, GlyphInfo, GlyphMap};
use crate::export::layout::paragraph::{Paragraph, Piece, Setting, ShapedGlyph, ShapedLine};
use crate::export::pdf::content::{Code, Content, Style};
use crate::export::pdf::glyph_codes::{CODE_DIGITS, PendingCode, shares};
use crate::export::pdf::operands::{hundredths, push_escaped, push_hundredths, push_number};

/// How far marks rise or sink at most, in thousandths of an em: a heap of them stays within its line, where readers look for it.
const MOST_RISE: f32 = 500.0;

/// A glyph that is higher or lower than the line by more, in points, makes readers of pages think of another line: its cluster says what it
/// is.
const RAISED: f32 = 0.4;

/// How a line is set.
#[derive(Clone, Copy)]
pub enum LineSetting<'a> {
    /// That has to be found out.
    Unknown,
    /// Character by character.
    Plain,
    /// As it was shaped.
    Shaped(&'a ShapedLine),
}

/// Where the next glyph of a shaped line would be, and what of its string is open.
#[derive(Default)]
struct Pen {
    /// From the left edge of the line, in thousandths of an em.
    x: f32,
    /// In hundredths of a point above the line.
    rise: i32,
    is_array: bool,
    is_string: bool,
}

impl Content {
    /// Writes a line of text that begins at `x`, its baseline at `y`; `shaped` is how it is set, where that is known and not character by
    /// character. Of an empty one there is nothing but its mark.
    pub fn line(&mut self, glyphs: &GlyphMap, style: Style, at: (f32, f32), text: &str, shaped: Option<&ShapedLine>) {
        self.set_line(glyphs, style, at, text, shaped.map_or(LineSetting::Unknown, LineSetting::Shaped));
    }

    /// Writes a line of text as [`Content::line`], set as `setting` says.
    pub fn set_line(&mut self, glyphs: &GlyphMap, style: Style, (x, y): (f32, f32), text: &str, setting: LineSetting<'_>) {
        if !self.is_in_text {
            self.close();
            self.bytes.extend_from_slice(b"BT\n");
            (self.is_in_text, self.at) = (true, (0, 0));
        }
        self.open(true);
        if text.is_empty() {
            return;
        }
        self.colour(style.colour);
        let to = (hundredths(x), self.height - hundredths(y));
        push_hundredths(&mut self.bytes, to.0 - self.at.0);
        self.bytes.push(b' ');
        push_hundredths(&mut self.bytes, to.1 - self.at.1);
        self.bytes.extend_from_slice(b" Td");
        self.at = to;
        // Every byte is looked at, which is quicker than to stop at the first that is not plain.
        if text.bytes().fold(true, |is_plain, byte| is_plain & (b' '..0x7F).contains(&byte)) {
            self.font(style.face, Code::Latin, style.size);
            return self.ascii(style.face, text);
        }
        match setting {
            LineSetting::Shaped(shaped) => self.shaped(glyphs, style, text, shaped),
            LineSetting::Plain => self.runs(glyphs, style, text),
            LineSetting::Unknown => match Paragraph::new(glyphs, text) {
                Some(paragraph) => self.shaped(glyphs, style, text, &paragraph.line(0..text.len())),
                None => self.runs(glyphs, style, text),
            },
        }
    }

    /// Shows text that is ASCII alone: the codes are the bytes.
    fn ascii(&mut self, face: Face, text: &str) {
        self.used.add_all_latin(face, text.as_bytes());
        self.bytes.push(b'(');
        if text.bytes().any(|byte| matches!(byte, b'(' | b')' | b'\\')) {
            text.bytes().for_each(|byte| push_escaped(&mut self.bytes, byte));
        } else {
            self.bytes.extend_from_slice(text.as_bytes());
        }
        self.bytes.extend_from_slice(b")Tj\n");
    }

    /// Shows text of any kind, a run a face and code.
    pub(in crate::export::pdf) fn runs(&mut self, glyphs: &GlyphMap, style: Style, text: &str) {
        let mut is_open = false;
        for character in text.chars() {
            let glyph = glyphs.glyph(character);
            if glyph.class == BreakClass::ZeroWidth {
                continue;
            }
            let shown = if glyph.class == BreakClass::Space { ' ' } else { character };
            let code = if is_latin(glyph, shown) { Code::Latin } else { Code::Other };
            let needs_words = glyph.class == BreakClass::Missing || (code == Code::Other && !glyph.is_own);
            if is_open && (needs_words || self.font != Some((glyph.face, code, style.size))) {
                self.bytes.extend_from_slice(b")Tj\n");
                is_open = false;
            }
            self.weight(style, glyph.face);
            self.font(glyph.face, code, style.size);
            if needs_words {
                if glyph.class == BreakClass::Missing {
                    self.missing.add(character, self.row);
                }
                self.in_words(glyph, if character.is_control() { '\u{FFFD}' } else { character });
                continue;
            }
            if !is_open {
                self.open(true);
                self.bytes.push(b'(');
                is_open = true;
            }
            match code {
                Code::Latin => {
                    self.used.add_latin(glyph.face, shown as u8);
                    push_escaped(&mut self.bytes, shown as u8);
                }
                Code::Other | Code::Shaped => self.two_bytes(glyph),
            }
        }
        if is_open {
            self.bytes.extend_from_slice(b")Tj\n");
        }
        self.weight(style, style.face);
    }

    /// Shows a glyph that does not tell by itself which character it is, with the character beside it.
    fn in_words(&mut self, glyph: GlyphInfo, character: char) {
        self.begin_words(character.encode_utf8(&mut [0; 4]));
        self.bytes.push(b'(');
        self.two_bytes(glyph);
        self.bytes.extend_from_slice(b")Tj EMC\n");
    }

    /// Begins a piece that says `text`, whatever its glyphs say.
    pub(in crate::export::pdf) fn begin_words(&mut self, text: &str) {
        // A piece of its own where pieces are marked: not every reader of structures finds its way out of one within another.
        let mark = self.part_of.clone().filter(|_| self.is_tagged);
        if mark.is_some() {
            self.close();
        }
        self.bytes.extend_from_slice(b"/Span<<");
        if let Some(mark) = mark {
            let number = self.next_number(mark);
            self.bytes.extend_from_slice(format!("/MCID {number}").as_bytes());
        }
        self.bytes.extend_from_slice(b"/ActualText<FEFF");
        for unit in text.encode_utf16() {
            self.bytes.extend_from_slice(format!("{unit:04X}").as_bytes());
        }
        self.bytes.extend_from_slice(b">>>BDC\n");
    }

    fn two_bytes(&mut self, glyph: GlyphInfo) {
        self.used.add_other(glyph.face, glyph.glyph);
        glyph.glyph.to_be_bytes().into_iter().for_each(|byte| push_escaped(&mut self.bytes, byte));
    }

    /// Shows a line that was shaped, from left to right. Its pieces are numbered in the order in which they are read.
    fn shaped(&mut self, glyphs: &GlyphMap, style: Style, text: &str, line: &ShapedLine) {
        let mark = self.part_of.clone().filter(|_| self.is_tagged && line.has_right_to_left());
        let first = self.marks.len();
        let mut places: Vec<usize> = (0..line.pieces.len()).collect();
        places.sort_by_key(|place| line.pieces[*place].bytes.start);
        let mut ranks = vec![0; places.len()];
        places.iter().enumerate().for_each(|(rank, place)| ranks[*place] = rank);
        if let Some(mark) = &mark {
            self.marks.extend(std::iter::repeat_n(mark, ranks.len()).cloned());
        }
        let mut pen = Pen::default();
        for (piece, rank) in line.pieces.iter().zip(ranks) {
            let words = &text[piece.bytes.clone()];
            if mark.is_some() {
                self.end_array(&mut pen);
                self.close();
                self.kept_number = Some(first + rank);
            }
            match &piece.setting {
                Setting::Plain => {
                    self.move_to(&mut pen, piece.left);
                    self.end_array(&mut pen);
                    self.rise(&mut pen, 0);
                    self.runs(glyphs, style, words);
                    pen.x = piece.left + piece.width;
                }
                Setting::Cluster { face, glyphs: range, is_right_to_left } => {
                    let of_cluster = &line.glyphs[range.clone()];
                    let advance = |glyph: u16| glyphs.file(*face).and_then(|file| file.metrics.advances.get(usize::from(glyph))).copied();
                    // Its glyphs say it as the eye meets it.
                    if mark.is_some() && *is_right_to_left && words.chars().filter(|letter| !letter.is_control()).count() > 1 {
                        self.said.push((first + rank, words.into()));
                    }
                    let is_said = mark.is_none() && !is_right_to_left && needs_words(words, of_cluster, style.size);
                    self.cluster(&mut pen, (style, *face), (words, piece, is_said), of_cluster, advance);
                }
            }
            if self.kept_number.is_some() {
                // It has nothing that can be seen.
                self.open(true);
            }
        }
        self.end_array(&mut pen);
        self.rise(&mut pen, 0);
        self.weight(style, style.face);
    }

    /// Shows the glyphs of a cluster.
    fn cluster(
        &mut self,
        pen: &mut Pen,
        (style, face): (Style, Face),
        (words, piece, is_said): (&str, &Piece, bool),
        glyphs: &[ShapedGlyph],
        advance: impl Fn(u16) -> Option<f32>,
    ) {
        let is_right_to_left = matches!(piece.setting, Setting::Cluster { is_right_to_left: true, .. });
        if self.font != Some((face, Code::Shaped, style.size)) || is_said || self.has_other_weight(style, face) {
            self.end_array(pen);
        }
        if is_said {
            self.begin_words(words);
        } else {
            self.open(true);
        }
        self.weight(style, face);
        self.font(face, Code::Shaped, style.size);
        for (glyph, text) in glyphs.iter().zip(shares(words, glyphs.len(), is_right_to_left)) {
            self.rise(pen, hundredths(glyph.rise.clamp(-MOST_RISE, MOST_RISE) * style.size / 1000.0));
            self.move_to(pen, glyph.left);
            if !std::mem::replace(&mut pen.is_array, true) {
                self.bytes.push(b'[');
            }
            if !std::mem::replace(&mut pen.is_string, true) {
                self.bytes.push(b'<');
            }
            self.pending.push(PendingCode { at: self.bytes.len(), face, glyph: glyph.glyph, text });
            self.bytes.extend_from_slice(&[b'0'; CODE_DIGITS]);
            pen.x += advance(glyph.glyph).unwrap_or(0.0);
        }
        if is_said {
            self.end_array(pen);
            self.bytes.extend_from_slice(b"EMC\n");
        }
    }

    /// Moves the pen to `x`, in thousandths of an em from the left edge of the line.
    fn move_to(&mut self, pen: &mut Pen, x: f32) {
        let back = (pen.x - x).round();
        if back == 0.0 {
            return;
        }
        if !std::mem::replace(&mut pen.is_array, true) {
            self.bytes.push(b'[');
        }
        if std::mem::take(&mut pen.is_string) {
            self.bytes.push(b'>');
        }
        push_number(&mut self.bytes, back as i32);
        // Numbers want a blank between them, or a string.
        self.bytes.push(b' ');
        pen.x -= back;
    }

    /// Ends the string that is open.
    fn end_array(&mut self, pen: &mut Pen) {
        if std::mem::take(&mut pen.is_string) {
            self.bytes.push(b'>');
        }
        if std::mem::take(&mut pen.is_array) {
            self.bytes.extend_from_slice(b"]TJ\n");
        }
    }

    fn rise(&mut self, pen: &mut Pen, rise: i32) {
        if pen.rise != rise {
            self.end_array(pen);
            // A number is no part of the operator before it.
            if self.bytes.last().is_some_and(u8::is_ascii_alphanumeric) {
                self.bytes.push(b'\n');
            }
            push_hundredths(&mut self.bytes, rise);
            self.bytes.extend_from_slice(b" Ts\n");
            pen.rise = rise;
        }
    }
}

/// Whether the glyphs of a cluster that runs from left to right cannot say by themselves that they are `words`.
fn needs_words(words: &str, glyphs: &[ShapedGlyph], size: f32) -> bool {
    let is_raised = |glyph: &ShapedGlyph| (glyph.rise * size / 1000.0).abs() > RAISED;
    glyphs.len() > words.chars().count() || glyphs.iter().any(is_raised)
}

/// Whether a character is written as one byte.
fn is_latin(glyph: GlyphInfo, character: char) -> bool {
    glyph.class != BreakClass::Missing && glyph.face.is_body() && u32::from(character) <= 0xFF
}

#[cfg(test)]
mod tests {
    use crate::export::layout::fonts::{Face, Faces};
    use crate::export::pdf::content::{Content, Style};

    #[test]
    fn a_cell_is_one_move_and_one_show() {
        let faces = Faces::load().unwrap();
        let mut content = Content::new(100.0, false, crate::report::palette::Palette::default());
        let style = Style { face: Face::REGULAR, size: 7.0, colour: crate::export::pdf::paint::Paint::Fixed(0) };
        content.line(&faces.regular, style, (10.0, 20.0), "a(b)\\", None);
        content.line(&faces.regular, style, (10.0, 28.5), "é \u{0}\u{4e2d}", None);
        let said = String::from_utf8_lossy(content.stream()).into_owned();
        let expected =
            "BT\n0 0 0 rg\n10 80 Td/R 7 Tf(a\\(b\\)\\\\)Tj\n0 -8.5 Td(\u{FFFD} )Tj\n/G0 7 Tf/Span<</ActualText<FEFFFFFD>>>BDC\n(";
        assert!(said.starts_with(expected), "{said}");
        assert!(said.contains("/G2 7 Tf(") && said.ends_with(")Tj\nET\n"), "{said}");
        assert!(content.missing.note().unwrap().starts_with("U+0000 has no glyph"));
        assert_eq!(content.used.latin(Face::REGULAR).collect::<Vec<_>>(), b" ()\\ab\xE9");
    }
}
