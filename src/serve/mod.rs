//! The report on screen: a web server on the same calls as the command line, for those who would rather look than read.
//!
//! It only ever reads. On its own machine it lets in whoever has the token that it prints; for others, encrypted, the users of a table who
//! sign in, each of whom sees rows of their own.

mod access;
mod api;
mod asked;
mod assets;
mod audit;
mod changes_page;
mod charts;
mod connection;
mod download;
mod failure;
mod fault;
mod fault_words;
mod file_stamp;
mod filter_form;
mod keys;
mod number_page;
mod openapi;
mod own_names;
mod page_frame;
mod parent;
mod person;
mod piece_writer;
mod places;
mod rate_limit;
mod reader_style;
mod reading;
mod routes;
mod rows_table;
mod scope;
mod server;
mod sign_in;
mod spec;
mod summary_page;
mod table_page;
mod tls;
mod view;
mod viewer;
mod whole;

pub use server::serve;
pub use sign_in::{Users, is_safe};
pub use spec::{EntrySpec, NetworkSpec, OpenIdSpec, PublicUrl, ServeSpec, SignInSpec};
