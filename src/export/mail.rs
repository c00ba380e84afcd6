//! Links a row that waits for the partner to a mail to the porting team that names its case and its number, for every format.

use std::fmt::Write;

use crate::export::Options;
use crate::export::cells::Cell;
use crate::report::words::{Words, fill};
use crate::report::{Column, LazyTable, Report, SectionId};

/// What the mails of a list have in common.
pub struct MailLink<'a> {
    report: &'a Report,
    /// The address as it stands in a link.
    address: String,
    case: Option<usize>,
    number: Option<usize>,
}

impl<'a> MailLink<'a> {
    /// The links of the rows of `rows`, the list of `section`; `None` where no address is known, and for lists of rows that do
    /// not wait for the partner.
    pub fn new(options: &Options, report: &'a Report, section: SectionId, rows: &LazyTable) -> Option<Self> {
        let address = options.porting_team_email.as_deref().filter(|_| section == SectionId::WaitingForYou)?;
        let place = |key: &str| rows.columns.iter().position(|column| column.key == key);
        Some(Self { report, address: encoded(address, "@"), case: place("case_number"), number: place("phone_number") })
    }

    /// The column of `columns`, those of the list, whose cells are linked. The first, which tells the rows apart, may lead elsewhere.
    pub fn usual_column(&self, columns: &[Column]) -> usize {
        let step = columns.iter().position(|column| column.key == "next_step");
        [self.case, step].into_iter().flatten().find(|place| *place > 0).unwrap_or(columns.len().saturating_sub(1))
    }

    /// The column whose cell is linked in `row`: a link on an empty cell is seen by nobody, or as its address.
    pub fn column(&self, columns: &[Column], row: usize) -> usize {
        let usual = self.usual_column(columns);
        let says = |place: &usize| columns.get(*place).is_some_and(|column| Cell::of(&column.values, row).is_some());
        [usual].into_iter().chain(1..columns.len()).find(says).unwrap_or(usual)
    }

    /// Where the link of `row` leads: `mailto:`, and nothing but letters, digits and signs that no markup changes.
    pub fn target(&self, columns: &[Column], row: usize) -> String {
        let subject = self.fill(&self.report.words.mail_subject, columns, row);
        format!("mailto:{}?subject={}", self.address, encoded(&subject, ""))
    }

    /// What the link of `row` is for, in words.
    pub fn caption(&self, columns: &[Column], row: usize) -> String {
        self.fill(&self.report.words.mail_team, columns, row)
    }

    fn fill(&self, pattern: &str, columns: &[Column], row: usize) -> String {
        let text = |place: Option<usize>| match place.and_then(|place| Cell::of(&columns.get(place)?.values, row)) {
            Some(Cell::Text(text)) => text,
            Some(Cell::Term(_, term)) => &term.caption,
            _ => "",
        };
        fill(pattern, &[("case", text(self.case)), ("number", text(self.number))])
    }
}

/// Where a mail to `address` about a case and a number begins.
pub fn address_of(address: &str, words: &Words, (case, number): (&str, &str)) -> String {
    let subject = fill(&words.mail_subject, &[("case", case), ("number", number)]);
    format!("mailto:{}?subject={}", encoded(address, "@"), encoded(&subject, ""))
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
    use crate::export::mail::encoded;

    #[test]
    fn a_link_holds_nothing_but_letters_digits_and_codes() {
        assert_eq!(encoded("porting+us@example.com", "@"), "porting%2Bus@example.com");
        assert_eq!(encoded("Case 5?&body=\"<é>\r\n", ""), "Case%205%3F%26body%3D%22%3C%C3%A9%3E%0D%0A");
    }
}
