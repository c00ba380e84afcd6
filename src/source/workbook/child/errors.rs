//! Puts what the general reader refuses into words.

use std::error::Error as _;

use calamine::XlsxError;

use crate::source::guarded::protocol::Refusal;

/// Why a workbook cannot be read.
pub fn unreadable(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => Refusal::Encrypted,
        // Without the name of the format, which stands in front of every error of this library.
        other => Refusal::damaged(other.source().map_or_else(|| other.to_string(), ToString::to_string)),
    }
}
