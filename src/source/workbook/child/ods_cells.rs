//! Reads a cell of an `.ods` file: its value by its type, and errors by the text that the program which wrote them shows.

use calamine::{CellErrorType, DataRef};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use crate::source::guarded::protocol::Refusal;
use crate::source::workbook::child::parts::attribute;

/// Spaces that one element may stand for: no cell holds more text.
const MAX_SPACES: u32 = 32_767;

/// A cell, or many alike beside each other; without a value it is a formula that was never calculated.
pub struct Cell {
    /// The first one's column, from 0.
    pub column: u32,
    /// How many.
    pub count: u32,
    /// What each holds.
    pub value: Option<DataRef<'static>>,
}

/// What the attributes of a cell say.
#[derive(Default)]
struct Attributes {
    kind: String,
    value: Option<String>,
    is_formula: bool,
    is_error: bool,
}

/// The value of a cell, whose `content` is read to its end.
pub fn read_cell(element: &BytesStart<'_>, content: Option<&mut Reader<&[u8]>>) -> Result<Option<DataRef<'static>>, Refusal> {
    let mut given = Attributes::default();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Refusal::damaged(format!("a cell of it is damaged: {error}")))?;
        let key = attribute.key.as_ref();
        let value = || attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map(|value| value.into_owned()).map_err(unreadable);
        match key {
            "office:value-type" => given.kind = value()?,
            "calcext:value-type" => given.is_error = &*attribute.value == "error",
            "table:formula" => given.is_formula = true,
            "office:value" | "office:string-value" | "office:date-value" | "office:time-value" | "office:boolean-value" => {
                given.value = Some(value()?);
            }
            _ => {}
        }
    }
    let text = content.map_or(Ok(None), read_text)?;
    given.value(text)
}

impl Attributes {
    /// The value of a cell whose paragraphs say so, if it has any.
    fn value(self, paragraphs: Option<String>) -> Result<Option<DataRef<'static>>, Refusal> {
        // A formula whose result is an empty text has a paragraph, an empty one.
        if self.is_formula && self.kind.is_empty() && self.value.is_none() && paragraphs.is_none() {
            return Ok(None);
        }
        let text = paragraphs.unwrap_or_default();
        let is_number = matches!(self.kind.as_str(), "float" | "percentage" | "currency");
        // Excel saves the result of a failed formula as the number 0, and the error as the text that is shown.
        if self.is_error || (self.is_formula || is_number) && is_error_text(&text) {
            return Ok(Some(DataRef::Error(error_kind(&text))));
        }
        Ok(Some(match (self.kind.as_str(), self.value) {
            ("float" | "percentage" | "currency", Some(value)) => match value.trim().parse() {
                Ok(number) => DataRef::Float(number),
                Err(_) => return Err(Refusal::damaged("the value of a cell is not a number")),
            },
            ("boolean", Some(value)) => DataRef::Bool(value.eq_ignore_ascii_case("true")),
            ("date", Some(value)) => DataRef::DateTimeIso(value),
            ("time", Some(value)) => DataRef::DurationIso(value),
            ("string", Some(value)) if !value.is_empty() => DataRef::String(value),
            _ if text.is_empty() => DataRef::Empty,
            _ => DataRef::String(text),
        }))
    }
}

/// Whether a text is an error as spreadsheet programs show it, in any language: `#DIV/0!`, `#NAME?`, `#N/A`, `#NV`, `Err:502`.
fn is_error_text(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_uppercase() || matches!(letter, '0'..='9' | '/' | '_' | '.' | ' '))
    };
    match text.strip_prefix('#') {
        Some(name) => match name.strip_suffix(['!', '?']) {
            Some(name) => is_name(name),
            None => name.starts_with('N') && name.chars().count() <= 5 && is_name(name),
        },
        None => text.strip_prefix("Err:").is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())),
    }
}

fn error_kind(text: &str) -> CellErrorType {
    match text {
        "#DIV/0!" => CellErrorType::Div0,
        "#NAME?" => CellErrorType::Name,
        "#NULL!" => CellErrorType::Null,
        "#NUM!" | "Err:503" => CellErrorType::Num,
        "#REF!" => CellErrorType::Ref,
        _ if text.starts_with("#N") && !text.ends_with(['!', '?']) => CellErrorType::NA,
        _ => CellErrorType::Value,
    }
}

/// How often something is repeated; once where nothing or nonsense is said.
pub fn number_of(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name).and_then(|count| count.parse().ok()).filter(|count| *count > 0).unwrap_or(1)
}

/// The text of a cell: its paragraphs, a line each, without comments and drawings. `None` when it has no paragraph.
fn read_text(reader: &mut Reader<&[u8]>) -> Result<Option<String>, Refusal> {
    let mut text: Option<String> = None;
    loop {
        let event = reader.read_event().map_err(unreadable)?;
        match &event {
            Event::Start(element) | Event::Empty(element) if matches!(element.name().as_ref(), "text:p" | "text:h") => {
                if let Some(text) = &mut text {
                    text.push('\n');
                }
                let text = text.get_or_insert_default();
                if let Event::Start(_) = event {
                    read_paragraph(reader, text)?;
                }
            }
            Event::Start(element) => _ = reader.read_to_end(element.name()).map_err(unreadable)?,
            Event::End(_) => return Ok(text),
            Event::Eof => return Err(Refusal::damaged("a cell of it does not end")),
            _ => {}
        }
    }
}

/// Appends the text of a paragraph, which is read to its end.
fn read_paragraph(reader: &mut Reader<&[u8]>, text: &mut String) -> Result<(), Refusal> {
    let mut depth = 0;
    loop {
        let event = reader.read_event().map_err(unreadable)?;
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let is_open = matches!(event, Event::Start(_));
                match element.name().as_ref() {
                    "text:s" => text.extend(std::iter::repeat_n(' ', number_of(element, "text:c").min(MAX_SPACES) as usize)),
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    "text:note" | "text:ruby-text" | "office:annotation" if is_open => {
                        reader.read_to_end(element.name()).map_err(unreadable)?;
                        continue;
                    }
                    _ => {}
                }
                depth += usize::from(is_open);
            }
            Event::Text(piece) => text.push_str(&piece.xml10_content()),
            Event::CData(piece) => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(unreadable)? {
                Some(letter) => text.push(letter),
                None => text.push_str(resolve_xml_entity(entity).ok_or_else(|| Refusal::damaged("a text of it has an unknown entity"))?),
            },
            Event::End(_) if depth == 0 => return Ok(()),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Refusal::damaged("a cell of it does not end")),
            _ => {}
        }
    }
}

/// What is said of XML that is none.
pub fn unreadable(error: quick_xml::Error) -> Refusal {
    Refusal::damaged(format!("its part content.xml is damaged: {error}"))
}
