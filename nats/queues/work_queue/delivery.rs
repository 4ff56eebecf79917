//! How one delivery is acknowledged, extended or given back.

use std::{sync::Arc, time::Duration};

use async_nats::{Subject, jetstream::AckKind};
use async_trait::async_trait;
use frontdesk_ports::{DeliveryHandle, LogError};

use super::pulls::SEND_TIMEOUT;
use crate::client::{Client, bounded};

/// Answers the broker over the connection that is up at that time.
pub(super) struct Handle {
    pub(super) client: Arc<Client>,
    pub(super) reply: Subject,
}

impl Handle {
    async fn answer(&self, kind: AckKind) -> Result<(), LogError> {
        let connection = self.client.connection()?;
        Ok(bounded(SEND_TIMEOUT, connection.client.publish(self.reply.clone(), kind.into())).await?)
    }
}

#[async_trait]
impl DeliveryHandle for Handle {
    async fn ack(&self) -> Result<(), LogError> {
        self.answer(AckKind::Ack).await
    }

    async fn retry(&self, delay: Duration) -> Result<(), LogError> {
        self.answer(AckKind::Nak(Some(delay))).await
    }

    async fn progress(&self) -> Result<(), LogError> {
        self.answer(AckKind::Progress).await
    }
}
