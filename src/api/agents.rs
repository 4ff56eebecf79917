//! `/api/v1/agents`: the people who answer.

use actix_web::{HttpResponse, get, patch, post, web::Json};
use frontdesk_domain::{Agent, AgentId, Participant, Permission, Role};
use frontdesk_protocol::socket::PresenceState;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::{MAX_PASSWORD_BYTES, Staff},
    extract::{Body, Named},
    fresh_id,
    openapi::Problems,
    problem::{Code, Problem},
    roles,
    state::ApiState,
    views::{AgentView, EmailAddress, Line, ListView, RoleView},
};

/// Shorter passwords are guessed too soon.
const MIN_PASSWORD_CHARS: usize = 10;

/// The tenant's agents, by name, and who of them is there.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<AgentView>), Problems),
)]
#[get("/agents")]
pub(crate) async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<AgentView>>, Problem> {
    staff.require(Permission::Read)?;
    let agents = state.directory.agents(staff.tenant).await?;
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
    #[schema(value_type = String, example = "ada@desk.example")]
    email: EmailAddress,
    /// The name that contacts see.
    #[schema(value_type = String, max_length = 100, example = "Ada")]
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
    responses((status = 201, body = AgentView, description = "Made"), Problems),
)]
#[post("/agents")]
pub(crate) async fn create(staff: Staff, state: ApiState, body: Body<NewAgent>) -> Result<HttpResponse, Problem> {
    staff.require(Permission::Administer)?;
    let NewAgent { email, name, role: RoleView(role), password } = body.0;
    let role = roles::assignable(&staff, &state, role).await?;
    may_touch(&staff, &[role])?;
    check_password(&password)?;
    let hash = state.passwords.hash(password).await?;
    let _turn = state.administration.lock().await;
    if state.directory.agent_by_email(&email.0).await?.is_some() {
        return Err(Problem::new(Code::Taken, "the e-mail address is taken"));
    }
    let now = state.clock.now();
    let agent = Agent {
        id: AgentId(fresh_id(now)),
        tenant: staff.tenant,
        email: email.0,
        name: name.0,
        role,
        active: true,
        created_at: now,
    };
    state.directory.put_agent(&agent, &hash).await?;
    tracing::info!(
        audit = true, agent.id = %staff.agent, made.id = %agent.id, role = role.as_str(), "an agent was made"
    );
    Ok(HttpResponse::Created().json(AgentView::of(agent, PresenceState::Offline)))
}

/// What is to change of an agent; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentChange {
    /// The name that contacts see.
    #[schema(value_type = Option<String>, max_length = 100)]
    name: Option<Line<100>>,
    /// What it may do.
    role: Option<RoleView>,
    /// Whether it may sign in; its sockets and tokens end within seconds.
    active: Option<bool>,
    /// A new password: 10 characters or more.
    #[schema(min_length = 10, max_length = 256)]
    password: Option<String>,
}

/// Changes an agent. Owners and admins only; owners are changed by owners, and one active owner remains.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which agent")),
    request_body = AgentChange,
    responses(
        (status = 200, body = AgentView, description = "As it is now"),
        (status = 409, description = "`last_owner` or `not_yourself`"),
        Problems,
    ),
)]
#[patch("/agents/{id}")]
pub(crate) async fn change(
    staff: Staff,
    state: ApiState,
    id: Named<AgentId>,
    body: Body<AgentChange>,
) -> Result<Json<AgentView>, Problem> {
    staff.require(Permission::Administer)?;
    let AgentChange { name, role, active, password } = body.0;
    let new_hash = match password {
        Some(password) => {
            check_password(&password)?;
            Some(state.passwords.hash(password).await?)
        }
        None => None,
    };
    let _turn = state.administration.lock().await;
    let absent = || Problem::not_found("agent");
    let before = state.directory.agent(staff.tenant, id.0).await?.ok_or_else(absent)?;
    let role = match role {
        Some(RoleView(role)) if role != before.role => roles::assignable(&staff, &state, role).await?,
        _ => before.role,
    };
    let after = Agent {
        name: name.map_or_else(|| before.name.clone(), |name| name.0),
        role,
        active: active.unwrap_or(before.active),
        ..before.clone()
    };
    may_touch(&staff, &[before.role, after.role])?;
    check_standing(&staff, &state, &before, &after).await?;
    let hash = match new_hash {
        Some(hash) => hash,
        None => state.directory.agent_by_email(&before.email).await?.ok_or_else(absent)?.1,
    };
    state.directory.put_agent(&after, &hash).await?;
    state.live.forget_all();
    tracing::info!(
        audit = true, agent.id = %staff.agent, changed.id = %after.id, role = after.role.as_str(),
        active = after.active, "an agent was changed"
    );
    let presence = state.presence.get(staff.tenant, &[Participant::Agent(after.id)]).await.unwrap_or_default();
    Ok(Json(AgentView::of(after, presence.first().copied().unwrap_or(PresenceState::Unknown))))
}

/// Only an owner makes or changes an owner, and nobody those who may do more than they themselves.
fn may_touch(staff: &Staff, roles: &[Role]) -> Result<(), Problem> {
    if staff.role != Role::Owner && roles.contains(&Role::Owner) {
        return Err(Problem::new(Code::Forbidden, "only an owner makes or changes an owner"));
    }
    if !roles.iter().all(|role| staff.role.grants().covers(role.grants())) {
        return Err(Problem::new(Code::Forbidden, "nobody grants what they may not do themselves"));
    }
    Ok(())
}

/// Nobody locks themselves out, and one active owner remains.
async fn check_standing(staff: &Staff, state: &ApiState, before: &Agent, after: &Agent) -> Result<(), Problem> {
    if after.id == staff.agent && (after.role != before.role || !after.active) {
        return Err(Problem::new(Code::NotYourself, Code::NotYourself.title()));
    }
    let owns = |agent: &Agent| agent.role == Role::Owner && agent.active;
    if owns(before) && !owns(after) {
        let agents = state.directory.agents(staff.tenant).await?;
        if !agents.iter().any(|agent| agent.id != before.id && owns(agent)) {
            return Err(Problem::new(Code::LastOwner, Code::LastOwner.title()));
        }
    }
    Ok(())
}

fn check_password(password: &str) -> Result<(), Problem> {
    if password.chars().count() < MIN_PASSWORD_CHARS || password.len() > MAX_PASSWORD_BYTES {
        let limits = format!("a password has {MIN_PASSWORD_CHARS} characters to {MAX_PASSWORD_BYTES} bytes");
        return Err(Problem::invalid(limits));
    }
    Ok(())
}
