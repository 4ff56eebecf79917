//! `/api/v1/me`: who is signed in.

use actix_web::{get, web::Json};

use crate::{auth::Staff, described_problems::Problems, problem::Problem, state::ApiState, views::SignedInView};

/// The agent that the token speaks for, as it stands now.
#[utoipa::path(tag = "auth", security(("agent" = [])), responses((status = 200, body = SignedInView), Problems))]
#[get("/me")]
pub(crate) async fn me(staff: Staff, state: ApiState) -> Result<Json<SignedInView>, Problem> {
    let agent = state.directory.agent(staff.tenant, staff.agent).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(Json(SignedInView::from(&agent)))
}
