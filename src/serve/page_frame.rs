//! What surrounds every page: its head, its title and ways to the other pages, and when its rows were read.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::domain::date::text::append;
use crate::export::markup::shown;
use crate::report::words::Words;
use crate::serve::failure::Failure;
use crate::serve::person::Person;
use crate::serve::reading::Reading;

/// The pages that lead to one another: address and name.
const PAGES: [(&str, &str); 3] = [("/", "Numbers"), ("/summary", "Summary"), CHANGES];
/// The one that there is where there is an earlier state to compare with.
const CHANGES: (&str, &str) = ("/changes", "Changes");

/// What surrounds the content of a page.
pub struct Frame<'a> {
    /// Where the page is among the others.
    pub here: &'a str,
    /// What its links carry along.
    pub address: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// The words of the report, as the reader is used to see days.
    pub words: &'a Words,
    /// Who looks at it.
    pub person: &'a Person,
    /// What kept the inputs from being read again.
    pub failed: Option<&'a Failure>,
    /// Whether the inputs have changed since they were read.
    pub has_changed: bool,
}

/// A page of the report.
pub fn page(reading: &Reading, frame: &Frame<'_>, content: Markup) -> Markup {
    // Nothing that we write ourselves is replaced.
    PreEscaped(shown(framed(reading, frame, content).into_string()))
}

fn framed(reading: &Reading, frame: &Frame<'_>, content: Markup) -> Markup {
    let Frame { here, address, title, words, person, failed, has_changed } = *frame;
    let report = &reading.template.title;
    let as_of = words.instant(reading.classified().as_of());
    let mut read_at = String::new();
    append(&mut read_at, |ascii| words.dates.write_instant(ascii, reading.read_at.micros()));
    let carried = |path: &str| if address.is_empty() { path.to_owned() } else { format!("{path}?{address}") };
    html! {
        (DOCTYPE)
        html lang=(reading.template.language) {
            (head(&format!("{title} · {report}"), None))
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    div {
                        p.title { (report) }
                        p.asof { "As of " (as_of) }
                    }
                    (who(person))
                    form.refresh method="post" action="/refresh" {
                        span { "Read " (read_at.replace('T', " ")) }
                        input type="hidden" name="back" value=(carried(here));
                        button type="submit" { "Refresh" }
                    }
                }
                nav aria-label="Pages" {
                    ul {
                        @for (path, name) in PAGES.into_iter().filter(|page| *page != CHANGES || reading.has_previous()) {
                            li { a href=(carried(path)) aria-current=[(path == here).then_some("page")] { (name) } }
                        }
                    }
                }
                @if let Some(failure) = failed {
                    @let [what, help] = failure.sentences();
                    p.note role="status" { "The inputs could not be read again; these are the rows of before. " (what) " " (help) }
                } @else if has_changed {
                    p.note role="status" { "The source has changed since it was read. Refresh shows what it holds now." }
                }
                main #main { (content) }
                footer { (reading.template.notice) }
            }
        }
    }
}

/// Who is signed in, and the way out.
fn who(person: &Person) -> Markup {
    html! {
        @if let Some(name) = &person.name {
            form.who method="post" action="/sign-out" {
                span { "Signed in as " (name) }
                @if person.can_sign_out { button type="submit" { "Sign out" } }
            }
        }
    }
}

/// A page that leads on to the one at `address` by itself.
pub fn onward_page(title: &str, address: &str) -> Markup {
    let content = html! { h1 { (title) } p { a href=(address) { "Go on" } } };
    bare(title, Some(&format!("0;url={address}")), content)
}

/// A page without a report.
pub fn bare_page(title: &str, content: Markup) -> Markup {
    bare(title, None, content)
}

/// A page that asks again by itself, while the inputs are read.
pub fn waiting_page() -> Markup {
    let said = html! { h1 { "Reading the inputs" } p role="status" { "The report is shown as soon as every row is read and classified." } };
    bare("Reading", Some("2"), said)
}

fn bare(title: &str, refresh: Option<&str>, content: Markup) -> Markup {
    let page = html! {
        (DOCTYPE)
        html lang="en" { (head(title, refresh)) body { main #main.bare { (content) } } }
    };
    PreEscaped(shown(page.into_string()))
}

/// The head of a page; `refresh` says when it asks again, and for what.
fn head(title: &str, refresh: Option<&str>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            @if let Some(refresh) = refresh { meta http-equiv="refresh" content=(refresh); }
            title { (title) }
            link rel="icon" href="data:,";
            link rel="stylesheet" href="/assets/viewer.css";
            script src="/assets/viewer.js" defer { (PreEscaped("")) }
        }
    }
}
