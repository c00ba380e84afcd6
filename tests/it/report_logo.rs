//! The logo of a report: which pictures are taken, and where each format shows them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libdeflater::{CompressionLvl, Compressor, Decompressor, crc32};
use portstatus::export::Options;
use portstatus::report::Report;
use portstatus::report::logo::{Logo, Picture};
use portstatus::report::png::Png;

use crate::program::{AS_OF, err, run, said, write_orders};
use crate::report_fixture;
use crate::report_look::{exported, parts};
use crate::tools::{self, folder, found};

/// A JPEG of 24 by 8 pixels, made by another program.
const JPEG: &[u8] = include_bytes!("report_logo.jpeg");

/// A PNG: its size, bits and kind of colour, its rows as they are, and what stands before them.
struct Drawn<'a> {
    size: (u32, u32),
    depth: u8,
    kind: u8,
    interlacing: u8,
    rows: &'a [&'a [u8]],
    before: &'a [(&'a [u8; 4], &'a [u8])],
}

impl Drawn<'_> {
    fn png(&self) -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |kind: &[u8; 4], body: &[u8]| {
            out.extend((body.len() as u32).to_be_bytes());
            let summed = [&kind[..], body].concat();
            out.extend_from_slice(&summed);
            out.extend(crc32(&summed).to_be_bytes());
        };
        let (width, height) = self.size;
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        chunk(b"IHDR", &[&sides[..], &[self.depth, self.kind, 0, 0, self.interlacing]].concat());
        self.before.iter().for_each(|(kind, body)| chunk(kind, body));
        let packed = deflated(&self.rows.concat());
        // A picture may be in several pieces.
        let (first, second) = packed.split_at(packed.len() / 2);
        chunk(b"IDAT", first);
        chunk(b"IDAT", second);
        chunk(b"IEND", &[]);
        out
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let length = compressor.zlib_compress(bytes, &mut out).unwrap();
    out.truncate(length);
    out
}

fn inflated(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    assert_eq!(Decompressor::new().zlib_decompress(bytes, &mut out), Ok(length));
    out
}

/// Two by two pixels with every filter that a row may begin with, red, green, blue and how much is seen.
pub fn seen_through() -> Vec<u8> {
    let rows: [&[u8]; 6] = [
        &[0, 10, 20, 30, 255, 40, 50, 60, 0],
        &[1, 10, 20, 30, 255, 30, 30, 30, 1],
        &[2, 1, 1, 1, 0, 1, 1, 1, 127],
        &[3, 5, 10, 15, 128, 20, 25, 30, 0],
        &[4, 1, 2, 3, 0, 1, 2, 3, 4],
        &[0, 0, 0, 0, 255, 1, 2, 3, 200],
    ];
    Drawn { size: (2, 6), depth: 8, kind: 6, interlacing: 0, rows: &rows, before: &[] }.png()
}

fn read(bytes: &[u8]) -> Result<Logo, String> {
    Logo::read(bytes.to_vec(), "Ours".to_owned()).map_err(|(what, _)| what)
}

fn png(bytes: &[u8]) -> Png {
    match read(bytes).unwrap().picture {
        Picture::Png(png) => png,
        picture => panic!("{picture:?}"),
    }
}

#[test]
fn what_cannot_be_seen_through_goes_through_as_it_is() {
    let rows: [&[u8]; 2] = [&[1, 9, 9, 9, 0, 0, 0], &[2, 1, 1, 1, 1, 1, 1]];
    let plain = png(&Drawn { size: (2, 2), depth: 8, kind: 2, interlacing: 0, rows: &rows, before: &[] }.png());
    assert_eq!((plain.channels, plain.depth, plain.is_filtered, plain.opacity.is_none()), (3, 8, true, true));
    assert_eq!(inflated(&plain.rows, 14), rows.concat());
    let rows: [&[u8]; 1] = [&[0, 0b0001_1011]];
    let palette = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    let placed = png(&Drawn { size: (4, 1), depth: 2, kind: 3, interlacing: 0, rows: &rows, before: &[(b"PLTE", &palette)] }.png());
    assert_eq!((placed.channels, placed.depth, &placed.palette[..]), (1, 2, &palette[..]));
}

#[test]
fn colours_and_what_is_seen_of_them_are_told_apart() {
    let png = png(&seen_through());
    assert_eq!((png.width, png.height, png.channels, png.depth, png.is_filtered), (2, 6, 3, 8, false));
    // Worked out by the rules of the format: left, up, their mean, and the nearest of the three.
    let colours = [
        [10, 20, 30, 40, 50, 60],
        [10, 20, 30, 40, 50, 60],
        [11, 21, 31, 41, 51, 61],
        [10, 20, 30, 45, 60, 75],
        [11, 22, 33, 46, 62, 78],
        [0, 0, 0, 1, 2, 3],
    ];
    assert_eq!(inflated(&png.rows, 36), colours.concat());
    let opacity = inflated(&png.opacity.unwrap(), 12);
    assert_eq!(opacity, [255, 0, 255, 0, 255, 127, 255, 191, 255, 195, 255, 200]);
    // One colour of all that is not seen, and places in a palette of which some are not.
    let rows: [&[u8]; 1] = [&[0, 7, 8, 9, 7, 8, 8]];
    let keyed =
        self::png(&Drawn { size: (2, 1), depth: 8, kind: 2, interlacing: 0, rows: &rows, before: &[(b"tRNS", &[0, 7, 0, 8, 0, 9])] }.png());
    assert_eq!((inflated(&keyed.rows, 6), inflated(&keyed.opacity.unwrap(), 2)), (vec![7, 8, 9, 7, 8, 8], vec![0, 255]));
    let rows: [&[u8]; 1] = [&[0, 0b0110_0000]];
    let before: [(&[u8; 4], &[u8]); 2] = [(b"PLTE", &[1, 2, 3, 4, 5, 6]), (b"tRNS", &[9])];
    let placed = self::png(&Drawn { size: (3, 1), depth: 1, kind: 3, interlacing: 0, rows: &rows, before: &before }.png());
    assert_eq!(inflated(&placed.rows, 9), [1, 2, 3, 4, 5, 6, 4, 5, 6]);
    assert_eq!(inflated(&placed.opacity.unwrap(), 3), [9, 255, 255]);
    let rows: [&[u8]; 1] = [&[0, 100, 200]];
    let grey = self::png(&Drawn { size: (1, 1), depth: 8, kind: 4, interlacing: 0, rows: &rows, before: &[] }.png());
    assert_eq!((grey.channels, inflated(&grey.rows, 1), inflated(&grey.opacity.unwrap(), 1)), (1, vec![100], vec![200]));
}

#[test]
fn another_program_sees_the_same_pixels() {
    if !found("pillow") {
        return;
    }
    // Pillow writes pictures with filters of its own choice, and says what their pixels are.
    let place = folder("logo-pillow");
    let script = "
import random
from PIL import Image
random.seed(7)
for mode in ['RGBA', 'LA']:
    image = Image.new(mode, (61, 37))
    image.putdata([tuple((x * 3 + y * 5 + random.randrange(9) + 40 * band) % 256 for band in range(len(mode))) for y in range(37) for x in range(61)])
    image.save(mode + '.png')
    open(mode + '.raw', 'wb').write(image.tobytes())";
    tools::run("sh", &["-c", &format!("cd {} && python3 -c \"$1\"", place.display()), "sh", script]);
    for (mode, channels) in [("RGBA", 4), ("LA", 2)] {
        let png = png(&std::fs::read(place.join(format!("{mode}.png"))).unwrap());
        let pixels = 61 * 37;
        let colours = inflated(&png.rows, pixels * (channels - 1));
        let opacity = inflated(&png.opacity.unwrap(), pixels);
        let ours: Vec<u8> = colours.chunks(channels - 1).zip(opacity).flat_map(|(colour, seen)| [colour, &[seen][..]].concat()).collect();
        assert!(ours == std::fs::read(place.join(format!("{mode}.raw"))).unwrap(), "{mode}");
    }
}

#[test]
fn pictures_that_no_page_can_hold_are_refused() {
    let rows: [&[u8]; 1] = [&[0, 1, 2, 3]];
    let drawn = |size, depth, interlacing, rows: &[&[u8]]| Drawn { size, depth, kind: 2, interlacing, rows, before: &[] }.png();
    let whole = drawn((1, 1), 8, 0, &rows);
    assert!(read(&whole).is_ok());
    let mut flipped = whole.clone();
    flipped[20] ^= 1;
    let (cut, short) = (whole[..whole.len() - 3].to_vec(), drawn((2, 2), 8, 0, &rows));
    let mut cmyk = JPEG.to_vec();
    let frame = cmyk.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    cmyk[frame + 9] = 4;
    for (bytes, told) in [
        (&b"GIF89a"[..], "is neither a PNG nor a JPEG"),
        (b"", "is neither a PNG nor a JPEG"),
        (&drawn((1, 1), 16, 0, &rows), "has 16 bits a colour"),
        (&drawn((1, 1), 8, 1, &rows), "is interlaced"),
        (&drawn((0, 1), 8, 0, &rows), "has 0 by 1 pixels"),
        (&drawn((4_001, 1), 8, 0, &rows), "has 4001 by 1 pixels"),
        (&drawn((1, 1), 4, 0, &rows), "is damaged: it has colours of no known kind"),
        (&flipped, "is damaged: it has a wrong checksum"),
        (&cut, "is damaged: it ends too early"),
        (&short, "is damaged: it does not hold as many pixels as it says"),
        (&JPEG[..JPEG.len() / 2], "is damaged: it has no picture"),
        (&JPEG[..4], "is damaged: it has no picture"),
        (&cmyk, "has other colours than red, green and blue with 8 bits each"),
    ] {
        assert_eq!(read(bytes).unwrap_err(), told);
    }
    // Nothing that follows the first bytes makes the program stop otherwise.
    for bytes in [&whole[..], &seen_through(), JPEG] {
        for end in 0..bytes.len() {
            let _ = read(&bytes[..end]);
        }
    }
}

/// The report of a few numbers with `picture` as its logo.
fn report(picture: &[u8]) -> Report {
    let mut draft = report_fixture::draft(60);
    draft.template.look.logo = Some(Arc::new(Logo::read(picture.to_vec(), "Ours & theirs".to_owned()).unwrap()));
    draft.report()
}

#[test]
fn formats_that_are_looked_at_have_the_logo_and_its_words() {
    for (name, picture, media) in [("png", seen_through(), "image/png"), ("jpeg", JPEG.to_vec(), "image/jpeg")] {
        let report = report(&picture);
        let html = String::from_utf8(exported(&report, "html")).unwrap();
        assert!(html.contains("<img class=\"logo\" alt=\"Ours &amp; theirs\" ") && html.contains(&format!("src=\"data:{media};base64,")));
        assert!(html.contains(" img-src data:; base-uri "), "{}", &html[..900]);
        let document = exported(&report, "docx");
        let text = parts(document.clone());
        assert!(text.contains("descr=\"Ours &amp; theirs\"") && text.contains(&format!("Target=\"media/logo.{name}\"")));
        let workbook = exported(&report, "xlsx");
        assert!(parts(workbook.clone()).contains("descr=\"Ours &amp; theirs\""));
        for (ending, bytes) in [("docx", &document), ("xlsx", &workbook)] {
            let path = tools::saved(&format!("logo-{name}.{ending}"), bytes);
            if found("openxml-audit") {
                tools::run("openxml-audit", &[path.to_str().unwrap()]);
            }
            if ending == "docx" && found("ooxml-integrity") {
                tools::run("ooxml-integrity", &["check", path.to_str().unwrap()]);
            }
        }
        let pdf = tools::saved(&format!("logo-{name}.pdf"), &exported(&report, "pdf"));
        check_pdf(&pdf);
        assert!(exported(&report, "csv") == exported(&report_fixture::report(60), "csv"));
    }
    let plain = String::from_utf8(exported(&report_fixture::report(60), "html")).unwrap();
    assert!(!plain.contains("img-src") && !plain.contains("class=\"logo\""));
    let untagged = Options { pdf_tags: portstatus::export::exporter::PdfTags::Never, ..Options::default() };
    let mut out = Vec::new();
    portstatus::export::format("pdf").unwrap().export(&report(JPEG), &untagged, &mut out).unwrap();
    if found("qpdf") {
        tools::run("qpdf", &["--check", tools::saved("logo-untagged.pdf", &out).to_str().unwrap()]);
    }
}

/// The picture is a figure with words, drawn once, and every piece of the page belongs to something.
fn check_pdf(path: &Path) {
    let path = path.to_str().unwrap();
    if found("qpdf") {
        tools::run("qpdf", &["--check", path]);
    }
    if found("pdfua") {
        let said = tools::run("pdfua", &["check", path]);
        assert!(said.contains("PASS (no findings)"), "{said}");
    }
    if !found("pikepdf") || !found("pillow") {
        return;
    }
    let script = "
import pikepdf, sys
pdf = pikepdf.open(sys.argv[1])
assert pdf.check_pdf_syntax() == []
words = [str(found.Alt) for found in pdf.objects if isinstance(found, pikepdf.Dictionary) and found.get('/S') == '/Figure']
assert 'Ours & theirs' in words, words
image = pikepdf.PdfImage(pdf.pages[0].Resources.XObject['/I'])
print(image.width, image.height, image.as_pil_image().getpixel((0, 0)))
drawn = [str(operands[0]) for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]) if str(operator) == 'Do']
assert drawn.count('/I') == 1, drawn
later = [str(operands[0]) for page in pdf.pages[1:] for operands, operator in pikepdf.parse_content_stream(page) if str(operator) == 'Do']
assert '/I' not in later";
    let said = tools::run("python3", &["-c", script, path]);
    assert!(said.starts_with("2 6 (10, 20, 30, 255)") || said.starts_with("24 8 ("), "{said}");
}

#[test]
fn a_logo_stays_in_the_folder_of_its_template() {
    let place = folder("logo-places");
    write_orders(&place, 5);
    let reports = place.join("ours/reports");
    std::fs::create_dir_all(&reports).unwrap();
    std::fs::write(place.join("secret.png"), seen_through()).unwrap();
    std::fs::write(reports.join("logo.png"), seen_through()).unwrap();
    std::fs::write(reports.join("large.png"), vec![0; (1 << 20) + 1]).unwrap();
    std::fs::write(reports.join("text.png"), "no picture").unwrap();
    std::os::unix::fs::symlink(place.join("secret.png"), reports.join("link.png")).unwrap();
    let file: PathBuf = reports.join("mine.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(&place, &["template", "check", "ours/reports/mine.toml"])
    };
    let outside = "' is not a file in the folder of the template; put the picture beside the template";
    for (logo, told) in [
        ("/etc/passwd", outside),
        ("../../secret.png", outside),
        ("a/../logo.png", outside),
        ("..\\\\secret.png", outside),
        ("link.png", "' leads out of the folder of the template"),
        ("none.png", "' is not there; put a PNG or JPEG of at most 1 MiB beside the template"),
        ("large.png", "' is larger than the 1 MiB that such a file may have"),
        ("text.png", "' is neither a PNG nor a JPEG; save it as PNG or JPEG"),
    ] {
        let done = check(&format!("title = 'T'\nlogo = \"{logo}\"\nlogo_text = 'Ours'"));
        assert_eq!(done.status.code(), Some(78), "{logo}: {}", said(&done));
        assert!(err(&done).contains("mine.toml, line 2, column ") && err(&done).contains(told), "{logo}: {}", err(&done));
    }
    let done = check("logo = 'logo.png'");
    assert!(err(&done).contains("mine.toml, line 1, column 8, logo: has no words beside it"), "{}", err(&done));
    // As a file and by its name, and in a template that extends it; its bytes are among the inputs of the run.
    let good = "logo = 'logo.png'\nlogo_text = 'Ours'";
    assert!(check(good).status.success(), "{}", said(&check(good)));
    std::fs::write(reports.join("other.toml"), "extends = 'mine'\ntitle = 'Other'").unwrap();
    let done = run(
        &place,
        &[
            "report",
            "orders.csv",
            "--templates",
            "ours",
            "--template",
            "other",
            "--format",
            "html",
            "--out",
            "o",
            "--as-of",
            AS_OF,
            "--rejects-ok",
        ],
    );
    assert!(done.status.success(), "{}", said(&done));
    let made = std::fs::read_dir(place.join("o")).unwrap().flatten().map(|entry| std::fs::read_to_string(entry.path()).unwrap());
    let made: Vec<String> = made.collect();
    assert!(made.iter().any(|text| text.contains("alt=\"Ours\"")) && made.iter().any(|text| text.contains("reports/logo.png")));
    // Without a picture, at the word of the template.
    std::fs::write(reports.join("other.toml"), "extends = 'mine'\nlogo = ''").unwrap();
    let done = run(&place, &["template", "check", "ours/reports/other.toml", "--templates", "ours"]);
    assert!(done.status.success(), "{}", said(&done));
}
