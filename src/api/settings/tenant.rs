//! Settings of the whole tenant.

use actix_web::{get, post, put, web::Json};
use frontdesk_domain::SettingsScope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{HistoryQuery, NewSettings, RestoredSettings};
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

/// What was set for the tenant. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])),
    responses((status = 200, body = SettingsVersionView), Problems),
)]
#[get("/settings/tenant")]
async fn read(staff: Staff, state: ApiState) -> Result<Json<SettingsVersionView>, Problem> {
    super::read(&state, &staff, SettingsScope::Tenant).await
}

/// Sets what holds for the tenant, as a whole: what is not named is inherited. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), request_body = NewSettings,
    responses(
        (status = 200, body = SettingsVersionView),
        (status = 409, description = "`conflict`, with what was written meanwhile"),
        (status = 422, description = "`invalid_setting`, with the field"),
        Problems,
    ),
)]
#[put("/settings/tenant")]
async fn write(
    staff: Staff,
    state: ApiState,
    body: JsonBody<NewSettings>,
) -> Result<Json<SettingsVersionView>, Problem> {
    super::write(&state, &staff, SettingsScope::Tenant, body.0).await
}

/// The versions of what was set for the tenant, the newest first. Owners and admins only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), params(HistoryQuery),
    responses((status = 200, body = ListView<SettingsVersionView>), Problems),
)]
#[get("/settings/tenant/history")]
async fn history(
    staff: Staff,
    state: ApiState,
    query: QueryParams<HistoryQuery>,
) -> Result<Json<ListView<SettingsVersionView>>, Problem> {
    super::history(&state, &staff, SettingsScope::Tenant, query.0).await
}

/// Goes back to the content of an earlier version of what was set for the tenant, as a new version. Owners and admins
/// only.
#[utoipa::path(
    tag = "settings", security(("agent" = [])), request_body = RestoredSettings,
    responses((status = 200, body = SettingsVersionView), (status = 409, description = "`conflict`, with what was written meanwhile"), Problems),
)]
#[post("/settings/tenant/restore")]
async fn restore(
    staff: Staff,
    state: ApiState,
    body: JsonBody<RestoredSettings>,
) -> Result<Json<SettingsVersionView>, Problem> {
    super::restore(&state, &staff, SettingsScope::Tenant, body.0).await
}

/// The values that hold for the tenant, and where each comes from. Every agent may read them.
#[utoipa::path(
    tag = "settings", security(("agent" = [])),
    responses((status = 200, body = EffectiveSettingsView), Problems),
)]
#[get("/settings/tenant/effective")]
async fn effective(staff: Staff, state: ApiState) -> Result<Json<EffectiveSettingsView>, Problem> {
    super::effective(&state, &staff, SettingsScope::Tenant).await
}
