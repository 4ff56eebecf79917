//! Who may do what: every question about permission and visibility is asked here.
//!
//! A permission is granted at a scope. A grant allows what it names on each [`Resource`] within its scope; what no
//! grant allows is forbidden. Which commands a conversation takes from whom on its present state is not asked here but
//! judged by [`Conversation::decide`](crate::Conversation::decide), which asks here for the permissions.

pub(crate) mod grant;
pub(crate) mod grants;
mod membership;
mod reach;
mod resource;

pub use grant::{Grant, Permission, Scope};
pub use grants::Grants;
pub use membership::Membership;
pub use reach::Reach;
pub use resource::Resource;

use crate::{principal::Principal, role::Role};

/// Whether `principal` may do `permission` to `resource`.
#[must_use]
pub fn allows(principal: &Principal, permission: Permission, resource: &Resource) -> bool {
    match principal {
        // A contact reads and writes in conversations of its own, and nothing else.
        Principal::Contact(contact) => {
            matches!(permission, Permission::Read | Permission::Converse) && resource.contact() == Some(*contact)
        }
        Principal::Agent(agent, role, membership) => {
            let mut scopes = role.grants().scopes(permission);
            scopes.any(|scope| resource.is_within(scope, *agent, membership))
        }
        Principal::Bot(_) | Principal::Integration(_) => matches!(permission, Permission::Read | Permission::Converse),
        Principal::System(_) => {
            matches!(permission, Permission::Read | Permission::Converse | Permission::AssignOthers)
        }
    }
}

/// Whether an agent with `role` may do `permission` to anything at all: to the tenant where the permission is of the
/// tenant, else to those conversations that a grant reaches. Which ones, [`allows`] and [`Reach`] say.
#[must_use]
pub fn grants_some(role: Role, permission: Permission) -> bool {
    let mut scopes = role.grants().scopes(permission);
    scopes.any(|scope| scope == Scope::Tenant || !permission.is_of_tenant())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{AgentId, BotId, ContactId, InboxId, SystemId};

    const KIM: ContactId = ContactId(Uuid::from_u128(1));
    const ADA: AgentId = AgentId(Uuid::from_u128(2));

    fn of_kim() -> Resource {
        Resource::Conversation { contact: KIM, inbox: InboxId(Uuid::nil()), assignee: Some(ADA) }
    }

    #[test]
    fn plain_agents_neither_assign_others_nor_administer() {
        let may = |role, permission| allows(&Principal::agent(ADA, role), permission, &Resource::Tenant);
        assert!(may(Role::Agent, Permission::Converse) && may(Role::Agent, Permission::Read));
        for permission in
            [Permission::AssignOthers, Permission::Oversee, Permission::HandleDeadLetters, Permission::Administer]
        {
            assert!(!may(Role::Agent, permission), "{permission:?}");
            assert_eq!(may(Role::Supervisor, permission), permission != Permission::Administer, "{permission:?}");
            assert!(may(Role::Admin, permission) && may(Role::Owner, permission), "{permission:?}");
        }
    }

    #[test]
    fn only_owners_read_the_audit_trail() {
        let may = |role| allows(&Principal::agent(ADA, role), Permission::ReadAudit, &Resource::Tenant);
        assert_eq!([Role::Owner, Role::Admin, Role::Supervisor, Role::Agent].map(may), [true, false, false, false]);
    }

    #[test]
    fn contacts_have_their_own_conversations_and_nothing_else() {
        let (kim, other) = (Principal::Contact(KIM), Principal::Contact(ContactId(Uuid::from_u128(9))));
        assert!(allows(&kim, Permission::Read, &of_kim()) && allows(&kim, Permission::Converse, &of_kim()));
        assert!(!allows(&other, Permission::Read, &of_kim()));
        assert!(
            !allows(&kim, Permission::Read, &Resource::Tenant) && !allows(&kim, Permission::AssignOthers, &of_kim())
        );
    }

    #[test]
    fn programs_never_administer() {
        for principal in [Principal::System(SystemId::ROUTING), Principal::Bot(BotId(Uuid::nil()))] {
            assert!(allows(&principal, Permission::Read, &of_kim()));
            assert!(!allows(&principal, Permission::Administer, &Resource::Tenant));
        }
        assert!(allows(&Principal::System(SystemId::ROUTING), Permission::AssignOthers, &of_kim()));
    }
}
