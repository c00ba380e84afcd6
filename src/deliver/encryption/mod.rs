//! Encrypts finished files with a password: a workbook by its own format, whatever else in an archive.

pub mod password;
pub mod workbook;
pub mod zip;

pub use password::{password_file, password_of};
