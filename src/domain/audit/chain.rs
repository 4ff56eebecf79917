//! Checking a tenant's audit chain from its first entry to its last.

use super::{AuditEntry, ChainHead, hash};

/// A check that goes on: give it a tenant's entries in the order of their numbers, then the head that is kept beside
/// them.
#[derive(Debug, Default)]
pub struct ChainCheck {
    last: ChainHead,
}

/// Why a chain is not what was written. Numbers are those of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// An entry does not hash to what it carries: one of its fields was altered.
    #[error("audit entry {number} was altered: its content does not match its hash")]
    Altered {
        /// Number of the entry.
        number: u64,
    },
    /// Numbers are missing: entries were deleted.
    #[error("audit entries {from} to {to} are missing")]
    Missing {
        /// The first one.
        from: u64,
        /// The last one.
        to: u64,
    },
    /// An entry names another one before it than the one that is there: it or the one before was replaced.
    #[error("audit entry {number} does not follow the entry before it")]
    Detached {
        /// Number of the entry.
        number: u64,
    },
    /// The head names a later entry than the last that is there: the end of the chain was cut off.
    #[error("the audit trail ends at entry {last}, and entry {head} was written: its end was cut off")]
    Cut {
        /// The last entry that is there.
        last: u64,
        /// The last one that was written.
        head: u64,
    },
    /// The head is not the last entry: it was altered, or entries were added without it.
    #[error("the head of the audit trail (entry {head}) is not its last entry ({last})")]
    WrongHead {
        /// The last entry that is there.
        last: u64,
        /// What the head says.
        head: u64,
    },
}

impl ChainFault {
    /// The kind of fault, for programs.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Altered { .. } => "altered",
            Self::Missing { .. } => "missing",
            Self::Detached { .. } => "detached",
            Self::Cut { .. } => "cut",
            Self::WrongHead { .. } => "wrong_head",
        }
    }

    /// The first entry that is not what was written.
    #[must_use]
    pub const fn number(&self) -> u64 {
        match *self {
            Self::Altered { number } | Self::Detached { number } => number,
            Self::Missing { from, .. } => from,
            Self::Cut { last, .. } => last + 1,
            Self::WrongHead { last, .. } => last,
        }
    }
}

impl ChainCheck {
    /// Takes the next entry and says what is wrong with it, if anything. Going on afterwards finds further faults.
    ///
    /// # Errors
    /// [`ChainFault`].
    pub fn take(&mut self, entry: &AuditEntry) -> Result<(), ChainFault> {
        let (before, number) = (self.last, entry.number);
        self.last = entry.head();
        if hash::of(entry) != entry.hash {
            return Err(ChainFault::Altered { number });
        }
        if number > before.number + 1 {
            return Err(ChainFault::Missing { from: before.number + 1, to: number - 1 });
        }
        if number <= before.number || entry.previous != before.hash {
            return Err(ChainFault::Detached { number });
        }
        Ok(())
    }

    /// Compares the last entry with the `head` that is kept beside the entries.
    ///
    /// # Errors
    /// [`ChainFault::Cut`] or [`ChainFault::WrongHead`].
    pub fn finish(&self, head: ChainHead) -> Result<(), ChainFault> {
        let last = self.last;
        if last.number < head.number {
            return Err(ChainFault::Cut { last: last.number, head: head.number });
        }
        if last == head { Ok(()) } else { Err(ChainFault::WrongHead { last: last.number, head: head.number }) }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        audit::{Actor, AuditDraft, Object},
        ids::TenantId,
        timestamp::Timestamp,
    };

    fn chain(length: i64) -> Vec<AuditEntry> {
        let mut head = ChainHead::default();
        let entries = (0..length).map(|at| {
            let draft = AuditDraft {
                tenant: TenantId(Uuid::nil()),
                at: Timestamp(at),
                actor: Actor::system("test"),
                act: "thing.changed".into(),
                object: Object::new("thing", at),
                changes: Vec::new(),
            };
            let entry = head.append(draft);
            head = entry.head();
            entry
        });
        entries.collect()
    }

    fn faults(entries: &[AuditEntry], head: ChainHead) -> Vec<ChainFault> {
        let mut check = ChainCheck::default();
        let mut faults: Vec<_> = entries.iter().filter_map(|entry| check.take(entry).err()).collect();
        faults.extend(check.finish(head).err());
        faults
    }

    #[test]
    fn a_chain_as_it_was_written_has_no_fault() {
        assert_eq!(faults(&[], ChainHead::default()), []);
        let chain = chain(5);
        assert_eq!(faults(&chain, chain[4].head()), []);
    }

    #[test]
    fn altered_deleted_replaced_and_cut_entries_are_found_at_their_place() {
        let whole = chain(5);
        let head = whole[4].head();
        let mut altered = whole.clone();
        altered[1].draft.object.id.push('!');
        assert_eq!(faults(&altered, head), [ChainFault::Altered { number: 2 }]);
        let mut deleted = whole.clone();
        deleted.drain(1..3);
        assert_eq!(faults(&deleted, head), [ChainFault::Missing { from: 2, to: 3 }]);
        let mut replaced = whole.clone();
        // An entry that was altered and hashed anew no longer is the one that its follower names.
        replaced[2].draft.act = "nothing.happened".into();
        replaced[2] = whole[1].head().append(replaced[2].draft.clone());
        assert_eq!(faults(&replaced, head), [ChainFault::Detached { number: 4 }]);
        assert_eq!(faults(&whole[..3], head), [ChainFault::Cut { last: 3, head: 5 }]);
        assert_eq!(faults(&[], head), [ChainFault::Cut { last: 0, head: 5 }]);
        assert_eq!(faults(&whole, whole[2].head()), [ChainFault::WrongHead { last: 5, head: 3 }]);
    }
}
