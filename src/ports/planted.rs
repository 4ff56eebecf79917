//! Bugs that are compiled in on purpose, so that the fault suite can show that it finds them. Only with the feature
//! `planted-faults`, which no other build turns on and which the binary `frontdesk` refuses to be built with.
//!
//! What each bug does is in `planted.rs` or `failpoints.rs` of the crate concerned. The places at which a process of
//! such a build can be made to abort are `fail_point!`s of the crate `fail`: see `tests/faults/README.md`.

use std::sync::LazyLock;

/// A bug, planted with `FRONTDESK_PLANTED_FAULT=<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `acknowledge-before-publish`: the sender is told `accepted`, then the log is asked.
    AcknowledgeBeforePublish,
    /// `no-expectation`: records are published without the expected last sequence.
    NoExpectation,
    /// `conflict-is-failure`: a publish without an answer is repeated, and "wrong last sequence" taken for "not
    /// stored".
    ConflictIsFailure,
    /// `client-made-message-id`: the broker's de-duplication id is the client's, and what it swallows counts as stored.
    ClientMadeMessageId,
    /// `claim-by-read-then-write`: a claim that another writer came before is written without being judged again.
    ClaimByReadThenWrite,
    /// `resume-off-by-one`: a resume leaves out the first entry that is missing.
    ResumeOffByOne,
    /// `relog`: an entry that is delivered again is logged again.
    Relog,
}

impl Fault {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 7] = [
        ("acknowledge-before-publish", Self::AcknowledgeBeforePublish),
        ("no-expectation", Self::NoExpectation),
        ("conflict-is-failure", Self::ConflictIsFailure),
        ("client-made-message-id", Self::ClientMadeMessageId),
        ("claim-by-read-then-write", Self::ClaimByReadThenWrite),
        ("resume-off-by-one", Self::ResumeOffByOne),
        ("relog", Self::Relog),
    ];

    /// Whether this one is planted in this process.
    ///
    /// # Panics
    /// When the environment names a fault that there is not.
    #[must_use]
    pub fn is_planted(self) -> bool {
        static PLANTED: LazyLock<Option<Fault>> = LazyLock::new(|| {
            let name = std::env::var("FRONTDESK_PLANTED_FAULT").ok()?;
            let known = Fault::ALL.iter().find(|(known, _)| *known == name);
            Some(known.unwrap_or_else(|| panic!("there is no fault called {name}")).1)
        });
        *PLANTED == Some(self)
    }
}
