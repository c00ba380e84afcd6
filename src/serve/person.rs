//! Who asks, and which rows are theirs.

use std::sync::Arc;

use crate::serve::scope::Scope;

/// Who asks.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they are called; `None` for whoever has the token of the printed address.
    pub name: Option<Arc<str>>,
    /// The rows that they may see.
    pub scope: Arc<Scope>,
    /// Whether they can sign out.
    pub can_sign_out: bool,
}

impl Person {
    /// Whoever has the token of the printed address.
    pub fn with_token() -> Self {
        Self { name: None, scope: Arc::new(Scope::All), can_sign_out: false }
    }

    /// Whether every row is theirs.
    pub fn sees_all(&self) -> bool {
        *self.scope == Scope::All
    }
}
