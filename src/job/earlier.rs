//! The earlier states that the reports of many recipients are compared with, one of them in memory at a time.

use std::sync::Arc;

use crate::classify::Classified;
use crate::clock::AsOf;
use crate::error::Result;
use crate::job::recipients::Recipient;

/// An earlier state of the orders and its instant.
pub type EarlierState = (Arc<Classified>, AsOf);

/// Where the earlier states are that reports are compared with.
pub trait EarlierStates {
    /// The recipients, by their places among `recipients`, that are compared with the same state, which is loaded when its turn
    /// has come: each recipient in one group.
    ///
    /// # Errors
    /// Whatever keeps the states from being found.
    fn groups<'a>(&'a self, recipients: &[Recipient]) -> Result<Vec<EarlierGroup<'a>>>;
}

/// Recipients whose reports are compared with the same earlier state.
pub struct EarlierGroup<'a> {
    /// Their places among all recipients.
    pub recipients: Vec<usize>,
    /// Loads the state, if there is one.
    pub load: Box<dyn FnOnce() -> Result<Option<EarlierState>> + 'a>,
}

impl EarlierStates for Option<EarlierState> {
    fn groups<'a>(&'a self, recipients: &[Recipient]) -> Result<Vec<EarlierGroup<'a>>> {
        Ok(vec![EarlierGroup { recipients: (0..recipients.len()).collect(), load: Box::new(|| Ok(self.clone())) }])
    }
}
