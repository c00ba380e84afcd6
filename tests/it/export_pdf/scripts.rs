//! Business names in the scripts of the world: shaped as another shaper does it, whole for those who read the file, by given fonts too.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use portstatus::domain::columns::ColumnType;
use portstatus::export::exporter::PdfTags;
use portstatus::export::layout::fonts::Faces;
use portstatus::export::layout::given_fonts::{Fonts, check};
use portstatus::export::layout::paragraph::{Paragraph, Setting};
use portstatus::export::pdf::Pdf;
use portstatus::export::{Exporter, Options};
use portstatus::report::Report;
use unicode_normalization::UnicodeNormalization;

use crate::export_pdf::orders::{column, report, text};
use crate::export_pdf::readers::{bare, export, run, words};
use crate::export_pdf::structure::tables;
use crate::program;
use crate::tools::{self, folder, saved};

/// A name a script; those that run from right to left last.
const NAMES: &[&str] = &[
    "บริษัท โทรคมนาคม จำกัด",
    "भारत संचार निगम लिमिटेड",
    "தொலைத்தொடர்பு நிறுவனம்",
    "বাংলাদেশ টেলিকম কোম্পানি",
    "საქართველოს ტელეკომი",
    "Հայաստանի հեռահաղորդակցություն",
    "東京電話",
    "한국통신",
    "Nguyễn Văn",
    "Caf e\u{323}\u{301} n\u{308}o",
    "شركة الاتصالات المتحدة",
    "חברת תקשורת בע״מ",
];
const FROM_RIGHT: usize = 10;

/// A table with a name a row, and beside it the name among Latin letters and a number.
fn report_of(names: &[&str]) -> Report {
    let mixed = |name: &&str| Some(format!("Acme {name} +15551234567"));
    report(
        names.len(),
        vec![
            column("account", "Company", ColumnType::Text, text(names.iter().map(|name| Some((*name).to_owned())))),
            column("note", "Note", ColumnType::Text, text(names.iter().map(mixed))),
        ],
    )
}

fn written(report: &Report, options: &Options) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    Pdf.export(report, options, &mut out).unwrap();
    out.into_inner()
}

/// `text` without blanks and marks of direction, which readers set around what runs from right to left, and parts of letters as letters.
fn plain(text: &str) -> String {
    let is_mark = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2060}' | '\u{200E}' | '\u{200F}');
    bare(text).chars().filter(|c| !is_mark(c)).nfkc().collect()
}

#[test]
fn names_of_every_script_are_read_whole() {
    let report = report_of(NAMES);
    for (name, pdf_tags) in [("scripts", PdfTags::UsualLength), ("scripts_untagged", PdfTags::Never)] {
        let options = Options { pdf_tags, ..Options::default() };
        let bytes = written(&report, &options);
        assert!(bytes == written(&report, &options), "two files of one report differ");
        let path = saved(&format!("{name}.pdf"), &bytes);
        run("qpdf", &["--check"], &path);
        for (reader, arguments) in [("pdftotext", &[][..]), ("pdftotext", &["-raw"]), ("mutool", &["draw", "-q", "-F", "text"])] {
            let said = match reader {
                "mutool" if tools::found("mutool") => tools::run("mutool", &[arguments, &[path.to_str().unwrap()]].concat()),
                "mutool" => continue,
                _ => match run(reader, arguments, &path) {
                    Some(said) => said,
                    None => return,
                },
            };
            let said = plain(&said);
            for (row, shown) in NAMES.iter().enumerate() {
                // Text stands on the page as the eye meets it. Of what runs from right to left, pdftotext puts the letters of a line, and
                // with -raw those of a word, in the order in which they are read; mutool leaves them.
                let parts: Vec<String> = match (reader, row >= FROM_RIGHT) {
                    ("mutool", true) => vec![plain(shown).chars().rev().collect()],
                    (_, true) if !arguments.is_empty() => shown.split(' ').map(plain).collect(),
                    _ => vec![plain(shown)],
                };
                for part in parts {
                    assert!(said.matches(&part).count() >= 2, "{name}, {reader} {arguments:?}: {part} in\n{said}");
                }
            }
            assert_eq!(said.matches("+15551234567").count(), NAMES.len(), "{name}, {reader} {arguments:?}\n{said}");
        }
        if let Some(fonts) = run("pdffonts", &[], &path) {
            assert!(fonts.lines().skip(2).all(|line| line.contains("yes yes yes")), "{fonts}");
        }
    }
}

/// Marks above and below each other move the pen up and down between what names the font and what begins a piece of text.
#[test]
fn letters_with_many_marks_leave_every_operator_whole() {
    if !tools::found("mutool") {
        return;
    }
    let names = [
        "T\u{33a}\u{315}o\u{35e} \u{337}i\u{332}\u{32c}n\u{31d}v\u{31f}",
        "\u{332}a",
        "x\u{332}\u{332}\u{332}k\u{e8}\u{35a}\u{32e}",
        "o\u{336}\u{319}",
    ];
    for pdf_tags in [PdfTags::UsualLength, PdfTags::Never] {
        let pdf = written(&report_of(&names), &Options { pdf_tags, ..Options::default() });
        let path = saved("marks.pdf", &pdf);
        let drawn = std::process::Command::new("mutool").args(["draw", "-F", "text", "-o", "/dev/null"]).arg(&path).output().unwrap();
        let complaints = String::from_utf8_lossy(&drawn.stderr).into_owned();
        assert!(drawn.status.success() && !complaints.contains("error"), "{complaints}");
    }
}

#[test]
fn structures_have_every_name_in_the_order_in_which_it_is_read() {
    let report = report_of(NAMES);
    let path = saved("scripts_tagged.pdf", &export(&report).0);
    let Some(tables) = tables(&path) else { return };
    let rows = &tables.last().unwrap()[1..];
    for (row, name) in NAMES.iter().enumerate() {
        // What one glyph says of these two letters is as the eye meets them, since pdftotext turns all of a line round.
        let name = name.replace("\u{644}\u{627}", "\u{627}\u{644}");
        assert_eq!(plain(&rows[row][0]), plain(&name), "row {row}");
        assert_eq!(plain(&rows[row][1]), plain(&format!("Acme {name} +15551234567")), "row {row}");
    }
}

/// Prints, in the order of the structure, each element that says what its glyphs do not: its parent's role, and what it says. The
/// structure must find it by the number of its piece, too.
const SAID: &str = r#"
import pikepdf, sys
pdf = pikepdf.open(sys.argv[1])
root = pdf.Root.StructTreeRoot
owners = {}
nums = list(root.ParentTree.Nums)
for key, value in zip(nums[::2], nums[1::2]):
    owners[int(key)] = value
def walk(element):
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            assert kid.P.objgen == element.objgen
            if kid.S == "/Span":
                page = kid.Pg
                owner = owners[int(page.StructParents)][int(kid.K)]
                assert owner.objgen == kid.objgen, (owner, kid)
                print(element.S, str(kid.ActualText))
            walk(kid)
walk(root.K)
"#;

#[test]
fn letters_that_one_glyph_stands_for_are_said_in_the_order_in_which_they_are_read() {
    if !tools::found("pikepdf") {
        return;
    }
    let with_vowels = "\u{634}\u{64E}\u{631}\u{650}\u{643}\u{629}";
    let titled = report(
        1,
        vec![column(
            "account",
            "\u{627}\u{644}\u{627}\u{633}\u{645}",
            ColumnType::Text,
            text(std::iter::once(Some(with_vowels.to_owned()))),
        )],
    );
    for (name, report, expected) in [
        ("lam-alef", report_of(&["شركة الاتصالات", "חברה"]), vec!["/TD \u{644}\u{627}"; 4]),
        ("vowels", titled, vec!["/TH \u{644}\u{627}", "/TD \u{634}\u{64E}", "/TD \u{631}\u{650}"]),
    ] {
        let path = saved(&format!("{name}.pdf"), &export(&report).0);
        run("qpdf", &["--check"], &path);
        let said = tools::run("python3", &["-c", SAID, path.to_str().unwrap()]);
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{name}");
        if tools::found("pdfua") {
            let said = tools::run("pdfua", &["check", path.to_str().unwrap()]);
            assert!(said.contains("PASS (no findings)"), "{said}");
        }
    }
}

#[test]
fn whoever_reads_glyphs_alone_finds_no_sign_that_nobody_wrote() {
    // Vowels of Tamil and Bengali that stand on both sides of their letter, and the Thai am: as the parts that Unicode takes them for.
    let names = ["தொலைத்தொடர்பு கோவை", "কোম্পানি", "บริษัท จำกัด น้ำ"];
    for pdf_tags in [PdfTags::UsualLength, PdfTags::Never] {
        let path = saved("parts.pdf", &written(&report_of(&names), &Options { pdf_tags, ..Options::default() }));
        for (reader, arguments) in [("pdftotext", &[][..]), ("mutool", &["draw", "-q", "-F", "text"])] {
            if !tools::found(reader) {
                continue;
            }
            let place = path.to_str().unwrap();
            let said = tools::run(reader, &[arguments, &[place], if reader == "pdftotext" { &["-"][..] } else { &[] }].concat());
            assert!(!said.contains('\u{2060}'), "{reader}: {said:?}");
            let said: String = bare(&said).nfkc().collect();
            for name in names {
                let name: String = bare(name).nfkc().collect();
                assert!(said.matches(&name).count() >= 2, "{reader}: {name} in {said}");
            }
        }
    }
}

#[test]
fn glyphs_and_their_places_are_those_of_another_shaper() {
    if !tools::found("uharfbuzz") {
        return;
    }
    let faces = Faces::load().unwrap();
    let mut compared = 0;
    for name in NAMES.iter().chain(&["חֲבֵרָה לְתִקְשׁוֹרֶת", "شَرِكَة ٢٠٢٦", "हिन्दी क्ष्मि र्क", "কোম্পানি ক্ষ", "ไทยน้ำผึ้ง"])
    {
        let Some(paragraph) = Paragraph::new(&faces.regular, name) else { continue };
        let line = paragraph.line(0..name.len());
        let is_one_run = |one: &Setting, other: &Setting| {
            matches!((one, other), (Setting::Cluster { face, is_right_to_left, .. }, Setting::Cluster { face: other, is_right_to_left: there, .. })
                if face == other && is_right_to_left == there)
        };
        for run in line.pieces.chunk_by(|one, other| is_one_run(&one.setting, &other.setting)) {
            let Setting::Cluster { face, is_right_to_left, .. } = run[0].setting else { continue };
            let (start, end) = (run.iter().map(|p| p.bytes.start).min().unwrap(), run.iter().map(|p| p.bytes.end).max().unwrap());
            let file = faces.files().find(|(own, _)| *own == face).unwrap().1;
            let font = format!("{}/templates/fonts/{}.ttf", env!("CARGO_MANIFEST_DIR"), file.metrics.name);
            let glyphs: Vec<String> = run
                .iter()
                .flat_map(|piece| match &piece.setting {
                    Setting::Cluster { glyphs, .. } => &line.glyphs[glyphs.clone()],
                    Setting::Plain => &[],
                })
                .map(|glyph| format!("{} {:.0} {:.0}", glyph.glyph, glyph.left - run[0].left, glyph.rise))
                .collect();
            let script = "
import sys, uharfbuzz as hb
face = hb.Face(hb.Blob.from_file_path(sys.argv[1]))
buffer = hb.Buffer()
buffer.add_str(sys.argv[2])
buffer.guess_segment_properties()
buffer.direction = sys.argv[3]
buffer.flags = hb.BufferFlags.BOT | hb.BufferFlags.EOT | hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
hb.shape(hb.Font(face), buffer)
x = 0
for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions):
    print(glyph.codepoint, format((x + place.x_offset) * 1000 / face.upem, '.0f'), format(place.y_offset * 1000 / face.upem, '.0f'))
    x += place.x_advance
";
            let direction = if is_right_to_left { "rtl" } else { "ltr" };
            let said = tools::run("python3", &["-c", script, &font, &name[start..end], direction]);
            assert_eq!(glyphs, said.lines().collect::<Vec<_>>(), "{name}: {}", &name[start..end]);
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} runs");
}

#[test]
fn a_name_that_runs_from_right_to_left_begins_at_the_right_of_every_line() {
    let name = "شركة الاتصالات المتحدة للخدمات الهاتفية والبيانات المحدودة في المنطقة الشرقية من البلاد";
    let wide = "a cell of many words that takes the width of the page ".repeat(9);
    let mut columns: Vec<_> =
        (0..6).map(|index| column(&format!("c{index}"), "Words", ColumnType::Text, text((0..2).map(|_| Some(wide.clone()))))).collect();
    columns.push(column("name", "Name", ColumnType::Text, text((0..2).map(|_| Some(name.to_owned())))));
    let path = saved("narrow.pdf", &export(&report(2, columns)).0);
    let Some(found) = words(&path) else { return };
    let mut places = Vec::new();
    for word in name.split(' ') {
        let of_word: Vec<_> = found.iter().filter(|found| plain(&found.text) == plain(word)).collect();
        assert_eq!(of_word.len(), 2, "{word}");
        places.push((of_word[0].middle, of_word[0].left));
    }
    let lines = 1 + places.windows(2).filter(|pair| pair[1].0 > pair[0].0 + 3.0).count();
    assert!(lines > 2, "{places:?}");
    for pair in places.windows(2) {
        let is_same_line = (pair[0].0 - pair[1].0).abs() < 3.0;
        assert!(if is_same_line { pair[1].1 < pair[0].1 } else { pair[1].0 > pair[0].0 }, "{places:?}");
    }
}

#[test]
fn what_is_missing_is_named_with_its_rows() {
    let names: Vec<&str> = (0..30).map(|row| if [2, 16, 20].contains(&row) { "Smile \u{1F600}" } else { "Acme" }).collect();
    let (_, written) =
        export(&report(30, vec![column("c", "C", ColumnType::Text, text(names.iter().map(|name| Some((*name).to_owned()))))]));
    let notes: Vec<String> = written.notes.iter().map(|note| note.to_string()).collect();
    assert_eq!(notes, ["U+1F600 has no glyph in any font: rows 3, 17 and 21 show \u{FFFD} in its place (font FILE)"]);
}

/// A font of boxes for two letters of Ethiopic, with outlines of one kind or the other.
fn ethiopic(is_postscript: bool) -> Option<Vec<u8>> {
    if !tools::found("uharfbuzz") {
        return None;
    }
    let path = folder("font").join("made.font");
    let script = "
import sys
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
is_postscript = sys.argv[2] == 'cff'
names = ['.notdef', 'a', 'b']
builder = FontBuilder(1000, isTTF=not is_postscript)
builder.setupGlyphOrder(names)
builder.setupCharacterMap({0x12A0: 'a', 0x1228: 'b'})
def draw(pen, width):
    for point in ((0, 0), (0, 700), (width, 700), (width, 0)):
        (pen.moveTo if point == (0, 0) else pen.lineTo)(point)
    pen.closePath()
drawn = {}
for name, width in zip(names, (500, 400, 600)):
    pen = T2CharStringPen(width, None) if is_postscript else TTGlyphPen(None)
    draw(pen, width - 100)
    drawn[name] = pen.getCharString() if is_postscript else pen.glyph()
if is_postscript:
    builder.setupCFF('Made-Regular', {}, drawn, {})
else:
    builder.setupGlyf(drawn)
builder.setupHorizontalMetrics({'.notdef': (500, 0), 'a': (400, 0), 'b': (600, 0)})
builder.setupHorizontalHeader(ascent=800, descent=-200)
builder.setupNameTable({'familyName': 'Made', 'styleName': 'Regular', 'psName': 'Made-Regular'})
builder.setupOS2()
builder.setupPost()
builder.save(sys.argv[1])
";
    tools::run("python3", &["-c", script, path.to_str().unwrap(), if is_postscript { "cff" } else { "glyf" }]);
    Some(fs::read(path).unwrap())
}

#[test]
fn given_fonts_have_what_the_shipped_ones_lack() {
    for is_postscript in [false, true] {
        let Some(font) = ethiopic(is_postscript) else { return };
        assert_eq!(check(&font), Ok(()));
        let options = Options { fonts: Fonts::with(vec![font]).unwrap(), ..Options::default() };
        let report = report_of(&["\u{12A0}\u{1228}", "Acme \u{1228}", "\u{12A0}\u{301}\u{1228} שלום"]);
        let mut out = Cursor::new(Vec::new());
        let written = Pdf.export(&report, &options, &mut out).unwrap();
        let notes: Vec<&str> = written.notes.iter().map(|note| &**note).collect();
        assert_eq!(notes, [] as [&str; 0]);
        let path = saved(if is_postscript { "given_otf.pdf" } else { "given_ttf.pdf" }, out.get_ref());
        run("qpdf", &["--check"], &path);
        for (reader, arguments) in [("pdftotext", &[][..]), ("mutool", &["draw", "-q", "-F", "text"])] {
            let said = match reader {
                "mutool" if tools::found("mutool") => tools::run("mutool", &[arguments, &[path.to_str().unwrap()]].concat()),
                "mutool" => continue,
                _ => run(reader, arguments, &path).unwrap_or_default(),
            };
            assert_eq!(said.matches("\u{12A0}\u{1228}").count(), 2, "{reader}: {said}");
            assert_eq!(said.matches("Acme \u{1228}").count(), 2, "{reader}: {said}");
        }
        let Some(fonts) = run("pdffonts", &[], &path) else { return };
        let made = fonts.lines().find(|line| line.contains("+Made-Regular")).unwrap_or_else(|| panic!("{fonts}"));
        let kind = if is_postscript { "CID Type 0C" } else { "CID TrueType" };
        assert!(made.contains(kind) && made.contains("yes yes yes"), "{fonts}");
    }
}

#[test]
fn fonts_are_checked_before_a_row_is_read() {
    let place = folder("given_fonts");
    program::write_orders(&place, 4);
    let shipped = fs::read(format!("{}/templates/fonts/NotoSansThai-Regular.ttf", env!("CARGO_MANIFEST_DIR"))).unwrap();
    fs::write(place.join("good.ttf"), &shipped).unwrap();
    fs::write(place.join("empty.ttf"), "").unwrap();
    fs::write(place.join("text.ttf"), "no font").unwrap();
    fs::write(place.join("half.ttf"), &shipped[..shipped.len() / 2]).unwrap();
    fs::write(place.join("several.ttf"), b"ttcf\0\x01\0\0\0\0\0\x01\0\0\0\x0c").unwrap();
    fs::File::create(place.join("large.ttf")).unwrap().set_len((32 << 20) + 1).unwrap();
    std::os::unix::fs::symlink("loop.ttf", place.join("loop.ttf")).unwrap();
    let run = |arguments: &[&str]| program::run(&place, &[&["report", "orders.csv", "--out", "o.pdf", "--rejects-ok"], arguments].concat());
    assert_eq!(run(&["--font", "good.ttf"]).status.code(), Some(0));
    for (file, expected) in [
        ("empty.ttf", "is empty"),
        ("text.ttf", "is not a font"),
        ("half.ttf", "is a font whose end is missing"),
        ("several.ttf", "is a collection of fonts"),
        ("large.ttf", "is larger than the 32 MiB"),
        ("loop.ttf", "too many levels of symbolic links"),
        ("none.ttf", "no such file"),
        (".", "is not a file"),
    ] {
        let _ = fs::remove_file(place.join("o.pdf"));
        let done = run(&["--font", "good.ttf", "--font", file]);
        let said = program::err(&done).to_lowercase();
        assert_eq!(done.status.code(), Some(64), "{file}: {said}");
        assert!(said.contains(&expected.to_lowercase()) && said.contains(&format!("--font {file}")), "{file}: {said}");
        assert!(!Path::new(&place.join("o.pdf")).exists(), "{file}");
    }
    // A key of the configuration, too, where what is wrong is said to stand there.
    fs::write(place.join("settings.toml"), "[report]\nfont = [\"good.ttf\", \"half.ttf\"]\n").unwrap();
    let done = run(&["--config", "settings.toml"]);
    let said = program::err(&done);
    assert!(!done.status.success() && said.contains("settings.toml") && said.contains("end is missing"), "{said}");
    // Those of the templates folder are taken without being asked for, and refused alike.
    fs::create_dir_all(place.join("mine/fonts")).unwrap();
    fs::copy(place.join("good.ttf"), place.join("mine/fonts/good.TTF")).unwrap();
    fs::write(place.join("mine/fonts/README.md"), "words").unwrap();
    assert_eq!(run(&["--templates", "mine"]).status.code(), Some(0));
    fs::copy(place.join("half.ttf"), place.join("mine/fonts/half.otf")).unwrap();
    let done = run(&["--templates", "mine"]);
    let said = program::err(&done);
    assert_eq!(done.status.code(), Some(78), "{said}");
    assert!(said.contains("mine/fonts/half.otf") && said.contains("end is missing"), "{said}");
}

/// Prints, of each piece of text in a face that has no bold of its own, how it is drawn: filled, or filled with a line around it.
const WEIGHTS: &str = r#"
import pikepdf, sys
pdf = pikepdf.open(sys.argv[1])
drawn = set()
for page in pdf.pages:
    mode, font = 0, None
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tr":
            mode = int(operands[0])
        if str(operator) == "Tf":
            font = str(operands[0])
        if str(operator) in ("Tj", "TJ"):
            drawn.add((font[:2], mode, page.index))
    assert mode == 0, "a page leaves its letters outlined"
for line in sorted(drawn):
    print(*line)
"#;

#[test]
fn letters_of_every_script_are_bold_where_headings_are() {
    if !tools::found("pikepdf") {
        return;
    }
    let words = |word: &str| {
        let cells = text(std::iter::once(Some(word.to_owned())));
        report(1, vec![column("account", "\u{5e9}\u{5dd}", ColumnType::Text, cells)])
    };
    let weights = |report: &Report| {
        let path = saved("weights.pdf", &written(report, &Options::default()));
        let said = tools::run("python3", &["-c", WEIGHTS, path.to_str().unwrap()]);
        let shaped = said.lines().filter(|line| line.starts_with("/S")).map(|line| line.split(' ').nth(1).unwrap().to_owned());
        assert!(said.lines().filter(|line| line.starts_with("/R") || line.starts_with("/B")).all(|line| line.contains(" 0 ")), "{said}");
        shaped.collect::<std::collections::BTreeSet<_>>()
    };
    // The caption alone is in it; then a cell is, too.
    assert_eq!(weights(&words("plain")), ["2".to_owned()].into());
    assert_eq!(weights(&words("\u{5e9}\u{5dc}\u{5d5}\u{5dd}")), ["0".to_owned(), "2".to_owned()].into());
}
