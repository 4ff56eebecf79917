//! Puts conversations back into the queue whose holder may not work on them any more.
//!
//! Resolved conversations stay where they are: the push worker sets a timer for one that is opened again with such a
//! holder, and for one that is given to such a holder while the agent loses its rights.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_domain::{
    AgentId, Command, ConversationId, ConversationKey, Reach, Status, SystemId, TenantId, Timer, TimerKey,
    timer::subject_of,
};
use frontdesk_ports::{
    AssigneeFilter, Commands, ConversationFilter, ConversationStore, Database, Directory, PageRequest, StoreError,
    Timers,
};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::handler::{NotFired, TimerHandler, execute};

/// Takes all conversations from an agent that are not resolved.
pub(super) struct ReleaseAgent {
    conversations: Arc<dyn ConversationStore>,
    directory: Arc<dyn Directory>,
    timers: Arc<dyn Timers>,
    commands: Arc<dyn Commands>,
}

/// Takes one conversation from an agent.
pub(super) struct ReleaseConversation {
    directory: Arc<dyn Directory>,
    commands: Arc<dyn Commands>,
}

impl ReleaseAgent {
    pub(super) fn new(database: &Database, commands: Arc<dyn Commands>) -> Self {
        Self {
            conversations: database.conversations.clone(),
            directory: database.directory.clone(),
            timers: database.timers.clone(),
            commands,
        }
    }

    async fn release(&self, timer: &Timer, agent: AgentId, status: Status) -> Result<(), NotFired> {
        let tenant = timer.key.tenant;
        let assignee = AssigneeFilter::Agent(agent);
        let filter =
            ConversationFilter { status: Some(status), assignee, ..ConversationFilter::within(Reach::Everything) };
        let mut page = PageRequest::first(PAGE);
        loop {
            let found = self.conversations.list(tenant, &filter, &page).await?;
            let released = futures_util::stream::iter(found.items).map(async |summary| {
                let conversation = summary.conversation;
                let by = (SystemId::ROUTING, client_id(timer, conversation));
                let command = Command::Release { holder: agent };
                execute(&*self.commands, ConversationKey { tenant, conversation }, by, command).await
            });
            released.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
            match found.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(()),
            }
        }
    }

    /// Sets the timer for the next time: what was logged before this one may not have been persisted yet.
    async fn look_again(&self, timer: &Timer) -> Result<(), NotFired> {
        let looks: usize = serde_json::from_str(&timer.payload).unwrap_or_default();
        if let Some(wait) = AGAIN_AFTER_MS.get(looks) {
            let again = Timer {
                key: timer.key.clone(),
                due_at: timer.due_at.plus_millis(*wait),
                generation: timer.generation + 1,
                payload: (looks + 1).to_string(),
            };
            self.timers.set_timer(&again).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl TimerHandler for ReleaseAgent {
    fn kind(&self) -> &'static str {
        TimerKey::RELEASE_AGENT
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        let Some(agent) = subject_of(&timer.key.id).map(AgentId) else {
            tracing::error!(
                timer.id = timer.key.id,
                "a timer that releases conversations names no agent; it is removed"
            );
            return Ok(());
        };
        if may_hold(&*self.directory, timer.key.tenant, agent).await? {
            return Ok(());
        }
        for status in [Status::Open, Status::Pending, Status::Snoozed] {
            self.release(timer, agent, status).await?;
        }
        self.look_again(timer).await
    }
}

impl ReleaseConversation {
    pub(super) fn new(database: &Database, commands: Arc<dyn Commands>) -> Self {
        Self { directory: database.directory.clone(), commands }
    }
}

#[async_trait]
impl TimerHandler for ReleaseConversation {
    fn kind(&self) -> &'static str {
        TimerKey::RELEASE_CONVERSATION
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        let tenant = timer.key.tenant;
        let conversation = subject_of(&timer.key.id).map(ConversationId);
        let (Some(conversation), Ok(holder)) = (conversation, serde_json::from_str::<AgentId>(&timer.payload)) else {
            tracing::error!(timer.id = timer.key.id, "a timer names no conversation or no holder; it is removed");
            return Ok(());
        };
        if may_hold(&*self.directory, tenant, holder).await? {
            return Ok(());
        }
        let (key, by) = (ConversationKey { tenant, conversation }, (SystemId::ROUTING, timer.client_id()));
        execute(&*self.commands, key, by, Command::Release { holder }).await
    }
}

/// Whether an agent can hold conversations now; one that does not exist cannot.
async fn may_hold(directory: &dyn Directory, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError> {
    Ok(directory.agent(tenant, agent).await?.is_some_and(|agent| agent.may_hold_conversations()))
}

/// The id of the request to `conversation`, the same however often the timer fires.
fn client_id(timer: &Timer, conversation: ConversationId) -> frontdesk_domain::ClientId {
    let id = format!("{}/{}", timer.key.id, conversation.0.as_simple());
    Timer { key: TimerKey { id, ..timer.key.clone() }, ..timer.clone() }.client_id()
}

/// Conversations read at once.
const PAGE: u16 = 100;

/// Conversations asked at a time.
const AT_ONCE: usize = 16;

/// How long after each look the next one follows.
const AGAIN_AFTER_MS: [i64; 2] = [5_000, 60_000];
