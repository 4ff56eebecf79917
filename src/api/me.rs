//! `/api/v1/me`: who is signed in.

use actix_web::{get, web::Json};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{Problem, Problems},
    state::ApiState,
    views::SignedInView,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(me);
}

/// The agent that the token speaks for, as it stands now.
#[utoipa::path(tag = "auth", security(("agent" = [])), responses((status = 200, body = SignedInView), Problems))]
#[get("/me")]
async fn me(staff: Staff, state: ApiState) -> Result<Json<SignedInView>, Problem> {
    let agent =
        state.database.directory.agent(staff.tenant, staff.agent).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(Json(SignedInView::from(&agent)))
}
