//! Metrics of the worker roles.

use super::{Metric, counter, gauge, histogram};

pub(super) const METRICS: [Metric; 32] = [
    gauge("desk_worker_pending", &["role"], "Records waiting for a worker, by role"),
    counter("desk_worker_errors_total", &["role"], "Failed attempts of a worker, by role; each is retried"),
    counter(
        "desk_worker_dead_letters_total",
        &["role"],
        "Records that a worker could not process and stored as dead letters, by role",
    ),
    counter("desk_worker_restarts_total", &["role"], "Workers restarted after they ended unexpectedly, by role"),
    gauge("desk_dead_letters", &[], "Dead letters that wait for an operator; see `frontdesk dead`"),
    gauge(
        "desk_persist_lag_seconds",
        &[],
        "Age of the newest persisted entry at its commit; while the database is away, age of the oldest entry held",
    ),
    histogram("desk_persist_batch_size", &[], "Entries in one batch written to the database"),
    histogram("desk_persist_seconds", &[], "Time to write one batch to the database"),
    counter("desk_persist_entries_total", &[], "Deliveries whose entry is in the database"),
    counter("desk_persist_repaired_total", &[], "Conversations whose missing entries were read back from the log"),
    counter(
        "desk_persist_contradictions_total",
        &[],
        "Entries whose number or request is in the database with other content; any increase is an alarm",
    ),
    gauge("desk_relay_oldest_seconds", &[], "Age of the oldest event that is not published; 0 if none"),
    counter("desk_relay_published_total", &[], "Events published and marked as published"),
    counter(
        "desk_relay_settled_total",
        &[],
        "Events that an earlier attempt had published, found when publishing again",
    ),
    histogram("desk_relay_lag_seconds", &[], "Time from an event to its publication"),
    counter("desk_push_items_total", &["target"], "List rows sent to agents, by target"),
    counter("desk_push_skipped_total", &[], "Entries not announced to agents because an entry before them is missing"),
    counter("desk_receipts_total", &[], "Receipts written to the database"),
    counter("desk_reconcile_repairs_total", &["kind"], "Overdue records repaired, by kind: persisted or acknowledged"),
    counter("desk_reconcile_looked_into_total", &[], "Overdue records read back from the log, repaired or not"),
    gauge("desk_reconcile_patience_seconds", &[], "Age from which an unpersisted record counts as overdue"),
    counter(
        "desk_ledger_anomalies_total",
        &["anomaly"],
        "Differences between log and database, by kind; any increase is an alarm",
    ),
    counter("desk_ledger_audited_total", &[], "Records of the log compared with the database"),
    counter(
        "desk_ledger_passed_over_total",
        &[],
        "Records not compared because more were written than the check looks at",
    ),
    gauge("desk_ledger_unpersisted", &[], "Records that are logged and not known to be persisted"),
    gauge(
        "desk_ledger_oldest_unpersisted_seconds",
        &[],
        "Age of the oldest record that is not known to be persisted; 0 if none",
    ),
    counter(
        "desk_ingest_messages_total",
        &["outcome"],
        "Bridge messages by outcome; a message that waits counts at each delivery",
    ),
    gauge("desk_ingest_waiting", &[], "Bridge messages delivered to this process and not filed yet"),
    counter(
        "desk_inbound_trimmed_total",
        &[],
        "Bridge messages removed from the broker after they were filed or dead-lettered",
    ),
    gauge("desk_timers_claimed", &[], "Timers that this process has claimed and will fire within seconds"),
    counter("desk_timers_fired_total", &[], "Timers that fired at or after their due time, each counted once"),
    histogram("desk_timer_lateness_seconds", &[], "Time from a timer's moment to its firing"),
];
