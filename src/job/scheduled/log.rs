//! Tells whoever watches a scheduled run what happens in it, without a number or a secret.

use serde_json::Value;

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It is as it should be.
    Info,
    /// Somebody should look at it.
    Warning,
}

/// Whoever wants to know what happens.
pub trait RunLog: Sync {
    /// The event called `name` happened; `fields` is an object with what is known of it.
    fn event(&self, level: Level, name: &str, fields: Value);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLog;

impl RunLog for NoLog {
    fn event(&self, _level: Level, _name: &str, _fields: Value) {}
}
