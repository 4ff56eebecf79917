//! Making, changing and deleting the roles of a tenant. Who makes or changes a role grants no more than they may do
//! themselves.

use frontdesk_domain::{
    Agent, CustomRole, Grant, Permission, Role, RoleId, Timer,
    audit::{FieldChange, Object},
    policy::Grants,
};
use frontdesk_ports::{NoticeKind, RoleDeletion, RoleWrites, TenantLock, Versioned};

use crate::{ActError, Application, Requester, events, fresh_id};

/// What is to change of a role; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// The role's new name.
    pub name: Option<String>,
    /// What it allows, as a whole.
    pub grants: Option<Grants>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
}

/// Makes a role of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Role`], [`ActError::TooManyRoles`], or [`ActError::Taken`] for the name.
pub async fn create(
    app: &Application,
    by: &Requester,
    name: String,
    grants: Grants,
) -> Result<Versioned<CustomRole>, ActError> {
    by.require(Permission::Administer)?;
    let role = CustomRole { id: RoleId(fresh_id(app.clock.now())), name, grants };
    check(by, &role, Grants::default())?;
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::agents(by.tenant())).await?;
    if transaction.roles(by.tenant()).await?.len() >= CustomRole::MAX_PER_TENANT {
        return Err(ActError::TooManyRoles);
    }
    transaction.insert_role(by.tenant(), &role).await?;
    transaction.add_event(events::role(app, by, "role.created", &role, 1)).await?;
    let changes = vec![FieldChange::set("name", &role.name), FieldChange::set("grants", list(role.grants))];
    transaction.audit(app.entry(by, "role.created", Object::new("role", role.id), changes)).await?;
    transaction.commit().await?;
    Ok(Versioned { value: role, version: 1 })
}

/// Changes a role of the requester's tenant. When it does not allow to answer any more, the conversations of the agents
/// who have it go back into the queue.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`], [`ActError::NotYourself`] for the grants of one's own role,
/// [`ActError::Role`], [`ActError::Taken`] for the name, or [`ActError::Conflict`] when it has another version than
/// expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: RoleId,
    change: RoleChange,
) -> Result<Versioned<CustomRole>, ActError> {
    by.require(Permission::Administer)?;
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::agents(by.tenant())).await?;
    let Versioned { value: before, version } = find(&mut *transaction, by, id, change.expected_version).await?;
    let after = CustomRole {
        id,
        name: change.name.unwrap_or_else(|| before.name.clone()),
        grants: change.grants.unwrap_or(before.grants),
    };
    if by.has_role(id) && after.grants != before.grants {
        return Err(ActError::NotYourself);
    }
    check(by, &after, before.grants)?;
    let changes = [
        FieldChange::between("name", &before.name, &after.name),
        FieldChange::between("grants", list(before.grants), list(after.grants)),
    ];
    let changes: Vec<_> = changes.into_iter().flatten().collect();
    if changes.is_empty() {
        return Ok(Versioned { value: before, version });
    }
    let version = transaction.update_role(by.tenant(), &after, version).await?;
    transaction.add_event(events::role(app, by, "role.changed", &after, version)).await?;
    transaction.audit(app.entry(by, "role.changed", Object::new("role", id), changes)).await?;
    for agent in transaction.agents(by.tenant()).await? {
        let before = Agent { role: before.role(), ..agent.clone() };
        if agent.role.custom() == Some(id) && before.may_hold_conversations() && !agent.may_hold_conversations() {
            transaction.set_timer(&Timer::release_agent(by.tenant(), agent.id, app.clock.now())).await?;
        }
    }
    transaction.commit().await?;
    app.notify(by, NoticeKind::ROLE, id.0, now_as_version(app)).await;
    Ok(Versioned { value: after, version })
}

/// Deletes a role of the requester's tenant that no agent has.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`], [`ActError::RoleInUse`], or [`ActError::Conflict`] when it has
/// another version than expected.
pub async fn delete(
    app: &Application,
    by: &Requester,
    id: RoleId,
    expected_version: Option<u64>,
) -> Result<(), ActError> {
    by.require(Permission::Administer)?;
    let mut transaction = app.transactions.begin().await?;
    transaction.lock(TenantLock::agents(by.tenant())).await?;
    find(&mut *transaction, by, id, expected_version).await?;
    match transaction.delete_role(by.tenant(), id).await? {
        RoleDeletion::Unknown => Err(ActError::NotFound("role")),
        RoleDeletion::InUse => Err(ActError::RoleInUse),
        RoleDeletion::Deleted => {
            transaction.add_event(events::role_deleted(app, by, id)).await?;
            transaction.audit(app.entry(by, "role.deleted", Object::new("role", id), Vec::new())).await?;
            transaction.commit().await?;
            app.notify(by, NoticeKind::ROLE, id.0, now_as_version(app)).await;
            Ok(())
        }
    }
}

/// `role` with what it allows now, for an agent of the requester's tenant who is to have it.
pub(crate) async fn current<T: RoleWrites + Send + ?Sized>(
    transaction: &mut T,
    by: &Requester,
    role: Role,
) -> Result<Role, ActError> {
    let Some(id) = role.custom() else { return Ok(role) };
    let found = transaction.roles(by.tenant()).await?.into_iter().find(|held| held.value.id == id);
    Ok(found.ok_or(ActError::NoSuchRole)?.value.role())
}

/// The role, if it has the expected version.
async fn find<T: RoleWrites + Send + ?Sized>(
    transaction: &mut T,
    by: &Requester,
    id: RoleId,
    expected_version: Option<u64>,
) -> Result<Versioned<CustomRole>, ActError> {
    let found = transaction.roles(by.tenant()).await?.into_iter().find(|held| held.value.id == id);
    let found = found.ok_or(ActError::NotFound("role"))?;
    if expected_version.is_some_and(|expected| expected != found.version) {
        return Err(ActError::Conflict);
    }
    Ok(found)
}

/// The rules of a role, and that agents grant or take only what they may do themselves.
fn check(by: &Requester, role: &CustomRole, before: Grants) -> Result<(), ActError> {
    role.check()?;
    by.require_grants(role.grants)?;
    by.require_grants(before)
}

/// What notices say for a version: the time, which grows with each change too, also with one that deletes the role.
fn now_as_version(app: &Application) -> u64 {
    app.clock.now().0.unsigned_abs()
}

fn list(grants: Grants) -> String {
    let written = |Grant { permission, scope }: Grant| format!("{}:{}", permission.as_str(), scope.as_str());
    grants.iter().map(written).collect::<Vec<_>>().join(" ")
}
