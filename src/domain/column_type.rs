//! What the cells of a column hold.

/// What a column holds. It fixes the type in the frame, what a condition may ask, and alignment and number format
/// in every export format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// A phone number in E.164; the only type exempt from the formula guard, and only when strictly E.164. String.
    Phone,
    /// An identifier: text that is never a number. String.
    Id,
    /// Free text. String.
    Text,
    /// A status, which reports colour. String.
    Status,
    /// One of a closed list. String.
    Choice,
    /// A calendar day. Date.
    Date,
    /// Wall time, in seconds since midnight (shown to the minute, seconds only when not zero). Int32.
    Time,
    /// A UTC instant. Datetime in microseconds, no zone.
    Instant,
    /// A whole number. Int64.
    Count,
    /// A part of the whole, from 0 to 1; only in tables of figures. Float64.
    Share,
    /// Money, in hundredths of its unit; only in tables of figures. Int64.
    Amount,
    /// Yes, no or unknown. Boolean.
    Bool,
}

impl ColumnType {
    /// Whether the cells are strings.
    pub const fn is_string(self) -> bool {
        matches!(self, Self::Phone | Self::Id | Self::Text | Self::Status | Self::Choice)
    }

    /// Whether the cells are figures, which stand at the right.
    pub const fn is_figure(self) -> bool {
        matches!(self, Self::Count | Self::Share | Self::Amount)
    }
}
