//! Writes the mail that goes with a report: its counts and what changed, as plain text and as HTML, in the words of a template.

use std::fmt::Write;

use serde::Deserialize;

use crate::clock::AsOf;
use crate::deliver::transport::Message;
use crate::domain::change::ChangeKind;
use crate::domain::text::{fill, thousands};
use crate::error::Result;
use crate::job::made::Made;
use crate::report::glossary::CHANGES;
use crate::report::template::Template;
use crate::templates::{self, Templates};

/// The template of the words.
const FILE: &str = "messages/report.toml";

/// The words of a mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageWords {
    subject: String,
    heading: String,
    as_of: String,
    rows: String,
    changes: String,
    files: String,
    nothing_subject: String,
    nothing: String,
}

impl MessageWords {
    /// Reads them.
    ///
    /// # Errors
    /// [`crate::error::Error::config`] when the template is wrong.
    pub fn read(templates: &Templates) -> Result<Self> {
        templates::parse(&templates.text(FILE)?, FILE, "compare it with the shipped one")
    }

    /// The mail to `recipient` with the report `made` by `template` as of `as_of`, which has these `files`.
    pub fn message(&self, recipient: &str, made: &Made, template: &Template, as_of: AsOf, files: &[&str]) -> Message {
        let date = as_of.date().format("%Y-%m-%d").to_string();
        let rows = thousands(made.figures.rows);
        let instant = template.words.instant(as_of);
        let values = [
            ("title", template.title.as_str()),
            ("recipient", recipient),
            ("date", date.as_str()),
            ("instant", instant.as_str()),
            ("rows", rows.as_str()),
        ];
        let filled = |pattern: &str| fill(pattern, &values);
        let mut body = Body::default();
        body.heading(&filled(&self.heading));
        body.line(&filled(&self.as_of));
        if let Some(not_due) = &made.not_due {
            body.line(&fill(&self.nothing, &[("why", &not_due.why)]));
            return body.message(filled(&self.nothing_subject));
        }
        body.line(&filled(&self.rows));
        let spelling = made.figures.spelling;
        body.table(made.figures.by_status.iter().map(|(status, rows)| (spelling.status(*status).to_owned(), thousands(*rows))));
        if let Some(changes) = &made.changes {
            let term = |kind: ChangeKind| template.terms.term(CHANGES, kind.code()).map_or_else(|| kind.to_string(), |term| term.caption);
            let counts = ChangeKind::ALL.iter().filter_map(|kind| {
                let numbers = changes.counts.get(kind.code()).copied().filter(|numbers| *numbers > 0)?;
                Some(fill(&template.words.change_count, &[("count", &thousands(numbers)), ("change", &term(*kind))]))
            });
            let counts: Vec<String> = counts.collect();
            let counts = if counts.is_empty() { template.words.no_changes.clone() } else { counts.join(&template.words.list_separator) };
            body.line(&fill(&self.changes, &[("since", &changes.since), ("changes", &counts)]));
        }
        if !files.is_empty() {
            body.line(&self.files);
            body.list(files);
        }
        body.message(filled(&self.subject))
    }
}

/// A body in both forms.
#[derive(Default)]
struct Body {
    text: String,
    html: String,
}

impl Body {
    fn heading(&mut self, words: &str) {
        let _ = writeln!(self.text, "{words}\n");
        let _ = writeln!(self.html, "<h2>{}</h2>", escape_html(words));
    }

    fn line(&mut self, words: &str) {
        let _ = writeln!(self.text, "{words}");
        let _ = writeln!(self.html, "<p>{}</p>", escape_html(words));
    }

    fn table(&mut self, rows: impl Iterator<Item = (String, String)>) {
        self.html.push_str("<table>\n");
        for (caption, count) in rows {
            let _ = writeln!(self.text, "  {caption:<20}{count:>12}");
            let (caption, count) = (escape_html(&caption), escape_html(&count));
            let _ = writeln!(self.html, "<tr><td>{caption}</td><td style=\"text-align:right\">{count}</td></tr>");
        }
        self.html.push_str("</table>\n");
    }

    fn list(&mut self, items: &[&str]) {
        self.html.push_str("<ul>\n");
        for item in items {
            let _ = writeln!(self.text, "  {item}");
            let _ = writeln!(self.html, "<li>{}</li>", escape_html(item));
        }
        self.html.push_str("</ul>\n");
    }

    fn message(self, subject: String) -> Message {
        // A subject is one line, whatever a name holds.
        let subject = subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let html = format!("<!doctype html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{}</body></html>\n", self.html);
        Message { subject, text: self.text, html }
    }
}

/// `text` as HTML shows it.
fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
