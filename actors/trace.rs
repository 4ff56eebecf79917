//! One trace for each request, from socket to database (W3C trace context).

use uuid::Uuid;

/// A fresh `traceparent`: version 00, random trace and parent ids, sampled.
pub(crate) fn traceparent() -> String {
    let (trace, parent) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
    format!("00-{trace}-{}-01", &parent[..16])
}

/// The trace id in a `traceparent`, or nothing if it is none.
pub(crate) fn trace_id(traceparent: &str) -> &str {
    traceparent.split('-').nth(1).unwrap_or_default()
}
