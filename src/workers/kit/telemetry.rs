//! Trace spans of the workers.

/// Marks in the trace of the request that caused it that an entry was processed here; `$name` is the span's.
macro_rules! trace_entry {
    ($name:literal, $envelope:expr) => {
        if let Some(trace) = $envelope.trace.as_deref() {
            let span = tracing::debug_span!(
                $name,
                trace.id = frontdesk_telemetry::trace_id(trace),
                conversation.id = %$envelope.conversation,
                seq = $envelope.entry.seq
            );
            frontdesk_telemetry::join_text(&span, trace);
            span.in_scope(|| tracing::debug!(concat!($name, " done")));
        }
    };
}
pub(crate) use trace_entry;
