//! The work between the log, the database and the sockets, done in the background by any number of stateless workers.
//!
//! | worker | takes | gives |
//! | --- | --- | --- |
//! | [`PersistWorker`] | every entry of the log | database, and "persisted" on channel 2 after the commit |
//! | [`PushWorker`] | every entry of the log | a list row to the feeds of the agents it concerns |
//! | [`ReceiptsWorker`] | delivered and read receipts | database |
//! | [`TrimWorker`] | where the log stands | room: removes what is processed and old enough |
//! | [`ReconcileWorker`] | what was logged and is not persisted in time | database and "persisted", as the first; counts each repair |
//! | [`IngestWorker`] | what bridges bring in | a request to a conversation; beside conversations only, in gateways |
//! | [`ParkWorker`] | what the broker hands out no more | dead letters |
//!
//! [`Redeliverer`] hands dead letters to these workers once more, when an operator asks. [`Verifier`] compares the log,
//! the database and what people were told, and names what does not fit; it only reads. [`Audit`] does so all the time with what was just
//! persisted, beside each reconciler.
//!
//! Of what is on its way, operators see `desk_ledger_unpersisted` and `desk_ledger_oldest_unpersisted_seconds`; of what was left
//! behind, `desk_reconcile_repairs_total{kind}` (`entry` or `acknowledgement`), `desk_reconcile_looked_into_total` and
//! `desk_reconcile_patience_seconds`; of what must never be, `desk_ledger_anomalies_total{anomaly}` (`missing`, `duplicated`, `misordered`
//! and the others of `verify`) among `desk_ledger_audited_total`.
//!
//! Each worker can be killed at any instruction: a delivery is acknowledged only after its effect, and each effect may be repeated.
//! Nothing here talks to a broker or a database by name; the server wires the ports and calls [`Workers::spawn`].

mod ingest;
mod kit;
mod park;
mod persist;
mod push;
mod receipts;
mod reconcile;
mod redelivery;
mod trim;
mod verify;

pub use ingest::IngestWorker;
pub use kit::{
    DeadLetterUnit, Projection, QueueOpener, RoleHealth, Status, StepOutcome, Worker, WorkerContext, WorkerError,
    WorkerPorts, Workers,
};
pub use park::ParkWorker;
pub use persist::PersistWorker;
pub use push::PushWorker;
pub use receipts::ReceiptsWorker;
pub use reconcile::{IntegrityCheck, ReconcileWorker};
pub use redelivery::Redeliverer;
pub use trim::TrimWorker;
pub use verify::{Anomaly, Counts, Finding, Verifier, VerifyOptions, VerifyReport};

use kit::registry::Registration;

/// The workers behind the table of roles ([`frontdesk_config::Role`]), in its order: one line for each.
static WORKERS: &[Registration] = &[
    Registration::of::<PersistWorker>(),
    Registration::of::<PushWorker>(),
    Registration::of::<ReceiptsWorker>(),
    Registration::of::<TrimWorker>(),
    Registration::of::<ReconcileWorker>(),
    Registration::of::<ParkWorker>(),
    Registration::of::<IngestWorker>(),
];
