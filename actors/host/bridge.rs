//! [`Commands`] for what bridges bring in bulk: the same conversations, at the lowest priority.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Request};
use frontdesk_ports::commands::{Commands, ExecuteError, Executed};

use super::Host;
use crate::admission::Priority;

/// Carries out requests at the priority of bridges: while the process is busy they are refused first, also those by
/// contacts, because no person waits for the answer and the queue redelivers them.
pub struct BridgeCommands(pub Arc<Host>);

#[async_trait]
impl Commands for BridgeCommands {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.0.execute_as(Priority::Bridge, key, request).await
    }
}
