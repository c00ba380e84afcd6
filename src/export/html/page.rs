//! What stands around the sections of a page: the head with its policy, the title, the contents, and the notice.

use crate::export::Options;
use crate::export::html::policy;
use crate::export::html::style::{self, FORMAT};
use crate::export::markup::Markup;
use crate::export::places::{self, LIST, NOTES};
use crate::report::Report;
use crate::report::logo::Logo;
use crate::report::words::fill;

/// The script that runs before the rows are read: those of further pages are not laid out.
const EARLY_SCRIPT: &str = "document.documentElement.classList.add(\"scripted\")";
/// The width and height of a logo, at most.
const LOGO_PIXELS: (f32, f32) = (220.0, 52.0);
/// The tools.
const SCRIPT: &str = include_str!("page.js");

/// Begins the page: all that stands before the facts.
pub fn open(markup: &mut Markup, report: &Report, options: &Options) {
    let (words, cover) = (&report.words, &report.cover);
    let sheet = style::sheet(report, options);
    markup.raw("<!DOCTYPE html>\n<html lang=\"").text(&report.language).raw("\">\n<head>\n<meta charset=\"utf-8\">\n");
    markup.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"").text(&policy::content_security(
        &[EARLY_SCRIPT, SCRIPT],
        &sheet,
        report.look.logo.is_some(),
    ));
    markup.raw("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    markup.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    markup.raw("<meta name=\"robots\" content=\"noindex\">\n<meta name=\"description\" content=\"").text(&report.subject()).raw("\">\n");
    if !cover.operator.is_empty() {
        markup.raw("<meta name=\"author\" content=\"").text(&cover.operator).raw("\">\n");
    }
    markup.element("title", &cover.title).raw("\n<style>").raw(&sheet).raw("</style>\n");
    markup.raw("<script>").raw(EARLY_SCRIPT).raw("</script>\n</head>\n<body>\n<a class=\"skip\" href=\"#numbers\">");
    markup.text(&words.to_the_numbers).raw("</a>\n<header class=\"top\">\n<div class=\"title\">\n");
    markup.element("h1", &cover.title).raw("\n").element("p", &report.as_of_line()).raw("\n</div>\n");
    report.look.logo.iter().for_each(|logo| picture(markup, logo));
    markup.raw("<button type=\"button\" id=\"theme\" hidden>").text(&words.light_or_dark).raw("</button>\n</header>\n");
    contents(markup, report);
    files(markup, report);
    markup.raw("<main data-separator=\"").text(&words.thousands_separator).raw("\">\n");
    markup.raw("<p class=\"notice\" role=\"note\">").text(&cover.notice).raw("</p>\n");
    markup.raw("<div class=\"cards\" id=\"summary\">\n");
}

/// The logo, in the page itself.
fn picture(markup: &mut Markup, logo: &Logo) {
    let (width, height) = logo.fitted(LOGO_PIXELS);
    markup.raw("<img class=\"logo\" alt=\"").text(&logo.text);
    markup.raw(&format!(
        "\" width=\"{width:.0}\" height=\"{height:.0}\" src=\"data:{};base64,{}\">\n",
        logo.media_type(),
        policy::base64(&logo.bytes)
    ));
}

/// Links to the summary, the numbers, the lists and the notes.
fn contents(markup: &mut Markup, report: &Report) {
    let at = |place| places::at(report, FORMAT, place).into_iter();
    let (numbers, _) = places::numbers(report);
    markup.raw("<nav class=\"contents\" aria-label=\"").text(&report.words.contents).raw("\">\n<ul>\n");
    markup.raw("<li><a href=\"#summary\">").text(&report.words.cover).raw("</a></li>\n");
    markup.raw("<li><a href=\"#numbers\">").text(numbers).raw("</a></li>\n");
    for section in at(LIST).chain(at(NOTES).take(1)) {
        markup.raw(&format!("<li><a href=\"#{}\">", section.id.code())).text(&section.heading).raw("</a></li>\n");
    }
    markup.raw("</ul>\n</nav>\n");
}

/// Which of several files this is, and links to the one before and the one behind it.
fn files(markup: &mut Markup, report: &Report) {
    let (Some(volume), words) = (&report.volume, &report.words) else { return };
    let count = |count: usize| words.thousands(count as u64);
    let rows = volume.first + 1..volume.first + report.numbers.rows;
    let values = [count(volume.place + 1), count(volume.files.len()), count(rows.start), count(rows.end)];
    let [file, files, first, last] = values.each_ref().map(String::as_str);
    let said = fill(&words.file_of_files, &[("file", file), ("files", files), ("first", first), ("last", last)]);
    markup.raw("<nav class=\"files\" aria-label=\"").text(&words.files).raw("\">\n").element("p", &said).raw("\n<ul>\n");
    for (index, name) in volume.files.iter().enumerate() {
        let number = count(index + 1);
        markup.raw("<li><a href=\"").text(&link(name)).raw(if index == volume.place { "\" aria-current=\"page\">" } else { "\">" });
        markup.text(&number).raw("</a></li>\n");
    }
    markup.raw("</ul>\n</nav>\n");
}

/// A link to the file called `name` beside this one: nothing in the name is read as a scheme, a folder or a query.
fn link(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let encoded = name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    format!("./{}", encoded.collect::<String>())
}

/// Ends the cards of the summary.
pub fn end_summary(markup: &mut Markup) {
    markup.raw("</div>\n");
}

/// Begins the cards of the notes.
pub fn open_notes(markup: &mut Markup) {
    markup.raw("<div class=\"cards notes\">\n");
}

/// Ends the page.
pub fn close(markup: &mut Markup, report: &Report) {
    markup.raw("</div>\n</main>\n");
    files(markup, report);
    markup.raw("<footer class=\"bottom\">\n").element("p", &report.cover.notice);
    markup.raw("\n</footer>\n<script>").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
}
