//! A report in several files: for formats that hold fewer rows in one of them than the report has, and for lists beside the numbers.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::report::rows::{LazyTable, NOT_SHOWN};
use crate::report::words::fill;
use crate::report::{Content, Cover, Report, Section, SectionId, Volume};

impl Report {
    /// The files that the report takes where one holds at most `rows_of_a_file` (at least 1) rows of the numbers: their names,
    /// `STEM.ENDING`, `STEM-2.ENDING` and so on, and what stands in each. The first has all sections, the others the numbers alone.
    pub fn volumes(&self, rows_of_a_file: usize, stem: &str, ending: &str) -> Vec<(String, Cow<'_, Self>)> {
        let rows = self.numbers.rows;
        let starts: Vec<usize> = (0..rows.max(1)).step_by(rows_of_a_file.max(1)).collect();
        let name = |place: usize| if place == 0 { format!("{stem}.{ending}") } else { format!("{stem}-{}.{ending}", place + 1) };
        let files: Arc<[String]> = (0..starts.len()).map(name).collect();
        if files.len() == 1 {
            return vec![(name(0), Cow::Borrowed(self))];
        }
        let volume = |(place, first): (usize, usize)| {
            let volume = Volume { place, first, files: Arc::clone(&files) };
            let rows = first..(first + rows_of_a_file).min(rows);
            (name(place), Cow::Owned(self.volume(volume, rows)))
        };
        starts.into_iter().enumerate().map(volume).collect()
    }

    /// The list `id` in place of the numbers, if the report has it, with rows.
    pub fn of_list(&self, id: SectionId) -> Option<Self> {
        let list = self.section(id).and_then(|section| self.list(section)).filter(|list| list.rows > 0)?;
        Some(Self { numbers: list.clone(), ..self.clone() })
    }

    /// The file `volume`, with the numbers in `rows`.
    fn volume(&self, volume: Volume, rows: Range<usize>) -> Self {
        let is_here = |section: &&Section| volume.place == 0 || matches!(section.content, Content::Numbers);
        let sections = self.sections.iter().filter(is_here).map(|section| Section {
            content: match &section.content {
                Content::Rows(list) => Content::Rows(linked_within(list, &rows)),
                content => content.clone(),
            },
            ..section.clone()
        });
        let runs = self.groups.iter().enumerate().map(|(index, (label, first))| {
            let end = self.groups.get(index + 1).map_or(self.numbers.rows, |next| next.1);
            (label, *first.max(&rows.start)..end.min(rows.end))
        });
        let groups = runs.filter(|(_, run)| !run.is_empty()).map(|(label, run)| (label.clone(), run.start - rows.start));
        let within = |start: Option<usize>| start.filter(|row| rows.contains(row)).map(|row| row - rows.start);
        let [file, files] = [volume.place + 1, volume.files.len()].map(|count| self.words.thousands(count as u64));
        let title = fill(&self.words.volume_title, &[("title", &self.cover.title), ("file", &file), ("files", &files)]);
        Self {
            cover: Cover { title, ..self.cover.clone() },
            sections: sections.collect(),
            groups: groups.collect(),
            status_starts: self.status_starts.map(within),
            numbers: self.numbers.part(rows),
            volume: Some(volume),
            ..self.clone()
        }
    }
}

/// `list` with links to those numbers alone that are in `rows` of all.
fn linked_within(list: &LazyTable, rows: &Range<usize>) -> LazyTable {
    let within = |row: &u32| if rows.contains(&(*row as usize)) { row - rows.start as u32 } else { NOT_SHOWN };
    LazyTable { links: list.links.as_ref().map(|links| links.iter().map(within).collect()), ..list.clone() }
}
