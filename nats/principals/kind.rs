//! What a principal is for.

use frontdesk_domain::{InboxId, TenantId};
use serde::{Deserialize, Serialize};

use crate::subjects::Subjects;

/// What a principal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrincipalKind {
    /// Publishes messages to one inbox, and takes its answers.
    Bridge {
        /// The tenant that it acts for.
        tenant: TenantId,
        /// The inbox whose messages it brings.
        inbox: InboxId,
    },
    /// Takes the ticket events of one tenant.
    Integrator {
        /// The tenant that it acts for.
        tenant: TenantId,
    },
}

impl PrincipalKind {
    /// The kind of principal whose consumer has this filter subject; `None` for other filters.
    pub(crate) fn of_filter(filter: &str, subjects: &Subjects) -> Option<Self> {
        let bridge = subjects.outbound_inbox(filter).map(|(tenant, inbox)| Self::Bridge { tenant, inbox });
        bridge.or_else(|| subjects.tickets_tenant(filter).map(|tenant| Self::Integrator { tenant }))
    }
}
