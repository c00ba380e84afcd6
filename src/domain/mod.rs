//! The words everyone may use: states, statuses, numbers, reasons, calendars and the record. No I/O, no frames.

pub mod action;
pub mod calendar;
pub mod change;
pub mod column_type;
pub mod columns;
pub mod configuration_profile;
pub mod data_quality;
pub mod date;
pub mod density;
pub mod lifecycle;
pub mod note;
pub mod number;
pub mod paper;
pub mod reason;
pub mod record;
pub mod replay;
pub mod risk;
pub mod schedule;
pub mod status;
pub mod text;
