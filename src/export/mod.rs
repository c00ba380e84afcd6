//! One module a format: a finished report and a writer in, bytes out. Exporters know nothing else.

pub mod cell_words;
pub mod cells;
pub mod chunks;
pub mod csv;
pub mod document;
pub mod docx;
pub mod exporter;
pub mod guard;
pub mod html;
pub mod json;
mod json_read;
pub mod json_rows;
pub mod jsonl;
pub mod layout;
pub mod mail;
pub mod markup;
pub mod ods;
pub mod package;
pub mod parquet;
pub mod parquet_arrays;
mod parquet_read;
pub mod pdf;
pub mod places;
pub mod read_back;
pub mod schema;
mod sheet_names;
pub mod text_table;
pub mod typed;
pub mod xlsx;
pub mod xml;
mod xml_read;
pub mod xml_text;

use crate::error::{Error, Place, Result};
pub use crate::export::exporter::{ExportSummary, Exporter, Options, RowsWritten};
use crate::report::section_spec::SectionSpec;

/// The formats. A new one is a module and a line here.
pub const FORMATS: &[&dyn Exporter] = &[
    &csv::Csv,
    &xlsx::Xlsx,
    &pdf::Pdf,
    &html::Html,
    &docx::Docx,
    &ods::Ods,
    &json::Json,
    &jsonl::Jsonl,
    &xml::Xml,
    &parquet::Parquet,
    &text_table::TextTable,
];

/// The formats that a folder gets where none are asked for.
pub const USUAL_FORMATS: &[&dyn Exporter] = &[&csv::Csv, &xlsx::Xlsx, &pdf::Pdf];

/// Checks where a template, named `file` in errors, places its sections in each format.
///
/// # Errors
/// [`Error::config`] for a format that does not exist, or a place that the format does not have.
pub fn check_places(sections: &[SectionSpec], file: &str) -> Result<()> {
    for (section, name) in sections.iter().flat_map(|section| section.formats.keys().map(move |name| (section, name))) {
        if format(name).is_none_or(|format| format.name() != name) {
            let place = Place::entry(file, format!("section {}", section.id.code()));
            return Err(Error::config(place, format!("'{name}' is not a format"), format!("formats are {}", format_names().join(", "))));
        }
    }
    for format in FORMATS {
        let places: Vec<_> =
            sections.iter().filter_map(|section| Some((section.id, section.formats.get(format.name())?.as_str()))).collect();
        let refused = |help| Error::config(Place::entry(file, "sections"), format!("places in {} are not usable", format.name()), help);
        format.check_places(&places).map_err(refused)?;
    }
    Ok(())
}

/// The format called `name` (any case), if there is one.
pub fn format(name: &str) -> Option<&'static dyn Exporter> {
    FORMATS.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name))
}

/// The names of all formats.
pub fn format_names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name()).collect()
}
