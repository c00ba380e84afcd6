//! Draws the pages, those of the table beside each other, and writes them in order with what they share.

use std::ops::Range;

use pdf_writer::types::{OutputIntentSubtype, TabOrder};
use pdf_writer::{Filter, Finish, Name, Rect, Ref, TextStr};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::export::RowsWritten;
use crate::export::layout::fonts::Faces;
use crate::export::pdf::content::{Content, PageParts};
use crate::export::pdf::document_layout::Layout;
use crate::export::pdf::file::{PdfFile, after};
use crate::export::pdf::glyph_codes::{GlyphCodes, PendingCode};
use crate::export::pdf::links::Link;
use crate::export::pdf::missing::Missing;
use crate::export::pdf::structure::Structure;
use crate::export::pdf::table::{self, Drawn, LongTable};
use crate::export::pdf::used_glyphs::UsedGlyphs;
use crate::export::pdf::{annotations, colour_profile, fonts, image, outline};
use crate::report::Report;
use crate::report::deflate::{deflate, deflate_quickly};
use crate::report::palette::Palette;

/// Pages whose rows are made at once, and those of them that a thread draws: a few megabytes.
const PAGES_TOGETHER: usize = 128;
const PAGES_ALONE: usize = 8;
/// Pages, or nodes, below a node of the tree of pages.
const NODE: usize = 64;
/// The names of the forms that pages share.
const CHROME: &str = "C";
const CAPTIONS: &str = "H";

/// What was written.
pub struct Written {
    /// The number of the catalog.
    pub catalog: Ref,
    /// The number of the dictionary of metadata.
    pub information: Ref,
    /// Rows of the table.
    pub rows: u64,
    /// Characters that no face has.
    pub missing: Missing,
    /// Cells that are cut.
    pub cut: u64,
}

/// The numbers of what all pages refer to.
#[derive(Clone, Copy)]
struct Shared {
    /// The first page; the others follow.
    pages: Ref,
    /// The content of the first page; that of the others follows.
    contents: Ref,
    /// The first of the nodes above pages; the others follow.
    nodes: Ref,
    fonts: Ref,
    resources: Ref,
    chrome: Ref,
    captions: Ref,
    logo: Option<Ref>,
}

/// A page that was drawn.
struct Page {
    /// Its content: compressed, unless glyphs of it wait for their codes.
    content: Vec<u8>,
    pending: Vec<PendingCode>,
    parts: PageParts,
}

impl Page {
    fn of(content: &mut Content) -> Result<Self> {
        let pending = std::mem::take(&mut content.pending);
        let stream = content.stream();
        let bytes = if pending.is_empty() { deflate_quickly(stream)? } else { stream.to_vec() };
        Ok(Self { content: bytes, pending, parts: content.take_parts() })
    }
}

/// Gives the glyphs of `made`, in order, the codes that they wait for, and compresses these pages beside each other.
fn give_codes(codes: &mut GlyphCodes, made: &mut [Pages]) -> Result<()> {
    let mut waiting: Vec<&mut Page> = made.iter_mut().flat_map(|made| &mut made.pages).filter(|page| !page.pending.is_empty()).collect();
    for page in &mut waiting {
        codes.fill(&mut page.content, std::mem::take(&mut page.pending));
    }
    waiting.into_par_iter().try_for_each(|page| {
        page.content = deflate_quickly(&page.content)?;
        Ok(())
    })
}

/// Pages that were drawn, in order, and what they need.
#[derive(Default)]
struct Pages {
    pages: Vec<Page>,
    used: UsedGlyphs,
    missing: Missing,
    drawn: Drawn,
}

/// Writes the pages of `report` and everything that belongs to them.
///
/// # Errors
/// Those of the tables and of the file.
pub fn write(file: &mut PdfFile<'_>, report: &Report, layout: &Layout<'_>, faces: &Faces, written: &RowsWritten) -> Result<Written> {
    let pages = layout.pages();
    let [fonts, resources, chrome, captions] = [0; 4].map(|_| file.reserve(1));
    let (first, contents, nodes) = (file.reserve(pages), file.reserve(pages), file.reserve(pages.div_ceil(NODE)));
    let logo = report.look.logo.as_deref().map(|logo| image::write(file, logo)).transpose()?;
    let shared = Shared { pages: first, contents, nodes, fonts, resources, chrome, captions, logo };
    let mut structure = layout.is_tagged.then(|| Structure::new(file, &layout.long_tables()));
    let mut codes = GlyphCodes::new(faces);
    let (mut used, mut missing) = write_forms(file, (layout, report.look.palette), faces, shared, &mut codes)?;
    let (mut of_lists, mut of_table, mut next) = (Drawn::default(), Drawn::default(), 0);
    let mut take = |mut made: Vec<Pages>, sum: &mut Drawn, written: Option<&RowsWritten>| {
        give_codes(&mut codes, &mut made)?;
        for made in made {
            used.merge(&made.used);
            missing.append(&made.missing);
            sum.add(made.drawn);
            written.into_iter().for_each(|written| written.add(made.drawn.rows));
            for page in made.pages {
                let links = (page.parts.links.as_slice(), file.reserve(page.parts.links.len()));
                write_page(file, layout, shared, next, (&page, links))?;
                annotations::write(file, layout, shared.pages, links, structure.as_ref().map(|structure| pages + structure.links()))?;
                if let Some(structure) = &mut structure {
                    structure.add_page(file, after(shared.pages, next), &page.parts, links.1)?;
                }
                next += 1;
            }
        }
        Ok::<_, Error>(())
    };
    take(vec![draw(report, layout, faces, 0..layout.before())?], &mut of_lists, None)?;
    for start in (layout.before()..pages).step_by(PAGES_TOGETHER) {
        let made = draw_table(report, layout, faces, start..(start + PAGES_TOGETHER).min(pages))?;
        take(made, &mut of_table, Some(written))?;
    }
    let root = write_tree(file, shared, pages)?;
    write_resources(file, faces, (&used, &codes), shared)?;
    let structure = structure.map(|structure| structure.finish(file)).transpose()?;
    let (catalog, information) = write_catalog(file, report, layout, shared, (root, structure))?;
    // A cell that is cut in a list, and in the numbers too, is one cell.
    Ok(Written { catalog, information, rows: of_table.rows, missing, cut: of_lists.cut.max(of_table.cut) })
}

/// Draws the pages before the table.
fn draw(report: &Report, layout: &Layout<'_>, faces: &Faces, pages: Range<usize>) -> Result<Pages> {
    let mut content = Content::new(layout.chrome.sheet.height, layout.is_tagged, report.look.palette);
    let mut made = Pages::default();
    for page in pages {
        begin(&mut content, report, layout, faces, page);
        match layout.cover.get(page) {
            Some(cover) => cover.draw(&mut content, faces),
            None => {
                for (index, list) in layout.lists.iter().enumerate() {
                    let drawn = list.draw_page(&mut content, faces, index, page - layout.cover.len())?;
                    made.drawn.cut = made.drawn.cut.max(drawn.cut);
                }
            }
        }
        made.pages.push(Page::of(&mut content)?);
    }
    // Rows are named where they are all.
    content.missing.forget_rows();
    Ok(Pages { used: content.used, missing: content.missing, ..made })
}

/// Draws pages of the table, a few a thread.
fn draw_table(report: &Report, layout: &Layout<'_>, faces: &Faces, pages: Range<usize>) -> Result<Vec<Pages>> {
    let of_table = pages.start - layout.before()..pages.end - layout.before();
    let rows = layout.table.rows_of(of_table.start).start..layout.table.rows_of(of_table.end - 1).end;
    let block = layout.rows.block(rows)?;
    let table = LongTable { number: layout.lists.len(), layout: &layout.table, mail: None };
    let draw = |pages: &[usize]| {
        let mut content = Content::new(layout.chrome.sheet.height, layout.is_tagged, report.look.palette);
        let mut made = Pages::default();
        for page in pages {
            begin(&mut content, report, layout, faces, page + layout.before());
            // The captions are read once, where they are first; there they are a part of the table.
            if layout.is_tagged && *page == 0 {
                table::captions(layout.rows.columns(), &table, 0).draw(&mut content, faces);
            } else if *page == 0 || layout.table.has_same_captions() {
                content.form(CAPTIONS);
            } else {
                table::captions(layout.rows.columns(), &table, *page).unmarked().draw(&mut content, faces);
            }
            made.drawn.add(table::draw_page(&mut content, &block, &table, faces, *page));
            made.pages.push(Page::of(&mut content)?);
        }
        Ok(Pages { used: content.used, missing: content.missing, ..made })
    };
    let pages: Vec<usize> = of_table.collect();
    // A few pages are not worth the way to another thread.
    if pages.len() <= PAGES_ALONE { Ok(vec![draw(&pages)?]) } else { pages.par_chunks(PAGES_ALONE).map(draw).collect() }
}

/// Begins page `page`, from 0: what surrounds it, and its number.
fn begin(content: &mut Content, report: &Report, layout: &Layout<'_>, faces: &Faces, page: usize) {
    content.clear();
    content.form(CHROME);
    layout.chrome.number(&report.words, faces, page + 1, layout.pages()).draw(content, faces);
}

/// Writes what is the same on many pages, once.
fn write_forms(
    file: &mut PdfFile<'_>,
    (layout, palette): (&Layout<'_>, Palette),
    faces: &Faces,
    shared: Shared,
    codes: &mut GlyphCodes,
) -> Result<(UsedGlyphs, Missing)> {
    let sheet = layout.chrome.sheet;
    let (mut used, mut missing) = (UsedGlyphs::default(), Missing::default());
    let captions = table::captions(layout.rows.columns(), &LongTable { number: 0, layout: &layout.table, mail: None }, 0).unmarked();
    for (id, what) in [(shared.chrome, &layout.chrome.content), (shared.captions, &captions)] {
        let mut content = Content::new(sheet.height, false, palette);
        what.draw(&mut content, faces);
        let pending = std::mem::take(&mut content.pending);
        let stream = content.stream();
        codes.fill(stream, pending);
        let packed = deflate(stream)?;
        file.stream(id, |chunk| {
            let mut form = chunk.form_xobject(id, &packed);
            form.filter(Filter::FlateDecode);
            form.bbox(Rect::new(0.0, 0.0, sheet.width, sheet.height));
            form.insert(Name(b"Resources")).dict().pair(Name(b"Font"), shared.fonts);
        })?;
        used.merge(&content.used);
        missing.append(&content.missing);
    }
    Ok((used, missing))
}

/// Writes page `number`, from 0.
fn write_page(
    file: &mut PdfFile<'_>,
    layout: &Layout<'_>,
    shared: Shared,
    number: usize,
    (page, (links, first)): (&Page, (&[Link], Ref)),
) -> Result<()> {
    let (sheet, id, stream) = (layout.chrome.sheet, after(shared.pages, number), after(shared.contents, number));
    file.deflated(stream, &page.content)?;
    file.object(id, |chunk| {
        let mut page = chunk.page(id);
        page.parent(after(shared.nodes, number / NODE)).contents(stream);
        page.media_box(Rect::new(0.0, 0.0, sheet.width, sheet.height));
        page.pair(Name(b"Resources"), shared.resources);
        if layout.is_tagged {
            page.struct_parents(number as i32).tab_order(TabOrder::StructureOrder);
        }
        if !links.is_empty() {
            page.annotations((0..links.len()).map(|link| after(first, link)));
        }
    })
}

/// Writes the nodes above the pages, level by level; the number of the highest.
fn write_tree(file: &mut PdfFile<'_>, shared: Shared, pages: usize) -> Result<Ref> {
    // The numbers of a level, and how many pages are below each.
    let mut level: Vec<(Ref, usize)> = (0..pages).map(|page| (after(shared.pages, page), 1)).collect();
    let mut nodes = shared.nodes;
    loop {
        let above = level.len().div_ceil(NODE);
        let parents = if above > 1 { Some(file.reserve(above.div_ceil(NODE))) } else { None };
        let mut next = Vec::with_capacity(above);
        for (index, kids) in level.chunks(NODE).enumerate() {
            let (id, count) = (after(nodes, index), kids.iter().map(|kid| kid.1).sum::<usize>());
            file.object(id, |chunk| {
                let mut node = chunk.pages(id);
                node.kids(kids.iter().map(|kid| kid.0)).count(count as i32);
                if let Some(parents) = parents {
                    node.parent(after(parents, index / NODE));
                }
            })?;
            next.push((id, count));
        }
        match parents {
            None => return Ok(nodes),
            Some(parents) => (level, nodes) = (next, parents),
        }
    }
}

/// Writes the fonts and what pages name.
fn write_resources(file: &mut PdfFile<'_>, faces: &Faces, (used, codes): (&UsedGlyphs, &GlyphCodes), shared: Shared) -> Result<()> {
    let names = fonts::embed(file, faces, used, codes)?;
    file.object(shared.fonts, |chunk| names.list(&mut chunk.indirect(shared.fonts).dict()))?;
    file.object(shared.resources, |chunk| {
        let mut resources = chunk.indirect(shared.resources).dict();
        resources.pair(Name(b"Font"), shared.fonts);
        let mut forms = resources.insert(Name(b"XObject")).dict();
        forms.pair(Name(CHROME.as_bytes()), shared.chrome).pair(Name(CAPTIONS.as_bytes()), shared.captions);
        forms.pairs(shared.logo.map(|logo| (Name(image::NAME.as_bytes()), logo)));
    })
}

/// Writes what a viewer reads first; the numbers of the catalog and of the metadata.
fn write_catalog(
    file: &mut PdfFile<'_>,
    report: &Report,
    layout: &Layout<'_>,
    shared: Shared,
    (root, structure): (Ref, Option<Ref>),
) -> Result<(Ref, Ref)> {
    let bookmarks = outline::write_bookmarks(file, report, layout, shared.pages)?;
    let (information, metadata) = outline::write_metadata(file, report, layout.is_tagged)?;
    let profile = file.reserve(1);
    let packed = deflate(&colour_profile::srgb())?;
    file.stream(profile, |chunk| {
        chunk.stream(profile, &packed).filter(Filter::FlateDecode).pair(Name(b"N"), 3);
    })?;
    let catalog = file.reserve(1);
    file.object(catalog, |chunk| {
        let mut catalog = chunk.indirect(catalog).start::<pdf_writer::writers::Catalog<'_>>();
        catalog.pages(root).outlines(bookmarks).metadata(metadata).lang(TextStr(&report.language));
        catalog.viewer_preferences().display_doc_title(true);
        // The label of a page is the number that is printed on it.
        let mut labels = catalog.insert(Name(b"PageLabels")).dict();
        let mut from = labels.insert(Name(b"Nums")).array();
        from.item(0).push().dict().pair(Name(b"S"), Name(b"D"));
        from.finish();
        labels.finish();
        let mut intents = catalog.output_intents();
        intents.push().subtype(OutputIntentSubtype::PDFA).output_condition_identifier(TextStr("sRGB")).dest_output_profile(profile);
        intents.finish();
        if let Some(structure) = structure {
            catalog.pair(Name(b"StructTreeRoot"), structure);
            catalog.mark_info().marked(true);
        }
        catalog.finish();
    })?;
    Ok((catalog, information))
}
