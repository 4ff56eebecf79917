//! Use cases: one function for each act on what lives in the database.
//!
//! A use case asks whether the requester may do it, applies the rule, writes on the condition that the expected version
//! is still the present one, and adds the audit entry, all in one transaction. REST handlers, the command line and
//! workers call the same functions, so they cannot differ in what they allow or record. Acts on a conversation go
//! through the log instead and are audited from its entries.
//!
//! | module | acts |
//! | --- | --- |
//! | [`tenants`] | make a tenant with its inbox and agents |
//! | [`agents`] | make and change an agent |
//! | [`roles`] | make, change and delete a role of the tenant |
//! | [`identity_secrets`] | make and remove the secrets by which sites prove their visitors |
//! | [`inboxes`] | create, change, disable and enable an inbox |
//! | [`settings`] | set what holds for the tenant, an inbox or a team, go back to an earlier version; one cache of it |
//! | [`notices`] | follow change notices, for the caches of a process |
//! | [`teams`] | create, change and delete a team |
//! | [`Memberships`] | who belongs to which teams; one cache of it |
//! | [`skills`] | create, rename and delete a skill, set those of an agent |
//! | [`calendars`] | create, change and delete a calendar, import days into it |
//! | [`logins`] | begin and end a log-in, record refused attempts |
//! | [`dead_letters`] | redeliver and discard a dead letter |
//! | [`contacts`] | make or complete a contact who writes |
//! | [`integrity`] | begin a check of everything that a tenant has |
//! | [`audit`] | read the audit trail, check its chains |
//!
//! What takes long, such as hashing a password, is done before a use case is called: a transaction holds locks. Nothing
//! here knows HTTP, a database or a broker; the API, workers and the server may depend on it.

pub mod agents;
pub mod audit;
pub mod calendars;
pub mod contacts;
pub mod dead_letters;
mod definitions;
mod error;
mod events;
pub mod identity_secrets;
pub mod inboxes;
pub mod integrity;
pub mod logins;
mod memberships;
mod newer_version;
pub mod notices;
mod requester;
pub mod roles;
pub mod settings;
pub mod skills;
pub mod teams;
pub mod tenants;

use std::sync::Arc;

use frontdesk_domain::{
    AuditDraft, Timestamp,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{Clock, Notice, NoticeKind, Notices, Transactions};
use uuid::Uuid;

pub use error::ActError;
pub use memberships::Memberships;
pub use newer_version::NewerVersion;
pub use requester::Requester;

/// What every use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Application {
    transactions: Arc<dyn Transactions>,
    clock: Arc<dyn Clock>,
    notices: Option<Arc<dyn Notices>>,
}

impl Application {
    /// Use cases on this database. They send no change notices: for commands that run without a broker.
    #[must_use]
    pub fn new(transactions: Arc<dyn Transactions>, clock: Arc<dyn Clock>) -> Self {
        Self { transactions, clock, notices: None }
    }

    /// The same, telling all processes of the installation what changed.
    #[must_use]
    pub fn with_notices(self, notices: Arc<dyn Notices>) -> Self {
        Self { notices: Some(notices), ..self }
    }

    /// Tells all processes that an object of the requester's tenant has this version now. Call it after the commit. A
    /// notice that cannot be sent fails nothing: caches read again when what they hold reaches its age limit.
    async fn notify(&self, by: &Requester, kind: NoticeKind, object: Uuid, version: u64) {
        self.tell(Notice { tenant: by.tenant(), kind, object, version }).await;
    }

    async fn tell(&self, notice: Notice) {
        let Some(notices) = &self.notices else { return };
        if let Err(error) = notices.publish(&notice).await {
            let (kind, error) = (notice.kind.as_str(), &error as &dyn std::error::Error);
            tracing::warn!(kind, error, "a change notice was not sent; other nodes see the change some seconds later");
        }
    }

    /// The audit entry of an act that `requester` does now.
    fn entry(&self, requester: &Requester, act: &'static str, object: Object, changes: Vec<FieldChange>) -> AuditDraft {
        AuditDraft {
            tenant: requester.tenant(),
            at: self.clock.now(),
            actor: requester.actor(),
            act: act.into(),
            object,
            changes,
        }
    }

    /// Writes an audit entry by itself, for acts that change nothing in the database.
    async fn record(&self, entry: AuditDraft) -> Result<(), ActError> {
        let mut transaction = self.transactions.begin().await?;
        transaction.audit(entry).await?;
        Ok(transaction.commit().await?)
    }
}

/// A new id that sorts by time (UUIDv7).
#[must_use]
pub fn fresh_id(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.0).unwrap_or_default();
    let nanos = u32::try_from(millis % 1_000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, millis / 1_000, nanos))
}
