//! Programs of others at the broker: bridges and integrators, and exactly what each may do.
//!
//! Rights on subjects are not enough. Whoever may publish chooses the reply subject, and the broker answers there with rights
//! of its own: its acknowledgement of a bridge's message would be stored in any stream that takes the reply subject in. So
//! each principal has an account of its own, which holds no streams; the few subjects that it may use are imported from the
//! desk's account one by one, and answers end in its own account.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, ReplayPolicy, pull};
use frontdesk_config::{Queue, Role};
use frontdesk_domain::{InboxId, TenantId};
use frontdesk_ports::LogError;
use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};

use crate::{
    log::Shared,
    subjects::{Subjects, Token},
    topology::StreamName,
};

/// A program of others at the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    name: Token,
    kind: PrincipalKind,
}

/// What it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrincipalKind {
    /// Brings messages into one inbox, and takes answers out.
    Bridge {
        /// Whose.
        tenant: TenantId,
        /// Which inbox.
        inbox: InboxId,
    },
    /// Takes the events of one tenant's tickets.
    Integrator {
        /// Whose.
        tenant: TenantId,
    },
}

/// A name that no principal can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be the name of credentials: 3 to 40 lower-case letters, digits or `-`, and none of our own names"
)]
pub struct PrincipalNameError(pub String);

impl Principal {
    /// A principal of this name: its user, its account and its consumer are called so.
    ///
    /// # Errors
    /// [`PrincipalNameError`] for a name that is no plain word, or one of the desk's own.
    pub fn new(name: &str, kind: PrincipalKind) -> Result<Self, PrincipalNameError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (3..=40).contains(&name.len()) && name.bytes().all(plain) && !is_ours(name);
        let token = fits.then(|| Token::new(name).ok()).flatten();
        token.map(|name| Self { name, kind }).ok_or_else(|| PrincipalNameError(name.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The only reply subjects it may listen on begin with this; its client must be told so.
    #[must_use]
    pub fn inbox_prefix(&self) -> String {
        format!("_INBOX_{}", self.name)
    }

    /// The stream from which it takes.
    pub(crate) fn stream(&self, subjects: &Subjects) -> String {
        let stream = match self.kind {
            PrincipalKind::Bridge { .. } => StreamName::Outbound,
            PrincipalKind::Integrator { .. } => StreamName::Tickets,
        };
        stream.under(subjects)
    }

    /// Its consumer, which only the core makes. Gives a record up in the end, so that one that its program cannot process
    /// does not hold up the rest for ever; the broker's notice of that makes it a dead letter.
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

    /// The subjects of the desk that it may publish to, each with whether several answers may come.
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

    /// Its account, for the broker's configuration.
    #[must_use]
    pub fn account(&self, subjects: &Subjects, password_hash: &str) -> String {
        let services = self.services(subjects);
        let publish: Vec<_> = services.iter().map(|(subject, _)| format!("\"{subject}\"")).collect();
        let import = |(subject, _): &(String, bool)| {
            format!("        {{ service: {{ account: {DESK_ACCOUNT}, subject: \"{subject}\" }} }}\n")
        };
        let imports: String = services.iter().map(import).collect();
        format!(
            "{name}: {{\n    users: [{{\n        user: \"{name}\", password: \"{password_hash}\"\n        \
             permissions: {{ publish: {{ allow: [{}] }}, subscribe: [\"{}.>\"] }}\n    }}]\n    imports: [\n{imports}    ]\n}}\n",
            publish.join(", "),
            self.inbox_prefix(),
            name = self.name,
        )
    }
}

/// What the desk's account must export so that `principals` can work: one line for each subject.
#[must_use]
pub fn exports(principals: &[Principal], subjects: &Subjects) -> String {
    let mut services: std::collections::BTreeMap<(String, bool), Vec<&str>> = std::collections::BTreeMap::new();
    for principal in principals {
        for service in principal.services(subjects) {
            services.entry(service).or_default().push(principal.name());
        }
    }
    let line = |((subject, streams), names): ((String, bool), Vec<&str>)| {
        let response = if streams { ", response_type: stream" } else { "" };
        format!("{{ service: \"{subject}\"{response}, accounts: [{}] }}\n", names.join(", "))
    };
    services.into_iter().map(line).collect()
}

/// All principals that have a consumer, as its name and filter say; what is none of ours is passed over.
pub(crate) async fn with_consumers(shared: &Shared) -> Result<Vec<Principal>, LogError> {
    let link = shared.links.reach()?;
    let subjects = shared.subjects();
    let mut principals = Vec::new();
    for stream in [StreamName::Outbound, StreamName::Tickets] {
        let stream = link.broker.get_stream_no_info(stream.under(subjects)).await.map_err(unavailable)?;
        let mut consumers = stream.consumers();
        while let Some(consumer) = consumers.try_next().await.map_err(unavailable)? {
            let kind = subjects.principal(&consumer.config.filter_subject);
            principals.extend(kind.and_then(|kind| Principal::new(&consumer.name, kind).ok()));
        }
    }
    principals.sort_by(|one, two| one.name().cmp(two.name()));
    Ok(principals)
}

fn unavailable<E: Into<frontdesk_ports::BoxError>>(error: E) -> LogError {
    LogError::Unavailable(error.into())
}

/// The account that holds the streams.
pub const DESK_ACCOUNT: &str = "DESK";

/// Whether it is the name of a user, a role or a queue of our own.
fn is_ours(name: &str) -> bool {
    let users = ["core", "worker"].into_iter();
    users.chain(Role::all().map(Role::name)).chain(Queue::all().map(Queue::name)).any(|ours| ours == name)
}

/// How long a bridge or integrator may take over one record.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How often it is handed one.
const MAX_DELIVER: i64 = 20;

/// Records that it may hold unanswered.
const MAX_ACK_PENDING: i64 = 1_000;

/// Pulls that it may have open.
const MAX_WAITING: i64 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_name_is_a_plain_word_and_none_of_ours() {
        let kind = PrincipalKind::Integrator { tenant: TenantId(Uuid::nil()) };
        assert!(Principal::new("acme-wechat-2", kind).is_ok());
        for name in
            ["", "ab", "core", "persist", "given-up", "A-b", "a.b.c", "a*c", "a c", "a\"b", "a{b", &"x".repeat(41)]
        {
            assert!(Principal::new(name, kind).is_err(), "{name:?}");
        }
    }

    #[test]
    fn two_bridges_of_one_inbox_share_the_way_in_and_nothing_else() {
        let kind = PrincipalKind::Bridge { tenant: TenantId(Uuid::nil()), inbox: InboxId(Uuid::nil()) };
        let both = ["one", "two"].map(|name| Principal::new(name, kind).unwrap());
        let exports = exports(&both, &Subjects::new(Token::usual_prefix()));
        assert_eq!(exports.lines().count(), 5, "{exports}");
        let shared: Vec<_> = exports.lines().filter(|line| line.contains("[one, two]")).collect();
        assert!(shared.len() == 1 && shared[0].contains("\"desk.in."), "{exports}");
        assert!(exports.contains("\"$JS.ACK.OUTBOUND.one.>\", accounts: [one]"), "{exports}");
    }
}
