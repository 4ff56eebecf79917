//! What every [`Roles`](crate::Roles) promises, together with the [`Directory`] that has the agents.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::{
    Agent, AgentId, CustomRole, Grant, Grants, LoginId, Permission, Role, RoleId, Scope, TenantId, Timestamp,
};
use uuid::Uuid;

use crate::{
    directory::{Directory, LiveLogin, Login, PasswordHash, RoleDeletion},
    error::StoreError,
    versioned::Versioned,
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! roles_contract {
    ($fresh:path) => {
        $crate::roles_contract! { @each $fresh:
            roles_come_back_by_name_and_only_to_their_tenant
            a_name_is_taken_once_in_a_tenant
            a_role_that_changed_counts_wherever_its_agents_are_read
            a_role_that_an_agent_has_is_not_deleted
            a_role_that_is_gone_allows_nothing
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::roles::$promise(&*made).await;
            }
        )*
    };
}

fn role(name: &str, grants: Grants) -> CustomRole {
    CustomRole { id: RoleId(Uuid::now_v7()), name: name.to_owned(), grants }
}

fn versioned(role: &CustomRole, version: u64) -> Versioned<CustomRole> {
    Versioned { value: role.clone(), version }
}

fn reader() -> Grants {
    Grants::everywhere(&[Permission::Read])
}

async fn agent_with(directory: &dyn Directory, tenant: TenantId, role: Role) -> Agent {
    let id = AgentId(Uuid::now_v7());
    let email = format!("{id}@example.test");
    let agent = Agent { id, tenant, email, name: "Kim".into(), role, active: true, created_at: Timestamp(1) };
    directory.put_agent(&agent, &PasswordHash("hash".into())).await.unwrap();
    agent
}

/// Also a grant at a narrower scope, and a name with what databases find difficult.
pub async fn roles_come_back_by_name_and_only_to_their_tenant(directory: &dyn Directory) {
    let (mine, theirs) = (TenantId(Uuid::new_v4()), TenantId(Uuid::new_v4()));
    let own = Grant { permission: Permission::Converse, scope: Scope::Own };
    let (b, a) = (role("b '\"% 培训", reader().with(own)), role("a", Grants::ALL));
    for role in [&b, &a] {
        directory.create_role(mine, role).await.unwrap();
    }
    directory.create_role(theirs, &role("a", reader())).await.unwrap();
    assert_eq!(directory.roles(mine).await.unwrap(), [versioned(&a, 1), versioned(&b, 1)]);
    assert!(!directory.change_role(theirs, &CustomRole { name: "mine".into(), ..a.clone() }).await.unwrap());
    assert_eq!(directory.delete_role(theirs, a.id).await.unwrap(), RoleDeletion::Unknown);
    assert_eq!(directory.roles(mine).await.unwrap()[0], versioned(&a, 1));
}

/// For a new role as for one that is renamed.
pub async fn a_name_is_taken_once_in_a_tenant(directory: &dyn Directory) {
    let tenant = TenantId(Uuid::new_v4());
    let (one, other) = (role("one", reader()), role("other", reader()));
    directory.create_role(tenant, &one).await.unwrap();
    directory.create_role(tenant, &other).await.unwrap();
    let again = directory.create_role(tenant, &role("one", Grants::ALL)).await;
    assert!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
    let renamed = directory.change_role(tenant, &CustomRole { name: "one".into(), ..other.clone() }).await;
    assert!(matches!(renamed, Err(StoreError::Taken(_))), "{renamed:?}");
    let kept = CustomRole { grants: Grants::ALL, ..one };
    assert!(directory.change_role(tenant, &kept).await.unwrap(), "its own name is no obstacle");
    assert_eq!(directory.roles(tenant).await.unwrap(), [versioned(&kept, 2), versioned(&other, 1)]);
}

/// One by one, in the list, by address and by log-in.
pub async fn a_role_that_changed_counts_wherever_its_agents_are_read(directory: &dyn Directory) {
    let tenant = TenantId(Uuid::new_v4());
    let trainee = role("trainee", reader());
    directory.create_role(tenant, &trainee).await.unwrap();
    let agent = agent_with(directory, tenant, trainee.role()).await;
    let login = Login {
        id: LoginId(Uuid::now_v7()),
        tenant,
        agent: agent.id,
        token_hash: [1; 32],
        expires_at: Timestamp(100),
        revoked: false,
    };
    directory.begin_login(&login).await.unwrap();
    let grown = CustomRole { grants: Grants::ALL, ..trainee };
    assert!(directory.change_role(tenant, &grown).await.unwrap());
    let expected = Agent { role: grown.role(), ..agent.clone() };
    assert_eq!(directory.agent(tenant, agent.id).await.unwrap().unwrap(), expected);
    assert_eq!(directory.agents(tenant).await.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(directory.agent_by_email(&agent.email).await.unwrap().unwrap().0, expected);
    assert_eq!(
        directory.live_logins(&[login.id], Timestamp(1)).await.unwrap(),
        [LiveLogin { login: login.id, agent: expected, away: false }]
    );
}

/// Not even one who may not sign in any more.
pub async fn a_role_that_an_agent_has_is_not_deleted(directory: &dyn Directory) {
    let tenant = TenantId(Uuid::new_v4());
    let trainee = role("trainee", reader());
    directory.create_role(tenant, &trainee).await.unwrap();
    let agent = agent_with(directory, tenant, trainee.role()).await;
    let inactive = Agent { active: false, ..agent };
    directory.put_agent(&inactive, &PasswordHash("hash".into())).await.unwrap();
    assert_eq!(directory.delete_role(tenant, trainee.id).await.unwrap(), RoleDeletion::InUse);
    assert_eq!(directory.roles(tenant).await.unwrap(), [versioned(&trainee, 1)]);
    let plain = Agent { role: Role::Agent, ..inactive };
    directory.put_agent(&plain, &PasswordHash("hash".into())).await.unwrap();
    assert_eq!(directory.delete_role(tenant, trainee.id).await.unwrap(), RoleDeletion::Deleted);
    assert_eq!(directory.delete_role(tenant, trainee.id).await.unwrap(), RoleDeletion::Unknown);
}

/// As after a deletion and an assignment at the same moment.
pub async fn a_role_that_is_gone_allows_nothing(directory: &dyn Directory) {
    let tenant = TenantId(Uuid::new_v4());
    let gone = role("gone", Grants::ALL);
    let agent = agent_with(directory, tenant, gone.role()).await;
    let read = directory.agent(tenant, agent.id).await.unwrap().unwrap();
    assert_eq!(read.role, Role::Custom(gone.id, Grants::default()));
}
