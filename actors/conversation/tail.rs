//! Where a conversation's subject in the log stands.

use std::time::Duration;

/// The end of a conversation's subject, as it is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Log sequence of its last record; 0 when the log holds none.
    pub log_seq: u64,
    /// Everything logged before this moment (monotonic clock) is known here.
    pub known_at: Duration,
}

impl Tail {
    /// Whether this may no longer be so although it would look the same: only knowledge of an empty subject grows
    /// stale, because records may have come and been trimmed since. Nothing may be appended upon it.
    pub(super) fn is_stale(self, now: Duration, retention: Duration) -> bool {
        self.log_seq == 0 && now.saturating_sub(self.known_at) > retention / 4
    }
}

/// What is known of a conversation: reading goes on from here.
#[derive(Debug, Clone, Copy)]
pub struct KnownUpTo {
    /// The end of its subject.
    pub tail: Tail,
    /// Number of its last entry.
    pub last_seq: u64,
}
