//! The colours of a report: those that are shipped, what a template changes of them, and whether letters can be read on them.

use serde::Deserialize;

use crate::domain::status::{Detail, Status};
use crate::error::{Error, Place, Result};
use crate::report::style::{STATUSES, place, status_place};
use crate::report::table::Term;

/// The ink and fill of a status, as 0xRRGGBB: ink on fill has a contrast of at least [`MIN_CONTRAST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusColour {
    /// The text.
    pub ink: u32,
    /// The cell.
    pub fill: u32,
    /// The bar of a chart.
    pub bar: u32,
}

/// The colours of a report, each as 0xRRGGBB: one palette for every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The fill of header rows.
    pub header_fill: u32,
    /// The ink of header rows.
    pub header_ink: u32,
    /// Rules between rows.
    pub rule: u32,
    /// Body ink.
    pub ink: u32,
    /// The ink of rows whose date has passed.
    pub late_ink: u32,
    /// The fill of rejected rows.
    pub rejected_fill: u32,
    /// The fill of text that was cut.
    pub cut_fill: u32,
    /// Those of the statuses, in the order of [`STATUSES`].
    pub statuses: [StatusColour; STATUSES.len()],
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            header_fill: 0x1F3A5F,
            header_ink: 0xFFFFFF,
            rule: 0xD5DBE3,
            ink: 0x1C232B,
            late_ink: 0x9B_1C1C,
            rejected_fill: 0xFD_E8D7,
            cut_fill: 0xFF_F2B3,
            statuses: STATUSES.map(shipped),
        }
    }
}

const fn shipped(status: Option<Status>) -> StatusColour {
    match status {
        Some(Status::WaitingForYou) => StatusColour { ink: 0x7A2E00, fill: 0xFDE8D7, bar: 0xE8772E },
        Some(Status::Scheduled) => StatusColour { ink: 0x14467A, fill: 0xDCEBFA, bar: 0x2F7FD1 },
        Some(Status::InProgress) => StatusColour { ink: 0x5C4A00, fill: 0xFBF3CF, bar: 0xD9B400 },
        Some(Status::Completed) => StatusColour { ink: 0x1B5E20, fill: 0xDFF2E1, bar: 0x3C9D46 },
        Some(Status::Canceled) => StatusColour { ink: 0x4A4A4A, fill: 0xECECEC, bar: 0x8C8C8C },
        None => StatusColour { ink: 0x6A1B9A, fill: 0xF3E5F5, bar: 0x9C4DCC },
    }
}

impl Palette {
    /// The colours of `status`, or of the unknown one.
    pub const fn status(&self, status: Option<Status>) -> StatusColour {
        self.statuses[place(status)]
    }

    /// The colours of the status that `term` is, if it is one.
    pub fn term(&self, term: &Term) -> Option<StatusColour> {
        status_place(term).map(|place| self.statuses[place])
    }

    /// The ink of titles and headings, which stand on paper: the fill of header rows, where that can be read there.
    pub fn heading_ink(&self) -> u32 {
        if contrast(self.header_fill, PAPER) >= MIN_CONTRAST { self.header_fill } else { self.ink }
    }
}

/// The contrast from which letters of any size can be read on a ground (WCAG 2.2, 1.4.3).
pub const MIN_CONTRAST: f64 = 4.5;
/// The ground of pages, and of every second row on them, which is the darkest that body ink stands on.
pub const PAPER: u32 = 0xFF_FFFF;
/// The ground of every second row.
pub const STRIPE: u32 = 0xF0_F3F7;

/// How far apart two colours are, from 1 to 21 (WCAG 2.2).
pub fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: u32) -> f64 {
    let [_, red, green, blue] = colour.to_be_bytes().map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// A colour as a template writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::report) struct Colour(u32);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let colour = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        colour.map(Self).ok_or_else(|| format!("'{text}' is not a colour; write red, green and blue as in \"#1F3A5F\""))
    }
}

macro_rules! given {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(in crate::report) struct $name { $($field: $kind,)* }

        impl $name {
            /// What is given here, and for what is not, what `base` gives.
            pub(in crate::report) fn or(self, base: Self) -> Self {
                Self { $($field: self.$field.or(base.$field),)* }
            }
        }
    };
}

given! {
    /// What a template says of the colours of a status.
    GivenStatus { ink: Option<Colour>, fill: Option<Colour>, bar: Option<Colour>, }
}

given! {
    /// What a template says of the colours of statuses, by code.
    GivenStatuses {
        waiting_for_you: GivenStatus,
        scheduled: GivenStatus,
        in_progress: GivenStatus,
        completed: GivenStatus,
        canceled: GivenStatus,
        unknown: GivenStatus,
    }
}

given! {
    /// What a template says of colours.
    GivenColours {
        header_fill: Option<Colour>,
        header_ink: Option<Colour>,
        rule: Option<Colour>,
        ink: Option<Colour>,
        late_ink: Option<Colour>,
        rejected_fill: Option<Colour>,
        cut_fill: Option<Colour>,
        status: GivenStatuses,
    }
}

/// A colour of a palette, to be changed: its key below `[colours]`, and what a template says.
type Entry<'a> = (String, Option<Colour>, &'a mut u32);

impl GivenColours {
    /// `palette` with what is given here in place of its own.
    pub(in crate::report) fn over(self, mut palette: Palette) -> Palette {
        for (_, given, own) in self.entries(&mut palette) {
            *own = given.map_or(*own, |colour| colour.0);
        }
        palette
    }

    fn entries(self, palette: &mut Palette) -> Vec<Entry<'_>> {
        let Palette { header_fill, header_ink, rule, ink, late_ink, rejected_fill, cut_fill, statuses } = palette;
        let GivenStatuses { waiting_for_you, scheduled, in_progress, completed, canceled, unknown } = self.status;
        let given = [waiting_for_you, scheduled, in_progress, completed, canceled, unknown];
        let mut entries = vec![
            ("header_fill".to_owned(), self.header_fill, header_fill),
            ("header_ink".to_owned(), self.header_ink, header_ink),
            ("rule".to_owned(), self.rule, rule),
            ("ink".to_owned(), self.ink, ink),
            ("late_ink".to_owned(), self.late_ink, late_ink),
            ("rejected_fill".to_owned(), self.rejected_fill, rejected_fill),
            ("cut_fill".to_owned(), self.cut_fill, cut_fill),
        ];
        for ((status, given), StatusColour { ink, fill, bar }) in STATUSES.into_iter().zip(given).zip(statuses) {
            let code = status.map_or(UNKNOWN, Status::code);
            let key = |part: &str| format!("status.{code}.{part}");
            entries.extend([(key("ink"), given.ink, ink), (key("fill"), given.fill, fill), (key("bar"), given.bar, bar)]);
        }
        entries
    }

    /// Refuses letters of `palette` that cannot be read on what they stand on. These colours, those that the template `file`
    /// gives, are named first.
    ///
    /// # Errors
    /// [`Error::config`] with the two colours and their contrast.
    pub(in crate::report) fn check(self, mut palette: Palette, file: &str) -> Result<()> {
        let pairs = pairs();
        let entries: Vec<(String, bool, u32)> =
            self.entries(&mut palette).into_iter().map(|(key, given, own)| (key, given.is_some(), *own)).collect();
        let entry = |key: &str| entries.iter().find(|(own, ..)| own == key).map(|(_, is_given, colour)| (*is_given, *colour));
        for (ink_key, ground_key) in &pairs {
            let Some((_, ink)) = entry(ink_key) else { continue };
            let (is_ground_given, ground) = entry(ground_key).unwrap_or((false, if *ground_key == "paper" { PAPER } else { STRIPE }));
            let measured = contrast(ink, ground);
            if measured < MIN_CONTRAST {
                let is_ink_given = entry(ink_key).is_some_and(|(is_given, _)| is_given);
                let key = if is_ground_given && !is_ink_given { ground_key } else { ink_key };
                // Never rounded up to what is asked for.
                let measured = (measured * 100.0).floor() / 100.0;
                let what = format!("'#{ink:06X}' on '#{ground:06X}' has a contrast of {measured:.2} to 1, so it cannot be read");
                let help = format!("choose colours further apart, at least {MIN_CONTRAST} to 1: {ink_key} stands on {ground_key}");
                return Err(Error::config(Place::entry(file, format!("colours.{key}")), what, help));
            }
        }
        Ok(())
    }
}

/// The key of the status that is not known.
pub(in crate::report) const UNKNOWN: &str = "unknown";

/// The keys of each ink, and of what it stands on.
fn pairs() -> Vec<(String, String)> {
    let pairs = [
        ("header_ink", "header_fill"),
        ("ink", "paper"),
        ("ink", "every second row"),
        ("ink", "rejected_fill"),
        ("ink", "cut_fill"),
        ("late_ink", "paper"),
        ("late_ink", "rejected_fill"),
    ];
    let fill = |status: Option<Status>| format!("status.{}.fill", status.map_or(UNKNOWN, Status::code));
    let own = STATUSES.into_iter().map(|status| (fill(status).replace(".fill", ".ink"), fill(status)));
    // A page has its rows in one ink, and a workbook those that are late in another, whatever is behind their status; rejected
    // rows have one fill, which is behind the words of their status as well.
    let of_rows = STATUSES.into_iter().map(|status| ("ink".to_owned(), fill(status)));
    let late = Status::OPEN.into_iter().map(|status| ("late_ink".to_owned(), fill(Some(status))));
    let rejected = format!("status.{}.ink", Detail::Rejected.status().code());
    let pairs = pairs.into_iter().map(|(ink, ground)| (ink.to_owned(), ground.to_owned()));
    pairs.chain(own).chain(of_rows).chain(late).chain([(rejected, "rejected_fill".to_owned())]).collect()
}

#[cfg(test)]
mod tests {
    use crate::report::palette::{Colour, GivenColours, Palette, contrast};

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        // The pairs of the WCAG's own examples and of its calculators.
        for (one, other, expected) in
            [(0x000000, 0xFFFFFF, 21.0), (0x777777, 0xFFFFFF, 4.478), (0x767676, 0xFFFFFF, 4.542), (0xFF0000, 0xFFFFFF, 3.998)]
        {
            assert!((contrast(one, other) - expected).abs() < 0.001, "{one:06X} on {other:06X}: {}", contrast(one, other));
            assert_eq!(contrast(one, other), contrast(other, one));
        }
    }

    #[test]
    fn the_shipped_colours_can_be_read() {
        GivenColours::default().check(Palette::default(), "shipped").expect("every ink on its ground");
    }

    #[test]
    fn a_colour_is_six_digits_behind_a_hash() {
        assert_eq!(Colour::try_from("#1f3A5F".to_owned()), Ok(Colour(0x1F3A5F)));
        for wrong in ["1F3A5F", "#1F3A5", "#1F3A5F0", "red", "#1F3A5G", "#+F3A5F", ""] {
            assert!(Colour::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn headings_on_paper_are_in_ink_where_the_header_is_too_light() {
        let light = Palette { header_fill: 0xFFD400, header_ink: 0, ..Palette::default() };
        assert_eq!((light.heading_ink(), Palette::default().heading_ink()), (light.ink, Palette::default().header_fill));
    }
}
