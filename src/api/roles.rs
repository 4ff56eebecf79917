//! `/api/v1/roles`: what agents may do.

use actix_web::{HttpResponse, delete, get, patch, post, web::Json};
use frontdesk_domain::{CustomRole, Grants, Permission, Role, RoleError, RoleId};
use frontdesk_ports::RoleDeletion;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Staff,
    extract::{Body, Named},
    fresh_id,
    openapi::Problems,
    problem::{Code, Problem},
    state::ApiState,
    views::{GrantView, Line, ListView},
};

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleDetails {
    /// Its id, as agents have it in `role`.
    #[schema(example = "supervisor")]
    id: String,
    /// Its name.
    #[schema(example = "Supervisor")]
    name: String,
    /// Whether it is one of the four that every tenant has. They cannot be changed.
    built_in: bool,
    /// What it allows.
    grants: Vec<GrantView>,
}

/// The roles that agents can have: the built-in ones, then those of the tenant by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<RoleDetails>), Problems),
)]
#[get("/roles")]
pub(crate) async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<RoleDetails>>, Problem> {
    staff.require(Permission::Administer)?;
    let made = state.directory.roles(staff.tenant).await?;
    let items = Role::BUILT_IN.into_iter().map(RoleDetails::built_in).chain(made.into_iter().map(RoleDetails::from));
    Ok(Json(ListView { items: items.collect() }))
}

/// A new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// Its name, unique in the tenant.
    #[schema(value_type = String, max_length = 64, example = "Trainee")]
    name: Line<64>,
    /// What it allows. `read` at `tenant` must be among it. No more than what whoever makes it may do.
    grants: Vec<GrantView>,
}

/// Makes a role. Owners and admins only, and whoever has a role that may administer.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewRole,
    responses((status = 201, body = RoleDetails, description = "Made"), Problems),
)]
#[post("/roles")]
pub(crate) async fn create(staff: Staff, state: ApiState, body: Body<NewRole>) -> Result<HttpResponse, Problem> {
    staff.require(Permission::Administer)?;
    let NewRole { name, grants } = body.0;
    let grants = grants.into_iter().map(|grant| grant.0).collect();
    let role = CustomRole { id: RoleId(fresh_id(state.clock.now())), name: name.0, grants };
    check(&staff, &role, Grants::default())?;
    let _turn = state.administration.lock().await;
    if state.directory.roles(staff.tenant).await?.len() >= CustomRole::MAX_PER_TENANT {
        return Err(Problem::invalid(format!("a tenant makes {} roles at most", CustomRole::MAX_PER_TENANT)));
    }
    state.directory.create_role(staff.tenant, &role).await?;
    tracing::info!(audit = true, agent.id = %staff.agent, role.id = %role.id, grants = ?role.grants, "a role was made");
    Ok(HttpResponse::Created().json(RoleDetails::from(role)))
}

/// What is to change of a role; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// Its name, unique in the tenant.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<Line<64>>,
    /// What it allows, as a whole.
    grants: Option<Vec<GrantView>>,
}

/// Changes a role that the tenant made. Its agents may do what it allows within seconds, also where they are signed in.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which role")),
    request_body = RoleChange,
    responses((status = 200, body = RoleDetails, description = "As it is now"), Problems),
)]
#[patch("/roles/{id}")]
pub(crate) async fn change(
    staff: Staff,
    state: ApiState,
    id: Named<RoleId>,
    body: Body<RoleChange>,
) -> Result<Json<RoleDetails>, Problem> {
    staff.require(Permission::Administer)?;
    let RoleChange { name, grants } = body.0;
    let _turn = state.administration.lock().await;
    let before = find(&staff, &state, id.0).await?;
    let after = CustomRole {
        id: before.id,
        name: name.map_or_else(|| before.name.clone(), |name| name.0),
        grants: grants.map_or(before.grants, |grants| grants.into_iter().map(|grant| grant.0).collect()),
    };
    if staff.role.custom() == Some(after.id) && after.grants != before.grants {
        return Err(Problem::new(Code::NotYourself, Code::NotYourself.title()));
    }
    check(&staff, &after, before.grants)?;
    if !state.directory.change_role(staff.tenant, &after).await? {
        return Err(Problem::not_found("role"));
    }
    state.live.forget_all();
    tracing::info!(
        audit = true, agent.id = %staff.agent, role.id = %after.id, grants = ?after.grants, "a role was changed"
    );
    Ok(Json(RoleDetails::from(after)))
}

/// Deletes a role that the tenant made and that no agent has.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which role")),
    responses((status = 204, description = "Gone"), (status = 409, description = "`role_in_use`"), Problems),
)]
#[delete("/roles/{id}")]
pub(crate) async fn remove(staff: Staff, state: ApiState, id: Named<RoleId>) -> Result<HttpResponse, Problem> {
    staff.require(Permission::Administer)?;
    let _turn = state.administration.lock().await;
    match state.directory.delete_role(staff.tenant, id.0).await? {
        RoleDeletion::Deleted => {
            tracing::info!(audit = true, agent.id = %staff.agent, role.id = %id.0, "a role was deleted");
            Ok(HttpResponse::NoContent().finish())
        }
        RoleDeletion::InUse => Err(Problem::new(Code::RoleInUse, Code::RoleInUse.title())),
        RoleDeletion::Unknown => Err(Problem::not_found("role")),
    }
}

/// `role` with what it allows now, for an agent who is to have it. Refused if it allows more than `staff` may do.
pub(crate) async fn assignable(staff: &Staff, state: &ApiState, role: Role) -> Result<Role, Problem> {
    let Some(id) = role.custom() else { return Ok(role) };
    let found = state.directory.roles(staff.tenant).await?.into_iter().find(|held| held.id == id);
    let role = found.ok_or_else(|| Problem::new(Code::NoSuchRole, Code::NoSuchRole.title()))?.role();
    if !staff.role.grants().covers(role.grants()) {
        return Err(Problem::new(Code::Forbidden, "nobody grants what they may not do themselves"));
    }
    Ok(role)
}

async fn find(staff: &Staff, state: &ApiState, id: RoleId) -> Result<CustomRole, Problem> {
    let roles = state.directory.roles(staff.tenant).await?;
    roles.into_iter().find(|role| role.id == id).ok_or_else(|| Problem::not_found("role"))
}

/// The rules of a role, and that nobody grants or takes what they may not do themselves.
fn check(staff: &Staff, role: &CustomRole, before: Grants) -> Result<(), Problem> {
    role.check().map_err(|error: RoleError| Problem::invalid(error.to_string()))?;
    let own = staff.role.grants();
    if !own.covers(role.grants) || !own.covers(before) {
        return Err(Problem::new(Code::Forbidden, "nobody grants what they may not do themselves"));
    }
    Ok(())
}

impl RoleDetails {
    fn built_in(role: Role) -> Self {
        let (id, grants) = (role.to_string(), role.grants().iter().map(GrantView).collect());
        let mut name = id.clone();
        name[..1].make_ascii_uppercase();
        Self { id, name, built_in: true, grants }
    }
}

impl From<CustomRole> for RoleDetails {
    fn from(role: CustomRole) -> Self {
        let grants = role.grants.iter().map(GrantView).collect();
        Self { id: role.id.to_string(), name: role.name, built_in: false, grants }
    }
}
