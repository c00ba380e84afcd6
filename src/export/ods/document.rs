//! How each XML document of the package begins, and how it writes a colour.

use std::fmt::Write;

use crate::export::markup::Markup;

/// What begins every part.
pub const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Begins a part whose root is `office:name`, with `more` attributes.
pub fn open(markup: &mut Markup, name: &str, more: &str) {
    const SPACES: [(&str, &str); 8] = [
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("meta", "meta"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    ];
    markup.raw(XML).raw("<office:").raw(name);
    for (prefix, space) in SPACES {
        markup.raw(&format!(" xmlns:{prefix}=\"urn:oasis:names:tc:opendocument:xmlns:{space}:1.0\""));
    }
    markup.raw(" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"").raw(more).raw(" office:version=\"1.2\">");
}

/// A colour as `#rrggbb`.
pub fn colour(colour: u32) -> String {
    let mut out = String::new();
    // A String never refuses.
    let _ = write!(out, "#{colour:06x}");
    out
}
