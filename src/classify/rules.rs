//! To come.
/// The rules.
#[derive(Debug, Clone)]
pub struct Rules {}
