//! Writes the links of pages as annotations.

use pdf_writer::types::{ActionType, AnnotationFlags, AnnotationType};
use pdf_writer::{Finish, Name, Rect, Ref, Str, TextStr};

use crate::error::Result;
use crate::export::pdf::document_layout::Layout;
use crate::export::pdf::file::{PdfFile, after};
use crate::export::pdf::links::{Link, Target};

/// Writes `links`, which have the numbers from `first` on. `keys` is the key of the first of them among what tells of each piece of the
/// document to which element it belongs; `None` where nothing does. `pages` is the number of the first page.
///
/// # Errors
/// Those of the file.
pub fn write(file: &mut PdfFile<'_>, layout: &Layout<'_>, pages: Ref, (links, first): (&[Link], Ref), keys: Option<usize>) -> Result<()> {
    let sheet = layout.chrome.sheet;
    for (index, link) in links.iter().enumerate() {
        let id = after(first, index);
        file.object(id, |chunk| {
            let mut annotation = chunk.annotation(id);
            let [left, bottom, right, top] = link.bounds;
            annotation.subtype(AnnotationType::Link).rect(Rect::new(left, bottom, right, top)).flags(AnnotationFlags::PRINT);
            annotation.border(0.0, 0.0, 0.0, None).contents(TextStr(&link.says));
            if let Some(key) = keys {
                annotation.struct_parent((key + index) as i32);
            }
            match &link.target {
                Target::Address(address) => {
                    annotation.action().action_type(ActionType::Uri).uri(Str(address.as_bytes()));
                }
                Target::Report(destination) => {
                    let (page, top) = layout.place_of(*destination);
                    let mut array = annotation.insert(Name(b"Dest")).array();
                    array.item(after(pages, page)).item(Name(b"XYZ")).item(sheet.left()).item(sheet.height - top).item(pdf_writer::Null);
                    array.finish();
                }
            }
        })?;
    }
    Ok(())
}
