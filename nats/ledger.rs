//! Reading the streams of channel 1 from end to end.

use async_trait::async_trait;
use frontdesk_ports::{Backlog, LogError, LogLedger, LoggedRecord, StreamPosition};

use crate::{
    NatsLog, payload,
    read::{Ask, from_leader},
    stored::{Stored, fetch},
    topology::Queue,
    trim,
};

#[async_trait]
impl LogLedger for NatsLog {
    fn stream_names(&self) -> Vec<String> {
        self.shared.topology.message_stream_names()
    }

    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError> {
        trim::backlog(&self.shared, stream, Queue::Persist).await
    }

    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
        trim::positions_of(&self.shared, Queue::Persist).await
    }

    async fn scan(&self, stream: &str, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError> {
        let link = self.shared.links.reach()?;
        let subjects = self.shared.subjects();
        let mut stored =
            fetch(&link, stream, &subjects.messages(), from, limit, self.shared.options.ack_timeout).await?;
        if stored.is_empty() && self.shared.options.replicas > 1 {
            // A replica that is behind answered; only the leader knows whether there is more.
            stored.extend(from_leader(&link, stream, Ask::Next(subjects.messages(), from)).await?);
        }
        let logged = |stored: Stored| LoggedRecord {
            log_seq: stored.log_seq,
            key: stored.subject().and_then(|subject| subjects.conversation(subject)),
            payload: payload::unpack_or_raw(stored.headers.as_ref(), &stored.payload),
        };
        Ok(stored.into_iter().map(logged).collect())
    }
}
