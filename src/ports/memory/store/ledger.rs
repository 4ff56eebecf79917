//! Reading all of it, and damaging it.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Entry, Timestamp};

use super::MemoryStore;
use crate::{
    error::StoreError,
    ledger::{HeldConversation, HeldEntry, StoreLedger},
    log::Record,
    persist_plan::{ContentHash, KnownEntry},
    store::Snapshot,
};

impl MemoryStore {
    /// Changes a conversation that is there behind everybody's back, as a defect or a hand in the database would.
    pub fn tamper(&self, key: ConversationKey, with: impl FnOnce(&mut Snapshot, &mut Vec<(Entry, ContentHash)>)) {
        if let Some(held) = self.lock().conversations.get_mut(&key) {
            with(&mut held.snapshot, &mut held.entries);
        }
    }
}

#[async_trait]
impl StoreLedger for MemoryStore {
    async fn conversations_after(
        &self,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldConversation>, StoreError> {
        let state = self.state()?;
        let rows = state.conversations.iter();
        let wanted = rows.filter(|(key, held)| {
            after.is_none_or(|after| **key > after) && held.snapshot.conversation.last_at >= since
        });
        Ok(wanted
            .take(limit)
            .map(|(key, held)| HeldConversation { key: *key, snapshot: Some(held.snapshot.clone()) })
            .collect())
    }

    async fn entries_after(
        &self,
        key: ConversationKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<HeldEntry>, StoreError> {
        let state = self.state()?;
        let entries = state.conversations.get(&key).into_iter().flat_map(|held| &held.entries);
        let above = entries.filter(|(entry, _)| entry.seq > after).take(limit);
        Ok(above.map(|(entry, hash)| HeldEntry { seq: entry.seq, entry: Some(entry.clone()), hash: *hash }).collect())
    }

    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError> {
        let wanted: Vec<_> = records.iter().map(|record| (record.envelope.key(), &record.envelope.entry)).collect();
        Ok(self.state()?.known(&wanted))
    }
}
