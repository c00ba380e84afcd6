//! What the workbook library refuses, as an error of ours.

use rust_xlsxwriter::XlsxError;

use crate::error::Error;

/// What the library refused, as an error of ours. Whatever is not the writer's fault is ours.
pub fn refused(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::unwritten("xlsx", error),
        error => Error::internal("xlsx", &error).with_cause(error),
    }
}
