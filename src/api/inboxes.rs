//! `/api/v1/inboxes`: where contacts write to.

use actix_web::{HttpResponse, get, patch, post, web::Json};
use frontdesk_application::inboxes;
use frontdesk_domain::{InboxId, InboxKind, Line, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{JsonBody, PathId, Problem, Problems},
    state::ApiState,
    views::{InboxView, ListView, ShortText},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change);
}

/// The tenant's inboxes, by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<InboxView>), Problems),
)]
#[get("/inboxes")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<InboxView>>, Problem> {
    staff.require(Permission::Read)?;
    let inboxes = state.database.directory.inboxes(staff.tenant).await?;
    Ok(Json(ListView { items: inboxes.into_iter().map(InboxView::from).collect() }))
}

/// A new inbox.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInbox {
    /// By what it is reached: `web`, `api`, or the word of a bridge (1 to 32 of a-z, 0-9, `_` and `-`). Never changes.
    #[serde(default)]
    #[schema(value_type = Option<String>, default = "web", example = "web", max_length = 32, pattern = "^[a-z][a-z0-9_-]*$")]
    kind: InboxKind,
    /// The widget's title. Names need not be unique.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Shop")]
    name: Line<100>,
    /// The first line that a contact reads; may be empty.
    #[schema(value_type = Option<String>, max_length = 500, example = "How can we help?")]
    greeting: Option<ShortText<500>>,
    /// Web origins whose pages may open the widget: `scheme://host[:port]`, no wildcards. Of use for `web` only.
    #[serde(default)]
    #[schema(max_items = 50, example = json!(["https://shop.example"]))]
    origins: Vec<String>,
}

/// Creates an inbox. Owners and admins only. It takes conversations at once.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewInbox,
    responses(
        (status = 201, body = InboxView, description = "Created"),
        (status = 409, description = "`too_many`"),
        Problems,
    ),
)]
#[post("/inboxes")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<NewInbox>) -> Result<HttpResponse, Problem> {
    let NewInbox { kind, name, greeting, origins } = body.0;
    let greeting = greeting.map(|greeting| greeting.0).unwrap_or_default();
    let origins = inboxes::origins(&origins).map_err(refused_origins)?;
    let new = inboxes::NewInbox { kind, name: name.into_string(), greeting, origins };
    let inbox = inboxes::create(&state.application, &staff.requester(), new).await?;
    state.inbox_changed(inbox.id);
    Ok(HttpResponse::Created().json(InboxView::from(inbox)))
}

/// What is to change of an inbox; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxChange {
    /// The widget's title.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Shop")]
    name: Option<Line<100>>,
    /// The first line that a contact reads; may be empty.
    #[schema(value_type = Option<String>, max_length = 500, example = "How can we help?")]
    greeting: Option<ShortText<500>>,
    /// Web origins whose pages may open the widget: `scheme://host[:port]`, no wildcards.
    #[schema(max_items = 50, example = json!(["https://shop.example"]))]
    origins: Option<Vec<String>>,
    /// `false` disables it: it takes no new conversations then. Those that exist go on, and `true` enables it again.
    active: Option<bool>,
}

/// Changes, disables or enables an inbox. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which inbox")),
    request_body = InboxChange,
    responses(
        (status = 200, body = InboxView, description = "As it is now"),
        (status = 409, description = "`conflict`"),
        Problems,
    ),
)]
#[patch("/inboxes/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<InboxId>,
    body: JsonBody<InboxChange>,
) -> Result<Json<InboxView>, Problem> {
    let InboxChange { name, greeting, origins, active } = body.0;
    let change = inboxes::InboxChange {
        name: name.map(Line::into_string),
        greeting: greeting.map(|greeting| greeting.0),
        origins: origins.map(|origins| inboxes::origins(&origins)).transpose().map_err(refused_origins)?,
        active,
        expected_version: None,
    };
    let inbox = inboxes::change(&state.application, &staff.requester(), id.0, change).await?.value;
    state.inbox_changed(inbox.id);
    Ok(Json(InboxView::from(inbox)))
}

fn refused_origins(why: inboxes::OriginsError) -> Problem {
    Problem::invalid(why.to_string())
}
