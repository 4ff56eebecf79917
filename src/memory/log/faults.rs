//! What can be made to go wrong.

use std::collections::VecDeque;

use frontdesk_ports::{error::BoxError, log::AppendError};

/// How an append is made to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendFault {
    /// Refused as if another record had come first.
    Conflict,
    /// No answer, and nothing was stored.
    Lost,
    /// No answer, but the record was stored.
    AnswerLost,
    /// Nothing was sent.
    Unavailable,
    /// Refused as too large.
    TooLarge,
    /// Refused because the log is full.
    Full,
}

impl AppendFault {
    /// The error of a fault that stores nothing; `None` for [`Self::AnswerLost`].
    pub(super) fn refusal(self) -> Option<AppendError> {
        Some(match self {
            Self::Conflict => AppendError::Conflict,
            Self::Lost => AppendError::Unknown(unavailable()),
            Self::AnswerLost => return None,
            Self::Unavailable => AppendError::Unavailable(unavailable()),
            Self::TooLarge => AppendError::TooLarge,
            Self::Full => AppendError::Full,
        })
    }
}

/// The switches of one log.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) appends: VecDeque<AppendFault>,
    pub(super) unavailable: bool,
    pub(super) live_paused: bool,
    pub(super) silent: bool,
}

impl Faults {
    /// What the append that runs now must suffer.
    pub(super) fn for_append(&mut self) -> Option<AppendFault> {
        if self.unavailable {
            return Some(AppendFault::Unavailable);
        }
        self.appends.pop_front()
    }
}

pub(super) fn unavailable() -> BoxError {
    "made to fail by the test".into()
}
