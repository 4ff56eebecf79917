//! Ends a conversation's snooze.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{
    Command, ConversationKey, Principal, Request, SystemId, Timer, TimerKey, timer::snoozed_conversation,
};
use frontdesk_ports::{Commands, ExecuteError, LogError};
use frontdesk_protocol::RejectCode;

use super::handler::{NotFired, TimerHandler};

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
        let Some(conversation) = snoozed_conversation(&timer.key.id) else {
            tracing::error!(timer.id = timer.key.id, "a snooze timer names no conversation; it is removed");
            return Ok(());
        };
        let key = ConversationKey { tenant: timer.key.tenant, conversation };
        let request = Request {
            client_id: timer.client_id(),
            principal: Principal::System(SystemId::TIMERS),
            author_name: String::new(),
            command: Command::EndSnooze { until: timer.due_at },
            repeat: true,
        };
        match self.commands.execute(key, request).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Rejected(why)) => {
                tracing::warn!(%key, why = RejectCode::of(&why).problem().as_str(), "the end of a snooze was refused; its timer is removed");
                Ok(())
            }
            Err(ExecuteError::Overloaded { retry_after_ms }) => {
                Err(NotFired { after: Some(Duration::from_millis(retry_after_ms)), error: None })
            }
            Err(error) => Err(NotFired { after: None, error: Some(LogError::Unavailable(error.into()).into()) }),
        }
    }
}
