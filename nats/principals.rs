//! Bridges and integrators: programs of third parties at the broker, and exactly what each may do.
//!
//! Permissions on subjects are not enough. A client that may publish chooses the reply subject, and the broker answers
//! there with its own permissions: its acknowledgement of a bridge's message would be stored in any stream that has the
//! reply subject. So each principal has an account of its own, which holds no streams; the few subjects that it may use
//! are imported from the desk's account one by one, and answers end in its own account.

mod account;
mod kind;

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, ReplayPolicy, pull};
use frontdesk_config::{Queue, Role};

pub use account::{DESK_ACCOUNT, exports};
pub use kind::PrincipalKind;

use crate::{
    subjects::{Subjects, Token},
    topology::StreamName,
};

/// A bridge or integrator at the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    name: Token,
    kind: PrincipalKind,
}

/// A name that a principal cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be the name of credentials: 3 to 40 lower-case letters, digits or `-`, and not a reserved name")]
pub struct PrincipalNameError(pub String);

impl Principal {
    /// A principal of this name: its user, its account and its consumer are called so.
    ///
    /// # Errors
    /// [`PrincipalNameError`] for a name with other characters, or a reserved one.
    pub fn new(name: &str, kind: PrincipalKind) -> Result<Self, PrincipalNameError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (3..=40).contains(&name.len()) && name.bytes().all(plain) && !is_reserved(name);
        let token = fits.then(|| Token::new(name).ok()).flatten();
        token.map(|name| Self { name, kind }).ok_or_else(|| PrincipalNameError(name.to_owned()))
    }

    /// Name of the user at the broker.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What it is for: its tenant, and for a bridge its inbox.
    #[must_use]
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// First token of the only reply subjects it may subscribe to; its client must be configured with it.
    #[must_use]
    pub fn inbox_prefix(&self) -> String {
        format!("_INBOX_{}", self.name)
    }

    /// The stream that its consumer reads.
    pub(crate) fn stream(&self, subjects: &Subjects) -> String {
        let stream = match self.kind {
            PrincipalKind::Bridge { .. } => StreamName::Outbound,
            PrincipalKind::Integrator { .. } => StreamName::Tickets,
        };
        stream.under(subjects)
    }

    /// Its consumer, which only the core user creates. A record is delivered at most 20 times, so that one that the
    /// program cannot process does not block the rest; the broker's notice of that makes it a dead letter.
    pub(crate) fn consumer(&self, subjects: &Subjects) -> pull::Config {
        let filter_subject = match self.kind {
            PrincipalKind::Bridge { tenant, inbox } => subjects.outbound(tenant, inbox),
            PrincipalKind::Integrator { tenant } => subjects.tickets_of(tenant),
        };
        pull::Config {
            durable_name: Some(self.name.to_string()),
            name: Some(self.name.to_string()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            replay_policy: ReplayPolicy::Instant,
            ack_wait: ACK_WAIT,
            max_deliver: MAX_DELIVER,
            max_ack_pending: MAX_ACK_PENDING,
            max_waiting: MAX_WAITING,
            filter_subject,
            ..pull::Config::default()
        }
    }

    /// The subjects of the desk's account that it may publish to, each with whether several replies may follow.
    pub(crate) fn services(&self, subjects: &Subjects) -> Vec<(String, bool)> {
        let (stream, consumer) = (self.stream(subjects), &self.name);
        let mut services = vec![
            (format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"), true),
            (format!("$JS.ACK.{stream}.{consumer}.>"), false),
        ];
        if let PrincipalKind::Bridge { tenant, inbox } = self.kind {
            services.push((subjects.inbound(tenant, inbox), false));
        }
        services
    }
}

/// Whether it is the name of a user, a role or a queue of the installation itself.
fn is_reserved(name: &str) -> bool {
    let users = ["core", "worker"].into_iter();
    users.chain(Role::all().map(Role::name)).chain(Queue::all().map(Queue::name)).any(|reserved| reserved == name)
}

/// Time within which a bridge or integrator must acknowledge a record.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// Deliveries of one record.
const MAX_DELIVER: i64 = 20;

/// Records that may be delivered and not acknowledged.
const MAX_ACK_PENDING: i64 = 1_000;

/// Pull requests that may be open.
const MAX_WAITING: i64 = 64;

#[cfg(test)]
mod tests {
    use frontdesk_domain::TenantId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_name_is_a_plain_word_and_not_reserved() {
        let kind = PrincipalKind::Integrator { tenant: TenantId(Uuid::nil()) };
        assert!(Principal::new("acme-wechat-2", kind).is_ok());
        for name in
            ["", "ab", "core", "persist", "given-up", "A-b", "a.b.c", "a*c", "a c", "a\"b", "a{b", &"x".repeat(41)]
        {
            assert!(Principal::new(name, kind).is_err(), "{name:?}");
        }
    }
}
