//! The subjects of records in memory, written and parsed as the broker's adapter does.

use frontdesk_domain::{ConversationKey, InboxKey, Partition};
use frontdesk_ports::{Subject, SubjectNames};
use frontdesk_protocol::AckKind;

/// The subject `text`, with what it names.
#[must_use]
pub fn parse_subject(text: &str) -> Subject {
    let tokens: Vec<_> = text.split('.').collect();
    let names = match tokens[..] {
        ["desk", "msg", partition, tenant, conversation] => {
            key(partition, tenant, conversation).map(SubjectNames::Entry)
        }
        ["desk", "ack", partition, tenant, conversation, kind, who] => key(partition, tenant, conversation)
            .and_then(|key| Some(SubjectNames::Ack(key, AckKind::from_tokens(kind, who)?))),
        ["desk", "in", tenant, inbox] => inbox_key(tenant, inbox).map(SubjectNames::Inbound),
        _ => None,
    };
    Subject::new(text.to_owned(), names)
}

/// Where the entries of a conversation lie.
pub(super) fn subject(key: ConversationKey) -> String {
    format!("desk.msg.{}.{}.{}", Partition::of(&key), key.tenant, key.conversation)
}

/// Where an acknowledgement lies.
pub(super) fn ack_subject(key: ConversationKey, kind: AckKind) -> String {
    let (kind, who) = kind.tokens();
    format!("desk.ack.{}.{}.{}.{kind}.{who}", Partition::of(&key), key.tenant, key.conversation)
}

fn key(partition: &str, tenant: &str, conversation: &str) -> Option<ConversationKey> {
    let key = ConversationKey { tenant: tenant.parse().ok()?, conversation: conversation.parse().ok()? };
    (Partition::of(&key).to_string() == partition).then_some(key)
}

fn inbox_key(tenant: &str, inbox: &str) -> Option<InboxKey> {
    Some(InboxKey { tenant: tenant.parse().ok()?, inbox: inbox.parse().ok()? })
}
