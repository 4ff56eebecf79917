//! `/api/v1/contacts`: customers.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{get, web::Json};
use frontdesk_domain::{ContactId, Permission, Reach};
use frontdesk_ports::{ConversationFilter, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    auth::Staff,
    http::{PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{ContactView, Limit, PageView, ShortText},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(one);
}

/// Which contacts are listed, and where the page begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactQuery {
    /// Only those whose name or address contains this, taken literally.
    #[param(value_type = Option<String>, max_length = 200)]
    text: Option<ShortText<200>>,
    /// Where the page begins, as a former page said.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// The tenant's contacts, the newest first. Only for those who may read all conversations.
#[utoipa::path(
    tag = "contacts", security(("agent" = [])), params(ContactQuery),
    responses((status = 200, body = PageView<ContactView>), Problems),
)]
#[get("/contacts")]
async fn list(
    staff: Staff,
    state: ApiState,
    query: QueryParams<ContactQuery>,
) -> Result<Json<PageView<ContactView>>, Problem> {
    staff.require_everywhere(Permission::Read)?;
    let ContactQuery { text, cursor, limit } = query.0;
    let text = text.as_ref().map(|text| text.0.as_str()).filter(|text| !text.is_empty());
    let page = state.database.directory.contacts(staff.tenant, text, &PageRequest { cursor, limit: limit.0 }).await?;
    Ok(Json(PageView::of(page)))
}

/// Gives one contact, for those who may read a conversation of theirs.
#[utoipa::path(
    tag = "contacts", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which contact")),
    responses((status = 200, body = ContactView), Problems),
)]
#[get("/contacts/{id}")]
async fn one(staff: Staff, state: ApiState, id: PathId<ContactId>) -> Result<Json<ContactView>, Problem> {
    staff.require(Permission::Read)?;
    let contact =
        state.database.directory.contact(staff.tenant, id.0).await?.ok_or_else(|| Problem::not_found("contact"))?;
    let within = staff.reach();
    if within != Reach::Everything {
        let filter = ConversationFilter { contact: Some(id.0), ..ConversationFilter::within(within) };
        let readable = state.database.conversations.list(staff.tenant, &filter, &PageRequest::first(1)).await?;
        if readable.items.is_empty() {
            return Err(Problem::not_found("contact"));
        }
    }
    Ok(Json(contact.into()))
}
