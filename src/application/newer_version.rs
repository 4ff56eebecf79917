use frontdesk_domain::{Timestamp, audit::Actor};

/// What was written meanwhile by someone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerVersion {
    /// The present version; 0 when nothing was ever set.
    pub version: u64,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// Who wrote it.
    pub actor: Option<Actor>,
}
