//! A report's template: every word, column and section of it, checked whole when read; what it leaves out is the shipped one's.

use std::path::Path;
use std::sync::Arc;

use crate::domain::columns::{ColumnDef, ColumnType, column};
use crate::domain::date::text::DateStyle;
use crate::domain::status::{NumberType, Spelling};
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::report::amounts::Amounts;
use crate::report::glossary::{Glossary, QUALITY_FLAGS};
use crate::report::logo::{Logo, check_name};
use crate::report::look::Look;
use crate::report::palette::Palette;
use crate::report::section_spec::{self, SectionId, SectionSpec};
use crate::report::table::Term;
pub use crate::report::template_layer::{ColumnSpec, Limits};
use crate::report::template_layer::{HELP, Layer, TemplateFile, unknown_column};
use crate::report::template_position::located;
use crate::report::words::Words;
use crate::select::Query;
use crate::select::names::Names;
use crate::source::Orders;
use crate::templates::{self, Templates};

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The title of the report.
    pub title: String,
    /// The language of its words, as in `en-US`.
    pub language: String,
    /// The notice of every page.
    pub notice: String,
    /// The whole notice, one paragraph each.
    pub caveats: Vec<String>,
    /// The keys of the columns shown when none are asked for.
    pub shown: Vec<&'static str>,
    /// The columns the template describes.
    pub columns: Vec<ColumnSpec>,
    /// The sections, in order.
    pub sections: Vec<SectionSpec>,
    /// The words that belong to no section.
    pub words: Words,
    /// The words for the values of closed lists.
    pub terms: Glossary,
    /// How long is long, and how much a page holds.
    pub limits: Limits,
    /// How a report looks.
    pub look: Look,
    /// The amounts of a forecast.
    pub amounts: Amounts,
    /// Which rows, in which order, where the reader does not say.
    pub query: Query,
}

/// The name of the template that is shipped.
pub const STANDARD_TEMPLATE: &str = "partner-port-status";
/// The name of the template of a report whose rows are requests.
pub const REQUESTS_TEMPLATE: &str = "requests";
const SHIPPED: &str = "reports/partner-port-status.toml";

/// Templates that extend one another at most.
const MAX_LAYERS: usize = 8;

impl Template {
    /// Reads the template called `name` (`partner-port-status`).
    ///
    /// # Errors
    /// Those of [`Template::parse`], and [`Error::config`] when there is none of that name.
    pub fn load(templates: &Templates, name: &str) -> Result<Self> {
        let file = format!("reports/{name}.toml");
        Self::beside(templates, &templates.text(&file)?, &file, None)
    }

    /// Reads a template; `file` names it in errors. What it leaves out is taken from the template that it extends, else from
    /// the shipped one.
    ///
    /// # Errors
    /// [`Error::config`] for text that is not TOML, unknown settings, words, sections or terms, unknown or repeated
    /// columns, an empty caption, a width outside 1 to 200, colours that cannot be read on each other, nothing to show, or a
    /// query that cannot be asked.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        Self::beside(&Templates::default(), text, file, None)
    }

    /// Reads the text of the template `file`, which need not be one of `templates` but may extend them. Its logo is in `folder`, or
    /// else where the templates of reports are.
    ///
    /// # Errors
    /// Those of [`Template::parse`], and [`Error::config`] for a template that it extends and that does not exist.
    pub fn beside(templates: &Templates, text: &str, file: &str, folder: Option<&Path>) -> Result<Self> {
        Self::read((text, file), templates, folder).map_err(|error| located(error, text, file))
    }

    fn read((text, file): (&str, &str), templates: &Templates, folder: Option<&Path>) -> Result<Self> {
        let mut layers = vec![Layer::read(text, file)?];
        let own = layers[0].template.colours;
        let folder = folder.filter(|_| layers[0].template.logo.is_some());
        while let Some(base) = layers.last().and_then(|layer| layer.template.extends.clone()) {
            if layers.len() > MAX_LAYERS {
                let what = format!("extends more than {MAX_LAYERS} templates, one after the other");
                return Err(Error::config(file, what, "check that none of them extends itself"));
            }
            let known = templates.names("reports");
            if !known.contains(&base) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let what = format!("there is no template '{base}'");
                return Err(Error::config(Place::entry(file, "extends"), what, suggestion(&base, &known)));
            }
            let base = format!("reports/{base}.toml");
            layers.push(Layer::read(&templates.text(&base)?, &base)?);
        }
        let shipped = Layer::read(&Templates::default().text(SHIPPED)?, SHIPPED)?;
        let whole = layers.into_iter().rev().fold(shipped, |base, layer| layer.over(base));
        let Layer { template: TemplateFile { words, terms, shown, .. }, .. } = &whole;
        let shown = keys(shown.as_deref().unwrap_or_default(), "shown", file)?;
        let (words, terms) = (words.clone().whole(whole.template.date_order.unwrap_or_default()), Glossary::new(terms, file)?);
        let Layer { template: given, columns } = whole;
        let palette = given.colours.over(Palette::default());
        own.check(palette, file)?;
        let logo = logo(given.logo.as_deref(), given.logo_text, file, &|name| match folder {
            Some(folder) => templates::read_picture(folder, name),
            None => templates.picture(&format!("reports/{name}")),
        })?;
        let made = || {
            Some(Self {
                title: given.title?,
                language: given.language?,
                notice: given.notice?,
                caveats: given.caveats?,
                sections: with_spreadsheets(given.sections?),
                limits: given.limits?,
                look: Look { palette, page: given.page, logo: logo.map(Arc::new) },
                amounts: given.forecast,
                query: given.query.unwrap_or_default(),
                words: words?,
                shown,
                terms,
                columns,
            })
        };
        let template = made().ok_or_else(|| Error::config(SHIPPED, "leaves out what every report needs", HELP))?;
        template.check(file)?;
        Ok(template)
    }

    fn check(&self, file: &str) -> Result<()> {
        section_spec::check(&self.sections, file)?;
        self.limits.check(file)?;
        self.amounts.check(file)?;
        for section in self.sections.iter().filter(|section| section.id.has_columns()) {
            keys(&section.columns, &format!("section {}", section.id.code()), file)?;
        }
        if self.title.trim().is_empty() {
            return Err(Error::config(Place::entry(file, "title"), "is empty", "name the report"));
        }
        let place = || Place::entry(file, "query");
        if !self.query.columns.is_empty() || self.query.page.or(self.query.page_size).is_some() {
            return Err(Error::config(
                place(),
                "names columns or a page",
                "columns are named under 'shown', a page is for its reader to name",
            ));
        }
        self.query.check(&self.names()).map(drop).map_err(|error| error.in_config(place()))
    }

    /// The same template for a report of `operator` (empty where none is set) that spells canceled orders so.
    #[must_use]
    pub fn adapted(mut self, operator: &str, spelling: Spelling) -> Self {
        self.notice = named(&self.notice, operator);
        self.caveats = self.caveats.iter().map(|caveat| named(caveat, operator)).collect();
        self.terms = self.terms.spelled(spelling);
        self
    }

    /// The same template for rows of `orders`: where a database left out some, flags that look across rows say so.
    #[must_use]
    pub fn for_rows_of(mut self, orders: &Orders) -> Self {
        if orders.is_restricted() {
            self.terms = self.terms.within_rows_read(&self.words.within_rows_read);
        }
        self
    }

    /// The same template without the sections that none of `formats`, by their names, shows, so that they are not made. With
    /// `all_data`, one of them shows every section that holds data.
    #[must_use]
    pub fn shown_in(mut self, formats: &[&str], all_data: bool) -> Self {
        let is_placed = |section: &SectionSpec| formats.iter().any(|format| section.formats.contains_key(*format));
        self.sections.retain(|section| all_data && section.id.holds_data() || is_placed(section));
        self
    }

    /// The same with ISO days in its sentences, for programs.
    #[must_use]
    pub fn with_iso_days(mut self) -> Self {
        self.words.dates = DateStyle::Iso;
        self
    }

    /// The same with those of `sections` alone: a report of them costs what they do.
    #[must_use]
    pub fn with_sections(mut self, sections: &[SectionId]) -> Self {
        self.sections.retain(|section| sections.contains(&section.id));
        self
    }

    /// Whether it has the section `id`.
    pub fn has_section(&self, id: SectionId) -> bool {
        self.sections.iter().any(|section| section.id == id)
    }

    /// The names that columns and their values go by in a report of this template.
    pub fn names(&self) -> Names {
        let captions = self.columns.iter().map(|column| (column.key, column.caption.clone())).collect();
        let terms = |column: &ColumnSpec| {
            let terms: Vec<String> = self.column(column.key)?.terms.iter().map(|term| term.caption.clone()).collect();
            (!terms.is_empty()).then_some((column.key, terms))
        };
        let terms = self.columns.iter().filter_map(terms).collect();
        Names { captions, defaults: self.shown.clone(), terms, parts: self.words.parts() }
    }

    /// The term of a closed list with this code, or the one that is not known.
    pub fn term(&self, list: &'static str, code: Option<&str>) -> Term {
        let unknown = || Term { list, caption: self.words.unknown.clone(), ..Term::default() };
        code.and_then(|code| self.terms.term(list, code)).unwrap_or_else(unknown)
    }

    /// The caption of a number type.
    pub fn number_type(&self, number_type: NumberType) -> String {
        self.terms.term("number_type", number_type.code()).map(|term| term.caption).unwrap_or_default()
    }

    /// The header of column `key`; the key itself where the template describes none.
    pub fn caption<'a>(&'a self, key: &'a str) -> &'a str {
        self.columns.iter().find(|column| column.key == key).map_or(key, |column| &column.caption)
    }

    /// How column `key` is shown.
    pub fn column(&self, key: &str) -> Option<ColumnSpec> {
        let mut spec = self.columns.iter().find(|column| column.key == key).cloned()?;
        let flag = |code: &str, caption: &String| Term { code: code.to_owned(), caption: caption.clone(), ..Term::default() };
        spec.terms = match spec.kind {
            ColumnType::Bool => [flag("no", &self.words.no), flag("yes", &self.words.yes)].into(),
            // Of the flags a cell may hold several.
            _ if spec.key == QUALITY_FLAGS => Arc::default(),
            // A status or detail that is not known comes after the last.
            ColumnType::Status | ColumnType::Choice if matches!(spec.key, "status" | "detail") => {
                let unknown = Term { list: if spec.key == "status" { "status" } else { "detail" }, ..flag("", &self.words.unknown) };
                self.terms.terms(spec.key).iter().cloned().chain([unknown]).collect()
            }
            _ => self.terms.terms(spec.key),
        };
        Some(spec)
    }
}

/// The same sections, each on the sheet of a spreadsheet (ods) that it has in a workbook, where nothing else is said.
fn with_spreadsheets(mut sections: Vec<SectionSpec>) -> Vec<SectionSpec> {
    for section in &mut sections {
        if let Some(sheet) = section.formats.get("xlsx").filter(|_| !section.formats.contains_key("ods")).cloned() {
            section.formats.insert("ods".to_owned(), sheet);
        }
    }
    sections
}

/// `text` with the operator's name in place of `{operator}`. What stands in brackets is left out where there is no
/// name; a name such as "Acme, Inc." brings the stop of the sentence it ends.
fn named(text: &str, operator: &str) -> String {
    let mut pieces = text.split('[');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(']').filter(|(part, _)| part.contains("{operator}")) {
            Some((part, after)) => out.extend([if operator.is_empty() { "" } else { part }, after]),
            None => out.extend(["[", piece]),
        }
    }
    let unstopped = operator.trim_end_matches('.');
    out.replace("{operator}.", &format!("{unstopped}.")).replace("{operator}", operator)
}

/// The logo in the file called `name`, which `read` reads; none where there is no name or an empty one.
fn logo(
    name: Option<&str>,
    text: Option<String>,
    file: &str,
    read: &dyn Fn(&str) -> std::result::Result<Vec<u8>, String>,
) -> Result<Option<Logo>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    check_name(name, file)?;
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let help = "write logo_text = \"the name of the company\" for those who do not see it";
        return Err(Error::config(Place::entry(file, "logo"), "has no words beside it", help));
    };
    let refused = |what: &str, help: &str| Error::config(Place::entry(file, "logo"), format!("the picture '{name}' {what}"), help);
    let bytes = read(name).map_err(|what| refused(&what, "put a PNG or JPEG of at most 1 MiB beside the template"))?;
    Logo::read(bytes, text).map(Some).map_err(|(what, help)| refused(&what, help))
}

fn keys(written: &[String], list: &str, file: &str) -> Result<Vec<&'static str>> {
    let place = Place::entry(file, list);
    let mut keys = Vec::with_capacity(written.len());
    for key in written {
        let shown = column(key).filter(|column| column.is_in_reports());
        let key = shown.ok_or_else(|| unknown_column(&place, key, ColumnDef::is_in_reports))?.key;
        if keys.contains(&key) {
            return Err(Error::config(place, format!("column '{key}' is named twice"), "name each column once"));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(Error::config(place, "names no column", "name at least one"));
    }
    Ok(keys)
}
