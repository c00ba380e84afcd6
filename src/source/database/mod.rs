//! What databases have in common: how one is named, how its secrets are kept, which table of it is read, and how its rows become chunks.

pub mod address;
pub mod choice;
pub mod connect;
pub mod connection_string;
pub mod files;
pub mod restriction;
pub mod retry;
pub mod rows;
pub mod settings;
pub mod sql;
pub mod tls;
pub mod url;
