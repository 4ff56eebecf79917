//! Settings of an inbox or a team.

use actix_web::{get, post, put, web::Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    HistoryQuery, NewSettings, RestoredSettings,
    path::{ScopePath, ScopeWord},
};
use crate::{
    auth::Staff,
    http::{JsonBody, Problem, Problems, QueryParams},
    state::ApiState,
    views::{EffectiveSettingsView, ListView, SettingsVersionView},
};

/// Registers the routes of this file.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read).service(write).service(history).service(restore).service(effective);
}

/// What was set for an inbox or team. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(
        ("scope" = inline(ScopeWord), Path, description = "Of what it is"),
        ("id" = Uuid, Path, description = "Which one"),
    ),
    responses((status = 200, body = SettingsVersionView), Problems),
)]
#[get("/settings/{scope:inbox|team}/{id}")]
async fn read(staff: Staff, state: ApiState, scope: ScopePath) -> Result<Json<SettingsVersionView>, Problem> {
    let scope = scope.of(&state, &staff).await?;
    super::read(&state, &staff, scope).await
}

/// Sets what holds for an inbox or team, as a whole: what is not named is inherited. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(
        ("scope" = inline(ScopeWord), Path, description = "Of what it is"),
        ("id" = Uuid, Path, description = "Which one"),
    ), request_body = NewSettings,
    responses(
        (status = 200, body = SettingsVersionView),
        (status = 409, description = "`conflict`, with what was written meanwhile"),
        (status = 422, description = "`invalid_setting`, with the field"),
        Problems,
    ),
)]
#[put("/settings/{scope:inbox|team}/{id}")]
async fn write(
    staff: Staff,
    state: ApiState,
    scope: ScopePath,
    body: JsonBody<NewSettings>,
) -> Result<Json<SettingsVersionView>, Problem> {
    let scope = scope.of(&state, &staff).await?;
    super::write(&state, &staff, scope, body.0).await
}

/// The versions of what was set for an inbox or team, the newest first. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(
        ("scope" = inline(ScopeWord), Path, description = "Of what it is"),
        ("id" = Uuid, Path, description = "Which one"),
        HistoryQuery
    ),
    responses((status = 200, body = ListView<SettingsVersionView>), Problems),
)]
#[get("/settings/{scope:inbox|team}/{id}/history")]
async fn history(
    staff: Staff,
    state: ApiState,
    scope: ScopePath,
    query: QueryParams<HistoryQuery>,
) -> Result<Json<ListView<SettingsVersionView>>, Problem> {
    let scope = scope.of(&state, &staff).await?;
    super::history(&state, &staff, scope, query.0).await
}

/// Goes back to the content of an earlier version of what was set for an inbox or team, as a new version. Owners and
/// admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(
        ("scope" = inline(ScopeWord), Path, description = "Of what it is"),
        ("id" = Uuid, Path, description = "Which one"),
    ), request_body = RestoredSettings,
    responses((status = 200, body = SettingsVersionView), (status = 409, description = "`conflict`, with what was written meanwhile"), Problems),
)]
#[post("/settings/{scope:inbox|team}/{id}/restore")]
async fn restore(
    staff: Staff,
    state: ApiState,
    scope: ScopePath,
    body: JsonBody<RestoredSettings>,
) -> Result<Json<SettingsVersionView>, Problem> {
    let scope = scope.of(&state, &staff).await?;
    super::restore(&state, &staff, scope, body.0).await
}

/// The values that hold for an inbox or team, and where each comes from. Every agent may read them.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(
        ("scope" = inline(ScopeWord), Path, description = "Of what it is"),
        ("id" = Uuid, Path, description = "Which one"),
    ),
    responses((status = 200, body = EffectiveSettingsView), Problems),
)]
#[get("/settings/{scope:inbox|team}/{id}/effective")]
async fn effective(staff: Staff, state: ApiState, scope: ScopePath) -> Result<Json<EffectiveSettingsView>, Problem> {
    let scope = scope.of(&state, &staff).await?;
    super::effective(&state, &staff, scope).await
}
