//! The audit trail: who changed what, when, as entries that form a hash chain for each tenant.
//!
//! Each entry carries the hash of the one before it, so an entry that is altered, removed or inserted later breaks the
//! chain at its place. The hash is defined in `hash.rs`, the check of a whole chain in `chain.rs`.

mod chain;
mod hash;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use chain::{ChainCheck, ChainFault};

use crate::{
    ids::{AgentId, TenantId},
    timestamp::Timestamp,
};

/// SHA-256 of an entry.
pub type AuditHash = [u8; 32];

/// The hash that the first entry of a tenant names as the one before it.
pub const CHAIN_START: AuditHash = [0; 32];

/// What is to be written: everything of an entry but its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDraft {
    /// The tenant that the change belongs to.
    pub tenant: TenantId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done, as `noun.verb_past` (`agent.changed`). An open list: newer versions add words.
    pub act: Cow<'static, str>,
    /// What it was done to.
    pub object: Object,
    /// The fields that changed, with the values before and after. Never a secret.
    pub changes: Vec<FieldChange>,
}

/// One entry of a tenant's audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the tenant's chain: 1, 2, 3 ... without a gap.
    pub number: u64,
    /// What it says.
    pub draft: AuditDraft,
    /// The hash of the entry with the number before; [`CHAIN_START`] for number 1.
    pub previous: AuditHash,
    /// The hash of this entry.
    pub hash: AuditHash,
}

/// The last entry of a tenant's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Its number; 0 when the chain is empty.
    pub number: u64,
    /// Its hash; [`CHAIN_START`] when the chain is empty.
    pub hash: AuditHash,
}

/// Who did something: a kind, and which one of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `agent`, `operator` (the command line) or `system` (a part of the server); newer versions add kinds.
    pub kind: Cow<'static, str>,
    /// Which one: an id or a name.
    pub id: String,
}

/// What something was done to: a kind, and which one of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Such as `agent`, `inbox` or `login`.
    pub kind: Cow<'static, str>,
    /// The object's id.
    pub id: String,
}

/// One field that changed. Values are text: names and numbers as they are, lists as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name.
    pub field: Cow<'static, str>,
    /// Its value before; `None` when there was none, or when it is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Its value now; `None` when there is none, or when it is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Default for ChainHead {
    fn default() -> Self {
        Self { number: 0, hash: CHAIN_START }
    }
}

impl ChainHead {
    /// The entry that follows, saying `draft`.
    #[must_use]
    pub fn append(self, draft: AuditDraft) -> AuditEntry {
        let mut entry = AuditEntry { number: self.number + 1, draft, previous: self.hash, hash: CHAIN_START };
        entry.hash = hash::of(&entry);
        entry
    }
}

impl AuditEntry {
    /// The head of a chain that ends with this entry.
    #[must_use]
    pub const fn head(&self) -> ChainHead {
        ChainHead { number: self.number, hash: self.hash }
    }
}

impl Actor {
    /// An agent, by REST or console.
    #[must_use]
    pub fn agent(id: AgentId) -> Self {
        Self { kind: Cow::Borrowed("agent"), id: id.to_string() }
    }

    /// The person who runs the installation, by the command line.
    #[must_use]
    pub fn operator(command: &str) -> Self {
        Self { kind: Cow::Borrowed("operator"), id: command.to_owned() }
    }

    /// A part of the server that acts by itself.
    #[must_use]
    pub fn system(part: &str) -> Self {
        Self { kind: Cow::Borrowed("system"), id: part.to_owned() }
    }
}

impl Object {
    /// The object of this kind with this id.
    #[must_use]
    pub fn new(kind: &'static str, id: impl ToString) -> Self {
        Self { kind: Cow::Borrowed(kind), id: id.to_string() }
    }
}

impl FieldChange {
    /// The change of `field`, unless both values are the same.
    pub fn between(field: &'static str, before: impl Into<String>, after: impl Into<String>) -> Option<Self> {
        let (before, after) = (before.into(), after.into());
        let differ = before != after;
        differ.then_some(Self { field: Cow::Borrowed(field), before: Some(before), after: Some(after) })
    }

    /// The first value of `field`.
    #[must_use]
    pub fn set(field: &'static str, after: impl Into<String>) -> Self {
        Self { field: Cow::Borrowed(field), before: None, after: Some(after.into()) }
    }

    /// That `field` changed, without its values: it is a secret.
    #[must_use]
    pub const fn secret(field: &'static str) -> Self {
        Self { field: Cow::Borrowed(field), before: None, after: None }
    }
}
