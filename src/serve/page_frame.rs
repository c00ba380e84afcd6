//! What surrounds every page: its head, its title and ways to the other pages, and when its rows were read.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::export::markup::shown;
use crate::serve::failure::Failure;
use crate::serve::reading::Reading;

/// The pages that lead to one another: address and name.
const PAGES: [(&str, &str); 2] = [("/", "Numbers"), ("/summary", "Summary")];

/// A page of the report, whose place among the others is `here`; `address` is what its links carry along.
pub fn page(reading: &Reading, place: (&str, &str), title: &str, failed: Option<&Failure>, content: Markup) -> Markup {
    // Nothing that we write ourselves is replaced.
    PreEscaped(shown(framed(reading, place, title, failed, content).into_string()))
}

fn framed(reading: &Reading, (here, address): (&str, &str), title: &str, failed: Option<&Failure>, content: Markup) -> Markup {
    let report = &reading.template.title;
    let as_of = &reading.template.words.instant(reading.classified().as_of());
    let carried = |path: &str| if address.is_empty() { path.to_owned() } else { format!("{path}?{address}") };
    html! {
        (DOCTYPE)
        html lang=(reading.template.language) {
            (head(&format!("{title} · {report}"), false))
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    div {
                        p.title { (report) }
                        p.asof { "As of " (as_of) }
                    }
                    form.refresh method="post" action="/refresh" {
                        span { "Read " (reading.read_at.utc().format("%Y-%m-%d %H:%M:%SZ").to_string()) }
                        input type="hidden" name="back" value=(carried(here));
                        button type="submit" { "Refresh" }
                    }
                }
                nav aria-label="Pages" {
                    ul {
                        @for (path, name) in PAGES {
                            li { a href=(carried(path)) aria-current=[(path == here).then_some("page")] { (name) } }
                        }
                    }
                }
                @if let Some(failure) = failed {
                    @let [what, help] = failure.sentences();
                    p.note role="status" { "The inputs could not be read again; these are the rows of before. " (what) " " (help) }
                } @else if reading.has_changed() {
                    p.note role="status" { "The source has changed since it was read. Refresh shows what it holds now." }
                }
                main #main { (content) }
                footer { (reading.template.notice) }
            }
        }
    }
}

/// A page without a report.
pub fn bare_page(title: &str, content: Markup) -> Markup {
    bare(title, false, content)
}

/// A page that asks again by itself, while the inputs are read.
pub fn waiting_page() -> Markup {
    let said = html! { h1 { "Reading the inputs" } p role="status" { "The report is shown as soon as every row is read and classified." } };
    bare("Reading", true, said)
}

fn bare(title: &str, asks_again: bool, content: Markup) -> Markup {
    let page = html! {
        (DOCTYPE)
        html lang="en" { (head(title, asks_again)) body { main #main.bare { (content) } } }
    };
    PreEscaped(shown(page.into_string()))
}

fn head(title: &str, asks_again: bool) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            @if asks_again { meta http-equiv="refresh" content="2"; }
            title { (title) }
            link rel="icon" href="data:,";
            link rel="stylesheet" href="/assets/viewer.css";
            script src="/assets/viewer.js" defer { (PreEscaped("")) }
        }
    }
}
