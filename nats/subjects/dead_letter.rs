//! Subjects of dead letters: `<prefix>.dead.<stream>.<consumer>.<tenant>.<conversation>.<log_seq>`.
//!
//! Each has a subject of its own, so that one can be replaced or removed without touching another, and the tenant is
//! part of it, so that a tenant's records are looked for among its own only.

use frontdesk_domain::{ConversationId, TenantId};

use super::{Subjects, Token};

/// What identifies a dead letter, or what several have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterSubject {
    /// The stream it lay in.
    pub stream: Option<Token>,
    /// The queue whose worker could not process it.
    pub consumer: Option<Token>,
    /// Tenant of the record; `None` when its subject names none.
    pub tenant: Option<TenantId>,
    /// Conversation of the record; `None` for records outside of conversations.
    pub conversation: Option<ConversationId>,
    /// Its sequence in that stream.
    pub log_seq: Option<u64>,
}

impl Subjects {
    /// The subject of one. What is not known of it has a word of its own, which is no id.
    #[must_use]
    pub fn dead(&self, record: &DeadLetterSubject) -> String {
        self.with_absent(record, "none")
    }

    /// Matches the subjects of all that are like it; what is not given may be anything.
    #[must_use]
    pub fn dead_like(&self, record: &DeadLetterSubject) -> String {
        self.with_absent(record, "*")
    }

    /// Matches the subjects of all dead letters.
    #[must_use]
    pub fn all_dead(&self) -> String {
        self.all("dead")
    }

    /// The sequence of the record that is a dead letter on `subject`; `None` for other subjects.
    #[must_use]
    pub fn dead_seq(&self, subject: &str) -> Option<u64> {
        match *self.tokens(subject)? {
            ["dead", _, _, _, _, log_seq] => log_seq.parse().ok(),
            _ => None,
        }
    }

    /// What the subject of a dead letter says of it; `None` for other subjects.
    #[must_use]
    pub(crate) fn parse_dead(&self, subject: &str) -> Option<DeadLetterSubject> {
        match *self.tokens(subject)? {
            ["dead", stream, consumer, tenant, conversation, log_seq] => Some(DeadLetterSubject {
                stream: Some(Token::new(stream).ok()?),
                consumer: Some(Token::new(consumer).ok()?),
                tenant: tenant.parse().ok(),
                conversation: conversation.parse().ok(),
                log_seq: Some(log_seq.parse().ok()?),
            }),
            _ => None,
        }
    }

    fn with_absent(&self, record: &DeadLetterSubject, absent: &str) -> String {
        let DeadLetterSubject { stream, consumer, tenant, conversation, log_seq } = record;
        let tokens = [
            stream.as_ref().map(ToString::to_string),
            consumer.as_ref().map(ToString::to_string),
            tenant.map(|tenant| tenant.to_string()),
            conversation.map(|conversation| conversation.to_string()),
            log_seq.map(|log_seq| log_seq.to_string()),
        ];
        let tokens = tokens.map(|token| token.unwrap_or_else(|| absent.to_owned()));
        format!("{}.dead.{}", self.prefix, tokens.join("."))
    }
}
