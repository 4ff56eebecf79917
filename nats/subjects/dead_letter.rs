//! Where parked records lie: `<prefix>.dead.<stream>.<consumer>.<tenant>.<conversation>.<log_seq>`.
//!
//! Each has a subject of its own, so that one can be replaced or removed without touching another, and the tenant is part of
//! it, so that a tenant's records are looked for among its own only.

use frontdesk_domain::{ConversationId, TenantId};

use super::{Subjects, Token};

/// What is known of a parked record, or asked of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterSubject {
    /// The stream it lay in.
    pub stream: Option<Token>,
    /// The queue that gave it up.
    pub consumer: Option<Token>,
    /// Tenant of the record; `None` when its subject names none.
    pub tenant: Option<TenantId>,
    /// Conversation of the record; `None` for records outside of conversations.
    pub conversation: Option<ConversationId>,
    /// Its sequence in that stream.
    pub log_seq: Option<u64>,
}

impl Subjects {
    /// Where it lies. What is not known of it has a word of its own, which is no id.
    #[must_use]
    pub fn dead(&self, record: &DeadLetterSubject) -> String {
        self.parked(record, "none")
    }

    /// Where all lie that are like it; what is not given may be anything.
    #[must_use]
    pub fn dead_like(&self, record: &DeadLetterSubject) -> String {
        self.parked(record, "*")
    }

    /// Matches the subjects of all dead letters.
    #[must_use]
    pub fn all_dead(&self) -> String {
        self.all("dead")
    }

    /// The sequence of the record that is parked on `subject`; `None` for other subjects.
    #[must_use]
    pub fn dead_seq(&self, subject: &str) -> Option<u64> {
        match *self.tokens(subject)? {
            ["dead", _, _, _, _, log_seq] => log_seq.parse().ok(),
            _ => None,
        }
    }

    /// Stream and consumer of the record that is parked on `subject`; `None` for other subjects.
    #[must_use]
    pub(crate) fn dead_record(&self, subject: &str) -> Option<(String, String)> {
        match *self.tokens(subject)? {
            ["dead", stream, consumer, ..] => Some((stream.to_owned(), consumer.to_owned())),
            _ => None,
        }
    }

    fn parked(&self, record: &DeadLetterSubject, absent: &str) -> String {
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
