//! What a process tells about itself: metrics, each with one entry in one table ([`metrics`]), and traces
//! ([`trace_context`], and their export in `export` with the feature `otlp`).
//!
//! Depends on no other crate of ours, so that every one of them may use it. Logs are set up by the binary.

#[cfg(feature = "otlp")]
pub mod export;
pub mod metrics;
pub mod trace_context;

pub use trace_context::TraceContext;

/// The trace id in the text of a `traceparent`, for log lines; empty if there is none.
#[must_use]
pub fn trace_id(traceparent: &str) -> &str {
    traceparent.split('-').nth(1).unwrap_or_default()
}

/// As [`join`], with the context in its text form. Text that is no `traceparent` changes nothing.
#[inline]
pub fn join_text(span: &tracing::Span, traceparent: &str) {
    if cfg!(feature = "otlp")
        && !span.is_disabled()
        && let Ok(context) = traceparent.parse()
    {
        join(span, context);
    }
}

/// Makes `span` part of the trace of `context`, as a child of the span named there. Does nothing where traces are not
/// exported.
#[inline]
pub fn join(span: &tracing::Span, context: TraceContext) {
    #[cfg(feature = "otlp")]
    if context.sampled && !span.is_disabled() {
        export::set_parent(span, context);
    }
    #[cfg(not(feature = "otlp"))]
    let _unused = (span, context);
}
