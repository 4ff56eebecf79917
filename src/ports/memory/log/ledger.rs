//! Reading all of it.

use async_trait::async_trait;
use frontdesk_domain::{ConversationId, ConversationKey, TenantId};

use super::MemoryLog;
use crate::{
    error::LogError,
    ledger::{LogLedger, LoggedRecord},
    work::StreamPosition,
};

#[async_trait]
impl LogLedger for MemoryLog {
    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
        Ok(self.reach()?.positions_of("persist"))
    }

    async fn scan(&self, stream: &str, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError> {
        let state = self.reach()?;
        let named = state.messages.iter().filter(|held| held.name == stream);
        let records = named.flat_map(|held| held.records.range(from..)).take(limit);
        Ok(records
            .map(|(log_seq, stored)| LoggedRecord {
                log_seq: *log_seq,
                key: key(&stored.subject),
                payload: stored.payload.clone(),
            })
            .collect())
    }
}

fn key(subject: &str) -> Option<ConversationKey> {
    let mut tokens = subject.rsplit('.');
    let conversation = ConversationId(tokens.next()?.parse().ok()?);
    let tenant = TenantId(tokens.next()?.parse().ok()?);
    Some(ConversationKey { tenant, conversation })
}
