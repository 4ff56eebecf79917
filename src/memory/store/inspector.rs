//! Reads all conversations and entries, and damages them on demand.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Entry, TenantId, Timestamp};

use super::MemoryStore;
use frontdesk_ports::{
    content_hash::{ContentHash, KnownEntry},
    error::StoreError,
    log::Record,
    log_inspector::TenantFilter,
    store::Snapshot,
    store_inspector::{IntegrityRecord, StoreInspector, StoredConversation, StoredEntry, StoredProgress, TenantCounts},
};

impl MemoryStore {
    /// Changes a conversation that is there as a defect or a hand in the database would.
    pub fn tamper(&self, key: ConversationKey, with: impl FnOnce(&mut Snapshot, &mut Vec<(Entry, ContentHash)>)) {
        if let Some(held) = self.lock().conversations.get_mut(&key) {
            with(&mut held.snapshot, &mut held.entries);
        }
    }
}

#[async_trait]
impl StoreInspector for MemoryStore {
    async fn conversations_after(
        &self,
        scope: TenantFilter,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        let state = self.state()?;
        let rows = state.conversations.iter();
        let wanted = rows.filter(|(key, held)| {
            scope.is_none_or(|tenant| key.tenant == tenant)
                && after.is_none_or(|after| **key > after)
                && held.snapshot.conversation.last_at >= since
        });
        Ok(wanted
            .take(limit)
            .map(|(key, held)| StoredConversation { key: *key, snapshot: Some(held.snapshot.clone()) })
            .collect())
    }

    async fn entries_after(
        &self,
        key: ConversationKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let state = self.state()?;
        let entries = state.conversations.get(&key).into_iter().flat_map(|held| &held.entries);
        let above = entries.filter(|(entry, _)| entry.seq > after).take(limit);
        Ok(above.map(|(entry, hash)| StoredEntry { seq: entry.seq, entry: Some(entry.clone()), hash: *hash }).collect())
    }

    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError> {
        let wanted: Vec<_> = records.iter().map(|record| (record.envelope.key(), &record.envelope.entry)).collect();
        Ok(self.state()?.known(&wanted))
    }

    async fn progress(&self, keys: &[ConversationKey]) -> Result<Vec<StoredProgress>, StoreError> {
        let state = self.state()?;
        let states = keys.iter().map(|key| {
            let held = state.conversations.get(key).map(|held| &held.snapshot.conversation);
            let receipts = state.receipts.get(key).map_or_else(Vec::new, |receipts| receipts.iter().collect());
            StoredProgress {
                key: *key,
                last_seq: held.map_or(0, |held| held.last_seq),
                last_at: held.map_or(Timestamp(0), |held| held.last_at),
                receipts,
            }
        });
        Ok(states.collect())
    }

    async fn counts(&self, tenant: TenantId) -> Result<TenantCounts, StoreError> {
        let state = self.state()?;
        let held = || state.conversations.iter().filter(|(key, _)| key.tenant == tenant).map(|(_, held)| held);
        let entries = held().map(|held| held.snapshot.conversation.last_seq).sum();
        Ok(TenantCounts { conversations: held().count() as u64, entries })
    }

    async fn integrity_record(&self, tenant: TenantId) -> Result<IntegrityRecord, StoreError> {
        Ok(self.state()?.books.get(&tenant).cloned().unwrap_or_default())
    }

    async fn add_repairs(
        &self,
        tenant: TenantId,
        entries: u64,
        acknowledgements: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state()?;
        let book = state.books.entry(tenant).or_default();
        book.repaired_entries += entries;
        book.repaired_acknowledgements += acknowledgements;
        book.repaired_at = Some(at);
        Ok(())
    }

    async fn put_check(&self, tenant: TenantId, found: &str) -> Result<(), StoreError> {
        self.state()?.books.entry(tenant).or_default().last_check = Some(found.to_owned());
        Ok(())
    }
}
