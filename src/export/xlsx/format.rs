//! The cell formats of the workbook, made once.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::domain::columns::ColumnType;
use crate::domain::date::text::DateStyle;
use crate::report::palette::{Palette, StatusColour};
use crate::report::{Report, Term, style};

/// The ink of what is linked.
pub const LINK_INK: Color = Color::RGB(0x05_63C1);

/// The formats used on more than one sheet.
pub struct Formats {
    /// The first line of a sheet.
    pub title: Format,
    /// The heading of a block.
    pub heading: Format,
    /// The header row of a small table.
    pub header: Format,
    /// The header row of a list: captions of neighbours that fill their cells do not run into each other.
    pub list_header: Format,
    /// The header over figures.
    pub header_right: Format,
    /// The name before a value.
    pub label: Format,
    /// Text on one line.
    pub plain: Format,
    /// Text that wraps.
    pub wrapped: Format,
    /// Text that is never a number.
    pub verbatim: Format,
    /// A count.
    pub count: Format,
    /// A count beside its name.
    pub count_left: Format,
    /// A share of the whole.
    pub share: Format,
    /// A total.
    pub total: Format,
    /// A total beside its name.
    pub total_left: Format,
    /// The words before a total.
    pub total_label: Format,
    /// A day that begins a week.
    pub week: Format,
    /// Text a little off the figures before it.
    pub indented: Format,
    /// The header over it.
    pub header_indented: Format,
    /// Text that was cut.
    pub cut: Format,
    /// Grey words that explain.
    pub remark: Format,
    /// Of status cells, in the order of [`style::STATUSES`].
    pub statuses: [Format; style::STATUSES.len()],
    statuses_indented: [Format; style::STATUSES.len()],
}

impl Formats {
    /// All of them, as `report` looks.
    pub fn new(report: &Report) -> Self {
        let palette = &report.look.palette;
        let heading = Color::RGB(palette.heading_ink());
        let ink = || Format::new().set_font_color(Color::RGB(palette.ink));
        let header = Format::new()
            .set_bold()
            .set_font_color(Color::RGB(palette.header_ink))
            .set_background_color(Color::RGB(palette.header_fill))
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap();
        let total = ink().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(Color::RGB(palette.header_fill));
        Self {
            title: Format::new().set_bold().set_font_size(18).set_font_color(heading),
            heading: Format::new().set_bold().set_font_size(13).set_font_color(heading),
            list_header: header.clone().set_border_right(FormatBorder::Thin).set_border_right_color(Color::RGB(palette.header_ink)),
            header_right: header.clone().set_align(FormatAlign::Right),
            header_indented: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header,
            plain: ink().set_align(FormatAlign::Top),
            label: Format::new().set_font_color(Color::RGB(0x5A_6472)).set_align(FormatAlign::Top),
            wrapped: ink().set_text_wrap().set_align(FormatAlign::Top),
            verbatim: of_kind(ColumnType::Id, report).set_align(FormatAlign::Left).set_indent(1),
            count: ink().set_num_format("#,##0").set_align(FormatAlign::Top),
            count_left: ink().set_num_format("#,##0").set_align(FormatAlign::Top).set_align(FormatAlign::Left),
            share: ink().set_num_format("0.0%").set_align(FormatAlign::Top),
            total: total.clone().set_num_format("#,##0"),
            total_left: total.clone().set_num_format("#,##0").set_align(FormatAlign::Left),
            total_label: total,
            week: ink().set_num_format(day_format(report.words.dates)).set_align(FormatAlign::Left),
            indented: ink().set_align(FormatAlign::Top).set_align(FormatAlign::Left).set_indent(1),
            cut: of_kind(ColumnType::Text, report).set_text_wrap().set_background_color(Color::RGB(palette.cut_fill)),
            remark: Format::new().set_italic().set_font_color(Color::RGB(0x5A_6472)).set_align(FormatAlign::Top),
            statuses_indented: palette.statuses.map(|colours| status_format(colours).set_align(FormatAlign::Left).set_indent(1)),
            statuses: palette.statuses.map(status_format),
        }
    }

    /// The same format for what is linked; a status keeps its colours.
    pub fn linked(format: &Format, is_status: bool) -> Format {
        let format = format.clone().set_underline(FormatUnderline::Single);
        if is_status { format } else { format.set_font_color(LINK_INK) }
    }

    /// The format of a term in column `place` of a block: statuses have their colour, what stands among them is set in,
    /// and so is whatever follows figures.
    pub fn term(&self, term: &Term, kind: ColumnType, place: u16, is_total: bool) -> &Format {
        match style::status_place(term) {
            _ if is_total => &self.total_label,
            Some(status) if place > 0 => &self.statuses_indented[status],
            Some(status) => &self.statuses[status],
            None if place > 0 || kind == ColumnType::Status => &self.indented,
            None => &self.plain,
        }
    }
}

/// The format of a column's cells. They have the ink of the workbook's own style, unless a template gives another.
pub fn of_kind(kind: ColumnType, report: &Report) -> Format {
    let (palette, day) = (&report.look.palette, day_format(report.words.dates));
    let format = Format::new().set_align(FormatAlign::Top);
    let is_given = palette.ink != Palette::default().ink;
    let format = if is_given { format.set_font_color(Color::RGB(palette.ink)) } else { format };
    match kind {
        // The text format and the quote prefix both keep a number typed over the cell a text.
        ColumnType::Phone | ColumnType::Id => format.set_num_format("@").set_quote_prefix(),
        ColumnType::Text | ColumnType::Status | ColumnType::Choice => format,
        ColumnType::Date => format.set_num_format(day).set_align(FormatAlign::Center),
        ColumnType::Time => format.set_num_format("hh:mm").set_align(FormatAlign::Center),
        ColumnType::Instant => format.set_num_format(format!("{day} hh:mm:ss")).set_align(FormatAlign::Center),
        ColumnType::Count => format.set_num_format("#,##0"),
        ColumnType::Amount => format.set_num_format("#,##0.00"),
        ColumnType::Share => format.set_num_format("0.0%"),
        ColumnType::Bool => format.set_align(FormatAlign::Center),
    }
}

/// How a day is shown. A slash without a mark before it stands for what the reader's system writes between days.
const fn day_format(dates: DateStyle) -> &'static str {
    match dates {
        DateStyle::Iso => "yyyy-mm-dd",
        DateStyle::DayFirst => r"dd\/mm\/yyyy",
        DateStyle::MonthFirst => r"mm\/dd\/yyyy",
    }
}

fn status_format(colour: StatusColour) -> Format {
    Format::new().set_font_color(Color::RGB(colour.ink)).set_background_color(Color::RGB(colour.fill)).set_align(FormatAlign::Top)
}
