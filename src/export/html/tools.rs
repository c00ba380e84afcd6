//! The tools around a table: they stand in the page hidden, in the words of the template, and the script shows them.

use crate::export::html::table::PAGE_ROWS;
use crate::export::markup::Markup;
use crate::report::words::Words;
use crate::report::{LazyTable, Report, Values, style};

/// The tools of the numbers: find, filters, pages, zoom and copy.
pub fn numbers(markup: &mut Markup, report: &Report) {
    if report.numbers.rows == 0 {
        return;
    }
    let words = &report.words;
    markup.raw("<form class=\"tools\" data-tool=\"form\" role=\"search\" hidden>\n");
    find(markup, words);
    account(markup, report);
    markup.raw("<button type=\"button\" data-tool=\"clear\">").text(&words.clear_filters).raw("</button>\n");
    statuses(markup, report);
    markup.raw("</form>\n<div class=\"tools\" data-tool=\"bar\" hidden>\n");
    markup.raw("<output data-tool=\"rows\" data-pattern=\"").text(&words.rows_of_rows).raw("\"></output>\n");
    pages(markup, words);
    markup.raw("<div class=\"group\">");
    button(markup, "smaller", &words.smaller, "−");
    markup.raw("<output data-tool=\"zoom\" aria-live=\"polite\">100%</output>");
    button(markup, "larger", &words.larger, "+");
    markup.raw("</div>\n<button type=\"button\" data-tool=\"copy\" data-pattern=\"").text(&words.copied).raw("\">").text(&words.copy);
    markup.raw("</button>\n</div>\n");
}

/// The tools of a list: pages, where it has several.
pub fn list(markup: &mut Markup, rows: &LazyTable, words: &Words) {
    if rows.rows - rows.totals.min(rows.rows) > PAGE_ROWS {
        markup.raw("<div class=\"tools\" data-tool=\"bar\" hidden>\n");
        pages(markup, words);
        markup.raw("</div>\n");
    }
}

/// A button of a sign, which is called `name`; that of the next hit is what the enter key does.
fn button(markup: &mut Markup, tool: &str, name: &str, sign: &str) {
    let kind = if tool == "next-hit" { "submit" } else { "button" };
    markup
        .raw("<button type=\"")
        .raw(kind)
        .raw("\" data-tool=\"")
        .raw(tool)
        .raw("\" aria-label=\"")
        .text(name)
        .raw("\" title=\"")
        .text(name);
    markup.raw("\"><span aria-hidden=\"true\">").raw(sign).raw("</span></button>");
}

fn find(markup: &mut Markup, words: &Words) {
    markup.raw("<div class=\"group find\"><label><span>").text(&words.find);
    markup.raw("</span> <input type=\"search\" data-tool=\"find\" autocomplete=\"off\" spellcheck=\"false\"></label>");
    button(markup, "previous-hit", &words.previous_hit, "↑");
    button(markup, "next-hit", &words.next_hit, "↓");
    markup.raw("<output data-tool=\"hits\" data-pattern=\"").text(&words.hit_of_hits).raw("\" data-none=\"").text(&words.no_hits);
    markup.raw("\"></output></div>\n");
}

/// The choice of an account, if the numbers show accounts; the script fills it.
fn account(markup: &mut Markup, report: &Report) {
    if let Some(column) = report.numbers.columns.iter().find(|column| column.key == "account_id") {
        markup.raw("<label><span>").text(&column.caption).raw("</span> <select data-tool=\"account\"><option value=\"\">");
        markup.text(&report.words.all_accounts).raw("</option></select></label>\n");
    }
}

/// The choice of statuses, if the numbers show any.
fn statuses(markup: &mut Markup, report: &Report) {
    let Some(column) = report.numbers.columns.iter().find(|column| column.key == "status") else { return };
    let Values::Terms { terms, .. } = &column.values else { return };
    markup.raw("<fieldset class=\"statuses\"><legend>").text(&column.caption).raw("</legend>");
    for term in terms.iter() {
        let place = style::status_place(term).unwrap_or(style::place(None));
        markup.raw(&format!("<label class=\"chip s{place}\"><input type=\"checkbox\" data-tool=\"status\"> <span>"));
        markup.text(&term.caption).raw("</span> <small></small></label>\n");
    }
    markup.raw("</fieldset>\n");
}

fn pages(markup: &mut Markup, words: &Words) {
    markup.raw("<div class=\"group pages\">");
    button(markup, "first", &words.first_page, "«");
    button(markup, "previous", &words.previous_page, "‹");
    markup.raw("<label><span class=\"unseen\">").text(&words.page);
    markup.raw("</span><input type=\"number\" min=\"1\" value=\"1\" inputmode=\"numeric\" data-tool=\"page\"></label>");
    markup.raw("<output data-tool=\"page-number\" data-pattern=\"").text(&words.page_number).raw("\"></output>");
    button(markup, "next", &words.next_page, "›");
    button(markup, "last", &words.last_page, "»");
    markup.raw("</div>\n");
}
