//! What a worker says of one delivery.

use std::{sync::Arc, time::Duration};

use async_nats::{Subject, jetstream::AckKind};
use async_trait::async_trait;
use frontdesk_ports::{DeliveryHandle, LogError};

use super::pulls::PATIENCE;
use crate::{link::bounded, log::Shared};

/// Answers the broker, over whatever connection there is then.
pub(super) struct Handle {
    pub(super) shared: Arc<Shared>,
    pub(super) reply: Subject,
}

impl Handle {
    async fn answer(&self, kind: AckKind) -> Result<(), LogError> {
        let link = self.shared.links.reach()?;
        bounded(PATIENCE, link.client.publish(self.reply.clone(), kind.into())).await
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
