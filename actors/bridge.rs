//! The way in for what bridges bring: the same conversations, after everybody else.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Request};
use frontdesk_ports::commands::{Commands, ExecuteError, Executed};

use crate::{admission::Priority, node::Node};

/// Has requests carried out that nobody sits and waits for: while the desk is busy they are the first to be refused, although
/// contacts wrote them.
pub struct BridgeCommands(pub Arc<Node>);

#[async_trait]
impl Commands for BridgeCommands {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.0.execute_as(Priority::Bridge, key, request).await
    }
}
