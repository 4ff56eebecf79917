//! Identifiers: one type for each thing, so that no id can stand where another belongs.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A text that should have been an id is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: expected a UUID in its hyphenated form")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Takes the hyphenated form only: 36 characters of `[0-9a-f-]`, safe in a subject, a path and a log line.
            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.len() != 36 {
                    return Err(IdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    };
}

id!(
    /// A tenant: one organisation, whose data no other tenant can reach.
    TenantId
);
id!(
    /// An inbox: a channel endpoint that contacts write to.
    InboxId
);
id!(
    /// A contact: the customer.
    ContactId
);
id!(
    /// An agent: the human who answers.
    AgentId
);
id!(
    /// A bot: a program that talks with contacts.
    BotId
);
id!(
    /// A part of this server that acts by itself. The ids are the constants below, the same in every installation.
    SystemId
);
id!(
    /// An integration: a program of the tenant that acts through the API.
    IntegrationId
);
id!(
    /// Id of a conversation.
    ConversationId
);
id!(
    /// The sender's own name for one command (UUIDv7); the same id and content always get the same answer.
    ClientId
);
id!(
    /// A role that a tenant made.
    RoleId
);
id!(
    /// A team: a group of agents.
    TeamId
);
id!(
    /// A skill that agents can have.
    SkillId
);
id!(
    /// A secret by which a site proves its visitors.
    IdentitySecretId
);
id!(
    /// A business calendar.
    CalendarId
);
id!(
    /// One log-in of an agent, from password to log-out.
    LoginId
);

/// A conversation's full name. The tenant is part of it, so nothing can be looked up without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConversationKey {
    /// Whose conversation it is.
    pub tenant: TenantId,
    /// The conversation within the tenant.
    pub conversation: ConversationId,
}

impl fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.conversation)
    }
}

impl SystemId {
    /// What acts at a moment that was set before: ends a snooze.
    pub const TIMERS: Self = Self(Uuid::from_u128(1));
    /// What gives conversations to agents, and takes them back from those who may not work on them any more.
    pub const ROUTING: Self = Self(Uuid::from_u128(2));
    /// What follows the rules of a tenant: tags, notes, resolves.
    pub const AUTOMATION: Self = Self(Uuid::from_u128(3));
}

impl ConversationId {
    /// The id of the conversation that `contact` opens with `client_id`.
    ///
    /// A function of its arguments, so a repeated `open` finds the conversation that the first one made, on any node
    /// and without a look-up. Keeps the time bits of `client_id`; the rest is SHA-256 of all three, so a contact cannot
    /// aim at another contact's conversation.
    #[must_use]
    pub fn for_opening(tenant: TenantId, contact: ContactId, client_id: ClientId) -> Self {
        let hash = Sha256::new()
            .chain_update(tenant.0.as_bytes())
            .chain_update(contact.0.as_bytes())
            .chain_update(client_id.0.as_bytes())
            .finalize();
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&client_id.0.as_bytes()[..6]);
        bytes[6..].copy_from_slice(&hash[..10]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> Uuid {
        Uuid::from_bytes([byte; 16])
    }

    #[test]
    fn ids_refuse_whatever_could_break_a_subject() {
        for text in [
            "",
            "*",
            ">",
            "a.b",
            "0190-0000\r\n",
            "{01900000-0000-7000-8000-000000000000}",
            "01900000000070008000000000000000",
        ] {
            assert_eq!(text.parse::<TenantId>(), Err(IdError), "{text:?}");
        }
        assert!("01900000-0000-7000-8000-000000000000".parse::<TenantId>().is_ok());
    }

    #[test]
    fn an_opening_is_repeatable_and_nobody_elses() {
        let (tenant, contact, client) = (TenantId(id(1)), ContactId(id(2)), ClientId(id(3)));
        let first = ConversationId::for_opening(tenant, contact, client);
        assert_eq!(first, ConversationId::for_opening(tenant, contact, client));
        assert_ne!(first, ConversationId::for_opening(tenant, ContactId(id(4)), client));
        assert_ne!(first, ConversationId::for_opening(TenantId(id(5)), contact, client));
    }
}
