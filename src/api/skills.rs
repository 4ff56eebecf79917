//! `/api/v1/skills`, and the skills of agents.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, patch, post, web::Json};
use frontdesk_application::skills;
use frontdesk_domain::{AgentId, AgentSkills, Line, Permission, Skill, SkillId, SkillLevel};
use frontdesk_ports::definitions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    auth::Staff,
    http::{JsonBody, PathId, Problem, Problems},
    state::ApiState,
    views::ListView,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change).service(remove).service(of_agent).service(set_for_agent);
}

/// Something that an agent can be good at.
#[derive(Serialize, ToSchema)]
pub(crate) struct SkillView {
    /// The skill's id.
    id: Uuid,
    /// Its name, unique in the tenant.
    #[schema(example = "Spanish")]
    name: String,
}

/// The name of a skill.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SkillName {
    /// Its name, unique in the tenant.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Spanish")]
    name: Line<100>,
}

/// A skill that an agent has.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeldSkill {
    /// Id of the skill.
    skill: Uuid,
    /// How well: 1 (some) to 5 (expert).
    #[schema(value_type = u8, minimum = 1, maximum = 5)]
    level: SkillLevel,
}

/// The skills of one agent.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentSkillsView {
    /// Id of the agent who has the skills.
    agent: Uuid,
    /// What the agent can.
    skills: Vec<HeldSkill>,
}

/// The skills that an agent is to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentSkillsChange {
    /// All of them; what is not named is taken away.
    skills: Vec<HeldSkill>,
}

/// The tenant's skills, by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<SkillView>), Problems),
)]
#[get("/skills")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<SkillView>>, Problem> {
    staff.require(Permission::Read)?;
    let skills = definitions::all::<Skill>(&*state.database.directory, staff.tenant).await?;
    Ok(Json(ListView { items: skills.into_iter().map(|skill| SkillView::from(skill.value)).collect() }))
}

/// Creates a skill. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = SkillName,
    responses(
        (status = 201, body = SkillView, description = "Created"),
        (status = 409, description = "`taken` or `too_many`"),
        Problems,
    ),
)]
#[post("/skills")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<SkillName>) -> Result<HttpResponse, Problem> {
    let skill = skills::create(&state.application, &staff.requester(), body.0.name.into_string()).await?;
    Ok(HttpResponse::Created().json(SkillView::from(skill)))
}

/// Gives a skill another name. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which skill")),
    request_body = SkillName,
    responses(
        (status = 200, body = SkillView, description = "As it is now"),
        (status = 409, description = "`taken` or `conflict`"),
        Problems,
    ),
)]
#[patch("/skills/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<SkillId>,
    body: JsonBody<SkillName>,
) -> Result<Json<SkillView>, Problem> {
    let skill = skills::rename(&state.application, &staff.requester(), id.0, body.0.name.into_string()).await?;
    Ok(Json(SkillView::from(skill)))
}

/// Deletes a skill; agents who have it lose it. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which skill")),
    responses((status = 204, description = "Gone"), Problems),
)]
#[delete("/skills/{id}")]
async fn remove(staff: Staff, state: ApiState, id: PathId<SkillId>) -> Result<HttpResponse, Problem> {
    skills::delete(&state.application, &staff.requester(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The skills of an agent.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which agent")),
    responses((status = 200, body = AgentSkillsView), Problems),
)]
#[get("/agents/{id}/skills")]
async fn of_agent(staff: Staff, state: ApiState, id: PathId<AgentId>) -> Result<Json<AgentSkillsView>, Problem> {
    staff.require(Permission::Read)?;
    state.database.directory.agent(staff.tenant, id.0).await?.ok_or_else(|| Problem::not_found("agent"))?;
    let held = definitions::one::<AgentSkills>(&*state.database.directory, staff.tenant, id.0.0).await?;
    let skills = held.map_or_else(|| AgentSkills::new(id.0, BTreeMap::new()), |held| held.value);
    Ok(Json(AgentSkillsView::from(skills)))
}

/// Sets the skills of an agent, as a whole. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which agent")),
    request_body = AgentSkillsChange,
    responses(
        (status = 200, body = AgentSkillsView, description = "As they are now"),
        (status = 409, description = "`conflict`"),
        (status = 422, description = "`no_reference`: a skill is not there"),
        Problems,
    ),
)]
#[patch("/agents/{id}/skills")]
async fn set_for_agent(
    staff: Staff,
    state: ApiState,
    id: PathId<AgentId>,
    body: JsonBody<AgentSkillsChange>,
) -> Result<Json<AgentSkillsView>, Problem> {
    let count = body.0.skills.len();
    let levels: BTreeMap<_, _> = body.0.skills.into_iter().map(|held| (SkillId(held.skill), held.level)).collect();
    if levels.len() != count {
        return Err(Problem::invalid("a skill is named twice"));
    }
    let skills = skills::set_for_agent(&state.application, &staff.requester(), id.0, levels).await?;
    Ok(Json(AgentSkillsView::from(skills)))
}

impl From<Skill> for SkillView {
    fn from(skill: Skill) -> Self {
        Self { id: skill.id.0, name: skill.name }
    }
}

impl From<AgentSkills> for AgentSkillsView {
    fn from(skills: AgentSkills) -> Self {
        let held = skills.levels.into_iter().map(|(skill, level)| HeldSkill { skill: skill.0, level });
        Self { agent: skills.agent.0, skills: held.collect() }
    }
}
