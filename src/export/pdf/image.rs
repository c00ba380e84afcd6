//! Writes the picture of a logo: as it is, where the format knows it, else its colours and what of it can be seen through.

use pdf_writer::types::Predictor;
use pdf_writer::{Filter, Finish, Name, Ref};

use crate::error::Result;
use crate::export::pdf::file::PdfFile;
use crate::report::logo::{Logo, Picture};
use crate::report::png::Png;

/// The name of the logo among the resources of pages.
pub const NAME: &str = "I";

/// Writes `logo`; the number of its object.
///
/// # Errors
/// Those of the file.
pub fn write(file: &mut PdfFile<'_>, logo: &Logo) -> Result<Ref> {
    let id = file.reserve(1);
    match &logo.picture {
        Picture::Png(png) => write_png(file, id, png)?,
        Picture::Jpeg { width, height, is_grey } => file.stream(id, |chunk| {
            let mut image = chunk.image_xobject(id, &logo.bytes);
            image.filter(Filter::DctDecode);
            image.width(*width as i32).height(*height as i32).bits_per_component(8);
            if *is_grey { image.color_space().device_gray() } else { image.color_space().device_rgb() }
        })?,
    }
    Ok(id)
}

fn write_png(file: &mut PdfFile<'_>, id: Ref, png: &Png) -> Result<()> {
    let size = (png.width as i32, png.height as i32);
    let mask = png.opacity.as_ref().map(|opacity| (file.reserve(1), opacity));
    if let Some((mask, opacity)) = mask {
        file.stream(mask, |chunk| {
            let mut image = chunk.image_xobject(mask, opacity);
            image.filter(Filter::FlateDecode);
            image.width(size.0).height(size.1).bits_per_component(8).color_space().device_gray();
        })?;
    }
    file.stream(id, |chunk| {
        let mut image = chunk.image_xobject(id, &png.rows);
        image.filter(Filter::FlateDecode);
        if png.is_filtered {
            let mut parameters = image.decode_parms();
            parameters.predictor(Predictor::PngOptimum).colors(png.channels.into());
            parameters.bits_per_component(png.depth.into()).columns(size.0);
        }
        image.width(size.0).height(size.1).bits_per_component(png.depth.into());
        match (png.palette.len() / 3, png.channels) {
            (0, 1) => image.color_space().device_gray(),
            (0, _) => image.color_space().device_rgb(),
            (colours, _) => image.color_space().indexed(Name(b"DeviceRGB"), colours as i32 - 1, &png.palette),
        }
        if let Some((mask, _)) = mask {
            image.s_mask(mask);
        }
        image.finish();
    })
}
