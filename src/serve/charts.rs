//! Draws counts as bars, each of which leads to the rows that it counts.

use maud::{Markup, html};

use crate::export::html::chart::length;
use crate::report::words::Words;

/// A bar: its label, its count, where it leads, and the place of its colour among the statuses.
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub count: u64,
    /// The address of these rows; `None` where nothing can ask for them.
    pub leads_to: Option<String>,
    /// The class that has its colour.
    pub class: String,
}

/// Bars below each other under `heading`, figures as these words write them; nothing where there are none.
pub fn bars(words: &Words, heading: &str, explanation: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    html! {
        section.card {
            h2 { (heading) }
            @if !explanation.is_empty() { p.remark { (explanation) } }
            @if bars.is_empty() { p.empty { "None." } }
            ul.bars {
                @for bar in bars {
                    li {
                        @match &bar.leads_to {
                            Some(address) => { a.label href=(address) { (bar.label) } }
                            None => { span.label { (bar.label) } }
                        }
                        svg.bar.(bar.class) viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=(length(bar.count, most)) height="1" {}
                        }
                        span.figure { (words.thousands(bar.count)) }
                    }
                }
            }
        }
    }
}
