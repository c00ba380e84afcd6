//! Delivers the shipments of a run, several at once: each attempt is in the journal before it begins and after it ended.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::SecondsFormat;
use serde_json::json;

use crate::clock::RunTimer;
use crate::deliver::RunFiles;
use crate::deliver::journal::{AttemptState, Journal, JournalLine};
use crate::deliver::run_store::StoredRun;
use crate::deliver::transport::{Delivered, Fault, Patience, Shipment, ShipmentFile, Target, Transports, with_retries};
use crate::error::{Error, Result};
use crate::job::scheduled::DeliveryRule;
use crate::job::scheduled::log::{Level, RunLog};
use crate::job::scheduled::state::PlannedShipment;

/// Shipments under way at once: most of the time of each is waiting for a disk or a server.
const AT_ONCE: usize = 8;

/// Delivers the shipments of a run.
pub struct Shipper<'a> {
    run: &'a StoredRun,
    journal: Journal,
    /// The ways of each delivery of the job, by its name.
    ways: HashMap<&'a str, (Transports, Patience)>,
    files: &'a RunFiles,
    log: &'a dyn RunLog,
}

impl<'a> Shipper<'a> {
    /// Opens the journal of `run`, and gets ready to deliver by `rules`.
    ///
    /// # Errors
    /// What the system refused.
    pub fn new(run: &'a StoredRun, rules: &'a [DeliveryRule], files: &'a RunFiles, log: &'a dyn RunLog) -> Result<Self> {
        let way = |rule: &'a DeliveryRule| {
            let patience = rule.settings.patience;
            Ok((rule.name.as_str(), (Transports::new(rule.settings.clone(), files)?, patience)))
        };
        let ways = rules.iter().map(way).collect::<Result<_>>()?;
        Ok(Self { run, journal: Journal::open(run)?, ways, files, log })
    }

    /// Delivers `shipments`, each with the attempts that were made before, until all are done or the run is to stop.
    ///
    /// # Errors
    /// When the journal cannot be written: nothing else is sent then.
    pub fn deliver(&self, shipments: &[(&PlannedShipment, u32)]) -> Result<()> {
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let work = || {
            while let Some((shipment, before)) = shipments.get(next.fetch_add(1, Ordering::Relaxed)) {
                let is_over = self.files.deliveries.is_stopping() || failed.lock().is_ok_and(|failed| failed.is_some());
                if is_over {
                    return;
                }
                if let Err(error) = self.deliver_one(shipment, *before) {
                    failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| (0..AT_ONCE.min(shipments.len())).for_each(|_| drop(scope.spawn(work))));
        self.files.deliveries.end_if_stopped();
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn deliver_one(&self, planned: &PlannedShipment, before: u32) -> Result<()> {
        let of_run = |file: &str| self.run.path.join(file);
        let files = planned.files.iter().map(|file| ShipmentFile {
            path: of_run(&file.file),
            name: file.name.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        });
        let shipment = Shipment { key: planned.key.clone(), files: files.collect(), message: planned.message.clone().unwrap_or_default() };
        let Some((transports, patience)) = self.ways.get(planned.delivery.as_str()) else {
            let gone = Error::config("deliveries", format!("the job has no delivery '{}' any more", planned.delivery), "add it again");
            return self.note(planned, before + 1, &Err(Fault::Lasting(gone))).map(drop);
        };
        let mut broken = None;
        let seed = u64::from_str_radix(&planned.key[..16.min(planned.key.len())], 16).unwrap_or_default();
        let _ = with_retries(patience, seed, self.files.deliveries.stop_flag(), |attempt| {
            let number = before + attempt;
            let _under_way = self.files.deliveries.begin();
            if let Err(error) = self.journal.add(&line(planned, number, AttemptState::Started)) {
                broken = Some(error);
                return Err(Fault::Lasting(Error::internal("deliveries", "the journal cannot be written")));
            }
            let outcome = Target::parse(&planned.target).map_err(Fault::Lasting).and_then(|target| transports.deliver(&target, &shipment));
            match self.note(planned, number, &outcome) {
                Ok(()) => outcome,
                Err(error) => {
                    broken = Some(error);
                    Err(Fault::Lasting(Error::internal("deliveries", "the journal cannot be written")))
                }
            }
        });
        broken.map_or(Ok(()), Err)
    }

    /// Notes what an attempt came to.
    fn note(&self, planned: &PlannedShipment, attempt: u32, outcome: &Delivered) -> Result<()> {
        let state = match outcome {
            Ok(_) => AttemptState::Delivered,
            Err(Fault::Unknown(_)) => AttemptState::Unknown,
            Err(Fault::Passing(_) | Fault::Lasting(_)) => AttemptState::Failed,
        };
        let noted = JournalLine {
            reference: outcome.as_ref().ok().and_then(|receipt| receipt.reference.clone()),
            error: outcome.as_ref().err().map(|fault| fault.error().to_string()),
            ..line(planned, attempt, state)
        };
        self.journal.add(&noted)?;
        let level = if state == AttemptState::Delivered { Level::Info } else { Level::Warning };
        let fields = json!({
            "recipient": planned.recipient, "delivery": planned.delivery, "attempt": attempt, "state": state, "error": noted.error,
        });
        self.log.event(level, "delivery", fields);
        Ok(())
    }
}

fn line(planned: &PlannedShipment, attempt: u32, state: AttemptState) -> JournalLine {
    JournalLine {
        at: RunTimer::start().began().to_rfc3339_opts(SecondsFormat::Millis, true),
        shipment: planned.key.clone(),
        recipient: planned.recipient.clone(),
        delivery: planned.delivery.clone(),
        attempt,
        state,
        reference: None,
        error: None,
    }
}
