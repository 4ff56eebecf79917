//! `/api/v1/ledger`: whether everything that was accepted is there, for those who lead agents.

use std::time::Duration;

use actix_web::{HttpResponse, get, post, web::Json};
use frontdesk_application::integrity;
use frontdesk_domain::Permission;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{Code, EmptyBody, JsonBody, Problem, Problems},
    ports::{CheckRefused, LedgerAway, LedgerFigures},
    state::ApiState,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(figures).service(check);
}

/// Whether everything that was accepted is there. Owners, admins and supervisors only.
#[utoipa::path(
    tag = "ledger", security(("agent" = [])),
    responses((status = 200, body = LedgerFigures), Problems),
)]
#[get("/ledger")]
async fn figures(staff: Staff, state: ApiState) -> Result<Json<LedgerFigures>, Problem> {
    staff.require(Permission::Oversee)?;
    Ok(Json(state.ledger.figures(staff.tenant).await?))
}

/// Begins a check of everything that the tenant has. Owners, admins and supervisors only, one at a time, and not more
/// often than every half minute.
#[utoipa::path(
    tag = "ledger", security(("agent" = [])), request_body = EmptyBody,
    responses((status = 202, body = LedgerFigures, description = "Under way; ask for the ledger to see how it goes"), Problems),
)]
#[post("/ledger/checks")]
async fn check(staff: Staff, state: ApiState, _: JsonBody<EmptyBody>) -> Result<HttpResponse, Problem> {
    staff.require(Permission::Oversee)?;
    let refused = |refused: CheckRefused| Problem::rate_limited(refused.retry_after);
    integrity::record_check(&state.application, &staff.requester()).await?;
    state.ledger.begin_check(staff.tenant).await.map_err(refused)?;
    Ok(HttpResponse::Accepted().json(state.ledger.figures(staff.tenant).await?))
}

impl From<LedgerAway> for Problem {
    fn from(error: LedgerAway) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "the ledger could not be read");
        Self::new(Code::Unavailable, "the log or the database does not answer").after(Duration::from_secs(2))
    }
}
