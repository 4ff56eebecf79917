//! `/api/v1/conversations`: lists, single rows and receipts, as persisted.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{get, web::Json};
use frontdesk_domain::{ContactId, ConversationId, ConversationKey, InboxId, Permission, Principal, Reach, Status};
use frontdesk_ports::{AssigneeFilter, ConversationFilter, PageRequest, Snapshot};
use frontdesk_protocol::{ConversationSummary, socket::ReceiptView};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{Limit, ListView, PageView, ReceiptViewJson, SummaryView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(one).service(receipts);
}

/// Which conversations are listed, and where the page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConversationQuery {
    /// Only those that stand there: `open`, `pending`, `snoozed`, `resolved`; `all` for any.
    #[param(example = "open", default = "all")]
    status: Option<String>,
    /// Only those held so: `me`, `none`, the id of an agent; `any` for every assignee, and for none.
    #[param(example = "me", default = "any")]
    assignee: Option<String>,
    /// Only those that came through this inbox.
    #[param(value_type = Option<Uuid>)]
    inbox: Option<String>,
    /// Only those of this contact.
    #[param(value_type = Option<Uuid>)]
    contact: Option<String>,
    /// Where the page begins, as a former page said.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// The conversations that one may read, the one with the newest entry first.
#[utoipa::path(
    tag = "conversations", security(("agent" = [])), params(ConversationQuery),
    responses((status = 200, body = PageView<SummaryView>), Problems),
)]
#[get("/conversations")]
async fn list(
    staff: Staff,
    state: ApiState,
    query: QueryParams<ConversationQuery>,
) -> Result<Json<PageView<SummaryView>>, Problem> {
    staff.require(Permission::Read)?;
    let (filter, page) = query.0.read(&staff)?;
    Ok(Json(PageView::of(state.database.conversations.list(staff.tenant, &filter, &page).await?)))
}

/// One conversation, as a row of the list.
#[utoipa::path(
    tag = "conversations", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which conversation")),
    responses((status = 200, body = SummaryView), Problems),
)]
#[get("/conversations/{id}")]
async fn one(staff: Staff, state: ApiState, id: PathId<ConversationId>) -> Result<Json<SummaryView>, Problem> {
    staff.require(Permission::Read)?;
    let snapshot = load(&state, &staff, id.0).await?;
    let summary = ConversationSummary::of(id.0, &snapshot.conversation);
    Ok(Json(summary.ok_or_else(|| Problem::not_found("conversation"))?.into()))
}

/// How far each member of a conversation has received and read.
#[utoipa::path(
    tag = "conversations", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which conversation")),
    responses((status = 200, body = ListView<ReceiptViewJson>), Problems),
)]
#[get("/conversations/{id}/receipts")]
async fn receipts(
    staff: Staff,
    state: ApiState,
    id: PathId<ConversationId>,
) -> Result<Json<ListView<ReceiptViewJson>>, Problem> {
    staff.require(Permission::Read)?;
    let receipts = state.database.conversations.receipts(staff.key(id.0)).await?;
    if receipts.is_empty() || staff.reach() != Reach::Everything {
        load(&state, &staff, id.0).await?;
    }
    let view = |(member, watermark)| ReceiptViewJson(ReceiptView { member, watermark });
    Ok(Json(ListView { items: receipts.into_iter().map(view).collect() }))
}

/// The conversation as persisted. One that is absent, another tenant's and one that the agent may not read look the
/// same.
pub(crate) async fn load(state: &ApiState, staff: &Staff, id: ConversationId) -> Result<Snapshot, Problem> {
    readable_by(state, staff.key(id), &staff.principal()).await
}

/// See [`load`]; for any principal.
pub(crate) async fn readable_by(
    state: &ApiState,
    key: ConversationKey,
    principal: &Principal,
) -> Result<Snapshot, Problem> {
    let snapshot = state.database.conversations.load(key).await?;
    let readable = snapshot.filter(|found| found.conversation.admits(principal));
    readable.ok_or_else(|| Problem::not_found("conversation"))
}

impl ConversationQuery {
    fn read(self, staff: &Staff) -> Result<(ConversationFilter, PageRequest), Problem> {
        let id_error = |error: frontdesk_domain::IdError| Problem::invalid(error.to_string());
        let status = match self.status.as_deref() {
            None | Some("all") => None,
            Some(name) => Some(Status::from_name(name).ok_or_else(|| Problem::invalid("no such status"))?),
        };
        let assignee = match self.assignee.as_deref() {
            None | Some("any") => AssigneeFilter::Any,
            Some("none") => AssigneeFilter::Unassigned,
            Some("me") => AssigneeFilter::Agent(staff.agent),
            Some(id) => AssigneeFilter::Agent(id.parse().map_err(id_error)?),
        };
        let inbox = self.inbox.map(|id| id.parse::<InboxId>()).transpose().map_err(id_error)?;
        let contact = self.contact.map(|id| id.parse::<ContactId>()).transpose().map_err(id_error)?;
        let filter = ConversationFilter { status, assignee, inbox, contact, within: staff.reach() };
        Ok((filter, PageRequest { cursor: self.cursor, limit: self.limit.0 }))
    }
}
