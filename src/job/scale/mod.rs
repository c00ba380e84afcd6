//! A scheduled job past one machine: its rows are shared out to shards where they are, each shard is rendered by a run of its own on any
//! machine, and in the end everything is added up.

pub mod here;
pub mod json_lines;
pub mod lines;
pub mod plan;
pub mod reconcile;
pub mod shard;
pub mod statements;
