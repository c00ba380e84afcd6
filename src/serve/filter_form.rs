//! The form that chooses rows.

use maud::{Markup, html};

use crate::domain::columns::column;
use crate::serve::reading::Reading;
use crate::serve::view::View;

/// The fields of the form, which the links of other forms carry along.
pub const FIELDS: [&str; 16] = [
    "account",
    "status",
    "detail",
    "type",
    "partner",
    "request",
    "find",
    "created_from",
    "created_to",
    "confirmed_from",
    "confirmed_to",
    "overdue",
    "waiting",
    "ready",
    "page",
    "hit",
];

/// The form, filled in as `view` says.
pub fn filter_form(reading: &Reading, view: &View) -> Markup {
    let terms = |key: &str| column(key).map(|column| reading.names().terms_of(column)).unwrap_or_default();
    let types = [("local", "Local"), ("toll-free", "Toll-free")];
    html! {
        form.filters method="get" action="/" role="search" aria-label="Choose rows" {
            @for (key, value) in view.carried(&FIELDS) { input type="hidden" name=(key) value=(value); }
            label { "Account" input name="account" value=(view.all("account").collect::<Vec<_>>().join(",")) list="accounts" autocomplete="off" data-ahead="accounts"; }
            datalist #accounts {}
            (choice("Status", "status", view, terms("status").iter().map(|term| (*term, *term))))
            (choice("Detailed status", "detail", view, terms("detail").iter().map(|term| (*term, *term))))
            (choice("Number type", "type", view, types.into_iter()))
            label { "Request" input name="request" value=(view.one("request")) autocomplete="off"; }
            label.broad { "Number or text" input type="search" name="find" value=(view.one("find")) autocomplete="off"; }
            (dates("Created", "created", view))
            (dates("Confirmed port", "confirmed", view))
            fieldset.switches {
                legend { "Only" }
                div {
                    @for (key, words) in [("overdue", "Overdue"), ("waiting", "Waiting for the partner"), ("ready", "Ready to assign")] {
                        label { input type="checkbox" name=(key) value="1" checked[view.is_on(key)]; (words) }
                    }
                }
            }
            div.actions {
                button.main type="submit" { "View Report" }
                a.button href="/" { "Clear" }
            }
        }
    }
}

fn choice<'a>(caption: &str, key: &str, view: &View, choices: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    let chosen = view.one(key);
    html! {
        label {
            (caption)
            select name=(key) {
                option value="" { "All" }
                @for (value, words) in choices { option value=(value) selected[value.eq_ignore_ascii_case(chosen)] { (words) } }
            }
        }
    }
}

fn dates(caption: &str, key: &str, view: &View) -> Markup {
    let [from, to] = ["from", "to"].map(|end| format!("{key}_{end}"));
    html! {
        fieldset.dates {
            legend { (caption) }
            div {
                input type="date" name=(from) value=(view.one(&from)) aria-label=(format!("{caption} from"));
                span aria-hidden="true" { "–" }
                input type="date" name=(to) value=(view.one(&to)) aria-label=(format!("{caption} to"));
            }
        }
    }
}
