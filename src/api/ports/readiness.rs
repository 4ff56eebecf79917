//! Whether this node can do its work, as its server knows.

use serde::Serialize;

/// Knows whether this node can do its work.
pub trait Readiness: Send + Sync {
    /// How things stand. Answers from memory; never waits for anybody.
    fn report(&self) -> ReadinessReport;

    /// Whether this node is going away, and takes no new sockets.
    fn draining(&self) -> bool;
}

/// How things stand. The texts are public: they name parts, never addresses or secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// Whether messages can be accepted and logged here.
    pub ready: bool,
    /// Parts that do not work, although messages are accepted.
    pub degraded: Vec<String>,
    /// Why it is not ready.
    pub reasons: Vec<String>,
}
