//! Tells scripts of the shipments of a run, for the commands that do.

use serde_json::{Value, json};

use crate::job::scheduled::state::{RunState, ShipmentStatus};

/// The shipments of `state`, each with how far it is.
pub fn values(state: &RunState, statuses: &[ShipmentStatus]) -> Vec<Value> {
    let shipments = state.shipments.iter().zip(statuses).map(|(shipment, status)| {
        json!({
            "recipient": shipment.recipient, "delivery": shipment.delivery, "target": shipment.target, "state": status.progress,
            "attempts": status.attempts, "files": shipment.files.iter().map(|file| &file.name).collect::<Vec<_>>(), "error": status.error,
        })
    });
    shipments.collect()
}
