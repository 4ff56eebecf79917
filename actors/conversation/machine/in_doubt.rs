//! Requests in doubt: published, and it is not known yet whether they were stored. They must not be refused, because a
//! refused request never appears.

use crate::conversation::pending::RequestName;

/// The requests in doubt.
///
/// Each was published upon the record at `upon`. As long as that is the last one, any of them may still land; once
/// another record follows it, none can, and what landed is known.
#[derive(Debug, Clone, Default)]
pub(super) struct InDoubt {
    upon: u64,
    names: Vec<RequestName>,
}

impl InDoubt {
    /// `name` was published upon the record at `upon`, and the answer leaves open whether it was appended.
    pub(super) fn add(&mut self, name: RequestName, upon: u64) {
        self.upon = upon;
        if !self.holds(name) {
            self.names.push(name);
        }
    }

    pub(super) fn holds(&self, name: RequestName) -> bool {
        self.names.contains(&name)
    }

    /// Learns where the log stands, from its writer: `tail` is the last record, and all before it is known.
    pub(super) fn settle(&mut self, tail: u64) {
        if tail != self.upon {
            self.names = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{ClientId, ContactId, Participant};
    use uuid::Uuid;

    #[test]
    fn doubt_lasts_until_another_record_follows() {
        let name = |n| (Participant::Contact(ContactId(Uuid::nil())), ClientId(Uuid::from_u128(n)));
        let mut in_doubt = InDoubt::default();
        in_doubt.add(name(1), 7);
        in_doubt.add(name(2), 7);
        in_doubt.settle(7);
        assert!(in_doubt.holds(name(1)) && in_doubt.holds(name(2)) && !in_doubt.holds(name(3)));
        in_doubt.settle(8);
        assert!(!in_doubt.holds(name(1)) && !in_doubt.holds(name(2)));
    }
}
