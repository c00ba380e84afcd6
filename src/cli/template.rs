//! `portstatus template`: lists the templates of reports, writes one to begin with, checks one, and prints their JSON Schema.

use std::path::Path;

use serde_json::json;

use crate::cli::args::{TemplateAction, TemplateArgs};
use crate::cli::list;
use crate::cli::starter::write_starter;
use crate::cli::terminal::plain;
use crate::deliver::{RunFiles, standard};
use crate::domain::text::{counted, fill};
use crate::error::Result;
use crate::export::format_names;
use crate::job::prepare::checked_template_file;
use crate::report::template::Template;
use crate::report::template_schema::schema;
use crate::templates::Templates;

/// The file that is meant where none is named.
const USUAL_FILE: &str = "templates/reports/my-report.toml";

/// The template that is written to begin with.
const STARTER: &str = "starters/report.toml";

/// Does what `args` ask for.
///
/// # Errors
/// [`crate::error::Error::config`], with line and column, for what is wrong with the file;
/// [`crate::error::Error::cannot_create`] for one that is there already.
pub fn run(args: &TemplateArgs, files: &RunFiles) -> Result<()> {
    let templates = Templates::new(args.list.templates.as_deref())?;
    let file = args.file.as_deref().unwrap_or(Path::new(USUAL_FILE));
    match args.action {
        None => {
            let row = |name: String| Template::load(&templates, &name).map(|template| json!({ "name": name, "title": template.title }));
            let rows = templates.names("reports").into_iter().map(row).collect::<Result<_>>()?;
            list::print(&["name", "title"], rows, args.list.json)
        }
        Some(TemplateAction::Init) => init(file, args.list.json, files),
        Some(TemplateAction::Check) => check(file, &templates, args.list.json),
        Some(TemplateAction::Schema) => standard::print(&format!("{:#}\n", schema(&format_names()))),
    }
}

/// The name by which a report asks for the template in `file`.
fn name_of(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn init(file: &Path, as_json: bool, files: &RunFiles) -> Result<()> {
    let name = name_of(file);
    let text = fill(&Templates::default().text(STARTER)?, &[("template_name", &name)]);
    write_starter(file, &text, "template", files)?;
    let shown = file.display().to_string();
    if as_json {
        return standard::print(&format!("{}\n", json!({ "file": shown })));
    }
    // Templates are found by their names in the folder "reports" of a folder of templates.
    let folder = file.parent().filter(|folder| folder.ends_with("reports")).map(|folder| folder.parent().unwrap_or(folder));
    let folder = folder.map(|folder| if folder == Path::new("") { ".".to_owned() } else { folder.display().to_string() });
    let used = match folder {
        Some(folder) => format!("portstatus report INPUT… --templates {folder} --template {name}"),
        None => format!("put it into FOLDER/reports, and portstatus report INPUT… --templates FOLDER --template {name}"),
    };
    let text = format!("Wrote {shown}: change it, then run portstatus template check {shown}\nTo use it: {used}");
    standard::print(&text.lines().map(|line| format!("{}\n", plain(line))).collect::<String>())
}

fn check(file: &Path, templates: &Templates, as_json: bool) -> Result<()> {
    let path = file.display().to_string();
    let template = checked_template_file(templates, file)?;
    let (columns, sections) = (template.shown.len(), template.sections.len());
    if as_json {
        let value = json!({ "name": name_of(file), "title": template.title, "columns": template.shown, "sections": sections });
        return standard::print(&format!("{value}\n"));
    }
    let counts = format!("{} and {}", counted(columns as u64, "column"), counted(sections as u64, "section"));
    standard::print(&format!("{}: a template without a fault ({}): {counts}\n", plain(&path), plain(&template.title)))
}
