//! Roles: what agents may do. Four are built in, a tenant makes others.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    ids::RoleId,
    policy::{
        grant::{Grant, Permission, Scope},
        grants::Grants,
    },
};

/// The role of an agent, with what it allows at this moment. Written as its id: the name of a built-in one, a UUID of
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but make or change owners and read the audit trail.
    Admin,
    /// Leads agents: assigns conversations, sees the ledger.
    Supervisor,
    /// Answers contacts, and nothing else.
    Agent,
    /// One that the tenant made. It allows nothing when it does not exist any more.
    Custom(RoleId, Grants),
}

/// A role that a tenant made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRole {
    /// The role's id.
    pub id: RoleId,
    /// Its name: 1 to [`CustomRole::MAX_NAME_CHARS`] characters, one line, unique in the tenant.
    pub name: String,
    /// What it allows.
    pub grants: Grants,
}

/// Why a role cannot be as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// A name is missing, too long, of several lines, or that of a built-in role.
    #[error("a role has a name of 1 to 64 characters on one line, other than those of the built-in roles")]
    Name,
    /// What concerns the whole tenant cannot be granted for a part of it.
    #[error("{0} is granted for the whole tenant only")]
    TenantOnly(&'static str),
    /// Without reading nothing else can be done.
    #[error("a role that allows anything allows to read")]
    WithoutRead,
    /// Dead letters show messages of any conversation.
    #[error("a role that handles dead letters reads all conversations")]
    DeadLettersWithoutRead,
}

impl Role {
    /// The built-in roles, from the one that may do most.
    pub const BUILT_IN: [Self; 4] = [Self::Owner, Self::Admin, Self::Supervisor, Self::Agent];

    /// What this role allows.
    #[must_use]
    pub const fn grants(self) -> Grants {
        use Permission::{Administer, AssignOthers, Converse, HandleDeadLetters, Oversee, Read};
        match self {
            Self::Owner => Grants::ALL,
            Self::Admin => Grants::everywhere(&[Read, Converse, AssignOthers, Oversee, HandleDeadLetters, Administer]),
            Self::Supervisor => Grants::everywhere(&[Read, Converse, AssignOthers, Oversee, HandleDeadLetters]),
            Self::Agent => Grants::everywhere(&[Read, Converse]),
            Self::Custom(_, grants) => grants,
        }
    }

    /// Its name when it is built in, else `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
            Self::Custom(..) => "custom",
        }
    }

    /// The role with this id, as [`fmt::Display`] writes it. One that is not built in allows nothing until it is looked
    /// up.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let built_in = Self::BUILT_IN.into_iter().find(|role| role.as_str() == id);
        built_in.or_else(|| id.parse().ok().map(|id| Self::Custom(id, Grants::default())))
    }

    /// Its id when the tenant made it.
    #[must_use]
    pub const fn custom(self) -> Option<RoleId> {
        match self {
            Self::Custom(id, _) => Some(id),
            _ => None,
        }
    }
}

impl CustomRole {
    /// Longest name, in Unicode characters.
    pub const MAX_NAME_CHARS: usize = 64;

    /// Most roles that a tenant makes.
    pub const MAX_PER_TENANT: usize = 100;

    /// Checks name and grants.
    ///
    /// # Errors
    /// [`RoleError`] says which rule is broken.
    pub fn check(&self) -> Result<(), RoleError> {
        let name = self.name.trim();
        let built_in = Role::BUILT_IN.iter().any(|role| role.as_str().eq_ignore_ascii_case(name));
        let sound = (1..=Self::MAX_NAME_CHARS).contains(&name.chars().count()) && !name.contains(char::is_control);
        if built_in || !sound || name.len() != self.name.len() {
            return Err(RoleError::Name);
        }
        let mut too_narrow = self.grants.iter().filter(|grant| grant.scope != Scope::Tenant);
        if let Some(grant) = too_narrow.find(|grant| grant.permission.is_of_tenant()) {
            return Err(RoleError::TenantOnly(grant.permission.as_str()));
        }
        if self.grants.scopes(Permission::Read).next().is_none() {
            return Err(RoleError::WithoutRead);
        }
        let everywhere = |permission| self.grants.has(Grant::everywhere(permission));
        if everywhere(Permission::HandleDeadLetters) && !everywhere(Permission::Read) {
            return Err(RoleError::DeadLettersWithoutRead);
        }
        Ok(())
    }

    /// The role of an agent who has it.
    #[must_use]
    pub const fn role(&self) -> Role {
        Role::Custom(self.id, self.grants)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom(id, _) => id.fmt(f),
            built_in => f.write_str(built_in.as_str()),
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::from_id(&id).ok_or_else(|| serde::de::Error::custom("not the id of a role"))
    }
}

impl JsonSchema for Role {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Id of a role: owner, admin, supervisor, agent, or the UUID of one that the tenant made.",
            "examples": ["supervisor"],
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn made(name: &str, grants: &[(Permission, Scope)]) -> CustomRole {
        let grants = grants.iter().map(|(permission, scope)| Grant { permission: *permission, scope: *scope });
        CustomRole { id: RoleId(Uuid::from_u128(7)), name: name.to_owned(), grants: grants.collect() }
    }

    #[test]
    fn ids_lead_back_to_their_role() {
        for role in Role::BUILT_IN {
            assert_eq!(Role::from_id(&role.to_string()), Some(role));
        }
        let custom = made("Trainee", &[]).role();
        assert_eq!(Role::from_id(&custom.to_string()), Some(custom));
        assert_eq!(serde_json::to_string(&Role::Agent).unwrap(), r#""agent""#);
        assert!(Role::from_id("root").is_none() && Role::from_id("custom").is_none());
    }

    #[test]
    fn a_role_is_refused_whose_name_or_grants_make_no_sense() {
        use Permission::{Administer, Converse, HandleDeadLetters, Read};
        assert_eq!(made("Leader", &[(Read, Scope::Tenant), (Administer, Scope::Tenant)]).check(), Ok(()));
        assert_eq!(made("Reader", &[(Read, Scope::Tenant), (Converse, Scope::Own)]).check(), Ok(()));
        for name in ["", " ", " a", "a\nb", "Owner", &"x".repeat(65)] {
            assert_eq!(made(name, &[(Read, Scope::Tenant)]).check(), Err(RoleError::Name), "{name:?}");
        }
        assert_eq!(made("A", &[(Administer, Scope::Own)]).check(), Err(RoleError::TenantOnly("administer")));
        for scope in Scope::ALL {
            assert_eq!(made("A", &[(Read, scope), (Converse, Scope::Team)]).check(), Ok(()), "{scope:?}");
        }
        let letters = [(Read, Scope::Inbox), (HandleDeadLetters, Scope::Tenant)];
        assert_eq!(made("A", &letters).check(), Err(RoleError::DeadLettersWithoutRead));
        assert_eq!(made("A", &[(Converse, Scope::Tenant)]).check(), Err(RoleError::WithoutRead));
    }
}
