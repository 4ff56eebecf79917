//! What a timer does when it fires.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_domain::{ClientId, Command, ConversationKey, Principal, Request, SystemId, Timer};
use frontdesk_ports::{Commands, ExecuteError, LogError, StoreError};
use frontdesk_protocol::RejectCode;

use crate::kit::WorkerError;

/// Fires the timers of one kind.
#[async_trait]
pub trait TimerHandler: Send + Sync {
    /// Which kind of timers.
    fn kind(&self) -> &'static str;

    /// Does what the timer was set for. May be called more than once for a timer, and from two processes at once: use
    /// [`Timer::client_id`] or the timer's generation so that this changes nothing. It may also have been cancelled a
    /// moment ago, so whether there is still something to do is checked where it is done.
    ///
    /// # Errors
    /// [`NotFired`]: it is called again.
    async fn fire(&self, timer: &Timer) -> Result<(), NotFired>;
}

/// Why a timer could not be fired now.
#[derive(Debug)]
pub struct NotFired {
    /// When to try again at the earliest; `None` for the usual pause.
    pub after: Option<Duration>,
    /// What is wrong, for the log; `None` when the server is only busy.
    pub error: Option<WorkerError>,
}

impl From<StoreError> for NotFired {
    fn from(error: StoreError) -> Self {
        Self { after: None, error: Some(error.into()) }
    }
}

/// Has a conversation carry out what a timer was set for. A refusal is final, so it counts as done.
pub(super) async fn execute(
    commands: &dyn Commands,
    key: ConversationKey,
    (system, client_id): (SystemId, ClientId),
    command: Command,
) -> Result<(), NotFired> {
    let principal = Principal::System(system);
    let request = Request { client_id, principal, author_name: String::new(), command, repeat: true };
    match commands.execute(key, request).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Rejected(why)) => {
            tracing::warn!(%key, why = RejectCode::of(&why).problem().as_str(), "what a timer asked for was refused; the timer is removed");
            Ok(())
        }
        Err(ExecuteError::Overloaded { retry_after_ms }) => {
            Err(NotFired { after: Some(Duration::from_millis(retry_after_ms)), error: None })
        }
        Err(error) => Err(NotFired { after: None, error: Some(LogError::Unavailable(error.into()).into()) }),
    }
}
