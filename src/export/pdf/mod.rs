//! Writes the report as a PDF: first pages with the sections that the template places there, then the table of numbers.

mod annotations;
mod blocks;
mod chart;
mod colour_profile;
mod content;
pub mod document_layout;
mod file;
mod fonts;
mod glyph_codes;
mod image;
mod links;
mod lists;
mod marks;
mod missing;
mod operands;
mod outline;
mod page_chrome;
mod pages;
mod paint;
mod static_content;
mod structure;
mod summary;
mod table;
mod tagged_table;
mod text_lines;
mod used_glyphs;
mod weight;

use std::io::Write;

use crate::domain::note::Note;
use crate::domain::text::{numbered, thousands};
use crate::error::{Place, Result};
use crate::export::exporter::{Isolation, PdfTags};
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::{Report, SectionId};

use document_layout::{Layout, TAGGED_ROWS};
use file::PdfFile;

/// The PDF format.
pub struct Pdf;

impl Exporter for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        let is_right = |section: SectionId, place: &str| match section {
            SectionId::Numbers => false,
            section if section.is_list() => place == lists::PLACE,
            _ => summary::PLACES.contains(&place),
        };
        let wrong = places.iter().find(|(section, place)| !is_right(*section, place));
        wrong.map_or(Ok(()), |(section, place)| match section {
            SectionId::Numbers => Err("the numbers follow the other pages: take pdf out of formats of the section numbers".to_owned()),
            section if section.is_list() => {
                Err(format!("a list is not on the first pages: write \"{}\" in formats of the section {}", lists::PLACE, section.code()))
            }
            _ => Err(format!("'{place}' of the section {} is none of {}", section.code(), summary::PLACES.join(", "))),
        })
    }

    fn isolation(&self) -> Isolation {
        Isolation::Canary
    }

    fn rows_of_a_file(&self, options: &Options) -> usize {
        if options.pdf_tags == PdfTags::InVolumes { TAGGED_ROWS } else { usize::MAX }
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let faces = options.fonts.faces()?;
        let layout = Layout::new(report, options, faces)?;
        let mut file = PdfFile::begin(out)?;
        let drawn = pages::write(&mut file, report, &layout, faces, &options.written)?;
        file.finish(drawn.catalog, drawn.information, &report.subject())?;
        let (one, many) = (
            "cell longer than 32,767 characters is cut; the CSV has it whole",
            "cells longer than 32,767 characters are cut; the CSV has them whole",
        );
        let untagged = (!layout.is_tagged && options.pdf_tags == PdfTags::UsualLength).then(|| {
            let rows = thousands(TAGGED_ROWS as u64);
            let text =
                format!("a PDF of more than {rows} rows does not say what its parts are, which screen readers want; several files do");
            let mut note = Note::from(text);
            note.remedy = Some(Place::option("pdf_volumes"));
            note
        });
        let cut = (drawn.cut > 0).then(|| numbered(drawn.cut, one, many));
        let wider = layout.is_wider.then(|| {
            let columns = report.numbers.columns.len();
            let mut note = Note::from(format!("{columns} columns are set on paper of 11 by 17 inches, where a row takes fewer lines"));
            note.remedy = Some(Place::option("paper"));
            note
        });
        let notes = drawn.missing.note().into_iter().chain(cut.map(Note::from)).chain(untagged).chain(wider).collect();
        Ok(ExportSummary { rows: drawn.rows, pages: Some(layout.pages() as u64), notes })
    }
}
