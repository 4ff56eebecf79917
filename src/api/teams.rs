//! `/api/v1/teams`: groups of agents.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, delete, get, patch, post, web::Json};
use frontdesk_application::teams;
use frontdesk_domain::{AgentId, CalendarId, InboxId, Line, Permission, Team, TeamId};
use frontdesk_ports::{Versioned, definitions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    auth::Staff,
    http::{JsonBody, PathId, Problem, Problems},
    state::ApiState,
    views::{ListView, present},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change).service(remove);
}

/// A group of agents.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamView {
    /// The team's id.
    id: Uuid,
    /// Its name, unique in the tenant.
    #[schema(example = "Billing")]
    name: String,
    /// Ids of its members, also of those who may not sign in at present.
    members: Vec<Uuid>,
    /// Ids of the inboxes that its members work in: what grants at the scope `inbox` reach.
    inboxes: Vec<Uuid>,
    /// The inbox that it writes from when no other is named.
    default_inbox: Option<Uuid>,
    /// The calendar of its working hours.
    calendar: Option<Uuid>,
    /// Whether it takes part in anything.
    active: bool,
    /// 1 when it was created, one more with each change.
    version: u64,
}

/// A new team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTeam {
    /// Its name, unique in the tenant.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Billing")]
    name: Line<100>,
    /// Ids of its members; at most 500.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    members: BTreeSet<Uuid>,
    /// Ids of the inboxes that its members work in; at most 100.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    inboxes: BTreeSet<Uuid>,
    /// The inbox that it writes from when no other is named.
    default_inbox: Option<Uuid>,
    /// The calendar of its working hours.
    calendar: Option<Uuid>,
}

/// What is to change of a team; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamChange {
    /// The team's new name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Line<100>>,
    /// Ids of its members, as a whole.
    #[schema(value_type = Option<Vec<Uuid>>)]
    members: Option<BTreeSet<Uuid>>,
    /// Ids of the inboxes that its members work in, as a whole.
    #[schema(value_type = Option<Vec<Uuid>>)]
    inboxes: Option<BTreeSet<Uuid>>,
    /// The inbox that it writes from; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    default_inbox: Option<Option<Uuid>>,
    /// The calendar of its working hours; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    calendar: Option<Option<Uuid>>,
    /// Whether it takes part in anything. A team that is set inactive keeps its members.
    active: Option<bool>,
    /// The version that was read; refused with `conflict` when it changed since.
    expected_version: Option<u64>,
}

/// The tenant's teams, by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<TeamView>), Problems),
)]
#[get("/teams")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<TeamView>>, Problem> {
    staff.require(Permission::Read)?;
    let teams = definitions::all::<Team>(&*state.database.directory, staff.tenant).await?;
    Ok(Json(ListView { items: teams.into_iter().map(TeamView::from).collect() }))
}

/// Creates a team. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewTeam,
    responses(
        (status = 201, body = TeamView, description = "Created"),
        (status = 409, description = "`taken` or `too_many`"),
        (status = 422, description = "`no_reference`: a member, the inbox or the calendar is not there"),
        Problems,
    ),
)]
#[post("/teams")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<NewTeam>) -> Result<HttpResponse, Problem> {
    let NewTeam { name, members, inboxes, default_inbox, calendar } = body.0;
    let new = teams::NewTeam {
        name: name.into_string(),
        members: members.into_iter().map(AgentId).collect(),
        inboxes: inboxes.into_iter().map(InboxId).collect(),
        default_inbox: default_inbox.map(InboxId),
        calendar: calendar.map(CalendarId),
    };
    let team = teams::create(&state.application, &staff.requester(), new).await?;
    state.team_changed(staff.tenant, team.value.id);
    Ok(HttpResponse::Created().json(TeamView::from(team)))
}

/// Changes a team. Owners and admins only. Members see the conversations that they may see then within a second, also
/// where they are signed in.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which team")),
    request_body = TeamChange,
    responses(
        (status = 200, body = TeamView, description = "As it is now"),
        (status = 409, description = "`taken` or `conflict`"),
        (status = 422, description = "`no_reference`: a member, the inbox or the calendar is not there"),
        Problems,
    ),
)]
#[patch("/teams/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<TeamId>,
    body: JsonBody<TeamChange>,
) -> Result<Json<TeamView>, Problem> {
    let TeamChange { name, members, inboxes, default_inbox, calendar, active, expected_version } = body.0;
    let change = teams::TeamChange {
        name: name.map(Line::into_string),
        members: members.map(|members| members.into_iter().map(AgentId).collect()),
        inboxes: inboxes.map(|inboxes| inboxes.into_iter().map(InboxId).collect()),
        default_inbox: default_inbox.map(|inbox| inbox.map(InboxId)),
        calendar: calendar.map(|calendar| calendar.map(CalendarId)),
        active,
        expected_version,
    };
    let team = teams::change(&state.application, &staff.requester(), id.0, change).await?;
    state.team_changed(staff.tenant, id.0);
    Ok(Json(TeamView::from(team)))
}

/// Deletes a team. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which team")),
    responses((status = 204, description = "Gone"), Problems),
)]
#[delete("/teams/{id}")]
async fn remove(staff: Staff, state: ApiState, id: PathId<TeamId>) -> Result<HttpResponse, Problem> {
    teams::delete(&state.application, &staff.requester(), id.0).await?;
    state.team_changed(staff.tenant, id.0);
    Ok(HttpResponse::NoContent().finish())
}

impl From<Versioned<Team>> for TeamView {
    fn from(Versioned { value: team, version }: Versioned<Team>) -> Self {
        Self {
            id: team.id.0,
            name: team.name,
            members: team.members.into_iter().map(|agent| agent.0).collect(),
            inboxes: team.inboxes.into_iter().map(|inbox| inbox.0).collect(),
            default_inbox: team.default_inbox.map(|inbox| inbox.0),
            calendar: team.calendar.map(|calendar| calendar.0),
            active: team.active,
            version,
        }
    }
}
