//! Reads what may be hostile in a process of its own: workbooks, Parquet and Arrow files, and whatever is compressed.
//!
//! A process of the same program bounds its own memory and CPU time, answers through pipes and never opens a file.

pub mod chunk_builder;
pub mod limits;
pub mod process;
pub mod protocol;
pub mod serve;
mod unpack;

/// The hidden argument that makes portstatus the reader of a file for another portstatus.
pub const ARGUMENT: &str = "__read";
