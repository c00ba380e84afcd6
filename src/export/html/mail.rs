//! Links a row to a mail to the porting team that names its case and its number.

use std::fmt::Write;

use crate::export::Options;
use crate::export::cells::Cell;
use crate::export::markup::{Markup, escape};
use crate::report::words::fill;
use crate::report::{Column, LazyTable, Report};

/// What the mails of a list have in common.
pub struct Link<'a> {
    report: &'a Report,
    /// The address as it stands in a link.
    address: String,
    case: Option<usize>,
    number: Option<usize>,
}

impl<'a> Link<'a> {
    /// The links of the rows of `rows`; `None` where no address is known.
    pub fn new(options: &Options, report: &'a Report, rows: &LazyTable) -> Option<Self> {
        let address = options.porting_team_email.as_deref()?;
        let place = |key: &str| rows.columns.iter().position(|column| column.key == key);
        Some(Self { report, address: encoded(address, "@"), case: place("case_number"), number: place("phone_number") })
    }

    /// Appends the link of `row`.
    pub fn write(&self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        let text = |place: Option<usize>| match place.and_then(|place| Cell::of(&columns.get(place)?.values, row)) {
            Some(Cell::Text(text)) => text,
            Some(Cell::Term(_, term)) => &term.caption,
            _ => "",
        };
        let words = &self.report.words;
        let values = [("case", text(self.case)), ("number", text(self.number))];
        let subject = fill(&words.mail_subject, &values);
        let mut markup = Markup::default();
        markup.raw(" <a class=\"mail\" href=\"mailto:").text(&self.address).raw("?subject=").text(&encoded(&subject, ""));
        markup.raw("\" aria-label=\"");
        escape(&fill(&words.mail_team, &values), &mut markup.bytes);
        markup.raw("\"></a>");
        out.extend_from_slice(&markup.bytes);
    }
}

/// `text` as a part of an address on the web: letters, digits and the signs in `kept` as they are, all else by its bytes.
fn encoded(text: &str, kept: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match char::from(byte) {
            letter if letter.is_ascii_alphanumeric() || "-._~".contains(letter) || kept.contains(letter) => out.push(letter),
            // A String never refuses.
            _ => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use crate::export::html::mail::encoded;

    #[test]
    fn a_link_holds_nothing_but_letters_digits_and_codes() {
        assert_eq!(encoded("porting+us@example.com", "@"), "porting%2Bus@example.com");
        assert_eq!(encoded("Case 5?&body=\"<é>\r\n", ""), "Case%205%3F%26body%3D%22%3C%C3%A9%3E%0D%0A");
    }
}
