//! One change of several rows that happens as a whole or not at all.
//!
//! A use case begins a transaction, reads what its rule needs, writes, adds the audit entry, and commits. Dropping a
//! transaction rolls it back. No transaction may stay open across a call over the network other than to the database:
//! it holds a connection and locks.

mod agents;
mod audit;
mod definitions;
mod inboxes;
mod logins;
mod outbox;
mod roles;
mod settings;
mod tenants;
mod timers;

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use sha2::{Digest as _, Sha256};

pub use agents::AgentWrites;
pub use audit::AuditWrites;
pub use definitions::DefinitionWrites;
pub use inboxes::InboxWrites;
pub use logins::LoginWrites;
pub use outbox::OutboxWrites;
pub use roles::RoleWrites;
pub use settings::SettingsWrites;
pub use tenants::TenantWrites;
pub use timers::TimerWrites;

pub use crate::versioned::Versioned;

use crate::error::StoreError;

/// Begins transactions on the database.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// Begins one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;
}

/// A transaction that has begun. What it wrote is seen by others after [`Transaction::commit`] only.
///
/// After an error it is of no more use: drop it.
#[async_trait]
pub trait Transaction:
    TenantWrites
    + AgentWrites
    + RoleWrites
    + InboxWrites
    + DefinitionWrites
    + LoginWrites
    + SettingsWrites
    + TimerWrites
    + OutboxWrites
    + AuditWrites
    + Send
{
    /// Waits until no other transaction holds `lock`, and holds it until this one ends. For rules over several rows,
    /// such as "one owner remains", which locks on single rows cannot guard. Take locks before reading what they guard.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn lock(&mut self, lock: TenantLock) -> Result<(), StoreError>;

    /// Makes everything that was written permanent and visible, at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] also when the outcome is unknown: the connection broke during the commit.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A lock on one kind of a tenant's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantLock {
    /// The tenant whose rows are locked.
    pub tenant: TenantId,
    /// Which kind, such as `agents`.
    pub rows: &'static str,
}

impl TenantLock {
    /// The lock on a tenant's agents and roles.
    #[must_use]
    pub const fn agents(tenant: TenantId) -> Self {
        Self { tenant, rows: "agents" }
    }

    /// The lock on the number of a tenant's inboxes.
    #[must_use]
    pub const fn inboxes(tenant: TenantId) -> Self {
        Self { tenant, rows: "inboxes" }
    }

    /// The lock on a tenant's settings documents.
    #[must_use]
    pub const fn settings(tenant: TenantId) -> Self {
        Self { tenant, rows: "settings" }
    }

    /// The lock on a tenant's definitions.
    #[must_use]
    pub const fn definitions(tenant: TenantId) -> Self {
        Self { tenant, rows: "definitions" }
    }

    /// The number of this lock for databases that lock by number: the first eight bytes, big-endian, of the SHA-256 of
    /// the kind of rows, a zero byte and the tenant's 16 bytes. All versions of the program must agree on it.
    #[must_use]
    pub fn number(self) -> i64 {
        let hash =
            Sha256::new().chain_update(self.rows).chain_update([0]).chain_update(self.tenant.0.as_bytes()).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        i64::from_be_bytes(first)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_number_of_a_lock_never_changes_and_differs_by_tenant_and_rows() {
        let lock = TenantLock::agents(TenantId(Uuid::from_u128(1)));
        assert_eq!(lock.number(), -118_610_185_658_963_223);
        assert_ne!(lock.number(), TenantLock::agents(TenantId(Uuid::from_u128(2))).number());
        assert_ne!(lock.number(), TenantLock::inboxes(lock.tenant).number());
    }
}
