//! The resources below `/api/v1`. Each file registers its own routes.

use actix_web::{dev::HttpServiceFactory, middleware::from_fn, web};
use utoipa_actix_web::{OpenApiFactory, scope};

use crate::{
    agents, audit, auth, calendars, commands, contacts, conversations, dead_letters, docs,
    http::{middleware::cors, not_found},
    identity_secrets, inboxes, ledger, me, messages, roles, settings, skills, teams, widget,
};

/// Everything below `/api/v1`. What is not registered here is not part of the API.
pub(crate) fn v1() -> impl HttpServiceFactory + OpenApiFactory + 'static {
    scope("/api/v1")
        .configure(auth::routes)
        .configure(me::routes)
        .configure(inboxes::routes)
        .configure(identity_secrets::routes)
        .configure(agents::routes)
        .configure(roles::routes)
        .configure(settings::routes)
        .configure(teams::routes)
        .configure(skills::routes)
        .configure(calendars::routes)
        .configure(audit::routes)
        .configure(contacts::routes)
        .configure(conversations::routes)
        .configure(messages::routes)
        .configure(commands::routes)
        .configure(dead_letters::routes)
        .configure(ledger::routes)
        .configure(widget::routes)
        .configure(docs::routes)
        .default_service(web::to(not_found))
        .wrap(from_fn(cors))
}
