//! What became of a message, and what that means for it.

use std::time::Duration;

use frontdesk_domain::Rejection;
use frontdesk_ports::{ExecuteError, LogError, StoreError};

use crate::{error::WorkerError, queue::with_causes};

/// What became of a message.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is filed, now or before.
    Filed,
    /// It never can be.
    Never {
        /// For the metrics.
        code: &'static str,
        /// For the operator. Quotes nothing that people wrote.
        why: String,
    },
    /// Not now; what follows it waits as well.
    Later {
        /// For the metrics.
        code: &'static str,
        /// When to try again.
        delay: Duration,
        /// What keeps everything else from being filed too.
        trouble: Option<Trouble>,
    },
}

/// Why nothing can be filed for a while.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The desk has enough to do with people.
    Busy,
    /// The log or the database is away.
    Away(WorkerError),
}

impl Outcome {
    /// For the metrics.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Never { code, .. } | Self::Later { code, .. } => code,
        }
    }

    pub(super) const fn later(code: &'static str, delay: Duration) -> Self {
        Self::Later { code, delay, trouble: None }
    }

    pub(super) const fn never(code: &'static str, why: String) -> Self {
        Self::Never { code, why }
    }
}

impl From<ExecuteError> for Outcome {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Rejected(Rejection::IdReuse) => {
                Self::never("id_reuse", "id_reuse: a message with this id and another text was filed before".to_owned())
            }
            ExecuteError::Rejected(why) => Self::never("refused", format!("{}: {why}", why.code())),
            ExecuteError::TooLarge => Self::never("too_large", "too large for the log".to_owned()),
            ExecuteError::Overloaded { retry_after_ms } => {
                let delay = Duration::from_millis(retry_after_ms);
                Self::Later { code: "overloaded", delay, trouble: Some(Trouble::Busy) }
            }
            ExecuteError::Unavailable | ExecuteError::LogFull => {
                let trouble = Trouble::Away(LogError::Unavailable(error.into()).into());
                Self::Later { code: "unavailable", delay: PAUSE, trouble: Some(trouble) }
            }
            // It may be logged, or may still be: the same request under the same name finds that out.
            _ => Self::later("unknown", PAUSE),
        }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::Later { code: "unavailable", delay: PAUSE, trouble: Some(Trouble::Away(error.into())) }
        } else {
            Self::never("refused", with_causes(&error))
        }
    }
}

/// How long a message is left alone that could not be filed for want of log or database.
const PAUSE: Duration = Duration::from_secs(1);
