//! The W3C trace context of a request: one trace from the socket or HTTP request to the database.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
};

/// Which trace a request belongs to, which span caused it, and whether the trace is recorded.
///
/// Its text form is the header `traceparent`, version 00: `00-<32 hex digits>-<16 hex digits>-<flags>`.
/// Source: W3C Trace Context, level 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Id of the trace; never 0.
    pub trace_id: u128,
    /// Id of the span that caused the request; never 0.
    pub span_id: u64,
    /// Whether the spans of this trace are to be recorded and exported.
    pub sampled: bool,
}

/// A `traceparent` that does not follow the standard. The request is served all the same, with a trace of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of version 00")]
pub struct InvalidTraceContext;

impl TraceContext {
    /// A new trace with random ids, recorded with the probability that [`record`] set. Ids need to be unique, not
    /// secret, so a fast generator of the thread makes them.
    #[must_use]
    pub fn start() -> Self {
        let sampled = fastrand::u32(..WHOLE) < RECORDED.load(Ordering::Relaxed);
        Self { trace_id: fastrand::u128(1..), span_id: fastrand::u64(1..), sampled }
    }

    /// The same trace, seen from a new span inside it.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span_id: fastrand::u64(1..), ..self }
    }

    /// The trace named by an incoming header, or a new one if there is none or it is invalid.
    #[must_use]
    pub fn of_header(header: Option<&str>) -> Self {
        header.and_then(|text| text.parse().ok()).unwrap_or_else(Self::start)
    }
}

/// Sets the share of new traces that are recorded, from 0 (none, as at first) to 1 (all). A trace that came from
/// outside keeps what its header says.
pub fn record(share: f64) {
    RECORDED.store((share.clamp(0.0, 1.0) * f64::from(WHOLE)) as u32, Ordering::Relaxed);
}

/// Of [`WHOLE`] new traces, how many are recorded.
static RECORDED: AtomicU32 = AtomicU32::new(0);
const WHOLE: u32 = 1_000_000;

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let (Some(version), Some(trace), Some(span), Some(flags)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidTraceContext);
        };
        // A later version may append fields; version 00 has exactly four, and ff is forbidden.
        let extra = parts.next().is_some();
        if hex(version, 2)? == 0xff || (version == "00" && extra) {
            return Err(InvalidTraceContext);
        }
        let trace_id = hex(trace, 32)?;
        let span_id = u64::try_from(hex(span, 16)?).map_err(|_| InvalidTraceContext)?;
        if trace_id == 0 || span_id == 0 {
            return Err(InvalidTraceContext);
        }
        Ok(Self { trace_id, span_id, sampled: hex(flags, 2)? & 1 == 1 })
    }
}

/// The number that exactly `digits` lower-case hexadecimal digits stand for.
fn hex(text: &str, digits: usize) -> Result<u128, InvalidTraceContext> {
    let valid = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if valid { u128::from_str_radix(text, 16).map_err(|_| InvalidTraceContext) } else { Err(InvalidTraceContext) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_survives_parsing_and_printing() {
        let context: TraceContext = EXAMPLE.parse().unwrap();
        assert_eq!((context.span_id, context.sampled), (0xb7ad_6b71_6920_3331, true));
        assert_eq!(context.to_string(), EXAMPLE);
        let started = TraceContext::start();
        assert_eq!(started.to_string().parse(), Ok(started));
    }

    #[test]
    fn a_child_stays_in_the_trace_under_a_span_of_its_own() {
        let parent = TraceContext::of_header(Some(EXAMPLE));
        let child = parent.child();
        assert_eq!((child.trace_id, child.sampled), (parent.trace_id, parent.sampled));
        assert_ne!(child.span_id, parent.span_id);
    }

    #[test]
    fn what_the_standard_forbids_begins_a_new_trace() {
        let zero = "0".repeat(32);
        for text in [
            "",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            &format!("00-{zero}-b7ad6b7169203331-01"),
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319\u{e9}-b7ad6b7169203331-01",
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(InvalidTraceContext), "{text}");
        }
        assert_ne!(TraceContext::of_header(Some("nonsense")).trace_id, 0);
    }

    #[test]
    fn traces_are_recorded_as_often_as_set_and_an_incoming_one_as_its_header_says() {
        let recorded = || (0..1_000).filter(|_| TraceContext::start().sampled).count();
        record(1.0);
        assert_eq!(recorded(), 1_000);
        record(0.0);
        assert_eq!(recorded(), 0);
        assert!(TraceContext::of_header(Some(EXAMPLE)).sampled);
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";
        assert_eq!(later.parse::<TraceContext>().map(|it| it.to_string()), Ok(EXAMPLE.to_owned()));
    }
}
