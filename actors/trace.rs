//! One trace for each request, from socket to database (W3C Trace Context).
//!
//! A command's trace is a child of the trace that its session's handshake came with, if it came with one, and else a new one.

use uuid::Uuid;

/// The trace that a caller is in, from its `traceparent` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceContext {
    trace: u128,
    sampled: bool,
}

impl TraceContext {
    /// Reads a `traceparent`; `None` if it is not valid, which the standard tells to ignore.
    pub(crate) fn parse(traceparent: &str) -> Option<Self> {
        let mut fields = traceparent.split('-');
        let (version, trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let version = hex(version, 2).filter(|version| *version != 0xff)?;
        if version == 0 && fields.next().is_some() {
            return None;
        }
        let trace = hex(trace, 32).filter(|trace| *trace != 0)?;
        hex(parent, 16).filter(|parent| *parent != 0)?;
        Some(Self { trace, sampled: hex(flags, 2)? & 1 == 1 })
    }

    /// The `traceparent` of one command in this trace, with an id of its own.
    pub(crate) fn child(self) -> String {
        format!("00-{:032x}-{}-{:02x}", self.trace, span_id(), u8::from(self.sampled))
    }
}

/// The `traceparent` of a command that begins a trace: random ids, sampled.
pub(crate) fn traceparent() -> String {
    TraceContext { trace: Uuid::new_v4().as_u128(), sampled: true }.child()
}

/// The trace id in a `traceparent`, or nothing if it is none.
pub(crate) fn trace_id(traceparent: &str) -> &str {
    traceparent.split('-').nth(1).unwrap_or_default()
}

fn span_id() -> String {
    // The first half of a random UUID is never zero: it holds the version.
    format!("{:016x}", Uuid::new_v4().as_u64_pair().0)
}

/// The number that `digits` lower-case hexadecimal digits make.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let plain = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_command_goes_on_with_the_trace_that_its_session_came_with() {
        let context = TraceContext::parse(GIVEN).unwrap();
        let (one, two) = (context.child(), context.child());
        assert!(one.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && one.ends_with("-01"), "{one}");
        assert!(one != two && one != GIVEN, "each has an id of its own");
        assert_eq!(TraceContext::parse(&one), Some(context));
        let unsampled = TraceContext::parse(&GIVEN.replace("-01", "-00")).unwrap();
        assert!(unsampled.child().ends_with("-00"));
    }

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        let zero_trace = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        let zero_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
        let upper_case = GIVEN.to_uppercase();
        let (future, longer) = (GIVEN.replacen("00", "ff", 1), format!("{GIVEN}-00"));
        for text in ["", "00", zero_trace, zero_parent, &upper_case, &future, &longer, &GIVEN[..54]] {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
        assert!(TraceContext::parse(&longer.replacen("00", "01", 1)).is_some(), "a later version may have more fields");
    }
}
