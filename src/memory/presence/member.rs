//! Who has sessions, in 24 bytes instead of the 33 of a [`Participant`]: each open socket has two.

use frontdesk_domain::{AgentId, ContactId, Participant};

/// A participant as a key and as a value of large maps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Member {
    /// A contact, by far the most.
    Contact(ContactId),
    /// An agent, on each of its devices.
    Agent(AgentId),
    /// Any other; few have sessions.
    Other(Box<Participant>),
}

impl From<Participant> for Member {
    fn from(participant: Participant) -> Self {
        match participant {
            Participant::Contact(contact) => Self::Contact(contact),
            Participant::Agent(agent) => Self::Agent(agent),
            other => Self::Other(Box::new(other)),
        }
    }
}

impl From<&Member> for Participant {
    fn from(member: &Member) -> Self {
        match member {
            Member::Contact(contact) => Self::Contact(*contact),
            Member::Agent(agent) => Self::Agent(*agent),
            Member::Other(other) => **other,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_kind_comes_back_as_it_was_and_stays_small() {
        for kind in ["contact", "agent", "bot", "system", "integration", "newer"] {
            let participant = Participant::new(kind, Uuid::from_u128(7)).unwrap();
            assert_eq!(Participant::from(&Member::from(participant)), participant);
        }
        assert!(size_of::<Member>() <= 24, "each open socket has two: {} bytes", size_of::<Member>());
    }
}
