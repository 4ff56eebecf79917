//! Requests of which nobody knows yet whether they were logged. They must not be refused: a refused one never appears.

use frontdesk_domain::{ClientId, Participant};

/// A request's name: its sender and the sender's own id for it.
pub(super) type RequestName = (Participant, ClientId);

/// The requests in doubt. No IO.
///
/// Each was published upon the record at `upon`. As long as that is the last one, any of them may still land; once another
/// record follows it, none can, and what landed is known.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    upon: u64,
    names: Vec<RequestName>,
}

impl Doubts {
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
    use frontdesk_domain::ContactId;
    use uuid::Uuid;

    #[test]
    fn doubt_lasts_until_another_record_follows() {
        let name = |n| (Participant::Contact(ContactId(Uuid::nil())), ClientId(Uuid::from_u128(n)));
        let mut doubts = Doubts::default();
        doubts.add(name(1), 7);
        doubts.add(name(2), 7);
        doubts.settle(7);
        assert!(doubts.holds(name(1)) && doubts.holds(name(2)) && !doubts.holds(name(3)));
        doubts.settle(8);
        assert!(!doubts.holds(name(1)) && !doubts.holds(name(2)));
    }
}
