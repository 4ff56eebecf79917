//! Ends a conversation's snooze.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{Command, ConversationId, ConversationKey, SystemId, Timer, TimerKey, timer::subject_of};
use frontdesk_ports::Commands;

use super::handler::{NotFired, TimerHandler, execute};

/// Asks the conversation to end the snooze that lasts until the timer's moment. Whether it still lasts until then is
/// decided there.
pub(super) struct EndSnooze {
    commands: Arc<dyn Commands>,
}

impl EndSnooze {
    pub(super) fn new(commands: Arc<dyn Commands>) -> Self {
        Self { commands }
    }
}

#[async_trait]
impl TimerHandler for EndSnooze {
    fn kind(&self) -> &'static str {
        TimerKey::SNOOZE
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        let Some(conversation) = subject_of(&timer.key.id).map(ConversationId) else {
            tracing::error!(timer.id = timer.key.id, "a snooze timer names no conversation; it is removed");
            return Ok(());
        };
        let key = ConversationKey { tenant: timer.key.tenant, conversation };
        let command = Command::EndSnooze { until: timer.due_at };
        execute(&*self.commands, key, (SystemId::TIMERS, timer.client_id()), command).await
    }
}
