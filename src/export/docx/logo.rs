//! Sets the logo of a report into its text: at the right edge, beside the title.

use crate::export::docx::parts::LOGO;
use crate::export::markup::Markup;
use crate::report::logo::Logo;

/// Points of a logo each way, at most: it ends above the lines of the cover.
const MOST: (f32, f32) = (150.0, 40.0);
/// The unit of lengths in drawings.
const POINT: f32 = 12_700.0;
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006";

/// A run of text with the logo.
pub fn run(markup: &mut Markup, logo: &Logo) {
    let (width, height) = logo.fitted(MOST);
    let [width, height] = [width, height].map(|points| (points * POINT) as u32);
    markup.raw(&format!(
        "<w:r><w:drawing><wp:anchor xmlns:wp=\"{DRAWING}/wordprocessingDrawing\" distT=\"0\" distB=\"0\" distL=\"114300\" distR=\"0\" \
         simplePos=\"0\" relativeHeight=\"1\" behindDoc=\"0\" locked=\"0\" layoutInCell=\"1\" allowOverlap=\"0\"><wp:simplePos x=\"0\" y=\"0\"/>\
         <wp:positionH relativeFrom=\"margin\"><wp:align>right</wp:align></wp:positionH>\
         <wp:positionV relativeFrom=\"paragraph\"><wp:posOffset>0</wp:posOffset></wp:positionV>\
         <wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:effectExtent l=\"0\" t=\"0\" r=\"0\" b=\"0\"/><wp:wrapSquare wrapText=\"bothSides\"/>\
         <wp:docPr id=\"1\" name=\"Logo\" descr=\""
    ));
    markup.text(&logo.text);
    markup.raw(&format!(
        "\"/><wp:cNvGraphicFramePr><a:graphicFrameLocks xmlns:a=\"{DRAWING}/main\" noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
         <a:graphic xmlns:a=\"{DRAWING}/main\"><a:graphicData uri=\"{DRAWING}/picture\"><pic:pic xmlns:pic=\"{DRAWING}/picture\">\
         <pic:nvPicPr><pic:cNvPr id=\"1\" name=\"Logo\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"{LOGO}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    ));
}
