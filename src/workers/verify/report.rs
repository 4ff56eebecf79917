//! What a comparison found.

use frontdesk_domain::ConversationKey;

/// Something that must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// In the log and not in the database, or a number that neither has.
    Missing,
    /// One request, or one number, twice.
    Duplicated,
    /// Later in the log under a smaller number.
    Misordered,
    /// Other content under the same number.
    Contradicting,
    /// A conversation's row says something else than its entries.
    Unfolded,
    /// An acknowledgement or the database claims more than is there.
    Overstated,
    /// An acknowledgement or the database claims less than is there.
    Understated,
    /// Bytes that are no entry, or not of the conversation that their subject names.
    Unreadable,
}

/// A difference that was found: where it is, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In which conversation; `None` when that cannot be read.
    pub key: Option<ConversationKey>,
    /// Number of the entry; 0 when it has none.
    pub seq: u64,
    /// Where in the log, if it is there: stream and sequence.
    pub place: Option<(String, u64)>,
    /// Why it was named, in a few words.
    pub why: &'static str,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of the log.
    pub logged: u64,
    /// Records of the log that were looked up in the database.
    pub compared: u64,
    /// Of these, the ones that are on their way to the database.
    pub waiting: u64,
    /// Conversations of the database.
    pub conversations: u64,
    /// Entries of the verified conversations.
    pub entries: u64,
    /// Acknowledgements on channel 2.
    pub acknowledgements: u64,
    /// Receipts of the database.
    pub receipts: u64,
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How much was looked at.
    pub counts: Counts,
    found: [u64; Anomaly::ALL.len()],
    findings: Vec<(Anomaly, Finding)>,
}

impl Anomaly {
    /// All of them, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::Duplicated,
        Self::Misordered,
        Self::Contradicting,
        Self::Unfolded,
        Self::Overstated,
        Self::Understated,
        Self::Unreadable,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicated => "duplicated",
            Self::Misordered => "misordered",
            Self::Contradicting => "contradicting",
            Self::Unfolded => "unfolded",
            Self::Overstated => "overstated",
            Self::Understated => "understated",
            Self::Unreadable => "unreadable",
        }
    }
}

impl VerifyReport {
    /// How many of `anomaly` there are.
    #[must_use]
    pub const fn count(&self, anomaly: Anomaly) -> u64 {
        self.found[anomaly as usize]
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.found.iter().all(|count| *count == 0)
    }

    /// The first of each kind: all are counted, but not all are kept.
    pub fn findings(&self) -> impl Iterator<Item = &(Anomaly, Finding)> {
        self.findings.iter()
    }

    pub(super) fn add(&mut self, anomaly: Anomaly, finding: Finding) {
        let count = &mut self.found[anomaly as usize];
        *count += 1;
        if *count <= MOST_KEPT {
            self.findings.push((anomaly, finding));
        }
    }
}

/// Findings of each kind that are kept.
const MOST_KEPT: u64 = 100;
