//! `/api/v1/audit`: who changed what, for owners.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{get, web::Json};
use frontdesk_application::audit;
use frontdesk_domain::{Permission, Timestamp};
use frontdesk_ports::{AuditFilter, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{Problem, Problems, QueryParams},
    state::ApiState,
    views::{AuditEntryView, ChainView, Limit, PageView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(chain);
}

/// Which entries. Conditions that are left out hold for every entry.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// By whom, as `kind:id`: `agent:<id>`, `operator:setup`.
    #[param(example = "agent:0190a4e5-7c1e-7000-8000-000000000001")]
    actor: Option<String>,
    /// What was done, such as `agent.changed`.
    #[param(example = "agent.changed")]
    act: Option<String>,
    /// To what kind of object, such as `agent`, `inbox` or `login`.
    object_kind: Option<String>,
    /// To the object with this id.
    object: Option<String>,
    /// At this moment or later (UTC milliseconds).
    since: Option<i64>,
    /// Before this moment (UTC milliseconds).
    until: Option<i64>,
    /// Where the page begins, as a former page said.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// The audit trail, the newest entry first. Owners only.
#[utoipa::path(
    tag = "audit", security(("agent" = [])), params(AuditQuery),
    responses((status = 200, body = PageView<AuditEntryView>), Problems),
)]
#[get("/audit")]
async fn list(
    staff: Staff,
    state: ApiState,
    query: QueryParams<AuditQuery>,
) -> Result<Json<PageView<AuditEntryView>>, Problem> {
    let AuditQuery { actor, act, object_kind, object, since, until, cursor, limit } = query.0;
    let filter = AuditFilter {
        actor: actor.as_deref().map(actor_of).transpose()?,
        act,
        object_kind,
        object_id: object,
        since: since.map(Timestamp),
        until: until.map(Timestamp),
    };
    let page = PageRequest { cursor, limit: limit.0 };
    let entries = audit::list(&*state.database.audit, &staff.requester(), &filter, &page).await?;
    Ok(Json(PageView::of(entries)))
}

/// Checks the audit trail from its first entry to its last: whether each entry still is what was written. Reads the
/// whole trail, one check at a time on each node. Owners only.
#[utoipa::path(tag = "audit", security(("agent" = [])), responses((status = 200, body = ChainView), Problems))]
#[get("/audit/chain")]
async fn chain(staff: Staff, state: ApiState) -> Result<Json<ChainView>, Problem> {
    let requester = staff.requester();
    requester.require(Permission::ReadAudit)?;
    // Never closed, so waiting for the turn cannot fail.
    let _turn = state.chain_checks.acquire().await.ok();
    Ok(Json(audit::chain(&*state.database.audit, &requester).await?.into()))
}

fn actor_of(text: &str) -> Result<(String, String), Problem> {
    let parts = text.split_once(':').ok_or_else(|| Problem::invalid("an actor is written as kind:id"))?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}
