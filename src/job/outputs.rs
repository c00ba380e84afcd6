//! The outputs of a job: staged before a row is read, written side by side, published together.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::actions::events_file::EventsFile;
use crate::clock::AsOf;
use crate::deliver::folder::FileId;
use crate::deliver::manifest::Artifact;
use crate::deliver::output_writer::OutputWriter;
use crate::deliver::publish::place_of;
use crate::deliver::staged::Finished;
use crate::deliver::standard;
use crate::deliver::{Delivery, Folder, RunFiles, Staged, Tree, name, rejects};
use crate::domain::text::{numbered, thousands};
use crate::error::{Error, Place, Result};
use crate::export::{ExportSummary, Exporter, Options};
use crate::job::built_report::BuiltReport;
use crate::job::output_files::{FilesOf, Written, write_file, write_reports};
use crate::job::sealed::{ARCHIVE, Seal};
use crate::job::spec::DeliverySpec;
use crate::job::{Destination, Progress};
use crate::report::{Report, SectionId};
use crate::source::{Orders, Reject};

/// Everything a job will write, with a private file open for each.
pub struct Outputs {
    delivery: Delivery,
    /// The formats, each with its file; none of them has one if they go to standard output.
    reports: Vec<(&'static dyn Exporter, Option<Staged>)>,
    /// The lists beside a format.
    beside: Vec<(&'static dyn Exporter, SectionId, Staged)>,
    /// Names that this run was to have and does not need.
    obsolete: Vec<(Arc<Folder>, String)>,
    rejects: Option<Staged>,
    rejects_always: bool,
    events: Option<EventsOutput>,
    manifest: Option<Staged>,
    seal: Option<Seal>,
}

/// A file of events, and what is added to it.
struct EventsOutput {
    file: EventsFile,
    staged: Staged,
    /// The rows to add, as they are written, and how many they are.
    added: (String, u64),
}

/// Finished outputs, none of them published yet.
pub struct Ready {
    delivery: Delivery,
    files: Vec<Finished>,
    manifest: Option<Staged>,
    obsolete: Vec<(Arc<Folder>, String)>,
    /// Folders of reports, and names of files in them that an earlier run may have left.
    tree: Option<(Tree, Vec<String>)>,
    events: Option<EventsFile>,
    /// What the manifest says of them.
    pub listed: Vec<Artifact>,
}

impl Outputs {
    /// Opens the folders of `spec` and makes a private file for each of `formats`, for what changed where the report is compared with
    /// an earlier one, for the rejects and the manifest, so that a place that cannot be written to is known before a row is read.
    ///
    /// # Errors
    /// What the folders and names are refused for.
    pub fn stage(spec: &DeliverySpec, formats: &[&'static dyn Exporter], as_of: AsOf, run: &RunFiles, inputs: Vec<FileId>) -> Result<Self> {
        if spec.destination == Destination::Standard {
            standard::refuse_unfit(&inputs)?;
        }
        let mut delivery = Delivery::new(run, inputs);
        let (folder, stem) = match &spec.destination {
            Destination::Folder(folder) => (Some(folder.as_path()), name::stem(&spec.stem, as_of)),
            Destination::File { folder, stem } => (Some(folder.as_path()), stem.clone()),
            Destination::Standard => (None, String::new()),
        };
        let mut reports = Vec::new();
        for format in formats {
            let staged = folder.map(|folder| delivery.stage(folder, &format!("{stem}.{}", format.name()))).transpose()?;
            reports.push((*format, staged));
        }
        let mut beside = Vec::new();
        for (folder, format) in folder.into_iter().flat_map(|folder| formats.iter().map(move |format| (folder, *format))) {
            for list in format.lists_beside() {
                beside.push((format, *list, delivery.stage(folder, &name_beside(&stem, *list, format))?));
            }
        }
        let rejects_place = match &spec.rejects {
            Some(path) => Some(name::split(path)?),
            None => folder.map(|folder| (folder.to_path_buf(), format!("{stem}.rejects.csv"))),
        };
        let rejects = rejects_place.map(|(folder, name)| delivery.stage(&folder, &name)).transpose()?;
        let manifest = folder.map(|folder| delivery.stage(folder, &format!("{stem}.manifest.json"))).transpose()?;
        let seal = match folder.zip(spec.password.as_ref()) {
            Some((folder, password)) => {
                Some(Seal { password: password.clone(), archive: delivery.stage(folder, &format!("{stem}.{ARCHIVE}"))? })
            }
            None => None,
        };
        let (obsolete, rejects_always) = (Vec::new(), spec.rejects.is_some());
        Ok(Self { delivery, reports, beside, obsolete, rejects, rejects_always, events: None, manifest, seal })
    }

    /// Makes a private tree of folders in `folder`.
    ///
    /// # Errors
    /// What the system refused.
    pub fn tree(&mut self, folder: &Path) -> Result<Tree> {
        self.delivery.tree(folder)
    }

    /// Writes what stands beside the folders of `tree`: the rejects, all of `orders`, if a file was named for them. Files of the
    /// tree's folders that are called as `obsolete` names and that it does not have go when it is published.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write_beside(self, tree: Tree, obsolete: Vec<String>, orders: &Orders, options: &Options) -> Result<Ready> {
        // Rejects of nobody in particular would tell everybody of all.
        let listed = if self.rejects_always { None } else { Some(Vec::new()) };
        let written = self.write_files(Vec::new(), options, (orders, listed.as_deref()))?;
        Ok(Ready { tree: Some((tree, obsolete)), ..written })
    }

    /// Makes a private file for what `file` becomes, so that a place that cannot be written to is known before a row is read.
    ///
    /// # Errors
    /// What the folder and the name are refused for.
    pub fn stage_events(&mut self, file: EventsFile) -> Result<()> {
        let (folder, name) = name::split(&file.path)?;
        let staged = self.delivery.stage(&folder, &name)?;
        self.events = Some(EventsOutput { file, staged, added: Default::default() });
        Ok(())
    }

    /// Adds what `rows` make of the file of events, if there is one.
    ///
    /// # Errors
    /// Those of `rows`.
    pub fn add_events(&mut self, rows: impl FnOnce(&EventsFile) -> Result<(String, u64)>) -> Result<()> {
        if let Some(events) = &mut self.events {
            events.added = rows(&events.file)?;
        }
        Ok(())
    }

    /// Writes the report that was `built` in every format, side by side, the lists beside them, and the rejects when there are any (or a file was named for them): all of
    /// `orders`, or, where no file was named, those `listed` if the report may not list all. `progress` is told how many rows are written of those of all formats.
    ///
    /// # Errors
    /// The first format's that failed; [`Error::internal`] when a format wrote other rows than the report has.
    pub fn write(
        mut self,
        built: &BuiltReport,
        options: &Options,
        rejects: (&Orders, Option<&[Reject]>),
        progress: &dyn Progress,
    ) -> Result<Ready> {
        let staged = std::mem::take(&mut self.reports);
        let reports =
            staged.into_iter().map(|(format, staged)| self.volumes(format, staged, built.of(format), options)).collect::<Result<_>>()?;
        let mut written = write_reports(reports, built.report.numbers.rows, options, progress);
        written.extend(self.write_lists(built, options));
        self.write_files(written, options, rejects)
    }

    /// Writes those lists of the report `built` that stand beside a format and have rows.
    fn write_lists(&mut self, built: &BuiltReport, options: &Options) -> Vec<Result<Written>> {
        let mut written = Vec::new();
        for (format, id, staged) in std::mem::take(&mut self.beside) {
            match built.of(format).of_list(id) {
                // Its rows are not among those whose writing is watched.
                Some(list) => written.push(write_file(staged, id.code(), |out| format.export(&list, &options.unwatched(), out))),
                None => self.obsolete.push((Arc::clone(&staged.target.folder), staged.target.name.clone())),
            }
        }
        written
    }

    /// The files that `report` takes in `format`, the first of which is `staged`.
    fn volumes<'a>(
        &mut self,
        format: &'static dyn Exporter,
        staged: Option<Staged>,
        report: &'a Report,
        options: &Options,
    ) -> Result<FilesOf<'a>> {
        let rows_of_a_file = format.rows_of_a_file(options);
        let Some(staged) = staged else {
            if report.numbers.rows > rows_of_a_file {
                let [one, all] = [rows_of_a_file, report.numbers.rows].map(|rows| thousands(rows as u64));
                let what = format!("a file holds {one} rows, and {all} need several");
                let help = "standard output is one: ask for a page of them, or name a file or a folder";
                return Err(Error::data(format.name(), what, help).with_remedy(Place::option("out")));
            }
            return Ok((format, vec![(None, Cow::Borrowed(report))]));
        };
        let (folder, name) = (staged.target.folder.path_of(""), staged.target.name.clone());
        let stem = name.strip_suffix(&format!(".{}", format.name())).unwrap_or(&name);
        let mut files = vec![Some(staged)];
        let volumes = report.volumes(rows_of_a_file, stem, format.name());
        for (name, _) in &volumes[1..] {
            files.push(Some(self.delivery.stage(&folder, name)?));
        }
        Ok((format, files.into_iter().zip(volumes.into_iter().map(|(_, report)| report)).collect()))
    }

    /// Writes what stands beside the reports, which are `done`.
    fn write_files(
        self,
        mut done: Vec<Result<Written>>,
        options: &Options,
        (orders, listed): (&Orders, Option<&[Reject]>),
    ) -> Result<Ready> {
        let rejects = listed.filter(|_| !self.rejects_always).unwrap_or(&orders.rejects);
        let origins = &orders.origins;
        let home = self.manifest.as_ref().map(|manifest| Arc::clone(&manifest.target.folder));
        // A manifest lists files beside it by their names, others by their places.
        let is_elsewhere = |staged: &Staged| home.as_ref().is_some_and(|home| !Arc::ptr_eq(home, &staged.target.folder));
        let mut obsolete = self.obsolete;
        match self.rejects {
            Some(staged) if rejects.is_empty() && !self.rejects_always => {
                obsolete.push((Arc::clone(&staged.target.folder), staged.target.name.clone()));
            }
            Some(staged) => {
                let is_elsewhere = is_elsewhere(&staged);
                let written = write_file(staged, "rejects", |out| {
                    let rows = rejects::write(out, rejects, origins, options.csv_guard)?;
                    Ok(ExportSummary { rows, ..ExportSummary::default() })
                });
                done.push(written.map(|written| placed(written, is_elsewhere)));
            }
            None => {}
        }
        let mut events = None;
        if let Some(EventsOutput { file, staged, added: (added, rows) }) = self.events.filter(|events| events.added.1 > 0) {
            let (is_elsewhere, kept) = (is_elsewhere(&staged), file.bytes()?);
            let (finished, artifact) = write_file(staged, "events", |out| {
                // A refused write is remembered by the writer and reported when it is finished.
                let _ = out.write_all(&kept).and_then(|()| out.write_all(added.as_bytes()));
                Ok(ExportSummary { rows, ..ExportSummary::default() })
            })?;
            let finished = finished.map(Finished::with_earlier_permissions).transpose()?;
            done.push(Ok(placed((finished, artifact), is_elsewhere)));
            events = Some(file);
        }
        let done = done.into_iter().collect::<Result<Vec<_>>>()?;
        let done = match self.seal {
            Some(seal) => seal.seal(done)?,
            None => done,
        };
        let (files, listed): (Vec<_>, _) = done.into_iter().unzip();
        let files = files.into_iter().flatten().collect();
        Ok(Ready { delivery: self.delivery, files, manifest: self.manifest, obsolete, tree: None, events, listed })
    }
}

impl Ready {
    /// Waits until no other run is publishing in the same folders; none is from then on.
    ///
    /// # Errors
    /// [`Error::try_later`] that names who is, when it takes too long, and when somebody wrote to the file of events meanwhile.
    pub fn lock(&mut self) -> Result<()> {
        self.delivery.lock()?;
        self.events.as_ref().map_or(Ok(()), |events| events.bytes().map(drop))
    }

    /// What happened besides, for the part of the manifest that is not hashed.
    pub fn notes(&self) -> Vec<String> {
        let one = "unfinished file of a run that ended early was removed";
        let many = "unfinished files of runs that ended early were removed";
        let cleared = self.delivery.cleared;
        let cleared = (cleared > 0).then(|| numbered(cleared as u64, one, many));
        let mut left = self
            .manifest
            .as_ref()
            .map(|manifest| self.delivery.left_over(self.listed.iter().map(|listed| listed.file.as_str()), &manifest.target))
            .unwrap_or_default();
        for (folder, name) in &self.obsolete {
            let obsolete = folder.path_of(name).display().to_string();
            left.retain(|path| *path != obsolete);
        }
        if let Some((_, obsolete)) = &self.tree {
            // What is called so goes from the folders that this run has.
            let folders: BTreeSet<&Path> = self.listed.iter().filter_map(|listed| listed.path.as_deref()?.parent()).collect();
            let goes = |path: &Path| {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                name.is_some_and(|name| obsolete.contains(&name)) && path.parent().is_some_and(|folder| folders.contains(folder))
            };
            left.retain(|path| !goes(Path::new(path)));
        }
        let left = (!left.is_empty()).then(|| format!("of an earlier run and left as it was, not part of this one: {}", left.join(", ")));
        let created = self.delivery.new_folders().into_iter().map(|folder| format!("created the folder {folder}"));
        cleared.into_iter().chain(left).chain(created).collect()
    }

    /// Publishes everything, `manifest` last; the file of it, unless the report went to standard output.
    ///
    /// # Errors
    /// What the system refused; nothing is published then.
    pub fn publish(self, manifest: &str) -> Result<Option<Artifact>> {
        let write = |out: &mut OutputWriter| {
            // A refused write is remembered by the writer and reported when it is finished.
            let _ = out.write_all(manifest.as_bytes());
            Ok(ExportSummary::default())
        };
        let written = self.manifest.map(|staged| write_file(staged, "manifest", write)).transpose()?;
        let (file, artifact) = written.unzip();
        let tree = self.tree.as_ref().map(|(tree, obsolete)| (tree, obsolete.as_slice()));
        self.delivery.publish_tree(tree, self.files, file.flatten(), self.obsolete)?;
        Ok(artifact)
    }
}

/// What was written, named as the manifest names it.
fn placed((file, artifact): Written, is_elsewhere: bool) -> Written {
    match &artifact.path {
        Some(path) if is_elsewhere => (file, Artifact { file: place_of(path), ..artifact }),
        _ => (file, artifact),
    }
}

/// What a list beside the file `STEM.ENDING` of `format` is called.
pub fn name_beside(stem: &str, list: SectionId, format: &dyn Exporter) -> String {
    format!("{stem}.{}.{}", list.code(), format.name())
}
