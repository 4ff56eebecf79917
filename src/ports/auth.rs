//! Who a token speaks for.

use async_trait::async_trait;
use frontdesk_domain::{InboxId, LoginId, Principal, TenantId, Timestamp};

use crate::error::StoreError;

/// What a token is bound to. One field for both, since each idle session keeps one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenBinding {
    /// An agent's: the log-in that it was issued for.
    Login(LoginId),
    /// A contact's: the inbox that it writes to.
    Inbox(InboxId),
}

/// What a verified token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Of which tenant.
    pub tenant: TenantId,
    /// Which contact, or which agent with the role it holds now.
    pub principal: Principal,
    /// Its name as others read it; may be empty for a visitor. Boxed, because each open socket holds one.
    pub name: Box<str>,
    /// What the token is bound to.
    pub bound: TokenBinding,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// Whether the agent chose to be away.
    pub away: bool,
}

impl Identity {
    /// The log-in of an agent's token.
    #[must_use]
    pub const fn login(&self) -> Option<LoginId> {
        match self.bound {
            TokenBinding::Login(login) => Some(login),
            TokenBinding::Inbox(_) => None,
        }
    }

    /// The inbox of a contact's token.
    #[must_use]
    pub const fn inbox(&self) -> Option<InboxId> {
        match self.bound {
            TokenBinding::Inbox(inbox) => Some(inbox),
            TokenBinding::Login(_) => None,
        }
    }
}

/// Through which audience a socket came in; a token of the other kind is refused there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAudience {
    /// The agents' console.
    Console,
    /// The widget of this inbox.
    Widget(InboxId),
}

/// Why a token was refused. Clients are told no more than that it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// Not valid here, or no longer.
    #[error("the token is not valid")]
    Refused,
    /// It could not be checked now.
    #[error("the token could not be checked")]
    Unavailable(#[from] StoreError),
}

/// Verifies tokens of agents and contacts.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Says whom `token` speaks for at `audience`. Needs no database.
    ///
    /// # Errors
    /// [`AuthError`].
    async fn authenticate(&self, token: &str, audience: TokenAudience) -> Result<Identity, AuthError>;

    /// Of these identities (by index), those that no longer hold: log-in ended, agent deactivated, token expired. Roles
    /// that changed come back in the second list as (index, what holds now).
    ///
    /// # Errors
    /// [`AuthError::Unavailable`]: nothing is known; keep them.
    async fn recheck(&self, identities: &[Identity]) -> Result<Recheck, AuthError>;
}

/// What a recheck found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recheck {
    /// Indices of identities that no longer hold.
    pub ended: Vec<usize>,
    /// Identities whose role, name or choice to be away changed.
    pub changed: Vec<(usize, Identity)>,
}
