//! Metrics and spans of the workers, by name.

use frontdesk_protocol::Envelope;
use metrics::Unit;

/// Says what each metric means; once, when the workers start.
pub(crate) fn describe() {
    metrics::describe_gauge!("desk_worker_pending", "Records that wait for a worker, by role");
    metrics::describe_counter!("desk_worker_errors_total", "Tries of a worker that failed, by role");
    metrics::describe_counter!("desk_worker_parked_total", "Records that no worker could process, by role");
    metrics::describe_gauge!("desk_dead_letters", "Records parked for operators; see `frontdesk dead`");
    metrics::describe_counter!(
        "desk_worker_restarts_total",
        "Workers that ended unasked and were started again, by role"
    );
    metrics::describe_gauge!(
        "desk_persist_lag_seconds",
        Unit::Seconds,
        "Age of the newest persisted entry at its commit; while the database is away, of the oldest one held"
    );
    metrics::describe_histogram!("desk_persist_batch_size", "Entries in one batch for the database");
    metrics::describe_histogram!("desk_persist_seconds", Unit::Seconds, "Time to write a batch to the database");
    metrics::describe_counter!("desk_persist_entries_total", "Deliveries whose entry is in the database");
    metrics::describe_counter!("desk_persist_repaired_total", "Conversations whose holes were filled from the log");
    metrics::describe_counter!(
        "desk_persist_contradictions_total",
        "Entries whose number or request the database holds with other content: an alarm"
    );
    metrics::describe_counter!("desk_push_items_total", "List rows told to agents, by target");
    metrics::describe_counter!(
        "desk_push_skipped_total",
        "Entries that no agent was told of: what they continue is lost"
    );
    metrics::describe_counter!("desk_receipts_total", "Receipts written to the database");
    metrics::describe_counter!(
        "desk_reconcile_repairs_total",
        "What was left behind and seen to, by kind: entries written to the database, acknowledgements told"
    );
    metrics::describe_counter!(
        "desk_reconcile_looked_into_total",
        "Records that were read back because they were not persisted in time, repaired or not"
    );
    metrics::describe_counter!(
        "desk_ledger_anomalies_total",
        "Entries in which log and database do not agree, by anomaly"
    );
    metrics::describe_counter!("desk_ledger_audited_total", "Records of the log that were compared with the database");
    metrics::describe_counter!(
        "desk_ledger_passed_over_total",
        "Records that were not compared, because there were more than the audit looks at"
    );
    metrics::describe_gauge!("desk_ledger_unpersisted", "Records that are logged and not known to be persisted");
    metrics::describe_gauge!(
        "desk_ledger_oldest_unpersisted_seconds",
        Unit::Seconds,
        "For how long the oldest of these has been seen in the log; 0 when there is none"
    );
    metrics::describe_gauge!(
        "desk_reconcile_patience_seconds",
        Unit::Seconds,
        "How long a record may stay unpersisted before it is looked into"
    );
    metrics::describe_counter!(
        "desk_ingest_messages_total",
        "Messages of bridges by what became of them; one that has to wait counts each time it is handed out"
    );
    metrics::describe_gauge!("desk_ingest_waiting", "Messages of bridges that were handed out and are not filed yet");
    metrics::describe_counter!(
        "desk_inbound_trimmed_total",
        "Records of bridges removed from the broker after they were filed or parked"
    );
    metrics::describe_counter!("desk_log_trimmed_total", "Records removed from the log after they were processed");
}

/// Marks in the trace of the request that caused it that an entry came through here; `$name` is the span's.
macro_rules! trace_entry {
    ($name:literal, $envelope:expr) => {
        if let Some(trace) = $crate::kit::telemetry::trace_id($envelope) {
            let span = tracing::debug_span!(
                $name,
                trace.id = trace,
                conversation.id = %$envelope.conversation,
                seq = $envelope.entry.seq
            );
            span.in_scope(|| tracing::debug!(concat!($name, " done")));
        }
    };
}
pub(crate) use trace_entry;

/// The trace id, the middle part of the `traceparent`.
pub(crate) fn trace_id(envelope: &Envelope) -> Option<&str> {
    envelope.trace.as_deref()?.split('-').nth(1)
}
