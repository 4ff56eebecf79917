//! The description of the API that programs read.

mod completion;

use std::sync::{Arc, OnceLock};

use actix_web::App;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_actix_web::AppExt;

use crate::{
    http::{Description, ProblemView},
    routes,
};

/// What clients need to know before they read on.
const ABOUT: &str = "REST interface of a Frontdesk desk.

Agents sign in with `POST /api/v1/auth/login` and send the access token as `Authorization: Bearer <token>`. Contacts get a \
visitor token from `POST /api/v1/widget/session`. Live updates come over the socket at `/ws/console` and `/ws/widget`; its \
frames are described by `/api/v1/socket.schema.json`. Programs that bring messages of other channels publish them to the broker, as \
`/api/v1/bridge.schema.json` describes.

Requests that write to a conversation carry a `client_id` (UUIDv7) made by the sender. The same id with the same content \
always gets the same answer, so a client that got no answer, or `unknown_outcome`, repeats the request with the same id. A refused \
request is never carried out later.

Texts are kept as they were written, without control characters other than tab and line ends; half of a surrogate pair \
becomes U+FFFD. Names, tags and what is searched for are one line: tabs and line ends become a space, letters are composed (NFC), no \
white space at either end. A text with nothing to see in it counts as empty. The socket, bridges and the command line do the same.

Everything of status 400 and above is a problem (RFC 9457) with a stable `code`. Timestamps are UTC milliseconds; order is \
told by `seq`, never by time. Unknown fields of requests are refused; unknown fields of answers are to be passed over.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Frontdesk", description = ABOUT, version = "1"),
    components(schemas(ProblemView<'static>)),
    modifiers(&Schemes),
    tags(
        (name = "auth", description = "Signing in and out"),
        (name = "desk", description = "Agents and inboxes"),
        (name = "settings", description = "What a tenant sets for itself, its inboxes and teams"),
        (name = "contacts", description = "Customers"),
        (name = "conversations", description = "Reading conversations"),
        (name = "commands", description = "Writing to conversations"),
        (name = "dead-letters", description = "What was accepted and could not be filed"),
        (name = "ledger", description = "Whether everything that was accepted is there"),
        (name = "audit", description = "Who changed what"),
        (name = "widget", description = "What a contact's browser uses"),
        (name = "docs", description = "This description"),
    ),
)]
struct Described;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let jwt = |text: &str| {
            let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
            SecurityScheme::Http(http.description(Some(text)).build())
        };
        components.add_security_scheme("agent", jwt("Access token of an agent"));
        components.add_security_scheme("visitor", jwt("Visitor token of a contact"));
        let cookie = ApiKeyValue::with_description("frontdesk_refresh", "Set by signing in; good for one exchange");
        components.add_security_scheme("refresh_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The description of everything below `/api/v1`, as the routes themselves say it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut openapi = App::new()
        .into_utoipa_app()
        .openapi(Described::openapi())
        .configure(|config| {
            config.service(routes::v1());
        })
        .split_for_parts()
        .1;
    completion::complete(&mut openapi);
    openapi
}

/// The description as handlers need it, made once.
pub(crate) fn description() -> Arc<Description> {
    static DESCRIPTION: OnceLock<Arc<Description>> = OnceLock::new();
    Arc::clone(DESCRIPTION.get_or_init(|| Arc::new(Description::new(openapi()))))
}
