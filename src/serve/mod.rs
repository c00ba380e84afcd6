//! The report on screen: a web server on the same calls as the command line, for those who would rather look than read.
//!
//! It listens on this machine alone, lets in whoever has the token that it prints, and only ever reads.

mod access;
mod api;
mod asked;
mod assets;
mod charts;
mod connection;
mod download;
mod failure;
mod fault;
mod fault_words;
mod filter_form;
mod keys;
mod number_page;
mod openapi;
mod page_frame;
mod parent;
mod reading;
mod routes;
mod server;
mod spec;
mod summary_page;
mod table_page;
mod view;
mod viewer;

pub use server::serve;
pub use spec::ServeSpec;
