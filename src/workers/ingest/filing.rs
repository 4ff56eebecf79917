//! The result of an attempt to file a message.

use std::time::Duration;

use frontdesk_domain::Rejection;
use frontdesk_ports::{ExecuteError, LogError, StoreError};
use frontdesk_protocol::RejectCode;

use crate::kit::{Disposition, WorkerError, queue::with_causes};

/// The result of an attempt to file a message.
#[derive(Debug)]
pub(super) struct Filing {
    /// Value of the label `code` of the metric.
    pub(super) code: &'static str,
    /// What becomes of the delivery. A dead letter's reason quotes no message text.
    pub(super) disposition: Disposition,
    /// What keeps other messages from being filed too.
    pub(super) obstacle: Option<Obstacle>,
}

/// Why nothing can be filed for a while.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// The process is busy with what people send.
    Busy,
    /// The log or the database is unavailable.
    Unavailable(WorkerError),
}

impl Filing {
    /// It is in its conversation, now or from an earlier attempt.
    pub(super) const FILED: Self = Self { code: "filed", disposition: Disposition::Ack, obstacle: None };

    /// Try again after `delay`; later messages of the contact wait as well.
    pub(super) const fn later(code: &'static str, delay: Duration) -> Self {
        Self { code, disposition: Disposition::Retry(delay), obstacle: None }
    }

    /// It can never be filed.
    pub(super) const fn never(code: &'static str, why: String) -> Self {
        Self { code, disposition: Disposition::DeadLetter(why), obstacle: None }
    }

    fn blocked(self, obstacle: Obstacle) -> Self {
        Self { obstacle: Some(obstacle), ..self }
    }
}

impl From<ExecuteError> for Filing {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Rejected(Rejection::IdReuse) => {
                Self::never("id_reuse", "id_reuse: a message with this id and another text was filed before".to_owned())
            }
            ExecuteError::Rejected(why) => {
                Self::never("refused", format!("{}: {why}", RejectCode::of(&why).problem().as_str()))
            }
            ExecuteError::TooLarge => Self::never("too_large", "too large for the log".to_owned()),
            ExecuteError::Overloaded { retry_after_ms } => {
                Self::later("overloaded", Duration::from_millis(retry_after_ms)).blocked(Obstacle::Busy)
            }
            ExecuteError::Unavailable | ExecuteError::LogFull => {
                let why = Obstacle::Unavailable(LogError::Unavailable(error.into()).into());
                Self::later("unavailable", PAUSE).blocked(why)
            }
            // It may be logged, now or later: the same request under the same id finds out.
            _ => Self::later("unknown", PAUSE),
        }
    }
}

impl From<StoreError> for Filing {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::later("unavailable", PAUSE).blocked(Obstacle::Unavailable(error.into()))
        } else {
            Self::never("refused", with_causes(&error))
        }
    }
}

/// How long a message waits when the log or the database is unavailable.
const PAUSE: Duration = Duration::from_secs(1);
