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
        ("key = \"status\"", "key = \"colour\"", "mine.toml, column colour: there is no column 'colour'; see the list of columns"),
        ("key = \"status\"", "key = \"phone_number\"", "mine.toml, column phone_number: is described twice"),
        ("key = \"status\"", "kind = \"date\"\nkey = \"status\"", "unknown field `kind`"),
        ("width = 15", "width = 0", "a width of 0 characters cannot be"),
        ("caption = \"Status\"", "caption = \" \"", "mine.toml, column status: has no caption"),
        ("shown = [", "shown = [\"colour\", ", "mine.toml, shown: there is no column 'colour'"),
        ("shown = [", "shown = [\"status\", ", "mine.toml, shown: column 'status' is named twice"),
        ("  \"phone_number\", \"number_type\",", "  \"colour\",", "mine.toml, section ready_to_assign: there is no column 'colour'"),
        ("id = \"by_week\"", "id = \"by_month\"", "unknown variant `by_month`, expected one of `numbers`"),
        ("id = \"by_week\"", "id = \"by_status\"", "mine.toml, section by_status: is given twice"),
        ("id = \"numbers\"", "id = \"by_status\"", "mine.toml, section by_status: is given twice"),
        ("heading = \"Upcoming ports\"", "heading = \"\"", "mine.toml, section weeks_chart: has no heading"),
        ("accent = \"scheduled\"", "accent = \"pink\"", "unknown variant `pink`, expected one of `waiting_for_you`"),
        ("no = \"no\"", "nein = \"no\"", "unknown field `nein`"),
        ("[terms.status]", "[terms.colour]", "mine.toml, terms: there is no list 'colour'; lists are priority, status"),
        ("scheduled = {", "planned = {", "mine.toml, terms.status: there is no 'planned'; codes are waiting_for_you, scheduled"),
        ("width = 15", "colour = 1\nwidth = 15", "unknown field `colour`"),
        ("title = \"Partner Number Port Status Report\"", "title = \"\"", "mine.toml, title: is empty"),
    ];
    for (old, new, expected) in cases {
        let text = shipped();
        assert!(text.contains(old), "{old}");
        let refusal = Template::parse(&text.replacen(old, new, 1), "mine.toml").unwrap_err();
        assert_eq!(refusal.code(), 78);
        let refusal = refusal.to_string();
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
        ("pdf = \"left\"", "odt = \"left\"", "section status_chart: 'odt' is not a format; formats are csv, xlsx, pdf"),
        ("pdf = \"left\"", "pdf = \"top\"", "places in pdf are not usable; 'top' of the section status_chart is none of left, right"),
        ("pdf = \"left\"", "csv = \"left\"", "csv holds the numbers alone"),
        ("{ xlsx = \"Waiting for You\", pdf = \"list\" }", "{ pdf = \"left\" }", "a list is not on the first pages: write \"list\""),
        ("{ xlsx = \"Numbers\" }", "{ xlsx = \"Numbers\", pdf = \"list\" }", "the numbers follow the other pages"),
        ("pdf = \"left\"", "pdf = \"list\"", "'list' of the section status_chart is none of left, right"),
        ("xlsx = \"About\"", "xlsx = \"A/B\"", "none of []:*?/\\': 'A/B'"),
        ("xlsx = \"About\"", "xlsx = \"a name that has too many letters\"", "1 to 26 characters"),
        ("xlsx = \"About\"", "xlsx = \"numbers\"", "numbers and notice_line cannot share the sheet 'numbers'"),
        ("{ xlsx = \"Numbers\" }", "{}", "the section numbers needs a sheet"),
    ] {
        let refusal = check(old, new).unwrap_err();
        assert!(refusal.contains(expected), "{new}: {refusal}");
    }
}

#[test]
fn every_shipped_template_makes_a_report() {
    let templates = Templates::default();
    assert_eq!(templates.names("reports"), ["numbers", "partner-port-status"]);
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
