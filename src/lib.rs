//! portstatus turns porting-order data into the Partner Number Port Status Report.
//!
//! One sentence says the whole program: source → classify → select → report → export → deliver.
//! Each word is a module, a function of the same name and a type; each stage takes the
//! previous stage's type. The order of the modules below is the floor plan: a module uses
//! only those listed after it.
#![forbid(unsafe_code)]

pub mod cli;

pub mod serve;

pub mod job;

pub mod deliver;

pub mod export;

pub mod actions;

pub mod report;

pub mod history;

pub mod select;

pub mod classify;

pub mod source;

#[cfg(feature = "spark")]
pub mod engine;

pub mod domain;

pub mod templates;

pub mod workers;

pub mod clock;

pub mod error;
