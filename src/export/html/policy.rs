//! What a browser may do with the page: run the one script and use the one style sheet it was written with, and nothing else.

use sha2::{Digest, Sha256};

/// The content security policy of a page with these scripts, this style sheet and, if any, pictures that stand in it. Nothing is
/// loaded, sent or framed.
pub fn content_security(scripts: &[&str], style: &str, has_pictures: bool) -> String {
    let scripts: Vec<String> = scripts.iter().map(|script| source(script)).collect();
    let pictures = if has_pictures { " img-src data:;" } else { "" };
    format!(
        "default-src 'none'; script-src {}; style-src {};{pictures} base-uri 'none'; form-action 'none'",
        scripts.join(" "),
        source(style)
    )
}

/// How a policy names a script or style sheet of the page.
fn source(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())))
}

/// `bytes` in letters, as links and policies have them.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize % 64];
            out.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::export::html::policy::{base64, source};

    #[test]
    fn hashes_are_spelt_as_browsers_read_them() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        // The hash of nothing, as every reference has it.
        assert_eq!(source(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}
