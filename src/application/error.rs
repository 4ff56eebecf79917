use frontdesk_domain::{CalendarError, RoleError, TeamError, TextError};
use frontdesk_ports::{RedeliveryError, StoreError};

use crate::calendars::ImportError;
use crate::newer_version::NewerVersion;

/// Why an act was not done. Nothing of it happened, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// The requester may not do it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The object is absent, or of another tenant: both look the same.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// One active owner must remain.
    #[error("one active owner must remain")]
    LastOwner,
    /// Agents do not change their own role or deactivate themselves.
    #[error("agents do not change their own role or deactivate themselves")]
    NotYourself,
    /// There is no such role that an agent could have.
    #[error("there is no such role")]
    NoSuchRole,
    /// An agent has the role.
    #[error("an agent has this role")]
    RoleInUse,
    /// The tenant has as many roles as it can make.
    #[error("a tenant makes {} roles at most", frontdesk_domain::CustomRole::MAX_PER_TENANT)]
    TooManyRoles,
    /// The tenant has as many of a kind as it can: its word, and how many.
    #[error("a tenant has {1} of the kind {0} at most")]
    TooMany(&'static str, u64),
    /// Something of this kind that the object is to refer to is not there.
    #[error("there is no such {0}")]
    NoReference(&'static str),
    /// Something of this kind refers to the object.
    #[error("a {0} refers to it")]
    InUse(&'static str),
    /// A name breaks a rule.
    #[error("the name: {0}")]
    Name(#[from] TextError),
    /// A team breaks a rule.
    #[error(transparent)]
    Team(#[from] TeamError),
    /// A calendar breaks a rule.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A file of days cannot be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The role makes no sense.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The object has another version than the requester named: another change came first.
    #[error("it was changed meanwhile; read it again")]
    Conflict,
    /// The settings have another version than the requester named.
    #[error("the settings were changed meanwhile; read them again")]
    NewerVersion(NewerVersion),
    /// A unique name is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The database failed. After [`StoreError::Unavailable`] during the commit, the outcome is unknown.
    #[error("the act failed on the database")]
    Store(#[source] StoreError),
    /// The dead letter was not redelivered or discarded.
    #[error("the dead letter stays as it was")]
    Redelivery(#[from] RedeliveryError),
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Taken(what) => Self::Taken(what),
            other => Self::Store(other),
        }
    }
}
