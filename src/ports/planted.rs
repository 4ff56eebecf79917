//! Faults that are built in on purpose, so that the fault suite can show that it sees them: bugs that this design exists to
//! exclude, and places where a process dies. Only with the feature `planted-faults`, which no other build turns on and which
//! the binary `frontdesk` refuses to be built with. What they do stands in `planted.rs` of each crate concerned.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

/// A bug, planted with `FRONTDESK_PLANTED_FAULT=<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `acknowledge-before-publish`: the sender is told `accepted`, then the log is asked.
    AcknowledgeBeforePublish,
    /// `no-expectation`: records are published without the expected last sequence.
    NoExpectation,
    /// `conflict-is-failure`: a publish without an answer is repeated, and "wrong last sequence" taken for "not stored".
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

/// A place in the code where a process dies on its n-th pass: `FRONTDESK_DIE_AT=<name>:<n>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `before-publish`: a request was judged, nothing was sent to the log.
    BeforePublish,
    /// `after-publish`: the log has acknowledged, nobody knows yet.
    AfterPublish,
    /// `before-commit`: a batch was taken, the database was not asked.
    BeforeCommit,
    /// `after-commit`: the database has committed, nobody was told.
    AfterCommit,
    /// `after-event-publish`: the stream holds events, the database does not know.
    AfterEventPublish,
    /// `before-settle`: channel 2 was told, the queue was not.
    BeforeSettle,
}

impl Place {
    const ALL: [(&'static str, Self); 6] = [
        ("before-publish", Self::BeforePublish),
        ("after-publish", Self::AfterPublish),
        ("before-commit", Self::BeforeCommit),
        ("after-commit", Self::AfterCommit),
        ("after-event-publish", Self::AfterEventPublish),
        ("before-settle", Self::BeforeSettle),
    ];

    /// Passes this place, or dies here: no destructor runs, nothing is flushed.
    ///
    /// # Panics
    /// When the environment names a place that there is not.
    pub fn pass(self) {
        static DEADLY: LazyLock<Option<(Place, u64)>> = LazyLock::new(|| {
            let text = std::env::var("FRONTDESK_DIE_AT").ok()?;
            let parts = text.split_once(':').and_then(|(name, pass)| Some((name, pass.parse().ok()?)));
            let found = parts.and_then(|(name, pass)| {
                Place::ALL.iter().find(|(known, _)| *known == name).map(|(_, place)| (*place, pass))
            });
            Some(found.unwrap_or_else(|| panic!("there is no place called {text}")))
        });
        static PASSES: AtomicU64 = AtomicU64::new(0);
        if let Some((place, pass)) = *DEADLY
            && place == self
            && PASSES.fetch_add(1, Ordering::Relaxed) + 1 == pass
        {
            std::process::abort();
        }
    }
}
