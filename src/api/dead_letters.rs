//! `/api/v1/dead-letters`: accepted records that could not be filed, for those who lead agents.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use std::time::Duration;

use actix_web::{HttpResponse, delete, get, post, web::Json};
use frontdesk_application::dead_letters;
use frontdesk_domain::Permission;
use frontdesk_ports::{
    DeadLetterId, DeadLetterScope, Dropped, LogError, Page, PageRequest, Redelivered, RedeliveryError, StoreError,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{Code, EmptyBody, JsonBody, PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{DeadLetterDetails, DeadLetterView, Limit, PageView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(one).service(redeliver).service(discard);
}

/// Which dead letters are listed, and where the page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterQuery {
    /// Where the page begins, as a former page said.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// What was accepted and could not be filed, the oldest first. Owners, admins and supervisors only.
#[utoipa::path(
    tag = "dead-letters", security(("agent" = [])), params(DeadLetterQuery),
    responses((status = 200, body = PageView<DeadLetterView>), Problems),
)]
#[get("/dead-letters")]
async fn list(
    staff: Staff,
    state: ApiState,
    query: QueryParams<DeadLetterQuery>,
) -> Result<Json<PageView<DeadLetterView>>, Problem> {
    staff.require(Permission::HandleDeadLetters)?;
    let page = PageRequest { cursor: query.0.cursor, limit: query.0.limit.0 };
    let after = page.cursor.as_deref().map_or(Ok(0), place)?;
    let dead_letters = state.dead_letters.list(DeadLetterScope::Tenant(staff.tenant), after, page.rows() + 1).await?;
    Ok(Json(PageView::of(Page::cut(dead_letters, &page, |dead_letter| dead_letter.place))))
}

/// One of them, with what is in it. Owners, admins and supervisors only.
#[utoipa::path(
    tag = "dead-letters", security(("agent" = [])),
    params(("id" = String, Path, description = "Which dead letter", example = "MESSAGES-0.persist.42")),
    responses((status = 200, body = DeadLetterDetails), Problems),
)]
#[get("/dead-letters/{id}")]
async fn one(staff: Staff, state: ApiState, id: PathId<DeadLetterId>) -> Result<Json<DeadLetterDetails>, Problem> {
    staff.require(Permission::HandleDeadLetters)?;
    let dead_letter = state.dead_letters.find(DeadLetterScope::Tenant(staff.tenant), &id.0).await?;
    Ok(Json(dead_letter.ok_or_else(|| Problem::not_found("dead letter"))?.into()))
}

/// What became of a dead letter that was redelivered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub(crate) enum RedeliveredView {
    /// It is filed, and no dead letter any more.
    Settled {
        /// How many others of its conversation, which had waited for it, are filed with it.
        others: u64,
    },
    /// It failed again and stays.
    FailedAgain {
        /// Why it was not delivered again.
        reason: String,
    },
}

/// Tries again to file a dead letter, and with it what waits for it in its conversation. Owners, admins and supervisors
/// only.
#[utoipa::path(
    tag = "dead-letters", security(("agent" = [])),
    params(("id" = String, Path, description = "Which dead letter", example = "MESSAGES-0.persist.42")),
    request_body = EmptyBody,
    responses(
        (status = 200, body = RedeliveredView, description = "What became of it"),
        (status = 409, description = "`not_redeliverable`"),
        Problems,
    ),
)]
#[post("/dead-letters/{id}/redeliver")]
async fn redeliver(
    staff: Staff,
    state: ApiState,
    id: PathId<DeadLetterId>,
    _: JsonBody<EmptyBody>,
) -> Result<Json<RedeliveredView>, Problem> {
    let redelivered =
        dead_letters::redeliver(&state.application, &*state.redelivery, &staff.requester(), &id.0).await?;
    Ok(Json(match redelivered {
        Redelivered::Settled { others } => RedeliveredView::Settled { others },
        Redelivered::FailedAgain { reason } => RedeliveredView::FailedAgain { reason },
    }))
}

/// How to drop a dead letter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DropQuery {
    /// Also if it is an accepted entry that the database does not hold: nothing after it in its conversation can be
    /// filed then.
    #[serde(default)]
    force: bool,
}

/// Removes a dead letter for good. Owners and admins only.
#[utoipa::path(
    tag = "dead-letters", security(("agent" = [])),
    params(("id" = String, Path, description = "Which dead letter", example = "MESSAGES-0.persist.42"), DropQuery),
    responses((status = 204, description = "Gone"), (status = 409, description = "`leaves_a_hole`"), Problems),
)]
#[delete("/dead-letters/{id}")]
async fn discard(
    staff: Staff,
    state: ApiState,
    id: PathId<DeadLetterId>,
    query: QueryParams<DropQuery>,
) -> Result<HttpResponse, Problem> {
    let (by, force) = (staff.requester(), query.0.force);
    match dead_letters::discard(&state.application, &*state.redelivery, &by, &id.0, force).await? {
        Dropped::Gone => Ok(HttpResponse::NoContent().finish()),
        Dropped::LeavesHole { seq } => {
            let detail = match seq {
                Some(seq) => {
                    format!("entry {seq} was accepted and is not persisted: what follows it could never be persisted")
                }
                None => {
                    "this version cannot read the record: it may be an accepted entry that is not persisted".to_owned()
                }
            };
            Err(Problem::new(Code::LeavesAHole, detail))
        }
    }
}

/// The place in the list that a cursor names. One place has one spelling.
fn place(cursor: &str) -> Result<u64, Problem> {
    let place: u64 = cursor.parse().map_err(|_| StoreError::BadCursor)?;
    if place.to_string() == cursor { Ok(place) } else { Err(StoreError::BadCursor.into()) }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a request failed on the log");
        Self::new(Code::Unavailable, "the log does not answer").after(Duration::from_secs(1))
    }
}

impl From<RedeliveryError> for Problem {
    fn from(error: RedeliveryError) -> Self {
        match error {
            RedeliveryError::NotFound => Self::not_found("dead letter"),
            RedeliveryError::NotOurs(_) | RedeliveryError::UnknownKind(_) => {
                Self::new(Code::NotRedeliverable, error.to_string())
            }
            RedeliveryError::Log(error) => error.into(),
            RedeliveryError::Store(error) => error.into(),
            _ => Self::new(Code::Unavailable, "the log or the database is away; the dead letter stays as it was")
                .after(Duration::from_secs(1)),
        }
    }
}
