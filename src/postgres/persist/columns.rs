//! Rows turned into columns, as `unnest` takes them.

use frontdesk_domain::ConversationKey;
use frontdesk_ports::Snapshot;
use frontdesk_storage::{
    persist_plan::Offered,
    rows::{ConversationRow, EntryRow},
};
use uuid::Uuid;

use super::Plans;

/// The entries to write; see [`EntryRow`].
#[derive(Default)]
pub(super) struct EntryColumns {
    pub(super) tenant_id: Vec<Uuid>,
    pub(super) conversation_id: Vec<Uuid>,
    pub(super) seq: Vec<i64>,
    pub(super) prev_public: Vec<i64>,
    pub(super) public: Vec<bool>,
    pub(super) at_ms: Vec<i64>,
    pub(super) sender_kind: Vec<String>,
    pub(super) sender_id: Vec<Uuid>,
    pub(super) author_name: Vec<String>,
    pub(super) client_id: Vec<Uuid>,
    pub(super) digest: Vec<Uuid>,
    pub(super) kind: Vec<String>,
    pub(super) event: Vec<String>,
    pub(super) newer: Vec<Option<String>>,
    pub(super) content_hash: Vec<Vec<u8>>,
}

/// The conversations to change; see [`ConversationRow`].
#[derive(Default)]
pub(super) struct ConversationColumns {
    pub(super) tenant_id: Vec<Uuid>,
    pub(super) conversation_id: Vec<Uuid>,
    pub(super) state: Vec<String>,
    pub(super) log_seq: Vec<i64>,
    pub(super) last_seq: Vec<i64>,
    pub(super) last_at_ms: Vec<i64>,
    pub(super) status: Vec<String>,
    pub(super) assignee_id: Vec<Option<Uuid>>,
    pub(super) inbox_id: Vec<Option<Uuid>>,
    pub(super) contact_id: Vec<Option<Uuid>>,
    pub(super) opened_at_ms: Vec<Option<i64>>,
}

impl EntryColumns {
    pub(super) fn of(plans: &Plans<'_>) -> Self {
        let mut columns = Self::default();
        for (key, planned) in plans {
            for offered in &planned.write {
                columns.push(*key, offered);
            }
        }
        columns
    }

    fn push(&mut self, key: ConversationKey, offered: &Offered<'_>) {
        let row = EntryRow::of(offered.entry());
        self.tenant_id.push(key.tenant.0);
        self.conversation_id.push(key.conversation.0);
        self.seq.push(row.seq);
        self.prev_public.push(row.prev_public);
        self.public.push(row.public);
        self.at_ms.push(row.at_ms);
        self.sender_kind.push(row.sender_kind);
        self.sender_id.push(row.sender_id);
        self.author_name.push(row.author_name);
        self.client_id.push(row.client_id);
        self.digest.push(row.digest);
        self.kind.push(row.kind);
        self.event.push(row.event);
        self.newer.push(row.newer);
        self.content_hash.push(offered.hash.to_vec());
    }
}

impl ConversationColumns {
    /// Of the conversations that get entries.
    pub(super) fn of(plans: &Plans<'_>) -> Self {
        let mut columns = Self::default();
        for (key, planned) in plans.iter().filter(|(_, planned)| !planned.write.is_empty()) {
            columns.push(*key, &planned.snapshot);
        }
        columns
    }

    fn push(&mut self, key: ConversationKey, snapshot: &Snapshot) {
        let row = ConversationRow::of(snapshot);
        self.tenant_id.push(key.tenant.0);
        self.conversation_id.push(key.conversation.0);
        self.state.push(row.state);
        self.log_seq.push(row.log_seq);
        self.last_seq.push(row.last_seq);
        self.last_at_ms.push(row.last_at_ms);
        self.status.push(row.status.to_owned());
        self.assignee_id.push(row.assignee_id);
        self.inbox_id.push(row.inbox_id);
        self.contact_id.push(row.contact_id);
        self.opened_at_ms.push(row.opened_at_ms);
    }
}
