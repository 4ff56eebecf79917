//! `/api/v1/settings`: what a tenant sets for itself, an inbox or a team.

mod path;
pub(crate) mod scoped;
pub(crate) mod tenant;

use actix_web::{get, web::Json};
use frontdesk_application::settings;
use frontdesk_domain::{Document, Permission, Settings, SettingsScope};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{Problem, Problems},
    state::ApiState,
    views::{EffectiveSettingsView, Limit, ListView, SettingsVersionView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(schema);
    tenant::routes(config);
    scoped::routes(config);
}

/// A document that takes the place of the present one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSettings {
    /// The version that it was made from; 0 when nothing was ever set.
    #[schema(example = 3)]
    expected_version: u64,
    /// Sections with the fields that are set, as `/api/v1/settings/schema` describes. What is left out or null is
    /// inherited.
    #[schema(value_type = Object, example = json!({ "widget": { "title": "Acme", "colour": "#3d5afe" } }))]
    document: Value,
}

/// The version to go back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoredSettings {
    /// The present version.
    expected_version: u64,
    /// The version whose content becomes the present one.
    version: u64,
}

/// Which versions are listed, and where the page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Versions below this one; without it the newest.
    before: Option<u64>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// JSON Schema of a document of settings.
#[utoipa::path(
    tag = "settings", security(("agent" = [])),
    responses((status = 200, description = "JSON Schema 2020-12", body = Object), Problems),
)]
#[get("/settings/schema")]
async fn schema(staff: Staff) -> Result<Json<Value>, Problem> {
    staff.require(Permission::Read)?;
    Ok(Json(Settings::schema()))
}

async fn read(state: &ApiState, staff: &Staff, scope: SettingsScope) -> Result<Json<SettingsVersionView>, Problem> {
    let found = settings::current(&*state.database.settings, &staff.requester(), scope).await?;
    Ok(Json(found.map_or_else(
        || SettingsVersionView::nothing_set(scope, staff.tenant),
        |version| SettingsVersionView::of(version, staff.tenant),
    )))
}

async fn write(
    state: &ApiState,
    staff: &Staff,
    scope: SettingsScope,
    body: NewSettings,
) -> Result<Json<SettingsVersionView>, Problem> {
    let NewSettings { expected_version, document } = body;
    let document = Document::parse(document)?;
    let written = settings::write(&state.application, &staff.requester(), scope, &document, expected_version).await?;
    state.settings_changed(staff.tenant);
    Ok(Json(SettingsVersionView::of(written, staff.tenant)))
}

async fn restore(
    state: &ApiState,
    staff: &Staff,
    scope: SettingsScope,
    body: RestoredSettings,
) -> Result<Json<SettingsVersionView>, Problem> {
    let RestoredSettings { expected_version, version } = body;
    let (documents, by) = (&*state.database.settings, staff.requester());
    let written = settings::restore(&state.application, documents, &by, scope, version, expected_version).await?;
    state.settings_changed(staff.tenant);
    Ok(Json(SettingsVersionView::of(written, staff.tenant)))
}

async fn history(
    state: &ApiState,
    staff: &Staff,
    scope: SettingsScope,
    query: HistoryQuery,
) -> Result<Json<ListView<SettingsVersionView>>, Problem> {
    let HistoryQuery { before, limit } = query;
    if before.is_some_and(|before| i64::try_from(before).is_err()) {
        return Err(Problem::invalid("a number of a version is at most 2^63 - 1"));
    }
    let (documents, before) = (&*state.database.settings, before.unwrap_or(u64::MAX));
    let found = settings::history(documents, &staff.requester(), scope, before, limit.0).await?;
    let items = found.into_iter().map(|version| SettingsVersionView::of(version, staff.tenant)).collect();
    Ok(Json(ListView { items }))
}

async fn effective(
    state: &ApiState,
    staff: &Staff,
    scope: SettingsScope,
) -> Result<Json<EffectiveSettingsView>, Problem> {
    let found = settings::effective(&state.tenant_settings, &staff.requester(), scope).await?;
    Ok(Json(EffectiveSettingsView::of(&found)))
}
