//! Tests of templates of one's own, right and wrong ones.

use std::sync::Arc;

use portstatus::domain::columns::ColumnType;
use portstatus::report::build::{ReportSettings, build};
use portstatus::report::template::Template;
use portstatus::select::{Query, select};

use crate::fixtures::classified;
use crate::report::{ROWS, shipped};

#[test]
fn a_template_of_ones_own_chooses_columns_and_captions() {
    let text = "title = 'Mine'\nnotice = 'n'\ncaveats = []\nshown = ['status', 'owner']\n[lists]\nassign_now = ['phone_number']\nneeds_you = ['phone_number', 'next_step']\n\
        [[columns]]\nkey = 'status'\ncaption = 'Where it is'\nwidth = 8\nmeaning = 'm'\n";
    let template = Template::parse(text, "mine.toml").unwrap();
    let query: Query = toml::from_str("sort = ['where it is:desc']").unwrap();
    let selection = select(&Arc::new(classified(ROWS)), &query.check(&template.names()).unwrap()).unwrap();
    let report = build(&selection, &template, &ReportSettings::default()).unwrap();
    let columns: Vec<_> = report.numbers.columns.iter().map(|column| (column.caption.as_str(), column.kind)).collect();
    assert_eq!(columns, [("Where it is", ColumnType::Status), ("Action owner", ColumnType::Choice)]);
    assert_eq!(report.order, "by Where it is (descending)");
}

#[test]
fn wrong_templates_are_refused() {
    let cases = [
        ("title = ", "title = 7 #", "mine.toml, line"),
        ("title = ", "titel = 'x'\ntitle = ", "unknown field `titel`"),
        ("key = \"status\"", "key = \"colour\"", "mine.toml, column colour: there is no column 'colour'; 'portstatus columns' lists all"),
        ("key = \"status\"", "key = \"phone_number\"", "mine.toml, column phone_number: is described twice"),
        ("key = \"status\"", "kind = \"date\"\nkey = \"status\"", "unknown field `kind`"),
        ("width = 15", "width = 0", "a width of 0 characters cannot be"),
        ("caption = \"Status\"", "caption = \" \"", "mine.toml, column status: has no caption"),
        ("shown = [", "shown = [\"colour\", ", "mine.toml, shown: there is no column 'colour'"),
        ("shown = [", "shown = [\"status\", ", "mine.toml, shown: column 'status' is named twice"),
        ("needs_you = [", "needs_you = [\"colour\", ", "mine.toml, lists.needs_you: there is no column 'colour'"),
        ("meaning = ", "colour = 1\nmeaning = ", "unknown field `colour`"),
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
