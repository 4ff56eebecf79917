//! `/api/v1/inboxes/{id}/identity-secrets`: how the site of an inbox proves who its visitors are.

use actix_web::{HttpResponse, delete, get, post, web::Json};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use frontdesk_application::identity_secrets;
use frontdesk_domain::{IdentitySecret, IdentitySecretId, InboxId, Permission};
use frontdesk_ports::definitions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    auth::Staff,
    http::{Code, JsonBody, PathId, Problem, Problems},
    state::ApiState,
    views::ListView,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(remove);
}

/// A secret, without what is secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentitySecretView {
    /// The secret's id.
    id: Uuid,
    /// When it was made (UTC milliseconds).
    created_at: i64,
}

/// A new secret; the desk makes it up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewIdentitySecret {}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewIdentitySecretView {
    /// The secret's id.
    id: Uuid,
    /// When it was made (UTC milliseconds).
    created_at: i64,
    /// The key of HMAC-SHA256: the bytes of this text. It is shown this once.
    #[schema(example = "4Zk0y3mC2N7cW1bq0t8dQeXr5u6iOaPzLhJgFvKsYxE")]
    secret: String,
}

/// The secrets of an inbox, the older one first. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which inbox")),
    responses((status = 200, body = ListView<IdentitySecretView>), Problems),
)]
#[get("/inboxes/{id}/identity-secrets")]
async fn list(
    staff: Staff,
    state: ApiState,
    id: PathId<InboxId>,
) -> Result<Json<ListView<IdentitySecretView>>, Problem> {
    staff.require(Permission::Administer)?;
    let inbox = state.database.directory.inbox(id.0).await?.filter(|inbox| inbox.tenant == staff.tenant);
    let inbox = inbox.ok_or_else(|| Problem::not_found("inbox"))?;
    let found = definitions::all::<IdentitySecret>(&*state.database.directory, staff.tenant).await?;
    let mut secrets: Vec<_> = found.into_iter().map(|found| found.value).collect();
    secrets.retain(|secret| secret.inbox == inbox.id);
    secrets.sort_by_key(|secret| (secret.created_at, secret.id));
    let view = |secret: IdentitySecret| IdentitySecretView { id: secret.id.0, created_at: secret.created_at.0 };
    Ok(Json(ListView { items: secrets.into_iter().map(view).collect() }))
}

/// Makes a secret for an inbox, at most two at a time: the old and the new one while a site changes over. Owners and
/// admins only.
///
/// The server of the site signs the id of its visitor with it: a JWT (HS256) with `sub` and `exp`, or HMAC-SHA256 of
/// the id. See `identity` of `POST /api/v1/widget/session`.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which inbox")),
    request_body = NewIdentitySecret,
    responses(
        (status = 201, body = NewIdentitySecretView, description = "Made; the secret is shown this once"),
        (status = 409, description = "`too_many`"),
        Problems,
    ),
)]
#[post("/inboxes/{id}/identity-secrets")]
async fn create(
    staff: Staff,
    state: ApiState,
    id: PathId<InboxId>,
    body: JsonBody<NewIdentitySecret>,
) -> Result<HttpResponse, Problem> {
    let NewIdentitySecret {} = body.0;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the operating system gives no random numbers");
        Problem::new(Code::Internal, Code::Internal.title())
    })?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let made = identity_secrets::create(&state.application, &staff.requester(), id.0, secret).await?;
    state.identity_secrets.forget(made.inbox);
    let IdentitySecret { id, secret, created_at, .. } = made;
    Ok(HttpResponse::Created().json(NewIdentitySecretView { id: id.0, created_at: created_at.0, secret }))
}

/// Removes a secret: what was signed with it proves nothing within seconds. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which secret")),
    responses((status = 204, description = "Removed"), Problems),
)]
#[delete("/identity-secrets/{id}")]
async fn remove(staff: Staff, state: ApiState, id: PathId<IdentitySecretId>) -> Result<HttpResponse, Problem> {
    identity_secrets::remove(&state.application, &staff.requester(), id.0).await?;
    state.identity_secrets.forget_all();
    Ok(HttpResponse::NoContent().finish())
}
