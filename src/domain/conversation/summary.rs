//! A conversation as lists and feeds show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Conversation, Preview, Status, field::ConversationFields};
use crate::{
    ids::{ContactId, ConversationId, InboxId},
    policy::Resource,
    text::Tag,
    timestamp::Timestamp,
};

/// A conversation as a row of a list. `last_seq` says which of two rows is newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConversationSummary {
    /// The conversation's id.
    pub conversation: ConversationId,
    /// Through which inbox it came.
    pub inbox: InboxId,
    /// Whose it is.
    pub contact: ContactId,
    /// The contact's name, or empty.
    pub contact_name: String,
    /// Where it stands.
    pub status: Status,
    /// Until when it is hidden, while snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who holds it.
    pub assignment: Option<Assignment>,
    /// The labels that agents put on.
    pub tags: Vec<Tag>,
    /// What agents set by hand; left out while nothing is set.
    #[serde(default, skip_serializing_if = "ConversationFields::is_empty")]
    pub fields: ConversationFields,
    /// The beginning of its last message.
    pub preview: Option<Preview>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its last entry was decided.
    pub last_at: Timestamp,
    /// Number of its last entry.
    pub last_seq: u64,
}

impl ConversationSummary {
    /// The row for `conversation`, or `None` before it was opened.
    #[must_use]
    pub fn of(id: ConversationId, conversation: &Conversation) -> Option<Self> {
        let opening = conversation.opening.as_ref()?;
        Some(Self {
            conversation: id,
            inbox: opening.inbox,
            contact: opening.contact,
            contact_name: opening.contact_name.clone(),
            status: conversation.status,
            snoozed_until: conversation.snoozed_until,
            assignment: conversation.assignment.clone(),
            tags: conversation.tags.iter().cloned().collect(),
            fields: conversation.fields.clone(),
            preview: conversation.preview.clone(),
            opened_at: opening.at,
            last_at: conversation.last_at,
            last_seq: conversation.last_seq,
        })
    }

    /// What permissions for it are asked for.
    #[must_use]
    pub fn resource(&self) -> Resource {
        let assignee = self.assignment.as_ref().map(|held| held.agent);
        Resource::Conversation { contact: self.contact, inbox: self.inbox, assignee }
    }
}
