//! `/api/v1/roles`: what agents may do.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{HttpResponse, delete, get, patch, post, web::Json};
use frontdesk_application::roles;
use frontdesk_domain::{CustomRole, Line, Permission, Role, RoleId};
use frontdesk_ports::Versioned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{JsonBody, PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{GrantView, ListView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change).service(remove);
}

/// A role of the tenant's own, or a built-in one.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleDetails {
    /// Its id, as agents have it in `role`.
    #[schema(example = "supervisor")]
    id: String,
    /// The role's name.
    #[schema(example = "Supervisor")]
    name: String,
    /// Whether it is one of the four that every tenant has. They cannot be changed.
    built_in: bool,
    /// What it allows.
    grants: Vec<GrantView>,
    /// Grows with each change; null for a built-in role.
    version: Option<u64>,
}

/// The roles that agents can have: the built-in ones, then those of the tenant by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<RoleDetails>), Problems),
)]
#[get("/roles")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<RoleDetails>>, Problem> {
    staff.require(Permission::Administer)?;
    let made = state.database.directory.roles(staff.tenant).await?;
    let items = Role::BUILT_IN.into_iter().map(RoleDetails::built_in).chain(made.into_iter().map(RoleDetails::from));
    Ok(Json(ListView { items: items.collect() }))
}

/// A new role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// Its name, unique in the tenant.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "Trainee")]
    name: Line<64>,
    /// What it allows. `read` must be among it, at some scope. No more than what its maker may do.
    grants: Vec<GrantView>,
}

/// Makes a role. Owners, admins, and agents whose role may administer.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewRole,
    responses(
        (status = 201, body = RoleDetails, description = "Made"),
        (status = 409, description = "`taken` or `conflict`"),
        Problems,
    ),
)]
#[post("/roles")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<NewRole>) -> Result<HttpResponse, Problem> {
    let NewRole { name, grants } = body.0;
    let grants = grants.into_iter().map(|grant| grant.0).collect();
    let role = roles::create(&state.application, &staff.requester(), name.into_string(), grants).await?;
    Ok(HttpResponse::Created().json(RoleDetails::from(role)))
}

/// What is to change of a role; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// Its name, unique in the tenant.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    name: Option<Line<64>>,
    /// What it allows, as a whole.
    grants: Option<Vec<GrantView>>,
    /// The version that was read; refused with `conflict` when it changed since.
    expected_version: Option<u64>,
}

/// Changes a role that the tenant made. Its agents may do what it allows within a second, also where they are signed
/// in.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which role")),
    request_body = RoleChange,
    responses(
        (status = 200, body = RoleDetails, description = "As it is now"),
        (status = 409, description = "`taken` or `conflict`"),
        Problems,
    ),
)]
#[patch("/roles/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<RoleId>,
    body: JsonBody<RoleChange>,
) -> Result<Json<RoleDetails>, Problem> {
    let RoleChange { name, grants, expected_version } = body.0;
    let change = roles::RoleChange {
        name: name.map(Line::into_string),
        grants: grants.map(|grants| grants.into_iter().map(|grant| grant.0).collect()),
        expected_version,
    };
    let after = roles::change(&state.application, &staff.requester(), id.0, change).await?;
    state.live.forget_tenant(staff.tenant);
    Ok(Json(RoleDetails::from(after)))
}

/// Which version is deleted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RoleRemoval {
    /// The version that was read; refused with `conflict` when it changed since.
    expected_version: Option<u64>,
}

/// Deletes a role that the tenant made and that no agent has.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which role"), RoleRemoval),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "`role_in_use` or `conflict`"),
        Problems,
    ),
)]
#[delete("/roles/{id}")]
async fn remove(
    staff: Staff,
    state: ApiState,
    id: PathId<RoleId>,
    query: QueryParams<RoleRemoval>,
) -> Result<HttpResponse, Problem> {
    roles::delete(&state.application, &staff.requester(), id.0, query.0.expected_version).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl RoleDetails {
    fn built_in(role: Role) -> Self {
        let (id, grants) = (role.to_string(), role.grants().iter().map(GrantView).collect());
        let mut name = id.clone();
        name[..1].make_ascii_uppercase();
        Self { id, name, built_in: true, grants, version: None }
    }
}

impl From<Versioned<CustomRole>> for RoleDetails {
    fn from(Versioned { value: role, version }: Versioned<CustomRole>) -> Self {
        let grants = role.grants.iter().map(GrantView).collect();
        Self { id: role.id.to_string(), name: role.name, built_in: false, grants, version: Some(version) }
    }
}
