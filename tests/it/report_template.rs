//! Tests of templates of one's own, right and wrong ones.

use std::sync::Arc;

use portstatus::domain::columns::ColumnType;
use portstatus::domain::status::Spelling;
use portstatus::export::check_places;
use portstatus::report::build::build;
use portstatus::report::template::Template;
use portstatus::select::{Query, select};
use portstatus::templates::Templates;

use crate::fixtures::classified;
use crate::report::{ROWS, shipped};

#[test]
fn a_template_of_ones_own_chooses_columns_and_captions() {
    let text = "title = 'Mine'\nnotice = 'n'\ncaveats = []\nshown = ['status', 'owner']\n\
        [[columns]]\nkey = 'status'\ncaption = 'Where it is'\nwidth = 8\nmeaning = 'm'\n";
    let template = Template::parse(text, "mine.toml").unwrap();
    let query: Query = toml::from_str("sort = ['where it is:desc']").unwrap();
    let selection = select(&Arc::new(classified(ROWS)), None, &query.check(&template.names()).unwrap()).unwrap();
    let report = build(&selection, &template, "").unwrap();
    let columns: Vec<_> = report.numbers.columns.iter().map(|column| (column.caption.as_str(), column.kind)).collect();
    assert_eq!(columns, [("Where it is", ColumnType::Status), ("Action owner", ColumnType::Choice)]);
    assert_eq!(report.cover.order, "by Where it is (descending)");
}

#[test]
fn wrong_templates_are_refused() {
    let cases = [
        ("title = ", "title = 7 #", "mine.toml, line"),
        ("title = ", "titel = 'x'\ntitle = ", "unknown field `titel`"),
        ("key = \"status\"", "key = \"colour\"", ", column colour: there is no column 'colour'; see the list of columns"),
        ("key = \"status\"", "key = \"phone_number\"", ", column phone_number: is described twice"),
        ("key = \"status\"", "kind = \"date\"\nkey = \"status\"", "unknown field `kind`"),
        ("width = 15", "width = 0", "a width of 0 characters cannot be"),
        ("caption = \"Status\"", "caption = \" \"", ", column status: has no caption"),
        ("shown = [", "shown = [\"colour\", ", ", shown: there is no column 'colour'"),
        ("shown = [", "shown = [\"status\", ", ", shown: column 'status' is named twice"),
        ("  \"phone_number\", \"number_type\",", "  \"colour\",", ", section ready_to_assign: there is no column 'colour'"),
        ("id = \"by_week\"", "id = \"by_month\"", "unknown variant `by_month`, expected one of `numbers`"),
        ("id = \"by_week\"", "id = \"by_status\"", ", section by_status: is given twice"),
        ("id = \"numbers\"", "id = \"by_status\"", ", section by_status: is given twice"),
        ("heading = \"Upcoming ports\"", "heading = \"\"", ", section weeks_chart: has no heading"),
        ("accent = \"scheduled\"", "accent = \"pink\"", "unknown variant `pink`, expected one of `waiting_for_you`"),
        ("no = \"no\"", "nein = \"no\"", "unknown field `nein`"),
        ("[terms.status]", "[terms.colour]", ", terms: there is no list 'colour'; lists are priority, status"),
        ("scheduled = {", "planned = {", ", terms.status: there is no 'planned'; codes are waiting_for_you, scheduled"),
        ("width = 15", "colour = 1\nwidth = 15", "unknown field `colour`"),
        ("title = \"Partner Number Port Status Report\"", "title = \"\"", ", title: is empty"),
    ];
    for (old, new, expected) in cases {
        let text = shipped();
        assert!(text.contains(old), "{old}");
        let refusal = Template::parse(&text.replacen(old, new, 1), "mine.toml").unwrap_err();
        assert_eq!(refusal.code(), 78);
        let refusal = refusal.to_string();
        assert!(refusal.starts_with("mine.toml, line "), "{refusal}");
        assert!(refusal.contains(expected), "{new}: {refusal}");
        assert!(!refusal.contains('\n'), "{refusal}");
    }
}

#[test]
fn what_a_template_leaves_out_is_the_shipped_one_s() {
    let mine =
        Template::parse("title = 'Mine'\n[words]\nyes = 'oui'\n[terms.status]\ncanceled = { caption = 'Annulé' }", "mine.toml").unwrap();
    let shipped = Template::parse(&shipped(), "shipped.toml").unwrap();
    let mut words = shipped.words.clone();
    words.yes = "oui".to_owned();
    assert_eq!((mine.title.as_str(), &mine.words, &mine.sections), ("Mine", &words, &shipped.sections));
    let term = |template: &Template, code: &str| template.terms.term("status", code).unwrap();
    assert_eq!(term(&mine, "canceled").caption, "Annulé");
    assert_eq!(term(&mine, "canceled").meaning, term(&shipped, "canceled").meaning);
    assert_eq!(term(&mine, "scheduled"), term(&shipped, "scheduled"));
    let spelled = mine.adapted("", Spelling::Cancelled);
    assert_eq!((term(&spelled, "canceled").caption.as_str(), term(&spelled, "scheduled").caption.as_str()), ("Cancelled", "Scheduled"));
}

#[test]
fn places_that_a_format_does_not_have_are_refused() {
    let check = |old: &str, new: &str| {
        assert!(shipped().contains(old), "{old}");
        let template = Template::parse(&shipped().replace(old, new), "mine.toml").unwrap();
        check_places(&template.sections, "mine.toml").map_err(|error| error.to_string())
    };
    assert_eq!(check("xlsx = \"About\"", "xlsx = \"Over dit rapport\""), Ok(()));
    for (old, new, expected) in [
        ("pdf = \"left\"", "odt = \"left\"", "section status_chart: 'odt' is not a format; formats are csv, xlsx, pdf, html, docx, ods"),
        ("pdf = \"left\"", "pdf = \"top\"", "places in pdf are not usable; 'top' of the section status_chart is none of left, right"),
        ("pdf = \"left\"", "csv = \"left\"", "csv holds the numbers alone"),
        ("xlsx = \"Waiting for You\", pdf = \"list\"", "pdf = \"left\"", "a list is not on the first pages: write \"list\""),
        ("{ xlsx = \"Numbers\",", "{ xlsx = \"Numbers\", pdf = \"list\",", "the numbers follow the other pages"),
        ("pdf = \"left\"", "pdf = \"list\"", "'list' of the section status_chart is none of left, right"),
        ("xlsx = \"About\"", "xlsx = \"A/B\"", "none of []:*?/\\': 'A/B'"),
        ("xlsx = \"About\"", "xlsx = \"a name that has too many letters\"", "1 to 26 characters"),
        ("xlsx = \"About\"", "xlsx = \"numbers\"", "numbers and notice_line cannot share the sheet 'numbers'"),
        ("{ xlsx = \"Numbers\",", "{", "the section numbers needs a sheet"),
        ("html = \"list\"", "html = \"summary\"", "'summary' does not fit: write html = \"list\" in formats of the section changes"),
        (
            "docx = \"notes\"",
            "docx = \"left\"",
            "'left' does not fit: write docx = \"summary\" or \"notes\" in formats of the section notice",
        ),
        ("docx = \"numbers\"", "docx = \"list\"", "'list' does not fit: write docx = \"numbers\" in formats of the section numbers"),
    ] {
        let refusal = check(old, new).unwrap_err();
        assert!(refusal.contains(expected), "{new}: {refusal}");
    }
}

#[test]
fn every_shipped_template_makes_a_report() {
    let templates = Templates::default();
    assert_eq!(templates.names("reports"), ["actions", "foc", "numbers", "partner-port-status", "partner-port-status-fr-CA", "requests"]);
    for name in templates.names("reports") {
        let template = Template::load(&templates, &name).unwrap();
        check_places(&template.sections, &name).unwrap();
        let selection = select(&Arc::new(classified(ROWS)), None, &Query::default().check(&template.names()).unwrap()).unwrap();
        let report = build(&selection, &template, "").unwrap();
        let captions: Vec<&str> = report.numbers.columns.iter().map(|column| column.caption.as_str()).collect();
        let workspace = [
            "Phone number",
            "Request ID",
            "Number state",
            "Review outcome",
            "FOC date",
            "FOC time, Pacific",
            "FOC time (UTC)",
            "Configuration profile",
            "Next step",
        ];
        assert_eq!(captions == workspace, name == "numbers", "{captions:?}");
    }
}

#[test]
fn a_template_that_extends_another_takes_from_it_what_it_leaves_out() {
    let foc = Template::load(&Templates::default(), "foc").unwrap();
    assert_eq!(foc.title, "Confirmed FOC dates");
    assert_eq!((foc.caption("confirmed_date"), foc.caption("days_to_port")), ("FOC date", "Days left"));
    let numbers = Template::load(&Templates::default(), "numbers").unwrap();
    assert_eq!((&foc.sections, foc.words.all_numbers.as_str()), (&numbers.sections, "All numbers"));
    let rows = [
        "number_state=foc_date_set confirmed_date=2026-12-09",
        "number_state=in_process",
        "number_state=foc_date_set confirmed_date=2026-12-02 confirmed_time=11:30",
    ];
    // Without a word of its reader's the template says which rows, and in which order.
    for (query, expected) in [("", [2, 0].as_slice()), ("sort = ['days_to_port:desc']", &[0, 2]), ("statuses = ['in progress']", &[1])] {
        let query: Query = toml::from_str(query).unwrap();
        let query = query.or(&foc.query).check(&foc.names()).unwrap();
        let selection = select(&Arc::new(classified(&rows)), None, &query).unwrap();
        let rows: Vec<_> = selection.rows.iter().flatten().collect();
        assert_eq!(rows, expected, "{query:?}");
    }
}

#[test]
fn a_base_that_is_missing_or_goes_round_in_a_circle_is_refused() {
    let folder = crate::tools::folder("template-extends");
    std::fs::create_dir(folder.join("reports")).unwrap();
    for (name, text) in [
        ("one", "extends = 'two'"),
        ("two", "extends = 'one'"),
        ("lost", "extends = 'nothing'"),
        ("asks", "[query]\nstatuses = ['x']"),
        ("pages", "[query]\npage = 2"),
        ("wrong", "[query]\nstatus = ['completed']"),
    ] {
        std::fs::write(folder.join("reports").join(format!("{name}.toml")), text).unwrap();
    }
    let templates = Templates::new(Some(&folder)).unwrap();
    for (name, message) in [
        ("one", "reports/one.toml: extends more than 8 templates, one after the other; check that none of them extends itself"),
        ("lost", "reports/lost.toml, line 1, column 12, extends: there is no template 'nothing'; choose from actions, asks, foc, "),
        ("asks", "reports/asks.toml, line 2, column 14, query: "),
        ("pages", "reports/pages.toml, line 1, column 1, query: names columns or a page"),
        ("wrong", "unknown field `status`"),
    ] {
        let refusal = Template::load(&templates, name).unwrap_err();
        assert_eq!(refusal.code(), 78);
        assert!(refusal.to_string().contains(message), "{refusal}");
    }
}
