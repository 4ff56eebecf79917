//! Trace spans of the workers.

use frontdesk_protocol::Envelope;

/// Marks in the trace of the request that caused it that an entry was processed here; `$name` is the span's.
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
