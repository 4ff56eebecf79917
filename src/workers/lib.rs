//! Background work between the log, the database and the sockets, by any number of stateless workers.
//!
//! A worker is a [`Worker`]: it has a row in the table of roles ([`frontdesk_config::Role`]), a folder here and a line
//! in the list below. What they share is in `kit`. Adapters stay outside: the server gives [`Workers::spawn`] the
//! ports.
//!
//! | worker | reads | writes |
//! | --- | --- | --- |
//! | [`PersistWorker`] | every entry of the log | the database, and `persisted` on the ack stream after the commit |
//! | [`PushWorker`] | every entry of the log | list rows to the feeds of the agents whom they concern |
//! | [`ReceiptsWorker`] | delivered and read receipts | the database |
//! | [`TrimWorker`] | where the log's streams stand | removes records that were processed for long enough |
//! | [`ReconcileWorker`] | entries not persisted in time | the database and `persisted`, as the first; counts each repair |
//! | [`IngestWorker`] | messages that bridges publish | conversations, through the host of its own process |
//! | [`TimersWorker`] | timers that are due | conversations whose snooze has ended or whose agent left, through the host of its own process |
//! | [`RelayWorker`] | events in the outbox of the database | the stream of events that other programs read |
//! | [`ExhaustedWorker`] | records that the broker does not deliver any more | dead letters |
//!
//! [`Redeliverer`] hands dead letters to these workers again when an operator asks. [`Verifier`] compares the log, the
//! database and the acknowledgements, and names what differs; it only reads. [`IntegrityCheck`] does that continuously
//! for what was just persisted, beside each reconciler. [`Projection`] gives the state of a conversation at each entry
//! to workers that derive something from it.
//!
//! A worker can be killed at any instruction: a delivery is acknowledged only after its effect, and each effect may be
//! repeated.
//!
//! What to watch; `src/telemetry` lists every metric.
//!
//! | metric | meaning | alarm |
//! | --- | --- | --- |
//! | `desk_worker_pending{role}` | records that wait for a role | grows for minutes |
//! | `desk_worker_restarts_total{role}` | workers that ended unexpectedly and were started again | any increase |
//! | `desk_dead_letters` | dead letters that wait for an operator | above 0 |
//! | `desk_persist_lag_seconds` | age of the newest persisted entry at its commit | above 5 s |
//! | `desk_persist_contradictions_total` | entries whose number or request the database holds with other content | any increase |
//! | `desk_ledger_unpersisted` | entries logged and not known to be persisted | grows for minutes |
//! | `desk_ledger_oldest_unpersisted_seconds` | for how long the oldest of these has waited | above 30 s |
//! | `desk_reconcile_repairs_total{kind}` | entries and acknowledgements that no worker had dealt with in time | grows without a restart of a worker |
//! | `desk_reconcile_patience_seconds` | how long an entry may wait before it is repaired | - |
//! | `desk_ledger_anomalies_total{anomaly}` | entries in which log and database differ | any increase |
//! | `desk_ledger_audited_total` | entries compared by the integrity check | stands still under load |
//! | `desk_ingest_messages_total{outcome}` | attempts to file a bridge's message | `id_reuse`, `malformed`, `refused` grow |
//! | `desk_timer_lateness_seconds` | how long after its moment a timer is fired | 0.99 quantile above 1 s |
//! | `desk_relay_oldest_seconds` | for how long the oldest event has waited to be published | above 10 s |
//! | `desk_ingest_waiting` | messages of bridges delivered and not filed yet | grows for minutes |

mod exhausted;
mod ingest;
mod kit;
mod persist;
mod push;
mod receipts;
mod reconcile;
mod redelivery;
mod relay;
mod timers;
mod trim;
mod verify;

pub use exhausted::ExhaustedWorker;
pub use ingest::IngestWorker;
pub use kit::{
    DeadLetterUnit, Projection, QueueOpener, RoleHealth, Status, StepOutcome, Worker, WorkerContext, WorkerError,
    WorkerPorts, Workers,
};
pub use persist::PersistWorker;
pub use push::PushWorker;
pub use receipts::ReceiptsWorker;
pub use reconcile::{IntegrityCheck, ReconcileWorker};
pub use redelivery::Redeliverer;
pub use relay::RelayWorker;
pub use timers::{NotFired, TimerHandler, TimersWorker};
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
    Registration::of::<ExhaustedWorker>(),
    Registration::of::<IngestWorker>(),
    Registration::of::<TimersWorker>(),
    Registration::of::<RelayWorker>(),
];
