//! Reading all of it, and damaging it.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Entry, TenantId, Timestamp};

use super::MemoryStore;
use frontdesk_ports::{
    content_hash::{ContentHash, KnownEntry},
    error::StoreError,
    ledger::{HeldConversation, HeldEntry, HeldStates, LedgerBook, Scope, StoreLedger, Tally},
    log::Record,
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
        scope: Scope,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldConversation>, StoreError> {
        let state = self.state()?;
        let rows = state.conversations.iter();
        let wanted = rows.filter(|(key, held)| {
            scope.is_none_or(|tenant| key.tenant == tenant)
                && after.is_none_or(|after| **key > after)
                && held.snapshot.conversation.last_at >= since
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

    async fn states(&self, keys: &[ConversationKey]) -> Result<Vec<HeldStates>, StoreError> {
        let state = self.state()?;
        let states = keys.iter().map(|key| {
            let held = state.conversations.get(key).map(|held| &held.snapshot.conversation);
            let receipts = state.receipts.get(key).map_or_else(Vec::new, |receipts| receipts.iter().collect());
            HeldStates {
                key: *key,
                last_seq: held.map_or(0, |held| held.last_seq),
                last_at: held.map_or(Timestamp(0), |held| held.last_at),
                receipts,
            }
        });
        Ok(states.collect())
    }

    async fn tally(&self, tenant: TenantId) -> Result<Tally, StoreError> {
        let state = self.state()?;
        let held = || state.conversations.iter().filter(|(key, _)| key.tenant == tenant).map(|(_, held)| held);
        let entries = held().map(|held| held.snapshot.conversation.last_seq).sum();
        Ok(Tally { conversations: held().count() as u64, entries })
    }

    async fn book(&self, tenant: TenantId) -> Result<LedgerBook, StoreError> {
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
