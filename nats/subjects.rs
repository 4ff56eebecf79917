//! Every subject there is, as data: built from typed ids only, and parsed back.
//!
//! Ids are hyphenated UUIDs and everything else passes through [`Token`], so no input can add a token or a wildcard.

mod dead_letter;
mod notices;

use std::{fmt, sync::Arc};

use frontdesk_domain::{
    AgentId, Aggregate, ConversationKey, DeadLetterKind, InboxId, InboxKey, ItemRef, Partition, TenantId,
    participant::KindName,
};
use frontdesk_ports::{FeedTarget, Subject, SubjectNames};
use frontdesk_protocol::AckKind;
use uuid::Uuid;

pub use dead_letter::DeadLetterSubject;

/// One token of a subject: 1 to 64 of `[A-Za-z0-9_-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token(Arc<str>);

/// A text that cannot stand as one token of a subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be part of a subject: 1 to 64 letters, digits, `_` or `-`")]
pub struct TokenError(pub String);

/// The subjects of one installation; another on the same broker has another prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects {
    prefix: Token,
}

impl Token {
    /// Checks `text`.
    ///
    /// # Errors
    /// [`TokenError`] names the text.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=64).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(TokenError(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Subjects {
    /// The subjects that begin with `prefix`.
    #[must_use]
    pub const fn new(prefix: Token) -> Self {
        Self { prefix }
    }

    /// The first token of all of them.
    #[must_use]
    pub const fn prefix(&self) -> &Token {
        &self.prefix
    }

    /// Where a conversation's entries are appended.
    #[must_use]
    pub fn message(&self, key: ConversationKey) -> String {
        self.of_conversation("msg", key)
    }

    /// All entries of a partition.
    #[must_use]
    pub fn messages_of(&self, partition: Partition) -> String {
        format!("{}.msg.{partition}.>", self.prefix)
    }

    /// Matches the subjects of all entries.
    #[must_use]
    pub fn messages(&self) -> String {
        self.all("msg")
    }

    /// All entries of one tenant.
    #[must_use]
    pub fn messages_to(&self, tenant: TenantId) -> String {
        format!("{}.msg.*.{tenant}.*", self.prefix)
    }

    /// A partition's entries, as the broker repeats them once they are stored.
    #[must_use]
    pub fn live_of(&self, partition: Partition) -> String {
        format!("{}.live.{partition}.>", self.prefix)
    }

    /// All entries, as the broker repeats them.
    #[must_use]
    pub fn live(&self) -> String {
        self.all("live")
    }

    /// The subject of one acknowledgement.
    #[must_use]
    pub fn ack(&self, key: ConversationKey, kind: AckKind) -> String {
        let (kind, who) = kind.tokens();
        format!("{}.{kind}.{who}", self.of_conversation("ack", key))
    }

    /// A partition's acknowledgements, as the broker repeats them once they are stored: what clients are told must not
    /// be lost again.
    #[must_use]
    pub fn acked_of(&self, partition: Partition) -> String {
        format!("{}.acked.{partition}.>", self.prefix)
    }

    /// All acknowledgements, as the broker repeats them.
    #[must_use]
    pub fn acked(&self) -> String {
        self.all("acked")
    }

    /// All acknowledgements of one tenant.
    #[must_use]
    pub fn acks_to(&self, tenant: TenantId) -> String {
        format!("{}.ack.*.{tenant}.*.*.*", self.prefix)
    }

    /// Matches the subjects of all acknowledgements.
    #[must_use]
    pub fn acks(&self) -> String {
        self.all("ack")
    }

    /// The acknowledgements that members' devices made, and not the database.
    #[must_use]
    pub fn receipts(&self) -> Vec<String> {
        ["delivered", "read"].iter().map(|kind| format!("{}.ack.*.*.*.{kind}.*", self.prefix)).collect()
    }

    /// A participant is typing; never stored.
    #[must_use]
    pub fn typing(&self, key: ConversationKey) -> String {
        self.of_conversation("typing", key)
    }

    /// All typing of a partition.
    #[must_use]
    pub fn typing_of(&self, partition: Partition) -> String {
        format!("{}.typing.{partition}.>", self.prefix)
    }

    /// One agent's feed, or everyone's.
    #[must_use]
    pub fn feed(&self, tenant: TenantId, target: FeedTarget) -> String {
        match target {
            FeedTarget::Agent(agent) => format!("{}.feed.{tenant}.{agent}", self.prefix),
            FeedTarget::Everyone => format!("{}.feed.{tenant}.{EVERYONE}", self.prefix),
        }
    }

    /// All feeds of a tenant.
    #[must_use]
    pub fn feeds_of(&self, tenant: TenantId) -> String {
        format!("{}.feed.{tenant}.*", self.prefix)
    }

    /// What a bridge brings in.
    #[must_use]
    pub fn inbound(&self, tenant: TenantId, inbox: InboxId) -> String {
        format!("{}.in.{tenant}.{inbox}", self.prefix)
    }

    /// What every bridge brings in.
    #[must_use]
    pub fn all_inbound(&self) -> String {
        self.all("in")
    }

    /// What a bridge takes out.
    #[must_use]
    pub fn outbound(&self, tenant: TenantId, inbox: InboxId) -> String {
        format!("{}.out.{tenant}.{inbox}", self.prefix)
    }

    /// What every bridge takes out.
    #[must_use]
    pub fn all_outbound(&self) -> String {
        self.all("out")
    }

    /// An event of a ticket.
    #[must_use]
    pub fn ticket(&self, tenant: TenantId, ticket: &Token, event: &Token) -> String {
        format!("{}.ticket.{tenant}.{ticket}.{event}", self.prefix)
    }

    /// All events of all tickets.
    #[must_use]
    pub fn tickets(&self) -> String {
        self.all("ticket")
    }

    /// All events of one tenant's tickets.
    #[must_use]
    pub fn tickets_of(&self, tenant: TenantId) -> String {
        format!("{}.ticket.{tenant}.>", self.prefix)
    }

    /// Where the events of an aggregate are published.
    ///
    /// # Errors
    /// [`TokenError`] for a kind that cannot stand in a subject.
    pub fn event(&self, aggregate: &Aggregate) -> Result<String, TokenError> {
        let Aggregate { tenant, kind, id } = aggregate;
        Ok(format!("{}.event.{tenant}.{}.{}", self.prefix, Token::new(kind)?, id.as_hyphenated()))
    }

    /// All events of all aggregates.
    #[must_use]
    pub fn events(&self) -> String {
        self.all("event")
    }

    /// Where a node writes to see whether the log takes anything. Kept like an acknowledgement; nothing reads it.
    #[must_use]
    pub fn probe(&self, node: &Token) -> String {
        format!("{}.ack.probe.{node}", self.prefix)
    }

    /// Where a node's heartbeat for a partition is stored; the broker repeats it among the partition's live records.
    #[must_use]
    pub fn heartbeat(&self, partition: Partition, node: &Token) -> String {
        format!("{}.{HEARTBEAT}.{partition}.{node}", self.prefix)
    }

    /// All heartbeats, and where the broker repeats them.
    #[must_use]
    pub fn heartbeats(&self) -> (String, String) {
        let prefix = &self.prefix;
        (
            format!("{prefix}.{HEARTBEAT}.*.*"),
            format!("{prefix}.live.{{{{wildcard(1)}}}}.{HEARTBEAT}.{{{{wildcard(2)}}}}"),
        )
    }

    /// A node's heartbeat among a partition's acknowledgements.
    #[must_use]
    pub fn ack_heartbeat(&self, partition: Partition, node: &Token) -> String {
        format!("{}.ack.{partition}.{HEARTBEAT}.{node}", self.prefix)
    }

    /// A node's heartbeat among a partition's signals.
    #[must_use]
    pub fn typing_heartbeat(&self, partition: Partition, node: &Token) -> String {
        format!("{}.typing.{partition}.{HEARTBEAT}.{node}", self.prefix)
    }

    /// A heartbeat among a tenant's feeds.
    #[must_use]
    pub fn feed_heartbeat(&self, tenant: TenantId) -> String {
        format!("{}.feed.{tenant}.{HEARTBEAT}", self.prefix)
    }

    /// Whether a subject heard on a channel of a partition is a heartbeat's.
    #[must_use]
    pub fn is_heartbeat(&self, subject: &str) -> bool {
        matches!(
            self.tokens(subject).as_deref(),
            Some(["live" | "acked" | "typing", _, HEARTBEAT, _] | ["feed", _, HEARTBEAT])
        )
    }

    /// A subject without subscribers: the broker answers a request there at once, after it processed everything sent
    /// before.
    #[must_use]
    pub(crate) fn no_responder(&self) -> String {
        format!("{}.feed.no.responder", self.prefix)
    }

    /// Whose entry a `msg` or `live` subject is, or whose typing; `None` for other subjects and wrong partitions.
    #[must_use]
    pub fn conversation(&self, subject: &str) -> Option<ConversationKey> {
        match *self.tokens(subject)? {
            ["msg" | "live" | "typing", partition, tenant, conversation] => key(partition, tenant, conversation),
            _ => None,
        }
    }

    /// What an `ack` or `acked` subject acknowledges.
    #[must_use]
    pub fn acknowledgement(&self, subject: &str) -> Option<(ConversationKey, AckKind)> {
        match *self.tokens(subject)? {
            ["ack" | "acked", partition, tenant, conversation, kind, who] => {
                Some((key(partition, tenant, conversation)?, AckKind::from_tokens(kind, who)?))
            }
            _ => None,
        }
    }

    /// The inbox whose outbound records a filter subject selects; `None` for other filters.
    #[must_use]
    pub(crate) fn outbound_inbox(&self, filter: &str) -> Option<(TenantId, InboxId)> {
        match *self.tokens(filter)? {
            ["out", tenant, inbox] => Some((tenant.parse().ok()?, inbox.parse().ok()?)),
            _ => None,
        }
    }

    /// The tenant whose ticket events a filter subject selects; `None` for other filters.
    #[must_use]
    pub(crate) fn tickets_tenant(&self, filter: &str) -> Option<TenantId> {
        match *self.tokens(filter)? {
            ["ticket", tenant, ">"] => tenant.parse().ok(),
            _ => None,
        }
    }

    /// The subject of a record, with what it names to workers.
    #[must_use]
    pub fn parse(&self, subject: &str) -> Subject {
        let names = match self.tokens(subject).as_deref() {
            Some(&["msg", partition, tenant, conversation]) => {
                key(partition, tenant, conversation).map(SubjectNames::Entry)
            }
            Some(["ack", ..]) => self.acknowledgement(subject).map(|(key, kind)| SubjectNames::Ack(key, kind)),
            Some(&["in", tenant, inbox]) => inbox_key(tenant, inbox).map(SubjectNames::Inbound),
            _ => None,
        };
        Subject::new(subject.to_owned(), names.or_else(|| self.parse_foreign(subject)))
    }

    /// What the subject of a record names that no worker of this program takes.
    fn parse_foreign(&self, subject: &str) -> Option<SubjectNames> {
        let item = |kind: &str, id: &str| Some(ItemRef::Other(KindName::new(kind).ok()?, Uuid::try_parse(id).ok()?));
        let (tenant, kind, item) = match *self.tokens(subject)? {
            ["ack", partition, tenant, conversation, ..] => {
                let key = key(partition, tenant, conversation);
                let item = key.map(|key| ItemRef::Conversation(key.conversation));
                (tenant, DeadLetterKind::Acknowledgement, item)
            }
            ["out", tenant, inbox] => (tenant, DeadLetterKind::OutboundMessage, item("inbox", inbox)),
            ["ticket", tenant, ticket, _] => (tenant, DeadLetterKind::TicketEvent, item("ticket", ticket)),
            ["event", tenant, kind, id] => (tenant, DeadLetterKind::Event, item(kind, id)),
            ["msg", _, tenant, ..] | ["in" | "out" | "ticket", tenant, ..] => (tenant, DeadLetterKind::Other, None),
            _ => return None,
        };
        Some(SubjectNames::Foreign { tenant: tenant.parse().ok()?, kind, item })
    }

    /// For whom a `feed` subject is.
    #[must_use]
    pub fn feed_target(&self, subject: &str) -> Option<(TenantId, FeedTarget)> {
        match *self.tokens(subject)? {
            ["feed", tenant, EVERYONE] => Some((tenant.parse().ok()?, FeedTarget::Everyone)),
            ["feed", tenant, agent] => Some((tenant.parse().ok()?, FeedTarget::Agent(agent.parse::<AgentId>().ok()?))),
            _ => None,
        }
    }

    fn tokens<'a>(&self, subject: &'a str) -> Option<Box<[&'a str]>> {
        let rest = subject.strip_prefix(self.prefix.as_str())?.strip_prefix('.')?;
        Some(rest.split('.').collect())
    }

    fn of_conversation(&self, kind: &str, key: ConversationKey) -> String {
        format!("{}.{kind}.{}.{}.{}", self.prefix, Partition::of(&key), key.tenant, key.conversation)
    }

    fn all(&self, kind: &str) -> String {
        format!("{}.{kind}.>", self.prefix)
    }
}

fn key(partition: &str, tenant: &str, conversation: &str) -> Option<ConversationKey> {
    let key = ConversationKey { tenant: tenant.parse().ok()?, conversation: conversation.parse().ok()? };
    // As we write it: "07" or "+7" would be a second name for the same thing.
    (Partition::of(&key).to_string() == partition).then_some(key)
}

fn inbox_key(tenant: &str, inbox: &str) -> Option<InboxKey> {
    Some(InboxKey { tenant: tenant.parse().ok()?, inbox: inbox.parse().ok()? })
}

/// In place of a tenant: a heartbeat. No UUID looks like it.
const HEARTBEAT: &str = "beat";

/// In place of an agent: for all of them. No UUID looks like it.
const EVERYONE: &str = "all";

#[cfg(test)]
mod tests;
