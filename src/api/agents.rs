//! `/api/v1/agents`: the people who answer.

use actix_web::{HttpResponse, get, patch, post, web::Json};
use frontdesk_application::agents;
use frontdesk_domain::{AgentId, EmailAddress, Line, Participant, Permission};
use frontdesk_protocol::socket::PresenceState;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::{MAX_PASSWORD_CHARS, Staff},
    http::{JsonBody, PathId, Problem, Problems},
    state::ApiState,
    views::{AgentView, ListView, RoleView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change);
}

/// Shorter passwords are guessed too soon.
const MIN_PASSWORD_CHARS: usize = 10;

/// The tenant's agents, by name, and who of them is there.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<AgentView>), Problems),
)]
#[get("/agents")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<AgentView>>, Problem> {
    staff.require(Permission::Read)?;
    let agents = state.database.directory.agents(staff.tenant).await?;
    let members: Vec<_> = agents.iter().map(|agent| Participant::Agent(agent.id)).collect();
    // Without the store of presence the list is still of use.
    let states = state.presence.get(staff.tenant, &members).await.unwrap_or_default();
    let states = states.into_iter().chain(std::iter::repeat(PresenceState::Unknown));
    let items = agents.into_iter().zip(states).map(|(agent, presence)| AgentView::of(agent, presence)).collect();
    Ok(Json(ListView { items }))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgent {
    /// Its log-in name; unique in the whole desk.
    #[schema(value_type = String, format = "email", max_length = 254, example = "ada@desk.example")]
    email: EmailAddress,
    /// The name that contacts see.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ada")]
    name: Line<100>,
    /// What it may do.
    role: RoleView,
    /// Its password: 10 characters or more.
    #[schema(min_length = 10, max_length = 256)]
    password: String,
}

/// Makes an agent. Owners and admins only; owners are made by owners.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewAgent,
    responses(
        (status = 201, body = AgentView, description = "Made"),
        (status = 409, description = "`taken`: another agent has the address"),
        (status = 422, description = "`no_such_role`"),
        Problems,
    ),
)]
#[post("/agents")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<NewAgent>) -> Result<HttpResponse, Problem> {
    // Asked here too: hashing is too dear for those who may not do it anyway.
    staff.require(Permission::Administer)?;
    let NewAgent { email, name, role: RoleView(role), password } = body.0;
    check_password(&password)?;
    let password = state.passwords.hash(password).await?;
    let new = agents::NewAgent { email: email.into(), name: name.into_string(), role, password };
    let made = agents::create(&state.application, &staff.requester(), new).await?;
    Ok(HttpResponse::Created().json(AgentView::of(made.value, PresenceState::Offline)))
}

/// What is to change of an agent; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentChange {
    /// The name that contacts see.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Line<100>>,
    /// What it may do.
    role: Option<RoleView>,
    /// Whether it may sign in. When it may not any more, its log-ins end for good, its sockets within seconds, and its
    /// conversations go back into the queue.
    active: Option<bool>,
    /// A new password: 10 characters or more. It ends all log-ins of the agent and their sockets within seconds, but
    /// not the log-in by which an agent changes its own password.
    #[schema(min_length = 10, max_length = 256)]
    password: Option<String>,
}

/// Changes an agent. Owners and admins only; owners are changed by owners, and one active owner remains.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which agent")),
    request_body = AgentChange,
    responses(
        (status = 200, body = AgentView, description = "As it is now"),
        (status = 409, description = "`last_owner`, `not_yourself` or `conflict`"),
        (status = 422, description = "`no_such_role`"),
        Problems,
    ),
)]
#[patch("/agents/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<AgentId>,
    body: JsonBody<AgentChange>,
) -> Result<Json<AgentView>, Problem> {
    // Asked here too: hashing is too dear for those who may not do it anyway.
    staff.require(Permission::Administer)?;
    let AgentChange { name, role, active, password } = body.0;
    let password = match password {
        Some(password) => {
            check_password(&password)?;
            Some(state.passwords.hash(password).await?)
        }
        None => None,
    };
    let change = agents::AgentChange {
        name: name.map(Line::into_string),
        role: role.map(|role| role.0),
        active,
        password,
        expected_version: None,
        own_login: Some(staff.login),
    };
    let after = agents::change(&state.application, &staff.requester(), id.0, change).await?.value;
    state.live.forget_all();
    let presence = state.presence.get(staff.tenant, &[Participant::Agent(after.id)]).await.unwrap_or_default();
    Ok(Json(AgentView::of(after, presence.first().copied().unwrap_or(PresenceState::Unknown))))
}

fn check_password(password: &str) -> Result<(), Problem> {
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&password.chars().count()) {
        let limits = format!("a password has {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters");
        return Err(Problem::invalid(limits));
    }
    Ok(())
}
