//! `/api/v1/widget`: what a contact's browser uses.

mod introduction;

use std::time::Duration;

use actix_web::{HttpRequest, get, post, web::Json};
use frontdesk_application::{contacts, fresh_id};
use frontdesk_domain::{
    Audience, Contact, ContactId, ConversationId, Inbox, InboxId, Principal, Settings, SettingsScope,
};
use frontdesk_ports::{Quota, Taken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use introduction::{IdentityBody, Introduction};

use crate::{
    auth::{NotProven, ProvenIdentity, Visitor},
    conversations::readable_by,
    http::{Code, JsonBody, PathId, Problem, Problems, QueryParams, client_address, counted_network, origin},
    messages::{EntriesView, EntryQuery},
    state::ApiState,
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(session).service(messages);
}

/// Who opens the widget, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionBody {
    /// The inbox of the script tag.
    inbox: Uuid,
    /// The token of an earlier session, to be recognised.
    token: Option<String>,
    /// The contact's name, if the page knows it; for a contact without one only. Cut after 100 bytes.
    #[schema(example = "Grace")]
    name: Option<String>,
    /// The contact's e-mail address, if the page knows it. A contact without one gets it, and one with another address
    /// is another contact. What is no address is left out.
    #[schema(example = "grace@shop.example")]
    email: Option<String>,
    /// The proof of the inbox's site that its visitor is who it says. Without it the contact is known by its token
    /// only.
    identity: Option<IdentityBody>,
}

/// A contact's session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Visitor token, for the socket's `hello` and for `Authorization: Bearer`. To be kept for the next visit.
    token: String,
    /// How long it is good, in seconds.
    expires_in: u64,
    /// Whom it speaks for.
    contact: SessionContact,
    /// The inbox it is bound to.
    inbox: SessionInbox,
    /// The conversation that the contact opened last, if any.
    conversation: Option<Uuid>,
    /// Whether the inbox's site proved who the contact is, now or when the token was issued.
    identified: bool,
}

/// The contact, as it sees itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionContact {
    /// The contact's id.
    id: Uuid,
    /// Its name; may be empty.
    name: String,
}

/// The inbox, as contacts see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionInbox {
    /// The inbox's id.
    id: Uuid,
    /// The widget's title.
    name: String,
    /// The first line that a contact reads.
    greeting: String,
    /// Whether it takes new conversations. One that exists goes on either way.
    active: bool,
    /// Colour of the widget as `#rrggbb`; empty for that of its theme.
    colour: String,
    /// Shown while the desk cannot be reached; empty for the widget's own words.
    offline_text: String,
    /// Language of the widget (BCP 47); null for that of the browser.
    #[schema(example = "zh-CN")]
    language: Option<&'static str>,
    /// Longest message that the contact may write, in bytes of UTF-8.
    max_message_bytes: u32,
    /// Whether each side is shown that the other one is typing.
    typing_indicator: bool,
}

impl SessionInbox {
    /// The inbox with the settings that hold for it.
    fn of(inbox: Inbox, settings: Settings) -> Self {
        Self {
            id: inbox.id.0,
            name: [settings.widget.title, settings.general.display_name]
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or(inbox.name),
            greeting: if settings.widget.greeting.is_empty() { inbox.greeting } else { settings.widget.greeting },
            active: inbox.active,
            colour: settings.widget.colour,
            offline_text: settings.widget.offline_text,
            language: settings.general.language.tag(),
            max_message_bytes: settings.conversation.max_message_bytes,
            typing_indicator: settings.conversation.typing_indicator,
        }
    }
}

/// Begins or continues a contact's session. Pages of the inbox's origins only.
#[utoipa::path(
    tag = "widget", request_body = SessionBody,
    responses(
        (status = 200, body = SessionView, description = "Recognised, or a new contact"),
        (status = 403, description = "`forbidden_origin`, or `identity_refused`: no secret of the inbox proves the identity"),
        (status = 409, description = "`inbox_disabled`: it takes no new contacts"),
        Problems,
    ),
)]
#[post("/widget/session")]
async fn session(
    request: HttpRequest,
    state: ApiState,
    body: JsonBody<SessionBody>,
) -> Result<Json<SessionView>, Problem> {
    let SessionBody { inbox, token, name, email, identity } = body.0;
    let introduction = Introduction::of(name.as_deref(), email.as_deref());
    let inbox = admit(&request, &state, InboxId(inbox)).await?;
    let visitor = token.and_then(|token| Visitor::of(&state, &token));
    let visitor = visitor.filter(|visitor| visitor.inbox == inbox.id && visitor.tenant == inbox.tenant);
    let (contact, conversation, identity) = match identity {
        Some(claim) => identified(&state, &inbox, visitor, &claim, introduction).await?,
        None => {
            let identity = visitor.as_ref().and_then(|visitor| visitor.identity.clone());
            let known = match visitor {
                Some(visitor) => recognise(&state, visitor, &introduction).await?,
                None => None,
            };
            match known {
                Some((contact, conversation)) => (contact, conversation, identity),
                None if !inbox.active => {
                    return Err(Problem::new(Code::InboxDisabled, Code::InboxDisabled.title()));
                }
                None => (new_contact(&request, &state, &inbox, introduction).await?, None, None),
            }
        }
    };
    let identified = identity.is_some();
    let issued = state.tokens.issue_identified(&contact, identity);
    let settings = state.tenant_settings.effective(inbox.tenant, SettingsScope::Inbox(inbox.id)).await;
    let settings = match settings {
        Ok(effective) => effective.settings,
        // Who was here before can go on while the database is away; the next session has what was set.
        Err(error) if error.is_transient() => Settings::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(Json(SessionView {
        token: issued.token,
        expires_in: issued.expires_in,
        contact: SessionContact { id: contact.id.0, name: contact.name },
        inbox: SessionInbox::of(inbox, settings),
        conversation: conversation.map(|id| id.0),
        identified,
    }))
}

/// Entries of the contact's own conversation, as persisted. Without `after_seq` and `before_seq`: the newest.
#[utoipa::path(
    tag = "widget", security(("visitor" = [])),
    params(("id" = Uuid, Path, description = "Which conversation"), EntryQuery),
    responses((status = 200, body = EntriesView), Problems),
)]
#[get("/widget/conversations/{id}/messages")]
async fn messages(
    visitor: Visitor,
    request: HttpRequest,
    state: ApiState,
    id: PathId<ConversationId>,
    query: QueryParams<EntryQuery>,
) -> Result<Json<EntriesView>, Problem> {
    // Programs send no Origin; a page that does must be one of the inbox.
    if request.headers().contains_key(actix_web::http::header::ORIGIN) {
        admit(&request, &state, visitor.inbox).await?;
    }
    let key = visitor.key(id.0);
    readable_by(&state, key, &Principal::Contact(visitor.contact)).await?;
    Ok(Json(query.0.read(&state, key, Audience::Contact).await?))
}

/// The inbox, if the page may use it. An inbox that does not exist is refused alike.
async fn admit(request: &HttpRequest, state: &ApiState, inbox: InboxId) -> Result<Inbox, Problem> {
    let found = state.inbox(inbox).await?;
    found.filter(|inbox| origin::may_use_widget(request, state, inbox)).ok_or_else(origin::refused)
}

/// The contact of a token, and the conversation that it opened last. While the database is away the token's word must
/// do, so that who was here before can go on writing. A contact whom the page did not know before is introduced now;
/// another person than the token speaks for is not recognised.
async fn recognise(
    state: &ApiState,
    visitor: Visitor,
    introduction: &Introduction,
) -> Result<Option<(Contact, Option<ConversationId>)>, Problem> {
    let directory = &state.database.directory;
    match directory.contact(visitor.tenant, visitor.contact).await {
        Ok(None) => Ok(None),
        Ok(Some(contact)) if visitor.identity.is_none() && introduction.is_of_another(&contact) => Ok(None),
        Ok(Some(contact)) => {
            let latest = state.database.conversations.latest_of_contact(contact.tenant, contact.id).await?;
            let Introduction { name, email } = introduction.clone();
            let contact = contacts::complete(&**directory, contact, name, email).await?;
            Ok(Some((contact, latest)))
        }
        Err(error) if error.is_transient() => {
            let Visitor { tenant, contact: id, inbox, name, .. } = visitor;
            let created_at = state.clock.now();
            Ok(Some((Contact { id, tenant, inbox, name, email: String::new(), created_at }, None)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The contact whom the inbox's site proved, its last conversation, and its id on the site. An unproven visitor of
/// a token becomes that contact, unless the proven one was here before.
async fn identified(
    state: &ApiState,
    inbox: &Inbox,
    visitor: Option<Visitor>,
    claim: &IdentityBody,
    introduction: Introduction,
) -> Result<(Contact, Option<ConversationId>, Option<String>), Problem> {
    let (proof, now) = (claim.proof()?, state.clock.now());
    let secrets = state.identity_secrets.of(inbox.tenant, inbox.id).await?;
    let refused = |NotProven| Problem::new(Code::IdentityRefused, Code::IdentityRefused.title());
    let ProvenIdentity { id: identity, name, email } = proof.check(&secrets, now).map_err(refused)?;
    let proven = Introduction::of(name.as_deref(), email.as_deref());
    let directory = &*state.database.directory;
    let anonymous = match visitor.filter(|visitor| visitor.identity.is_none()) {
        Some(visitor) => directory.contact(visitor.tenant, visitor.contact).await?,
        None => None,
    };
    let newcomer = Contact {
        id: ContactId(fresh_id(now)),
        tenant: inbox.tenant,
        inbox: inbox.id,
        name: String::new(),
        email: String::new(),
        created_at: now,
    };
    let contact = contacts::identify(directory, &identity, anonymous.as_ref(), &newcomer).await?;
    let contact = contacts::correct(directory, contact, proven.name, proven.email).await?;
    let contact = contacts::complete(directory, contact, introduction.name, introduction.email).await?;
    let latest = state.database.conversations.latest_of_contact(contact.tenant, contact.id).await?;
    Ok((contact, latest, Some(identity)))
}

async fn new_contact(
    request: &HttpRequest,
    state: &ApiState,
    inbox: &Inbox,
    Introduction { name, email }: Introduction,
) -> Result<Contact, Problem> {
    if let Some(network) = counted_network(client_address(request, state)) {
        let quota = Quota { most: state.settings.limits.new_contacts_per_minute, per: Duration::from_secs(60) };
        if let Taken::Refused { retry_after } = state.rate_limits.take(&format!("contact:{network}"), quota).await {
            return Err(Problem::rate_limited(retry_after));
        }
    }
    let now = state.clock.now();
    let contact =
        Contact { id: ContactId(fresh_id(now)), tenant: inbox.tenant, inbox: inbox.id, name, email, created_at: now };
    contacts::introduce(&*state.database.directory, &contact).await?;
    Ok(contact)
}
