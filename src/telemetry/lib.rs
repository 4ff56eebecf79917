//! What a process tells about itself: metrics, each with one entry in one table ([`metrics`]), and traces
//! ([`trace_context`], and their export in `export` with the feature `otlp`).
//!
//! Depends on no other crate of ours, so that every one of them may use it. Logs are set up by the binary.

#[cfg(feature = "otlp")]
pub mod export;
pub mod metrics;
pub mod trace_context;

pub use trace_context::TraceContext;
