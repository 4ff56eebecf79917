//! Change notices: a process tells all processes of the installation that an object of a tenant has another version
//! now.
//!
//! A notice carries no content: readers drop what they cached of the object and read it again. Delivery is at most
//! once, so a cache also reads again after a bounded age, and drops everything upon [`NoticeEvent::Missed`].

use std::borrow::Cow;

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use uuid::Uuid;

use crate::{error::LogError, log::LogStream};

/// An object of a tenant was created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// The tenant whose object changed.
    pub tenant: TenantId,
    /// What kind of object it is.
    pub kind: NoticeKind,
    /// The object's id.
    pub object: Uuid,
    /// Its version after the change; grows with each change.
    pub version: u64,
}

/// What kind of object changed: 1 to 32 lower-case letters, digits or `_`. Versions of this program that do not know a
/// kind ignore its notices.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoticeKind(Cow<'static, str>);

/// What a subscriber receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeEvent {
    /// An object changed.
    Changed(Notice),
    /// Notices may have been missed, such as while the connection was down: nothing cached is known to be current.
    Missed,
}

/// Sends and receives change notices.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Sends a notice to all processes, the own one included. Call it after the change is committed. Returns when the
    /// notice is handed to the connection, not when it is delivered; no failure of it may fail the change.
    ///
    /// # Errors
    /// [`LogError::Unavailable`]: it was not sent. Caches see the change when the age limit of what they hold is
    /// reached.
    async fn publish(&self, notice: &Notice) -> Result<(), LogError>;

    /// Every notice of every tenant from now on. When it returns, each notice published later is delivered, or
    /// [`NoticeEvent::Missed`] instead of it. Ends when the process shuts its connection down.
    ///
    /// # Errors
    /// [`LogError`]: nothing is received; try again.
    async fn subscribe(&self) -> Result<LogStream<NoticeEvent>, LogError>;
}

impl NoticeKind {
    /// A settings document: of a tenant, an inbox or a team. The object is the tenant, inbox or team.
    pub const SETTINGS: Self = Self(Cow::Borrowed("settings"));
    /// An inbox was created or changed.
    pub const INBOX: Self = Self(Cow::Borrowed("inbox"));
    /// A team, its members or skills.
    pub const TEAM: Self = Self(Cow::Borrowed("team"));
    /// A business calendar.
    pub const CALENDAR: Self = Self(Cow::Borrowed("calendar"));
    /// A role was created, changed or deleted.
    pub const ROLE: Self = Self(Cow::Borrowed("role"));
    /// An agent was created or changed.
    pub const AGENT: Self = Self(Cow::Borrowed("agent"));

    /// A kind by its name; `None` for a text that is no name of a kind.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let valid = (1..=MAX_KIND_BYTES).contains(&text.len()) && text.bytes().all(allowed);
        valid.then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Longest name of a kind.
const MAX_KIND_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_one_plain_word() {
        assert_eq!(NoticeKind::parse("settings"), Some(NoticeKind::SETTINGS));
        assert_eq!(NoticeKind::parse("sla_policy").unwrap().as_str(), "sla_policy");
        for bad in ["", "Settings", "a.b", "*", ">", "a b", &"x".repeat(33)] {
            assert_eq!(NoticeKind::parse(bad), None, "{bad:?}");
        }
    }
}
