//! Makes letters bold whose face has no bold of its own: by a line around them.

use crate::export::layout::fonts::Face;
use crate::export::pdf::content::{Content, Style};
use crate::export::pdf::operands::{hundredths, push_hundredths};

/// How wide the line around letters is that makes them bold, in ems: as much as stems of the body face are wider in bold.
const OUTLINE: f32 = 0.035;

impl Content {
    /// Whether letters of `face` in `style` have another weight than those before: where bold is asked for and a face has none, a line
    /// around the letters makes up for it.
    pub(in crate::export::pdf) fn has_other_weight(&self, style: Style, face: Face) -> bool {
        self.is_outlined != (style.face == Face::BOLD && !face.is_body())
    }

    /// Turns to the weight of letters of `face` in `style`.
    pub(in crate::export::pdf) fn weight(&mut self, style: Style, face: Face) {
        if !self.has_other_weight(style, face) {
            return;
        }
        self.is_outlined = !self.is_outlined;
        if self.bytes.last().is_some_and(u8::is_ascii_alphanumeric) {
            self.bytes.push(b'\n');
        }
        if self.is_outlined {
            push_hundredths(&mut self.bytes, hundredths(style.size * OUTLINE).max(1));
            self.bytes.extend_from_slice(b" w 1 j ");
            self.push_colour(style.colour.colour(&self.palette));
            self.bytes.extend_from_slice(b"RG 2 Tr\n");
        } else {
            self.bytes.extend_from_slice(b"0 Tr\n");
        }
    }
}
