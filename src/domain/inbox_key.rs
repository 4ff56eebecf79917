//! What a bridge brings in, under names of our own: the same message of a channel has the same name for ever.
//!
//! Names are functions of what the channel calls things, so that a message that comes again, to whatever node and
//! however much later, is the one that came before. Each is a UUID of version 8 made of the SHA-256 of its parts (RFC
//! 9562, appendix B.2).

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::ids::{ClientId, ContactId, InboxId, TenantId};

/// One way in: a tenant's inbox, as the broker's subject names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InboxKey {
    /// The tenant that the inbox belongs to.
    pub tenant: TenantId,
    /// The inbox within the tenant.
    pub inbox: InboxId,
}

impl InboxKey {
    /// The name of the message that the channel calls `id`.
    #[must_use]
    pub fn message(self, id: &str) -> ClientId {
        ClientId(self.name("message", &[id]))
    }

    /// The id of the request that opens the conversation of `address`'s contact, one for each `thread`.
    #[must_use]
    pub fn opening(self, address: &str, thread: Option<&str>) -> ClientId {
        match thread {
            None => ClientId(self.name("opening", &[address])),
            Some(thread) => ClientId(self.name("opening", &[address, thread])),
        }
    }

    /// The id of the contact behind `address`, given at its first message.
    #[must_use]
    pub fn contact(self, address: &str) -> ContactId {
        ContactId(self.name("contact", &[address]))
    }

    /// Each part with its length before it, so that no two lists of parts are the same bytes.
    fn name(self, kind: &str, parts: &[&str]) -> Uuid {
        let mut hash = Sha256::new().chain_update(self.tenant.0.as_bytes()).chain_update(self.inbox.0.as_bytes());
        for part in [kind].iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SHOP: InboxKey = InboxKey { tenant: TenantId(Uuid::from_u128(1)), inbox: InboxId(Uuid::from_u128(2)) };

    #[test]
    fn names_are_pinned_because_they_must_be_the_same_in_every_version() {
        assert_eq!(SHOP.message("42").to_string(), PINNED[0]);
        assert_eq!(SHOP.opening("+44 20", None).to_string(), PINNED[1]);
        assert_eq!(SHOP.opening("+44 20", Some("order 7")).to_string(), PINNED[2]);
        assert_eq!(SHOP.contact("+44 20").to_string(), PINNED[3]);
    }

    #[test]
    fn whatever_differs_has_another_name() {
        let elsewhere = [
            SHOP,
            InboxKey { tenant: TenantId(Uuid::from_u128(3)), ..SHOP },
            InboxKey { inbox: InboxId(Uuid::from_u128(1)), ..SHOP },
        ];
        let names: Vec<Uuid> = elsewhere
            .iter()
            .flat_map(|channel| {
                [
                    channel.message("ab").0,
                    channel.message("a").0,
                    channel.contact("ab").0,
                    channel.opening("ab", None).0,
                    channel.opening("ab", Some("")).0,
                    channel.opening("a", Some("b")).0,
                    channel.opening("b", Some("a")).0,
                ]
            })
            .collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    // Worked out from the written definition by an independent program.
    const PINNED: [&str; 4] = [
        "b937a72b-5baa-8cd4-800c-37dd165bcffe",
        "c4d5506a-149c-875b-8fe4-2d8dd6d17baf",
        "7d30d252-2c27-8ce5-8e33-32612407a989",
        "7e581e54-fc13-8f95-baf3-9395a6f2f76a",
    ];
}
